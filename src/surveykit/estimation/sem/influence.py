"""Casewise contributions to sample moments, and traces of what robust corrections make of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class MomentInfluence(Protocol):
    """Gamma, the asymptotic covariance matrix of the sample moments, seen through a weight matrix V."""

    @property
    def meat(self) -> FloatArray:
        """Delta' V Gamma V Delta (q, q)."""
        ...

    def trace(self) -> float:
        """tr(V Gamma)"""
        ...

    def second_order(self) -> tuple[float, FloatArray]:
        """tr(V Gamma V Gamma) and Delta' V Gamma V Gamma V Delta (q, q)."""
        ...


@dataclass(frozen=True)
class CaseInfluence:
    """Contributions z (rows, s) with Gamma = Z'Z / n.

    `weighted` is Z V (rows, s), `projected` Z V Delta (rows, q). Rows are cases, or clusters
    (then Gamma carries G / (G - 1)).
    """

    z: FloatArray
    weighted: FloatArray
    projected: FloatArray
    n: int

    def trace(self) -> float:
        return float(np.sum(self.z * self.weighted)) / self.n

    @cached_property
    def meat(self) -> FloatArray:
        meat: FloatArray = self.projected.T @ self.projected / self.n
        return meat

    def second_order(self) -> tuple[float, FloatArray]:
        rows, s = self.z.shape
        if rows < s:
            gram = self.z @ self.weighted.T
            square = float(np.sum(gram * gram.T))
        else:
            product = self.z.T @ self.weighted
            square = float(np.sum(product * product.T))
        left = self.z.T @ self.projected
        right = self.weighted.T @ self.projected
        return square / self.n**2, np.asarray(left.T @ right) / self.n**2


@dataclass(frozen=True)
class MatrixInfluence:
    """A Gamma (s, s) that is known as such; `weighted` is V Gamma, `projected` V Delta (s, q)."""

    gamma: FloatArray
    weighted: FloatArray
    projected: FloatArray

    def trace(self) -> float:
        return float(np.trace(self.weighted))

    @cached_property
    def meat(self) -> FloatArray:
        meat: FloatArray = self.projected.T @ self.gamma @ self.projected
        return meat

    def second_order(self) -> tuple[float, FloatArray]:
        square = float(np.sum(self.weighted * self.weighted.T))
        middle = self.gamma @ self.projected
        return square, np.asarray(middle.T @ self.weighted @ self.projected)


def by_cluster(rows: FloatArray, cluster: IntArray | None) -> FloatArray:
    """Sums of rows within clusters, with the correction for few clusters; cases where there are none."""
    if cluster is None:
        return rows
    codes = np.unique(cluster, return_inverse=True)[1]
    count = int(codes.max()) + 1
    sums = np.zeros((count, rows.shape[1]))
    np.add.at(sums, codes, rows)
    return np.asarray(sums * np.sqrt(count / (count - 1)))
