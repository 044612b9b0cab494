"""Tables with a grouping column, checked and coded: for analyses of members in groups, raters and targets."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from surveykit.analysis.item_input import as_table, is_list, read_items
from surveykit.errors import Note, SurveykitError, note
from surveykit.options import nearest

if TYPE_CHECKING:
    from surveykit.estimation.item_moments import FloatArray, IntArray


@dataclass(frozen=True)
class GroupedItems:
    """Item answers with the group of each row: `group` codes 0..G-1 into `labels`, sorted."""

    values: FloatArray
    names: tuple[str, ...]
    group: IntArray
    labels: tuple[Any, ...]
    notes: tuple[Note, ...]


def check_column(data: pd.DataFrame, name: str) -> None:
    """Refuse (S029) a name that is no column of the table, and (S012) what is no table."""
    if not isinstance(data, pd.DataFrame):
        raise SurveykitError("S012", found=type(data).__name__)
    if not isinstance(name, Hashable) or name not in data.columns:
        columns = list(map(str, data.columns)) or ["-"]
        raise SurveykitError("S029", name=name, nearest=nearest(str(name), columns) or columns[0])


def check_scales(option: str, scales: Any) -> None:
    """Refuse (S089) what does not name the items of each scale."""
    if not isinstance(scales, Mapping):
        raise SurveykitError("S089", option=option, found=type(scales).__name__)
    for items in scales.values():
        if not is_list(items):
            raise SurveykitError("S089", option=option, found=repr(items))


def read_grouped(
    data: Any, group: Any, *, analysis: str, variables: Sequence[str] | None = None, min_items: int = 1
) -> GroupedItems:
    """Items and groups of the rows that have them all.

    `group`: the name of a column, or one label a row. `variables`: the columns
    to use; all others but the group if None.
    """
    table = data.to_frame() if isinstance(data, pd.Series) else as_table(data)
    if isinstance(group, str):
        check_column(table, group)
        labels, table = table[group], table.drop(columns=group)
    else:
        if not is_list(group):
            raise SurveykitError("S088", analysis=analysis, found=type(group).__name__)
        labels = pd.Series(np.asarray(group), index=table.index if len(group) == len(table) else None)
        if len(labels) != len(table):
            raise SurveykitError("S034", first=len(table), second=len(labels))
    if variables is not None:
        if isinstance(variables, str) or not is_list(variables):
            raise SurveykitError("S101", option="variables", found=repr(variables))
        for name in variables:
            check_column(table, name)
        table = table[list(variables)]
    known = labels.notna().to_numpy()
    complete = known & table.notna().all(axis=1).to_numpy()
    notes: tuple[Note, ...] = ()
    if not complete.all():
        left = int((~complete).sum())
        notes = (note("S007", dropped=left, rows=len(table), kept=len(table) - left),)
    items = read_items(
        table[complete], analysis=analysis, min_items=min_items, min_rows=2, constant_allowed=True
    )
    codes, found = pd.factorize(labels[complete], sort=True)
    if len(found) < 2:
        raise SurveykitError("S032", analysis=analysis, needed=2, found=len(found))
    return GroupedItems(items.values, items.names, codes.astype(np.int64), tuple(found), notes)
