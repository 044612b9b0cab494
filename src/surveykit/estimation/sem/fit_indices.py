"""Fit indices as plain numbers: chi-squares, degrees of freedom and N in, one index out.

Every function knows one formula and nothing of models or data. Chi-squares
are N times the minimum (or what stands for it), `n` is the divisor of the
RMSEA family: N for normal-theory ML, N - G for everything else. The `scaling`
arguments turn a formula into its robust version (Brosseau-Liard & Savalei,
2014; Savalei, 2018, 2021; Zhang & Savalei, 2023): the mean of the reference
distribution becomes ``scaling * df``. An index that is not defined is NaN.

Notes
-----
The ends of the RMSEA and GFI intervals are roots of the noncentral chi-square
in its noncentrality, found to 1.2e-4 by Brent's method with lavaan's bracket
and stopping rule, so that the printed intervals are lavaan's to all digits.
The exact root moves the fifth or sixth significant digit of a bound.

References
----------
Bentler (1990), doi:10.1037/0033-2909.107.2.238. Steiger (1990). Browne &
Cudeck (1993). Dudgeon (2004) for several groups. MacCallum, Browne & Sugawara
(1996). Brosseau-Liard & Savalei (2014), doi:10.1080/00273171.2014.933697.
Maydeu-Olivares, Ximenez & Revuelta (2024) for the GFI with its interval.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

from scipy.special import chdtr, chdtri, chndtr

NAN = float("nan")
NEAR_ZERO = 1.5e-8
ROOT_TOLERANCE = 2.0**-13  # of the noncentrality: the fourth root of the machine's epsilon
ROOT_STEPS = 1000


def chisq_pvalue(chisq: float, df: float) -> float:
    """Upper tail of the central chi-square; NaN without degrees of freedom."""
    if not df > 0 or not math.isfinite(chisq):
        return NAN
    return 1.0 - float(chdtr(df, max(chisq, 0.0)))


# --- incremental indices -------------------------------------------------------------------


def _excess(chisq: float, df: float, scaling: float) -> float:
    return chisq - scaling * df


def _scalings(df: float, scaling: float, scaling_null: float) -> tuple[float, float]:
    """Both corrections, or neither where the model has no df or one of them says 1."""
    both = df > 0 and scaling != 1 and scaling_null != 1
    return (scaling, scaling_null) if both else (1.0, 1.0)


def cfi(
    chisq: float,
    df: float,
    chisq_null: float,
    df_null: float,
    scaling: float = 1.0,
    scaling_null: float = 1.0,
) -> float:
    """Comparative fit index.

    >>> round(cfi(85.3055, 24, 918.8516, 36), 4)
    0.9306
    """
    if _any_nan(chisq, df, chisq_null, df_null, scaling, scaling_null):
        return NAN
    scaling, scaling_null = _scalings(df, scaling, scaling_null)
    own = max(_excess(chisq, df, scaling), 0.0)
    worst = max(own, _excess(chisq_null, df_null, scaling_null), 0.0)
    return 1.0 if own < NEAR_ZERO and worst < NEAR_ZERO else 1.0 - own / worst


def rni(
    chisq: float,
    df: float,
    chisq_null: float,
    df_null: float,
    scaling: float = 1.0,
    scaling_null: float = 1.0,
) -> float:
    """Relative noncentrality index: the CFI without its bounds."""
    if _any_nan(chisq, df, chisq_null, df_null, scaling, scaling_null):
        return NAN
    scaling, scaling_null = _scalings(df, scaling, scaling_null)
    worst = _excess(chisq_null, df_null, scaling_null)
    return NAN if abs(worst) < NEAR_ZERO else 1.0 - _excess(chisq, df, scaling) / worst


def tli(
    chisq: float,
    df: float,
    chisq_null: float,
    df_null: float,
    scaling: float = 1.0,
    scaling_null: float = 1.0,
) -> float:
    """Tucker-Lewis index (also NNFI); may leave [0, 1]."""
    if _any_nan(chisq, df, chisq_null, df_null, scaling, scaling_null):
        return NAN
    scaling, scaling_null = _scalings(df, scaling, scaling_null)
    own = _excess(chisq, df, scaling) * df_null
    worst = _excess(chisq_null, df_null, scaling_null) * df
    return 1.0 - own / worst if df > 0 and worst != 0 else 1.0


def nfi(chisq: float, df: float, chisq_null: float, df_null: float) -> float:
    """Normed fit index."""
    if _any_nan(chisq, df, chisq_null, df_null) or df > df_null or abs(chisq_null) < NEAR_ZERO:
        return NAN
    return (chisq_null - chisq) / chisq_null if df > 0 else 1.0


def pnfi(chisq: float, df: float, chisq_null: float, df_null: float) -> float:
    """Parsimony normed fit index."""
    if _any_nan(chisq, df, chisq_null, df_null) or not (df_null > 0 and chisq_null > 0):
        return NAN
    return (df / df_null) * (chisq_null - chisq) / chisq_null


def rfi(chisq: float, df: float, chisq_null: float, df_null: float) -> float:
    """Relative fit index."""
    if _any_nan(chisq, df, chisq_null, df_null) or df > df_null:
        return NAN
    if not (df > 0 and df_null > 0):
        return 1.0
    worst = chisq_null / df_null
    better = worst - chisq / df
    if better < 0 or worst < 0:
        return 1.0
    return better / worst if worst > 0 else NAN


def ifi(chisq: float, df: float, chisq_null: float, df_null: float) -> float:
    """Incremental fit index."""
    if _any_nan(chisq, df, chisq_null, df_null):
        return NAN
    span = chisq_null - df
    if span < 0:
        return 1.0
    return NAN if span < NEAR_ZERO else (chisq_null - chisq) / span


# --- RMSEA ---------------------------------------------------------------------------------


def rmsea(chisq: float, df: float, n: float, n_groups: int = 1, scaling: float = 1.0) -> float:
    """Root mean square error of approximation.

    >>> round(rmsea(85.3055, 24, 301), 4)
    0.0921
    """
    if df == 0:
        return 0.0
    if _any_nan(chisq, df, n, scaling) or df < 0:
        return NAN
    return math.sqrt(max((chisq / n) / df - scaling / n, 0.0)) * math.sqrt(n_groups)


def rmsea_interval(
    chisq: float, df: float, n: float, n_groups: int = 1, scaling: float = 1.0, level: float = 0.90
) -> tuple[float, float]:
    """Interval of the RMSEA; with `scaling`, `chisq` is the scaled statistic."""
    if _any_nan(chisq, df, n):
        return NAN, NAN
    lower, upper = noncentrality_interval(chisq, df, n, level)
    per_df = scaling * n_groups / (n * df) if df > 0 else 0.0
    return _root(per_df * lower), _root(per_df * upper)


def rmsea_pvalue(
    chisq: float, df: float, n: float, n_groups: int = 1, scaling: float = 1.0, h0: float = 0.05
) -> float:
    """P value of the test of close fit, H0: RMSEA <= `h0`."""
    return 1.0 - rmsea_notclose_pvalue(chisq, df, n, n_groups, scaling, h0)


def rmsea_notclose_pvalue(
    chisq: float, df: float, n: float, n_groups: int = 1, scaling: float = 1.0, h0: float = 0.08
) -> float:
    """P value of the test of not-close fit, H0: RMSEA >= `h0`."""
    if _any_nan(chisq, df, n, scaling) or not df > 0 or scaling == 0:
        return NAN
    return _noncentral_cdf(chisq, df, n * df / scaling * h0**2 / n_groups)


@lru_cache(maxsize=256)  # RMSEA and GFI ask for the same one
def noncentrality_interval(chisq: float, df: float, n: float, level: float) -> tuple[float, float]:
    """Interval of the noncentrality of a chi-square; 0 where there is none to find."""
    high, low = 1.0 - (1.0 - level) / 2.0, (1.0 - level) / 2.0
    if df < 1:
        return 0.0, 0.0
    lower = upper = 0.0
    if _noncentral_cdf(chisq, df, 0.0) >= high:
        lower = brent_root(lambda value: _noncentral_cdf(chisq, df, value) - high, 0.0, chisq)
    end = max(n, chisq * 4.0)
    if _noncentral_cdf(chisq, df, end) <= low <= _noncentral_cdf(chisq, df, 0.0):
        upper = brent_root(lambda value: _noncentral_cdf(chisq, df, value) - low, 0.0, end)
    return lower, upper


def brent_root(function: Callable[[float], float], low: float, high: float) -> float:
    """Zero of `function` between `low` and `high` (Brent, 1973, `zeroin`), to `ROOT_TOLERANCE`.

    NaN where the two ends have the same sign.
    """
    a, b = low, high
    fa, fb = function(a), function(b)
    if fa * fb > 0:
        return NAN
    c, fc = a, fa
    for _ in range(ROOT_STEPS):
        before = b - a
        if abs(fc) < abs(fb):
            a, b, c = b, c, b
            fa, fb, fc = fb, fc, fb
        tolerance = 4.440892098500626e-16 * abs(b) + ROOT_TOLERANCE / 2.0
        step = (c - b) / 2.0
        if abs(step) <= tolerance or fb == 0.0:
            break
        if abs(before) >= tolerance and abs(fa) > abs(fb):
            step = _interpolated(a, b, c, fa, fb, fc, before, tolerance, step)
        if abs(step) < tolerance:
            step = math.copysign(tolerance, step)
        a, fa = b, fb
        b += step
        fb = function(b)
        if fb * fc > 0:
            c, fc = a, fa
    return b


def _interpolated(
    a: float,
    b: float,
    c: float,
    fa: float,
    fb: float,
    fc: float,
    before: float,
    tolerance: float,
    step: float,
) -> float:
    """Secant or inverse quadratic step where it stays inside the bracket, else `step` (bisection)."""
    width = c - b
    if a == c:
        ratio = fb / fa
        p, q = width * ratio, 1.0 - ratio
    else:
        q, ratio, other = fa / fc, fb / fc, fb / fa
        p = other * (width * q * (q - ratio) - (b - a) * (ratio - 1.0))
        q = (q - 1.0) * (ratio - 1.0) * (other - 1.0)
    if p > 0:
        q = -q
    else:
        p = -p
    inside = p < 0.75 * width * q - abs(tolerance * q) / 2.0 and p < abs(before * q / 2.0)
    return p / q if inside else step


def _noncentral_cdf(chisq: float, df: float, noncentrality: float) -> float:
    if noncentrality == 0:
        return float(chdtr(df, max(chisq, 0.0)))
    return float(chndtr(max(chisq, 0.0), df, noncentrality))


# --- GFI -----------------------------------------------------------------------------------


def gfi(chisq: float, df: float, n: float, n_variables: int, scaling: float = 1.0) -> float:
    """Goodness of fit index as a population quantity: p / (p + 2 df RMSEA^2), at most 1."""
    if _any_nan(chisq, df, n, scaling):
        return NAN
    total = n * n_variables
    whole = total + 2.0 * chisq - 2.0 * scaling * df
    return min(total / whole, 1.0) if whole > 0 else NAN


def gfi_interval(
    chisq: float, df: float, n: float, n_variables: int, scaling: float = 1.0, level: float = 0.90
) -> tuple[float, float]:
    """Interval of `gfi`; with `scaling`, `chisq` is the scaled statistic."""
    if _any_nan(chisq, df, n, scaling):
        return NAN, NAN
    low, high = noncentrality_interval(chisq, df, n, level)
    total = n * n_variables
    lower, upper = (min(total / (total + 2.0 * scaling * value), 1.0) for value in (high, low))
    return lower, upper


def agfi(gfi_lisrel: float, n_statistics: int, df: float) -> float:
    """Joreskog and Sorbom's GFI adjusted for degrees of freedom."""
    if _any_nan(gfi_lisrel, df):
        return NAN
    return 1.0 - (n_statistics / df) * (1.0 - gfi_lisrel) if df > 0 else 1.0


