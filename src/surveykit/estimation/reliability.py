"""Coefficient alpha with everything psych::alpha prints beside it, on arrays.

Notation as in the papers: k items, covariance matrix C, correlation matrix R.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

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


class ScaleCoefficients(NamedTuple):
    """Arrays (k + 1,): the coefficients of a scale, then of the scale with each item dropped."""

    alpha: FloatArray
    standardized_alpha: FloatArray
    lambda6: FloatArray
    average_r: FloatArray
    signal_noise: FloatArray
    se: FloatArray  # Duhachek & Iacobucci (2004)
    var_r: FloatArray
    median_r: FloatArray


def alpha_of(cov: FloatArray) -> FloatArray:
    """Alpha of covariance matrices (..., k, k)."""
    k = cov.shape[-1]
    trace = np.trace(cov, axis1=-2, axis2=-1)
    return np.asarray((1 - trace / cov.sum(axis=(-2, -1))) * (k / (k - 1)))


class ScaleMatrices(NamedTuple):
    """What all coefficients of a scale share, computed once."""

    cov: FloatArray  # (k, k)
    cov_sums: FloatArray  # (k,) sums of its columns
    R: FloatArray  # (k, k)
    r_sums: FloatArray  # (k,) sums of its columns
    inverse: FloatArray  # (k, k) of R; the pseudo-inverse where R is singular
    singular: bool
    smc: FloatArray  # (k,) squared multiple correlations
    pairs: FloatArray  # (k (k - 1) / 2,) correlations below the diagonal, row by row


def scale_matrices(cov: FloatArray) -> ScaleMatrices:
    """The matrices of a scale from its covariance matrix."""
    R = correlation(cov)
    inverse, singular = symmetric_inverse(R)
    pairs = R.reshape(-1)[_below(R.shape[0])[0]]
    return ScaleMatrices(
        cov, cov.sum(axis=0), R, R.sum(axis=0), inverse, singular, smc_of_inverse(inverse), pairs
    )


@cache
def _below(k: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where each pair of items stands in a flat (k, k) matrix: below and above its diagonal."""
    rows, columns = np.tril_indices(k, -1)
    return rows * k + columns, columns * k + rows


class _Sums(NamedTuple):
    """Sums over a scale, then over the scale without each item; arrays (k + 1,)."""

    trace: FloatArray  # of C
    total: FloatArray  # 1'C1
    total_sq: FloatArray  # 1'C²1
    trace_sq: FloatArray  # of C²
    total_r: FloatArray  # 1'R1
    deviations: FloatArray  # of the correlations from their average
    deviations_sq: FloatArray


def _sums(scale: ScaleMatrices) -> _Sums:
    cov, rows, diagonal = scale.cov, scale.cov_sums, np.diagonal(scale.cov)
    squares = np.einsum("ij,ij->j", cov, cov)
    off_average = scale.R - scale.pairs.sum() / scale.pairs.size
    np.fill_diagonal(off_average, 0.0)
    off_squares = np.einsum("ij,ij->j", off_average, off_average)
    # What leaves with each item; nothing before it, so that the first column is the whole scale.
    leaving = np.zeros((len(_Sums._fields), rows.size + 1))
    leaving[:, 1:] = (
        diagonal,
        2 * rows - diagonal,
        # Squared row sums after the item's column is taken out, its row left out.
        2 * (rows @ cov) - squares + (rows - diagonal) ** 2,
        2 * squares - diagonal**2,
        2 * scale.r_sums - 1,
        off_average.sum(axis=0),
        off_squares,
    )
    whole = (diagonal.sum(), rows.sum(), rows @ rows, squares.sum(), scale.r_sums.sum(), 0.0)
    sums = _Sums(*(np.array([*whole, off_squares.sum() / 2])[:, None] - leaving))
    large = _dominant(diagonal)
    if large is not None:
        rest, at = _without(cov, large), large + 1
        left = rest.sum(axis=0)
        sums.trace[at], sums.total[at] = np.trace(rest), left.sum()
        sums.total_sq[at], sums.trace_sq[at] = left @ left, np.sum(rest**2)
    return sums


def _dominant(variances: FloatArray) -> int | None:
    """The one item of nearly all the variance, if there is: what subtracting it leaves is rounding error."""
    largest = int(variances.argmax())
    return largest if variances[largest] > 0.99 * variances.sum() else None


def _without(cov: FloatArray, item: int) -> FloatArray:
    return np.delete(np.delete(cov, item, axis=0), item, axis=1)


