"""Sums over resampled rows: what the bootstrap of anything made of sums needs."""

from __future__ import annotations

import numpy as np

from surveykit.estimation.item_moments import FloatArray

# Rows times resamples at a time: few enough to stay in the processor's cache.
CHUNK_CELLS = 25_000


def resampled_sums(rng: np.random.Generator, columns: FloatArray, replicates: int) -> FloatArray:
    """Sums of the columns (n, c) over `replicates` resamples of their rows: (replicates, c).

    A resample is a vector of weights, how often each row was drawn, so that all
    sums are one matrix product.
    """
    n = len(columns)
    sums = np.empty((replicates, columns.shape[1]))
    chunk = min(replicates, max(1, CHUNK_CELLS // n))
    # Memory of this size costs more to get than to fill: it is used again for each chunk.
    places, weights = np.empty((chunk, n), dtype=np.intp), np.empty((chunk, n))
    starts = np.arange(chunk)[:, None] * n
    small = np.uint16 if n <= np.iinfo(np.uint16).max else np.int64  # small numbers are drawn faster
    for start in range(0, replicates, chunk):
        size = min(chunk, replicates - start)
        drawn = rng.integers(0, n, (size, n), dtype=small)
        np.add(drawn, starts[:size], out=places[:size])
        counts = np.bincount(places[:size].reshape(-1), minlength=size * n)
        weights[:size] = counts.reshape(size, n)
        np.matmul(weights[:size], columns, out=sums[start : start + size])
    return sums
