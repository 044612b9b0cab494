"""Are factors of two samples the same? Tucker's phi and orthogonal Procrustes rotation."""

from __future__ import annotations

import numpy as np

from surveykit.estimation.item_moments import FloatArray


def tucker_phi(first: FloatArray, second: FloatArray) -> FloatArray:
    """Congruence of each column of `first` (p, m) with each of `second` (p, q), (m, q) in [-1, 1]."""
    lengths = np.outer(np.linalg.norm(first, axis=0), np.linalg.norm(second, axis=0))
    return np.asarray(first.T @ second / lengths)


def procrustes(loadings: FloatArray, target: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Loadings (p, m) turned (and reflected) to come nearest to a target (p, m), and the rotation matrix."""
    u, _, vt = np.linalg.svd(loadings.T @ target)
    matrix = u @ vt
    return np.asarray(loadings @ matrix), np.asarray(matrix)
