"""Items and other variables one by one, and their correlations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from surveykit.analysis.group_input import check_column
from surveykit.analysis.item_input import read_items
from surveykit.analysis.scale_options import column_names, scale_ends
from surveykit.errors import Note, SurveykitError, note
from surveykit.options import check_choice, check_share, checked_call
from surveykit.results import Result

if TYPE_CHECKING:
    from surveykit.estimation.descriptives import Correlations
    from surveykit.estimation.item_moments import FloatArray

METHODS = ("pearson", "spearman", "kendall")
# A column with more distinct values than this is no answer scale (psych's rule).
MOST_CATEGORIES = 10


@dataclass(frozen=True, repr=False)
class DescribeResult(Result):
    """What the answers to each item look like.

    `table`: a row per column, labelled by its name: `item n missing mean sd
    median trimmed mad min max range skew kurtosis se floor ceiling` (`trimmed`
    10 percent at each end, `mad` times 1.4826, `floor` and `ceiling` the shares
    at the ends of the scale). `frequencies`: the share of each answer among
    those given, and of the missing among all, for columns of at most 10 values.
    """

    table: pd.DataFrame
    frequencies: pd.DataFrame
    skew_type: int
    n: int
    notes: tuple[Note, ...]

    def to_frame(self) -> pd.DataFrame:
        """The statistics, a row per column."""
        return self.table

    def __repr__(self) -> str:
        return f"<DescribeResult: {len(self.table)} columns, n = {self.n}>"


@dataclass(frozen=True, repr=False)
class CorrelationResult(Result):
    """Correlations of all pairs, each from the rows that have both.

    `r`, `n`, `t`, `pvalue`, `pvalue_adjusted`, `ci_lower`, `ci_upper`: square
    frames. `pairs`: a row per pair.
    """

    r: pd.DataFrame
    n: pd.DataFrame
    t: pd.DataFrame
    pvalue: pd.DataFrame
    pvalue_adjusted: pd.DataFrame
    ci_lower: pd.DataFrame
    ci_upper: pd.DataFrame
    method: str
    conf_level: float
    notes: tuple[Note, ...]

    @property
    def pairs(self) -> pd.DataFrame:
        """`lhs rhs r n t pvalue pvalue_adjusted ci_lower ci_upper`, a row per pair."""
        first, second = np.triu_indices(len(self.r), 1)
        names = list(self.r.columns)
        fields = ("r", "n", "t", "pvalue", "pvalue_adjusted", "ci_lower", "ci_upper")
        table = {name: getattr(self, name).to_numpy()[first, second] for name in fields}
        return pd.DataFrame({"lhs": [names[i] for i in first], "rhs": [names[j] for j in second], **table})

    def to_frame(self) -> pd.DataFrame:
        """A row per pair."""
        return self.pairs

    def __repr__(self) -> str:
        return f"<CorrelationResult: {self.method}, {len(self.r)} columns>"


@checked_call
def describe(
    data: pd.DataFrame, *, skew_type: int = 3, scale: tuple[float, float] | None = None
) -> DescribeResult:
    """Distribution of each item: moments, spread, floor and ceiling, answer frequencies.

    Parameters
    ----------
    data : pandas.DataFrame, shape (n_respondents, n_columns)
        Numeric columns, NaN for missing; each column uses the answers it has.
    skew_type : {1, 2, 3}, default 3
        3 is psych's, 2 the unbiased one of SPSS, SAS and Excel, 1 that of moments.
    scale : (low, high), optional
        The ends of the answer scale, for floor and ceiling; each column's own
        least and largest answer if not given.

    Returns
    -------
    DescribeResult

    Raises
    ------
    SurveykitError
        S102 no two ends of a scale; S001 no column; S002 text; S005 a column without
        answers; S006, S011, S012 as in `cronbach_alpha`; O001 an unknown `skew_type`.

    Notes
    -----
    Equal to psych::describe and psych::response.frequencies (tests/reference), but
    for type 1 kurtosis of items with missing answers, where psych multiplies by
    the number of rows instead of the number of answers.
    Floor or ceiling effects are commonly suspected above 15 percent.

    References
    ----------
    Joanes & Gill (1998), doi:10.1111/1467-9884.00122. Terwee et al. (2007),
    doi:10.1016/j.jclinepi.2006.03.012.

    Examples
    --------
    >>> result = describe(pd.DataFrame({"t1": [1, 2, 3, 4, 5, 5], "t2": [2, 2, 3, 4, 4, None]}))
    >>> result.table.loc["t2", ["n", "missing", "mean", "ceiling"]].tolist()
    [5.0, 1.0, 3.0, 0.4]
    """
    from surveykit.estimation.descriptives import describe_column

    check_choice("skew_type", skew_type, (1, 2, 3))
    items = read_items(
        data, analysis="describe", missing="keep", min_items=1, min_rows=1, constant_allowed=True
    )
    low, high = (None, None) if scale is None else scale_ends("scale", scale)
    rows = [describe_column(column, skew_type, low, high)._asdict() for column in items.values.T]
    table = pd.DataFrame(rows, index=list(items.names)).rename(columns={"minimum": "min", "maximum": "max"})
    table.insert(0, "item", list(items.names))
    constant = [name for name, spread in zip(items.names, table["range"], strict=True) if spread == 0]
    notes = (note("S049", names=", ".join(constant)),) if constant else ()
    return DescribeResult(table, _frequencies(items.values, items.names), skew_type, len(items.values), notes)


def _frequencies(values: FloatArray, names: tuple[str, ...]) -> pd.DataFrame:
    """Shares of the answers given, one column per answer, and of missing ones."""
    few = [
        j for j, column in enumerate(values.T) if np.unique(column[~np.isnan(column)]).size <= MOST_CATEGORIES
    ]
    if not few:
        return pd.DataFrame()
    answers = np.unique(values[:, few][~np.isnan(values[:, few])])
    counts = np.stack([np.sum(values[:, few] == answer, axis=0) for answer in answers], axis=1)
    labels = [int(answer) if answer == int(answer) else float(answer) for answer in answers]
    table = pd.DataFrame(
        counts / counts.sum(axis=1, keepdims=True), index=[names[j] for j in few], columns=labels
    )
    table["missing"] = np.isnan(values[:, few]).mean(axis=0)
    return table


@checked_call
def correlate(
    data: pd.DataFrame,
    *,
    method: str = "pearson",
    adjust: str = "holm",
    conf_level: float = 0.95,
    variables: Sequence[str] | None = None,
) -> CorrelationResult:
    """Correlations with tests and intervals, each pair from the rows that have both.

    Parameters
    ----------
    data : pandas.DataFrame
        Numeric columns, NaN for missing.
    method : {"pearson", "spearman", "kendall"}, default "pearson"
        Spearman's is tested and bounded as if it were Pearson's, as psych does;
        Kendall's is tau-b, with SciPy's test and no interval.
    adjust : {"holm", "none"}, default "holm"
        For testing all pairs at once.
    conf_level : float in (0, 1), default 0.95
        Intervals by Fisher's z, not adjusted.
    variables : sequence of str, optional
        The columns; all if not given.

    Returns
    -------
    CorrelationResult

    Raises
    ------
    SurveykitError
        S029 a variable is not there, S101 no list of them; S001 fewer than 2 columns; S003
        fewer than 4 rows; S004 a column that does not vary; S013 a pair never answered
        together; S002, S005, S006, S011, S012 as in `cronbach_alpha`; O001, O002 an option
        that is not allowed.

    Notes
    -----
    Equal to psych::corr.test (tests/reference).

    Examples
    --------
    >>> data = pd.DataFrame({"a": [1, 2, 3, 4, 5], "b": [2, 1, 4, 3, 5], "c": [5, 3, 4, 1, 2]})
    >>> round(float(correlate(data).r.loc["a", "b"]), 3)
    0.8
    """
    from surveykit.estimation import descriptives

    check_choice("method", method, METHODS)
    check_choice("adjust", adjust, ("holm", "none"))
    check_share("conf_level", conf_level)
    chosen = None if variables is None else column_names("variables", variables)
    for name in chosen or ():
        check_column(data, name)
    table = data if chosen is None else data[chosen]
    items = read_items(table, analysis="correlate", missing="pairwise", min_rows=4)
    if method == "kendall":
        found = _kendall(items.values)
    elif method == "spearman":
        found = descriptives.rank_correlate(items.values, conf_level)
    else:
        found = descriptives.correlate(items.values, conf_level)
    k = len(items.names)
    first, second = np.triu_indices(k, 1)
    adjusted = np.full((k, k), np.nan)
    p = found.pvalue[first, second]
    adjusted[first, second] = adjusted[second, first] = descriptives.holm(p) if adjust == "holm" else p

    def square(values: FloatArray) -> pd.DataFrame:
        return pd.DataFrame(values, index=list(items.names), columns=list(items.names))

    return CorrelationResult(
        r=square(found.r),
        n=square(found.n).astype(int),
        t=square(found.t),
        pvalue=square(found.pvalue),
        pvalue_adjusted=square(adjusted),
        ci_lower=square(found.lower),
        ci_upper=square(found.upper),
        method=method,
        conf_level=conf_level,
        notes=_gap_notes(items.values) + _test_notes(found, method, items.names),
    )


def _test_notes(found: Correlations, method: str, names: tuple[str, ...]) -> tuple[Note, ...]:
    """Why a pair has no finite test."""
    if method == "kendall":
        return (note("S096"),)
    first, second = np.triu_indices(len(names), 1)
    perfect = np.abs(found.r[first, second]) >= 1 - 1e-15
    pairs = [f"{names[i]} – {names[j]}" for i, j in zip(first[perfect], second[perfect], strict=True)]
    return (note("S097", pairs=", ".join(pairs)),) if pairs else ()


def _gap_notes(values: FloatArray) -> tuple[Note, ...]:
    gaps = int(np.isnan(values).sum())
    return (note("S050", cells=gaps),) if gaps else ()


def _kendall(values: FloatArray) -> Correlations:
    from scipy.stats import kendalltau

    from surveykit.estimation.descriptives import Correlations

    k = values.shape[1]
    observed = (~np.isnan(values)).astype(float)
    r, pvalue = np.eye(k), np.full((k, k), np.nan)
    for i in range(k):
        for j in range(i):
            both = ~np.isnan(values[:, [i, j]]).any(axis=1)
            found: Any = kendalltau(values[both, i], values[both, j])
            if np.isnan(found.statistic):
                raise SurveykitError("S033", analysis="correlate")
            r[i, j] = r[j, i] = found.statistic
            pvalue[i, j] = pvalue[j, i] = found.pvalue
    empty = np.full((k, k), np.nan)
    return Correlations(r, observed.T @ observed, empty, pvalue, empty, empty)
