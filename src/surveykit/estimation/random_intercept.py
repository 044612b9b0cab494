"""Linear model with a random intercept per cluster, by restricted maximum likelihood."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.two_samples import FloatArray


class RandomIntercept(NamedTuple):
    """Fixed effects with covariance and t degrees of freedom, both variances, the REML likelihood."""

    est: FloatArray
    vcov: FloatArray
    df: FloatArray
    between: float
    within: float
    loglik: float


class _Profile(NamedTuple):
    """What the likelihood is at one ratio of the variances."""

    loglik: float
    est: FloatArray
    inverse: FloatArray
    within: float


def fit_random_intercept(y: FloatArray, x: FloatArray, clusters: NDArray[np.int64]) -> RandomIntercept:
    """REML by a search over one number, between / within; `clusters` coded 0..m-1.

    `x` holds the intercept first. Degrees of freedom as nlme: what is constant within clusters is judged
    by the number of clusters.
    """
    from scipy.optimize import minimize_scalar

    xy = np.column_stack([x, y])
    sizes = np.bincount(clusters).astype(float)
    sums = np.zeros((len(sizes), xy.shape[1]))
    np.add.at(sums, clusters, xy)
    cross = xy.T @ xy

    def at(ratio: float) -> _Profile:
        return _profile(ratio, cross, sums, sizes, len(y))

    grid = np.linspace(-16, 10, 53)
    best = int(np.argmax([at(math.exp(one)).loglik for one in grid]))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    found = minimize_scalar(
        lambda log: -at(math.exp(log)).loglik, bounds=(low, high), method="bounded", options={"xatol": 1e-10}
    )
    ratio = math.exp(float(found.x))
    if at(0.0).loglik >= at(ratio).loglik - 1e-9:
        ratio = 0.0
    fit = at(ratio)
    df = _degrees(x, clusters, sums, sizes)
    return RandomIntercept(fit.est, fit.within * fit.inverse, df, ratio * fit.within, fit.within, fit.loglik)


def _profile(ratio: float, cross: FloatArray, sums: FloatArray, sizes: FloatArray, n: int) -> _Profile:
    # The inverse of I + r J of size n_c is I - r / (1 + r n_c) J: only sums by cluster are needed.
    weighted = cross - (sums * (ratio / (1 + ratio * sizes))[:, None]).T @ sums
    a, b = weighted[:-1, :-1], weighted[:-1, -1]
    inverse: FloatArray = np.asarray(np.linalg.inv(a), dtype=np.float64)
    est = inverse @ b
    rest = n - len(b)
    within = max(float(weighted[-1, -1] - b @ est) / rest, 1e-300)
    penalty = float(np.log1p(ratio * sizes).sum()) + float(np.linalg.slogdet(a)[1])
    loglik = -0.5 * (rest * (math.log(2 * math.pi * within) + 1) + penalty)
    return _Profile(loglik, est, inverse, within)


def _degrees(x: FloatArray, clusters: NDArray[np.int64], sums: FloatArray, sizes: FloatArray) -> FloatArray:
    means = sums[:, :-1] / sizes[:, None]
    outer = np.abs(x - means[clusters]).max(axis=0) < 1e-9
    inner_df = len(x) - len(sizes) - int((~outer).sum())
    degrees = np.where(outer, len(sizes) - int(outer.sum()), inner_df).astype(float)
    degrees[0] = inner_df
    return degrees
