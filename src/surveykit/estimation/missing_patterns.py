"""Patterns of missing answers, normal-theory moments by EM, and Little's test."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special

from surveykit.estimation.item_moments import BoolArray, FloatArray, IntArray

EM_STEPS = 10_000
EM_LIMIT = 1e-11


class Patterns(NamedTuple):
    """The distinct patterns of answered items, most frequent first."""

    answered: BoolArray  # (patterns, p)
    counts: IntArray  # (patterns,)
    row: IntArray  # (n,) pattern of each row


def missing_patterns(values: FloatArray) -> Patterns:
    """Group rows (n, p) by which items they have."""
    answered, row, counts = np.unique(~np.isnan(values), axis=0, return_inverse=True, return_counts=True)
    order = np.lexsort((-answered.sum(axis=1), -counts))
    rank = np.empty(order.size, dtype=np.int64)
    rank[order] = np.arange(order.size)
    return Patterns(answered[order], counts[order], rank[row.ravel()])


class EmMoments(NamedTuple):
    """Maximum likelihood mean (p,) and covariance (p, p), divisor n, under a normal distribution."""

    mean: FloatArray
    cov: FloatArray
    converged: bool
    iterations: int


class _PatternSums(NamedTuple):
    """What EM needs of the rows of one pattern."""

    answered: IntArray
    size: int
    mean: FloatArray
    scatter: FloatArray  # sum of squares and products about `mean`


def em_moments(values: FloatArray, patterns: Patterns) -> EmMoments:
    """EM for the mean and covariance of rows with gaps; every row has at least one answer."""
    centre = np.nanmean(values, axis=0)
    scale = np.nanstd(values, axis=0)
    z = (values - centre) / scale
    groups = [_sums(z[patterns.row == k], mask) for k, mask in enumerate(patterns.answered)]
    p, n = values.shape[1], len(values)
    mean, cov = np.zeros(p), np.eye(p)
    change, iteration = np.inf, 0
    while change >= EM_LIMIT and iteration < EM_STEPS:
        iteration += 1
        new_mean, new_cov = _em_step(groups, mean, cov, n)
        change = max(float(np.abs(new_mean - mean).max()), float(np.abs(new_cov - cov).max()))
        mean, cov = new_mean, new_cov
    return EmMoments(centre + scale * mean, cov * np.outer(scale, scale), change < EM_LIMIT, iteration)


def _sums(rows: FloatArray, mask: BoolArray) -> _PatternSums:
    answered = np.flatnonzero(mask)
    x = rows[:, answered]
    mean = x.mean(axis=0)
    return _PatternSums(answered, len(rows), mean, (x - mean).T @ (x - mean))


def _em_step(
    groups: list[_PatternSums], mean: FloatArray, cov: FloatArray, n: int
) -> tuple[FloatArray, FloatArray]:
    """Expected first and second moments of the completed data."""
    p = mean.size
    total, square = np.zeros(p), np.zeros((p, p))
    for group in groups:
        o = group.answered
        regression = np.linalg.solve(cov[np.ix_(o, o)], cov[o]).T  # (p, answered)
        filled = mean + regression @ (group.mean - mean[o])
        left = cov - regression @ cov[o]
        total += group.size * filled
        square += regression @ group.scatter @ regression.T + group.size * (np.outer(filled, filled) + left)
    new_mean = total / n
    return new_mean, square / n - np.outer(new_mean, new_mean)


class LittleTest(NamedTuple):
    """Chi-square with the maximum likelihood covariance, and with its unbiased version (n - 1)."""

    chisq: float
    chisq_unbiased: float
    df: int
    pvalue: float
    pvalue_unbiased: float


def little_test(values: FloatArray, patterns: Patterns, moments: EmMoments) -> LittleTest:
    """Little's (1988) test that the means of the answered items do not depend on the pattern."""
    chisq, df = 0.0, -values.shape[1]
    for k, mask in enumerate(patterns.answered):
        gap = values[patterns.row == k][:, mask].mean(axis=0) - moments.mean[mask]
        chisq += patterns.counts[k] * float(gap @ np.linalg.solve(moments.cov[np.ix_(mask, mask)], gap))
        df += int(mask.sum())
    unbiased = chisq * (len(values) - 1) / len(values)
    return LittleTest(
        chisq, unbiased, df, float(special.chdtrc(df, chisq)), float(special.chdtrc(df, unbiased))
    )


def pattern_distances(values: FloatArray, patterns: Patterns, moments: EmMoments) -> FloatArray:
    """Squared Mahalanobis distance of each row from the mean, on the items it has, (n,)."""
    squared = np.zeros(len(values))
    for k, mask in enumerate(patterns.answered):
        rows = patterns.row == k
        gap = values[rows][:, mask] - moments.mean[mask]
        squared[rows] = np.einsum("ij,ji->i", gap, np.linalg.solve(moments.cov[np.ix_(mask, mask)], gap.T))
    return squared
