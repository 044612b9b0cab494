"""Information matrices of a whole model and their inverses in the directions that constraints leave free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.sem.constraints import Constraints
from surveykit.estimation.sem.inference import GroupInference
from surveykit.estimation.sem.influence import MomentInfluence
from surveykit.estimation.sem.linalg import inverse, spd_inverse

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# Smaller eigenvalues of the information, scaled to unit diagonal, count as zero.
SINGULAR = 1e-12
# Information of a parameter, beside the largest, that is only rounding error.
VANISHING = 1e-20


@dataclass(frozen=True)
class Fitted:
    """All groups at the estimates.

    Attributes
    ----------
    groups : one `GroupInference` each
    shares : array (n_groups,), n_g / N
    weights : array (n_groups,), the groups' weights in the minimised function
    free_directions : array (n_free, k), orthonormal basis of the directions in which x may move
    equality_directions : the same with inequalities and bounds left aside; None where an equality is
        not linear
    """

    n_free: int
    groups: tuple[GroupInference, ...]
    shares: FloatArray
    weights: FloatArray
    free_directions: FloatArray
    equality_directions: FloatArray | None
    _known: dict[tuple[Any, ...], FloatArray] = field(init=False, repr=False, default_factory=dict)
    _inverses: dict[tuple[Any, ...], tuple[FloatArray, FloatArray | None]] = field(
        init=False, repr=False, default_factory=dict
    )

    _spread: dict[int, float] = field(init=False, repr=False, default_factory=dict)

    def assemble(self, parts: Sequence[FloatArray], weights: FloatArray) -> FloatArray:
        """Sum of weighted group matrices (q, q), in x (n_free, n_free)."""
        total = np.zeros((self.n_free, self.n_free))
        for group, part, weight in zip(self.groups, parts, weights, strict=True):
            total[group.parameter[:, None], group.parameter] += weight * part
        return total

    def information(self, kind: str, observed: str = "hessian", h1: str = "structured") -> FloatArray:
        """Unit information (n_free, n_free): `kind` "expected" "observed" "first.order".

        `observed` "hessian" or "h1" and `h1` "structured" or "unstructured" are lavaan's options.
        """
        key = (kind, observed if kind == "observed" else "", h1)
        if key not in self._known:
            self._known[key] = self._information(*key)
        return self._known[key]

    def _information(self, kind: str, observed: str, h1: str) -> FloatArray:
        structured = h1 == "structured"
        if kind == "expected":
            return self.assemble([one.expected(structured) for one in self.groups], self.shares)
        if kind == "first.order":
            return self.score_products(structured)
        if observed == "h1":
            return self.assemble([one.observed_h1(structured) for one in self.groups], self.shares)
        return self.assemble([one.hessian() for one in self.groups], self.weights)

    def score_products(self, structured: bool) -> FloatArray:
        """Outer products of the scores per case, in x (n_free, n_free)."""
        key = ("scores", structured)
        if key not in self._known:
            scores = [(group.scores(structured), group.n) for group in self.groups]
            self._known[key] = self.assemble([one.T @ one / n for one, n in scores], self.shares)
        return self._known[key]

    @cached_property
    def restricted(self) -> bool:
        """Whether x may not move in every direction."""
        return bool(self.free_directions.shape[1] < self.n_free)

    @cached_property
    def _size(self) -> FloatArray:
        """Estimates in the free directions (k,), without their signs: their units."""
        x = self.groups[0].x
        return np.abs(self.free_directions.T @ x if self.restricted else x)

    def inner(self, information: FloatArray) -> FloatArray:
        """Information in the free directions (k, k)."""
        if not self.restricted:
            return information
        basis = self.free_directions
        return np.asarray(basis.T @ information @ basis)

    def invert(self, information: FloatArray) -> FloatArray | None:
        """Inverse in the free directions; None where the information is singular in one of them."""
        key = ("inverse", id(information))
        if key not in self._inverses:
            self._inverses[key] = (information, self._invert(information))
        return self._inverses[key][1]

    def _invert(self, information: FloatArray) -> FloatArray | None:
        inner = self.inner(information)
        scale = _scale(inner, self._size)
        unit = scale[:, None] * scale
        inverted = _safe_inverse(inner / unit)
        if inverted is None:
            if self.null_directions(information).size:
                return None
            inverted = inverse(inner / unit)
        self._spread[id(information)] = float(np.trace(inverted))
        inverted = inverted / unit
        if self.restricted:
            inverted = self.free_directions @ inverted @ self.free_directions.T
        return np.asarray(0.5 * (inverted + inverted.T))

    def is_weak(self, information: FloatArray, limit: float) -> bool:
        """Whether the smallest eigenvalue of the scaled information may be below `limit`."""
        if self.invert(information) is None:
            return True
        # The trace of the scaled inverse bounds its largest eigenvalue.
        return self._spread[id(information)] > 1 / limit

    def null_directions(self, information: FloatArray, limit: float | None = None) -> FloatArray:
        """Directions of x (n_free, k) that (almost) leave the discrepancy as it is; k = 0 if identified.

        `limit` is the eigenvalue of the scaled information that counts as zero.
        """
        basis, inner = self.free_directions, self.inner(information)
        if not np.isfinite(inner).all():
            return basis
        scale = _scale(inner, self._size)
        values, vectors = np.linalg.eigh(inner / np.outer(scale, scale))
        small = np.abs(values) < (SINGULAR * len(values) if limit is None else limit)
        return np.asarray(basis @ (vectors[:, small] / scale[:, None]))

    def influences(self, kind: str, normal: bool) -> list[MomentInfluence]:
        return [group.influence(kind, normal) for group in self.groups]

    @cached_property
    def n_statistics(self) -> int:
        return sum(group.n_statistics for group in self.groups)


def _safe_inverse(scaled: FloatArray) -> FloatArray | None:
    """Inverse of a matrix with unit diagonal that is far from singular; None where it might not be."""
    lanes, logdet = spd_inverse(scaled[:, :, None])
    found = lanes[:, :, 0]
    # The trace bounds the largest eigenvalue of the inverse.
    return found if np.isfinite(logdet[0]) and np.trace(found) < 1e-3 / SINGULAR else None


def _scale(matrix: FloatArray, size: FloatArray) -> FloatArray:
    """Square roots of the diagonal, 1 where it vanishes: as it stands, and in units of the estimates.

    The latter because a variable in small units has small information on its variance, not none.
    """
    diagonal = np.abs(np.diag(matrix))
    unitless = diagonal * size**2
    seen = (diagonal > diagonal.max(initial=0.0) * VANISHING) | (
        unitless > unitless.max(initial=0.0) * VANISHING
    )
    return np.asarray(np.sqrt(np.where(seen, diagonal, 1.0)))


def null_space(rows: FloatArray, n_free: int) -> FloatArray:
    """Orthonormal basis (n_free, k) of the directions along which no row (m, n_free) changes."""
    if not len(rows):
        return np.eye(n_free)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    _, values, vectors = np.linalg.svd(rows / np.where(length > 0, length, 1))
    rank = int(np.sum(values > 1e-9))
    return np.asarray(vectors[rank:].T)


def linear_directions(constraints: Constraints) -> FloatArray:
    """Orthonormal basis (n_free, q) of what the linear equalities leave free."""
    if not len(constraints.b):
        return np.eye(constraints.n_free)
    if constraints.simple:
        return np.asarray(constraints.K / np.sqrt(np.square(constraints.K).sum(axis=0)))
    return np.asarray(np.linalg.qr(constraints.K)[0])
