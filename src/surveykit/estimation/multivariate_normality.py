"""Mardia's multivariate skewness and kurtosis, and distances of respondents from the centre."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special

from surveykit.estimation.item_moments import FloatArray


class Mardia(NamedTuple):
    """Coefficients with covariances of divisor n - 1 (`b1p`, `b2p`) and n, and their tests."""

    n: int
    p: int
    b1p: float
    b2p: float
    b1p_divisor_n: float
    b2p_divisor_n: float
    skew: float  # n b1p / 6, chi-square
    skew_df: int
    pvalue_skew: float
    small_skew: float  # with Mardia's (1974) correction for small samples
    pvalue_small_skew: float
    kurtosis: float  # z
    pvalue_kurtosis: float
    distances: FloatArray  # (n,) Mahalanobis, not squared


def mardia(x: FloatArray) -> Mardia:
    """Mardia's coefficients of complete values (n, p) with a regular covariance matrix."""
    n, p = x.shape
    z = whitened(x)
    distances = np.einsum("ij,ij->i", z, z)
    b1p, b2p = _third_moments(z), float(np.mean(distances**2))
    df = p * (p + 1) * (p + 2) // 6
    k = (p + 1) * (n + 1) * (n + 3) / (n * ((n + 1) * (p + 1) - 6))
    skew = n * b1p / 6
    kurtosis = (b2p - p * (p + 2)) * np.sqrt(n / (8 * p * (p + 2)))
    up = n / (n - 1)
    return Mardia(
        n=n,
        p=p,
        b1p=b1p,
        b2p=b2p,
        b1p_divisor_n=b1p * up**3,
        b2p_divisor_n=b2p * up**2,
        skew=skew,
        skew_df=df,
        pvalue_skew=float(special.chdtrc(df, skew)),
        small_skew=skew * k,
        pvalue_small_skew=float(special.chdtrc(df, skew * k)),
        kurtosis=float(kurtosis),
        pvalue_kurtosis=float(2 * special.ndtr(-abs(kurtosis))),
        distances=np.sqrt(distances),
    )


def whitened(x: FloatArray) -> FloatArray:
    """Centred values turned so that their covariance (divisor n - 1) is the identity."""
    centred = x - x.mean(axis=0)
    factor = np.linalg.cholesky(centred.T @ centred / (len(x) - 1))
    return np.asarray(np.linalg.solve(factor, centred.T).T)


def _third_moments(z: FloatArray) -> float:
    """Sum over pairs of rows of their cubed inner product, over n²; by moments where that is less work."""
    n, p = z.shape
    if n <= p * p:
        return float(np.sum((z @ z.T) ** 3) / n**2)
    pairs = (z[:, :, None] * z[:, None, :]).reshape(n, p * p)
    return float(np.sum((pairs.T @ z / n) ** 2))
