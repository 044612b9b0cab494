"""Power of the tests that a study plans: means, proportions, and the fit of a model by RMSEA."""

from __future__ import annotations

import math
from collections.abc import Callable


def t_power(effect: float, df: float, alpha: float, *, two_sided: bool = True, strict: bool = False) -> float:
    """Power at noncentrality `effect`; `strict` counts the far rejection region, which R leaves out."""
    from scipy.special import stdtrit
    from scipy.stats import nct

    critical = float(stdtrit(df, 1 - alpha / (2 if two_sided else 1)))
    near = float(nct.sf(critical, df, effect))
    return near + float(nct.cdf(-critical, df, effect)) if two_sided and strict else near


def two_means(n_1: float, n_2: float, d: float) -> tuple[float, float]:
    """Noncentrality and df of the t test of two groups that differ by `d` standard deviations."""
    return d / math.sqrt(1 / n_1 + 1 / n_2), n_1 + n_2 - 2


def anova_power(groups: int, n: float, effect_variance: float, alpha: float) -> float:
    """One-way analysis: n a group, `effect_variance`: variance of the means (k - 1) over that within."""
    from scipy.special import fdtri
    from scipy.stats import ncf

    ncp = (groups - 1) * n * effect_variance
    below, rest = groups - 1, groups * (n - 1)
    return float(ncf.sf(float(fdtri(below, rest, 1 - alpha)), below, rest, ncp))


def proportions_power(n: float, p_1: float, p_2: float, alpha: float, *, two_sided: bool = True) -> float:
    """Two proportions, n a group (normal approximation, as power.prop.test)."""
    from scipy.special import ndtr, ndtri

    z = -float(ndtri(alpha / (2 if two_sided else 1)))
    null = math.sqrt((p_1 + p_2) * (1 - (p_1 + p_2) / 2))
    spread = math.sqrt(p_1 * (1 - p_1) + p_2 * (1 - p_2))
    return float(ndtr((math.sqrt(n) * abs(p_1 - p_2) - z * null) / spread))


def chisq_power(ncp: float, df: float, alpha: float, ncp_null: float = 0.0, *, lower: bool = False) -> float:
    """Chi-square test under `ncp`, with the critical value of `ncp_null`; `lower`: rejected below it."""
    from scipy.special import chdtri
    from scipy.stats import chi2, ncx2

    tail = 1 - alpha if lower else alpha
    critical = float(ncx2.isf(tail, df, ncp_null)) if ncp_null else float(chdtri(df, tail))
    if not ncp:  # scipy's noncentral form has no value at zero
        return float(chi2.cdf(critical, df) if lower else chi2.sf(critical, df))
    return float(ncx2.cdf(critical, df, ncp) if lower else ncx2.sf(critical, df, ncp))


def rmsea_power(df: float, n: float, null: float, true: float, alpha: float, groups: int = 1) -> float:
    """MacCallum, Browne & Sugawara (1996): close fit where `true` > `null`, not-close fit else."""
    scale = (n - 1) * df / groups
    return chisq_power(scale * true**2, df, alpha, scale * null**2, lower=true < null)


def smallest(power: Callable[[float], float], wanted: float, low: float = 2.0) -> float:
    """The least size with this power, not rounded; infinite where 10 million do not reach it.

    Infinite too where the power has no value.
    """
    from scipy.optimize import brentq

    first = power(low)
    if math.isnan(first):
        return math.inf
    if first >= wanted:
        return low
    high = 2 * low
    while not power(high) >= wanted:
        high *= 2
        if high > 1e7:
            return math.inf
    return float(brentq(lambda n: power(n) - wanted, high / 2, high, xtol=1e-9))
