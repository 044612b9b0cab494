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
    chunk = max(1, CHUNK_CELLS // n)
    alphas = [
        _alphas(_weights(rng, n, min(chunk, replicates - start)), columns, k)
        for start in range(0, replicates, chunk)
    ]
    return np.concatenate(alphas)


def _weights(rng: np.random.Generator, n: int, replicates: int) -> FloatArray:
    """How often each row was drawn: (replicates, n)."""
    drawn = rng.integers(0, n, (replicates, n), dtype=np.int32)
    drawn += (np.arange(replicates, dtype=np.int32) * n)[:, None]
    return np.bincount(drawn.ravel(), minlength=replicates * n).reshape(replicates, n).astype(float)


def _alphas(weights: FloatArray, columns: FloatArray, k: int) -> FloatArray:
    n = weights.shape[1]
    sums = weights @ columns
    means = sums[:, :k] / n
    trace = sums[:, k] - n * np.einsum("rj,rj->r", means, means)
    total = sums[:, k + 1] - n * means.sum(axis=1) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((1 - trace / total) * (k / (k - 1)))


def percentile_interval(draws: FloatArray, conf_level: float) -> tuple[float, float]:
    """Percentile interval; resamples without variance (NaN) are left out."""
    tail = (1 - conf_level) / 2
    lower, upper = np.nanquantile(draws, [tail, 1 - tail])
    return float(lower), float(upper)
