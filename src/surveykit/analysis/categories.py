"""Do groups differ in a category: who chose what, by group or at two times."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from surveykit.analysis.group_columns import check_columns, in_order, many_groups
from surveykit.errors import Note, SurveykitError, note
from surveykit.estimation import contingency
from surveykit.formatting import number, pvalue, share
from surveykit.options import check_choice, check_share, checked_call
from surveykit.results import Result, frame_text

if TYPE_CHECKING:
    from surveykit.estimation.two_samples import FloatArray

ALTERNATIVES = ("two-sided", "greater", "less")


@dataclass(frozen=True)
class CategoryComparison(Result):
    """A table of groups by categories.

    `table`: counts, a row per group. `frame`: a row per cell: `group category
    n share expected residual standardized` (share within the group). `chisq df
    pvalue`: Pearson without correction. For 2 x 2 only, else NaN: `chisq_yates`,
    `odds_ratio` (conditional on the margins), `odds_ratio_sample` (ad / bc) and
    `prop_*` (share of the first category, first group minus second;
    `*_corrected` with continuity correction).
    """

    frame: pd.DataFrame
    table: pd.DataFrame
    chisq: float
    df: int
    pvalue: float
    chisq_yates: float
    pvalue_yates: float
    g: float
    g_pvalue: float
    cramers_v: float
    fisher_pvalue: float
    fisher_exact: bool
    odds_ratio: float
    odds_ratio_ci_lower: float
    odds_ratio_ci_upper: float
    prop_1: float
    prop_2: float
    prop_diff_ci_lower: float
    prop_diff_ci_upper: float
    prop_diff_ci_lower_corrected: float
    prop_diff_ci_upper_corrected: float
    odds_ratio_sample: float
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.frame

    def summary(self) -> str:
        n = int(self.table.to_numpy().sum())
        first = (
            f"chi2({self.df}, N = {n}) = {number(self.chisq, 2)}, p {pvalue(self.pvalue)}, "
            f"Cramer's V = {share(self.cramers_v)}, Fisher p {pvalue(self.fisher_pvalue)}"
        )
        return "\n".join([frame_text(self.table, labels=True), first, *(str(one) for one in self.notes)])


@checked_call
def compare_categories(
    data: pd.DataFrame,
    outcome: str,
    group: str,
    *,
    alternative: contingency.Alternative = "two-sided",
    conf_level: float = 0.95,
    seed: int = 1,
) -> CategoryComparison:
    """Compare how often groups choose each category.

    Parameters
    ----------
    data : pandas.DataFrame
        One row a respondent; rows without group or category are left out.
    outcome, group : str
        Columns of categories: text, numbers or logical.
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        Of Fisher's test and the odds ratio's interval, 2 x 2 only.
    conf_level : float in (0, 1), default 0.95
    seed : int
        For Fisher's test of a table too large to count exactly (note G019).

    Returns
    -------
    CategoryComparison

    Raises
    ------
    SurveykitError
        G001 no such column; G005 fewer than two groups or categories; O001, O002 an option.

    Notes
    -----
    Expected counts below 5 give a note (G018): read Fisher's p. Checked against R's chisq.test,
    fisher.test, prop.test (tests/reference).

    References
    ----------
    Fisher (1935). Freeman & Halton (1951), doi:10.1093/biomet/38.1-2.141. Cramer (1946).

    Examples
    --------
    >>> answers = pd.DataFrame({"country": ["JP"] * 9 + ["KR"] * 7, "union": list("yyyyyyyyn" + "yynnnnn")})
    >>> result = compare_categories(answers, "union", "country")
    >>> round(result.fisher_pvalue, 4), round(result.cramers_v, 3)
    (0.035, 0.618)
    """
    check_choice("alternative", alternative, ALTERNATIVES)
    check_share("conf_level", conf_level)
    check_columns(data, outcome, group)
    if outcome == group:
        raise SurveykitError("G047", column=group)
    known = data.loc[data[outcome].notna() & data[group].notna(), [outcome, group]]
    rows, columns = many_groups(known, group), many_groups(known, outcome)
    table = _counts(known, group, outcome, rows, columns)
    counts = table.to_numpy(dtype=float)
    test = contingency.independence(counts)
    exact = contingency.fisher(counts, alternative, seed)
    notes = []
    if test.expected.min() < 5:
        notes.append(note("G018", smallest=number(float(test.expected.min()), 1)))
    if not exact.exact:
        notes.append(note("G019", draws=contingency.DRAWS))
    return CategoryComparison(
        _cells(table, test),
        table,
        test.chisq,
        test.df,
        test.pvalue,
        *_corrected(counts),
        test.g,
        test.g_pvalue,
        test.cramers_v,
        *exact,
        **_two_by_two(counts, alternative, conf_level),
        notes=tuple(notes),
    )


def _counts(
    data: pd.DataFrame, first: str, second: str, rows: list[object], columns: list[object]
) -> pd.DataFrame:
    counts = pd.crosstab(data[first], data[second])
    return counts.reindex(index=rows, columns=columns, fill_value=0)


def _cells(table: pd.DataFrame, test: contingency.TableTest) -> pd.DataFrame:
    counts = table.to_numpy()
    shares = counts / counts.sum(axis=1, keepdims=True)
    values = (counts, shares, test.expected, test.residuals, test.standardized)
    names = ("n", "share", "expected", "residual", "standardized")
    grid = pd.MultiIndex.from_product([table.index, table.columns], names=["group", "category"])
    cells = {name: one.ravel() for name, one in zip(names, values, strict=True)}
    return pd.DataFrame(cells, index=grid).reset_index()


def _corrected(counts: FloatArray) -> tuple[float, float]:
    return contingency.yates(counts) if counts.shape == (2, 2) else (math.nan, math.nan)


TWO_BY_TWO = (
    *("odds_ratio", "odds_ratio_ci_lower", "odds_ratio_ci_upper"),
    *("prop_1", "prop_2", "prop_diff_ci_lower", "prop_diff_ci_upper"),
    *("prop_diff_ci_lower_corrected", "prop_diff_ci_upper_corrected", "odds_ratio_sample"),
)


def _two_by_two(
    counts: FloatArray, alternative: contingency.Alternative, conf_level: float
) -> dict[str, Any]:
    if counts.shape != (2, 2):
        return dict.fromkeys(TWO_BY_TWO, math.nan)
    plain = contingency.proportions(counts, conf_level, correct=False)
    corrected = contingency.proportions(counts, conf_level, correct=True)
    against, across = counts[0, 0] * counts[1, 1], counts[0, 1] * counts[1, 0]
    sample = against / across if across else math.inf if against else math.nan
    exact = contingency.odds_ratio(counts, alternative, conf_level)
    values = (*exact, *plain, *corrected[2:], sample)
    return dict(zip(TWO_BY_TWO, values, strict=True))


@dataclass(frozen=True)
class PairedCategories(Result):
    """One category at two times (or by two raters): did the shares change. `table`: rows the first."""

    table: pd.DataFrame
    chisq: float
    df: int
    pvalue: float
    chisq_corrected: float
    pvalue_corrected: float
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        names = ("chisq", "df", "pvalue", "chisq_corrected", "pvalue_corrected")
        return pd.DataFrame([{name: getattr(self, name) for name in names}])


@checked_call
def compare_paired_categories(data: pd.DataFrame, first: str, second: str) -> PairedCategories:
    """McNemar's test of two columns of the same categories (Bowker's for more than two).

    Parameters
    ----------
    data : pandas.DataFrame
        One row a person; rows with a gap are left out.
    first, second : str

    Returns
    -------
    PairedCategories
        `chisq_corrected` has the continuity correction (2 x 2 only; else as `chisq`).

    Raises
    ------
    SurveykitError
        G001 no such column; G020 fewer than two categories, or nobody changed.

    References
    ----------
    McNemar (1947), doi:10.1007/BF02295996. Bowker (1948), doi:10.1080/01621459.1948.10483284.

    Examples
    --------
    >>> answers = pd.DataFrame({"before": list("yyyynnnn"), "after": list("ynnnnnyn")})
    >>> compare_paired_categories(answers, "before", "after").to_frame()[["chisq", "df"]]
       chisq  df
    0    1.0   1
    """
    check_columns(data, first, second)
    if first == second:
        raise SurveykitError("G047", column=second)
    known = data.loc[data[first].notna() & data[second].notna(), [first, second]]
    both = in_order(pd.concat([known[first], known[second]], ignore_index=True))
    table = _counts(known, first, second, both, both)
    counts = table.to_numpy(dtype=float)
    if len(both) < 2 or counts.sum() == np.trace(counts):
        raise SurveykitError("G020", first=first, second=second)
    plain = contingency.mcnemar(counts, correct=False)
    corrected = contingency.mcnemar(counts, correct=True)
    return PairedCategories(table, *plain, corrected[0], corrected[2])
