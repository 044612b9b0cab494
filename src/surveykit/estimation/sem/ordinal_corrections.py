"""Robust fit indices of ordered variables: the misfit on the scale of maximum likelihood.

The chi-square that enters them is that of ML, applied to the polychoric correlations at
the weighted least squares estimates, with the mean of its reference distribution.

Notes
-----
Not defined, and NaN as in lavaan, where variables are mixed, x is conditioned on, a
correlation matrix is not positive definite, or scales (``~*~``) are free in the delta
parameterization: fit the model with ``parameterization="theta"``.

References
----------
Savalei (2021), doi:10.1080/00273171.2020.1717922.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import block_diag

from surveykit.estimation.moments import lower_triangle
from surveykit.estimation.ordinal_moments import OrdinalMoments
from surveykit.estimation.sem.engine import Solution
from surveykit.estimation.sem.fit_measures import Corrected
from surveykit.estimation.sem.residual_errors import normal_weight, weight_matrix

FloatArray = NDArray[np.float64]

NAN = float("nan")
UNDEFINED = Corrected(NAN, NAN, NAN, NAN, NAN)
SMALLEST_EIGENVALUE = 1.5e-8


def ordinal_corrections(solution: Solution) -> Corrected:
    """ML chi-squares of the model and of independence, with their scaling factors."""
    samples = [one for one in solution.moments if isinstance(one, OrdinalMoments)]
    if len(samples) < len(solution.moments) or not _defined(solution, samples):
        return UNDEFINED
    assert solution.fitted is not None
    fitted, settings = solution.fitted, solution.settings
    inverse = fitted.invert(fitted.information(settings.information[0], h1=settings.h1_information[0]))
    if inverse is None:
        return UNDEFINED
    shares = fitted.shares.tolist()
    gammas, weights, targets, deltas = [], [], [], []
    for group, (sample, share) in enumerate(zip(samples, shares, strict=True)):
        pairs = len(lower_triangle(len(sample.names), diagonal=False)[0])
        influence = sample.influence[:, -pairs:]
        gammas.append(influence.T @ influence / sample.n / share)
        weights.append(share * weight_matrix(solution, group)[-pairs:, -pairs:])
        targets.append(share * _correlation_weight(solution.implied[group].sigma[0]))
        wide = np.zeros((pairs, fitted.n_free))
        wide[:, fitted.groups[group].parameter] = fitted.groups[group].delta()[-pairs:]
        deltas.append(wide)
    gamma, delta = block_diag(*gammas), np.concatenate(deltas)
    left = np.eye(len(delta)) - delta @ inverse @ (delta.T @ block_diag(*weights))
    trace = float(np.sum((left.T @ block_diag(*targets) @ left) * gamma))
    n_correlations = len(delta)
    df = n_correlations - _parameters(solution)
    chisq = sum(
        sample.n * _discrepancy(sample.cov, implied.sigma[0])
        for sample, implied in zip(samples, solution.implied, strict=True)
    )
    null = -sum(sample.n * float(np.linalg.slogdet(sample.cov)[1]) for sample in samples)
    scaling = trace / df if df > 0 else NAN
    return Corrected(chisq, float(df), scaling, null, float(np.trace(gamma)) / n_correlations)


def _defined(solution: Solution, samples: list[OrdinalMoments]) -> bool:
    table = solution.table
    free_scales = any(op == "~*~" and free for op, free in zip(table.op, table.free.tolist(), strict=True))
    mixed = any(not sample.ordered.all() for sample in samples)
    if free_scales or mixed or solution.representation.conditional_x:
        return False
    return all(np.linalg.eigvalsh(sample.cov)[0] >= SMALLEST_EIGENVALUE for sample in samples)


def _correlation_weight(sigma: FloatArray) -> FloatArray:
    """Normal-theory information about the correlations (the variances are known)."""
    row, column = lower_triangle(len(sigma))
    below = row != column
    return normal_weight(sigma, False)[np.ix_(below, below)]


def _discrepancy(cov: FloatArray, sigma: FloatArray) -> float:
    inverse = np.linalg.inv(sigma)
    logs = float(np.linalg.slogdet(sigma)[1]) - float(np.linalg.slogdet(cov)[1])
    return logs + float(np.sum(inverse * cov)) - len(cov)


def _parameters(solution: Solution) -> int:
    """Free parameters of the covariance structure, constraints among them taken off."""
    table = solution.table
    kept = np.array(
        [
            op not in ("|", "~1")
            for op, free in sorted(
                ((op, free) for op, free in zip(table.op, table.free.tolist(), strict=True) if free),
                key=lambda pair: pair[1],
            )
        ]
    )
    rows = solution.constraints.A
    inside = rows[~np.any(rows[:, ~kept] != 0, axis=1)] if len(rows) else rows
    return int(kept.sum()) - (int(np.linalg.matrix_rank(inside)) if len(inside) else 0)
