"""Means and standard deviations of whole-number answers: can they be what is printed?

GRIM (Brown & Heathers, 2017, doi:10.1177/1948550616673876), GRIMMER (Anaya, 2016;
Allard, 2018) and DEBIT (Heathers & Brown, 2019).
"""

from __future__ import annotations

import math
from functools import lru_cache

from surveykit.archive.printed import Interval, Printed

TOLERANCE = 1e-9
# Beyond this the decimals printed cannot be wrong: every mean can be reached.
MOST_CANDIDATES = 10_000
# Up to this many additions the answers are counted out; beyond, a sum of squares has gaps at its ends only.
MOST_ADDITIONS = 400_000
# With more answers than this, and no stated scale, every sum of squares of the right parity is reached.
FEW = 6

Ends = tuple[int, int]


def grim_possible(mean: Printed, n: int, items: int = 1, ends: Ends | None = None) -> bool:
    """Whether some whole-number total gives this mean: n respondents, each the mean of `items` answers.

    `ends`: lowest and highest answer of the scale, where known.
    """
    return len(_totals(mean, n, items, ends)) > 0


def grim_decides(mean: Printed, n: int, items: int = 1) -> bool:
    """Whether the check can fail at all: the total moves the mean by more than the printed rounding."""
    return bool(n * items < 10.0**mean.decimals)


def _totals(mean: Printed, n: int, items: int, ends: Ends | None) -> range:
    within, cells = mean.interval, n * items
    low, high = math.ceil(within.lower * cells - TOLERANCE), math.floor(within.upper * cells + TOLERANCE)
    if ends is not None:
        low, high = max(low, ends[0] * cells), min(high, ends[1] * cells)
    return range(low, high + 1)


def grimmer_possible(mean: Printed, sd: Printed, n: int, items: int = 1, ends: Ends | None = None) -> bool:
    """Whether some whole-number answers give this mean and this standard deviation (divisor n - 1).

    Each respondent is a whole number: the sum of `items` answers. For each total
    that gives the mean, some sum of squares must print as this SD.
    """
    person = None if ends is None else (ends[0] * items, ends[1] * items)
    for total in _totals(mean, n, items, ends)[:MOST_CANDIDATES]:
        low, high = _squares(total, sd.interval, n, items)
        if _square_sum_exists(total, low, high, n, person):
            return True
    return False


def grimmer_decides(mean: Printed, sd: Printed, n: int, items: int = 1) -> bool:
    """Whether the check can fail at all: sums of squares lie further apart than the printed rounding."""
    low, high = _squares(round(mean.value * n * items), sd.interval, n, items)
    return grim_decides(mean, n, items) or high - low < 2


def _squares(total: int, sd: Interval, n: int, items: int) -> tuple[float, float]:
    """The sums of squares with which this total has the printed SD."""
    centre = total * total / n
    low = (n - 1) * (max(sd.lower, 0.0) * items) ** 2 + centre
    return low, (n - 1) * (max(sd.upper, 0.0) * items) ** 2 + centre


def _square_sum_exists(total: int, low: float, high: float, n: int, ends: Ends | None) -> bool:
    """A sum of squares between `low` and `high` of n whole numbers with this total."""
    slack = TOLERANCE * max(1.0, abs(high))
    first, last = math.ceil(low - slack), math.floor(high + slack)
    if ends is None and n <= FEW:
        radius = math.isqrt(max(0, math.ceil(high - total * total / n))) + 1
        ends = (math.floor(total / n) - radius, math.ceil(total / n) + radius)
    if ends is not None and n * n * (ends[1] - ends[0] + 1) ** 2 <= MOST_ADDITIONS:
        return _counted_out(total, first, last, n, ends)
    fewest, most = _extremes(total, n, ends)
    first += (first - total) % 2  # a whole number and its square are odd together
    return max(first, fewest) <= min(last, most)


def _extremes(total: int, n: int, ends: Ends | None) -> tuple[float, float]:
    """The smallest and the largest sum of squares: answers as equal, and as far apart, as can be."""
    quotient, rest = divmod(total, n)
    fewest = rest * (quotient + 1) ** 2 + (n - rest) * quotient**2
    if ends is None:
        return fewest, math.inf
    low, high = ends
    tops, left = divmod(total - n * low, high - low)
    bottoms = n - tops - (1 if left else 0)
    return fewest, tops * high**2 + bottoms * low**2 + ((low + left) ** 2 if left else 0)


def _counted_out(total: int, first: int, last: int, n: int, ends: Ends) -> bool:
    """Exactly: the sums of squares of all ways to give n answers on this scale with this total."""
    low, high = ends
    shifted = total - n * low
    sums = _reachable(n, high - low)
    if not 0 <= shifted < len(sums):
        return False
    # With x = y + low: the sum of x squared is that of y squared + 2 low (sum of y) + n low squared.
    moved = 2 * low * shifted + n * low * low
    start, stop = max(first - moved, 0), last - moved
    return stop >= start and bool(sums[shifted] >> start & ((1 << (stop - start + 1)) - 1))


@lru_cache(maxsize=64)
def _reachable(n: int, width: int) -> tuple[int, ...]:
    """For each total of n answers 0..width: the sums of squares it can have, as bits of a whole number."""
    sums = [1] + [0] * (n * width)
    for taken in range(n):
        new = [0] * len(sums)
        for total in range(taken * width + 1):
            for answer in range(width + 1):
                new[total + answer] |= sums[total] << answer * answer
        sums = new
    return tuple(sums)


def debit_sds(mean: Printed, n: int) -> list[float]:
    """The standard deviations of 0/1 answers whose mean prints as this; empty if no answers give the mean."""
    ones = _totals(mean, n, 1, (0, 1))[:MOST_CANDIDATES]
    return [math.sqrt(one * (n - one) / (n * (n - 1))) for one in ones]


def debit_interval(mean: Printed, n: int) -> Interval:
    """Standard deviations that 0/1 answers with about this mean would have."""
    values = [math.sqrt(max(p * (1 - p), 0.0) * n / (n - 1)) for p in _shares(mean.interval)]
    return Interval(min(values), max(values))


def _shares(within: Interval) -> list[float]:
    ends = [min(max(within.lower, 0.0), 1.0), min(max(within.upper, 0.0), 1.0)]
    return [*ends, 0.5] if ends[0] < 0.5 < ends[1] else ends
