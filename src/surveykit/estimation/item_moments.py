"""Moments of items: covariances (complete or pairwise), correlations, squared multiple correlations."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.symmetric import definite_inverse

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

# psych::Pinv drops singular values below this share of the largest.
SINGULAR_SHARE = float(np.sqrt(np.finfo(float).eps))


class ItemMoments(NamedTuple):
    """What the coefficients of a scale are computed from; k items."""

    cov: FloatArray  # (k, k), divisor n - 1 of each pair
    n: int  # rows of the data, also those with gaps
    counts: IntArray  # (k,) answers an item has
    mean: FloatArray  # (k,) of the answers an item has
    sd: FloatArray  # (k,)


def item_moments(values: FloatArray) -> ItemMoments:
    """Moments of an (n, k) matrix; gaps (NaN) left out pair by pair, as R's ``use = "pairwise"``."""
    n, k = values.shape
    mean = values.sum(axis=0) / n
    if not np.isnan(mean).any():
        centred = values - mean
        cov = centred.T @ centred / (n - 1)
        return ItemMoments(cov, n, np.full(k, n), mean, np.sqrt(np.diagonal(cov)))
    observed = ~np.isnan(values)
    counts = observed.sum(axis=0)
    mean = np.where(observed, values, 0.0).sum(axis=0) / counts
    cov = pairwise_covariance(np.where(observed, values - mean, 0.0), observed)
    return ItemMoments(cov, n, counts, mean, np.sqrt(np.diagonal(cov)))


def pairwise_covariance(centred: FloatArray, observed: BoolArray) -> FloatArray:
    """Each covariance from the rows that have both items, around the means of those rows.

    `centred` holds zeros in the gaps; centring beforehand only guards precision.
    """
    present = observed.astype(float)
    pairs = present.T @ present
    sums = centred.T @ present  # [i, j]: sum of item i over the rows that also have j
    with np.errstate(invalid="ignore", divide="ignore"):
        cov = (centred.T @ centred - sums * sums.T / pairs) / (pairs - 1)
    cov[pairs < 2] = np.nan
    return np.asarray(cov)


def pairwise_correlation(values: FloatArray) -> FloatArray:
    """Each correlation from the rows that have both items, its means and variances too (R's ``cor``)."""
    observed = ~np.isnan(values)
    x = np.where(observed, values - np.nanmean(values, axis=0), 0.0)
    present = observed.astype(float)
    pairs = present.T @ present
    sums = x.T @ present
    squares = (x * x).T @ present - sums**2 / pairs
    R = (x.T @ x - sums * sums.T / pairs) / np.sqrt(squares * squares.T)
    np.fill_diagonal(R, 1.0)
    return np.asarray(R)


def correlation(cov: FloatArray) -> FloatArray:
    """A covariance matrix (..., k, k) as correlations, ones on the diagonal exactly."""
    sd = np.sqrt(np.einsum("...ii->...i", cov))
    R = np.asarray(cov / (sd[..., :, None] * sd[..., None, :]))
    np.einsum("...ii->...i", R)[...] = 1.0  # a view of the diagonal
    return R


def pseudo_inverse(R: FloatArray) -> tuple[FloatArray, bool]:
    """The inverse as psych takes it, and whether singular directions had to be left out."""
    u, d, vt = np.linalg.svd(R)
    keep = d > SINGULAR_SHARE * d[0]
    return np.asarray((vt[keep].T / d[keep]) @ u[:, keep].T), not bool(keep.all())


def symmetric_inverse(R: FloatArray) -> tuple[FloatArray, bool]:
    """The inverse of a symmetric matrix and whether it is singular (then the pseudo-inverse)."""
    found = definite_inverse(R)
    return _indefinite_inverse(R) if found is None else _unless_singular(R, found[0])


def _indefinite_inverse(R: FloatArray) -> tuple[FloatArray, bool]:
    """Of pairwise correlations, which need not be positive definite."""
    try:
        return _unless_singular(R, np.asarray(np.linalg.inv(R)))
    except np.linalg.LinAlgError:
        return pseudo_inverse(R)


def _unless_singular(R: FloatArray, inverse: FloatArray) -> tuple[FloatArray, bool]:
    """The inverse by a cheap bound on the condition number; in doubt, the singular values decide."""
    largest = max(inverse.max(), -inverse.min())
    if not largest * np.diagonal(R).max() * R.shape[0] <= 1.0 / SINGULAR_SHARE:
        return pseudo_inverse(R)
    return inverse, False


def squared_multiple_correlations(R: FloatArray) -> FloatArray:
    """R² of each item predicted from all others, kept within 0 and 1 as psych::smc does."""
    return smc_of_inverse(symmetric_inverse(R)[0])


def smc_of_inverse(inverse: FloatArray) -> FloatArray:
    """Squared multiple correlations from the inverse of a correlation matrix."""
    return np.asarray(np.minimum(np.maximum(1 - 1 / np.diagonal(inverse), 0.0), 1.0))
