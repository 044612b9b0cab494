"""Two samples beyond their means: ratio of variances, and whether the distributions are the same."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from surveykit.estimation.two_samples import FloatArray

# R's rule: up to here the distribution of D is counted, given the ties.
EXACT_BELOW = 10_000


class VarianceRatio(NamedTuple):
    """First variance over second; `pvalue` two-sided."""

    ratio: float
    df1: int
    df2: int
    pvalue: float
    ci_lower: float
    ci_upper: float


class KolmogorovSmirnov(NamedTuple):
    """Largest distance of the two distribution functions."""

    d: float
    pvalue: float


def variance_ratio(x: FloatArray, y: FloatArray, conf_level: float = 0.95) -> VarianceRatio:
    """F test of equal variances, as R's var.test: exact for normal samples, and for no others."""
    from scipy.special import fdtr, fdtrc, fdtri

    df1, df2 = len(x) - 1, len(y) - 1
    below = float(y.var(ddof=1))
    ratio = float(x.var(ddof=1)) / below if below > 0 else math.inf
    p = 2 * min(float(fdtr(df1, df2, ratio)), float(fdtrc(df1, df2, ratio))) if ratio < math.inf else 0.0
    tail = (1 - conf_level) / 2
    ends = (ratio / float(fdtri(df1, df2, 1 - tail)), ratio / float(fdtri(df1, df2, tail)))
    return VarianceRatio(ratio, df1, df2, min(p, 1.0), *ends)


def kolmogorov_smirnov(x: FloatArray, y: FloatArray) -> KolmogorovSmirnov:
    """Two-sided test; exact for small samples (given their ties), else the limiting distribution."""
    from scipy.special import kolmogorov

    n, m = len(x), len(y)
    values = np.unique(np.concatenate([x, y]))
    first = np.searchsorted(np.sort(x), values, "right") / n
    second = np.searchsorted(np.sort(y), values, "right") / m
    d = float(np.abs(first - second).max())
    if n * m >= EXACT_BELOW:
        return KolmogorovSmirnov(d, float(kolmogorov(math.sqrt(n * m / (n + m)) * d)))
    return KolmogorovSmirnov(d, _counted(d, x, y))


def _counted(d: float, x: FloatArray, y: FloatArray) -> float:
    """Share of the orders of both samples whose largest distance is `d` or more.

    Walks through the lattice of how many values of each sample came so far; a distance counts
    only after the last of equal values (Schroer & Trenkler, 1995).
    """
    n, m = len(x), len(y)
    pooled = np.sort(np.concatenate([x, y]))
    last = np.append(pooled[1:] != pooled[:-1], True)
    least = (0.5 + math.floor(d * n * m - 1e-7)) / (n * m)
    first, second = np.arange(n + 1)[:, None], np.arange(m + 1)[None, :]
    seen = first + second
    out = (np.abs(first / n - second / m) >= least) & np.where(seen > 0, last[np.maximum(seen - 1, 0)], False)
    share = np.where(out[0].cumsum() > 0, 1.0, 0.0).tolist()
    for i in range(1, n + 1):
        row = out[i].tolist()
        share[0] = 1.0 if row[0] else share[0]
        for j in range(1, m + 1):
            share[j] = 1.0 if row[j] else (i * share[j] + j * share[j - 1]) / (i + j)
    return float(min(1.0, share[m]))
