"""A model and a batch of data as one function to minimise, in the free directions.

x (n_free, batch) holds the free parameters; linear equality constraints are obeyed by
writing x = K z + k0, and everything here is a function of z (n_z, batch).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class GroupPoint(Protocol):
    """A group's discrepancy at some x: value (batch,), gradient (q, batch), and what a Hessian needs."""

    @property
    def value(self) -> FloatArray: ...
    @property
    def gradient(self) -> FloatArray: ...


class GroupDiscrepancy(Protocol):
    """What each estimator offers for each group."""

    @property
    def parameter(self) -> IntArray:
        """Index into x of each of the group's q parameters."""
        ...

    def point(self, x: FloatArray) -> GroupPoint: ...
    def hessian(self, point: Any, observed: bool = True) -> FloatArray:
        """Second derivatives (q, q, batch)."""
        ...

    def take(self, members: IntArray) -> GroupDiscrepancy: ...


@runtime_checkable
class Curved(Protocol):
    """A discrepancy whose expected curvature changes with x and is cheap along the parameters."""

    def expected_diagonal(self, point: Any) -> FloatArray:
        """Expected second derivatives along each parameter (q, batch)."""
        ...


class Point(NamedTuple):
    """The whole function at some z: value (batch,), gradient (n_z, batch), and the groups' points."""

    z: FloatArray
    value: FloatArray
    gradient: FloatArray
    groups: tuple[GroupPoint, ...]


class Share(NamedTuple):
    """How a group's parameters enter z: `columns` of z, by plain selection (`basis` None) or a matrix."""

    columns: IntArray
    basis: FloatArray | None


@dataclass(frozen=True)
class Problem:
    """F(z) = sum over groups of weight_g F_g(K z + k0), for a batch."""

    groups: tuple[GroupDiscrepancy, ...]
    weights: FloatArray
    basis: FloatArray | None
    offset: FloatArray
    n_free: int

    @property
    def n_z(self) -> int:
        return self.n_free if self.basis is None else self.basis.shape[1]

    def expand(self, z: FloatArray) -> FloatArray:
        """x (n_free, batch) from z."""
        return z if self.basis is None else self.basis @ z + self.offset[:, None]

    def reduce(self, x: FloatArray) -> FloatArray:
        """z of the nearest x that obeys the linear constraints."""
        if self.basis is None:
            return x
        gram = self.basis.T @ self.basis
        return np.asarray(np.linalg.solve(gram, self.basis.T @ (x - self.offset[:, None])))

    @cached_property
    def shares(self) -> tuple[Share, ...]:
        return tuple(self._share(group.parameter) for group in self.groups)

    @cached_property
    def _plain(self) -> bool:
        """Whether there is one group, and its parameters are z, in order."""
        only = self.groups[0].parameter
        return len(self.groups) == 1 and self.basis is None and np.array_equal(only, np.arange(self.n_free))

    def _share(self, parameter: IntArray) -> Share:
        if self.basis is None or not len(parameter):
            return Share(parameter, None)
        rows = self.basis[parameter]
        columns = np.flatnonzero(np.any(rows != 0, axis=0))
        rows = rows[:, columns]
        alone = len(rows) == len(columns) and np.array_equal(rows.sum(axis=1), np.ones(len(rows)))
        if alone and np.array_equal(np.sort(rows, axis=1)[:, -1], np.ones(len(rows))):
            chosen = rows.argmax(axis=1)
            if len(np.unique(chosen)) == len(chosen):
                return Share(columns[chosen], None)
        return Share(columns, rows)

    def point(self, z: FloatArray) -> Point:
        """Value and gradient at z (n_z, batch)."""
        x = self.expand(z)
        if self._plain:
            point, weight = self.groups[0].point(x), self.weights[0]
            return Point(z, weight * point.value, weight * point.gradient, (point,))
        value = np.zeros(z.shape[1])
        gradient = np.zeros((self.n_z, z.shape[1]))
        points = []
        for group, weight, share in zip(self.groups, self.weights, self.shares, strict=True):
            point = group.point(x)
            value += weight * point.value
            slope = point.gradient if share.basis is None else share.basis.T @ point.gradient
            gradient[share.columns] += weight * slope
            points.append(point)
        return Point(z, value, gradient, tuple(points))

    def hessian(self, point: Point, observed: bool = True) -> FloatArray:
        """Second derivatives (n_z, n_z, batch)."""
        if self._plain:
            return np.asarray(self.weights[0] * self.groups[0].hessian(point.groups[0], observed))
        total = np.zeros((self.n_z, self.n_z, point.z.shape[1]))
        parts = zip(self.groups, self.weights, self.shares, point.groups, strict=True)
        for group, weight, share, part in parts:
            curvature = weight * group.hessian(part, observed)
            if share.basis is not None:
                transposed = share.basis.T
                curvature = np.tensordot(transposed, curvature, axes=1)
                curvature = np.matmul(transposed, curvature)
            total[share.columns[:, None], share.columns] += curvature
        return total

    def expected_diagonal(self, point: Point) -> FloatArray:
        """Expected second derivatives along z (n_z, batch); ones where they stay the same."""
        total = np.zeros_like(point.z)
        parts = zip(self.groups, self.weights, self.shares, point.groups, strict=True)
        for group, weight, share, part in parts:
            if not isinstance(group, Curved):
                return np.ones_like(point.z)
            own = weight * group.expected_diagonal(part)
            total[share.columns] += own if share.basis is None else (share.basis.T**2) @ own
        return total

    def take(self, members: IntArray) -> Problem:
        """The same problem for some members of the batch."""
        groups = tuple(group.take(members) for group in self.groups)
        return Problem(groups, self.weights, self.basis, self.offset, self.n_free)


def group_values(point: Point) -> FloatArray:
    """F_g (n_groups, batch)."""
    return np.array([part.value for part in point.groups])


def pick_point(point: Point, members: IntArray) -> Point:
    """The same point for some members of the batch."""
    picked: Point = _pick(point, members)
    return picked


def _pick(one: Any, members: IntArray) -> Any:
    """Some lanes of every array of a nested tuple."""
    if isinstance(one, np.ndarray):
        return one[..., members]
    if isinstance(one, tuple):
        chosen = [_pick(part, members) for part in one]
        return type(one)(*chosen) if hasattr(one, "_fields") else tuple(chosen)
    return one


def merge_point(point: Point, members: IntArray, other: Point) -> None:
    """Overwrite the lanes of `members` with another point's, in place."""
    _merge(point, members, other)


def _merge(one: object, members: IntArray, other: object) -> None:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        if one.flags.writeable:  # what is broadcast is the same in every lane
            one[..., members] = other
    elif isinstance(one, tuple) and isinstance(other, tuple):
        for mine, theirs in zip(one, other, strict=True):
            _merge(mine, members, theirs)
