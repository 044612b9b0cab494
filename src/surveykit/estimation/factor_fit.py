"""How well a factor solution reproduces the correlations: the statistics of psych::fa, by its formulas."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special

from surveykit.estimation.factor_extraction import degrees_of_freedom
from surveykit.estimation.item_moments import FloatArray, correlation

# psych::cor.smooth: eigenvalues below the first become a hundred times it.
SMALLEST_EIGENVALUE = 1e-12


class FactorFit(NamedTuple):
    """NaN where a statistic does not exist (no degrees of freedom left)."""

    n: int
    dof: int
    objective: float  # ML discrepancy of the fitted correlations
    chisq: float
    pvalue: float
    null_objective: float
    null_chisq: float
    null_dof: int
    tli: float
    rmsea: float
    rmsea_ci_lower: float  # 90 percent
    rmsea_ci_upper: float
    bic: float
    sabic: float
    chisq_empirical: float  # from the squared residual correlations
    pvalue_empirical: float
    rms: float  # root mean square of the off-diagonal residuals
    crms: float  # the same, corrected for degrees of freedom
    fit: float  # share of squared correlations reproduced
    fit_off: float  # the same, off the diagonal


def smooth(R: FloatArray) -> tuple[FloatArray, bool]:
    """A correlation matrix made positive definite as psych::cor.smooth does, and whether it had to be."""
    if np.linalg.eigvalsh(R)[0] >= SMALLEST_EIGENVALUE:
        return R, False
    values, vectors = np.linalg.eigh(R)
    values = np.where(values < SMALLEST_EIGENVALUE, 100 * SMALLEST_EIGENVALUE, values)
    values *= R.shape[0] / values.sum()
    return correlation((vectors * values) @ vectors.T), True


def factor_fit(
    R: FloatArray, model: FloatArray, m: int, n: int, counts: FloatArray | None = None
) -> FactorFit:
    """Fit of `model` (L Phi L', its diagonal the communalities) to R.

    `counts`: (p, p) respondents each correlation rests on; n everywhere if None.
    """
    p = R.shape[0]
    dof = degrees_of_freedom(p, m)
    residual_statistics = _residual_statistics(R, model, dof, n, counts)
    R = smooth(R)[0]
    objective = discrepancy(R, _unit_diagonal(model))
    null_objective = discrepancy(R, np.eye(p))
    base = n - 1 - (2 * p + 5) / 6
    chisq = max(0.0, objective * (base - 2 * m / 3))
    null_dof = p * (p - 1) // 2
    rmsea, rmsea_lower, rmsea_upper = _rmsea(chisq, dof, n)
    determined = dof > 0
    mean_square = objective / dof if determined else np.nan
    null_square = null_objective / null_dof
    return FactorFit(
        n=n,
        dof=dof,
        objective=objective,
        chisq=chisq,
        pvalue=float(special.chdtrc(dof, chisq)) if determined else np.nan,
        null_objective=null_objective,
        null_chisq=null_objective * base,
        null_dof=null_dof,
        tli=(null_square - mean_square) / (null_square - 1 / (base - 2 * m / 3)),
        rmsea=rmsea,
        rmsea_ci_lower=rmsea_lower,
        rmsea_ci_upper=rmsea_upper,
        bic=chisq - dof * np.log(n) if determined else np.nan,
        sabic=chisq - dof * np.log((n + 2) / 24) if determined else np.nan,
        **residual_statistics,
    )


def _residual_statistics(
    R: FloatArray, model: FloatArray, dof: int, n: int, counts: FloatArray | None
) -> dict[str, float]:
    p = R.shape[0]
    weights = np.full((p, p), float(n)) if counts is None else counts
    harmonic_n = float(weights.size / np.sum(1 / weights))
    residual = R - model
    off = ~np.eye(p, dtype=bool)
    chisq = float(np.sum((residual**2 * weights)[off]))
    determined = dof > 0
    return {
        "chisq_empirical": chisq,
        "pvalue_empirical": float(special.chdtrc(dof, chisq)) if determined else np.nan,
        "rms": float(np.sqrt(chisq / (harmonic_n * p * (p - 1)))),
        "crms": float(np.sqrt(chisq / (2 * harmonic_n * dof))) if determined else np.nan,
        "fit": float(1 - np.sum(residual**2) / np.sum(R**2)),
        "fit_off": float(1 - chisq / np.sum((R**2 * weights)[off])),
    }


def _unit_diagonal(model: FloatArray) -> FloatArray:
    filled = model.copy()
    np.fill_diagonal(filled, 1.0)
    return smooth(filled)[0]


def discrepancy(R: FloatArray, model: FloatArray) -> float:
    """tr(M⁻¹R) - log|M⁻¹R| - p, both positive definite."""
    ratio = np.linalg.solve(model, R)
    return float(np.trace(ratio) - np.linalg.slogdet(ratio)[1] - R.shape[0])


def _rmsea(chisq: float, dof: int, n: int) -> tuple[float, float, float]:
    """psych's RMSEA (n in one term, n - 1 in the other) with a 90 percent interval."""
    if dof <= 0:
        return np.nan, np.nan, np.nan
    point = np.sqrt(max(chisq / (dof * n) - 1 / (n - 1), 0.0))
    bounds = [np.sqrt(noncentrality(chisq, dof, p) / ((n - 1) * dof)) for p in (0.95, 0.05)]
    return float(point), float(bounds[0]), float(bounds[1])


def noncentrality(chisq: float, dof: int, probability: float) -> float:
    """The noncentrality at which chi-square falls below `chisq` with this probability; 0 if there is none."""
    if special.chdtr(dof, chisq) <= probability:
        return 0.0
    return float(special.chndtrinc(chisq, dof, probability))


def score_validity(R: FloatArray, loadings: FloatArray, phi: FloatArray) -> FloatArray:
    """Squared multiple correlation of each factor with its regression scores."""
    structure = loadings @ phi
    return np.asarray(np.einsum("ij,ij->j", structure, np.linalg.solve(smooth(R)[0], structure)))
