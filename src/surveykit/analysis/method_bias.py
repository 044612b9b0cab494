"""Common-method bias: Harman's single factor, an unmeasured method factor, a marker variable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from surveykit.analysis.factor import efa
from surveykit.analysis.group_input import check_column
from surveykit.analysis.item_input import read_items
from surveykit.analysis.item_matrices import correlations
from surveykit.analysis.measurement_model import check_model_text
from surveykit.analysis.scale_options import column_names
from surveykit.errors import Note, SurveykitError, note
from surveykit.formatting import number, pvalue, share
from surveykit.options import check_flags, check_share, checked_call
from surveykit.results import Result

if TYPE_CHECKING:
    from surveykit.analysis.sem_fit import SemFit
    from surveykit.estimation.sem.nested import Difference

METHOD = "method_factor"


@dataclass(frozen=True, repr=False)
class HarmanResult(Result):
    """Share of variance of one unrotated factor of all items.

    `component_share`: of the first principal component (what is usually
    reported), `factor_share`: of one common factor. `eigenvalues` of the
    correlation matrix.
    """

    component_share: float
    factor_share: float
    eigenvalues: Any
    n: int
    n_items: int
    notes: tuple[Note, ...]

    def to_frame(self) -> pd.DataFrame:
        """The two shares, one row."""
        return pd.DataFrame([{"component_share": self.component_share, "factor_share": self.factor_share}])

    def __repr__(self) -> str:
        return (
            f"<HarmanResult: first component {share(self.component_share)}, one factor "
            f"{share(self.factor_share)} of the variance, {self.n_items} items, n = {self.n}>"
        )


@dataclass(frozen=True, repr=False)
class MethodFactorResult(Result):
    """A model with and without an unmeasured latent method factor.

    `method_share`: mean squared standardized loading on the method factor, the
    share of item variance it takes. `loadings`: a row per group and item, its loading without and
    with the method factor and the method loading (all standardized).
    `chisq_diff`, `df_diff`, `pvalue`: with against without; `delta_cfi`,
    `delta_rmsea`. `fits`: both models.
    """

    method_share: float
    chisq_diff: float
    df_diff: float
    pvalue: float
    delta_cfi: float
    delta_rmsea: float
    loadings: pd.DataFrame
    model: str
    fits: dict[str, SemFit]
    notes: tuple[Note, ...]

    def to_frame(self) -> pd.DataFrame:
        """The loadings."""
        return self.loadings

    def to_dict(self) -> dict[str, Any]:
        return {name: value for name, value in super().to_dict().items() if name != "fits"}

    def __repr__(self) -> str:
        return (
            f"<MethodFactorResult: method share {share(self.method_share)}, chi-square difference "
            f"({number(self.df_diff, 0)}) = {number(self.chisq_diff, 2)}, p {pvalue(self.pvalue)}>"
        )


@dataclass(frozen=True, repr=False)
class MarkerResult(Result):
    """Correlations before and after the part that a marker variable shares with everything is taken out.

    `marker_r`: the smallest correlation (in size) of the marker with the variables.
    `table`: a row per pair, `lhs rhs r pvalue r_adjusted pvalue_adjusted changed`
    (`changed`: significance at .05 is lost or the sign turns).
    """

    marker_r: float
    table: pd.DataFrame
    n: int
    notes: tuple[Note, ...]

    def to_frame(self) -> pd.DataFrame:
        """A row per pair."""
        return self.table

    def __repr__(self) -> str:
        changed = int(self.table["changed"].sum())
        return (
            f"<MarkerResult: marker r = {share(self.marker_r)}, {changed} of {len(self.table)} "
            f"correlations change, n = {self.n}>"
        )


@checked_call
def harman(items: pd.DataFrame, *, missing: str = "listwise") -> HarmanResult:
    """Harman's single-factor test: how much one factor of all items explains.

    Convention asks for less than half. The test is weak: it misses method variance
    that would matter, so do not rest a claim on it alone.

    Parameters
    ----------
    items : pandas.DataFrame, shape (n_respondents, n_items)
        All items of all scales of the study.
    missing : {"listwise", "pairwise"}, default "listwise"

    Returns
    -------
    HarmanResult

    Raises
    ------
    SurveykitError
        As `efa`.

    References
    ----------
    Podsakoff, MacKenzie, Lee & Podsakoff (2003), doi:10.1037/0021-9010.88.5.879.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> harman(pd.DataFrame(rng.normal(size=(200, 2)).repeat(3, axis=1) + rng.normal(size=(200, 6))))
    <HarmanResult: first component .376, one factor .255 of the variance, 6 items, n = 200>
    """
    found = efa(items, 1, rotation="none", missing=missing)
    n_items = len(found.loadings)
    return HarmanResult(
        component_share=float(found.eigenvalues[0] / n_items),
        factor_share=float(found.communality.sum() / n_items),
        eigenvalues=found.eigenvalues,
        n=found.n,
        n_items=n_items,
        notes=(*found.notes, note("S075")),
    )


@checked_call
def unmeasured_method_factor(
    model: str, data: pd.DataFrame, *, equal: bool = True, **options: Any
) -> MethodFactorResult:
    """A measurement model with a method factor that loads on every item, against the model without.

    Parameters
    ----------
    model : str
        lavaan syntax of the measurement model.
    data : pandas.DataFrame
    equal : bool, default True
        The same method effect on every item (one more parameter). False frees a
        loading each, which often is not identified or does not converge.
    **options
        Passed to `cfa` (estimator, missing, group ...).

    Returns
    -------
    MethodFactorResult

    Raises
    ------
    SurveykitError
        S087 a model that is no text; S056 no factor in the model; S055 one of the models
        did not converge; the codes of `cfa`.

    References
    ----------
    Podsakoff, MacKenzie, Lee & Podsakoff (2003). Richardson, Simmering & Sturman
    (2009), doi:10.1177/1094428109332834.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> f = rng.normal(size=(300, 2)).repeat(3, axis=1) + 0.5 * rng.normal(size=(300, 1))
    >>> data = pd.DataFrame(f + rng.normal(size=(300, 6)), columns=list("abcdef"))
    >>> unmeasured_method_factor("x =~ a + b + c; y =~ d + e + f", data).df_diff
    1.0
    """
    from surveykit.analysis.sem import cfa

    check_flags(equal=equal)
    check_model_text(model)
    factors = _factors(model)
    items = list(dict.fromkeys(item for one in factors.values() for item in one))
    for name in items:
        check_column(data, name)
    read_items(data[items], analysis="unmeasured_method_factor", missing="keep", constant_allowed=True)
    if equal:
        lines = [f"{METHOD} =~ " + " + ".join(f"1*{item}" for item in items)]
    else:
        free = " + ".join([f"NA*{items[0]}", *items[1:]])
        lines = [f"{METHOD} =~ {free}", f"{METHOD} ~~ 1*{METHOD}"]
    lines += [f"{METHOD} ~~ 0*{factor}" for factor in factors]
    extended = "\n".join([model, *lines])
    try:
        plain, method = cfa(model, data, **options), cfa(extended, data, **options)
    except np.linalg.LinAlgError:  # not identified in these data, to the last bit
        raise SurveykitError("S055", analysis="unmeasured_method_factor") from None
    for fit in (plain, method):
        if not fit.converged:
            raise SurveykitError("S055", analysis="unmeasured_method_factor")
    without, with_it = plain.fit_measures(), method.fit_measures()
    difference = _difference(plain, method)
    loadings = _loadings(plain, method)
    notes = (*method.notes, note("S076")) if np.isnan(difference.pvalue) else method.notes
    return MethodFactorResult(
        method_share=float(np.mean(loadings["method_loading"] ** 2)),
        chisq_diff=float(difference.stat),
        df_diff=float(difference.df),
        pvalue=float(difference.pvalue),
        delta_cfi=float(with_it["cfi"] - without["cfi"]),
        delta_rmsea=float(with_it["rmsea"] - without["rmsea"]),
        loadings=loadings,
        model=extended,
        fits={"without": plain, "with": method},
        notes=tuple(notes),
    )


def _factors(model: str) -> dict[str, list[str]]:
    """Factor -> observed items, of the ``=~`` lines."""
    from surveykit.estimation.sem.syntax import parse_model

    terms = [term for term in parse_model(model).terms if term.op == "=~"]
    names = {term.lhs for term in terms}
    factors: dict[str, list[str]] = {}
    for term in terms:
        factors.setdefault(term.lhs, [])
        if term.rhs not in names:
            factors[term.lhs].append(term.rhs)
    if not any(factors.values()):
        raise SurveykitError("S056", analysis="unmeasured_method_factor")
    return factors


def _difference(plain: SemFit, method: SemFit) -> Difference:
    """Chi-square difference; Satorra & Bentler's (2001) for MLM and MLR, no p for other robust tests."""
    from surveykit.estimation.sem import nested

    restricted, free = (
        {name: float(value) for name, value in fit.fit_measures().items()} for fit in (plain, method)
    )
    pairs = (restricted["chisq"], restricted["df"]), (free["chisq"], free["df"])
    if "chisq_scaling_factor" not in restricted:
        return nested.plain(*pairs[0], *pairs[1])
    if plain.estimator not in ("MLM", "MLR"):
        return nested.Difference(pairs[0][0] - pairs[1][0], pairs[0][1] - pairs[1][1], float("nan"))
    factors = restricted["chisq_scaling_factor"], free["chisq_scaling_factor"]
    return nested.satorra_bentler_2001(*pairs[0], factors[0], *pairs[1], factors[1])


