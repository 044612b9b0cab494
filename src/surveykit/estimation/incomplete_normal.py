"""The normal likelihood of incomplete rows: value, slopes, information and scores in (mu, vech Sigma).

With W_k the inverse of the part of Sigma that pattern k sees (zero elsewhere), y = W_k (x - mu) for
each row x, everything that a fit needs is a sum over patterns:

    -2 log L / N = sum f_k log|Sigma_k| + mean of (x - mu)'y  (+ constant)
    its differential = tr(Q dSigma) - 2 t'dmu,   Q = sum f_k W_k - mean of yy',   t = mean of y

One step of the EM algorithm for the unrestricted moments is mu + Sigma t and Sigma - Sigma Q Sigma.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.moments import lower_triangle
from surveykit.estimation.patterns import Inverses, Patterns, pattern_inverses

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

LOG_2PI = float(np.log(2 * np.pi))


@dataclass(frozen=True)
class Accumulated:
    """Sums over all patterns at some mu (p,) and Sigma (p, p).

    `value` is -2 log L / N without its constant (inf where Sigma is not positive definite),
    `kernel` Q (p, p), `pull` t (p,). `centre` (k, p) holds y of the patterns' means, `spread` y of
    their spread, block by block.
    """

    patterns: Patterns
    value: float
    kernel: FloatArray
    pull: FloatArray
    inverses: Inverses
    centre: FloatArray
    spread: tuple[FloatArray, ...]


def accumulate(patterns: Patterns, mu: FloatArray, sigma: FloatArray) -> Accumulated | None:
    """Value and slopes; None where Sigma is not positive definite."""
    try:
        factor = np.linalg.cholesky(sigma)
    except np.linalg.LinAlgError:
        return None
    half = np.linalg.inv(factor)
    logdet = 2 * float(np.log(np.diag(factor)).sum())
    inverses = pattern_inverses(patterns, sigma, half.T @ half, logdet)
    weight, share, n = inverses.weight, patterns.share, patterns.n
    deviation = np.where(patterns.seen, patterns.mean - mu, 0.0)
    centre = np.matmul(weight, deviation[:, :, None])[:, :, 0]
    value = share @ (inverses.logdet + np.einsum("kp,kp->k", deviation, centre))
    k, p = patterns.seen.shape
    kernel = (share @ weight.reshape(k, p * p)).reshape(p, p) - (centre * share[:, None]).T @ centre
    blocks = []
    for pattern, rows in patterns.spread:
        block = np.matmul(rows, weight[pattern])
        flat = block.reshape(-1, p)
        value += np.sum(rows.reshape(-1, p) * flat) / n
        kernel -= flat.T @ flat / n
        blocks.append(block)
    return Accumulated(patterns, float(value), kernel, share @ centre, inverses, centre, tuple(blocks))


def em_step(at: Accumulated, mu: FloatArray, sigma: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The next mu and Sigma of the EM algorithm."""
    shift = sigma @ at.pull
    better = sigma - sigma @ at.kernel @ sigma - np.outer(shift, shift)
    return mu + shift, 0.5 * (better + better.T)


def loglik(patterns: Patterns, value: float) -> float:
    """The log-likelihood that belongs to an `Accumulated.value`."""
    return -0.5 * (patterns.n * value + float(patterns.count @ patterns.seen.sum(axis=1)) * LOG_2PI)


def gradient(at: Accumulated) -> FloatArray:
    """Derivatives of -log L / N with respect to [mu, vech Sigma] (s,)."""
    places = _places(len(at.pull))
    return np.concatenate([-at.pull, places.scale * at.kernel[places.row, places.column]])


class _Places(NamedTuple):
    """vech of p variables: `row`, `column`, `scale` (1/2 on the diagonal), and where products of two
    elements of vech are found in a matrix over vech x vech: (il, jm) and (im, jl) for each ij, lm."""

    row: IntArray
    column: IntArray
    scale: FloatArray
    straight: IntArray
    crossed: IntArray
    flat: IntArray


