"""Heterotrait-monotrait ratios of correlations: HTMT and HTMT2."""

from __future__ import annotations

import numpy as np

from surveykit.estimation.item_moments import FloatArray, IntArray
from surveykit.estimation.resampling import resampled_sums


def heterotrait_ratios(R: FloatArray, blocks: list[IntArray], *, htmt2: bool, absolute: bool) -> FloatArray:
    """Ratios (..., f, f) of correlation matrices (..., p, p), ones on the diagonal.

    Mean correlation between the items of two factors over the geometric mean of
    the two mean correlations within them; HTMT2 takes geometric means
    throughout. NaN for a factor with one item.
    """
    if absolute or htmt2:
        R = np.abs(R)
    f = len(blocks)
    within = [_average(R, block, block, htmt2) for block in blocks]
    ratios = np.ones((*R.shape[:-2], f, f))
    with np.errstate(invalid="ignore", divide="ignore"):
        for i in range(f):
            for j in range(i):
                scale = np.sqrt(within[i] * within[j])
                ratios[..., i, j] = ratios[..., j, i] = _average(R, blocks[i], blocks[j], htmt2) / scale
    return ratios


def _average(R: FloatArray, rows: IntArray, columns: IntArray, geometric: bool) -> FloatArray:
    """Mean of the correlations of two sets of items, each item's with itself left out."""
    first, second = np.meshgrid(rows, columns, indexing="ij")
    apart = first != second
    values = R[..., first[apart], second[apart]]
    if values.shape[-1] == 0:
        return np.full(R.shape[:-2], np.nan)
    if not geometric:
        return np.asarray(values.mean(axis=-1))
    with np.errstate(divide="ignore"):
        return np.asarray(np.exp(np.log(values).mean(axis=-1)))


def resampled_correlations(values: FloatArray, replicates: int, seed: int | None) -> FloatArray:
    """Correlations (replicates, p, p) of resampled complete rows; NaN where an item came out constant."""
    n, p = values.shape
    centred = values - values.mean(axis=0)
    rows, columns = np.tril_indices(p)
    products = centred[:, rows] * centred[:, columns]
    sums = resampled_sums(np.random.default_rng(seed), np.column_stack([centred, products]), replicates)
    means = sums[:, :p] / n
    moments = sums[:, p:] / n - means[:, rows] * means[:, columns]
    cov = np.empty((replicates, p, p))
    cov[:, rows, columns] = cov[:, columns, rows] = moments
    sd = np.sqrt(np.maximum(np.diagonal(cov, axis1=1, axis2=2), 0))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(cov / (sd[:, :, None] * sd[:, None, :]))
