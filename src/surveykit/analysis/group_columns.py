"""Columns of a table for comparisons of groups: found, numeric, split by group."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from surveykit.analysis.sem_data import check_sizes
from surveykit.errors import SurveykitError
from surveykit.options import nearest

if TYPE_CHECKING:
    from surveykit.estimation.two_samples import FloatArray

MOST_NAMED = 20
ADJUSTMENTS = ("holm", "hochberg", "hommel", "bonferroni", "BH", "fdr", "BY", "none")


def listed(names: str | Iterable[str]) -> list[str]:
    """One name or several, as a list."""
    return [names] if isinstance(names, str) or not isinstance(names, Iterable) else list(names)


def outcomes_of(names: str | Iterable[str]) -> list[str]:
    """The columns to compare; refuses none (G034) and one named twice (G035)."""
    wanted = listed(names)
    if not wanted:
        raise SurveykitError("G034")
    for name in wanted:
        if wanted.count(name) > 1:
            raise SurveykitError("G035", column=name, count=wanted.count(name))
    return wanted


def check_table(data: object) -> None:
    """Refuse (G033) what is no table."""
    if not isinstance(data, pd.DataFrame):
        raise SurveykitError("G033", given=type(data).__name__)


def check_columns(data: pd.DataFrame, *names: str) -> None:
    """Refuse no table (G033), a name that is no column (G001), a column that is there twice (G035)."""
    check_table(data)
    unique = data.columns.is_unique
    for column in names:
        if not isinstance(column, Hashable) or column not in data.columns:
            raise _no_column(data, column)
        if not unique and (count := int((data.columns == column).sum())) > 1:
            raise SurveykitError("G035", column=column, count=count)


def _no_column(data: pd.DataFrame, column: object) -> SurveykitError:
    """The nearest name, where one is near, and what there is."""
    shown = list(map(str, data.columns[:MOST_NAMED]))
    shown += ["…"] if len(data.columns) > MOST_NAMED else []
    close = nearest(str(column), map(str, data.columns)) or ""
    return SurveykitError("G001", column=column, nearest=close, columns=", ".join(shown) or "–")


def numbers(data: pd.DataFrame, column: str) -> FloatArray:
    """A numeric column, NaN where missing; refuses text (G003), infinite (G036) and absurd values (S080)."""
    kind = data[column].dtype
    if not pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_complex_dtype(kind):
        raise SurveykitError("G003", column=column)
    values: FloatArray = data[column].to_numpy(dtype=float, na_value=np.nan)
    if (infinite := np.isinf(values)).any():
        row = int(np.argmax(infinite)) + 1
        raise SurveykitError("G036", column=column, count=int(infinite.sum()), row=row)
    check_sizes(np.fmax.reduce(np.abs(values), initial=0.0, keepdims=True), [column])
    return values


def samples(data: pd.DataFrame, outcome: str, group: str, labels: Sequence[Any]) -> list[FloatArray]:
    """The known values of an outcome, group by group."""
    values, groups = numbers(data, outcome), data[group]
    known = np.isfinite(values)
    return [values[known & (groups == label).to_numpy(dtype=bool, na_value=False)] for label in labels]


def in_order(column: pd.Series) -> list[Any]:
    """The groups of a column: as its categories stand, numbers by size, text by first appearance."""
    present = list(column.dropna().unique())
    if isinstance(column.dtype, pd.CategoricalDtype):
        return [one for one in column.cat.categories if one in set(present)]
    return sorted(present) if pd.api.types.is_numeric_dtype(column) else present


def two_groups(data: pd.DataFrame, group: str) -> list[Any]:
    """The two groups of a column in order of appearance; refuses (G002) any other number."""
    labels = list(data[group].dropna().unique())
    if len(labels) != 2:
        shown = ", ".join(map(str, labels[:10])) or "–"
        raise SurveykitError("G002", group=group, found=len(labels), names=shown)
    return labels


def many_groups(data: pd.DataFrame, group: str) -> list[Any]:
    """The groups of a column; refuses (G005) fewer than two."""
    labels = in_order(data[group])
    if len(labels) < 2:
        shown = ", ".join(map(str, labels)) or "–"
        raise SurveykitError("G005", group=group, found=len(labels), names=shown)
    return labels
