"""Traces of careless responding, one value a respondent; gaps (NaN) are skipped."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from surveykit.estimation.item_moments import FloatArray, IntArray


def longstring(values: FloatArray) -> IntArray:
    """Longest run of the same answer, (n,); a gap ends a run."""
    longest = np.zeros(len(values), dtype=np.int64)
    run = np.zeros(len(values), dtype=np.int64)
    last = np.full(len(values), np.nan)
    for column in values.T:
        run = np.where(column == last, run + 1, np.where(np.isnan(column), 0, 1))
        longest = np.maximum(longest, run)
        last = column
    return longest


def individual_variability(values: FloatArray) -> FloatArray:
    """Standard deviation of a respondent's answers, (n,); NaN with fewer than two."""
    answered = (~np.isnan(values)).sum(axis=1)
    result = np.full(len(values), np.nan)
    enough = answered > 1
    result[enough] = np.nanstd(values[enough], axis=1, ddof=1)
    return result


def even_odd(values: FloatArray, scales: Sequence[Sequence[int]]) -> FloatArray:
    """Correlation over scales of a respondent's even- with odd-item means, stepped up, (n,).

    `scales`: columns of each scale, keyed in one direction. NaN with fewer than
    three usable scales or where one half does not vary.
    """
    halves = [
        np.stack([_row_means(values[:, list(scale)[start::2]]) for scale in scales if len(scale) > 1], axis=1)
        for start in (0, 1)
    ]
    odd, even = (np.where(np.isnan(halves[0] + halves[1]), np.nan, half) for half in halves)
    used = (~np.isnan(odd)).sum(axis=1)
    a, b = (np.where(np.isnan(half), 0.0, half - _row_means(half)[:, None]) for half in (odd, even))
    scale = np.sum(a * a, axis=1) * np.sum(b * b, axis=1)
    r = np.full(len(values), np.nan)
    enough = (used > 2) & (scale > 1e-24)
    r[enough] = np.sum(a * b, axis=1)[enough] / np.sqrt(scale[enough])
    # Spearman-Brown, kept within -1 as Jackson does for negative correlations.
    return np.asarray(np.maximum(2 * r / np.maximum(1 + r, 1e-12), -1.0))


def _row_means(values: FloatArray) -> FloatArray:
    answered = ~np.isnan(values)
    counts = answered.sum(axis=1)
    total = np.where(answered, values, 0.0).sum(axis=1)
    return np.asarray(np.divide(total, counts, out=np.full(len(values), np.nan), where=counts > 0))


def person_total(values: FloatArray) -> FloatArray:
    """Correlation of a respondent's answers with the item means of all others, (n,)."""
    answered = ~np.isnan(values)
    filled = np.where(answered, values, 0.0)
    counts, totals = answered.sum(axis=0), filled.sum(axis=0)
    others = (totals - filled) / np.maximum(counts - answered, 1)
    a = np.where(answered, values - _row_means(values)[:, None], 0.0)
    b = np.where(answered, others - _row_means(np.where(answered, others, np.nan))[:, None], 0.0)
    scale = np.sum(a * a, axis=1) * np.sum(b * b, axis=1)
    result = np.full(len(values), np.nan)
    enough = scale > 1e-24
    result[enough] = np.sum(a * b, axis=1)[enough] / np.sqrt(scale[enough])
    return result
