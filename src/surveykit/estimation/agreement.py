"""Chance-corrected agreement of raters on categories: Cohen's and Fleiss' kappa."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special

from surveykit.estimation.item_moments import FloatArray


class Kappa(NamedTuple):
    """A kappa; `se` for intervals, `se_null` and `z` for the test of no agreement beyond chance."""

    kappa: float
    observed: float
    expected: float
    se: float
    se_null: float
    z: float
    pvalue: float


def agreement_weights(categories: int, weights: str | None) -> FloatArray:
    """Agreement weights (k, k): 1 on the diagonal; None, "linear" or "quadratic" off it."""
    if weights is None:
        return np.eye(categories)
    distance = np.abs(np.subtract.outer(np.arange(categories), np.arange(categories))) / (categories - 1)
    return np.asarray(1 - (distance if weights == "linear" else distance**2), dtype=float)


def weighted_kappa(table: FloatArray, weights: FloatArray, n: float | None = None) -> Kappa:
    """Cohen's kappa of a two-way table with the variances of Fleiss, Cohen & Everitt (1969).

    `table` (k, k): counts, or proportions with `n`. `weights` (k, k): agreement
    weights; a matrix with a zero diagonal is taken for costs of disagreement.
    """
    n = float(table.sum()) if n is None else float(n)
    if np.all(np.diagonal(weights) == 0):
        weights = 1 - weights / weights.max()
    p = table / table.sum()
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    observed, expected = float(np.sum(weights * p)), float(rows @ weights @ columns)
    kappa = _beyond_chance(observed, expected)
    # Average weight of each category of one rater over the other rater's categories.
    spread = (weights @ columns)[:, None] + (rows @ weights)[None, :]
    scale = n * (1 - expected) ** 2 or np.nan
    inner = _minus(np.sum(p * (weights - spread * (1 - kappa)) ** 2), (kappa - expected * (1 - kappa)) ** 2)
    null = _minus(np.sum(np.outer(rows, columns) * (weights - spread) ** 2), expected**2)
    return _tested(kappa, observed, expected, inner / scale, null / scale)


def _minus(whole: float, part: float) -> float:
    """The difference of two positive numbers; 0 where rounding alone is left of it."""
    left = float(whole - part)
    return 0.0 if left <= 1e-14 * float(whole) else left


def _tested(kappa: float, observed: float, expected: float, variance: float, null: float) -> Kappa:
    se, se_null = (float(np.sqrt(np.maximum(value, 0.0))) for value in (variance, null))
    z = kappa / se_null if se_null > 0 else np.nan
    return Kappa(kappa, observed, expected, se, se_null, z, float(2 * special.ndtr(-abs(z))))


class FleissKappa(NamedTuple):
    """Fleiss' kappa with, per category (k,), its own kappa and standard error under no agreement."""

    overall: Kappa
    kappa: FloatArray
    se_null: FloatArray


def fleiss(counts: FloatArray) -> FleissKappa:
    """Kappa of many raters; `counts` (units, k): how many put a unit in a category, equal row sums.

    Standard errors under no agreement: Fleiss, Nee & Landis (1979). The one for
    intervals is from the jackknife over units.
    """
    n, raters = counts.shape[0], counts[0].sum()
    p = counts.sum(axis=0) / counts.sum()
    q = 1 - p
    kappa, observed, expected = fleiss_value(counts.sum(axis=0), float(np.sum(counts**2)), n, raters)
    pairs = n * raters * (raters - 1)
    pq = float(np.sum(p * q))
    null = 2 / (pq**2 * pairs) * (pq**2 - float(np.sum(p * q * (q - p))))
    agree = (np.sum(counts**2, axis=0) - n * raters * p) / (pairs * p)
    overall = _tested(kappa, observed, expected, _jackknife_variance(counts), null)
    return FleissKappa(overall, (agree - p) / q, np.full(p.size, np.sqrt(2 / pairs)))


def fleiss_value(sums: FloatArray, squares: float, n: int, raters: float) -> tuple[float, float, float]:
    """Kappa, observed and expected agreement from category totals and the sum of squared counts."""
    p = sums / sums.sum()
    observed = float((squares - n * raters) / (n * raters * (raters - 1)))
    expected = float(p @ p)
    return _beyond_chance(observed, expected), observed, expected


def _beyond_chance(observed: float, expected: float) -> float:
    """NaN where only one category was used: chance alone then agrees fully."""
    return (observed - expected) / (1 - expected) if expected < 1 else np.nan


def _jackknife_variance(counts: FloatArray) -> float:
    """NaN where all units but one fall into the same category."""
    n, raters = counts.shape[0], counts[0].sum()
    sums, squares = counts.sum(axis=0), np.sum(counts**2, axis=1)
    left = [
        fleiss_value(sums - counts[i], float(squares.sum() - squares[i]), n - 1, raters)[0] for i in range(n)
    ]
    return float((n - 1) / n * np.sum((np.array(left) - np.mean(left)) ** 2))
