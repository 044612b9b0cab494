"""Two independent samples: mean difference, standardized difference, ranks, equivalence."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


class Difference(NamedTuple):
    """A difference of means (first minus second) with its t test and interval."""

    estimate: float
    se: float
    t: float
    df: float
    pvalue: float
    ci_lower: float
    ci_upper: float


class EffectSize(NamedTuple):
    """A standardized difference with the interval from the noncentral t distribution."""

    estimate: float
    ci_lower: float
    ci_upper: float


class Ranks(NamedTuple):
    """Mann-Whitney: `u` of the first sample; `rank_biserial` is positive where the first is higher."""

    u: float
    pvalue: float
    rank_biserial: float


class Equivalence(NamedTuple):
    """Two one-sided tests: equivalent at level alpha where `pvalue` < alpha.

    The interval, of level 1 - 2 alpha, then lies between the bounds.
    """

    t_lower: float
    p_lower: float
    t_upper: float
    p_upper: float
    pvalue: float
    df: float
    ci_lower: float
    ci_upper: float


def mean_difference(
    x: FloatArray,
    y: FloatArray,
    *,
    equal_variances: bool = False,
    alternative: str = "two-sided",
    conf_level: float = 0.95,
) -> Difference:
    """Welch's t test (Student's with `equal_variances`) of two samples without missing values.

    `alternative` "greater" or "less": the interval has one end, as in R's t.test.
    """
    from scipy.special import stdtr, stdtrit

    se, df = _standard_error(x, y, equal_variances)
    estimate = float(x.mean() - y.mean())
    t = estimate / se
    if alternative == "two-sided":
        half = float(stdtrit(df, 0.5 + conf_level / 2)) * se
        p = 2 * float(stdtr(df, -abs(t)))
        return Difference(estimate, se, t, df, p, estimate - half, estimate + half)
    half = float(stdtrit(df, conf_level)) * se
    if alternative == "greater":
        return Difference(estimate, se, t, df, float(stdtr(df, -t)), estimate - half, math.inf)
    return Difference(estimate, se, t, df, float(stdtr(df, t)), -math.inf, estimate + half)


def _standard_error(x: FloatArray, y: FloatArray, equal_variances: bool) -> tuple[float, float]:
    """Standard error of the difference, and its degrees of freedom (Welch-Satterthwaite)."""
    n, m = len(x), len(y)
    v, w = float(x.var(ddof=1)), float(y.var(ddof=1))
    if equal_variances:
        pooled = ((n - 1) * v + (m - 1) * w) / (n + m - 2)
        return math.sqrt(pooled * (1 / n + 1 / m)), float(n + m - 2)
    a, b = v / n, w / m
    return math.sqrt(a + b), (a + b) ** 2 / (a**2 / (n - 1) + b**2 / (m - 1))


def pooled_sd(x: FloatArray, y: FloatArray) -> float:
    """Square root of the variances' average, weighted by their degrees of freedom."""
    n, m = len(x), len(y)
    return math.sqrt(((n - 1) * x.var(ddof=1) + (m - 1) * y.var(ddof=1)) / (n + m - 2))


def cohen_d(x: FloatArray, y: FloatArray, *, conf_level: float = 0.95) -> EffectSize:
    """Difference of means in pooled standard deviations (first minus second)."""
    n, m = len(x), len(y)
    scale = math.sqrt(1 / n + 1 / m)
    d = float(x.mean() - y.mean()) / pooled_sd(x, y)
    lower, upper = noncentrality_interval(d / scale, n + m - 2, conf_level)
    return EffectSize(d, lower * scale, upper * scale)


def hedges_g(x: FloatArray, y: FloatArray, *, conf_level: float = 0.95) -> EffectSize:
    """Cohen's d times the exact small-sample factor J (Hedges, 1981)."""
    from scipy.special import gammaln

    df = len(x) + len(y) - 2
    j = math.exp(gammaln(df / 2) - gammaln((df - 1) / 2)) / math.sqrt(df / 2) if df > 1 else math.nan
    return EffectSize(*(j * value for value in cohen_d(x, y, conf_level=conf_level)))


