"""Standardized differences of two means in every form that papers print."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from surveykit.estimation.two_samples import FloatArray, cohen_d, hedges_g, mann_whitney, pooled_sd


class StandardizedDifferences(NamedTuple):
    """First minus second. `_ci_` from the noncentral t, `_large_sample_` from the normal distribution.

    `j`, `j_approx`: Hedges' factor, exact and 1 - 3 / (4 df - 1). `glass_delta`: in standard deviations
    of the second sample; `d_average_variance`: of the average of both variances.
    """

    pooled_sd: float
    cohen_d: float
    cohen_d_ci_lower: float
    cohen_d_ci_upper: float
    cohen_d_se: float
    cohen_d_large_sample_ci_lower: float
    cohen_d_large_sample_ci_upper: float
    j: float
    j_approx: float
    hedges_g: float
    hedges_g_approx: float
    hedges_g_ci_lower: float
    hedges_g_ci_upper: float
    hedges_g_large_sample_ci_lower: float
    hedges_g_large_sample_ci_upper: float
    glass_delta: float
    d_average_variance: float
    cliff_delta: float
    prob_superiority: float
    point_biserial: float


def standardized_differences(
    x: FloatArray, y: FloatArray, conf_level: float = 0.95
) -> StandardizedDifferences:
    """All of them; the samples have two values each at least, and some variance."""
    from scipy.special import ndtri

    n, m = len(x), len(y)
    df, gap = n + m - 2, float(x.mean() - y.mean())
    d, g = (effect(x, y, conf_level=conf_level) for effect in (cohen_d, hedges_g))
    se = math.sqrt((n + m) / (n * m) + d.estimate**2 / (2 * (n + m)))
    half = float(ndtri(0.5 + conf_level / 2)) * se
    j, approx = hedges_factor(df), 1 - 3 / (4 * df - 1)
    spread, average = float(y.std(ddof=1)), math.sqrt((x.var(ddof=1) + y.var(ddof=1)) / 2)
    delta = mann_whitney(x, y).rank_biserial
    pooled = np.concatenate([x, y])
    membership = math.sqrt(n * m) / (n + m)
    return StandardizedDifferences(
        pooled_sd(x, y),
        *d,
        se,
        d.estimate - half,
        d.estimate + half,
        j,
        approx,
        g.estimate,
        approx * d.estimate,
        g.ci_lower,
        g.ci_upper,
        j * (d.estimate - half),
        j * (d.estimate + half),
        gap / spread if spread > 0 else math.nan,
        gap / average,
        delta,
        (delta + 1) / 2,
        gap * membership / float(pooled.std()),
    )


def hedges_factor(df: float) -> float:
    """Hedges' (1981) small-sample factor J, exactly."""
    from scipy.special import gammaln

    return math.exp(gammaln(df / 2) - gammaln((df - 1) / 2)) / math.sqrt(df / 2) if df > 1 else math.nan


def mahalanobis(d: FloatArray, within: FloatArray) -> float:
    """Distance of two groups on several outcomes, from standardized differences and their correlations."""
    return float(math.sqrt(max(float(d @ np.linalg.pinv(within) @ d), 0.0)))


def within_correlations(groups: Sequence[FloatArray]) -> FloatArray:
    """Correlations within groups of frames (n, p) with gaps, from pairs of answers that are both known."""
    centred = np.concatenate([one - np.nanmean(one, axis=0) for one in groups])
    known = np.isfinite(centred)
    filled = np.where(known, centred, 0.0)
    cross = filled.T @ filled
    squares = (filled**2).T @ known.astype(float)  # of the first, over pairs with the second
    correlations: FloatArray = cross / np.sqrt(squares * squares.T)
    return correlations
