"""Krippendorff's alpha for unitizing: do coders mark the same stretches of a text, and value them alike?

Each coder divides a continuum into units that carry a value (1, 2, ...) and
the gaps between them (0). All coefficients come from sums that add up over
continua, so a bootstrap over texts needs the texts only once.

References
----------
Krippendorff, Mathet, Bouvry & Widlocher (2016), doi:10.1007/s11135-015-0266-1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.item_moments import FloatArray

# Differences of lengths (in characters) below this are rounding.
SMALL = 1e-9
IntArray: TypeAlias = NDArray[np.int64]


class Continuum(NamedTuple):
    """What one continuum adds, with values 0 (gap) to k; stacks of them have further axes in front.

    `observed` (k+1, k+1): lengths on which a pair of coders gives two values. `squares` (k+1,): squared
    lengths of the units by value, plain lengths for gaps, which have no units. `coded` (k+1,): squared
    lengths of each unit's part that another coder marked as well.
    """

    observed: FloatArray
    squares: FloatArray
    coded: FloatArray


class UnitizingAlpha(NamedTuple):
    """The family: `u` units and values together, `binary` marked or not, `coding` values where both marked.

    `by_value` (k,): how reliably each value is given where two coders marked. NaN where nothing could
    differ by chance.
    """

    u: FloatArray
    binary: FloatArray
    coding: FloatArray
    by_value: FloatArray


def continuum(units: Sequence[IntArray], length: int, k: int) -> Continuum:
    """The sums of one continuum.

    `units`: for each of at least two coders an array (n, 3) of start, end and value 1..k, without
    overlaps; `length`: of the continuum.
    """
    m = len(units)
    edges = np.unique(np.concatenate([[0, length], *(one[:, :2].ravel() for one in units)]).astype(np.int64))
    long = np.diff(edges).astype(float)
    value = np.zeros((m, long.size), dtype=np.int64)
    unit = np.full((m, long.size), -1)
    squares, coded = np.zeros(k + 1), np.zeros(k + 1)
    for coder, own in enumerate(units):
        first, last = np.searchsorted(edges, own[:, 0]), np.searchsorted(edges, own[:, 1])
        for number, (start, end, given) in enumerate(zip(first, last, own[:, 2], strict=True)):
            value[coder, start:end], unit[coder, start:end] = given, number
            squares[given] += float(own[number, 1] - own[number, 0]) ** 2
        squares[0] += float(long[value[coder] == 0].sum())
    observed = np.zeros((k + 1, k + 1))
    for a in range(m):
        for b in range(m):
            if a != b:
                np.add.at(observed, (value[a], value[b]), long / (m - 1))
                both = (value[a] > 0) & (value[b] > 0)
                shared = np.bincount(unit[a][both], long[both], len(units[a]))
                np.add.at(coded, units[a][:, 2].astype(np.int64), shared**2 / (m - 1))
    return Continuum(observed, squares, coded)


def unitizing_alpha(sums: Continuum) -> UnitizingAlpha:
    """The coefficients of one set of sums, or of a stack of them."""
    observed, squares, coded = sums
    totals = observed.sum(axis=-1)
    expected = _expected(totals, squares)
    values = observed[..., 1:, 1:]
    met = values.sum(axis=-1)
    by_chance = _expected(met, coded[..., 1:])
    binary = _alpha(totals[..., 0] - observed[..., 0, 0], _margin(expected)[..., 0] - expected[..., 0, 0])
    seen = met - np.diagonal(values, axis1=-2, axis2=-1)
    chance = _margin(by_chance) - np.diagonal(by_chance, axis1=-2, axis2=-1)
    by_value = _alpha(_margin(by_chance) * seen, met * chance)
    return UnitizingAlpha(_apart(observed, expected), binary, _apart(values, by_chance), by_value)


def bootstrap_unitizing(sums: Sequence[Continuum], replicates: int, seed: int | None) -> UnitizingAlpha:
    """The coefficients of resamples of the continua, replicates in front."""
    rng = np.random.default_rng(seed)
    n = len(sums)
    weights = rng.multinomial(n, np.full(n, 1 / n), size=replicates).astype(float)
    stacked = (np.stack([getattr(one, name) for one in sums]) for name in Continuum._fields)
    return unitizing_alpha(Continuum(*(np.tensordot(weights, one, axes=1) for one in stacked)))


def total(sums: Sequence[Continuum]) -> Continuum:
    """Several continua as one."""
    return Continuum(*(np.sum([getattr(one, name) for one in sums], axis=0) for name in Continuum._fields))


def _expected(totals: FloatArray, squares: FloatArray) -> FloatArray:
    """Lengths on which two values meet by chance, where no unit is paired with itself (eq. 4 and 10)."""
    whole = totals.sum(axis=-1)[..., None, None]
    k = totals.shape[-1]
    pairs = totals[..., :, None] * totals[..., None, :] - squares[..., :, None] * np.eye(k)
    # With many coders who hardly meet nothing is left to pair: 0, and so no coefficient.
    rest = whole**2 - squares.sum(axis=-1)[..., None, None]
    return np.asarray(np.where(rest > SMALL, whole * pairs / np.where(rest > SMALL, rest, 1.0), 0.0))


def _margin(matrix: FloatArray) -> FloatArray:
    return np.asarray(matrix.sum(axis=-1))


def _apart(observed: FloatArray, expected: FloatArray) -> FloatArray:
    """One minus what differs over what would differ by chance."""
    differs = [one.sum(axis=(-2, -1)) - np.trace(one, axis1=-2, axis2=-1) for one in (observed, expected)]
    return _alpha(*differs)


def _alpha(observed: FloatArray, expected: FloatArray) -> FloatArray:
    """NaN where chance cannot differ."""
    return np.asarray(
        np.where(expected > SMALL, 1 - observed / np.where(expected > SMALL, expected, 1.0), np.nan)
    )
