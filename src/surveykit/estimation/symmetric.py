"""The inverse of one symmetric positive definite matrix by LAPACK's own routines (docs/decisions/0012)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dpotrf, dpotri

FloatArray = NDArray[np.float64]


def definite_inverse(matrix: FloatArray) -> tuple[FloatArray, float] | None:
    """The inverse and the log determinant; None where the matrix is not positive definite.

    The matrix has at least one row, and stays as it is.
    """
    factor, failed = dpotrf(matrix.T, lower=1, clean=1)
    if failed:
        return None
    logdet = 2 * float(np.log(factor.diagonal()).sum())
    half, _ = dpotri(factor, lower=1)
    inverse = half + half.T
    np.einsum("ii->i", inverse)[:] = half.diagonal()
    return inverse, logdet
