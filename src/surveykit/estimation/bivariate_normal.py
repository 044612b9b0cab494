"""The bivariate standard normal: distribution function and density, vectorised.

Everywhere the correlations are *lanes*: `rho` has shape (lanes,), and `h`, `k`
broadcast with it on their last axis, so that a grid of thresholds for many
pairs of items is one call.

References
----------
Plackett (1954), doi:10.1093/biomet/41.3-4.351; Drezner & Wesolowsky (1990),
doi:10.1080/00949659008811236; Owen (1956), doi:10.1214/aoms/1177728074.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, owens_t, roots_legendre

FloatArray = NDArray[np.float64]

# Beyond this every probability is 0 or 1 to the last bit; it stands for infinity without NaN in h - k.
FAR = 40.0

# Gauss-Legendre nodes that keep the error below 1e-15 up to |rho|; beyond the last, Owen's T.
_TIERS = ((0.5, 8), (0.75, 12), (0.925, 20))
# Numbers in one temporary array.
_CACHED = 20_000


def density(h: FloatArray, k: FloatArray, rho: FloatArray) -> FloatArray:
    """Density of (h, k), which is also the derivative of `cdf` in rho; |rho| < 1."""
    rest = (1.0 - rho) * (1.0 + rho)
    exponent = (h * h + k * k - 2.0 * rho * (h * k)) / (-2.0 * rest)
    return np.asarray(np.exp(exponent) / (2.0 * np.pi * np.sqrt(rest)))


def cdf(h: FloatArray, k: FloatArray, rho: FloatArray) -> FloatArray:
    """P(X <= h, Y <= k) for correlation rho, to about 1e-15 absolute.

    Parameters
    ----------
    h, k : arrays that broadcast to (..., lanes); infinite values are allowed.
    rho : array, shape (lanes,), in [-1, 1].

    Returns
    -------
    array, shape (..., lanes)

    Examples
    --------
    >>> float(cdf(np.zeros(1), np.zeros(1), np.array([0.5]))[0])  # 1/4 + asin(1/2) / 2 pi
    0.3333333333333333
    """
    h, k, rho = np.clip(h, -FAR, FAR), np.clip(k, -FAR, FAR), np.asarray(rho, dtype=np.float64)
    size = np.abs(rho)
    lower = -1.0
    pieces = []
    for upper, nodes in _TIERS:
        pieces.append(((size > lower) & (size <= upper), nodes))
        lower = upper
    pieces.append((size > lower, 0))
    pieces = [(lanes, nodes) for lanes, nodes in pieces if lanes.any()]
    if len(pieces) == 1:
        return _piece(h, k, rho, pieces[0][1])
    out = np.empty(np.broadcast_shapes(h.shape, k.shape, rho.shape))
    for lanes, nodes in pieces:
        out[..., lanes] = _piece(_take(h, lanes), _take(k, lanes), rho[lanes], nodes)
    return out


def _take(values: FloatArray, lanes: NDArray[np.bool_]) -> FloatArray:
    return values if values.shape[-1] == 1 else values[..., lanes]


def _piece(h: FloatArray, k: FloatArray, rho: FloatArray, nodes: int) -> FloatArray:
    return _by_quadrature(h, k, rho, nodes) if nodes else _by_owen(h, k, rho)


@cache
def _rule(nodes: int) -> tuple[FloatArray, FloatArray]:
    """Gauss-Legendre points on (0, 1), and weights divided by 2 pi."""
    points, weights = roots_legendre(nodes)
    return (points + 1.0) / 2.0, weights / (4.0 * np.pi)


def _by_quadrature(h: FloatArray, k: FloatArray, rho: FloatArray, nodes: int) -> FloatArray:
    """Phi(h) Phi(k) + the integral of the density over the correlation, 0 to rho, in its arcsine."""
    points, weights = _rule(nodes)
    angle = np.arcsin(rho)
    product, squares = h * k, (h * h + k * k) / 2.0
    shape = np.broadcast_shapes(product.shape, rho.shape)
    total = np.zeros(shape)
    # As many nodes at a time as stay in cache: one for many lanes, all for a few.
    chunk = max(1, _CACHED // max(1, total.size))
    inner = (1,) * (len(shape) - 1) + rho.shape
    for start in range(0, nodes, chunk):
        part = slice(start, start + chunk)
        sine = np.sin(points[part, None] * angle).reshape(-1, *inner)
        step = product * sine
        step -= squares
        step *= 1.0 / ((1.0 - sine) * (1.0 + sine))
        np.exp(step, out=step)
        total += np.tensordot(weights[part], step, axes=1)
    total *= angle
    total += ndtr(h) * ndtr(k)
    return np.asarray(total)


def _by_owen(h: FloatArray, k: FloatArray, rho: FloatArray) -> FloatArray:
    """Two Owen's T functions; good for any correlation, slower."""
    # What is as good as zero is moved by nothing that counts, so that slopes and signs are defined.
    h, k = np.where(np.abs(h) < 1e-100, 1e-100, h), np.where(np.abs(k) < 1e-100, 1e-100, k)
    root = np.sqrt((1.0 - rho) * (1.0 + rho))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        total = (ndtr(h) + ndtr(k)) / 2.0
        total = total - owens_t(h, (k - rho * h) / (h * root)) - owens_t(k, (h - rho * k) / (k * root))
        total = total - np.where(h * k < 0.0, 0.5, 0.0)
    low, high = np.maximum(ndtr(h) + ndtr(k) - 1.0, 0.0), np.minimum(ndtr(h), ndtr(k))
    total = np.where(rho >= 1.0, high, np.where(rho <= -1.0, low, total))
    return np.asarray(np.clip(total, low, high))
