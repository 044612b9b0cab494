"""Inverse of Sigma = Theta + Lambda C Lambda' where Theta is diagonal: matrices of m rows instead of p.

With G = Lambda' Theta^-1 Lambda = L L' and M = I + L' C L, of which the Cholesky factor
says whether Sigma is positive definite,

    Sigma^-1 = Theta^-1 - V (C - C L M^-1 L' C) V',  V = Theta^-1 Lambda,
    log|Sigma| = log|Theta| + log|M|.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.sem.gathers import Model
from surveykit.estimation.sem.linalg import cholesky, inverse, spd_inverse, to_lanes, to_stack

FloatArray = NDArray[np.float64]

# Smaller error variances (as shares) would cost digits.
LEAST_SHARE = 1e-7
# Below, the whole matrix is inverted as fast: observed variables, alone and in batches.
LEAST_ALONE, LEAST_IN_BATCH = 24, 16


def implied_inverse(model: Model) -> tuple[FloatArray, FloatArray]:
    """Sigma^-1 (p, p, batch) and log|Sigma| (batch,), +inf where Sigma is not positive definite."""
    sigma = model.sigma
    p, batch = len(sigma), sigma.shape[2]
    if model.theta is None or model.loading is None:
        return spd_inverse(sigma)
    if p < (LEAST_ALONE if batch == 1 else LEAST_IN_BATCH) or model.loading.shape[1] > p // 3:
        return spd_inverse(sigma)
    return _structured(model.theta, model.loading, model.latent_covariance, sigma)


def _structured(
    theta: FloatArray, loading: FloatArray, latent: FloatArray, sigma: FloatArray
) -> tuple[FloatArray, FloatArray]:
    variance = np.einsum("iib->ib", sigma)
    safe = (theta > LEAST_SHARE * variance).all(axis=0) & np.isfinite(variance).all(axis=0)
    precision = np.where(safe, 1 / np.where(safe, theta, 1.0), 1.0).T
    lambda_, c = to_stack(loading), to_stack(latent)
    c[~safe] = 0.0
    lambda_[~safe] = 0.0
    v = precision[:, :, None] * lambda_
    gram = lambda_.transpose(0, 2, 1) @ v
    root, found = cholesky(gram)
    half = c @ root
    middle = np.eye(c.shape[1]) + root.transpose(0, 2, 1) @ half
    factor, proper = cholesky(middle)
    middle[~proper] = np.eye(c.shape[1])
    kernel = c - half @ inverse(middle) @ half.transpose(0, 2, 1)
    found_inverse = -(v @ kernel @ v.transpose(0, 2, 1))
    diagonal = np.arange(precision.shape[1])
    found_inverse[:, diagonal, diagonal] += precision
    logdet = 2 * np.log(np.einsum("bii->bi", factor)).sum(axis=1) - np.log(precision).sum(axis=1)
    logdet[~proper] = np.inf
    whole = np.flatnonzero(~(safe & found))
    if len(whole):
        dense, logdet[whole] = spd_inverse(sigma[:, :, whole])
        found_inverse[whole] = to_stack(dense)
    return to_lanes(found_inverse), logdet
