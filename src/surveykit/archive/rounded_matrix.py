"""Can a printed correlation matrix be one? Its entries may lie anywhere within their printed rounding."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
STEPS = 5_000
# A proof must hold by more than the arithmetic's own error.
MARGIN = 1e-10


def best_within_rounding(matrix: FloatArray, slack: FloatArray) -> tuple[float, bool]:
    """The largest smallest eigenvalue found within the rounding, and whether none can be positive.

    The matrix is projected by turns onto the positive semidefinite cone and onto
    the box that the rounding leaves. Where the two do not meet, the difference of
    the nearest points parts them: a positive semidefinite `V` with a negative inner
    product with every matrix of the box, which no correlation matrix has. Nothing
    is called impossible without that proof.

    Parameters
    ----------
    matrix : array, shape (p, p)
    slack : array, shape (p, p)
        Half a unit of each entry's last printed decimal, 0 on the diagonal.

    References
    ----------
    Higham (2002), doi:10.1093/imanum/22.3.329, on the nearest correlation matrix.
    """
    inside = matrix
    for _ in range(STEPS):
        values, vectors = np.linalg.eigh(inside)
        if values[0] >= 0:
            return float(values[0]), False
        negative = np.minimum(values, 0.0)
        parts = -(vectors * negative) @ vectors.T
        if np.sum(parts * matrix) + np.sum(np.abs(parts) * slack) < -MARGIN * np.trace(parts):
            return float(values[0]), True
        inside = np.clip(inside + parts, matrix - slack, matrix + slack)
    return float(np.linalg.eigvalsh(inside)[0]), False