def noncentrality_interval(t: float, df: float, conf_level: float) -> tuple[float, float]:
    """Noncentralities under which `t` is just at the upper, and the lower, edge (Steiger & Fouladi, 1997)."""
    from scipy.optimize import brentq
    from scipy.special import ndtr
    from scipy.stats import nct  # scipy.special.nctdtr is NaN for noncentralities above 37

    def below(delta: float) -> float:
        exact = float(nct.cdf(t, df, delta))
        # Far out nct gives up; there the normal approximation is as good (Johnson & Welch, 1940).
        return exact if exact == exact else float(ndtr((t - delta) / math.sqrt(1 + t * t / (2 * df))))

    def edge(probability: float) -> float:
        # t / delta has a relative spread of 1 / sqrt(2 df): this width encloses the root, or is doubled.
        width = 6 + 6 * abs(t) / math.sqrt(2 * df)
        while not below(t - width) > probability > below(t + width):
            width *= 2
        return float(brentq(lambda delta: below(delta) - probability, t - width, t + width, xtol=1e-12))

    tail = (1 - conf_level) / 2
    return edge(1 - tail), edge(tail)


def mann_whitney(
    x: FloatArray, y: FloatArray, *, alternative: str = "two-sided", correct: bool = True
) -> Ranks:
    """Mann-Whitney U with the normal approximation, corrected for ties, as R's wilcox.test.

    `correct`: for continuity too.
    """
    from scipy.special import ndtr
    from scipy.stats import rankdata

    n, m = len(x), len(y)
    ranks = rankdata(np.concatenate([x, y]))
    u = float(ranks[:n].sum() - n * (n + 1) / 2)
    _, ties = np.unique(ranks, return_counts=True)
    size = n + m
    variance = n * m / 12 * (size + 1 - float((ties**3 - ties).sum()) / (size * (size - 1)))
    centred = u - n * m / 2
    towards = {"greater": 0.5, "less": -0.5}.get(alternative, math.copysign(0.5, centred) if centred else 0.0)
    z = (centred - towards * correct) / math.sqrt(variance) if variance > 0 else 0.0
    tails = {"greater": float(ndtr(-z)), "less": float(ndtr(z))}
    return Ranks(u, tails.get(alternative, min(1.0, 2 * float(ndtr(-abs(z))))), 2 * u / (n * m) - 1)


def equivalence(
    x: FloatArray,
    y: FloatArray,
    lower: float,
    upper: float,
    *,
    equal_variances: bool = False,
    alpha: float = 0.05,
) -> Equivalence:
    """Two one-sided tests that the difference lies between `lower` and `upper` (Schuirmann, 1987)."""
    from scipy.special import stdtr, stdtrit

    se, df = _standard_error(x, y, equal_variances)
    estimate = float(x.mean() - y.mean())
    t_lower, t_upper = (estimate - lower) / se, (estimate - upper) / se
    p_lower, p_upper = float(stdtr(df, -t_lower)), float(stdtr(df, t_upper))
    half = float(stdtrit(df, 1 - alpha)) * se
    tests = (t_lower, p_lower, t_upper, p_upper, max(p_lower, p_upper))
    return Equivalence(*tests, df, estimate - half, estimate + half)


