"""Before the analysis: normality, missing answers, careless respondents. Nothing is deleted here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from surveykit.analysis.group_input import check_column
from surveykit.analysis.item_input import ItemData, read_items
from surveykit.analysis.item_matrices import correlations, refuse_singular
from surveykit.errors import Note, SurveykitError, note
from surveykit.formatting import number, pvalue
from surveykit.results import Result

if TYPE_CHECKING:
    from surveykit.estimation.item_moments import FloatArray
    from surveykit.estimation.saturated import IncompleteMoments

# SciPy's Shapiro-Wilk p value is exact up to here.
SHAPIRO_MOST = 5000


@dataclass(frozen=True, repr=False)
class MardiaResult(Result):
    """Multivariate normality.

    `skewness` (b1p) and `kurtosis` (b2p) with covariances of divisor n - 1, as in
    psych and semTools; `..._divisor_n` as in Mardia (1970) and most programs.
    `chisq_skewness` on `df` with `pvalue_skewness`, the `small_...` version for
    small samples, `z_kurtosis` with `pvalue_kurtosis`. `univariate`: a row per
    item, `W` of Shapiro-Wilk, skew and kurtosis (type 2) with z and p.
    `distances`: Mahalanobis distance of each respondent used.
    """

    skewness: float
    kurtosis: float
    skewness_divisor_n: float
    kurtosis_divisor_n: float
    chisq_skewness: float
    df: int
    pvalue_skewness: float
    small_chisq_skewness: float
    pvalue_small_skewness: float
    z_kurtosis: float
    pvalue_kurtosis: float
    univariate: pd.DataFrame
    distances: pd.Series[float]
    n: int
    n_items: int
    notes: tuple[Note, ...]

    def to_frame(self) -> pd.DataFrame:
        """A row for skewness and one for kurtosis."""
        return pd.DataFrame(
            {
                "test": ["skewness", "kurtosis"],
                "estimate": [self.skewness, self.kurtosis],
                "statistic": [self.chisq_skewness, self.z_kurtosis],
                "df": [float(self.df), np.nan],
                "pvalue": [self.pvalue_skewness, self.pvalue_kurtosis],
            }
        )

    def __repr__(self) -> str:
        return (
            f"<MardiaResult: skewness {number(self.skewness, 2)}, p {pvalue(self.pvalue_skewness)}; "
            f"kurtosis {number(self.kurtosis, 2)}, p {pvalue(self.pvalue_kurtosis)}; "
            f"{self.n_items} items, n = {self.n}>"
        )


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


@dataclass(frozen=True, repr=False)
class CarelessResult(Result):
    """Traces of careless responding, to be looked at; nobody is left out.

    `respondents`: a row each (labelled as in the data) with `longstring`,
    `individual_variability`, `even_odd`, `person_total`, `mahalanobis` (squared,
    on the answered items), `mahalanobis_pvalue`, `seconds` if response times were given,
    and `flags`: how many of them are beyond their `limits`.
    """

    respondents: pd.DataFrame
    limits: dict[str, float]
    flagged: pd.DataFrame
    n: int
    notes: tuple[Note, ...]

    def to_frame(self) -> pd.DataFrame:
        """A row per respondent."""
        return self.respondents

    def __repr__(self) -> str:
        twice = int((self.respondents["flags"] >= 2).sum())
        return f"<CarelessResult: {twice} of {self.n} respondents with two or more flags>"


def mardia(data: pd.DataFrame) -> MardiaResult:
    """Mardia's tests of multivariate normality, with those of each item.

    Parameters
    ----------
    data : pandas.DataFrame, shape (n_respondents, n_items)
        Complete rows are used.

    Returns
    -------
    MardiaResult

    Raises
    ------
    SurveykitError
        S022 the covariance matrix is singular; S001 to S006, S011, S012 as in
        `cronbach_alpha`.

    Notes
    -----
    Equal to psych::mardia, semTools::mardiaSkew, mardiaKurtosis, skew, kurtosis and
    shapiro.test (tests/reference).

    References
    ----------
    Mardia (1970), doi:10.1093/biomet/57.3.519. Mardia (1974).

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> mardia(pd.DataFrame(rng.normal(size=(200, 3))))
    <MardiaResult: skewness 0.13, p = .939; kurtosis 15.22, p = .775; 3 items, n = 200>
    """
    from surveykit.estimation.multivariate_normality import mardia as mardia_of

    items = read_items(data, analysis="mardia", min_items=1)
    refuse_singular(correlations(items), "mardia")
    found = mardia_of(items.values)
    complete = pd.DataFrame(data).dropna().index
    return MardiaResult(
        skewness=found.b1p,
        kurtosis=found.b2p,
        skewness_divisor_n=found.b1p_divisor_n,
        kurtosis_divisor_n=found.b2p_divisor_n,
        chisq_skewness=found.skew,
        df=found.skew_df,
        pvalue_skewness=found.pvalue_skew,
        small_chisq_skewness=found.small_skew,
        pvalue_small_skewness=found.pvalue_small_skew,
        z_kurtosis=found.kurtosis,
        pvalue_kurtosis=found.pvalue_kurtosis,
        univariate=_univariate(items),
        distances=pd.Series(found.distances, index=complete),
        n=found.n,
        n_items=found.p,
        notes=items.notes,
    )


def _univariate(items: ItemData) -> pd.DataFrame:
    from scipy import special
    from scipy.stats import shapiro

    from surveykit.estimation.descriptives import skew_and_kurtosis

    n = len(items.values)
    rows = []
    for name, column in zip(items.names, items.values.T, strict=True):
        test: Any = shapiro(column) if n <= SHAPIRO_MOST else None
        skew, kurtosis = skew_and_kurtosis(column, 2)
        z = skew / np.sqrt(6 / n), kurtosis / np.sqrt(24 / n)
        rows.append(
            {
                "item": name,
                "W": float(test.statistic) if test else np.nan,
                "pvalue_W": float(test.pvalue) if test else np.nan,
                "skew": skew,
                "z_skew": z[0],
                "pvalue_skew": float(2 * special.ndtr(-abs(z[0]))),
                "kurtosis": kurtosis,
                "z_kurtosis": z[1],
                "pvalue_kurtosis": float(2 * special.ndtr(-abs(z[1]))),
            }
        )
    return pd.DataFrame(rows, index=list(items.names))


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

    items, moments = _with_moments(data, "little_mcar")
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


def _with_moments(data: pd.DataFrame, analysis: str) -> tuple[ItemData, IncompleteMoments]:
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
        S001 no column; S003 no row.

    Examples
    --------
    >>> missing_data(pd.DataFrame({"a": [1, None, 3], "b": [None, None, 1]}))
    <MissingResult: 3 answers missing, 1 of 3 respondents complete, 3 patterns>
    """
    from surveykit.estimation.missing_patterns import answer_patterns

    table = pd.DataFrame(data)
    if table.shape[1] < 1:
        raise SurveykitError("S001", analysis="missing_data", needed=1, found=0)
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


