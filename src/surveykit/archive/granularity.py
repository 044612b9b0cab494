"""Means and standard deviations of whole-number answers: can they be what is printed?

GRIM (Brown & Heathers, 2017, doi:10.1177/1948550616673876), GRIMMER (Anaya, 2016;
Allard, 2018) and DEBIT (Heathers & Brown, 2019).
"""

from __future__ import annotations

import math

from surveykit.archive.printed import Interval, Printed

TOLERANCE = 1e-9
# Beyond this the decimals printed cannot be wrong: every mean can be reached.
MOST_CANDIDATES = 100_000


def grim_possible(mean: Printed, n: int, items: int = 1) -> bool:
    """Whether some whole-number total gives this mean: n respondents, each the mean of `items` answers."""
    return len(_totals(mean, n * items)) > 0


def grim_decides(mean: Printed, n: int, items: int = 1) -> bool:
    """Whether the check can fail at all: the total moves the mean by more than the printed rounding."""
    return bool(n * items < 10**mean.decimals)


def _totals(mean: Printed, cells: int) -> range:
    within = mean.interval
    low, high = math.ceil(within.lower * cells - TOLERANCE), math.floor(within.upper * cells + TOLERANCE)
    return range(low, high + 1)


def grimmer_possible(mean: Printed, sd: Printed, n: int, items: int = 1) -> bool:
    """Whether some whole-number answers give this mean and this standard deviation (divisor n - 1).

    For each total that gives the mean, the sum of squares must be a whole number
    in the interval that the printed SD leaves, as odd or even as the total, and
    no smaller than equal answers would give.
    """
    if n < 2:
        return False
    for total in list(_totals(mean, n * items))[:MOST_CANDIDATES]:
        if _square_sum_exists(total, sd.interval, n, items):
            return True
    return False


def _square_sum_exists(total: int, sd: Interval, n: int, items: int) -> bool:
    """A sum of squares of n whole numbers with this total, whose SD (over `items`) prints as stated."""
    centre = total * total / n
    low = (n - 1) * (max(sd.lower, 0.0) * items) ** 2 + centre
    high = (n - 1) * (sd.upper * items) ** 2 + centre
    quotient, rest = divmod(total, n)
    fewest = rest * (quotient + 1) ** 2 + (n - rest) * quotient**2
    first = max(math.ceil(low - TOLERANCE * max(1.0, low)), fewest)
    first += (first - total) % 2  # a whole number and its square are odd together
    return first <= high + TOLERANCE * max(1.0, high)


def debit_interval(mean: Printed, n: int) -> Interval:
    """Standard deviations that 0/1 answers with this mean can have."""
    values = [math.sqrt(max(p * (1 - p), 0.0) * n / (n - 1)) for p in _shares(mean.interval)]
    return Interval(min(values), max(values))


def _shares(within: Interval) -> list[float]:
    ends = [min(max(within.lower, 0.0), 1.0), min(max(within.upper, 0.0), 1.0)]
    return [*ends, 0.5] if ends[0] < 0.5 < ends[1] else ends