@cache
def _places(p: int) -> _Places:
    row, column = lower_triangle(p)
    index = np.empty((p, p), dtype=np.int64)
    index[row, column] = index[column, row] = np.arange(len(row))
    size = len(row)
    straight = index[np.ix_(row, row)] * size + index[np.ix_(column, column)]
    crossed = index[np.ix_(row, column)] * size + index[np.ix_(column, row)]
    scale = np.where(row == column, 0.5, 1.0)
    return _Places(row, column, scale, straight, crossed, row * p + column)


def expected_information(at: Accumulated) -> FloatArray:
    """Of one row, about [mu, vech Sigma] (s, s), if values are missing completely at random."""
    patterns, weight = at.patterns, at.inverses.weight
    k, p = patterns.seen.shape
    places = _places(p)
    packed = weight.reshape(k, p * p)[:, places.flat]
    level = (patterns.share @ weight.reshape(k, p * p)).reshape(p, p)
    products = (packed * patterns.share[:, None]).T @ packed
    return _bordered(level, np.zeros((p, len(places.row))), _paired(products, places))


def observed_information(at: Accumulated) -> FloatArray:
    """Second derivatives of -log L / N with respect to [mu, vech Sigma] (s, s)."""
    patterns, weight = at.patterns, at.inverses.weight
    k, p = patterns.seen.shape
    places = _places(p)
    packed = weight.reshape(k, p * p)[:, places.flat]
    share = patterns.share[:, None]
    core = (2 * share) * (at.centre[:, places.row] * at.centre[:, places.column])
    for (pattern, _), block in zip(patterns.spread, at.spread, strict=True):
        gram = np.matmul(block.transpose(0, 2, 1), block).reshape(-1, p * p)
        core[pattern] += (2 / patterns.n) * gram[:, places.flat]
    core -= share * packed
    products = packed.T @ core
    level = (patterns.share @ weight.reshape(k, p * p)).reshape(p, p)
    mixed = _mixed(packed.T @ (share * at.centre), places)
    return _bordered(level, mixed, _paired(0.5 * (products + products.T), places))


def _paired(products: FloatArray, places: _Places) -> FloatArray:
    """tr(W dSigma_a C dSigma_b) / 2 for all a, b from the sums of W x C over vech x vech (symmetrized)."""
    flat = products.ravel()
    found = flat.take(places.straight)
    found += flat.take(places.crossed)
    found *= places.scale[:, None]
    found *= places.scale
    return np.asarray(found)


def _mixed(products: FloatArray, places: _Places) -> FloatArray:
    """W dSigma_a y (p, vech) from the sums of W x y over vech x variables."""
    p = products.shape[1]
    index = np.empty((p, p), dtype=np.int64)
    index[places.row, places.column] = index[places.column, places.row] = np.arange(len(places.row))
    found = products[index[:, places.row], places.column] + products[index[:, places.column], places.row]
    return np.asarray(found * places.scale)


def _bordered(level: FloatArray, mixed: FloatArray, square: FloatArray) -> FloatArray:
    p, size = mixed.shape
    full = np.empty((p + size, p + size))
    full[:p, :p], full[:p, p:], full[p:, :p], full[p:, p:] = level, mixed, mixed.T, square
    return full


def row_slopes(at: Accumulated, data: FloatArray, mu: FloatArray) -> FloatArray:
    """y = W (x - mu) of every row of `data` (n, p), zero where unseen."""
    of_row = at.patterns.of_row
    deviation = np.where(at.patterns.seen[of_row], data - mu, 0.0)
    found = np.empty_like(deviation)
    order = np.argsort(of_row, kind="stable")
    last = np.cumsum(at.patterns.count)
    for weight, start, end in zip(at.inverses.weight, last - at.patterns.count, last, strict=True):
        rows = order[start:end]
        found[rows] = deviation[rows] @ weight
    return found


def row_scores(at: Accumulated, data: FloatArray, mu: FloatArray) -> FloatArray:
    """Casewise derivatives of the log-likelihood with respect to [mu, vech Sigma] (n, s)."""
    y, places = row_slopes(at, data, mu), _places(data.shape[1])
    level = at.inverses.weight[:, places.row, places.column][at.patterns.of_row]
    return np.concatenate([y, places.scale * (y[:, places.row] * y[:, places.column] - level)], axis=1)