def careless_responding(
    data: pd.DataFrame,
    *,
    items: Sequence[str] | None = None,
    scales: Mapping[str, Sequence[str]] | None = None,
    response_time: str | None = None,
    seconds_per_item: float = 2.0,
) -> CarelessResult:
    """Traces of careless responding in each respondent's answers.

    No index alone proves carelessness; respondents beyond several limits are
    worth a look. They are reported, never deleted.

    Parameters
    ----------
    data : pandas.DataFrame
        A row per respondent; the items in the order asked and as answered (not reversed).
    items : sequence of str, optional
        The item columns; all columns but the response time if not given.
    scales : mapping of scale -> items, optional
        For the even-odd index (at least 3 scales). Items must point one way.
    response_time : str, optional
        Column with the seconds a respondent took.
    seconds_per_item : float, default 2
        Faster than this is flagged (Huang et al., 2012).

    Returns
    -------
    CarelessResult
        Flagged are: a longest run of equal answers of at least half the items;
        individual variability 0; even-odd below .30; a negative person-total
        correlation; a Mahalanobis distance with p < .001; too little time.

    Raises
    ------
    SurveykitError
        S029 a column is not there; S001, S002, S005, S006, S011 as in `cronbach_alpha`.

    Notes
    -----
    Mahalanobis distances use maximum likelihood moments and each respondent's answered items.
    Where they cannot be computed (a constant item, fewer respondents than
    items), they are NaN and `notes` says why.

    References
    ----------
    Meade & Craig (2012), doi:10.1037/a0028085. Curran (2016), doi:10.1016/j.jesp.2015.07.006.
    Huang et al. (2012), doi:10.1007/s10869-011-9231-8.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> answers = pd.DataFrame(rng.integers(1, 6, (100, 8)))
    >>> answers.loc[0] = 3
    >>> careless_responding(answers).respondents.loc[0, ["longstring", "individual_variability"]].tolist()
    [8.0, 0.0]
    """
    for name in (*(items or ()), *((response_time,) if response_time else ())):
        check_column(data, name)
    columns = list(items) if items else [name for name in data.columns if name != response_time]
    found, moments_notes = _careless_indices(data[columns], scales)
    found.index = data.index
    limits = {
        "longstring": np.ceil(len(columns) / 2),
        "individual_variability": 0.0,
        "even_odd": 0.30,
        "person_total": 0.0,
        "mahalanobis_pvalue": 0.001,
        "seconds": seconds_per_item * len(columns),
    }
    if response_time:
        found["seconds"] = data[response_time].astype(float)
    flagged = pd.DataFrame(
        {name: _beyond(found[name], name, limits[name]) for name in limits if name in found}, index=data.index
    )
    found["flags"] = flagged.sum(axis=1)
    used = {name: float(limit) for name, limit in limits.items() if name in found}
    return CarelessResult(found, used, flagged, len(data), moments_notes)


