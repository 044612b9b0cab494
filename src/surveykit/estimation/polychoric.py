"""Polychoric correlations: two-step maximum likelihood, all pairs of items in one Newton iteration.

Thresholds come from each item's own margins; then each pair's correlation
maximises the likelihood of its two-way table (Olsson 1979), as lavaan's
lavCor does, with lavaan's rules for empty cells: a half is added to a single
empty cell of a 2 x 2 table, margins kept, and nowhere else.

Layout: pairs are *lanes* on the last axis. Items have codes 1..K, 0 is
missing; tables and thresholds are padded to the largest K (a padded threshold
is infinite, a padded cell empty). Pairs run (0,1), (0,2), ... (0,p-1), (1,2), ...:
the strict lower triangle, column by column.

References
----------
Olsson (1979), doi:10.1007/BF02296207; Muthen (1984), doi:10.1007/BF02294210.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from surveykit.estimation.bivariate_normal import FAR, cdf, density
from surveykit.estimation.moments import lower_triangle

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

# A correlation of ordinal variables stays inside this; lavaan's bound.
BOUND = 0.999
# The least probability that a cell is given, lavaan's floor.
LEAST = float(np.finfo(float).eps ** (2 / 3))
# Rows of a one-hot matrix at a time: keeps memory flat for any number of respondents.
_ROWS = 4096
# Whole numbers within this range are encoded by looking them up.
_STEPS = 64


class Polychorics(NamedTuple):
    """Correlations of all pairs, with what their standard errors are made from. K categories, P pairs."""

    rho: FloatArray  # (P,)
    counts: FloatArray  # (K, K, P) answers in each cell, first item of the pair by second
    probability: FloatArray  # (K, K, P) of the cells at rho
    score: FloatArray  # (K, K, P) derivative of the log probability in rho
    row: FloatArray  # (K - 1, P) thresholds of the first item
    column: FloatArray  # (K - 1, P) of the second
    perfect: BoolArray  # (P,) one item decides the other: rho is at its bound
    empty: IntArray  # (P,) empty cells of the table


def pair_indices(p: int) -> tuple[IntArray, IntArray]:
    """First and second item of each of the p(p-1)/2 pairs."""
    second, first = lower_triangle(p, diagonal=False)
    return first, second


def encode(values: FloatArray) -> tuple[IntArray, tuple[FloatArray, ...]]:
    """Codes 1..K (0 for NaN), shape (n, p), and each item's observed categories in ascending order."""
    present = ~np.isnan(values)
    low = values.min(initial=np.inf, where=present)
    steps = np.where(present, values - low, 0.0)
    if steps.max(initial=0.0) >= _STEPS or (steps != np.floor(steps)).any():
        return _encode_any(values, present)
    # Whole numbers close together: a table of all steps says which are used, and their rank.
    places, items = steps.astype(np.int64), np.arange(values.shape[1])
    used = np.zeros((_STEPS, values.shape[1]), dtype=np.int64)
    used[places[present], np.nonzero(present)[1]] = 1
    codes = np.where(present, np.cumsum(used, axis=0)[places, items], 0)
    return codes, tuple(low + np.flatnonzero(column) for column in used.T)


def _encode_any(values: FloatArray, present: BoolArray) -> tuple[IntArray, tuple[FloatArray, ...]]:
    codes = np.zeros(values.shape, dtype=np.int64)
    categories = []
    for item in range(values.shape[1]):
        there = present[:, item]
        levels, places = np.unique(values[there, item], return_inverse=True)
        codes[there, item] = places + 1
        categories.append(levels)
    return codes, tuple(categories)


def marginal_counts(codes: IntArray, width: int) -> FloatArray:
    """Answers in category 1..width of each item, shape (width, p)."""
    return np.stack([(codes == k).sum(axis=0) for k in range(1, width + 1)]).astype(np.float64)


def marginal_thresholds(counts: FloatArray) -> FloatArray:
    """Normal quantiles of the cumulative shares, shape (K - 1, p); infinite above an item's last category."""
    shares = np.cumsum(counts, axis=0) / counts.sum(axis=0)
    # The last category's share is exactly 1; rounding must not leave it a hair below.
    beyond = np.cumsum(counts[::-1], axis=0)[::-1][1:] == 0
    return np.where(beyond, FAR, ndtri(np.where(beyond, 0.5, shares[:-1])))


