"""Correlations of ordinal items: polychoric, polyserial with numeric variables, with standard errors."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from surveykit.analysis.item_input import read_items
from surveykit.analysis.scale_options import column_names
from surveykit.errors import Note, SurveykitWarning, note
from surveykit.options import check_choice, checked_call
from surveykit.results import Result, frame_text

if TYPE_CHECKING:
    from surveykit.estimation.ordinal_moments import BoolArray, FloatArray, OrdinalMoments


@dataclass(frozen=True, repr=False)
class PolychoricResult(Result):
    """Correlations of the normal variables that are thought to lie behind ordinal items.

    `correlations` and their standard errors `se`: a row and a column per variable (ordinal with
    ordinal polychoric, ordinal with numeric polyserial, numeric with numeric Pearson).
    `thresholds`: a row per ordinal item, columns `t1`, `t2`, ... (empty beyond an item's own last).
    `n`: respondents used.
    """

    correlations: pd.DataFrame
    thresholds: pd.DataFrame
    se: pd.DataFrame
    n: int
    missing: str
    notes: tuple[Note, ...]
    _moments: OrdinalMoments = field(repr=False)

    def to_frame(self) -> pd.DataFrame:
        """A row per pair: `lhs rhs type est se n empty_cells` (of the pair's two-way table)."""
        return _pairs(self._moments, self.correlations, self.se)

    def summary(self) -> str:
        kinds = ", ".join(dict.fromkeys(self.to_frame()["type"])).capitalize()
        head = f"{kinds} correlations of {len(self.correlations)} variables, n = {self.n} ({self.missing})"
        tables = [frame_text(one, labels=True) for one in (self.correlations, self.thresholds)]
        parts = [head, "", tables[0], "", "Thresholds", tables[1], *map(str, self.notes)]
        return "\n".join(parts)

    def __repr__(self) -> str:
        return f"<PolychoricResult: {len(self.correlations)} variables, n = {self.n}>"


@checked_call
def polychoric(
    items: pd.DataFrame, *, ordered: bool | Sequence[str] = True, missing: str = "listwise"
) -> PolychoricResult:
    """Polychoric correlations by two-step maximum likelihood, with thresholds and standard errors.

    Each ordinal item is taken for a normal variable cut at thresholds. Numeric
    variables may be among them: name the ordinal ones in `ordered`, and the other
    pairs get polyserial and Pearson correlations.

    Parameters
    ----------
    items : pandas.DataFrame, shape (n_respondents, n_items)
        Answer categories as numbers (their distances do not matter), NaN for missing.
    ordered : True or names, default True
        Which columns are ordinal; True: all.
    missing : {"listwise", "pairwise"}, default "listwise"
        "pairwise" uses all answers to an item for its thresholds and all common answers
        of a pair for its correlation.

    Returns
    -------
    PolychoricResult
        `correlations` in [-1, 1], `se` (NaN at the bound), `thresholds` (in standard deviations, ascending);
        `to_frame()` has a row per pair.

    Raises
    ------
    SurveykitError
        S001 fewer than 2 items; S002 a column is not numeric; S003 fewer than 3 respondents
        remain; S004 an item has no variance; S005 an item nobody answered; S006 an infinite
        value; S013 a pair never answered together; S066 a column has too many different
        values to be ordinal; O001 an option that is not allowed.

    Notes
    -----
    Equal to lavaan::lavCor (tests/reference) and to psych::polychoric(correct = 0), which stops
    at about 1e-5. In a 2 x 2 table with one empty cell half an answer is moved there with the
    margins kept, as in lavaan; larger tables are taken as they are. Where one item decides the
    other, the correlation is bounded at .999 (±1 in a 2 x 2 table) and a note says so.

    References
    ----------
    Olsson (1979), doi:10.1007/BF02296207. Olsson, Drasgow & Dorans (1982), doi:10.1007/BF02294164.
    Muthen (1984), doi:10.1007/BF02294210.

    Examples
    --------
    >>> trust = pd.DataFrame({"t1": [1, 1, 2, 2, 3, 3, 3, 2], "t2": [1, 2, 2, 2, 3, 2, 3, 1]})
    >>> result = polychoric(trust)
    >>> result
    <PolychoricResult: 2 variables, n = 8>
    >>> round(float(result.correlations.loc["t1", "t2"]), 3)
    0.825
    """
    from surveykit.estimation.ordinal_moments import ordinal_moments
    from surveykit.estimation.threads import one_thread

    check_choice("missing", missing, ("listwise", "pairwise"))
    data = read_items(items, analysis="polychoric", missing=missing)
    is_ordered = _which_ordered(ordered, data.names)
    with one_thread():
        moments = ordinal_moments(data.values, is_ordered, data.names)
    sd = np.sqrt(np.diagonal(moments.cov))
    correlations = _square(moments.cov / np.outer(sd, sd), data.names)
    notes = (*data.notes, *moments.notes, *_half_answers(moments), *_definiteness(correlations))
    for one in notes:
        if one.code in ("S060", "S067"):
            warnings.warn(str(one), SurveykitWarning, stacklevel=3)
    # lavaan's divisor for standard errors with ordered variables is n - 1.
    variances = np.where(moments.bounded, np.nan, moments.correlation_variances)  # a bound has none
    se = _square(np.sqrt(variances / (moments.n - 1)), data.names)
    return PolychoricResult(
        correlations=correlations,
        thresholds=_thresholds(moments),
        se=se,
        n=moments.n,
        missing=missing,
        notes=notes,
        _moments=moments,
    )


def _which_ordered(ordered: bool | Sequence[str], names: tuple[str, ...]) -> BoolArray:
    if isinstance(ordered, bool):
        return np.full(len(names), ordered)
    chosen = column_names("ordered", ordered)
    for name in chosen:
        check_choice("ordered", name, names)
    return np.array([name in chosen for name in names])


def _square(values: FloatArray, names: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(values, index=list(names), columns=list(names))


def _thresholds(moments: OrdinalMoments) -> pd.DataFrame:
    """A row per ordinal item."""
    items = np.flatnonzero(moments.ordered)
    rows = [moments.thresholds[moments.threshold_variable == item] for item in items]
    width = max(map(len, rows), default=0)
    padded = [np.append(row, np.full(width - len(row), np.nan)) for row in rows]
    columns = [f"t{place + 1}" for place in range(width)]
    return pd.DataFrame(padded, index=[moments.names[item] for item in items], columns=columns)


def _half_answers(moments: OrdinalMoments) -> tuple[Note, ...]:
    """S104 where a correlation of two-answer items rests on half an answer put into an empty cell."""
    twofold = np.array([len(levels) == 2 for levels in moments.categories])
    moved = np.outer(twofold, twofold) & (moments.empty_cells == 1)
    pairs = [f"{moments.names[i]}-{moments.names[j]}" for i, j in np.argwhere(np.triu(moved, 1))]
    return (note("S104", pairs=", ".join(pairs)),) if pairs else ()


def _definiteness(correlations: pd.DataFrame) -> tuple[Note, ...]:
    smallest = float(np.linalg.eigvalsh(correlations.to_numpy())[0])
    return (note("S067", smallest=f"{smallest:.3g}"),) if smallest <= 1e-10 else ()


def _pairs(moments: OrdinalMoments, correlations: pd.DataFrame, se: pd.DataFrame) -> pd.DataFrame:
    """A row per pair, the lower triangle column by column."""
    first, second = np.triu_indices(len(moments.names), 1)
    assert moments.data is not None
    answered = (~np.isnan(moments.data)).astype(int)
    n_ordered = moments.ordered[first].astype(int) + moments.ordered[second]
    return pd.DataFrame(
        {
            "lhs": np.array(moments.names)[first],
            "rhs": np.array(moments.names)[second],
            "type": np.array(["pearson", "polyserial", "polychoric"])[n_ordered],
            "est": correlations.to_numpy()[first, second],
            "se": se.to_numpy()[first, second],
            "n": (answered.T @ answered)[first, second],
            "empty_cells": moments.empty_cells[first, second],
        }
    )
