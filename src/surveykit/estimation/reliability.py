"""Coefficient alpha with everything psych::alpha prints beside it, on arrays.

Notation as in the papers: k items, covariance matrix C, correlation matrix R.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy import special

from surveykit.estimation.item_moments import (
    FloatArray,
    ItemMoments,
    correlation,
    squared_multiple_correlations,
    symmetric_inverse,
)

Values = FloatArray | np.floating[Any]


class ScaleCoefficients(NamedTuple):
    """Coefficients of one item set, or (arrays) of each set with one item dropped."""

    alpha: Values
    standardized_alpha: Values
    lambda6: Values
    average_r: Values
    signal_noise: Values
    se: Values  # Duhachek & Iacobucci (2004)
    var_r: Values
    median_r: Values


def alpha_of(cov: FloatArray) -> FloatArray:
    """Alpha of covariance matrices (..., k, k)."""
    k = cov.shape[-1]
    trace = np.trace(cov, axis1=-2, axis2=-1)
    return np.asarray((1 - trace / cov.sum(axis=(-2, -1))) * (k / (k - 1)))


def duhachek_variance(k: int, total: Values, trace: Values, sum_sq: Values, trace_sq: Values) -> Values:
    """n times the sampling variance of alpha: from 1'C1, tr C, 1'C²1 and tr C²."""
    return 2 * k**2 / ((k - 1) ** 2 * total**3) * (total * (trace_sq + trace**2) - 2 * trace * sum_sq)


def scale_coefficients(cov: FloatArray, n: int) -> ScaleCoefficients:
    """Alpha, standardized alpha, Guttman's lambda 6 and what goes with them, for one scale."""
    k = cov.shape[0]
    R = correlation(cov)
    rows = cov.sum(axis=0)
    trace = np.trace(cov)
    q = duhachek_variance(k, rows.sum(), trace, rows @ rows, np.sum(cov * cov))
    sum_r = R.sum()
    average_r = (sum_r - k) / (k * (k - 1))
    pairs = R[np.tril_indices(k, -1)]
    return ScaleCoefficients(
        alpha=alpha_of(cov),
        standardized_alpha=(1 - k / sum_r) * (k / (k - 1)),
        lambda6=1 - (k - squared_multiple_correlations(R).sum()) / sum_r,
        average_r=average_r,
        signal_noise=k * average_r / (1 - average_r),
        se=np.sqrt(np.maximum(q, 0.0) / n),
        var_r=np.var(pairs, ddof=1) if k > 2 else np.float64(np.nan),
        median_r=np.median(pairs),
    )


def dropped_coefficients(cov: FloatArray, n: int) -> ScaleCoefficients:
    """The same with each item left out in turn, arrays (k,), without refitting k times. k >= 3."""
    k = cov.shape[0]
    m = k - 1
    R = correlation(cov)
    rows, diagonal, squares = cov.sum(axis=0), np.diagonal(cov), np.sum(cov * cov, axis=0)
    total = rows.sum() - 2 * rows + diagonal
    trace = diagonal.sum() - diagonal
    # 1'C²1 without item i: squared row sums of C after column i is taken out, row i left out.
    sum_sq = np.sum((rows[:, None] - cov) ** 2, axis=0) - (rows - diagonal) ** 2
    trace_sq = squares.sum() - 2 * squares + diagonal**2
    sum_r = R.sum() - 2 * R.sum(axis=0) + 1
    average_r = (sum_r - m) / (m * (m - 1))
    median_r, var_r = _dropped_pair_statistics(R)
    return ScaleCoefficients(
        alpha=(1 - trace / total) * (m / (m - 1)),
        standardized_alpha=(1 - m / sum_r) * (m / (m - 1)),
        lambda6=1 - (m - _dropped_smc_sums(R)) / sum_r,
        average_r=average_r,
        signal_noise=m * average_r / (1 - average_r),
        se=np.sqrt(np.maximum(duhachek_variance(m, total, trace, sum_sq, trace_sq), 0.0) / n),
        var_r=var_r,
        median_r=median_r,
    )


def _dropped_smc_sums(R: FloatArray) -> FloatArray:
    """Sum of the squared multiple correlations of the items that remain when one is dropped."""
    k = R.shape[0]
    inverse, singular = symmetric_inverse(R)
    if singular:
        rest = [np.delete(np.delete(R, i, 0), i, 1) for i in range(k)]
        return np.array([squared_multiple_correlations(one).sum() for one in rest])
    # Inverse of R without row and column i: the partitioned-inverse formula, diagonal only.
    diagonal = np.diagonal(inverse)
    remaining = diagonal[None, :] - inverse**2 / diagonal[:, None]
    np.fill_diagonal(remaining, 1.0)
    return np.asarray(np.clip(1 - 1 / remaining, 0.0, 1.0).sum(axis=1))


