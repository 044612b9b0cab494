"""Linear algebra on many small matrices at once.

Two layouts. A *stack* is (batch, r, c), as NumPy's own functions want it. *Lanes* are
(r, c, batch): the batch is the last axis, so that arithmetic on one matrix element runs
over contiguous memory and gathering elements copies whole lanes. The engine computes
in lanes; a single matrix is a batch of one, for which both layouts are the same memory.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

# Up to this size elimination over lanes beats one LAPACK call a matrix.
LANE_LIMIT = 40


def inverse(stack: FloatArray) -> FloatArray:
    """Inverses of a stack (..., k, k)."""
    return np.asarray(np.linalg.inv(stack), dtype=np.float64)


def to_lanes(stack: FloatArray) -> FloatArray:
    """(batch, r, c) to (r, c, batch), contiguous."""
    return np.ascontiguousarray(stack.transpose(1, 2, 0))


def to_stack(lanes: FloatArray) -> FloatArray:
    """(r, c, batch) to (batch, r, c), contiguous."""
    return np.ascontiguousarray(lanes.transpose(2, 0, 1))


def product(left: FloatArray, right: FloatArray) -> FloatArray:
    """Matrix product of lanes (r, k, batch) and (k, c, batch)."""
    if left.shape[2] == 1:
        return (left[:, :, 0] @ right[:, :, 0])[:, :, None]
    result: FloatArray = np.einsum("ikb,kjb->ijb", left, right)
    return result


def transpose(lanes: FloatArray) -> FloatArray:
    return lanes.transpose(1, 0, 2)


def spd_inverse(lanes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Inverse (k, k, batch) and log determinant (batch,) of symmetric matrices.

    Where a matrix is not positive definite the log determinant is +inf and the inverse is junk.
    """
    size, _, batch = lanes.shape
    if batch == 1:
        return _spd_inverse_one(lanes)
    if size > LANE_LIMIT:
        return _spd_inverse_stack(lanes)
    return _spd_inverse_lanes(lanes)


def _spd_inverse_one(lanes: FloatArray) -> tuple[FloatArray, FloatArray]:
    matrix = lanes[:, :, 0]
    try:
        factor = np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return lanes, np.array([np.inf])
    logdet = 2 * np.log(factor.diagonal()).sum()
    return inverse(matrix)[:, :, None], np.array([logdet])


def _spd_inverse_stack(lanes: FloatArray) -> tuple[FloatArray, FloatArray]:
    stack = to_stack(lanes)
    factor, good = cholesky(stack)
    diagonal = np.einsum("bii->bi", factor)
    logdet = np.where(good, 2 * np.log(diagonal).sum(axis=1), np.inf)
    half = inverse(factor)
    return to_lanes(half.transpose(0, 2, 1) @ half), logdet


def cholesky(stack: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Lower Cholesky factors of a stack, and which exist; the identity stands for those that do not."""
    good = np.ones(len(stack), dtype=np.bool_)
    try:
        return np.asarray(np.linalg.cholesky(stack)), good
    except np.linalg.LinAlgError:
        factors = np.broadcast_to(np.eye(stack.shape[-1]), stack.shape).copy()
        for index, matrix in enumerate(stack):
            try:
                factors[index] = np.linalg.cholesky(matrix)
            except np.linalg.LinAlgError:
                good[index] = False
        return factors, good


def _spd_inverse_lanes(lanes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Gauss-Jordan sweeps without pivoting: safe for positive definite matrices."""
    work = lanes.copy()
    logdet = np.zeros(lanes.shape[2])
    good = np.ones(lanes.shape[2], dtype=np.bool_)
    scale = np.einsum("iib->ib", lanes)
    for k in range(len(work)):
        pivot = work[k, k].copy()
        good &= pivot > 1e-14 * np.abs(scale[k])
        pivot[~good] = 1.0
        logdet += np.log(pivot)
        row = work[k] / pivot
        column = work[:, k].copy()
        work -= column[:, None] * row[None]
        work[k] = row
        work[:, k] = -column / pivot
        work[k, k] = 1 / pivot
    logdet[~good] = np.inf
    return work, logdet


def spd_solve(matrix: FloatArray, right: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Solve symmetric systems in lanes: (k, k, batch) and (k, batch); says which are positive definite."""
    size, _, batch = matrix.shape
    if batch == 1:
        return _spd_solve_one(matrix, right)
    if size <= LANE_LIMIT:
        return _spd_solve_lanes(matrix, right)
    stack = to_stack(matrix)
    _, good = cholesky(stack)
    stack[~good] = np.eye(size)
    solution = np.asarray(np.linalg.solve(stack, right.T[:, :, None]), dtype=np.float64)
    return solution[:, :, 0].T, good


def _spd_solve_one(matrix: FloatArray, right: FloatArray) -> tuple[FloatArray, BoolArray]:
    try:
        np.linalg.cholesky(matrix[:, :, 0])
    except np.linalg.LinAlgError:
        return right, np.array([False])
    return np.asarray(np.linalg.solve(matrix[:, :, 0], right)), np.array([True])


def _spd_solve_lanes(matrix: FloatArray, right: FloatArray) -> tuple[FloatArray, BoolArray]:
    """L D L' over lanes."""
    size, _, batch = matrix.shape
    work, solution = matrix.copy(), right.copy()
    good = np.ones(batch, dtype=np.bool_)
    scale = np.einsum("iib->ib", work).copy()
    for k in range(size):
        good &= work[k, k] > 1e-14 * np.abs(scale[k])
        pivot = np.where(good, work[k, k], 1.0)
        below = work[k + 1 :, k] / pivot
        work[k + 1 :, k + 1 :] -= below[:, None] * work[None, k + 1 :, k]
        work[k + 1 :, k] = below
        work[k, k] = pivot
        solution[k + 1 :] -= below * solution[k]
    for k in range(size - 1, -1, -1):
        solution[k] /= work[k, k]
        solution[k] -= np.einsum("ib,ib->b", work[k + 1 :, k], solution[k + 1 :])
    return solution, good
