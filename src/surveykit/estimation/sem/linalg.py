"""Linear algebra on many small matrices at once.

Two layouts. A *stack* is (batch, r, c), as NumPy's own functions want it. *Lanes* are
(r, c, batch): the batch is the last axis, so that arithmetic on one matrix element runs
over contiguous memory and gathering elements copies whole lanes. The engine computes
in lanes and turns to stacks for products, solutions and large inverses; a single matrix is
a batch of one, for which both layouts are the same memory.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dposv

from surveykit.estimation.symmetric import definite_inverse

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

# Where sweeping in lanes is faster than LAPACK: rows at most, members at least.
SWEPT_ROWS, SWEPT_MEMBERS = 12, 64


def inverse(stack: FloatArray) -> FloatArray:
    """Inverses of a stack (..., k, k)."""
    return np.asarray(np.linalg.inv(stack), dtype=np.float64)


def to_lanes(stack: FloatArray) -> FloatArray:
    """(batch, r, c) as (r, c, batch), the same memory: what follows may be stacks again."""
    return stack.transpose(1, 2, 0)


def to_stack(lanes: FloatArray) -> FloatArray:
    """(r, c, batch) to (batch, r, c), contiguous."""
    return np.ascontiguousarray(lanes.transpose(2, 0, 1))


def product(left: FloatArray, right: FloatArray) -> FloatArray:
    """Matrix product of lanes (r, k, batch) and (k, c, batch)."""
    if left.shape[2] == 1:
        return (left[:, :, 0] @ right[:, :, 0])[:, :, None]
    return to_lanes(to_stack(left) @ to_stack(right))


def transpose(lanes: FloatArray) -> FloatArray:
    return lanes.transpose(1, 0, 2)


def spd_inverse(lanes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Inverse (k, k, batch) and log determinant (batch,) of symmetric matrices.

    Where a matrix is not positive definite the log determinant is +inf and the inverse is junk.
    """
    swept = len(lanes) <= SWEPT_ROWS and lanes.shape[2] >= SWEPT_MEMBERS
    return _spd_inverse_swept(lanes) if swept else _spd_inverse_each(lanes)


def logdet(lanes: FloatArray) -> FloatArray:
    """Log determinants (batch,) of symmetric matrices, +inf where one is not positive definite."""
    factor, good = cholesky(to_stack(lanes))
    return np.where(good, 2 * np.log(np.einsum("bii->bi", factor)).sum(axis=1), np.inf)


def _spd_inverse_each(lanes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """One LAPACK call a matrix: cheaper than NumPy's stacks, which know no symmetric inverse."""
    if not len(lanes):
        return lanes, np.zeros(lanes.shape[2])  # LAPACK refuses what has no rows
    stack = to_stack(lanes)
    found, logdet = stack.copy(), np.full(len(stack), np.inf)
    for member, matrix in enumerate(stack):
        inverted = definite_inverse(matrix)
        if inverted is not None:
            found[member], logdet[member] = inverted
    return to_lanes(found), logdet


@np.errstate(divide="ignore", invalid="ignore", over="ignore")
def _spd_inverse_swept(lanes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Gauss-Jordan in place; a positive definite matrix needs no other pivots than its diagonal."""
    value = np.array(lanes, order="C")
    update = np.empty_like(value)
    pivots = np.empty((len(value), value.shape[2]))
    for k in range(len(value)):
        pivots[k] = value[k, k]
        row, column = value[k] / pivots[k], value[:, k].copy()
        np.multiply(column[:, None], row, out=update)
        np.subtract(value, update, out=value)
        value[k], value[:, k], value[k, k] = row, -column / pivots[k], 1 / pivots[k]
    logdet = np.log(pivots).sum(axis=0)
    return value, np.where((pivots > 0).all(axis=0) & np.isfinite(logdet), logdet, np.inf)


def cholesky(stack: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Lower Cholesky factors of a stack, and which exist; the identity stands for those that do not."""
    good = np.ones(len(stack), dtype=np.bool_)
    try:
        return np.asarray(np.linalg.cholesky(stack)), good
    except np.linalg.LinAlgError:
        if len(stack) == 1:
            return np.eye(stack.shape[-1])[None], np.zeros(1, dtype=np.bool_)
        half = len(stack) // 2
        parts = cholesky(stack[:half]), cholesky(stack[half:])
        return np.concatenate([one[0] for one in parts]), np.concatenate([one[1] for one in parts])


def spd_solve(matrix: FloatArray, right: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Solve symmetric systems in lanes: (k, k, batch) and (k, batch); says which are positive definite.

    Where a matrix is not, the solution is junk.
    """
    if not len(matrix):
        return right, np.ones(right.shape[1], dtype=np.bool_)
    solution = np.empty(right.shape[::-1])
    good = np.empty(len(solution), dtype=np.bool_)
    for member, one in enumerate(to_stack(matrix)):
        _, solution[member], failed = dposv(one.T, right[:, member], lower=1)
        good[member] = failed == 0
    return np.ascontiguousarray(solution.T), good
