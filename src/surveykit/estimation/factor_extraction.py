"""Extraction of common factors from a correlation matrix: minres (= ULS), maximum likelihood, principal axis.

Minres and ML minimise over the uniquenesses alone (the loadings are then
eigenvectors), by Newton's method with the exact Hessian (Joereskog 1967, 1977).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from surveykit.estimation.item_moments import BoolArray, FloatArray, squared_multiple_correlations

# The bounds of the uniquenesses in psych::fa and stats::factanal.
LOWEST_UNIQUENESS = 0.005
HIGHEST_UNIQUENESS = 1.0
NEWTON_STEPS = 100
GRADIENT_LIMIT = 1e-10
# psych::fa's `min.err`: principal axis stops when the sum of communalities moves less. psych gives up
# after 50 steps unless told otherwise (`max.iter`); where more are needed, they are taken.
PRINCIPAL_AXIS_LIMIT = 1e-3
PRINCIPAL_AXIS_STEPS = 1000

# Value, gradient and Hessian at a point.
Objective = Callable[[FloatArray], tuple[float, FloatArray, FloatArray]]


class Extraction(NamedTuple):
    """Unrotated loadings (p, m), columns by decreasing size with positive sums; uniquenesses (p,)."""

    loadings: FloatArray
    uniqueness: FloatArray
    converged: bool
    iterations: int
    heywood: BoolArray  # (p,) the uniqueness stopped at its lowest allowed value
    eigenvalues: FloatArray  # (p,) of R with communalities on the diagonal, decreasing


class Minimum(NamedTuple):
    """Where Newton's method ended; `straight` if the function was convex all along the way."""

    psi: FloatArray
    steps: int
    converged: bool
    straight: bool


def degrees_of_freedom(p: int, m: int) -> int:
    """Distinct correlations minus free loadings; negative where the factors are not determined."""
    return (p * (p - 1)) // 2 - p * m + (m * (m - 1)) // 2


def extract(R: FloatArray, m: int, method: str, axis_steps: int = PRINCIPAL_AXIS_STEPS) -> Extraction:
    """Extract m factors by "minres", "ml" or "pa" (at most `axis_steps` steps)."""
    if method == "pa":
        return _principal_axis(R, m, axis_steps)
    start = smc_start(R)
    if degrees_of_freedom(R.shape[0], m) <= 0:
        # Many solutions fit equally well; psych returns the one that its optimizer reaches first.
        psi, steps, converged = _walk_as_psych(R, m, method, start)
        return _finish(R, m, psi, method, steps, converged)
    found = minimise(R, m, method, start)
    # There may be several minima, some at a bound. Over 500 draws of real items Newton's was another
    # than psych's only at a bound or, with ML, after steps through a concave region.
    proper = not np.any(found.psi <= LOWEST_UNIQUENESS)
    if found.converged and proper and (found.straight or method == "minres"):
        return _finish(R, m, found.psi, method, found.steps, found.converged)
    psi, steps, _ = _walk_as_psych(R, m, method, start)
    found = minimise(R, m, method, psi)
    return _finish(R, m, found.psi, method, steps + found.steps, found.converged)


def smc_start(R: FloatArray) -> FloatArray:
    """Where the search begins: what each item shares with no other."""
    return np.clip(1 - squared_multiple_correlations(R), LOWEST_UNIQUENESS, HIGHEST_UNIQUENESS)


def minimise(R: FloatArray, m: int, method: str, start: FloatArray) -> Minimum:
    """The uniquenesses of "minres" or "ml" by Newton's method, from `start`."""
    if method == "ml":
        lowest, highest = np.log(LOWEST_UNIQUENESS), np.log(HIGHEST_UNIQUENESS)
        found = _newton(lambda x: _ml_objective(R, m, x), np.log(start), lowest, highest)
        return found._replace(psi=np.exp(found.psi))
    return _newton(lambda x: _uls_objective(R, m, x), start, LOWEST_UNIQUENESS, HIGHEST_UNIQUENESS)


