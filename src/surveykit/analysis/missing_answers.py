"""Missing answers: where they are, and whether they are missing completely at random."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from surveykit.analysis.item_input import ItemData, as_table, read_items
from surveykit.errors import Note, SurveykitError, note
from surveykit.formatting import number, pvalue
from surveykit.options import checked_call
from surveykit.results import Result

if TYPE_CHECKING:
    from surveykit.estimation.saturated import IncompleteMoments


@dataclass(frozen=True, repr=False)
class LittleResult(Result):
    """Little's test that answers are missing completely at random.

    `chisq` on `df` with `pvalue` uses the maximum likelihood covariance, the
    `_unbiased` version that times n / (n - 1). `em_mean`, `em_cov`: the moments
    that it rests on.
    """

    chisq: float
    df: int
    pvalue: float
    chisq_unbiased: float
    pvalue_unbiased: float
    n: int
    n_patterns: int
    em_mean: pd.Series[float]
    em_cov: pd.DataFrame
    notes: tuple[Note, ...]

    def to_frame(self) -> pd.DataFrame:
        """The test, one row."""
        names = ("chisq", "df", "pvalue", "n", "n_patterns")
        return pd.DataFrame([{name: getattr(self, name) for name in names}])

    def __repr__(self) -> str:
        return (
            f"<LittleResult: chisq({self.df}) = {number(self.chisq, 2)}, p {pvalue(self.pvalue)}, "
            f"{self.n_patterns} patterns, n = {self.n}>"
        )


@dataclass(frozen=True, repr=False)
class MissingResult(Result):
    """Where answers are missing.

    `items`: a row per item, `item n missing share`. `patterns`: a row per pattern,
    `n` respondents and True for each answered item. `coverage`: share of
    respondents who have both items of a pair. `complete`: respondents without
    any gap.
    """

    items: pd.DataFrame
    patterns: pd.DataFrame
    coverage: pd.DataFrame
    n: int
    complete: int
    missing_cells: int
    notes: tuple[Note, ...]

    def to_frame(self) -> pd.DataFrame:
        """The items."""
        return self.items

    def __repr__(self) -> str:
        return (
            f"<MissingResult: {self.missing_cells} answers missing, {self.complete} of {self.n} respondents "
            f"complete, {len(self.patterns)} patterns>"
        )


@checked_call
def little_mcar(data: pd.DataFrame) -> LittleResult:
    """Little's test that answers are missing completely at random.

    It compares the item means of respondents with the same pattern of missing
    answers with those of all. A large p value does not prove MCAR.

    Parameters
    ----------
    data : pandas.DataFrame, shape (n_respondents, n_items)
        NaN for missing. Respondents without any answer are not used.

    Returns
    -------
    LittleResult

    Raises
    ------
    SurveykitError
        S051 nothing is missing; S052 the moments cannot be estimated (an item that
        is a copy or sum of others, too few answers); S001 to S006, S011 to S013 as
        in `cronbach_alpha`.

    Notes
    -----
    Little's (1988) formula with maximum likelihood moments to rounding error
    (tests/reference).
    Assumes a normal distribution and equal covariances.

    References
    ----------
    Little (1988), doi:10.1080/01621459.1988.10478722.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame(rng.normal(size=(100, 3)), columns=list("abc"))
    >>> data.loc[:19, "a"] = np.nan
    >>> little_mcar(data)
    <LittleResult: chisq(2) = 5.34, p = .069, 2 patterns, n = 100>
    """
    from surveykit.estimation.missing_patterns import little_test

    items, moments = incomplete_moments(data, "little_mcar")
    n_patterns = len(moments.patterns.count)
    if n_patterns < 2:
        raise SurveykitError("S051")
    found = little_test(moments)
    names = list(items.names)
    return LittleResult(
        chisq=found.chisq,
        df=found.df,
        pvalue=found.pvalue,
        chisq_unbiased=found.chisq_unbiased,
        pvalue_unbiased=found.pvalue_unbiased,
        n=len(items.values),
        n_patterns=n_patterns,
        em_mean=pd.Series(moments.mean, index=names),
        em_cov=pd.DataFrame(moments.cov, index=names, columns=names),
        notes=items.notes,
    )


def incomplete_moments(data: pd.DataFrame, analysis: str) -> tuple[ItemData, IncompleteMoments]:
    """Rows with any answer, and their maximum likelihood moments."""
    from surveykit.estimation.saturated import moments_of_incomplete_cases
    from surveykit.estimation.threads import one_thread

    items = read_items(data, analysis=analysis, missing="pairwise", min_items=2)
    some = ~np.isnan(items.values).all(axis=1)
    empty = int((~some).sum())
    notes = (note("S053", dropped=empty, kept=int(some.sum())),) if empty else ()
    items = ItemData(items.values[some], items.names, notes)
    with one_thread():
        moments = moments_of_incomplete_cases(items.values, items.names)
    if not moments.settled:
        raise SurveykitError("S052", analysis=analysis)
    return items, moments


@checked_call
def missing_data(data: pd.DataFrame) -> MissingResult:
    """How much is missing, of which items, and in which patterns.

    Parameters
    ----------
    data : pandas.DataFrame, shape (n_respondents, n_items)
        Any columns; what pandas takes for missing is missing.

    Returns
    -------
    MissingResult

    Raises
    ------
    SurveykitError
        S001 no column; S003 no row; S011 a column name twice; S012 not a table.

    Examples
    --------
    >>> missing_data(pd.DataFrame({"a": [1, None, 3], "b": [None, None, 1]}))
    <MissingResult: 3 answers missing, 1 of 3 respondents complete, 3 patterns>
    """
    from surveykit.estimation.missing_patterns import answer_patterns

    table = as_table(data)
    if table.shape[1] < 1:
        raise SurveykitError("S001", analysis="missing_data", needed=1, found=0)
    labels = table.columns.map(str)
    if not labels.is_unique:
        raise SurveykitError("S011", names=", ".join(sorted(set(labels[labels.duplicated()]))))
    if not len(table):
        raise SurveykitError("S003", analysis="missing_data", needed=1, found=0)
    answered = table.notna().to_numpy()
    names = [str(name) for name in table.columns]
    n = len(table)
    distinct, counts = answer_patterns(answered)
    patterns = pd.DataFrame(distinct, columns=names)
    patterns.insert(0, "n", counts)
    share = answered.astype(float)
    items = pd.DataFrame(
        {
            "item": names,
            "n": answered.sum(axis=0),
            "missing": (~answered).sum(axis=0),
            "share": 1 - answered.mean(axis=0),
        },
        index=names,
    )
    return MissingResult(
        items=items,
        patterns=patterns,
        coverage=pd.DataFrame(share.T @ share / n, index=names, columns=names),
        n=n,
        complete=int(answered.all(axis=1).sum()),
        missing_cells=int((~answered).sum()),
        notes=(),
    )
