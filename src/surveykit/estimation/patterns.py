"""Incomplete rows, grouped by which variables they hold: all that a normal likelihood needs of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


class Spread(NamedTuple):
    """Deviations from the pattern's own mean, for patterns that several rows share.

    `rows` (k, c, p) have the cross-products of the pattern's rows; `pattern` (k,) says whose they are.
    """

    pattern: IntArray
    rows: FloatArray


class Gaps(NamedTuple):
    """Patterns with equally many gaps (k of them): their `unseen` (k, g) and `seen` (k, p - g) variables."""

    pattern: IntArray
    unseen: IntArray
    seen: IntArray


@dataclass(frozen=True)
class Patterns:
    """Rows by pattern; every row holds at least one value.

    Attributes
    ----------
    seen : bool array (k, p), which variables each pattern holds
    count : int array (k,), rows of each pattern
    of_row : int array (n,), the pattern of each row
    mean : array (k, p), means of each pattern, 0 where unseen
    spread : their cross-products around these means, in a few blocks
    """

    seen: BoolArray
    count: IntArray
    of_row: IntArray
    mean: FloatArray
    spread: tuple[Spread, ...]

    @property
    def n(self) -> int:
        return len(self.of_row)

    @property
    def size(self) -> int:
        """Number of variables."""
        return int(self.seen.shape[1])

    @cached_property
    def share(self) -> FloatArray:
        """Rows of each pattern over all rows (k,)."""
        return self.count / self.n

    @cached_property
    def coverage(self) -> FloatArray:
        """Share of the rows in which both of two variables are seen (p, p)."""
        seen = self.seen.astype(np.float64)
        return np.asarray((seen * self.share[:, None]).T @ seen)

    @cached_property
    def gaps(self) -> tuple[Gaps, ...]:
        missing = self.size - self.seen.sum(axis=1)
        found = []
        for number in np.unique(missing):
            chosen = np.flatnonzero(missing == number)
            order = np.argsort(self.seen[chosen], axis=1, kind="stable")
            found.append(Gaps(chosen, order[:, :number], np.sort(order[:, number:], axis=1)))
        return tuple(found)


def group_rows(data: FloatArray) -> Patterns:
    """Group the rows of `data` (n, p), NaN where unseen; no row may be empty."""
    known = ~np.isnan(data)
    seen, of_row = _distinct(known)
    count = np.bincount(of_row, minlength=len(seen))
    values = np.where(known, data, 0.0)
    order = np.argsort(of_row, kind="stable")
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    mean = np.add.reduceat(values[order], first, axis=0) / count[:, None]
    deviation = np.where(known, data - mean[of_row], 0.0)[order]
    return Patterns(seen, count, of_row, mean, tuple(_spread(deviation, first, count)))


def _distinct(known: BoolArray) -> tuple[BoolArray, IntArray]:
    """The different rows (k, p), in order of first appearance, and which of them each row is."""
    packed = np.ascontiguousarray(np.packbits(known, axis=1))
    keys = packed.view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, first, which = np.unique(keys, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return known[np.sort(first)], rank[which.ravel()]


def _spread(deviation: FloatArray, first: IntArray, count: IntArray) -> Iterator[Spread]:
    """At most p rows a pattern; patterns of like size share a block, filled up with zeros."""
    p = deviation.shape[1]
    rows: dict[int, FloatArray] = {}
    for pattern in np.flatnonzero(count > 1).tolist():
        own = deviation[first[pattern] : first[pattern] + count[pattern]]
        rows[pattern] = own if len(own) <= p else np.asarray(np.linalg.qr(own, mode="r"))
    room = {pattern: min(1 << (len(own) - 1).bit_length(), p) for pattern, own in rows.items()}
    for size in sorted(set(room.values())):
        chosen = [pattern for pattern in rows if room[pattern] == size]
        block = np.zeros((len(chosen), size, p))
        for place, pattern in enumerate(chosen):
            block[place, : len(rows[pattern])] = rows[pattern]
        yield Spread(np.array(chosen), block)


class Inverses(NamedTuple):
    """Of the seen parts of Sigma: `weight` (k, p, p), zero where unseen, and log determinants (k,)."""

    weight: FloatArray
    logdet: FloatArray


def pattern_inverses(patterns: Patterns, sigma: FloatArray, inverse: FloatArray, logdet: float) -> Inverses:
    """Invert the seen part of Sigma for every pattern; `inverse` and `logdet` are those of all of it.

    Taking a few variables out of an inverse costs less than inverting what remains.
    """
    found = Inverses(np.zeros((*patterns.seen.shape, patterns.size)), np.full(len(patterns.seen), logdet))
    for one in patterns.gaps:
        if one.unseen.shape[1] <= patterns.size // 2:
            _take_out(one, inverse, found)
        else:
            _invert_rest(one, sigma, found)
    return found


def _take_out(one: Gaps, inverse: FloatArray, found: Inverses) -> None:
    """W = V - V_u (V_uu)^-1 V_u' with V the whole inverse, u the unseen variables."""
    if not one.unseen.shape[1]:
        found.weight[one.pattern] = inverse
        return
    part, sides = inverse[one.unseen[:, :, None], one.unseen[:, None, :]], inverse[one.unseen]
    rest = inverse - np.matmul(sides.transpose(0, 2, 1), np.linalg.solve(part, sides))
    place = np.arange(len(rest))[:, None]
    rest[place, one.unseen] = 0.0
    rest[place, :, one.unseen] = 0.0
    found.weight[one.pattern] = rest
    found.logdet[one.pattern] += np.linalg.slogdet(part)[1]


def _invert_rest(one: Gaps, sigma: FloatArray, found: Inverses) -> None:
    part = sigma[one.seen[:, :, None], one.seen[:, None, :]]
    found.weight[one.pattern[:, None, None], one.seen[:, :, None], one.seen[:, None, :]] = np.linalg.inv(part)
    found.logdet[one.pattern] = np.linalg.slogdet(part)[1]
