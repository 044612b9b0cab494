"""A frame of items, checked once and turned into numbers: what every scale analysis starts from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from surveykit.errors import Note, SurveykitError, note

if TYPE_CHECKING:
    from surveykit.estimation.item_moments import FloatArray


# Beyond these, sums of fourth powers overflow or vanish.
LARGEST, SMALLEST = 1e60, 1e-60


@dataclass(frozen=True)
class ItemData:
    """Item answers as numbers: `values` (n_rows, n_items), NaN in the gaps; and what was noted."""

    values: FloatArray
    names: tuple[str, ...]
    notes: tuple[Note, ...]
    columns: pd.Index[Any] | None = None

    @property
    def n_items(self) -> int:
        return len(self.names)

    @property
    def index(self) -> pd.Index[Any]:
        """The names as labels of a table; the frame's own where they are text, which costs nothing."""
        return self.columns if self.columns is not None else pd.Index(list(self.names))


def read_items(
    items: Any,
    *,
    analysis: str,
    missing: str = "listwise",
    min_items: int = 2,
    min_rows: int = 3,
    constant_allowed: bool = False,
) -> ItemData:
    """Check a frame (or a 2-D array) of items and return its numbers.

    `missing`: "listwise" keeps complete rows, "pairwise" and "keep" keep all.
    Raises S001 (too few items), S002 (text), S003 (too few rows), S004
    (constant), S005 (no answer at all), S006 (infinite), S011 (a name twice), S080 (size),
    S012 (not a table), S013 (a pair never answered together; "pairwise" only).
    """
    values, names = _numbers(items)
    if len(names) < min_items:
        raise SurveykitError("S001", analysis=analysis, needed=min_items, found=len(names))
    if min_rows <= values.shape[0] and _is_plain(values):
        return ItemData(values, names, (), _text_labels(items))
    notes: tuple[Note, ...] = ()
    finite = np.isfinite(values)
    if not finite.all():
        values, notes = _with_gaps(values, names, finite, missing)
    if values.shape[0] < min_rows:
        raise SurveykitError("S003", analysis=analysis, needed=min_rows, found=values.shape[0])
    if values.size:
        _refuse_constants(values, names, constant_allowed)
    if missing == "pairwise" and notes:
        _refuse_unpaired(values, names)
    return ItemData(values, names, notes, _text_labels(items))


def _is_plain(values: FloatArray) -> bool:
    """Whether there is nothing to refuse or to note: no gap, no infinity, no constant, no odd size."""
    if not values.size:
        return False
    low, high = values.min(axis=0), values.max(axis=0)
    if not max(high.max(), -low.min()) <= LARGEST:
        return False
    return bool((high - low).min() >= SMALLEST)


def _text_labels(items: Any) -> pd.Index[Any] | None:
    if not isinstance(items, pd.DataFrame) or not isinstance(items.columns.dtype, pd.StringDtype):
        return None
    return items.columns if items.columns.name is None else items.columns.rename(None)


def check_count(option: str, value: int, least: int = 1) -> None:
    """Refuse (S028) what is not a whole number of at least `least`."""
    number = isinstance(value, Real) and not isinstance(value, bool) and np.isfinite(value)
    if not number or value != int(value) or value < least:
        raise SurveykitError("S028", option=option, value=value, least=least)


def check_positive(option: str, value: object) -> None:
    """Refuse (S092) what is not a number above 0."""
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 < float(value) < np.inf:
        raise SurveykitError("S092", option=option, value=value)


def _numbers(items: Any) -> tuple[FloatArray, tuple[str, ...]]:
    if isinstance(items, pd.DataFrame):
        names = tuple(map(str, items.columns.to_numpy().tolist()))
        if len(set(names)) < len(names):
            twice = sorted({name for name in names if names.count(name) > 1})
            raise SurveykitError("S011", names=", ".join(twice))
        together = items.to_numpy()
        if together.dtype.kind in "fiub":
            return together.astype(float, copy=False), names
        columns = [_numeric(items.iloc[:, place], name) for place, name in enumerate(names)]
        return np.column_stack(columns), names
    return _numbers(as_table(items))


def is_list(values: Any) -> bool:
    """Whether these are values in a row: a list, a Series, a 1-D array."""
    if isinstance(values, str | bytes | Mapping | Set | pd.DataFrame):
        return False
    try:
        return np.ndim(values) == 1
    except ValueError:  # rows of different length
        return False


def as_table(data: Any) -> pd.DataFrame:
    """A frame as it is, a 2-D array or list of rows as a frame with columns V1, V2, ...; S012 if neither."""
    if isinstance(data, pd.DataFrame):
        return data
    try:
        array = np.asarray(data)
    except ValueError:  # rows of different length
        array = np.empty(0)
    if array.ndim != 2:
        raise SurveykitError("S012", found=type(data).__name__)
    return pd.DataFrame(array, columns=[f"V{place + 1}" for place in range(array.shape[1])])


def _numeric(column: pd.Series[Any], name: str) -> FloatArray:
    """A column as floats; S002 names the first value that is no number."""
    for value in column.dropna():
        if isinstance(value, str) or not isinstance(value, Real):
            raise SurveykitError("S002", name=name, value=repr(value))
    try:
        return column.astype(object).where(column.notna(), np.nan).to_numpy(dtype=float)
    except OverflowError:
        raise SurveykitError("S080", name=name, size="> 1e308") from None


def _with_gaps(
    values: FloatArray, names: Sequence[str], finite: Any, missing: str
) -> tuple[FloatArray, tuple[Note, ...]]:
    if np.isinf(values).any():
        place = int(np.argmax(np.isinf(values).any(axis=0)))
        raise SurveykitError("S006", name=names[place])
    empty = [name for name, any_answer in zip(names, finite.any(axis=0), strict=True) if not any_answer]
    if empty:
        raise SurveykitError("S005", names=", ".join(empty))
    if missing != "listwise":
        return values, (note("S010", cells=int((~finite).sum()), rows=values.shape[0]),)
    complete = finite.all(axis=1)
    kept = int(complete.sum())
    return values[complete], (note("S007", dropped=values.shape[0] - kept, rows=values.shape[0], kept=kept),)


def _refuse_constants(values: FloatArray, names: Sequence[str], allowed: bool) -> None:
    low, high = np.fmin.reduce(values, axis=0), np.fmax.reduce(values, axis=0)
    same = low == high
    if not allowed and same.any():
        constant = [name for name, one in zip(names, same, strict=True) if one]
        raise SurveykitError("S004", names=", ".join(constant))
    outside = (high > LARGEST) | (low < -LARGEST) | ((high - low < SMALLEST) & ~same)
    if outside.any():
        place = int(np.argmax(outside))
        size = max(high[place], -low[place])
        raise SurveykitError("S080", name=names[place], size=f"{size:.3g}")


def _refuse_unpaired(values: FloatArray, names: Sequence[str]) -> None:
    observed = (~np.isnan(values)).astype(float)
    pairs = observed.T @ observed
    if pairs.min() < 2:
        first, second = np.unravel_index(int(np.argmin(pairs)), pairs.shape)
        raise SurveykitError("S013", first=names[int(first)], second=names[int(second)])
