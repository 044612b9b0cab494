"""Second step, case by case: correlations of pairs with a numeric variable, or given covariates.

Pairs of ordered variables without covariates need only their two-way table
(`polychoric`). Here respondents are rows and the pairs of one variable with
many others are lanes. For every pair: the correlation, each respondent's score,
and the sums of products of that score with the scores of the two variables'
own parameters (lavaan's A21).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from surveykit.estimation.bivariate_normal import cdf, density
from surveykit.estimation.ordinal_margins import Margin
from surveykit.estimation.polychoric import BOUND, LEAST, maximize

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

# lavaan keeps a polyserial correlation inside this.
POLYSERIAL_BOUND = 0.995


class Pairs(NamedTuple):
    """One variable with m others. `own` (parameters, m) and `other` (parameters, m) are the pulls."""

    rho: FloatArray  # (m,)
    score: FloatArray  # (n, m), 0 where either answer is missing
    own: FloatArray
    other: FloatArray
    bounded: BoolArray  # (m,)


class Lanes(NamedTuple):
    """Variables side by side: bounds of the residual, codes (0 missing), and the variance; (n, m) each."""

    lower: FloatArray
    upper: FloatArray
    codes: IntArray
    variance: FloatArray  # (m,)

    @classmethod
    def of(cls, margins: list[Margin], codes: list[IntArray]) -> Lanes:
        return cls(
            np.column_stack([one.lower for one in margins]),
            np.column_stack([one.upper for one in margins]),
            np.column_stack(codes),
            np.array([one.variance for one in margins]),
        )


def pearson_pairs(own: Lanes, others: Lanes, x: FloatArray) -> Pairs:
    """Numeric with numeric: the maximum likelihood correlation given means and variances."""
    both = ~(np.isnan(own.upper) | np.isnan(others.upper))
    z, w = np.where(both, own.upper, 0.0), np.where(both, others.upper, 0.0)
    n = both.sum(axis=0)
    zz, ww, zw = (z * z).sum(axis=0) / n, (w * w).sum(axis=0) / n, (z * w).sum(axis=0) / n

    def derivatives(rho: FloatArray, lanes: IntArray | slice) -> tuple[FloatArray, FloatArray]:
        cross, squares = zw[lanes], zz[lanes] + ww[lanes]
        rest = 1 - rho * rho
        slope = rho * rest + cross * (1 + rho * rho) - rho * squares
        curvature = 1 - 3 * rho * rho + 2 * rho * cross - squares
        # The slope of the likelihood times rest^2; its own slope serves where it falls.
        return slope, np.where(curvature < 0, curvature, -squares)

    start = zw / np.sqrt(zz * ww)
    rho, _ = maximize(derivatives, start, BOUND)
    # With complete data the moments agree and the answer is the plain correlation.
    rho = np.where(both.all(axis=0), start, rho)
    inside = np.clip(rho, -BOUND, BOUND)
    rest = 1 - inside * inside
    score = np.where(
        both, inside / rest + (z * w - inside * (z * z - 2 * inside * z * w + w * w) / rest) / rest, 0.0
    )
    pulls = []
    for one, other, variance in ((z, w, own.variance), (w, z, others.variance)):
        by_mean = (one - inside * other) / rest / np.sqrt(variance)
        by_variance = ((one * one - inside * one * other) / rest - both) / (2 * variance)
        pulls.append(numeric_pull(x, score * by_mean, score * by_variance))
    return Pairs(rho, score, pulls[0], pulls[1], np.abs(rho) >= BOUND)


def polyserial_pairs(own: Lanes, others: Lanes, x: FloatArray, width: int) -> Pairs:
    """One numeric variable with ordered ones; `width` is the largest number of categories."""
    both = ~(np.isnan(own.upper) | np.isnan(others.upper))
    z = np.where(both, own.upper, 0.0)
    lower, upper = np.where(both, others.lower, 0.0), np.where(both, others.upper, 0.0)

    def derivatives(rho: FloatArray, lanes: IntArray | slice) -> tuple[FloatArray, FloatArray]:
        there = both[:, lanes]
        score, curvature, *_ = _polyserial(rho, z[:, lanes], lower[:, lanes], upper[:, lanes])
        score, curvature = np.where(there, score, 0.0), np.where(there, curvature, 0.0)
        squares = (score * score).sum(axis=0)
        total = curvature.sum(axis=0)
        return score.sum(axis=0), np.where(total < 0, total, -np.maximum(squares, LEAST))

    rho, _ = maximize(derivatives, _polyserial_start(z, others.codes, both), POLYSERIAL_BOUND)
    score, _, by_upper, by_lower = (np.where(both, one, 0.0) for one in _polyserial(rho, z, lower, upper))
    slide = rho * (by_upper + by_lower)
    by_mean = np.where(both, (z + slide) / np.sqrt(own.variance), 0.0)
    by_variance = np.where(both, (z * z - 1 + slide * z) / (2 * own.variance), 0.0)
    return Pairs(
        rho,
        score,
        numeric_pull(x, score * by_mean, score * by_variance),
        ordered_pull(others.codes, x, score * by_upper, score * by_lower, width),
        np.abs(rho) >= POLYSERIAL_BOUND,
    )


def polychoric_pairs(own: Lanes, others: Lanes, x: FloatArray, width: int) -> Pairs:
    """One ordered variable with others, each respondent with thresholds of his own (given covariates)."""
    both = ~(np.isnan(own.upper) | np.isnan(others.upper))
    bounds = [np.where(both, one, 0.0) for one in (own.lower, own.upper, others.lower, others.upper)]

    def derivatives(rho: FloatArray, lanes: IntArray | slice) -> tuple[FloatArray, FloatArray]:
        there = both[:, lanes]
        probability, first, second = _rectangle(rho, *(one[:, lanes] for one in bounds))
        there = there & (probability > LEAST)
        score = np.where(there, first / probability, 0.0)
        squares = (score * score).sum(axis=0)
        total = np.where(there, second / probability, 0.0).sum(axis=0) - squares
        return score.sum(axis=0), np.where(total < 0, total, -np.maximum(squares, LEAST))

    rho, _ = maximize(derivatives, _code_correlation(own.codes, others.codes, both), BOUND)
    probability, first, _ = _rectangle(rho, *bounds)
    # As lavaan: an answer that the model holds impossible carries no information.
    probability = np.where(both & (probability > LEAST), probability, np.inf)
    score = first / probability
    lower, upper, other_lower, other_upper = bounds
    weight = score / probability
    return Pairs(
        rho,
        score,
        ordered_pull(
            np.broadcast_to(own.codes, both.shape),
            x,
            weight * _edge(upper, other_lower, other_upper, rho),
            -weight * _edge(lower, other_lower, other_upper, rho),
            width,
        ),
        ordered_pull(
            others.codes,
            x,
            weight * _edge(other_upper, lower, upper, rho),
            -weight * _edge(other_lower, lower, upper, rho),
            width,
        ),
        np.abs(rho) >= BOUND,
    )


def numeric_pull(x: FloatArray, by_mean: FloatArray, by_variance: FloatArray) -> FloatArray:
    """Sums over respondents by the parameters of a numeric variable: mean, slopes, variance; (q + 2, m)."""
    return np.vstack([by_mean.sum(axis=0), x.T @ by_mean, by_variance.sum(axis=0)])


def ordered_pull(
    codes: IntArray, x: FloatArray, by_upper: FloatArray, by_lower: FloatArray, width: int
) -> FloatArray:
    """Sums by the parameters of an ordered variable: thresholds, then slopes; (width - 1 + q, m)."""
    thresholds = [
        np.where(codes == k, by_upper, 0.0).sum(axis=0) + np.where(codes == k + 1, by_lower, 0.0).sum(axis=0)
        for k in range(1, width)
    ]
    return np.vstack([*thresholds, -(x.T @ (by_upper + by_lower))])


def _polyserial(
    rho: FloatArray, z: FloatArray, lower: FloatArray, upper: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Casewise derivatives of log P(ordered | z): in rho, twice in rho, and in the two bounds."""
    rest = 1 - rho * rho
    root = np.sqrt(rest)
    high, low = (upper - rho * z) / root, (lower - rho * z) / root
    probability = np.where(low > 0, ndtr(-low) - ndtr(-high), ndtr(high) - ndtr(low))
    probability = np.maximum(probability, np.finfo(float).eps)
    scale = np.sqrt(2 * np.pi) * probability
    phi_high, phi_low = np.exp(-0.5 * high * high) / scale, np.exp(-0.5 * low * low) / scale
    by_high, by_low = (rho * upper - z) / (rest * root), (rho * lower - z) / (rest * root)
    score = phi_high * by_high - phi_low * by_low
    twice_high = upper / (rest * root) + 3 * rho * by_high / rest - high * by_high * by_high
    twice_low = lower / (rest * root) + 3 * rho * by_low / rest - low * by_low * by_low
    curvature = phi_high * twice_high - phi_low * twice_low - score * score
    return score, curvature, phi_high / root, -phi_low / root