def _uls_objective(R: FloatArray, m: int, psi: FloatArray) -> tuple[float, FloatArray, FloatArray]:
    """Half the sum of squared residuals, as a function of the uniquenesses alone.

    The factors take the m largest eigenvalues of R - Psi; what is left over,
    also a negative eigenvalue among those m, is residual.
    """
    values, vectors = np.linalg.eigh(R - np.diag(psi))
    fitted = np.zeros(values.size, dtype=bool)
    fitted[-m:] = values[-m:] > 0
    left, taken = values[~fitted], values[fitted]
    V, U = vectors[:, ~fitted], vectors[:, fitted]
    gradient = -(V * V) @ left
    hessian = (V @ V.T) ** 2
    ratio = left[:, None] / np.minimum(left[:, None] - taken[None, :], -1e-12)
    for column in range(taken.size):
        u = U[:, column]
        hessian += 2 * ((V * ratio[:, column]) @ V.T) * np.outer(u, u)
    return 0.5 * float(left @ left), gradient, hessian


def _ml_objective(R: FloatArray, m: int, x: FloatArray) -> tuple[float, FloatArray, FloatArray]:
    """The ML discrepancy as a function of the logarithms of the uniquenesses."""
    scale = np.exp(-x / 2)
    values, vectors = np.linalg.eigh(R * np.outer(scale, scale))
    left, taken = np.maximum(values[:-m], 1e-12), values[-m:]
    V, U = vectors[:, :-m], vectors[:, -m:]
    value = float(np.sum(left - np.log(left) - 1))
    gradient = (V * V) @ (1 - left)
    hessian = ((V * left) @ V.T) * (V @ V.T)
    difference = np.minimum(left[:, None] - taken[None, :], -1e-12)
    weight = (left[:, None] - 1) * (left[:, None] + taken[None, :]) / difference
    for column in range(m):
        u = U[:, column]
        hessian += ((V * weight[:, column]) @ V.T) * np.outer(u, u)
    return value, gradient, hessian


def _newton(objective: Objective, start: FloatArray, lowest: float, highest: float) -> Minimum:
    """Newton's method within bounds: coordinates that press against a bound are held there."""
    x, straight = start, True
    value, gradient, hessian = objective(x)
    for iteration in range(NEWTON_STEPS):
        free = ~(((x <= lowest) & (gradient > 0)) | ((x >= highest) & (gradient < 0)))
        largest = float(np.abs(gradient[free]).max(initial=0.0))
        if largest < GRADIENT_LIMIT:
            return Minimum(x, iteration, True, straight)
        step = np.zeros_like(x)
        step[free], convex = _descent(hessian[np.ix_(free, free)], gradient[free])
        straight &= convex
        share = 1.0
        while True:
            trial = np.clip(x + share * step, lowest, highest)
            trial_value, trial_gradient, trial_hessian = objective(trial)
            # Near the optimum the value stands still within rounding while the gradient still falls.
            if trial_value <= value + 1e-4 * float(gradient @ (trial - x)) + 1e-14:
                break
            share /= 2
            if share < 1e-8:
                return Minimum(x, iteration, largest < 1e-6, straight)
        x, value, gradient, hessian = trial, trial_value, trial_gradient, trial_hessian
    return Minimum(x, NEWTON_STEPS, False, straight)


def _descent(hessian: FloatArray, gradient: FloatArray) -> tuple[FloatArray, bool]:
    """The Newton step, and whether the Hessian is positive definite; its eigenvalues are bent up if not."""
    try:
        factor = np.linalg.cholesky(hessian)
    except np.linalg.LinAlgError:
        values, vectors = np.linalg.eigh(hessian)
        bent = np.maximum(np.abs(values), 1e-3 * np.abs(values).max())
        return np.asarray(-vectors @ ((vectors.T @ gradient) / bent)), False
    half = np.linalg.solve(factor, -gradient)
    return np.asarray(np.linalg.solve(factor.T, half)), True


def _finish(
    R: FloatArray, m: int, psi: FloatArray, method: str, iterations: int, converged: bool
) -> Extraction:
    loadings = _loadings(R, m, psi, method)
    uniqueness = 1 - np.sum(loadings**2, axis=1)
    heywood = psi <= LOWEST_UNIQUENESS * (1 + 1e-9)
    reduced = np.asarray(np.linalg.eigvalsh(R - np.diag(uniqueness))[::-1])
    return Extraction(loadings, uniqueness, converged, iterations, heywood, reduced)