def scale_coefficients(scale: ScaleMatrices, n: int) -> ScaleCoefficients:
    """Alpha and what goes with it, of the scale and of the scale without each item, not refitted k times.

    NaN where the items cancel each other out, or where one item would be left.
    """
    k, sums = scale.cov.shape[0], _sums(scale)
    m, left, free, size = _sizes(k)
    cancelled = 1e-12 if k > 2 else np.array([1e-12, np.inf, np.inf])
    with np.errstate(divide="ignore", invalid="ignore"):
        total = np.where(sums.total > cancelled * sums.trace, sums.total, np.nan)
        total_r = np.where(sums.total_r > cancelled * k, sums.total_r, np.nan)
        average_r = (sums.total_r - m) / (2 * left)
        # Within rounding of 1 the ratio of signal and noise would be any large number.
        noise = np.where(1 - average_r > 1e-14, 1 - average_r, 0.0)
        trace = sums.trace
        q = size**2 / total**3 * (total * (sums.trace_sq + trace**2) - 2 * trace * sums.total_sq)
        return ScaleCoefficients(
            alpha=(1 - trace / total) * size,
            standardized_alpha=(1 - m / total_r) * size,
            lambda6=1 - (m - _smc_sums(scale)) / total_r,
            average_r=average_r,
            signal_noise=m * average_r / noise,
            se=np.sqrt(np.maximum(q, 0.0) * (2 / n)),
            var_r=(sums.deviations_sq - sums.deviations**2 / left) / free,
            median_r=_medians_left(scale.pairs, k),
        )


@cache
def _sizes(k: int) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Items m, their pairs, these less 1 (NaN of none), m / (m - 1): of the scale, then without each item."""
    m = np.array([k, *[k - 1] * k], dtype=float)
    left = m * (m - 1) / 2
    with np.errstate(divide="ignore"):
        return m, left, np.where(left > 1, left - 1, np.nan), m / (m - 1)


def _smc_sums(scale: ScaleMatrices) -> FloatArray:
    """Sum of the squared multiple correlations of all items, then of those that remain without each."""
    R, inverse = scale.R, scale.inverse
    if scale.singular:
        without = [squared_multiple_correlations(_without(R, i)).sum() for i in range(R.shape[0])]
    else:
        # Inverse of R without row and column i: the partitioned-inverse formula, diagonal only.
        diagonal = np.diagonal(inverse)
        remaining = diagonal - inverse**2 / diagonal[:, None]
        np.fill_diagonal(remaining, 1.0)
        without = np.minimum(np.maximum(1 - 1 / remaining, 0.0), 1.0).sum(axis=1)
    return np.concatenate([[scale.smc.sum()], without])


def _medians_left(pairs: FloatArray, k: int) -> FloatArray:
    """Median of all pairs, then of those that remain without each item.

    All pairs are ranked once; the r-th one left is found by counting the ranks taken out before it.
    """
    if k == 2:
        return np.array([pairs[0], np.nan, np.nan])
    order = np.argsort(pairs)
    rank = np.empty(pairs.size, dtype=np.int32)
    rank[order] = np.arange(pairs.size, dtype=np.int32)
    ranks = np.full((k, k), pairs.size, dtype=np.int32)  # the diagonal sorts last and is cut off
    for side in _below(k):
        ranks.reshape(-1)[side] = rank
    ranks.sort(axis=1)
    taken = ranks[:, :-1] - np.arange(k - 1, dtype=np.int32)
    left = (k - 1) * (k - 2) // 2
    places = np.empty((2, k + 1), dtype=np.intp)
    places[:, 0] = (pairs.size - 1) // 2, pairs.size // 2
    for row, r in enumerate(((left - 1) // 2, left // 2)):
        places[row, 1:] = r + np.count_nonzero(taken <= r, axis=1)
    return np.asarray(pairs[order[places]].sum(axis=0) / 2)


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
    rows, diagonal, columns = scale.cov_sums, np.diagonal(scale.cov), scale.r_sums
    reduced = columns - 1 + scale.smc
    rest, shared = rows.sum() - 2 * rows + diagonal, rows - diagonal
    large = _dominant(diagonal)
    if large is not None:
        rest[large] = _without(scale.cov, large).sum()
        shared[large] = np.delete(scale.cov[large], large).sum()
    least = 1e-12 * np.maximum(diagonal.sum() - diagonal, 0.0)
    # Pairwise covariances need not be positive definite: what has no variance has no correlation.
    whole, within = (np.nan if one <= 0 else one for one in (columns.sum(), reduced.sum()))
    return ItemCoefficients(
        r_raw=_correlate_with_items(values, moments),
        r_std=columns / np.sqrt(whole),
        r_cor=reduced / np.sqrt(within),
        r_drop=shared / np.sqrt(np.where(rest > least, diagonal * rest, np.nan)),
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
    average_r = float(pairs.sum()) / pairs.size
    deviations = pairs - average_r
    misfit = k * (1 - average_r) ** 2 + 2 * float(deviations @ deviations)
    return float(1 - misfit / (k + 2 * float(pairs @ pairs)))


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
