"""Horn's parallel analysis: eigenvalues of data without factors, all draws at once.

Stacks of correlation matrices are (draws, p, p); eigenvalues come in
decreasing order, (draws, p).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.linalg import lapack

from surveykit.estimation.factor_extraction import LOWEST_UNIQUENESS, extract
from surveykit.estimation.item_moments import BoolArray, FloatArray, IntArray, correlation
from surveykit.estimation.ordinal_tables import TableSteps
from surveykit.estimation.polychoric import encode, pair_indices

NEWTON_STEPS = 40
# Far below the Monte Carlo error of the eigenvalues.
NEWTON_LIMIT = 1e-6


def normal_correlations(rng: np.random.Generator, draws: int, n: int, p: int) -> FloatArray:
    """Correlations of n uncorrelated normal rows, drawn as Wishart matrices without making the rows."""
    df = n - 1
    if df < p:
        rows = rng.standard_normal((draws, n, p))
        centred = rows - rows.mean(axis=1, keepdims=True)
        return correlation(np.swapaxes(centred, 1, 2) @ centred)
    # Bartlett's decomposition: chi variates on the diagonal, normal ones below it.
    A = np.zeros((draws, p, p))
    below = np.tril_indices(p, -1)
    A[:, below[0], below[1]] = rng.standard_normal((draws, below[0].size))
    diagonal = np.arange(p)
    A[:, diagonal, diagonal] = np.sqrt(rng.chisquare(df - diagonal, (draws, p)))
    return correlation(A @ np.swapaxes(A, 1, 2))


def resampled_correlations(rng: np.random.Generator, draws: int, values: FloatArray) -> FloatArray:
    """Correlations of data whose columns were each resampled alone, with replacement; complete values."""
    # Centred beforehand, little is left of the means to take out of the cross-products.
    columns = np.ascontiguousarray((values - values.mean(axis=0)).T)
    return correlation(np.stack([_resampled_products(rng, columns) for _ in range(draws)]))


def resampled_polychorics(rng: np.random.Generator, draws: int, values: FloatArray) -> FloatArray:
    """Polychoric correlations of data whose columns were each resampled alone; complete values."""
    p = values.shape[1]
    columns = np.ascontiguousarray(values.T)
    first, second = pair_indices(p)
    stack = np.tile(np.eye(p), (draws, 1, 1))
    for draw in range(draws):
        rows = resampled_columns(rng, columns)
        # Codes anew: a category may not have been drawn.
        rho = TableSteps(encode(rows.T)[0]).fit.rho
        stack[draw, first, second] = stack[draw, second, first] = rho
    return stack


def _resampled_products(rng: np.random.Generator, columns: FloatArray) -> FloatArray:
    """Cross-products of resampled columns (p, n) about their means."""
    rows = resampled_columns(rng, columns)
    means = rows.sum(axis=1)
    return np.asarray(rows @ rows.T - np.outer(means, means / columns.shape[1]))


def resampled_columns(rng: np.random.Generator, columns: FloatArray) -> FloatArray:
    """Each item, a row of (p, n), resampled alone with replacement; again where it came out constant."""
    p, n = columns.shape
    places = rng.integers(0, n, (p, n), dtype=np.int32)
    places += (np.arange(p, dtype=np.int32) * n)[:, None]
    rows = np.asarray(columns.ravel().take(places))
    while (constant := np.flatnonzero(rows.min(axis=1) == rows.max(axis=1))).size:
        rows[constant] = resampled_columns(rng, columns[constant])
    return rows


def component_eigenvalues(R: FloatArray) -> FloatArray:
    """Eigenvalues of correlation matrices."""
    return np.asarray(np.linalg.eigvalsh(R)[..., ::-1])


def factor_eigenvalues(R: FloatArray) -> FloatArray:
    """Eigenvalues with the communalities of one minres factor on the diagonal, as psych compares them."""
    try:
        uniqueness, settled = one_factor(R)
    except np.linalg.LinAlgError:  # fewer rows than items: no draw has an inverse
        uniqueness, settled = np.ones(R.shape[:2]), np.zeros(len(R), dtype=bool)
    for draw in np.flatnonzero(~settled):  # Heywood cases and the like: alone, within bounds
        uniqueness[draw] = extract(R[draw], 1, "minres").uniqueness
    return component_eigenvalues(R - _diagonal(uniqueness, R.shape[-1]))


class _OneFactor(NamedTuple):
    """Where draws stand: uniquenesses (r, p), R - Psi, its largest eigenvalue and vector, the objective."""

    uniqueness: FloatArray
    A: FloatArray
    largest: FloatArray
    vector: FloatArray
    misfit: FloatArray

    def take(self, draws: IntArray | BoolArray) -> _OneFactor:
        return _OneFactor(*(field[draws] for field in self))


def one_factor(R: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Uniquenesses (draws, p) of one minres factor, and which draws settled in a minimum.

    The Newton iteration of `factor_extraction` for many matrices, damped as
    Levenberg and Marquardt do. One factor takes the largest eigenvalue g of
    A = R - Psi, so the objective is (|A|² - g²) / 2 and its Hessian needs an
    inverse, no decomposition.
    """
    with np.errstate(divide="ignore"):
        start = np.clip(1 / np.diagonal(np.linalg.inv(R), axis1=1, axis2=2), LOWEST_UNIQUENESS, 1.0)
    A = R - _diagonal(start, R.shape[-1])
    largest = np.asarray(np.linalg.eigvalsh(A)[:, -1] * (1 + 1e-6))
    state = _evaluate(R, start, _eigenvector(A, largest, _some_vector(R), steps=2))
    uniqueness, settled = start, np.zeros(len(R), dtype=bool)
    draws, damping = np.arange(len(R)), np.zeros(len(R))
    for _ in range(NEWTON_STEPS):
        gradient, hessian = _derivatives(state)
        bend = _bend(hessian)
        done = (np.abs(gradient).max(axis=1) <= NEWTON_LIMIT) & (bend == 0)
        uniqueness[draws[done]] = state.uniqueness[done]
        settled[draws[done]] = True
        hessian += _diagonal((bend + damping)[:, None], R.shape[-1])
        step = np.linalg.solve(hessian, gradient[:, :, None])[:, :, 0]
        trial = state.uniqueness - step
        # A Heywood case is left to the bounded search; on the way a uniqueness may pass 1.
        going = np.flatnonzero(~done & np.all(trial > LOWEST_UNIQUENESS, axis=1))
        if not going.size:
            break
        draws, state, damping = draws[going], state.take(going), damping[going]
        moved = _evaluate(R[draws], trial[going], state.vector)
        better = moved.misfit <= state.misfit + 1e-13
        state = _choose(better, moved, state)
        damping = np.where(
            better, np.where(damping > 1e-3, damping / 10, 0.0), np.maximum(10 * damping, 0.05)
        )
    return uniqueness, settled


