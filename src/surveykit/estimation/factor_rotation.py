"""Rotation of factor loadings: varimax, promax, and oblique gradient projection (oblimin, geomin).

Loadings are (p, m). An oblique solution is pattern loadings L, factor
correlations Phi and the matrix that makes L from the unrotated loadings.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from surveykit.errors import SurveykitError
from surveykit.estimation.item_moments import FloatArray

Criterion = Callable[[FloatArray], tuple[float, FloatArray]]

VARIMAX_STEPS = 1000
GRADIENT_STEPS = 1001
STEP_HALVINGS = 10


class Rotation(NamedTuple):
    """Rotated loadings, factor correlations and the rotation matrix: loadings = unrotated @ matrix."""

    loadings: FloatArray  # (p, m)
    phi: FloatArray  # (m, m)
    matrix: FloatArray  # (m, m)
    converged: bool


def unrotated(loadings: FloatArray) -> Rotation:
    """The loadings as they are."""
    identity = np.eye(loadings.shape[1])
    return Rotation(loadings, identity, identity, True)


def varimax(loadings: FloatArray, eps: float = 1e-5) -> Rotation:
    """Kaiser's varimax of row-normalised loadings, with the steps and stopping rule of R's stats::varimax.

    R stops early: its loadings, on which everyone's tables rest, are within
    about 1e-3 of the exact optimum. `eps` = 1e-14 gives the optimum.
    """
    p, m = loadings.shape
    norms = np.sqrt(np.einsum("ij,ij->i", loadings, loadings))
    x = loadings / norms[:, None]
    T = np.eye(m)
    last, converged = 0.0, False
    for _ in range(VARIMAX_STEPS):
        z = x @ T
        B = x.T @ (z**3 - z * (np.einsum("ij,ij->j", z, z) / p))
        u, d, vt = np.linalg.svd(B)
        T = u @ vt
        total = float(d.sum())
        if total < last * (1 + eps):
            converged = True
            break
        last = total
    return Rotation((x @ T) * norms[:, None], np.eye(m), T, converged)


def promax(loadings: FloatArray, kappa: float = 4.0) -> Rotation:
    """Promax from varimax, row-normalised throughout as psych::fa does it."""
    norms = np.sqrt(np.einsum("ij,ij->i", loadings, loadings))
    start = varimax(loadings / norms[:, None])
    x = start.loadings
    sizes = np.linalg.svd(x, compute_uv=False)
    if sizes[-1] < 1e-8 * sizes[0]:
        raise SurveykitError("S108", n_factors=loadings.shape[1])
    target = x * np.abs(x) ** (kappa - 1)
    U = np.linalg.lstsq(x, target, rcond=None)[0]
    U = U * np.sqrt(np.diagonal(np.linalg.inv(U.T @ U)))
    matrix = start.matrix @ U
    inverse = np.linalg.inv(matrix)
    return Rotation((x @ U) * norms[:, None], inverse @ inverse.T, matrix, start.converged)


def oblimin(loadings: FloatArray) -> Rotation:
    """Direct oblimin with gamma 0 (quartimin), rows not normalised, started from the loadings as given."""
    return oblique(loadings, quartimin_criterion)


def geomin(loadings: FloatArray, delta: float = 0.01) -> Rotation:
    """Oblique geomin, rows not normalised, started from the loadings as given."""
    return oblique(loadings, lambda L: geomin_criterion(L, delta))


def quartimin_criterion(L: FloatArray) -> tuple[float, FloatArray]:
    """Sum over pairs of factors of the products of squared loadings; value and gradient."""
    squares = L * L
    others = squares.sum(axis=1, keepdims=True) - squares
    return float(np.sum(squares * others)) / 4, L * others


def geomin_criterion(L: FloatArray, delta: float) -> tuple[float, FloatArray]:
    """Sum over rows of the geometric mean of squared loadings (plus delta); value and gradient."""
    squares = L * L + delta
    means = np.exp(np.log(squares).mean(axis=1, keepdims=True))
    return float(means.sum()), (2 / L.shape[1]) * (L / squares) * means


def oblique(loadings: FloatArray, criterion: Criterion, eps: float = 1e-5) -> Rotation:
    """Gradient projection of Jennrich (2002) with the steps and stopping rule of GPArotation::GPFoblq.

    Started from the same loadings it walks the same way to the same, possibly
    local, optimum; the loadings are then within about 2e-5 of it.
    """
    T = np.eye(loadings.shape[1])
    inverse = T
    L = loadings
    value, slope = criterion(L)
    step = 1.0
    converged = False
    for _ in range(GRADIENT_STEPS):
        G = -(L.T @ slope @ inverse).T
        projected = G - T * np.einsum("ij,ij->j", T, G)
        size = float(np.sqrt(np.einsum("ij,ij->", projected, projected)))
        if size < eps:
            converged = True
            break
        step *= 2
        for _ in range(STEP_HALVINGS + 1):
            X = T - step * projected
            trial = X / np.sqrt(np.einsum("ij,ij->j", X, X))
            trial_inverse = np.linalg.inv(trial)
            trial_L = loadings @ trial_inverse.T
            trial_value, trial_slope = criterion(trial_L)
            if value - trial_value > 0.5 * size * size * step:
                break
            step /= 2
        T, inverse, L, value, slope = trial, trial_inverse, trial_L, trial_value, trial_slope
    return Rotation(L, T.T @ T, inverse.T, converged)