def pair_counts(codes: IntArray, width: int) -> FloatArray:
    """Two-way tables of all pairs with codes 0..width (0 is missing), shape (width+1, width+1, P)."""
    n, p = codes.shape
    total = np.zeros((p * (width + 1), p * (width + 1)))
    for start in range(0, n, _ROWS):
        block = codes[start : start + _ROWS, :, None] == np.arange(width + 1)
        # Counts of at most _ROWS are exact in single precision.
        hot = block.reshape(len(block), -1).astype(np.float32)
        total += hot.T @ hot
    first, second = pair_indices(p)
    tables = total.reshape(p, width + 1, p, width + 1)[first, :, second, :]
    return np.ascontiguousarray(tables.transpose(1, 2, 0))


def polychoric_correlations(counts: FloatArray, row: FloatArray, column: FloatArray) -> Polychorics:
    """The maximum likelihood correlation of every table, given the thresholds.

    Parameters
    ----------
    counts : array, shape (K, K, P)
    row, column : arrays, shape (K - 1, P)
        Thresholds of the first and the second item of each pair, `FAR` where an item has fewer.
    """
    empty = _empty_cells(counts, row, column)
    smoothed, perfect = _two_by_two(counts, row, column)

    def derivatives(rho: FloatArray, lanes: IntArray | slice) -> tuple[FloatArray, FloatArray]:
        cells = _cells(rho, row[:, lanes], column[:, lanes])
        return _slope_and_curvature(smoothed[..., lanes], *cells)

    # The cells are needed at the maximum anyway, and give the last Newton step: stop one early.
    rho, _ = maximize(derivatives, _start(smoothed, row, column), BOUND, tolerance=1e-4)
    cells = _cells(rho, row, column)
    slope, curvature = _slope_and_curvature(smoothed, *cells)
    # Flat up to the bound: a standard error above 1 so near to ±1 means that no maximum lies inside.
    bounded = (perfect != 0.0) | (np.abs(rho) >= BOUND) | ((np.abs(rho) > 0.9) & (curvature > -1.0))
    limit = np.where(perfect != 0.0, perfect, np.copysign(BOUND, rho))
    rho = np.where(bounded, limit, rho - slope / curvature)
    return Polychorics(rho, counts, cells[0], cells[1] / cells[0], row, column, bounded, empty)


def threshold_pull(fit: Polychorics) -> tuple[FloatArray, FloatArray]:
    """Cross-information of each correlation with its two items' thresholds, (K - 1, P) each.

    Sums over respondents of (score of the correlation) x (score of the
    threshold in the pair's likelihood): lavaan's A21.
    """
    weight = fit.counts * fit.score / fit.probability
    return (
        _pull(weight, fit.row, fit.column, fit.rho),
        _pull(weight.transpose(1, 0, 2), fit.column, fit.row, fit.rho),
    )


def maximize(
    derivatives: Callable[[FloatArray, IntArray | slice], tuple[FloatArray, FloatArray]],
    start: FloatArray,
    bound: float,
    tolerance: float = 1e-7,
) -> tuple[FloatArray, BoolArray]:
    """Newton for many one-dimensional likelihoods at once, kept inside the bracket that the slopes give.

    `derivatives(rho, lanes)` returns slope and curvature of the named lanes.
    Newton squares its error: after a step of 1e-7, the default `tolerance`, nothing is left to gain.
    Returns the maximisers and which of them converged; a maximiser may be at ±bound.
    """
    rho = np.clip(start, -0.95 * bound, 0.95 * bound)
    low, high = np.full_like(rho, -bound), np.full_like(rho, bound)
    done = np.zeros(rho.shape, dtype=np.bool_)
    for _ in range(60):
        active: IntArray | slice = np.flatnonzero(~done) if done.any() else slice(None)
        x = rho[active].copy()
        slope, curvature = derivatives(x, active)
        low[active] = np.where(slope > 0, x, low[active])
        high[active] = np.where(slope < 0, x, high[active])
        lower, upper = low[active], high[active]
        # Three quarters of the way to ±1 at most: far from the maximum the parabola says little.
        step = np.clip(-slope / curvature, -0.75 * (1 + x), 0.75 * (1 - x))
        new = np.clip(x + step, -bound, bound)
        outside = ((new >= upper) & (upper < bound)) | ((new <= lower) & (lower > -bound))
        new = np.where(outside, (lower + upper) / 2, new)
        rho[active] = new
        done[active] = np.abs(new - x) < tolerance
        if done.all():
            break
    return rho, done


def _empty_cells(counts: FloatArray, row: FloatArray, column: FloatArray) -> IntArray:
    rows, columns = _used(row), _used(column)
    return np.asarray(((counts == 0) & rows[:, None] & columns[None]).sum(axis=(0, 1)), dtype=np.int64)


def _used(thresholds: FloatArray) -> BoolArray:
    """Which of the K categories an item has, shape (K, P)."""
    first = np.ones((1, thresholds.shape[1]), dtype=np.bool_)
    return np.concatenate([first, thresholds < FAR])