def adjust_pvalues(pvalues: FloatArray, method: str) -> FloatArray:
    """Adjusted p values as R's p.adjust; NaN is left out of the count.

    `method` is "holm" "hochberg" "hommel" "bonferroni" "BH" (or "fdr") "BY" or "none".
    """
    adjusted = np.full(len(pvalues), np.nan)
    known = ~np.isnan(pvalues)
    p = pvalues[known]
    n = len(p)
    if method == "none" or n == 0:
        return pvalues.copy()
    if method == "bonferroni":
        adjusted[known] = np.minimum(1, n * p)
        return adjusted
    if method == "hommel":
        adjusted[known] = _hommel(p)
        return adjusted
    order = np.argsort(p, kind="stable")
    result = np.empty(n)
    if method == "holm":
        result[order] = np.maximum.accumulate((n - np.arange(n)) * p[order])
    else:
        rank = np.arange(1, n + 1)
        by = float(np.sum(1 / rank)) if method == "BY" else 1.0
        factor = n - rank + 1 if method == "hochberg" else by * n / rank
        result[order] = np.minimum.accumulate((factor * p[order])[::-1])[::-1]
    adjusted[known] = np.minimum(1, result)
    return adjusted


def _hommel(p: FloatArray) -> FloatArray:
    """Hommel (1988), by Wright's (1992) algorithm: the closed test of Simes over all subsets."""
    n = len(p)
    order = np.argsort(p, kind="stable")
    ranked = p[order]
    smallest = np.full(n, np.min(n * ranked / np.arange(1, n + 1)))
    best = smallest.copy()
    for size in range(n - 1, 1, -1):
        low, high = np.arange(n - size + 1), np.arange(n - size + 1, n)
        bound = np.min(size * ranked[high] / np.arange(2, size + 1))
        smallest[low] = np.minimum(size * ranked[low], bound)
        smallest[high] = smallest[n - size]
        best = np.maximum(best, smallest)
    result = np.empty(n)
    result[order] = np.maximum(best, ranked)
    return result


class BrunnerMunzel(NamedTuple):
    """`prob_superiority`: probability that the first is higher, ties halved; .5 is tested."""

    prob_superiority: float
    statistic: float
    df: float
    pvalue: float


def brunner_munzel(x: FloatArray, y: FloatArray, *, alternative: str = "two-sided") -> BrunnerMunzel:
    """Brunner & Munzel (2000): ranks without equal spreads; NaN statistic where samples do not overlap."""
    from scipy.special import stdtr
    from scipy.stats import rankdata

    n, m = len(x), len(y)
    ranks = rankdata(np.concatenate([x, y]))
    own = ranks[:n] - rankdata(x), ranks[n:] - rankdata(y)  # placements among the other sample
    superiority = float(own[0].mean()) / m
    a, b = float(own[0].var(ddof=1)) / (m**2 * n), float(own[1].var(ddof=1)) / (n**2 * m)
    if a + b == 0:
        return BrunnerMunzel(superiority, math.nan, math.nan, math.nan)
    statistic = (superiority - 0.5) / math.sqrt(a + b)
    df = (a + b) ** 2 / (a**2 / (n - 1) + b**2 / (m - 1))
    tails = {"greater": float(stdtr(df, -statistic)), "less": float(stdtr(df, statistic))}
    p = tails.get(alternative, 2 * float(stdtr(df, -abs(statistic))))
    return BrunnerMunzel(superiority, statistic, df, p)


def bayes_factor(t: float, n: int, m: int, *, scale: float = math.sqrt(0.5)) -> float:
    """JZS Bayes factor for a difference (BF10) from Student's t (Rouder et al., 2009)."""
    from scipy.integrate import quad

    df, size = n + m - 2, n * m / (n + m)

    def integrand(g: float) -> float:
        spread = 1 + size * g * scale**2
        # Relative to the null's likelihood, in logs: t of 40 would overflow otherwise.
        ratio = math.log1p(t * t / (spread * df)) - math.log1p(t * t / df)
        log = -0.5 * math.log(spread) - (df + 1) / 2 * ratio - 1.5 * math.log(g) - 0.5 / g
        return math.exp(min(log, 700.0)) / math.sqrt(2 * math.pi)

    # g over (0, inf) as u / (1 - u): the mass lies anywhere between 0.1 and t squared.
    value, _ = quad(lambda u: integrand(u / (1 - u)) / (1 - u) ** 2, 0, 1, epsabs=0, epsrel=1e-9, limit=200)
    return float(value)