def _dropped_pair_statistics(R: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Median and variance of the correlations that remain when one item is dropped."""
    k = R.shape[0]
    lower = np.tril_indices(k, -1)
    pairs = R[lower]
    centred = np.zeros((k, k))
    centred[lower] = pairs - pairs.mean()
    centred += centred.T
    left = (k - 1) * (k - 2) // 2
    sums = pairs.sum() - pairs.size * pairs.mean() - centred.sum(axis=0)
    squares = np.sum(centred[lower] ** 2) - np.sum(centred**2, axis=0)
    var_r = (squares - sums**2 / left) / (left - 1) if left > 1 else np.full(k, np.nan)
    # Rank all pairs once; the r-th one left is found by counting the ranks taken out before it.
    order = np.argsort(pairs, kind="stable")
    ordered = pairs[order]
    rank = np.empty(pairs.size, dtype=np.int64)
    rank[order] = np.arange(pairs.size)
    ranks = np.zeros((k, k), dtype=np.int64)
    ranks[lower] = rank
    ranks += ranks.T
    taken = np.sort(ranks[~np.eye(k, dtype=bool)].reshape(k, k - 1), axis=1) - np.arange(k - 1)
    middle = [r + np.sum(taken <= r, axis=1) for r in ((left - 1) // 2, left // 2)]
    return np.asarray((ordered[middle[0]] + ordered[middle[1]]) / 2), np.asarray(var_r)


class ItemCoefficients(NamedTuple):
    """How each item goes with its scale; arrays (k,)."""

    r_raw: FloatArray
    r_std: FloatArray
    r_cor: FloatArray
    r_drop: FloatArray


def item_total_correlations(values: FloatArray, moments: ItemMoments) -> ItemCoefficients:
    """Item-total correlations: plain, of standardized items, overlap-corrected and with the item dropped."""
    cov = moments.cov
    R = correlation(cov)
    reduced = R.copy()
    np.fill_diagonal(reduced, squared_multiple_correlations(R))
    rows, diagonal = cov.sum(axis=0), np.diagonal(cov)
    rest = rows.sum() - 2 * rows + diagonal
    # Pairwise covariances need not be positive definite: what has no variance has no correlation.
    whole, within = (np.nan if one <= 0 else one for one in (R.sum(), reduced.sum()))
    return ItemCoefficients(
        r_raw=_correlate_with_items(scale_scores(values), values, moments),
        r_std=R.sum(axis=0) / np.sqrt(whole),
        r_cor=reduced.sum(axis=0) / np.sqrt(within),
        r_drop=(rows - diagonal) / np.sqrt(np.where(rest > 0, diagonal * rest, np.nan)),
    )


def scale_scores(values: FloatArray) -> FloatArray:
    """Mean of the items a row has; NaN where it has none."""
    observed = ~np.isnan(values)
    counts = observed.sum(axis=1)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(observed, values, 0.0).sum(axis=1) / counts)


def _correlate_with_items(scores: FloatArray, values: FloatArray, moments: ItemMoments) -> FloatArray:
    """Correlation of a score with each item, over the rows that have the item."""
    observed = ~np.isnan(values)
    x = np.where(observed, values - moments.mean, 0.0)
    y = np.where(observed.any(axis=1), scores, 0.0)
    y_mean = observed.T @ y / moments.counts
    y_square = observed.T @ (y * y) - moments.counts * y_mean**2
    return np.asarray((x.T @ y) / np.sqrt(np.sum(x * x, axis=0) * y_square))


def unidimensionality(R: FloatArray) -> float:
    """psych's `Unidim`: how well one average correlation reproduces the whole correlation matrix."""
    k = R.shape[0]
    average_r = (R.sum() - k) / (k * (k - 1))
    return float(1 - np.sum((R - average_r) ** 2) / np.sum(R * R))


def feldt_interval(alpha: float, n: int, k: int, conf_level: float) -> tuple[float, float]:
    """Feldt's exact interval for normal items that are essentially tau-equivalent."""
    df1, df2 = n - 1, (n - 1) * (k - 1)
    tail = (1 - conf_level) / 2
    lower = 1 - (1 - alpha) * special.fdtri(df1, df2, 1 - tail)
    upper = 1 - (1 - alpha) * special.fdtri(df1, df2, tail)
    return float(lower), float(upper)


def bonett_interval(alpha: float, n: int, k: int, conf_level: float) -> tuple[float, float]:
    """Bonett's (2002) interval, normal on ln(1 - alpha)."""
    half = special.ndtri((1 + conf_level) / 2) * np.sqrt(2 * k / ((k - 1) * (n - 2)))
    return float(1 - (1 - alpha) * np.exp(half)), float(1 - (1 - alpha) * np.exp(-half))


def duhachek_interval(alpha: float, se: float, conf_level: float) -> tuple[float, float]:
    """Duhachek & Iacobucci's symmetric interval; z rounded to 1.96 as there and in psych."""
    half = round(float(special.ndtri((1 + conf_level) / 2)), 2) * se
    return float(alpha - half), float(alpha + half)
