"""Starting values of loadings and factor variances: Hagglund's FABIN2, all factors of a model at once.

Each indicator's loading is its ratio to that of the factor's first indicator, the marker,
found from the covariances of both with the other indicators.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.sem.layout import LAMBDA, PSI, GroupMatrices

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

LEAST_SHARE = 0.1  # of a variance that is left to the error, or to the factor
LEAST_RATIO = 0.05  # of a loading to the marker's, in standard deviations


class Factors(NamedTuple):
    """Which nodes indicate which factors, nodes being rows of the covariance matrix at hand.

    `member` (nodes, factors); `marker` (factors,) the first indicator; `fixed` (nodes, factors) fixed
    loadings, NaN elsewhere; `scale` (factors,) fixed factor variances, NaN where free.
    """

    member: BoolArray
    marker: IntArray
    fixed: FloatArray
    scale: FloatArray

    def only(self, at: int) -> Factors:
        """One of the factors."""
        one = slice(at, at + 1)
        return Factors(self.member[:, one], self.marker[one], self.fixed[:, one], self.scale[one])


class Measured(NamedTuple):
    """Loadings (nodes, factors) and factor variances (factors,)."""

    loading: FloatArray
    variance: FloatArray


class Structure(NamedTuple):
    """The factors of a group: `first` measured by observed variables only, `higher` by others as well.

    Nodes of `first` are the observed variables, those of `higher` the latent ones and phantoms.
    """

    first: IntArray
    first_factors: Factors
    higher: IntArray
    higher_factors: Factors


@lru_cache(maxsize=32)
def structure(layout: GroupMatrices) -> Structure:
    """Read the indicators off the model matrices."""
    if not layout.n_latent:
        nothing = np.zeros(0, dtype=np.int64)
        none = Factors(np.zeros((0, 0), dtype=np.bool_), nothing, np.zeros((0, 0)), np.zeros(0))
        return Structure(nothing, none, nothing, none)
    cells = layout.cells
    rows = np.flatnonzero(layout.measures & (cells.j < layout.n_latent))
    i, j, observed = cells.i[rows], cells.j[rows], cells.matrix[rows] == LAMBDA
    outside, inside = np.where(observed, i, 0), np.where(observed, 0, i)
    value = np.where(observed, layout.base["lambda"][outside, j], layout.base["beta"][inside, j])
    value[cells.parameter[rows] >= 0] = np.nan
    phantom = layout.phantom_of[inside]
    is_higher = np.zeros(layout.n_latent, dtype=np.bool_)
    is_higher[j[~observed & (phantom < 0)]] = True
    ordinary = ~is_higher[j]
    latent_of = np.zeros(len(layout.ov), dtype=np.int64)
    latent_of[layout.phantom_of[layout.n_latent :]] = np.arange(layout.n_latent, len(layout.lv))
    node, inner = np.where(observed, i, phantom), np.where(observed, latent_of[outside], i)
    first, higher = np.unique(j[ordinary]), np.unique(j[~ordinary])
    scale = _fixed_variances(layout)
    return Structure(
        first,
        _factors(node[ordinary], j[ordinary], value[ordinary], first, scale, len(layout.ov)),
        higher,
        _factors(inner[~ordinary], j[~ordinary], value[~ordinary], higher, scale, len(layout.lv)),
    )


def _factors(
    node: IntArray, factor: IntArray, value: FloatArray, which: IntArray, scale: FloatArray, nodes: int
) -> Factors:
    column = np.searchsorted(which, factor)
    member = np.zeros((nodes, len(which)), dtype=np.bool_)
    member[node, column] = True
    fixed = np.full(member.shape, np.nan)
    fixed[node, column] = value
    marker = np.zeros(len(which), dtype=np.int64)
    marker[column[::-1]] = node[::-1]  # the first one is written last
    return Factors(member, marker, fixed, scale[which])


def _fixed_variances(layout: GroupMatrices) -> FloatArray:
    """Of the latent variables; NaN where free."""
    cells, latent = layout.cells, layout.n_latent
    scale = np.diag(layout.base["psi"])[:latent].copy()
    free = (cells.matrix == PSI) & (cells.i == cells.j) & (cells.i < latent) & (cells.parameter >= 0)
    scale[cells.i[free]] = np.nan
    return scale


def diagonal_of(square: FloatArray) -> FloatArray:
    """The diagonal as a view that can be written to."""
    view: FloatArray = np.einsum("ii->i", square)
    return view


def measure(factors: Factors, cov: FloatArray) -> Measured:
    """One-factor models for every factor, from the covariance matrix of the nodes."""
    member, marker = factors.member, factors.marker
    each = np.arange(len(marker))
    deviation = np.sqrt(np.maximum(cov.diagonal(), 1e-300))
    correlation = cov / (deviation[:, None] * deviation)
    diagonal_of(correlation)[:] = 0
    to_marker = correlation[:, marker] * member
    square = to_marker**2
    below = square.sum(axis=0) - square
    ratio = np.where(below > 0, (correlation @ to_marker) / np.where(below > 0, below, 1), 1.0)
    small = np.abs(ratio) < LEAST_RATIO
    limit = 1 / np.sqrt(LEAST_SHARE)
    ratio = np.minimum(np.maximum(np.where(small, LEAST_RATIO, ratio), -limit), limit)
    ratio[marker, each] = 1.0
    weight = member * ratio * deviation[:, None] / deviation[marker]
    variance = _variances(weight, cov, cov.diagonal()[marker])
    change = np.array([_change(factors, weight, variance, at) for at in range(len(marker))])
    loading = np.where(np.isnan(factors.fixed), weight * change, factors.fixed) * member
    return Measured(np.where(member, loading, 0.0), variance / change**2)


def _variances(weight: FloatArray, cov: FloatArray, marker_variance: FloatArray) -> FloatArray:
    """Least squares on the covariances; kept inside the marker's variance."""
    square = weight**2
    above = np.sum(weight * (cov @ weight), axis=0) - square.T @ cov.diagonal()
    below = square.sum(axis=0) ** 2 - (square**2).sum(axis=0)
    found = np.where(below > 0, above / np.where(below > 0, below, 1), 0.5 * marker_variance)
    least, most = LEAST_SHARE * marker_variance, (1 - LEAST_SHARE) * marker_variance
    return np.asarray(np.minimum(np.maximum(found, least), most))


def _change(factors: Factors, weight: FloatArray, variance: FloatArray, at: int) -> float:
    """From the marker's scale to the model's: a fixed loading, a fixed variance, or loadings of mean 1."""
    fixed = factors.fixed[:, at]
    known = np.abs(fixed) > 0
    if known.any():
        first = known.argmax()
        return float(fixed[first] / weight[first, at])
    if factors.scale[at] > 0:
        return float(np.sqrt(variance[at] / factors.scale[at]))
    own = weight[factors.member[:, at], at]
    mean = float(own.mean())
    return 1 / mean if abs(mean) > 0.1 * np.abs(own).max() else 1.0
