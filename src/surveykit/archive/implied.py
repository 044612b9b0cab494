"""What printed numbers imply for one another: p from a test, RMSEA from chi-square, alpha from correlations.

Each function takes plain numbers and returns one; `consistency.py` runs them
over the intervals that the printed decimals leave open.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import chdtrc, fdtrc, ndtr, stdtr


def p_from_t(t: float, df: float, tails: int = 2) -> float:
    """p of a t value; one-tailed in the direction of t."""
    return tails * float(stdtr(df, -abs(t)))


def p_from_z(z: float, tails: int = 2) -> float:
    return tails * float(ndtr(-abs(z)))


def p_from_f(f: float, df1: float, df2: float) -> float:
    return float(fdtrc(df1, df2, max(f, 0.0)))


def p_from_chisq(chisq: float, df: float) -> float:
    return float(chdtrc(df, max(chisq, 0.0)))


def p_from_r(r: float, df: float, tails: int = 2) -> float:
    """p of a correlation with df = n - 2."""
    if abs(r) >= 1:
        return 0.0
    return p_from_t(r * math.sqrt(df / (1 - r * r)), df, tails)


def rmsea(chisq: float, df: float, n: float, groups: int = 1) -> float:
    """Root mean square error of approximation (Steiger, 1998, for several groups)."""
    if df <= 0:
        return 0.0 if df == 0 else math.nan
    return math.sqrt(max(chisq - df, 0.0) / (df * n)) * math.sqrt(groups)


def rmsea_bound(chisq: float, df: float, n: float, groups: int, probability: float) -> float:
    """An edge of RMSEA's interval: the noncentrality under which chi-square has this distribution value."""
    from scipy.optimize import brentq
    from scipy.stats import ncx2

    def below(noncentrality: float) -> float:
        return float(ncx2.cdf(chisq, df, noncentrality)) - probability

    if df <= 0 or float(1 - chdtrc(df, chisq)) < probability:
        return 0.0 if df >= 0 else math.nan
    high = max(chisq, 10.0)
    while below(high) > 0:
        high *= 2
    noncentrality = float(brentq(below, 1e-12, high, xtol=1e-10))
    return math.sqrt(noncentrality / (df * n)) * math.sqrt(groups)


def cfi(chisq: float, df: float, baseline_chisq: float, baseline_df: float) -> float:
    above = max(chisq - df, 0.0)
    worst = max(chisq - df, baseline_chisq - baseline_df, 0.0)
    return 1.0 if worst == 0 else 1 - above / worst


def tli(chisq: float, df: float, baseline_chisq: float, baseline_df: float) -> float:
    if df == 0:
        return 1.0
    if df < 0 or baseline_df <= 0 or baseline_chisq / baseline_df == 1:
        return math.nan
    ratio = baseline_chisq / baseline_df
    return (ratio - chisq / df) / (ratio - 1)


def ave(loadings: Sequence[float]) -> float:
    """Average variance extracted from standardized loadings."""
    return float(np.mean(np.square(loadings)))


def composite_reliability(loadings: Sequence[float]) -> float:
    """Composite reliability from standardized loadings with uncorrelated errors."""
    common = float(np.sum(loadings)) ** 2
    return common / (common + float(np.sum(1 - np.square(loadings))))


def standardized_alpha(k: float, mean_r: float) -> float:
    """Alpha of k items from their mean correlation."""
    return k * mean_r / (1 + (k - 1) * mean_r)


def smallest_eigenvalue(matrix: np.ndarray) -> float:
    return float(np.linalg.eigvalsh(matrix)[0])
