"""Bootstrap of coefficient alpha: all resamples from one matrix product."""

from __future__ import annotations

import numpy as np

from surveykit.estimation.item_moments import FloatArray

# Rows times resamples at a time: few enough to stay in the processor's cache.
CHUNK_CELLS = 25_000


def bootstrap_alpha(values: FloatArray, replicates: int, seed: int | None) -> FloatArray:
    """Alpha of `replicates` resamples of the rows of a complete (n, k) matrix.

    A resample is a vector of weights (how often each row was drawn); weights
    times item values gives the item means, and the sums of squares give the
    item variances and the variance of the total: all that alpha needs.
    """
    rng = np.random.default_rng(seed)
    n, k = values.shape
    centred = values - values.mean(axis=0)
    within = np.einsum("ij,ij->i", centred, centred)
    total = centred.sum(axis=1)
    columns = np.column_stack([centred, within, total * total])
    sums = np.empty((replicates, k + 2))
    chunk = max(1, CHUNK_CELLS // n)
    # Memory of this size costs more to get than to fill: it is used again for each chunk.
    places, weights = np.empty((chunk, n), dtype=np.intp), np.empty((chunk, n))
    starts = np.arange(chunk)[:, None] * n
    small = np.uint16 if n <= np.iinfo(np.uint16).max else np.int64  # small numbers are drawn faster
    for start in range(0, replicates, chunk):
        size = min(chunk, replicates - start)
        drawn = rng.integers(0, n, (size, n), dtype=small)
        np.add(drawn, starts[:size], out=places[:size])
        counts = np.bincount(places[:size].reshape(-1), minlength=size * n)
        weights[:size] = counts.reshape(size, n)  # how often each row was drawn
        np.matmul(weights[:size], columns, out=sums[start : start + size])
    return _alphas(sums, n)


def _alphas(sums: FloatArray, n: int) -> FloatArray:
    """Alphas from the sums of items, of all squares and of squared totals; (replicates, k + 2)."""
    k = sums.shape[1] - 2
    means = sums[:, :k] / n
    trace = sums[:, k] - n * np.einsum("rj,rj->r", means, means)
    total = sums[:, k + 1] - n * means.sum(axis=1) ** 2
    # Rows drawn so that the total does not vary have no alpha.
    varying = np.where(total > 1e-12 * np.abs(trace), total, np.nan)
    return np.asarray((1 - trace / varying) * (k / (k - 1)))


def percentile_interval(draws: FloatArray, conf_level: float) -> tuple[float, float]:
    """Percentile interval; resamples without variance (NaN) are left out."""
    tail = (1 - conf_level) / 2
    lower, upper = np.nanquantile(draws, [tail, 1 - tail])
    return float(lower), float(upper)
