"""Standard errors of residuals: which misfit is more than sampling error?

The residuals are r = Q (s - sigma) with Q = I - Delta (Delta' V Delta)^-1 Delta' V, stacked over
groups; their covariance matrix is Q Gamma Q'.

References
----------
Ogasawara (2001), doi:10.1207/S15328007SEM0804_3; Bentler & Dijkstra (1985), eq. 1.7.4.
Maydeu-Olivares (2017).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import block_diag

from surveykit.estimation.moments import SampleMoments, lower_triangle
from surveykit.estimation.ordinal_moments import OrdinalMoments
from surveykit.estimation.sem.engine import Solution
from surveykit.estimation.sem.information import Fitted
from surveykit.estimation.sem.residuals import GroupMoments
from surveykit.estimation.sem.saturated_information import sample_acov, weight_matrix

FloatArray = NDArray[np.float64]

# What is smaller stands undivided: lavaan's limits for the two kinds.
UNDIVIDED = {"normalized": 1e-5, "standardized": 1e-4}


def residual_errors(solution: Solution, kind: str = "standardized") -> list[GroupMoments]:
    """Standard errors by group, laid out as the residuals; 0 where a moment is reproduced by construction.

    `kind` "standardized" gives those of the residuals, "normalized" those of the sample moments.
    """
    assert solution.fitted is not None
    gammas = [sample_acov(solution, group) for group in range(len(solution.moments))]
    if kind == "standardized":
        gammas = _residual_acov(solution, solution.fitted, gammas)
    diagonals = [np.diag(gamma) for gamma in gammas]
    errors = [np.sqrt(np.where(one < 0, np.nan, one)) for one in diagonals]
    return [_laid_out(sample, one, solution) for sample, one in zip(solution.moments, errors, strict=True)]


def divided(residual: GroupMoments, error: GroupMoments, kind: str) -> GroupMoments:
    """Residuals over their standard errors."""
    limit = UNDIVIDED[kind]

    def ratio(one: FloatArray | None, other: FloatArray | None) -> FloatArray | None:
        if one is None or other is None:
            return None
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(one / np.where(np.abs(one) < limit, 1.0, other))

    cov = ratio(residual.cov, error.cov)
    assert cov is not None
    others = (ratio(getattr(residual, name), getattr(error, name)) for name in ("mean", "th", "slopes"))
    return GroupMoments(cov, *others)


def _residual_acov(solution: Solution, fitted: Fitted, gammas: list[FloatArray]) -> list[FloatArray]:
    """Diagonal blocks of Q Gamma Q'."""
    settings = solution.settings
    kind, h1 = settings.information[0], settings.h1_information[0]
    information = fitted.information(kind, "h1", h1)
    known = fitted.invert(information)
    inverse = np.linalg.pinv(information, hermitian=True) if known is None else known
    deltas = []
    for group in fitted.groups:
        delta = group.delta()
        wide = np.zeros((len(delta), fitted.n_free))
        wide[:, group.parameter] = delta
        deltas.append(wide)
    weighted = [
        share * weight_matrix(solution, group) @ delta
        for group, (share, delta) in enumerate(zip(fitted.shares, deltas, strict=True))
    ]
    delta = np.concatenate(deltas)
    projector = np.eye(len(delta)) - delta @ inverse @ np.concatenate(weighted).T
    whole = projector @ block_diag(*gammas) @ projector.T
    ends = np.cumsum([len(one) for one in gammas])
    return [whole[end - len(one) : end, end - len(one) : end] for end, one in zip(ends, gammas, strict=True)]


def _laid_out(sample: SampleMoments, errors: FloatArray, solution: Solution) -> GroupMoments:
    """A vector of statistics' errors as matrices."""
    p = len(sample.names)
    cov = np.zeros((p, p))
    if isinstance(sample, OrdinalMoments):
        return _laid_out_ordinal(sample, errors)
    means = solution.representation.meanstructure
    i, j = lower_triangle(p)
    start = p if means else 0
    cov[i, j] = cov[j, i] = errors[start:]
    return GroupMoments(cov, errors[:p] if means else None)


def _laid_out_ordinal(sample: OrdinalMoments, errors: FloatArray) -> GroupMoments:
    p, q = len(sample.names), len(sample.x_names)
    cov, mean = np.zeros((p, p)), np.where(sample.ordered, 1.0, np.nan)
    levels, rest = np.split(errors, [len(sample.thresholds)])
    slopes, variances, lower = np.split(rest, np.cumsum([p * q, int((~sample.ordered).sum())]))
    is_threshold = sample.ordered[sample.threshold_variable]
    mean[sample.threshold_variable[~is_threshold]] = levels[~is_threshold]
    i, j = lower_triangle(p, diagonal=False)
    cov[i, j] = cov[j, i] = lower
    numeric = np.flatnonzero(~sample.ordered)
    cov[numeric, numeric] = variances
    return GroupMoments(cov, mean, levels[is_threshold], slopes.reshape(q, p).T if q else None)
