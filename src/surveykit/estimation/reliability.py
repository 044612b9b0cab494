"""Coefficient alpha with everything psych::alpha prints beside it, on arrays.

Notation as in the papers: k items, covariance matrix C, correlation matrix R.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from surveykit.estimation.item_moments import (
    FloatArray,
    ItemMoments,
    correlation,
    smc_of_inverse,
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


def signal_to_noise(k: int, average_r: Values) -> Values:
    """k r / (1 - r); infinite where all items are copies of one another."""
    with np.errstate(divide="ignore", invalid="ignore"):
        # Within rounding of 1 the ratio would be any large number.
        return np.divide(k * average_r, np.where(1 - average_r > 1e-14, 1 - average_r, 0.0))


class ScaleMatrices(NamedTuple):
    """What all coefficients of a scale share, computed once."""

    cov: FloatArray  # (k, k)
    R: FloatArray  # (k, k)
    inverse: FloatArray  # (k, k) of R; the pseudo-inverse where R is singular
    singular: bool
    smc: FloatArray  # (k,) squared multiple correlations
    pairs: FloatArray  # (k (k - 1) / 2,) correlations below the diagonal, row by row


def scale_matrices(cov: FloatArray) -> ScaleMatrices:
    """The matrices of a scale from its covariance matrix."""
    R = correlation(cov)
    inverse, singular = symmetric_inverse(R)
    return ScaleMatrices(cov, R, inverse, singular, smc_of_inverse(inverse), R[_below(R.shape[0])])


@cache
def _below(k: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Row and column of each pair of items."""
    return np.tril_indices(k, -1)


def scale_coefficients(scale: ScaleMatrices, n: int) -> ScaleCoefficients:
    """Alpha, standardized alpha, Guttman's lambda 6 and what goes with them, for one scale."""
    cov = scale.cov
    k = cov.shape[0]
    rows, trace = cov.sum(axis=0), np.trace(cov)
    total = rows.sum()
    q = duhachek_variance(k, total, trace, rows @ rows, np.vdot(cov, cov))
    sum_r = k + 2 * scale.pairs.sum()
    average_r = (sum_r - k) / (k * (k - 1))
    return ScaleCoefficients(
        alpha=(1 - trace / total) * (k / (k - 1)),
        standardized_alpha=(1 - k / sum_r) * (k / (k - 1)),
        lambda6=1 - (k - scale.smc.sum()) / sum_r,
        average_r=average_r,
        signal_noise=signal_to_noise(k, average_r),
        se=np.sqrt(np.maximum(q, 0.0) / n),
        var_r=_variance(scale.pairs),
        median_r=_median(scale.pairs),
    )


def _variance(x: FloatArray) -> Values:
    deviations = x - x.sum() / x.size
    return np.float64(deviations @ deviations / (x.size - 1)) if x.size > 1 else np.float64(np.nan)


