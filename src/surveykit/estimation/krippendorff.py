"""Krippendorff's alpha: any number of raters, gaps, and four levels of measurement."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from surveykit.estimation.item_moments import FloatArray

# Units times squared categories that a bootstrap holds at once.
CHUNK_CELLS = 20_000_000


class Krippendorff(NamedTuple):
    """Alpha with what it is made of."""

    alpha: float
    observed: float  # disagreement
    expected: float
    coincidences: FloatArray  # (k, k)
    values: FloatArray  # (k,) the distinct values
    units: int  # with at least two ratings
    pairable: int  # ratings in those units


def value_counts(ratings: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Distinct values (k,) and how often each unit was given each of them (units, k)."""
    values, place = np.unique(ratings[~np.isnan(ratings)], return_inverse=True)
    unit = np.nonzero(~np.isnan(ratings))[0]
    counts = np.zeros((ratings.shape[0], values.size))
    np.add.at(counts, (unit, place), 1.0)
    return np.asarray(values), counts


def unit_coincidences(counts: FloatArray) -> FloatArray:
    """Coincidence matrix of each unit with at least two ratings, (units, k, k): pairs over (m - 1)."""
    m = counts.sum(axis=1)
    counts, m = counts[m > 1], m[m > 1]
    k = counts.shape[1]
    pairs = counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(k)
    return np.asarray(pairs / (m - 1)[:, None, None])


def squared_differences(values: FloatArray, totals: FloatArray, level: str) -> FloatArray:
    """The metric of a level of measurement, (..., k, k); `totals` (..., k) are the value frequencies."""
    if level == "ordinal":
        running = np.cumsum(totals, axis=-1)
        # Ratings ranked from one value to the other, both ends counted half.
        middle = running - totals / 2
        return np.asarray((middle[..., :, None] - middle[..., None, :]) ** 2)
    difference = np.subtract.outer(values, values)
    if level == "nominal":
        return np.asarray(difference != 0, dtype=float)
    if level == "interval":
        return np.asarray(difference**2)
    sums = np.add.outer(values, values)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(sums == 0, 0.0, (difference / sums) ** 2))


def krippendorff(ratings: FloatArray, level: str) -> Krippendorff:
    """Alpha of ratings (units, raters), NaN where a rater gave none. NaN if no two differ or meet."""
    values, counts = value_counts(ratings)
    units = unit_coincidences(counts)
    coincidences = units.sum(axis=0)
    observed = expected = alpha = np.nan
    if len(units):
        observed, expected = map(float, _disagreements(coincidences, values, level))
        alpha = 1 - observed / expected if expected > 0 else np.nan
    return Krippendorff(
        alpha,
        observed,
        expected,
        coincidences,
        values,
        len(units),
        round(float(coincidences.sum())),
    )


def _disagreements(coincidences: FloatArray, values: FloatArray, level: str) -> tuple[FloatArray, FloatArray]:
    """Observed and expected disagreement of coincidence matrices (..., k, k)."""
    totals = coincidences.sum(axis=-1)
    n = totals.sum(axis=-1)
    metric = squared_differences(values, totals, level)
    observed = np.sum(coincidences * metric, axis=(-2, -1)) / n
    by_chance = totals[..., :, None] * totals[..., None, :]
    expected = np.sum(by_chance * metric, axis=(-2, -1)) / (n * (n - 1))
    return np.asarray(observed), np.asarray(expected)


def bootstrap_krippendorff(ratings: FloatArray, level: str, replicates: int, seed: int | None) -> FloatArray:
    """Alpha of resamples of the units; NaN where a resample has no disagreement to expect."""
    values, counts = value_counts(ratings)
    units = unit_coincidences(counts)
    n, k, _ = units.shape
    rng = np.random.default_rng(seed)
    flat = units.reshape(n, k * k)
    chunk = max(1, CHUNK_CELLS // (n + k * k))
    alphas = []
    for start in range(0, replicates, chunk):
        size = min(chunk, replicates - start)
        weights = rng.multinomial(n, np.full(n, 1 / n), size=size).astype(float)
        observed, expected = _disagreements((weights @ flat).reshape(size, k, k), values, level)
        with np.errstate(invalid="ignore", divide="ignore"):
            alphas.append(np.where(expected > 0, 1 - observed / expected, np.nan))
    return np.concatenate(alphas)