def _loadings(R: FloatArray, m: int, psi: FloatArray, method: str) -> FloatArray:
    if method == "ml":
        root = np.sqrt(psi)
        values, vectors = np.linalg.eigh(R / np.outer(root, root))
        loadings = root[:, None] * vectors[:, -m:] * np.sqrt(np.maximum(values[-m:] - 1, 0))
    else:
        values, vectors = np.linalg.eigh(R - np.diag(psi))
        loadings = vectors[:, -m:] * np.sqrt(np.maximum(values[-m:], 0))
    return positive_sums(loadings[:, ::-1])


def positive_sums(loadings: FloatArray) -> FloatArray:
    """Columns reflected so that each sums to a positive number."""
    return loadings * np.where(loadings.sum(axis=0) < 0, -1.0, 1.0)


def _principal_axis(R: FloatArray, m: int, most_steps: int) -> Extraction:
    """Principal axis with psych's stopping rule, on which its numbers depend: run to the end it is minres."""
    reduced = R.copy()
    communality = squared_multiple_correlations(R)
    total, change, iteration = float(communality.sum()), np.inf, 0
    while change > PRINCIPAL_AXIS_LIMIT and iteration < most_steps:
        iteration += 1
        np.fill_diagonal(reduced, communality)
        values, vectors = np.linalg.eigh(reduced)
        loadings = vectors[:, -m:] * np.sqrt(np.maximum(values[-m:], 0))
        communality = np.sum(loadings**2, axis=1)
        change = abs(total - float(communality.sum()))
        total = float(communality.sum())
    loadings = positive_sums(loadings[:, ::-1])
    converged = change <= PRINCIPAL_AXIS_LIMIT
    return Extraction(loadings, 1 - communality, converged, iteration, communality >= 1.0, values[::-1])


def _walk_as_psych(R: FloatArray, m: int, method: str, start: FloatArray) -> tuple[FloatArray, int, bool]:
    """The uniquenesses that psych's optimizer reaches: R's L-BFGS-B with psych's scaling and stopping rule.

    SciPy has the same code (Byrd, Lu, Nocedal & Zhu), so it goes the same way.
    """
    from scipy.optimize import minimize

    unit = 0.01
    objective = _psych_ml if method == "ml" else _psych_minres

    def scaled(x: FloatArray) -> tuple[float, FloatArray]:
        value, gradient = objective(x * unit, R, m)
        return value, gradient * unit

    found = minimize(
        scaled,
        start / unit,
        jac=True,
        method="L-BFGS-B",
        bounds=[(LOWEST_UNIQUENESS / unit, HIGHEST_UNIQUENESS / unit)] * R.shape[0],
        options={"maxcor": 5, "ftol": 1e7 * np.finfo(float).eps, "gtol": 0.0, "maxiter": 100},
    )
    return np.asarray(found.x * unit), int(found.nit), bool(found.success)


def _psych_minres(psi: FloatArray, R: FloatArray, m: int) -> tuple[float, FloatArray]:
    """psych's minres objective counts off-diagonal residuals; its gradient is that of ULS."""
    values, vectors = np.linalg.eigh(R - np.diag(psi))
    loadings = vectors[:, -m:] * np.sqrt(np.maximum(values[-m:], 0))
    residual = R - loadings @ loadings.T
    lower = residual[np.tril_indices(R.shape[0], -1)]
    return float(lower @ lower), psi - np.diagonal(residual)


def _psych_ml(psi: FloatArray, R: FloatArray, m: int) -> tuple[float, FloatArray]:
    loadings = _loadings(R, m, psi, "ml")
    root = np.sqrt(psi)
    values = np.linalg.eigvalsh(R / np.outer(root, root))[:-m]
    value = float(np.sum(values - np.log(values) - 1))
    return value, (np.sum(loadings**2, axis=1) + psi - np.diagonal(R)) / psi**2
