"""Data that make groups incomparable from the start, refused before anything is fitted."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.analysis.group_columns import check_columns, check_table
from surveykit.errors import SurveykitError
from surveykit.estimation.sem.syntax import parse_model
from surveykit.options import check_choice

FloatArray = NDArray[np.float64]


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
    values = _values(data, items)
    if values is None:
        return
    codes, labels = pd.factorize(data[group])
    parts = {label: values[codes == at] for at, label in enumerate(labels)}
    check_number(parts, group)
    check_size({label: int((~np.isnan(own)).any(axis=1).sum()) for label, own in parts.items()}, len(items))
    for label, own in parts.items():
        lowest, highest = np.fmin.reduce(own), np.fmax.reduce(own)
        for at in np.flatnonzero(lowest == highest).tolist():
            raise SurveykitError(
                "V002", item=items[at], group=label, value=_shown(data[items[at]], lowest[at])
            )
    for at, item in enumerate(items):
        if ordered is True or item in (ordered or ()):
            _check_categories(data[item], {label: own[:, at] for label, own in parts.items()})


def _values(data: pd.DataFrame, items: Sequence[str]) -> FloatArray | None:
    """Answers as numbers (categories by their codes); None where there is text or an infinite value."""
    frame = data[list(items)]
    kinds = [one.kind for one in frame.dtypes if isinstance(one, np.dtype)]
    if len(kinds) == len(items) and set(kinds) <= set("iufb"):
        values: FloatArray = frame.to_numpy(dtype=float)
    elif all(_numbered(frame[item]) for item in items):
        columns = [_codes(frame[item]) for item in items]
        values = np.column_stack(columns) if columns else np.zeros((len(frame), 0))
    else:
        return None
    return None if np.isinf(values).any() else values


def _numbered(column: pd.Series) -> bool:
    if pd.api.types.is_complex_dtype(column):
        return False
    return pd.api.types.is_numeric_dtype(column) or isinstance(column.dtype, pd.CategoricalDtype)


def _codes(column: pd.Series) -> FloatArray:
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes = column.cat.codes.to_numpy(dtype=float)
        return np.where(codes < 0, np.nan, codes)
    values: FloatArray = column.to_numpy(dtype=float, na_value=np.nan)
    return values


def _shown(column: pd.Series, value: float) -> Any:
    """The answer behind a number."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.categories[int(value)]
    return int(value) if pd.api.types.is_integer_dtype(column) else float(value)


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


def _check_categories(column: pd.Series, values: Mapping[Any, FloatArray]) -> None:
    """A category that one group never uses has no threshold there to hold equal."""
    found = {label: set(np.unique(own[~np.isnan(own)]).tolist()) for label, own in values.items()}
    every = set().union(*found.values())
    for label, own in found.items():
        if own and own != every:
            only = ", ".join(str(_shown(column, one)) for one in sorted(every - own))
            raise SurveykitError("V004", item=column.name, group=label, categories=only)
