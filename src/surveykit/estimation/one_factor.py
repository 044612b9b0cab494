"""One minres factor of many correlation matrices at once, as parallel analysis needs it.

Stacks are (draws, p, p) and (draws, p). The loadings l minimise the squared
off-diagonal residuals: F = Σ (r - l l')² / 4 over the pairs i ≠ j, whose
gradient and Hessian need no decomposition of a matrix.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.linalg import lapack

from surveykit.estimation.factor_extraction import LOWEST_UNIQUENESS
from surveykit.estimation.item_moments import BoolArray, FloatArray, IntArray

NEWTON_STEPS = 60
# Far below the Monte Carlo error of the eigenvalues.
GRADIENT_LIMIT = 1e-6
# Above this no step is short enough: a Heywood case at its bound.
MOST_DAMPING = 1e6


class _State(NamedTuple):
    """Where draws stand; `misfit` is F without the constant Σ r² / 4."""

    loadings: FloatArray  # (draws, p)
    gradient: FloatArray  # (draws, p)
    misfit: FloatArray  # (draws,)

    def choose(self, which: BoolArray, other: _State) -> _State:
        """This state where `which` is true, the other elsewhere."""
        return _State(
            np.where(which[:, None], self.loadings, other.loadings),
            np.where(which[:, None], self.gradient, other.gradient),
            np.where(which, self.misfit, other.misfit),
        )

    def take(self, draws: IntArray) -> _State:
        return _State(*(field[draws] for field in self))


def one_factor(R: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Uniquenesses (draws, p) of one minres factor, and which draws settled in a minimum.

    Newton's method, damped as Levenberg and Marquardt do. Draws that do not
    settle are Heywood cases, whose minimum lies on a bound, or the like.
    """
    off_diagonal = R * (1 - np.eye(R.shape[-1]))
    state = _evaluate(off_diagonal, _start(R))
    uniqueness, settled = np.ones(R.shape[:2]), np.zeros(len(R), dtype=bool)
    draws, damping = np.arange(len(R)), np.zeros(len(R))
    for _ in range(NEWTON_STEPS):
        steps, convex = _newton_steps(_hessian(off_diagonal[draws], state.loadings, damping), state.gradient)
        trial = _evaluate(off_diagonal[draws], state.loadings - steps)
        inside = np.all(trial.loadings**2 < 1 - LOWEST_UNIQUENESS, axis=1)
        better = inside & (trial.misfit <= state.misfit + 1e-13)
        done = convex & (damping == 0) & (np.abs(state.gradient).max(axis=1) <= GRADIENT_LIMIT)
        uniqueness[draws[done]] = 1 - state.loadings[done] ** 2
        settled[draws[done]] = True
        damping = np.where(
            better, np.where(damping > 1e-3, damping / 10, 0.0), np.maximum(10 * damping, 0.05)
        )
        going = np.flatnonzero(~done & (damping < MOST_DAMPING))
        if not going.size:
            break
        state = trial.choose(better, state).take(going)
        draws, damping = draws[going], damping[going]
    return uniqueness, settled


def _start(R: FloatArray) -> FloatArray:
    """About the first principal factor, with squared multiple correlations as communalities."""
    uniqueness = np.clip(1 / np.diagonal(np.linalg.inv(R), axis1=1, axis2=2), LOWEST_UNIQUENESS, 1.0)
    reduced = R - uniqueness[:, :, None] * np.eye(R.shape[-1])
    # The 64th power of a matrix without negative eigenvalues is almost its first one alone.
    power = reduced + np.eye(R.shape[-1])
    for _ in range(6):
        power = power @ power
        power /= np.abs(power).max(axis=(1, 2), keepdims=True)
    largest = np.argmax(np.diagonal(power, axis1=1, axis2=2), axis=1)
    vector = power[np.arange(len(R)), :, largest]
    vector /= np.linalg.norm(vector, axis=1, keepdims=True)
    eigenvalue = np.einsum("ri,rij,rj->r", vector, reduced, vector)
    return np.asarray(vector * np.sqrt(np.maximum(eigenvalue, 1e-3))[:, None])


def _evaluate(off_diagonal: FloatArray, loadings: FloatArray) -> _State:
    pull = (off_diagonal @ loadings[:, :, None])[:, :, 0]
    squares = loadings**2
    total = squares.sum(axis=1)
    gradient = loadings * (total[:, None] - squares) - pull
    misfit = (total**2 - (squares**2).sum(axis=1)) / 4 - (pull * loadings).sum(axis=1) / 2
    return _State(loadings, gradient, misfit)


def _hessian(off_diagonal: FloatArray, loadings: FloatArray, damping: FloatArray) -> FloatArray:
    """2 l l' - R beside the diagonal, the sum of the other items' squared loadings on it; damped."""
    hessian = (2 * loadings)[:, :, None] * loadings[:, None, :] - off_diagonal
    squares, diagonal = loadings**2, np.arange(loadings.shape[1])
    hessian[:, diagonal, diagonal] = squares.sum(axis=1, keepdims=True) - squares + damping[:, None]
    return np.asarray(hessian)


def _newton_steps(hessian: FloatArray, gradient: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Steps (draws, p), and where the Hessian was positive definite; elsewhere it is bent until it is."""
    steps, convex = np.empty_like(gradient), np.ones(len(gradient), dtype=bool)
    # LAPACK's own Cholesky says where it fails; NumPy's raises for the whole stack.
    for place, (one, slope) in enumerate(zip(hessian, gradient, strict=True)):
        _, steps[place], failed = lapack.dposv(one.T, slope, lower=True)
        convex[place] = not failed
    bad = np.flatnonzero(~convex)
    if bad.size:
        bend = 0.05 - 1.5 * np.linalg.eigvalsh(hessian[bad])[:, :1]
        bent = hessian[bad] + bend[:, :, None] * np.eye(hessian.shape[-1])
        steps[bad] = np.linalg.solve(bent, gradient[bad][:, :, None])[:, :, 0]
    return steps, convex
