"""Patterns of missing answers, Little's test, and distances from the centre with gaps."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special

from surveykit.estimation.item_moments import BoolArray, FloatArray, IntArray
from surveykit.estimation.saturated import IncompleteMoments


def answer_patterns(answered: BoolArray) -> tuple[BoolArray, IntArray]:
    """The distinct rows (patterns, p) of (n, p), most frequent first, and their counts (patterns,)."""
    patterns, counts = np.unique(answered, axis=0, return_counts=True)
    order = np.lexsort((-patterns.sum(axis=1), -counts))
    return patterns[order], counts[order].astype(np.int64)


class LittleTest(NamedTuple):
    """Chi-square with the maximum likelihood covariance, and with its unbiased version (n - 1)."""

    chisq: float
    chisq_unbiased: float
    df: int
    pvalue: float
    pvalue_unbiased: float


def little_test(moments: IncompleteMoments) -> LittleTest:
    """Little's (1988) test that the means of the answered items do not depend on the pattern."""
    patterns = moments.patterns
    chisq, df = 0.0, -patterns.size
    for mask, count, mean in zip(patterns.seen, patterns.count, patterns.mean, strict=True):
        gap = mean[mask] - moments.mean[mask]
        chisq += int(count) * float(gap @ np.linalg.solve(moments.cov[np.ix_(mask, mask)], gap))
        df += int(mask.sum())
    unbiased = chisq * (patterns.n - 1) / patterns.n
    return LittleTest(
        chisq, unbiased, df, float(special.chdtrc(df, chisq)), float(special.chdtrc(df, unbiased))
    )


def pattern_distances(values: FloatArray, moments: IncompleteMoments) -> FloatArray:
    """Squared Mahalanobis distance of each row from the mean, on the items it has, (n,)."""
    squared = np.zeros(len(values))
    for pattern, mask in enumerate(moments.patterns.seen):
        rows = moments.patterns.of_row == pattern
        gap = values[rows][:, mask] - moments.mean[mask]
        squared[rows] = np.einsum("ij,ji->i", gap, np.linalg.solve(moments.cov[np.ix_(mask, mask)], gap.T))
    return squared
