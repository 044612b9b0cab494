"""Tables of counts: chi-square, likelihood ratio, Fisher's exact test, McNemar."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np

from surveykit.estimation.two_samples import FloatArray

# An exact enumeration stops here; beyond, tables are drawn at random.
MOST_STATES = 300_000
DRAWS = 9999

Alternative = Literal["two-sided", "less", "greater"]


class TableTest(NamedTuple):
    """Independence of rows and columns."""

    expected: FloatArray
    residuals: FloatArray
    standardized: FloatArray
    chisq: float
    df: int
    pvalue: float
    g: float
    g_pvalue: float
    cramers_v: float


class Exact(NamedTuple):
    """Fisher's p; `exact` is False where tables were drawn at random."""

    pvalue: float
    exact: bool


class OddsRatio(NamedTuple):
    """Conditional maximum likelihood estimate with its exact interval."""

    estimate: float
    ci_lower: float
    ci_upper: float


class Proportions(NamedTuple):
    """Difference of the two rows' shares in the first column (first row minus second)."""

    first: float
    second: float
    ci_lower: float
    ci_upper: float


def independence(table: FloatArray) -> TableTest:
    """Pearson's chi-square without correction, G, residuals and Cramer's V; no margin may be zero."""
    from scipy.special import chdtrc, xlogy

    n = table.sum()
    rows, columns = table.sum(axis=1, keepdims=True), table.sum(axis=0, keepdims=True)
    expected = rows * columns / n
    residuals = (table - expected) / np.sqrt(expected)
    chisq = float((residuals**2).sum())
    df = (table.shape[0] - 1) * (table.shape[1] - 1)
    g = 2 * float(xlogy(table, table / expected).sum())
    return TableTest(
        expected,
        residuals,
        residuals / np.sqrt((1 - rows / n) * (1 - columns / n)),
        chisq,
        df,
        float(chdtrc(df, chisq)),
        g,
        float(chdtrc(df, g)),
        math.sqrt(chisq / (n * (min(table.shape) - 1))),
    )


def yates(table: FloatArray) -> tuple[float, float]:
    """Chi-square of a 2 x 2 table with Yates' correction (as R, never past the expected), and p."""
    from scipy.special import chdtrc

    expected = independence(table).expected
    gap = np.abs(table - expected)
    chisq = float(((gap - min(0.5, float(gap.min()))) ** 2 / expected).sum())
    return chisq, float(chdtrc(1, chisq))


def fisher(table: FloatArray, alternative: Alternative, seed: int) -> Exact:
    """Fisher's exact test; tables as probable as the observed one or less (Freeman & Halton, 1951)."""
    if table.shape == (2, 2):
        from scipy.stats import fisher_exact

        return Exact(float(fisher_exact(table.astype(int), alternative=alternative).pvalue), True)
    states = _enumerated(table)
    if states is None:
        return Exact(_drawn(table, seed), False)
    logs, counts = states
    observed = _log_weight(table)
    # Tables of equal probability differ by rounding: R uses the same 1e-7.
    few = logs <= observed + 1e-7
    top = logs.max()
    weights = counts * np.exp(logs - top)
    return Exact(min(1.0, float(weights[few].sum() / weights.sum())), True)


def _log_weight(table: FloatArray) -> float:
    from scipy.special import gammaln

    return -float(gammaln(table + 1).sum())


def _enumerated(table: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    """Log weight of every table with these margins and how many have it; None where too many."""
    rows = tuple(int(one) for one in table.sum(axis=1))
    columns = [int(one) for one in table.sum(axis=0)]
    states: dict[tuple[tuple[int, ...], float], float] = {(rows, 0.0): 1.0}
    for total in columns:
        following: dict[tuple[tuple[int, ...], float], float] = {}
        for (left, weight), count in states.items():
            for chosen in _fillings(left, total):
                rest = tuple(a - b for a, b in zip(left, chosen, strict=True))
                more = sum(math.lgamma(one + 1) for one in chosen)
                key = (rest, round(weight - more, 9))
                following[key] = following.get(key, 0.0) + count
            if len(following) > MOST_STATES:
                return None
        states = following
    logs = np.array([weight for _, weight in states])
    return logs, np.array(list(states.values()))


def _fillings(left: tuple[int, ...], total: int) -> list[tuple[int, ...]]:
    """Ways to spread a column's total over what is left of the rows."""
    if len(left) == 1:
        return [(total,)] if total <= left[0] else []
    room = sum(left[1:])
    ways = []
    for here in range(max(0, total - room), min(left[0], total) + 1):
        ways += [(here, *rest) for rest in _fillings(left[1:], total - here)]
        if len(ways) > MOST_STATES:
            break
    return ways


def _drawn(table: FloatArray, seed: int) -> float:
    """Share of random tables as probable as the observed one or less, itself counted."""
    from scipy.special import gammaln
    from scipy.stats import random_table

    whole = table.astype(int)
    draws = random_table(whole.sum(axis=1), whole.sum(axis=0)).rvs(DRAWS, random_state=seed)
    logs = -gammaln(draws + 1).sum(axis=(1, 2))
    return (1 + int(np.count_nonzero(logs <= _log_weight(table) + 1e-7))) / (DRAWS + 1)


def odds_ratio(table: FloatArray, alternative: Alternative, conf_level: float) -> OddsRatio:
    """Odds ratio of a 2 x 2 table given its margins."""
    from scipy.stats.contingency import odds_ratio as conditional

    result = conditional(table.astype(int), kind="conditional")
    within = result.confidence_interval(conf_level, alternative=alternative)
    return OddsRatio(float(result.statistic), float(within.low), float(within.high))


def proportions(table: FloatArray, conf_level: float, *, correct: bool) -> Proportions:
    """Shares of the first column in two rows, with R's prop.test interval of their difference."""
    from scipy.special import ndtri

    n, m = table.sum(axis=1)
    p, q = table[0, 0] / n, table[1, 0] / m
    se = math.sqrt(p * (1 - p) / n + q * (1 - q) / m)
    half = float(ndtri(0.5 + conf_level / 2)) * se
    if correct:
        half += min(0.5, abs(p - q) / (1 / n + 1 / m)) * (1 / n + 1 / m)
    return Proportions(float(p), float(q), max(-1.0, p - q - half), min(1.0, p - q + half))


def mcnemar(table: FloatArray, *, correct: bool) -> tuple[float, int, float]:
    """Symmetry of a square table (McNemar, Bowker): chi-square, df, p."""
    from scipy.special import chdtrc

    k = len(table)
    above = np.triu_indices(k, 1)
    b, c = table[above], table.T[above]
    gap = np.abs(b - c)
    if correct and k == 2:
        gap = np.where(gap > 0, gap - 1, 0)
    seen = b + c > 0
    chisq = float((gap[seen] ** 2 / (b + c)[seen]).sum())
    df = k * (k - 1) // 2
    return chisq, df, float(chdtrc(df, chisq))