def _polyserial_start(z: FloatArray, codes: IntArray, both: BoolArray) -> FloatArray:
    return 1.1 * _correlation(z, codes.astype(np.float64), both)


def _code_correlation(own: IntArray, others: IntArray, both: BoolArray) -> FloatArray:
    return 1.1 * _correlation(
        np.broadcast_to(own.astype(np.float64), both.shape), others.astype(np.float64), both
    )


def _correlation(a: FloatArray, b: FloatArray, both: BoolArray) -> FloatArray:
    """Pearson's correlation of paired answers, a start for the iteration; (m,)."""
    n = both.sum(axis=0)
    a = np.where(both, a - np.where(both, a, 0.0).sum(axis=0) / n, 0.0)
    b = np.where(both, b - np.where(both, b, 0.0).sum(axis=0) / n, 0.0)
    size = np.sqrt((a * a).sum(axis=0) * (b * b).sum(axis=0))
    return np.asarray((a * b).sum(axis=0) / np.where(size > 0, size, 1.0))


def _rectangle(
    rho: FloatArray, lower: FloatArray, upper: FloatArray, other_lower: FloatArray, other_upper: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Probability of each respondent's rectangle, and its first and second derivative in rho."""
    rest = 1 - rho * rho
    totals = [np.zeros(lower.shape) for _ in range(3)]
    for h, k, sign in (
        (upper, other_upper, 1.0),
        (lower, other_upper, -1.0),
        (upper, other_lower, -1.0),
        (lower, other_lower, 1.0),
    ):
        first = sign * density(h, k, rho)
        product = h * k
        second = first * (product + rho - rho * (h * h + k * k - 2 * rho * product) / rest) / rest
        for total, part in zip(totals, (sign * cdf(h, k, rho), first, second), strict=True):
            total += part
    return np.maximum(totals[0], LEAST), totals[1], totals[2]


def _edge(at: FloatArray, lower: FloatArray, upper: FloatArray, rho: FloatArray) -> FloatArray:
    """Density of one variable at `at` times the probability of the other's interval there."""
    root = np.sqrt(1 - rho * rho)
    inside = ndtr((upper - rho * at) / root) - ndtr((lower - rho * at) / root)
    return np.asarray(np.exp(-0.5 * at * at) / np.sqrt(2 * np.pi) * inside)
