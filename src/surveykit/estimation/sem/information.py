"""Information matrices of a whole model and their inverses in the directions that constraints leave free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.sem.inference import GroupInference
from surveykit.estimation.sem.influence import MomentInfluence

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# Smaller eigenvalues of the information, scaled to unit diagonal, count as zero.
SINGULAR = 1e-12


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

    def assemble(self, parts: Sequence[FloatArray], weights: FloatArray) -> FloatArray:
        """Sum of weighted group matrices (q, q), in x (n_free, n_free)."""
        total = np.zeros((self.n_free, self.n_free))
        for group, part, weight in zip(self.groups, parts, weights, strict=True):
            total[np.ix_(group.parameter, group.parameter)] += weight * part
        return total

    def information(self, kind: str, observed: str = "hessian", h1: str = "structured") -> FloatArray:
        """Unit information (n_free, n_free): `kind` "expected" "observed" "first.order".

        `observed` "hessian" or "h1" and `h1` "structured" or "unstructured" are lavaan's options.
        """
        structured = h1 == "structured"
        if kind == "expected":
            return self.assemble([one.expected(structured) for one in self.groups], self.shares)
        if kind == "first.order":
            return self.assemble(self.score_products(structured), self.shares)
        if observed == "h1":
            return self.assemble([one.observed_h1(structured) for one in self.groups], self.shares)
        return self.assemble([one.hessian() for one in self.groups], self.weights)

    def score_products(self, structured: bool) -> list[FloatArray]:
        """Outer products of the scores, by group (q, q), per case."""
        found = []
        for group in self.groups:
            scores = group.scores(structured)
            found.append(scores.T @ scores / group.n)
        return found

    def invert(self, information: FloatArray) -> FloatArray | None:
        """Inverse in the free directions; None where the information is singular in one of them."""
        if self.null_directions(information).size:
            return None
        basis = self.free_directions
        inner = basis.T @ information @ basis
        scale = _scale(inner)
        inverted = np.linalg.inv(inner / np.outer(scale, scale)) / np.outer(scale, scale)
        inverted = basis @ inverted @ basis.T
        return np.asarray(0.5 * (inverted + inverted.T))

    def null_directions(self, information: FloatArray, limit: float | None = None) -> FloatArray:
        """Directions of x (n_free, k) that (almost) leave the discrepancy as it is; k = 0 if identified.

        `limit` is the eigenvalue of the scaled information that counts as zero.
        """
        basis = self.free_directions
        inner = basis.T @ information @ basis
        if not np.isfinite(inner).all():
            return basis
        scale = _scale(inner)
        values, vectors = np.linalg.eigh(inner / np.outer(scale, scale))
        small = np.abs(values) < (SINGULAR * len(values) if limit is None else limit)
        return np.asarray(basis @ (vectors[:, small] / scale[:, None]))

    def influences(self, kind: str, normal: bool) -> list[MomentInfluence]:
        return [group.influence(kind, normal) for group in self.groups]

    @cached_property
    def n_statistics(self) -> int:
        return sum(group.n_statistics for group in self.groups)


def _scale(matrix: FloatArray) -> FloatArray:
    """Square roots of the diagonal, 1 where it vanishes."""
    diagonal = np.abs(np.diag(matrix))
    floor = diagonal.max(initial=0.0) * 1e-20
    return np.asarray(np.sqrt(np.where(diagonal > floor, diagonal, 1.0)))


def null_space(rows: FloatArray, n_free: int) -> FloatArray:
    """Orthonormal basis (n_free, k) of the directions along which no row (m, n_free) changes."""
    if not len(rows):
        return np.eye(n_free)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    _, values, vectors = np.linalg.svd(rows / np.where(length > 0, length, 1))
    rank = int(np.sum(values > 1e-9))
    return np.asarray(vectors[rank:].T)