def _two_by_two(counts: FloatArray, row: FloatArray, column: FloatArray) -> tuple[FloatArray, FloatArray]:
    """lavaan's rule for 2 x 2 tables: half an answer for one empty cell; ±1 where a diagonal is empty."""
    binary = (_used(row).sum(axis=0) == 2) & (_used(column).sum(axis=0) == 2)
    a, b, c, d = counts[0, 0], counts[0, 1], counts[1, 0], counts[1, 1]
    main = (a == 0).astype(np.float64) + (d == 0)
    anti = (b == 0).astype(np.float64) + (c == 0)
    perfect = np.where(binary & (main + anti == 2), (anti - main) / 2, 0.0)
    shift = np.where(binary & (main + anti == 1), (main - anti) / 2, 0.0)
    if not shift.any():
        return counts, perfect
    counts = counts.copy()
    counts[:2, :2] += np.array([[1, -1], [-1, 1]])[:, :, None] * shift
    return counts, perfect


def _start(counts: FloatArray, row: FloatArray, column: FloatArray) -> FloatArray:
    """The correlation that gives the covariance of the codes, from three terms of Mehler's series."""
    codes = np.arange(1.0, len(counts) + 1)
    n = np.maximum(counts.sum(axis=(0, 1)), 1.0)
    by_row, by_column = codes @ counts.sum(axis=1) / n, codes @ counts.sum(axis=0) / n
    covariance = np.einsum("a,b,abp->p", codes, codes, counts) / n - by_row * by_column
    terms = []
    for tau in (row, column):
        phi = np.exp(-0.5 * tau * tau) / np.sqrt(2 * np.pi)
        terms.append([(phi * hermite).sum(axis=0) for hermite in (1.0, tau, tau * tau - 1.0)])
    one, two, three = (x * y for x, y in zip(*terms, strict=True))
    rho = np.clip(covariance / one, -0.9, 0.9)
    for _ in range(2):
        excess = rho * (one + rho * (two / 2 + rho * three / 6)) - covariance
        slope = np.maximum(one + rho * (two + rho * three / 2), one / 4)
        rho = np.clip(rho - excess / slope, -0.9, 0.9)
    return np.asarray(rho)


def _cells(rho: FloatArray, row: FloatArray, column: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Probability of every cell and its first and second derivative in rho, (K, K, P) each."""
    h, k = row[:, None], column[None]
    grid, first = cdf(h, k, rho), density(h, k, rho)
    rest = (1.0 - rho) * (1.0 + rho)
    product = h * k
    second = first * (product + rho - rho * (h * h + k * k - 2.0 * rho * product) / rest) / rest
    probability = _rectangles(grid, ndtr(row), ndtr(column), 1.0)
    none = np.zeros_like(row)
    return (
        np.maximum(probability, LEAST),
        _rectangles(first, none, none, 0.0),
        _rectangles(second, none, none, 0.0),
    )


def _rectangles(grid: FloatArray, row: FloatArray, column: FloatArray, corner: float) -> FloatArray:
    """Differences over cells of a function known at the thresholds and, by its margins, at infinity."""
    rows, columns, lanes = grid.shape
    whole = np.zeros((rows + 2, columns + 2, lanes))
    whole[1:-1, 1:-1] = grid
    whole[1:-1, -1], whole[-1, 1:-1], whole[-1, -1] = row, column, corner
    bands = whole[1:] - whole[:-1]
    return np.asarray(bands[:, 1:] - bands[:, :-1])


def _slope_and_curvature(
    counts: FloatArray, probability: FloatArray, first: FloatArray, second: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Of the log-likelihood; where it is not concave, the expected curvature instead."""
    share = counts / probability
    slope = (share * first).sum(axis=(0, 1))
    squares = (share * first * first / probability).sum(axis=(0, 1))
    curvature = (share * second).sum(axis=(0, 1)) - squares
    return slope, np.where(curvature < 0, curvature, -np.maximum(squares, LEAST))


def _pull(weight: FloatArray, tau: FloatArray, other: FloatArray, rho: FloatArray) -> FloatArray:
    inside = np.clip(rho, -BOUND, BOUND)
    below = ndtr((other[None] - inside * tau[:, None]) / np.sqrt(1 - inside * inside))
    edges = np.zeros((len(tau), 1, len(rho)))
    conditional = np.diff(np.concatenate([edges, below, edges + 1.0], axis=1), axis=1)
    phi = np.exp(-0.5 * tau * tau) / np.sqrt(2 * np.pi)
    return np.asarray(phi * ((weight[:-1] - weight[1:]) * conditional).sum(axis=1))
