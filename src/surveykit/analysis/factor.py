"""Exploratory factor analysis."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from surveykit.analysis.factor_notes import check_n_factors, extraction_notes
from surveykit.analysis.item_input import ItemData, read_items
from surveykit.analysis.item_matrices import CORRELATIONS, correlations, refuse_singular, refuse_uncorrelated
from surveykit.errors import Note, note
from surveykit.formatting import number, pvalue
from surveykit.options import check_choice, checked_call
from surveykit.results import Result, frame_text, plain

if TYPE_CHECKING:
    from surveykit.estimation.factor import FactorSolution
    from surveykit.estimation.factor_fit import FactorFit
    from surveykit.estimation.item_moments import FloatArray

METHODS = ("minres", "ml", "pa")
ROTATIONS = ("oblimin", "promax", "varimax", "geomin", "quartimin", "none")
SCORES = ("regression", "bartlett", "tenberge")
_PREFIX = {"minres": "MR", "ml": "ML", "pa": "PA"}


@dataclass(frozen=True, repr=False)
class EfaResult(Result):
    """A rotated factor solution; factors ordered by the variance they explain, sums of loadings positive.

    `loadings` (pattern) and `structure`: items by factors; `phi`: correlations
    of the factors (identity after an orthogonal rotation); `communality`,
    `uniqueness`, `complexity` (Hofmann's): per item; `variance`: what each
    factor explains; `eigenvalues` of the correlation matrix and
    `common_eigenvalues` with communalities on its diagonal; `rotation_matrix`:
    loadings = unrotated @ rotation_matrix.
    """

    loadings: pd.DataFrame
    phi: pd.DataFrame
    structure: pd.DataFrame
    communality: pd.Series[float]
    uniqueness: pd.Series[float]
    complexity: pd.Series[float]
    variance: pd.DataFrame
    eigenvalues: FloatArray
    common_eigenvalues: FloatArray
    rotation_matrix: FloatArray
    score_r2: pd.Series[float]
    correlations: pd.DataFrame
    method: str
    rotation: str
    correlation: str
    n: int
    n_factors: int
    converged: bool
    notes: tuple[Note, ...]
    _fit: FactorFit = field(repr=False)
    _values: FloatArray = field(repr=False)

    def fit_measures(self) -> pd.Series[float]:
        """Fit as psych::fa prints it.

        `n dof objective chisq pvalue null_chisq null_dof tli rmsea
        rmsea_ci_lower rmsea_ci_upper (90 percent) bic sabic chisq_empirical
        pvalue_empirical rms crms fit fit_off`. NaN (with a note) where no degrees
        of freedom are left.
        """
        return pd.Series({name: float(value) for name, value in self._fit._asdict().items()})

    def residuals(self) -> pd.DataFrame:
        """Correlations minus those the factors reproduce; uniquenesses on the diagonal."""
        model = self.loadings @ self.phi @ self.loadings.T
        return self.correlations - model

    def factor_scores(self, method: str = "regression") -> pd.DataFrame:
        """Scores of the respondents used, a column per factor.

        `method`: "regression" (Thurstone), "bartlett" or "tenberge". NaN for a
        respondent with a missing answer.
        """
        from surveykit.estimation.factor import score_weights

        check_choice("method", method, SCORES)
        R = self.correlations.to_numpy()
        refuse_singular(R, "factor_scores")
        weights = score_weights(R, self.loadings.to_numpy(), self.phi.to_numpy(), method)
        mean, sd = np.nanmean(self._values, axis=0), np.nanstd(self._values, axis=0, ddof=1)
        return pd.DataFrame((self._values - mean) / sd @ weights, columns=self.loadings.columns)

    def to_frame(self) -> pd.DataFrame:
        """A row per item: its loadings, communality, uniqueness and complexity."""
        frame = self.loadings.copy()
        frame.insert(0, "item", list(self.loadings.index))
        frame["communality"], frame["uniqueness"] = self.communality, self.uniqueness
        frame["complexity"] = self.complexity
        return frame

    def to_dict(self) -> dict[str, Any]:
        return {**super().to_dict(), "fit_measures": plain(self.fit_measures())}

    def summary(self) -> str:
        fit = self._fit
        head = (
            f"{self.n_factors} factors by {self.method}, rotation {self.rotation}, "
            f"{self.correlation} correlations, n = {self.n}\n"
            f"chisq({fit.dof}) = {number(fit.chisq, 2)}, p {pvalue(fit.pvalue)}, TLI {number(fit.tli)}, "
            f"RMSEA {number(fit.rmsea)} [{number(fit.rmsea_ci_lower)}, {number(fit.rmsea_ci_upper)}], "
            f"RMSR {number(fit.rms)}, BIC {number(fit.bic, 1)}"
        )
        parts = [head, self._table_and_notes(), "", frame_text(self.variance, labels=True)]
        if self.n_factors > 1 and not np.allclose(self.phi, np.eye(self.n_factors)):
            parts += ["", "Factor correlations", frame_text(self.phi, labels=True)]
        return "\n".join(parts)

    def __repr__(self) -> str:
        return (
            f"<EfaResult: {self.n_factors} factors ({self.method}, {self.rotation}), "
            f"{len(self.loadings)} items, n = {self.n}, RMSR = {number(self._fit.rms)}>"
        )


@checked_call
def efa(
    data: pd.DataFrame,
    n_factors: int,
    *,
    method: str = "minres",
    rotation: str = "oblimin",
    correlation: str = "pearson",
    missing: str = "listwise",
) -> EfaResult:
    """Exploratory factor analysis of items, equal to psych::fa.

    Parameters
    ----------
    data : pandas.DataFrame, shape (n_respondents, n_items)
        Items only, NaN for missing. At least 3 columns.
    n_factors : int
        Between 1 and the number of items minus 1; `parallel_analysis` suggests it.
    method : {"minres", "ml", "pa"}, default "minres"
        Minimum residual (= unweighted least squares), maximum likelihood, principal axis.
    rotation : {"oblimin", "promax", "varimax", "geomin", "quartimin", "none"}, default "oblimin"
    correlation : {"pearson", "polychoric"}, default "pearson"
    missing : {"listwise", "pairwise"}, default "listwise"
        psych takes "pairwise"; n of the fit statistics is then every row, as in psych.

    Returns
    -------
    EfaResult
        `loadings`, `phi`, `communality`, `fit_measures()`, `factor_scores()`.

    Raises
    ------
    SurveykitError
        S001 fewer than 3 items; S015 a number of factors the items cannot carry;
        S022 with "ml", a singular correlation matrix; S002 to S006, S011 to S013
        as in `cronbach_alpha`; O001 an unknown option.

    Notes
    -----
    Checked against psych::fa, stats::factanal and GPArotation (tests/reference).
    Minres and ML go to the exact minimum, psych stops about 1e-5 short of it.
    Varimax, promax and oblimin stop where R's do (stats::varimax is within 1e-3
    of its optimum), and principal axis after psych's rule, so that a table made
    in R is met. statsmodels' ML extraction and oblimin give the same numbers, but
    it has no minres, promax or fit statistics; factor_analyzer does not run with
    current scikit-learn. So neither is used.

    References
    ----------
    Harman & Jones (1966), doi:10.1007/BF02289468. Joereskog (1967), doi:10.1007/BF02289658.
    Jennrich (2002), doi:10.1007/BF02294706.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> f = rng.normal(size=(200, 2)).repeat(3, axis=1)
    >>> items = pd.DataFrame(f + rng.normal(size=(200, 6)), columns=list("abcdef"))
    >>> efa(items, 2)
    <EfaResult: 2 factors (minres, oblimin), 6 items, n = 200, RMSR = 0.017>
    """
    from surveykit.estimation.factor import factor_solution
    from surveykit.estimation.threads import one_thread

    check_choice("method", method, METHODS)
    check_choice("rotation", rotation, ROTATIONS)
    check_choice("correlation", correlation, CORRELATIONS)
    check_choice("missing", missing, ("listwise", "pairwise"))
    items = read_items(data, analysis="efa", missing=missing, min_items=3)
    check_n_factors(n_factors, items.n_items)
    with one_thread():
        R = correlations(items, correlation)
        refuse_uncorrelated(R)
        if method == "ml":
            refuse_singular(R, "efa")
        solution = factor_solution(R, n_factors, method, rotation)
        return _result(items, R, solution, method, rotation, correlation)


def _result(
    items: ItemData, R: FloatArray, solution: FactorSolution, method: str, rotation: str, correlation: str
) -> EfaResult:
    from surveykit.estimation.factor import complexity, explained
    from surveykit.estimation.factor_fit import factor_fit, score_validity

    m = solution.loadings.shape[1]
    names, factors = list(items.names), [f"{_PREFIX[method]}{number + 1}" for number in range(m)]
    n = items.values.shape[0]
    fit = factor_fit(R, solution.model, m, n, _pair_counts(items))

    def per_item(values: FloatArray) -> pd.Series[float]:
        return pd.Series(values, index=names)

    def by_factor(values: FloatArray) -> pd.DataFrame:
        return pd.DataFrame(values, index=names, columns=factors)

    return EfaResult(
        loadings=by_factor(solution.loadings),
        phi=pd.DataFrame(solution.phi, index=factors, columns=factors),
        structure=by_factor(solution.structure),
        communality=per_item(1 - solution.extraction.uniqueness),
        uniqueness=per_item(solution.extraction.uniqueness),
        complexity=per_item(complexity(solution.loadings)),
        variance=_variance_table(explained(solution.loadings, solution.phi), len(names), factors),
        eigenvalues=np.asarray(np.linalg.eigvalsh(R)[::-1]),
        common_eigenvalues=solution.extraction.eigenvalues,
        rotation_matrix=solution.rotation,
        score_r2=pd.Series(score_validity(R, solution.loadings, solution.phi), index=factors),
        correlations=pd.DataFrame(R, index=names, columns=names),
        method=method,
        rotation=rotation,
        correlation=correlation,
        n=n,
        n_factors=m,
        converged=solution.extraction.converged and solution.rotation_converged,
        notes=items.notes + _notes(items, R, solution),
        _fit=fit,
        _values=items.values,
    )


def _pair_counts(items: ItemData) -> FloatArray | None:
    """Respondents behind each correlation; None where everyone answered everything."""
    observed = ~np.isnan(items.values)
    if observed.all():
        return None
    present = observed.astype(float)
    return np.asarray(present.T @ present)


def _variance_table(explained: FloatArray, p: int, factors: list[str]) -> pd.DataFrame:
    rows = {
        "ss_loadings": explained,
        "proportion_variance": explained / p,
        "cumulative_variance": np.cumsum(explained / p),
        "proportion_explained": explained / explained.sum(),
        "cumulative_proportion": np.cumsum(explained / explained.sum()),
    }
    return pd.DataFrame(rows, index=factors).T


def _notes(items: ItemData, R: FloatArray, solution: FactorSolution) -> tuple[Note, ...]:
    from surveykit.estimation.factor_extraction import degrees_of_freedom
    from surveykit.estimation.factor_fit import smooth

    notes = list(extraction_notes(items.names, solution.loadings.shape[1], solution.extraction))
    if not solution.rotation_converged:
        notes.append(note("S021", what="rotation"))
    if smooth(R)[1]:
        notes.append(note("S023"))
    if degrees_of_freedom(*solution.loadings.shape) == 0:
        notes.append(note("S026"))
    return tuple(notes)
