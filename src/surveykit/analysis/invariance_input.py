"""Data that make groups incomparable from the start, refused before anything is fitted."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from surveykit.analysis.group_columns import check_columns, check_table
from surveykit.errors import SurveykitError
from surveykit.estimation.sem.syntax import parse_model
from surveykit.options import check_choice


def check_groups(model: str, data: pd.DataFrame, group: str | None, ordered: bool | Sequence[str]) -> None:
    """Refuse one group only (V001), a small one (V008), a constant item (V002), a lone category (V004).

    A name that is no column, text and infinite values are left to `cfa`, which refuses them.
    """
    check_table(data)
    if group is None:
        raise SurveykitError("V009", columns=", ".join(map(str, data.columns[:12])))
    if not isinstance(group, Hashable):
        check_columns(data, group)
    if group not in data.columns:
        return
    items = [name for name in parse_model(model).roles.ov if name in data.columns]
    check_columns(data, group, *items)
    if _unusable(data[items]):
        return
    parts = {label: own[items] for label, own in data.groupby(group, sort=False, observed=True)}
    check_number(parts, group)
    categorical = [item for item in items if ordered is True or item in (ordered or ())]
    check_size({label: len(own.dropna(how="all")) for label, own in parts.items()}, len(items))
    for label, own in parts.items():
        lowest, highest = own.min(), own.max()
        for item in items:
            if lowest[item] == highest[item]:
                raise SurveykitError("V002", item=item, group=label, value=lowest[item])
    for item in categorical:
        _check_categories(item, {label: set(own[item].dropna()) for label, own in parts.items()})


def _unusable(items: pd.DataFrame) -> bool:
    """Whether there is text or an infinite value."""
    if len(items.select_dtypes(include=["object", "string"]).columns):
        return True
    values = items.select_dtypes(include="number").to_numpy(dtype=float, na_value=np.nan)
    return bool(np.isinf(values).any())


def check_partial(model: str, partial: str | Sequence[str] | None) -> None:
    """Refuse (V010) parameters that are not the model's, O001 a word that is not "search"."""
    if partial is None:
        return
    if isinstance(partial, str):
        check_choice("partial", partial, ("search",))
        return
    if not isinstance(partial, Iterable):
        raise SurveykitError("V010", parameter=partial, names="–")
    parsed = parse_model(model)
    names = {*parsed.roles.ov, *(term.lhs for term in parsed.terms)}
    for parameter in partial:
        parts = [one for one in re.split(r"=~|~~|~|\||\*", "".join(str(parameter).split())) if one]
        known = [one in names or one == "1" or re.fullmatch(r"t\d+", one) for one in parts]
        if len(parts) < 2 or not all(known):
            raise SurveykitError("V010", parameter=parameter, names=", ".join(sorted(names)))


def check_number(groups: Mapping[Any, Any], column: str) -> None:
    """Two groups at least."""
    if len(groups) < 2:
        raise SurveykitError("V001", group=column, found=", ".join(map(str, groups)) or "–")


def check_size(sizes: Mapping[Any, int], n_items: int) -> None:
    """A group needs more cases than items: its covariance matrix is singular otherwise."""
    for label, size in sizes.items():
        if size <= n_items:
            raise SurveykitError("V008", group=label, n=size, items=n_items)


def _check_categories(item: str, values: Mapping[Any, set[Any]]) -> None:
    """A category that one group never uses has no threshold there to hold equal."""
    every = set().union(*values.values())
    for label, found in values.items():
        if found and found != every:
            only = ", ".join(str(one) for one in sorted(every - found))
            raise SurveykitError("V004", item=item, group=label, categories=only)
