"""By how much one sample lies above another: the Hodges-Lehmann shift and its interval from ranks.

The shift is where a rank statistic of the moved sample crosses its expectation; it is found
without listing all pairwise differences, of which 10,000 against 10,000 answers have 100 million.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from surveykit.estimation.two_samples import FloatArray

ROUNDS = 60  # halvings of the range: beyond double precision


class Shift(NamedTuple):
    """Median of the differences; `level`: the confidence that the interval really has."""

    estimate: float
    ci_lower: float
    ci_upper: float
    level: float


def hodges_lehmann(x: FloatArray, y: FloatArray, conf_level: float = 0.95) -> Shift:
    """Shift of `x` against `y` with the interval of the normal approximation, as R's wilcox.test.

    Corrected for continuity and ties.
    """
    from scipy.special import ndtri

    z = float(ndtri(0.5 + conf_level / 2))
    x, y = np.sort(x), np.sort(y)
    estimate = _crossing(x, y, 0.0, correct=False)
    lower, upper = (_crossing(x, y, edge, correct=True) for edge in (z, -z))
    return Shift(estimate, lower, upper, conf_level)


def _crossing(x: FloatArray, y: FloatArray, wanted: float, *, correct: bool) -> float:
    """Where the standardized rank sum of `x - shift`, which falls in steps, passes `wanted`.

    Each step is at a difference of two values; where the sum equals `wanted` between two
    steps, their midpoint.
    """
    low, high = float(x[0] - y[-1]), float(x[-1] - y[0])
    room = 1e-9 * max(1.0, abs(low), abs(high))
    ends = []
    for over in (True, False):  # the last shift above, the first one below
        left, right = low - 1e3 * room, high + 1e3 * room
        for _ in range(ROUNDS):
            middle = 0.5 * (left + right)
            value = _standardized(x, y, middle, correct=correct)
            above = value > wanted if over else value >= wanted
            left, right = (middle, right) if above else (left, middle)
            if right - left < 0.25 * room:
                break
        ends.append(_nearest_difference(x, y, left - room, right + room))
    return 0.5 * (ends[0] + ends[1])


def _standardized(x: FloatArray, y: FloatArray, shift: float, *, correct: bool) -> float:
    """Rank sum of `x - shift` in standard deviations from its expectation; both samples sorted."""
    moved = x - shift
    n, m = len(x), len(y)
    below, to = np.searchsorted(y, moved, "left"), np.searchsorted(y, moved, "right")
    u = float(below.sum() + 0.5 * (to - below).sum()) - n * m / 2
    _, ties = np.unique(np.concatenate([moved, y]), return_counts=True)
    size = n + m
    variance = n * m / 12 * (size + 1 - float((ties**3 - ties).sum()) / (size * (size - 1)))
    return (u - (math.copysign(0.5, u) if correct and u else 0.0)) / math.sqrt(variance) if variance else 0.0


def _nearest_difference(x: FloatArray, y: FloatArray, low: float, high: float) -> float:
    """The difference of two values that lies in this short stretch; its middle where none does."""
    place = np.searchsorted(y, x - high)
    inside = place < len(y)
    found = x[inside] - y[place[inside]]
    found = found[(found >= low) & (found <= high)]
    return float(found[0]) if len(found) else 0.5 * (low + high)


def exact_shift(x: FloatArray, y: FloatArray, conf_level: float = 0.95) -> Shift:
    """Shift of small samples with the interval that counts all arrangements (Bauer, 1972).

    With ties the interval holds at least the level stated.
    """
    differences = np.sort((x[:, None] - y[None, :]).ravel())
    return _from_order(differences, _rank_sums(len(x), len(y)), conf_level)


def exact_centre(differences: FloatArray, conf_level: float = 0.95) -> Shift:
    """Pseudo-median of paired differences with the interval of the signed-rank test."""
    n = len(differences)
    first, second = np.triu_indices(n)
    walsh = np.sort((differences[first] + differences[second]) / 2)
    return _from_order(walsh, _signed_rank_sums(n), conf_level)


def _from_order(values: FloatArray, probabilities: FloatArray, conf_level: float) -> Shift:
    """Estimate and interval from ordered differences and the null distribution of how many are positive."""
    tail = (1 - conf_level) / 2
    below = np.cumsum(probabilities)
    # The least count whose lower tail reaches `tail`, 1 at least: as R's qwilcox and qsignrank.
    cut = max(int(np.searchsorted(below, tail * (1 - 1e-12))), 1)
    level = 1 - 2 * float(below[cut - 1])
    return Shift(float(np.median(values)), float(values[cut - 1]), float(values[len(values) - cut]), level)


def _rank_sums(n: int, m: int) -> FloatArray:
    """Probabilities of U = 0..n*m without ties: the coefficients of a Gaussian binomial."""
    size = n * m + 1
    counts = np.zeros(size)
    counts[0] = 1.0
    for k in range(1, n + 1):
        for power, sign in ((m + k, -1), (k, 1)):
            if sign < 0:  # times (1 - q^power)
                counts[power:] -= counts[: size - power].copy() if power < size else 0.0
            else:  # divided by (1 - q^power)
                for start in range(power, size):
                    counts[start] += counts[start - power]
    total: FloatArray = counts / counts.sum()
    return total


def _signed_rank_sums(n: int) -> FloatArray:
    """Probabilities of V = 0..n(n+1)/2: every rank counts or not."""
    counts = np.ones(1)
    for rank in range(1, n + 1):
        longer = np.zeros(len(counts) + rank)
        longer[: len(counts)] += counts
        longer[rank:] += counts
        counts = longer
    total: FloatArray = counts / counts.sum()
    return total
