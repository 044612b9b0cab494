"""Whether there are factors and how many: KMO, Bartlett's test, MAP, very simple structure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from surveykit.analysis.factor_notes import check_n_factors
from surveykit.analysis.item_input import ItemData, check_count, read_items
from surveykit.analysis.item_matrices import CORRELATIONS, correlations, refuse_singular, refuse_uncorrelated
from surveykit.errors import Note, note
from surveykit.formatting import number, pvalue, share
from surveykit.options import check_choice, checked_call
from surveykit.results import Result

if TYPE_CHECKING:
    from surveykit.estimation.dimensionality import SimpleStructure
    from surveykit.estimation.item_moments import FloatArray

MISSING = ("listwise", "pairwise")
MOST_FACTORS = 8


@dataclass(frozen=True, repr=False)
class KmoResult(Result):
    """Kaiser-Meyer-Olkin measure of sampling adequacy in [0, 1]: `msa` overall, `msa_items` per item."""

    msa: float
    msa_items: pd.Series[float]
    n: int
    notes: tuple[Note, ...]

    def to_frame(self) -> pd.DataFrame:
        """A row per item."""
        return pd.DataFrame({"item": self.msa_items.index, "msa": self.msa_items.to_numpy()})

    def __repr__(self) -> str:
        return f"<KmoResult: msa = {share(self.msa)}, {len(self.msa_items)} items, n = {self.n}>"


@dataclass(frozen=True, repr=False)
class BartlettResult(Result):
    """Bartlett's test of sphericity: that the items are not correlated at all."""

    chisq: float
    df: int
    pvalue: float
    determinant: float
    n: int
    notes: tuple[Note, ...]

    def to_frame(self) -> pd.DataFrame:
        """The test, one row."""
        return pd.DataFrame([{"chisq": self.chisq, "df": self.df, "pvalue": self.pvalue}])

    def __repr__(self) -> str:
        return f"<BartlettResult: chisq({self.df}) = {number(self.chisq, 2)}, p {pvalue(self.pvalue)}>"


@dataclass(frozen=True, repr=False)
class MapResult(Result):
    """Velicer's minimum average partial: `map` after 1, 2, ... components, least at `n_components`.

    `average_squared_r` is the same before any component is taken out.
    """

    n_components: int
    map: FloatArray
    average_squared_r: float
    n: int
    notes: tuple[Note, ...]

    def to_frame(self) -> pd.DataFrame:
        """A row per number of components."""
        return pd.DataFrame({"components": np.arange(1, len(self.map) + 1), "map": self.map})

    def __repr__(self) -> str:
        return (
            f"<MapResult: {self.n_components} components, map = {number(self.map[self.n_components - 1], 4)}>"
        )


@dataclass(frozen=True, repr=False)
class VssResult(Result):
    """Very simple structure: `vss1` and `vss2` by number of factors; `table` has the fit of each."""

    vss1: FloatArray
    vss2: FloatArray
    table: pd.DataFrame
    method: str
    n: int
    notes: tuple[Note, ...]

    def to_frame(self) -> pd.DataFrame:
        """A row per number of factors."""
        return self.table

    def __repr__(self) -> str:
        first = f"complexity 1 best with {int(np.nanargmax(self.vss1)) + 1} factors"
        if len(self.vss2) < 2:  # of one factor there is no complexity 2
            return f"<VssResult: {first}>"
        return f"<VssResult: {first}, complexity 2 with {int(np.nanargmax(self.vss2)) + 1}>"