def _choose(better: BoolArray, new: _OneFactor, old: _OneFactor) -> _OneFactor:
    """The new state of the draws that got better, the old one of the others."""
    chosen = [
        np.where(better.reshape(-1, *[1] * (one.ndim - 1)), one, other)
        for one, other in zip(new, old, strict=True)
    ]
    return _OneFactor(*chosen)


def _evaluate(R: FloatArray, uniqueness: FloatArray, vector: FloatArray) -> _OneFactor:
    """The state at these uniquenesses; `vector` is near the leading eigenvector."""
    A = R - _diagonal(uniqueness, R.shape[-1])
    for _ in range(2):  # Rayleigh quotient iteration: cubic
        vector = _eigenvector(A, _quotient(A, vector), vector, steps=1)
    largest = _quotient(A, vector)
    squares = np.einsum("ri,ri->r", *[A.reshape(len(A), -1)] * 2)
    return _OneFactor(uniqueness, A, largest, vector, squares - largest**2)


def _quotient(A: FloatArray, vector: FloatArray) -> FloatArray:
    """v'Av of each draw."""
    return np.asarray(np.einsum("ri,ri->r", (A @ vector[:, :, None])[:, :, 0], vector))


def _derivatives(state: _OneFactor) -> tuple[FloatArray, FloatArray]:
    """Gradient (draws, p) and Hessian (draws, p, p) of the minres objective in the uniquenesses.

    The Hessian is (I - vv')² + 2 vv' ∘ (I - vv' + g (A - gI)⁺), squares and products elementwise.
    The pseudo-inverse is that of A - gI - vv', whose null direction is -1, plus vv'; so what
    remains is I + vv' ∘ ((2g - 1) vv' + 2g (A - gI - vv')⁻¹).
    """
    largest = state.largest[:, None, None]
    outer = state.vector[:, :, None] * state.vector[:, None, :]
    gradient = state.largest[:, None] * state.vector**2 - np.diagonal(state.A, axis1=1, axis2=2)
    shifted = state.A - outer
    shifted -= _diagonal(state.largest[:, None], outer.shape[-1])
    hessian: FloatArray = np.asarray(np.linalg.inv(shifted), dtype=float)
    hessian *= 2 * largest
    hessian += (2 * largest - 1) * outer
    hessian *= outer
    hessian += np.eye(outer.shape[-1])
    return gradient, hessian


def _bend(hessian: FloatArray) -> FloatArray:
    """How much to add to each diagonal so that the matrix becomes positive definite; 0 where it is."""
    bend = np.zeros(len(hessian))
    # LAPACK's own Cholesky says where it fails; NumPy's raises for the whole stack.
    bad = np.flatnonzero([lapack.dpotrf(one.T, clean=False)[1] for one in hessian])
    if bad.size:
        bend[bad] = 0.05 - 1.5 * np.linalg.eigvalsh(hessian[bad])[:, 0]
    return bend


def _eigenvector(A: FloatArray, shift: FloatArray, start: FloatArray, steps: int) -> FloatArray:
    """Inverse iteration: unit eigenvectors of the eigenvalues nearest to `shift`."""
    # A shift that hits an eigenvalue to the last bit would make the system singular.
    shifted = A - _diagonal((shift * (1 + 1e-13) + 1e-13)[:, None], A.shape[-1])
    vector = start[:, :, None]
    for _ in range(steps):
        vector = np.asarray(np.linalg.solve(shifted, vector))
        vector = np.asarray(vector / np.linalg.norm(vector, axis=1, keepdims=True))
    return np.asarray(vector[:, :, 0])


def _some_vector(R: FloatArray) -> FloatArray:
    """A start that is unlikely to be orthogonal to any eigenvector."""
    return np.tile(np.cos(np.arange(1.0, R.shape[-1] + 1)), (len(R), 1))


def _diagonal(values: FloatArray, p: int) -> FloatArray:
    """Diagonal matrices (draws, p, p) of vectors (draws, p), or of one number a draw (draws, 1)."""
    return values[:, :, None] * np.eye(p)