def _loadings(plain: SemFit, method: SemFit) -> pd.DataFrame:
    """Standardized loadings of both models, a row per group, factor and item."""
    before, after = (_by_place(fit) for fit in (plain, method))
    rows = [
        {
            "group": group,
            "factor": factor,
            "item": item,
            "loading": value,
            "loading_with_method": after[(group, factor, item)],
            "method_loading": after.get((group, METHOD, item), np.nan),
        }
        for (group, factor, item), value in before.items()
    ]
    return pd.DataFrame(rows)


def _by_place(fit: SemFit) -> dict[tuple[int, str, str], float]:
    """Standardized loadings by group, factor and item."""
    table = fit.standardized_solution()
    rows = table[table["op"] == "=~"]
    places = zip(rows["group"], rows["lhs"], rows["rhs"], rows["est_std"], strict=True)
    return {(int(group), str(factor), str(item)): float(value) for group, factor, item, value in places}


@checked_call
def marker_variable(
    data: pd.DataFrame, marker: str, variables: Sequence[str], *, marker_r: float | None = None
) -> MarkerResult:
    """Lindell and Whitney's adjustment with a marker that should have nothing to do with the variables.

    Parameters
    ----------
    data : pandas.DataFrame
    marker : str
        Column of the marker variable.
    variables : sequence of str
        Columns (scale scores) whose correlations are adjusted.
    marker_r : float, optional
        What common method variance is taken to add to every correlation; the smallest correlation in
        size between the marker and the variables if not given.

    Returns
    -------
    MarkerResult

    Raises
    ------
    SurveykitError
        S029 a column is not there; S001 fewer than two variables; S003 fewer than 5
        respondents; S002, S004 to S006, S011 as in `cronbach_alpha`; O002 `marker_r` not in (0, 1).

    References
    ----------
    Lindell & Whitney (2001), doi:10.1037/0021-9010.86.1.114.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame(rng.normal(size=(100, 3)) + rng.normal(size=(100, 1)), columns=["x", "y", "m"])
    >>> marker_variable(data, "m", ["x", "y"])
    <MarkerResult: marker r = .433, 1 of 1 correlations change, n = 100>
    """
    from scipy import special

    variables = column_names("variables", variables)
    for name in (marker, *variables):
        check_column(data, name)
    if len(variables) < 2:
        raise SurveykitError("S001", analysis="marker_variable", needed=2, found=len(variables))
    if marker_r is not None:
        check_share("marker_r", marker_r)
    items = read_items(data[[*variables, marker]], analysis="marker_variable", min_rows=5)
    R = correlations(items)
    with_marker = R[-1, :-1]
    shared = float(with_marker[np.argmin(np.abs(with_marker))]) if marker_r is None else marker_r
    if 1 - shared < 1e-12:
        raise SurveykitError("S109", marker=marker)
    n = len(items.values)
    pairs = np.triu_indices(len(variables), 1)
    r = R[pairs]
    adjusted = (r - shared) / (1 - shared)

    def probability(values: Any, df: int) -> Any:
        with np.errstate(divide="ignore"):
            return 2 * special.stdtr(df, -np.abs(values) * np.sqrt(df / np.maximum(1 - values**2, 0)))

    before, after = probability(r, n - 2), probability(adjusted, n - 3)
    table = pd.DataFrame(
        {
            "lhs": [items.names[i] for i in pairs[0]],
            "rhs": [items.names[j] for j in pairs[1]],
            "r": r,
            "pvalue": before,
            "r_adjusted": adjusted,
            "pvalue_adjusted": after,
            "changed": ((before < 0.05) & (after >= 0.05)) | (np.sign(r) != np.sign(adjusted)),
        }
    )
    beyond = table[adjusted < -1 - 1e-12]
    lost = [f"{row.lhs}-{row.rhs}" for row in beyond.itertuples()]
    return MarkerResult(
        shared, table, n, (*items.notes, note("S111", pairs=", ".join(lost))) if lost else items.notes
    )