@checked_call
def kmo(items: pd.DataFrame, *, missing: str = "listwise") -> KmoResult:
    """Kaiser-Meyer-Olkin measure of sampling adequacy.

    How large the correlations are beside the partial correlations given all
    other items. Kaiser called .9 marvellous, .5 miserable and less unacceptable.

    Parameters
    ----------
    items : pandas.DataFrame, shape (n_respondents, n_items)
        At least 2 columns, NaN for missing.
    missing : {"listwise", "pairwise"}, default "listwise"

    Returns
    -------
    KmoResult

    Raises
    ------
    SurveykitError
        S022 the correlation matrix has no inverse; S001 to S006, S011 to S013 as
        in `cronbach_alpha`.

    Notes
    -----
    Equal to psych::KMO (tests/reference).

    References
    ----------
    Kaiser (1974), doi:10.1007/BF02291575.

    Examples
    --------
    >>> items = pd.DataFrame({"t1": [1, 2, 3, 4, 5, 5], "t2": [2, 2, 3, 4, 4, 5], "t3": [1, 3, 3, 5, 4, 5]})
    >>> kmo(items)
    <KmoResult: msa = .757, 3 items, n = 6>
    """
    from surveykit.estimation.dimensionality import sampling_adequacy

    data, R = _invertible(items, "kmo", missing)
    refuse_uncorrelated(R)
    overall, by_item = sampling_adequacy(R)
    alone = [name for name, one in zip(data.names, by_item, strict=True) if np.isnan(one)]
    notes = (*data.notes, note("S110", names=", ".join(alone))) if alone else data.notes
    return KmoResult(overall, pd.Series(by_item, index=list(data.names)), data.values.shape[0], notes)


@checked_call
def bartlett_sphericity(items: pd.DataFrame, *, missing: str = "listwise") -> BartlettResult:
    """Bartlett's test that the items are uncorrelated.

    With more than a few dozen respondents it rejects nearly always; KMO tells more.

    Parameters
    ----------
    items : pandas.DataFrame, shape (n_respondents, n_items)
        At least 2 columns, NaN for missing.
    missing : {"listwise", "pairwise"}, default "listwise"

    Returns
    -------
    BartlettResult
        `chisq`, `df`, `pvalue`, `determinant` of the correlation matrix.

    Raises
    ------
    SurveykitError
        S022 the correlation matrix is singular; S001 to S006, S011 to S013 as in
        `cronbach_alpha`.

    Notes
    -----
    Equal to psych::cortest.bartlett (tests/reference). Not the test of equal
    variances of the same name.

    References
    ----------
    Bartlett (1951), doi:10.1093/biomet/38.3-4.337.

    Examples
    --------
    >>> items = pd.DataFrame({"t1": [1, 2, 3, 4, 5, 5], "t2": [2, 2, 3, 4, 4, 5], "t3": [1, 3, 3, 5, 4, 5]})
    >>> bartlett_sphericity(items)
    <BartlettResult: chisq(3) = 12.10, p = .007>
    """
    from surveykit.estimation.dimensionality import bartlett_test

    data, R = _invertible(items, "bartlett_sphericity", missing)
    n = data.values.shape[0]
    chisq, df, probability = bartlett_test(R, n)
    return BartlettResult(chisq, df, probability, float(np.linalg.det(R)), n, data.notes)


def _invertible(items: pd.DataFrame, analysis: str, missing: str) -> tuple[ItemData, FloatArray]:
    check_choice("missing", missing, MISSING)
    data = read_items(items, analysis=analysis, missing=missing)
    R = correlations(data)
    refuse_singular(R, analysis)
    return data, R