def _beyond(values: pd.Series[float], name: str, limit: float) -> pd.Series[bool]:
    """True where an index is beyond its limit; an index that could not be computed flags nobody."""
    if name == "longstring":
        return values >= limit
    if name == "individual_variability":
        return values <= limit
    return values < limit


def _careless_indices(
    table: pd.DataFrame, scales: Mapping[str, Sequence[str]] | None
) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    from surveykit.estimation import careless

    items = read_items(
        table, analysis="careless_responding", missing="keep", min_items=2, min_rows=1, constant_allowed=True
    )
    distances, pvalues, notes = _distances(table)
    indices: dict[str, FloatArray] = {
        "longstring": careless.longstring(items.values).astype(float),
        "individual_variability": careless.individual_variability(items.values),
        "person_total": careless.person_total(items.values),
        "mahalanobis": distances,
        "mahalanobis_pvalue": pvalues,
    }
    if scales:
        for name in (item for scale in scales.values() for item in scale):
            check_column(table, name)
        places = [[items.names.index(str(item)) for item in scale] for scale in scales.values()]
        indices["even_odd"] = careless.even_odd(items.values, places)
    return pd.DataFrame(indices), notes


def _distances(table: pd.DataFrame) -> tuple[FloatArray, FloatArray, tuple[Note, ...]]:
    """Squared Mahalanobis distances and their p values; NaN, with the reason, where there are none."""
    from scipy import special

    from surveykit.estimation.missing_patterns import pattern_distances

    answered = table.notna().to_numpy().sum(axis=1)
    distances, pvalues = np.full(len(table), np.nan), np.full(len(table), np.nan)
    try:
        items, moments = _with_moments(table, "mahalanobis")
    except SurveykitError as error:
        return distances, pvalues, (error.note,)
    some = answered > 0
    distances[some] = pattern_distances(items.values, moments)
    pvalues[some] = special.chdtrc(answered[some], distances[some])
    return distances, pvalues, items.notes
