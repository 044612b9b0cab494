"""Description of columns one by one, and of pairs of columns; gaps (NaN) are left out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special

from surveykit.estimation.item_moments import FloatArray, pairwise_correlation

TRIM = 0.1
MAD_SCALE = 1.4826


class Description(NamedTuple):
    """One column. `skew` and `kurtosis` (excess) of the type asked for; NaN where n is too small."""

    n: int
    missing: int
    mean: float
    sd: float
    median: float
    trimmed: float
    mad: float
    minimum: float
    maximum: float
    range: float
    skew: float
    kurtosis: float
    se: float
    floor: float  # share of answers at the lowest value
    ceiling: float


def describe_column(column: FloatArray, kind: int, low: float | None, high: float | None) -> Description:
    """Description of the answers of one column; `low` and `high` are the ends of its scale, if known."""
    x = np.sort(column[~np.isnan(column)])
    n = x.size
    mean = float(x.mean())
    sd = float(np.std(x, ddof=1)) if n > 1 else np.nan
    median = float(np.median(x))
    cut = int(n * TRIM)
    skew, kurtosis = skew_and_kurtosis(x, kind)
    return Description(
        n=n,
        missing=column.size - n,
        mean=mean,
        sd=sd,
        median=median,
        trimmed=float(x[cut : n - cut].mean()),
        mad=MAD_SCALE * float(np.median(np.abs(x - median))),
        minimum=float(x[0]),
        maximum=float(x[-1]),
        range=float(x[-1] - x[0]),
        skew=skew,
        kurtosis=kurtosis,
        se=sd / np.sqrt(n),
        floor=float(np.mean(x == (x[0] if low is None else low))),
        ceiling=float(np.mean(x == (x[-1] if high is None else high))),
    )


def skew_and_kurtosis(x: FloatArray, kind: int) -> tuple[float, float]:
    """Skewness and excess kurtosis of type 1 (moments), 2 (unbiased) or 3 (sd with n - 1)."""
    n = x.size
    deviations = x - x.mean()
    m2, m3, m4 = (float(np.mean(deviations**power)) for power in (2, 3, 4))
    if n < 2 or m2 <= 0:
        return np.nan, np.nan
    g1, g2 = m3 / m2**1.5, m4 / m2**2 - 3
    if kind == 1:
        return g1, g2
    if kind == 3:
        shrink = (1 - 1 / n) ** 0.5
        return g1 * shrink**3, (g2 + 3) * shrink**4 - 3
    skew = g1 * np.sqrt(n * (n - 1)) / (n - 2) if n > 2 else np.nan
    kurtosis = (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * g2 + 6) if n > 3 else np.nan
    return float(skew), float(kurtosis)


class Correlations(NamedTuple):
    """Of all pairs of k columns, (k, k): coefficient, rows used, test and interval."""

    r: FloatArray
    n: FloatArray
    t: FloatArray
    pvalue: FloatArray
    lower: FloatArray
    upper: FloatArray


def correlate(values: FloatArray, conf_level: float) -> Correlations:
    """Pearson correlations of (n, k) values, each from the rows that have both; interval by Fisher's z."""
    observed = (~np.isnan(values)).astype(float)
    n = observed.T @ observed
    return with_tests(pairwise_correlation(values), n, conf_level)


def rank_correlate(values: FloatArray, conf_level: float) -> Correlations:
    """Spearman correlations, ranks taken anew for each pair's rows."""
    k = values.shape[1]
    r, n = np.eye(k), np.zeros((k, k))
    for i in range(k):
        for j in range(i + 1):
            both = ~np.isnan(values[:, [i, j]]).any(axis=1)
            n[i, j] = n[j, i] = both.sum()
            if i != j:
                a, b = (average_ranks(values[both, column]) for column in (i, j))
                a, b = a - a.mean(), b - b.mean()
                r[i, j] = r[j, i] = a @ b / np.sqrt((a @ a) * (b @ b))
    return with_tests(r, n, conf_level)


def average_ranks(x: FloatArray) -> FloatArray:
    """Ranks from 1, ties sharing their average."""
    _, place, counts = np.unique(x, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[place])


def with_tests(r: FloatArray, n: FloatArray, conf_level: float) -> Correlations:
    """t test and Fisher interval of coefficients; NaN on the diagonal."""
    off = ~np.eye(r.shape[0], dtype=bool)
    t, pvalue, lower, upper = (np.full(r.shape, np.nan) for _ in range(4))
    with np.errstate(divide="ignore", invalid="ignore"):
        t[off] = (r * np.sqrt((n - 2) / (1 - r**2)))[off]
        pvalue[off] = 2 * special.stdtr(n[off] - 2, -np.abs(t[off]))
        half = special.ndtri((1 + conf_level) / 2) / np.sqrt(n - 3)
        z = np.arctanh(np.where(off, r, 0.0))
    lower[off], upper[off] = np.tanh(z - half)[off], np.tanh(z + half)[off]
    return Correlations(r, n, t, pvalue, lower, upper)


def holm(pvalues: FloatArray) -> FloatArray:
    """Holm's adjusted p values."""
    order = np.argsort(pvalues)
    stepped = np.maximum.accumulate((pvalues.size - np.arange(pvalues.size)) * pvalues[order])
    adjusted = np.empty_like(pvalues)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted
