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
    """What one continuum adds, by value 0 (gap) to k; stacks of them have further axes in front.

    `totals`: lengths with each value, over all coders. `alike`: lengths on which a pair of coders gives
    that value, `gap` those on which the other one leaves a gap. `squares`: squared lengths of the
    units, plain lengths for gaps, which have no units. `coded`: squared lengths of each unit's part that
    another coder marked as well. Each of shape (k+1,).
    """

    totals: FloatArray
    alike: FloatArray
    gap: FloatArray
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
    totals, alike, gap = np.zeros(k + 1), np.zeros(k + 1), np.zeros(k + 1)
    for a in range(m):
        totals += np.bincount(value[a], long, k + 1)
        for b in range(m):
            if a != b:
                same, other = value[a] == value[b], value[b] == 0
                alike += np.bincount(value[a][same], long[same], k + 1) / (m - 1)
                gap += np.bincount(value[a][other], long[other], k + 1) / (m - 1)
                both = (value[a] > 0) & ~other
                shared = np.bincount(unit[a][both], long[both], len(units[a]))
                coded += np.bincount(units[a][:, 2].astype(np.int64), shared**2, k + 1) / (m - 1)
    return Continuum(totals, alike, gap, squares, coded)


def unitizing_alpha(sums: Continuum) -> UnitizingAlpha:
    """The coefficients of one set of sums, or of a stack of them."""
    totals, alike, gap, squares, coded = sums
    all_alike, margins = _by_chance(totals, squares)
    met = (totals - gap)[..., 1:]
    met_alike, met_margins = _by_chance(met, coded[..., 1:])
    binary = _alpha(totals[..., 0] - alike[..., 0], margins[..., 0] - all_alike[..., 0])
    seen = met - alike[..., 1:]
    by_value = _alpha(met_margins * seen, met * (met_margins - met_alike))
    return UnitizingAlpha(
        _alpha((totals - alike).sum(axis=-1), (margins - all_alike).sum(axis=-1)),
        binary,
        _alpha(seen.sum(axis=-1), (met_margins - met_alike).sum(axis=-1)),
        by_value,
    )


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


def _by_chance(totals: FloatArray, squares: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Lengths on which a value meets itself, and any, by chance: no unit meets itself (eq. 4 and 10)."""
    whole = totals.sum(axis=-1)[..., None]
    # With many coders who hardly meet nothing is left to pair: 0, and so no coefficient.
    rest = whole**2 - squares.sum(axis=-1)[..., None]
    scale = np.where(rest > SMALL, whole / np.where(rest > SMALL, rest, 1.0), 0.0)
    return np.asarray(scale * (totals**2 - squares)), np.asarray(scale * (totals * whole - squares))


def _alpha(observed: FloatArray, expected: FloatArray) -> FloatArray:
    """NaN where chance cannot differ."""
    return np.asarray(
        np.where(expected > SMALL, 1 - observed / np.where(expected > SMALL, expected, 1.0), np.nan)
    )
