"""Bootstrap of coefficient alpha: all resamples from one matrix product."""

from __future__ import annotations

import numpy as np

from surveykit.estimation.item_moments import FloatArray
from surveykit.estimation.resampling import resampled_sums


def bootstrap_alpha(values: FloatArray, replicates: int, seed: int | None) -> FloatArray:
    """Alpha of `replicates` resamples of the rows of a complete (n, k) matrix.

    The sums of the items, of the squares in a row, of the totals and of their
    squares give the variances of the items and of the total: all that alpha needs.
    """
    n, k = values.shape
    centred = values - values.mean(axis=0)
    squares, total = np.einsum("ij,ij->i", centred, centred), centred.sum(axis=1)
    columns = np.column_stack([centred, squares, total, total * total])
    sums = resampled_sums(np.random.default_rng(seed), columns, replicates)
    items, (all_squares, totals, squared_totals) = sums[:, :k], sums[:, k:].T
    trace = all_squares - np.einsum("rj,rj->r", items, items) / n
    variance = squared_totals - totals**2 / n
    # Rows drawn so that the total does not vary have no alpha.
    varying = np.where(variance > 1e-12 * np.abs(trace), variance, np.nan)
    return np.asarray((1 - trace / varying) * (k / (k - 1)))


def percentile_interval(draws: FloatArray, conf_level: float) -> tuple[float, float]:
    """Percentile interval; resamples without variance (NaN) are left out."""
    tail = (1 - conf_level) / 2
    lower, upper = np.nanquantile(draws, [tail, 1 - tail])
    return float(lower), float(upper)