def _median(x: FloatArray) -> Values:
    middle = [(x.size - 1) // 2, x.size // 2]
    return np.float64(np.partition(x, middle)[middle].sum() / 2)


def dropped_coefficients(scale: ScaleMatrices, n: int) -> ScaleCoefficients:
    """The same with each item left out in turn, arrays (k,), without refitting k times. k >= 3."""
    cov, R = scale.cov, scale.R
    k = cov.shape[0]
    m = k - 1
    rows, diagonal, squares = cov.sum(axis=0), np.diagonal(cov), np.einsum("ij,ij->j", cov, cov)
    total = rows.sum() - 2 * rows + diagonal
    # Where the rest cancels out there is no scale without the item.
    total = np.where(total > 1e-12 * diagonal.sum(), total, np.nan)
    trace = diagonal.sum() - diagonal
    # 1'C²1 without item i: squared row sums of C after column i is taken out, row i left out.
    sum_sq = rows @ rows - 2 * (rows @ cov) + squares - (rows - diagonal) ** 2
    trace_sq = squares.sum() - 2 * squares + diagonal**2
    sum_r = k + 2 * scale.pairs.sum() - 2 * R.sum(axis=0) + 1
    sum_r = np.where(sum_r > 1e-12 * k, sum_r, np.nan)
    average_r = (sum_r - m) / (m * (m - 1))
    median_r, var_r = _dropped_pair_statistics(scale)
    return ScaleCoefficients(
        alpha=(1 - trace / total) * (m / (m - 1)),
        standardized_alpha=(1 - m / sum_r) * (m / (m - 1)),
        lambda6=1 - (m - _dropped_smc_sums(scale)) / sum_r,
        average_r=average_r,
        signal_noise=signal_to_noise(m, average_r),
        se=np.sqrt(np.maximum(duhachek_variance(m, total, trace, sum_sq, trace_sq), 0.0) / n),
        var_r=var_r,
        median_r=median_r,
    )


def _dropped_smc_sums(scale: ScaleMatrices) -> FloatArray:
    """Sum of the squared multiple correlations of the items that remain when one is dropped."""
    R, inverse = scale.R, scale.inverse
    if scale.singular:
        rest = [np.delete(np.delete(R, i, 0), i, 1) for i in range(R.shape[0])]
        return np.array([squared_multiple_correlations(one).sum() for one in rest])
    # Inverse of R without row and column i: the partitioned-inverse formula, diagonal only.
    diagonal = np.diagonal(inverse)
    remaining = diagonal[None, :] - inverse**2 / diagonal[:, None]
    np.fill_diagonal(remaining, 1.0)
    return np.asarray(np.minimum(np.maximum(1 - 1 / remaining, 0.0), 1.0).sum(axis=1))


def _dropped_pair_statistics(scale: ScaleMatrices) -> tuple[FloatArray, FloatArray]:
    """Median and variance of the correlations that remain when one item is dropped."""
    k, pairs, below = scale.R.shape[0], scale.pairs, _below(scale.R.shape[0])
    left = (k - 1) * (k - 2) // 2
    deviations = scale.R - pairs.mean()
    np.fill_diagonal(deviations, 0.0)
    sums = -deviations.sum(axis=0)  # all deviations together are 0
    squared = np.einsum("ij,ij->j", deviations, deviations)
    squares = squared.sum() / 2 - squared
    var_r = (squares - sums**2 / left) / (left - 1) if left > 1 else np.full(k, np.nan)
    # Rank all pairs once; the r-th one left is found by counting the ranks taken out before it.
    order = np.argsort(pairs)
    rank = np.empty(pairs.size, dtype=np.int32)
    rank[order] = np.arange(pairs.size, dtype=np.int32)
    ranks = np.full((k, k), pairs.size, dtype=np.int32)  # the diagonal sorts last and is cut off
    ranks[below] = ranks[below[1], below[0]] = rank
    ranks.sort(axis=1)
    taken = ranks[:, :-1] - np.arange(k - 1, dtype=np.int32)
    ordered = pairs[order]
    low, high = (r + np.count_nonzero(taken <= r, axis=1) for r in ((left - 1) // 2, left // 2))
    return np.asarray((ordered[low] + ordered[high]) / 2), np.asarray(var_r)


class ItemCoefficients(NamedTuple):
    """How each item goes with its scale; arrays (k,)."""

    r_raw: FloatArray
    r_std: FloatArray
    r_cor: FloatArray
    r_drop: FloatArray


def item_total_correlations(
    values: FloatArray, moments: ItemMoments, scale: ScaleMatrices
) -> ItemCoefficients:
    """Item-total correlations: plain, of standardized items, overlap-corrected and with the item dropped."""
    cov, columns = moments.cov, scale.R.sum(axis=0)
    reduced = columns - 1 + scale.smc
    rows, diagonal = cov.sum(axis=0), np.diagonal(cov)
    rest = rows.sum() - 2 * rows + diagonal
    # Pairwise covariances need not be positive definite: what has no variance has no correlation.
    whole, within = (np.nan if one <= 0 else one for one in (columns.sum(), reduced.sum()))
    return ItemCoefficients(
        r_raw=_correlate_with_items(values, moments),
        r_std=columns / np.sqrt(whole),
        r_cor=reduced / np.sqrt(within),
        r_drop=(rows - diagonal) / np.sqrt(np.where(rest > 0, diagonal * rest, np.nan)),
    )


def scale_scores(values: FloatArray) -> FloatArray:
    """Mean of the items a row has; NaN where it has none."""
    means = values.mean(axis=1)
    if not np.isnan(means).any():
        return np.asarray(means)
    observed = ~np.isnan(values)
    counts = observed.sum(axis=1)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(observed, values, 0.0).sum(axis=1) / counts)


def scale_mean(values: FloatArray, moments: ItemMoments) -> tuple[float, float]:
    """Mean and standard deviation of the scale mean per row; from the moments where no answer is missing."""
    if moments.counts.min() == moments.n:
        return float(moments.mean.mean()), float(np.sqrt(moments.cov.sum())) / moments.mean.size
    scores = scale_scores(values)
    scores = scores[~np.isnan(scores)]
    return float(scores.mean()), float(scores.std(ddof=1))


def _correlate_with_items(values: FloatArray, moments: ItemMoments) -> FloatArray:
    """Correlation of the mean score with each item, over the rows that have the item."""
    if moments.counts.min() == moments.n:
        rows = moments.cov.sum(axis=0)
        return np.asarray(rows / (moments.sd * np.sqrt(rows.sum())))
    observed = ~np.isnan(values)
    x = np.where(observed, values - moments.mean, 0.0)
    y = np.where(observed.any(axis=1), scale_scores(values), 0.0)
    y_mean = observed.T @ y / moments.counts
    y_square = observed.T @ (y * y) - moments.counts * y_mean**2
    return np.asarray((x.T @ y) / np.sqrt(np.sum(x * x, axis=0) * y_square))


def unidimensionality(scale: ScaleMatrices) -> float:
    """psych's `Unidim`: how well one average correlation reproduces the whole correlation matrix."""
    k, pairs = scale.R.shape[0], scale.pairs
    average_r = pairs.mean()
    misfit = k * (1 - average_r) ** 2 + 2 * np.sum((pairs - average_r) ** 2)
    return float(1 - misfit / (k + 2 * np.vdot(pairs, pairs)))


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
