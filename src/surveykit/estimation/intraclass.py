"""Intraclass correlations: raters crossed with targets, and members nested in groups."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special
from scipy.optimize import brentq

from surveykit.estimation.item_moments import FloatArray, IntArray

TYPES = ("ICC1", "ICC2", "ICC3", "ICC1k", "ICC2k", "ICC3k")


class TwoWay(NamedTuple):
    """Mean squares of a targets by raters table."""

    n: int
    k: int
    targets: float
    raters: float
    residual: float
    within: float  # raters and residual together


class IntraclassTable(NamedTuple):
    """Arrays (6,) in the order of `TYPES`."""

    icc: FloatArray
    F: FloatArray
    df1: FloatArray
    df2: FloatArray
    pvalue: FloatArray
    lower: FloatArray
    upper: FloatArray


def two_way(x: FloatArray) -> TwoWay:
    """Mean squares of ratings (targets, raters), one in each cell."""
    n, k = x.shape
    by_target, by_rater = x.mean(axis=1), x.mean(axis=0)
    grand = x.mean()
    ms_targets = k * np.sum((by_target - grand) ** 2) / (n - 1)
    ss_raters = n * np.sum((by_rater - grand) ** 2)
    ss_residual = np.sum((x - by_target[:, None] - by_rater[None, :] + grand) ** 2)
    within = (ss_raters + ss_residual) / (n * (k - 1))
    return TwoWay(
        n,
        k,
        float(ms_targets),
        float(ss_raters / (k - 1)),
        float(ss_residual / ((n - 1) * (k - 1))),
        float(within),
    )


def shrout_fleiss(x: FloatArray, conf_level: float) -> IntraclassTable:
    """The six forms of Shrout & Fleiss (1979) with F tests and intervals, for ratings (targets, raters)."""
    ms = two_way(x)
    n, k = ms.n, ms.k
    B, J, E, W = np.array([ms.targets, ms.raters, ms.residual, ms.within])
    with np.errstate(divide="ignore", invalid="ignore"):
        icc2 = (B - E) / (B + (k - 1) * E + k * (J - E) / n)
        icc = np.array(
            [
                (B - W) / (B + (k - 1) * W),
                icc2,
                (B - E) / (B + (k - 1) * E),
                (B - W) / B,
                (B - E) / (B + (J - E) / n),
                (B - E) / B,
            ]
        )
        F = np.tile([np.divide(B, W), np.divide(B, E), np.divide(B, E)], 2)
    df1 = np.full(6, n - 1.0)
    df2 = np.tile([n * (k - 1.0), (n - 1.0) * (k - 1), (n - 1.0) * (k - 1)], 2)
    tail = (1 - conf_level) / 2
    lower = F / special.fdtri(df1, df2, 1 - tail)
    upper = F * special.fdtri(df2, df1, 1 - tail)
    with np.errstate(divide="ignore", invalid="ignore"):
        # The limit 1 where F is infinite.
        single = np.array([[1 - k / (f + k - 1), 1 - 1 / f] for f in (lower, upper)])
    low, high = np.where(np.arange(6) < 3, single[:, 0], single[:, 1])
    low[1], high[1] = _random_raters_interval(ms, icc2, tail)
    low[4], high[4] = (bound * k / (1 + bound * (k - 1)) for bound in (low[1], high[1]))
    pvalue = np.asarray(special.fdtrc(df1, df2, F), dtype=float)
    return IntraclassTable(icc, F, df1, df2, pvalue, low, high)


@np.errstate(divide="ignore", invalid="ignore")  # targets that are all alike leave nothing to divide by
def _random_raters_interval(ms: TwoWay, icc: float, tail: float) -> tuple[float, float]:
    """ICC(2,1): Satterthwaite degrees of freedom for the mix of mean squares."""
    n, k, B, J, E = ms.n, ms.k, ms.targets, ms.raters, ms.residual
    if E <= 1e-14 * (B + J):  # nothing is left within: the interval shrinks to the coefficient
        return icc, icc
    Fj = J / E
    a = n * (1 + (k - 1) * icc) - k * icc
    v = (k - 1) * (n - 1) * (k * icc * Fj + a) ** 2 / ((n - 1) * k**2 * icc**2 * Fj**2 + a**2)
    upper_F, lower_F = special.fdtri(n - 1, v, 1 - tail), special.fdtri(v, n - 1, 1 - tail)
    rest = k * J + (k * n - k - n) * E
    lower = n * (B - upper_F * E) / (upper_F * rest + n * B)
    upper = n * (lower_F * B - E) / (rest + n * lower_F * B)
    return float(lower), float(upper)


class Groups(NamedTuple):
    """One variable, members nested in G groups; `icc2` is NaN where all group means are equal."""

    sizes: IntArray  # (G,)
    ms_between: float
    ms_within: float
    F: float
    df1: int
    df2: int
    pvalue: float
    icc1: float
    icc2: float
    eta_squared: float


def one_way(y: FloatArray, group: IntArray) -> Groups:
    """ICC(1) and ICC(2) of a variable (n,) from a one-way analysis of variance, with the mean group size."""
    sizes, means = _group_means(y, group)
    n, G = y.size, sizes.size
    between = float(np.sum(sizes * (means - y.mean()) ** 2))
    within = float(np.sum((y - means[group]) ** 2))
    df1, df2 = G - 1, n - G
    B, W = between / df1, within / df2
    F = B / W if W > 0 else np.inf
    k = n / G
    return Groups(
        sizes=sizes,
        ms_between=B,
        ms_within=W,
        F=F,
        df1=df1,
        df2=df2,
        pvalue=float(special.fdtrc(df1, df2, F)),
        icc1=(B - W) / (B + (k - 1) * W),
        icc2=(B - W) / B if B > 0 else np.nan,
        eta_squared=between / (between + within),
    )


def _group_means(y: FloatArray, group: IntArray) -> tuple[IntArray, FloatArray]:
    sizes = np.bincount(group)
    return sizes, np.asarray(np.bincount(group, weights=y) / sizes)


def random_intercept_icc(y: FloatArray, group: IntArray) -> float:
    """ICC(1) of a random-intercept model by REML: 0 where groups differ less than chance would make them."""
    sizes, means = _group_means(y, group)
    n = y.size
    within = float(np.sum((y - means[group]) ** 2))

    def slope(ratio: float) -> float:
        """Derivative of the restricted likelihood in the ratio of between to within variance."""
        w = sizes / (1 + ratio * sizes)
        mu = float(np.sum(w * means) / np.sum(w))
        gaps = (means - mu) ** 2
        total = within + float(np.sum(w * gaps))
        return float((n - 1) * np.sum(w**2 * gaps) / total - np.sum(w) + np.sum(w**2) / np.sum(w))

    if slope(0.0) <= 0:
        return 0.0
    upper = 1.0
    while slope(upper) > 0 and upper < 1e8:
        upper *= 4
    if upper >= 1e8:
        return 1.0
    ratio = float(brentq(slope, 0.0, upper, xtol=1e-14, rtol=1e-13))
    return ratio / (1 + ratio)


def group_mean_reliability(icc: float, sizes: IntArray) -> FloatArray:
    """Reliability of each group's mean, (G,): Spearman-Brown with its own size."""
    return np.asarray(sizes * icc / (1 + (sizes - 1) * icc))
