"""The distribution of the studentized range (R's ptukey and qtukey), to about ten digits."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from surveykit.estimation.two_samples import FloatArray

# A smooth integrand: 160 nodes leave no digit of ptukey's eight to the rule.
NODES = 160
FAR_DF = 25_000.0


@cache
def _rule() -> tuple[FloatArray, FloatArray]:
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    return nodes, weights


def studentized_range_sf(q: float, groups: int, df: float) -> float:
    """Probability that the range of `groups` normal means over their standard error exceeds `q`."""
    if not q > 0:
        return 1.0 if q <= 0 else math.nan
    if df > FAR_DF:
        return float(_range_sf(np.array([q]), groups)[0])
    from scipy.special import chdtri, gammaln

    low, high = math.sqrt(chdtri(df, 1 - 1e-15) / df), math.sqrt(chdtri(df, 1e-16) / df)
    nodes, weights = _rule()
    s = low + (high - low) * (nodes + 1) / 2
    constant = df / 2 * math.log(df) - gammaln(df / 2) - (df / 2 - 1) * math.log(2)
    density = np.exp(constant + (df - 1) * np.log(s) - df * s**2 / 2)
    value = (high - low) / 2 * float(weights @ (density * _range_sf(q * s, groups)))
    return min(1.0, max(0.0, value))


def _range_sf(w: FloatArray, groups: int) -> FloatArray:
    """Survival function of the range of independent standard normals, one value a width."""
    from scipy.special import ndtr

    nodes, weights = _rule()
    z = 8.5 * nodes  # the largest of the normals; nothing of it lies beyond 8.5
    density = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    within = ndtr(z)[None, :] - ndtr(z[None, :] - w[:, None])
    # The whole has probability 1: subtracting under the integral keeps the small tails exact.
    outside: FloatArray = ndtr(z) ** (groups - 1) - within ** (groups - 1)
    return 8.5 * groups * (outside * density) @ weights


def studentized_range_quantile(probability: float, groups: int, df: float) -> float:
    """The width that is exceeded with probability 1 - `probability`."""
    from scipy.optimize import brentq

    high = 10.0
    while studentized_range_sf(high, groups, df) > 1 - probability:
        high *= 2
    gap = 1 - probability
    if studentized_range_sf(1e-6, groups, df) <= gap:
        return 0.0
    return float(brentq(lambda q: studentized_range_sf(q, groups, df) - gap, 1e-6, high, xtol=1e-10))
