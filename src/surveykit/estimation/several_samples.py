"""Three or more independent samples: one-way tests, pairwise comparisons, equality of variances."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from surveykit.estimation.studentized_range import studentized_range_quantile, studentized_range_sf
from surveykit.estimation.two_samples import FloatArray


class FTest(NamedTuple):
    """An F statistic with its degrees of freedom."""

    f: float
    df1: float
    df2: float
    pvalue: float


class ChiSquareTest(NamedTuple):
    """A chi-square statistic with its degrees of freedom."""

    statistic: float
    df: float
    pvalue: float


class OneWay(NamedTuple):
    """One-way analysis of variance; `eta2`, `omega2`, `epsilon2`: shares of variance between groups."""

    test: FTest
    ss_between: float
    ss_within: float
    eta2: float
    omega2: float
    epsilon2: float


class PairDifference(NamedTuple):
    """Two of several means (first minus second), compared with the studentized range."""

    estimate: float
    q: float
    df: float
    pvalue: float
    ci_lower: float
    ci_upper: float


def f_test(f: float, df1: float, df2: float) -> FTest:
    """An F statistic and its upper tail."""
    from scipy.special import fdtrc

    return FTest(f, df1, df2, float(fdtrc(df1, df2, f)))


def chi_square_test(statistic: float, df: float) -> ChiSquareTest:
    """A chi-square statistic and its upper tail."""
    from scipy.special import chdtrc

    return ChiSquareTest(statistic, df, float(chdtrc(df, statistic)))


def one_way(samples: Sequence[FloatArray]) -> OneWay:
    """Fisher's analysis of variance (equal variances assumed)."""
    k, n = len(samples), sum(map(len, samples))
    grand = np.concatenate(samples).mean()
    between = float(sum(len(one) * (one.mean() - grand) ** 2 for one in samples))
    within = float(sum(((one - one.mean()) ** 2).sum() for one in samples))
    ms_within, total = within / (n - k), between + within
    test = f_test(between / (k - 1) / ms_within, k - 1, n - k)
    excess = between - (k - 1) * ms_within
    return OneWay(test, between, within, between / total, excess / (total + ms_within), excess / total)


def welch_one_way(samples: Sequence[FloatArray]) -> FTest:
    """Welch's (1951) one-way test, which lets the variances differ."""
    k = len(samples)
    weight = np.array([len(one) / one.var(ddof=1) for one in samples])
    means = np.array([one.mean() for one in samples])
    share = weight / weight.sum()
    spread = float(weight @ (means - share @ means) ** 2) / (k - 1)
    lack = float(sum((1 - s) ** 2 / (len(one) - 1) for s, one in zip(share, samples, strict=True)))
    lack /= k**2 - 1
    return f_test(spread / (1 + 2 * (k - 2) * lack), k - 1, 1 / (3 * lack))


def kruskal_wallis(samples: Sequence[FloatArray]) -> ChiSquareTest:
    """Kruskal-Wallis rank test, corrected for ties."""
    from scipy.stats import rankdata

    ranks = rankdata(np.concatenate(samples))
    n = len(ranks)
    _, ties = np.unique(ranks, return_counts=True)
    sums = [part.sum() ** 2 / len(part) for part in _parts(ranks, samples)]
    statistic = 12 * float(sum(sums)) / (n * (n + 1)) - 3 * (n + 1)
    return chi_square_test(statistic / (1 - float((ties**3 - ties).sum()) / (n**3 - n)), len(samples) - 1)


def _parts(values: FloatArray, samples: Sequence[FloatArray]) -> list[FloatArray]:
    return np.split(values, np.cumsum([len(one) for one in samples])[:-1])


def tukey(samples: Sequence[FloatArray], first: int, second: int, conf_level: float) -> PairDifference:
    """Tukey's honest significant difference for one pair (Tukey-Kramer where sizes differ)."""
    k, n = len(samples), sum(map(len, samples))
    ms_within = one_way(samples).ss_within / (n - k)
    x, y = samples[first], samples[second]
    return _pair(x, y, math.sqrt(ms_within / 2 * (1 / len(x) + 1 / len(y))), k, n - k, conf_level)


def games_howell(samples: Sequence[FloatArray], first: int, second: int, conf_level: float) -> PairDifference:
    """Games & Howell (1976): as Tukey, each pair with its own variances."""
    x, y = samples[first], samples[second]
    a, b = x.var(ddof=1) / len(x), y.var(ddof=1) / len(y)
    df = (a + b) ** 2 / (a**2 / (len(x) - 1) + b**2 / (len(y) - 1))
    return _pair(x, y, math.sqrt((a + b) / 2), len(samples), float(df), conf_level)


def _pair(x: FloatArray, y: FloatArray, se: float, k: int, df: float, conf_level: float) -> PairDifference:
    estimate = float(x.mean() - y.mean())
    q = abs(estimate) / se
    half = studentized_range_quantile(conf_level, k, df) * se
    return PairDifference(estimate, q, df, studentized_range_sf(q, k, df), estimate - half, estimate + half)


def pooled_pair(samples: Sequence[FloatArray], first: int, second: int) -> float:
    """P value of the t test of one pair, with the standard deviation of all groups."""
    from scipy.special import stdtr

    k, n = len(samples), sum(map(len, samples))
    x, y = samples[first], samples[second]
    se = math.sqrt(one_way(samples).ss_within / (n - k) * (1 / len(x) + 1 / len(y)))
    return 2 * float(stdtr(n - k, -abs(x.mean() - y.mean()) / se))


def levene(samples: Sequence[FloatArray], center: str = "median") -> FTest:
    """Levene's test of equal variances; around the median it is Brown & Forsythe's."""
    middle = [one.mean() if center == "mean" else np.median(one) for one in samples]
    distances = [np.abs(one - at) for one, at in zip(samples, middle, strict=True)]
    k, n = len(samples), sum(map(len, samples))
    if all(np.ptp(one) == 0 for one in distances):  # e.g. two values a group: no spread to test
        return FTest(math.nan, k - 1, n - k, math.nan)
    return one_way(distances).test


def bartlett(samples: Sequence[FloatArray]) -> ChiSquareTest:
    """Bartlett's test of equal variances (for normal data only)."""
    df = np.array([len(one) - 1 for one in samples])
    variances = np.array([one.var(ddof=1) for one in samples])
    if (variances == 0).any():
        return ChiSquareTest(math.nan, len(samples) - 1, math.nan)
    pooled = float(df @ variances) / df.sum()
    statistic = df.sum() * math.log(pooled) - float(df @ np.log(variances))
    correction = 1 + (float((1 / df).sum()) - 1 / df.sum()) / (3 * (len(samples) - 1))
    return chi_square_test(statistic / correction, len(samples) - 1)


def fligner(samples: Sequence[FloatArray]) -> ChiSquareTest:
    """Fligner & Killeen's rank test of equal variances (around medians)."""
    from scipy.special import ndtri
    from scipy.stats import rankdata

    distances = np.concatenate([np.abs(one - np.median(one)) for one in samples])
    n = len(distances)
    scores = ndtri((1 + rankdata(distances) / (n + 1)) / 2)
    if np.ptp(scores) == 0:
        return ChiSquareTest(math.nan, len(samples) - 1, math.nan)
    spread = sum(len(part) * (part.mean() - scores.mean()) ** 2 for part in _parts(scores, samples))
    return chi_square_test(float(spread) / float(scores.var(ddof=1)), len(samples) - 1)