def pgfi(gfi_lisrel: float, n_statistics: int, df: float) -> float:
    """Parsimony goodness of fit index."""
    return NAN if _any_nan(gfi_lisrel, df) or n_statistics == 0 else (df / n_statistics) * gfi_lisrel


# --- likelihood and others -----------------------------------------------------------------


def aic(logl: float, npar: int) -> float:
    """Akaike's information criterion."""
    return -2.0 * logl + 2.0 * npar


def bic(logl: float, npar: int, n: float) -> float:
    """Schwarz's information criterion."""
    return -2.0 * logl + npar * math.log(n)


def bic2(logl: float, npar: int, n: float) -> float:
    """Sample-size adjusted BIC."""
    return -2.0 * logl + npar * math.log((n + 2.0) / 24.0)


def critical_n(chisq: float, df: float, n: float, alpha: float) -> float:
    """Hoelter's critical N: the sample size at which this misfit would become significant."""
    if _any_nan(chisq, df, n) or (df == 0 and chisq < NEAR_ZERO):
        return NAN
    if df == 0:
        return 1.0
    return float(chdtri(df, alpha)) / (chisq / n) + 1.0 if chisq > 0 else math.inf


def mfi(chisq: float, df: float, n: float) -> float:
    """McDonald's fit index."""
    return math.exp(-0.5 * (chisq - df) / n)


def ecvi(chisq: float, npar: int, n: float) -> float:
    """Expected cross-validation index."""
    return chisq / n + 2.0 * npar / n


def wrmr(chisq: float, n_statistics: int) -> float:
    """Weighted root mean square residual, from the unscaled chi-square of DWLS."""
    return math.sqrt(chisq / n_statistics) if n_statistics > 0 else NAN


def _root(value: float) -> float:
    return math.sqrt(value) if value >= 0 else NAN


def _any_nan(*values: float) -> bool:
    return any(not math.isfinite(value) for value in values)