@checked_call
def map_test(
    data: pd.DataFrame,
    *,
    max_factors: int = MOST_FACTORS,
    correlation: str = "pearson",
    missing: str = "listwise",
) -> MapResult:
    """Velicer's minimum average partial test of the number of components.

    Components are partialled out one after another; the average squared
    correlation that is left is least when what is common has been taken out.

    Parameters
    ----------
    data : pandas.DataFrame, shape (n_respondents, n_items)
        At least 3 items, NaN for missing.
    max_factors : int, default 8
        Up to the number of items minus 1.
    correlation : {"pearson", "polychoric"}, default "pearson"
    missing : {"listwise", "pairwise"}, default "listwise"

    Returns
    -------
    MapResult

    Raises
    ------
    SurveykitError
        S001 fewer than 3 items; S002 to S006, S011 to S013 as in `cronbach_alpha`;
        O001, S028 an option that is not allowed.

    Notes
    -----
    Equal to psych::vss (tests/reference). psych never says "no component"; where
    the average is least before any is taken out, a note does.

    References
    ----------
    Velicer (1976), doi:10.1007/BF02293557.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> f = rng.normal(size=(200, 2)).repeat(4, axis=1)
    >>> map_test(pd.DataFrame(f + rng.normal(size=(200, 8))))
    <MapResult: 2 components, map = 0.0506>
    """
    from surveykit.estimation.dimensionality import minimum_average_partial

    check_count("max_factors", max_factors)
    check_choice("correlation", correlation, CORRELATIONS)
    check_choice("missing", missing, MISSING)
    items = read_items(data, analysis="map_test", missing=missing, min_items=3)
    R = correlations(items, correlation)
    refuse_uncorrelated(R)
    before, averages = minimum_average_partial(R, min(max_factors, items.n_items - 1))
    gone = np.isnan(averages)
    if gone.all():
        refuse_singular(R, "map_test")
    notes = () if before > np.nanmin(averages) else (note("S027"),)
    if gone.any():
        notes = (*notes, note("S083", components=int(gone.argmax()) + 1))
    return MapResult(
        int(np.nanargmin(averages)) + 1, averages, before, items.values.shape[0], items.notes + notes
    )


@checked_call
def vss(
    data: pd.DataFrame, *, max_factors: int = MOST_FACTORS, method: str = "minres", missing: str = "listwise"
) -> VssResult:
    """Very simple structure: how well one or two loadings an item reproduce the correlations.

    Parameters
    ----------
    data : pandas.DataFrame, shape (n_respondents, n_items)
        At least 3 items, NaN for missing.
    max_factors : int, default 8
        Solutions with 1 up to so many factors are compared, varimax rotated.
    method : {"minres", "ml", "pa"}, default "minres"
    missing : {"listwise", "pairwise"}, default "listwise"

    Returns
    -------
    VssResult
        `table` has for each number of factors `dof chisq pvalue sqresid fit rmsea
        bic sabic complexity vss1 vss2`.

    Raises
    ------
    SurveykitError
        S001 fewer than 3 items; S015 more factors than items allow; S022 with "ml", a
        singular correlation matrix; S002 to S006, S011 to S013 as in `cronbach_alpha`.

    Notes
    -----
    Equal to psych::vss (tests/reference).

    References
    ----------
    Revelle & Rocklin (1979), doi:10.1207/s15327906mbr1404_2.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> f = rng.normal(size=(200, 2)).repeat(4, axis=1)
    >>> vss(pd.DataFrame(f + rng.normal(size=(200, 8))), max_factors=3)
    <VssResult: complexity 1 best with 2 factors, complexity 2 with 3>
    """
    from surveykit.estimation.dimensionality import very_simple_structure

    check_choice("method", method, ("minres", "ml", "pa"))
    check_choice("missing", missing, MISSING)
    check_count("max_factors", max_factors, least=0)
    items = read_items(data, analysis="vss", missing=missing, min_items=3)
    most = min(max_factors, items.n_items - 1)
    check_n_factors(most, items.n_items)
    R = correlations(items)
    refuse_uncorrelated(R)
    if method == "ml":
        refuse_singular(R, "vss")
    n = items.values.shape[0]
    table = pd.DataFrame([_vss_row(m, very_simple_structure(R, m, n, method)) for m in range(1, most + 1)])
    notes = (*items.notes, note("S026")) if (table["dof"] <= 0).any() else items.notes
    return VssResult(table["vss1"].to_numpy(), table["vss2"].to_numpy(), table, method, n, notes)


def _vss_row(m: int, one: SimpleStructure) -> dict[str, float]:
    return {
        "factors": m,
        "dof": one.fit.dof,
        "chisq": one.fit.chisq,
        "pvalue": one.fit.pvalue,
        "sqresid": one.squared_residual,
        "fit": one.fit_all,
        "rmsea": one.fit.rmsea,
        "bic": one.fit.bic,
        "sabic": one.fit.sabic,
        "complexity": one.complexity,
        "vss1": one.vss[0],
        "vss2": one.vss[1] if m > 1 else np.nan,
    }
