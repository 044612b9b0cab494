"""Weighted least squares, F = (s - sigma)' V (s - sigma), for ULS, DWLS, WLS and ordered data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.sem.gathers import Model, add_curvature, bordered, slopes_of_mean
from surveykit.estimation.sem.implied_statistics import StatisticsMap
from surveykit.estimation.sem.mean_gathers import add_mean_curvature

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class Point(NamedTuple):
    """Value and gradient at some x; `pull` is V (s - sigma) (s, batch), `jacobian` (s, q, batch)."""

    value: FloatArray
    gradient: FloatArray
    model: Model
    jacobian: FloatArray
    pull: FloatArray


@dataclass(frozen=True)
class LeastSquaresGroup:
    """One group's statistics (s, batch) and weights: (s, batch) a diagonal, (s, s, batch) a matrix.

    `cov`, `mean` (in lanes) serve the moments of fixed x.
    """

    statistics_map: StatisticsMap
    observed: FloatArray
    weight: FloatArray
    cov: FloatArray
    mean: FloatArray

    @property
    def parameter(self) -> IntArray:
        return self.statistics_map.parameter

    def take(self, members: IntArray) -> LeastSquaresGroup:
        """The same for some members of the batch."""
        return LeastSquaresGroup(
            self.statistics_map,
            self.observed[..., members],
            self.weight[..., members],
            self.cov[..., members],
            self.mean[..., members],
        )

    def apply_weight(self, lanes: FloatArray) -> FloatArray:
        """V times lanes (s, batch) or (s, q, batch)."""
        if self.weight.ndim == 2:
            return self.weight * lanes if lanes.ndim == 2 else self.weight[:, None] * lanes
        if lanes.ndim == 2:
            return np.asarray(np.einsum("stb,tb->sb", self.weight, lanes))
        return np.asarray(np.einsum("stb,tqb->sqb", self.weight, lanes, optimize=True))

    def point(self, x: FloatArray) -> Point:
        """Value (batch,) and gradient (q, batch) at x (n_free, batch)."""
        model = self.statistics_map.group.evaluate(x, self.cov, self.mean)
        implied = self.statistics_map.evaluate(x, model)
        residual = self.observed - implied.value
        pull = self.apply_weight(residual)
        value = np.einsum("sb,sb->b", residual, pull)
        value = np.where(np.isfinite(value), value, np.inf)
        gradient = -2 * np.einsum("sqb,sb->qb", implied.jacobian, pull)
        return Point(value, gradient, model, implied.jacobian, pull)

    def hessian(self, point: Point, observed: bool = True) -> FloatArray:
        """Second derivatives (q, q, batch); Gauss and Newton's where scales move with x."""
        weighted = self.apply_weight(point.jacobian)
        batch = weighted.shape[2]
        if batch == 1:
            value = 2 * (point.jacobian[:, :, 0].T @ weighted[:, :, 0])[:, :, None]
        else:
            left = np.ascontiguousarray(point.jacobian.transpose(2, 1, 0))
            right = np.ascontiguousarray(weighted.transpose(2, 0, 1))
            value = 2 * np.ascontiguousarray((left @ right).transpose(1, 2, 0))
        if observed and self.statistics_map.plain:
            inner = self.statistics_map.plan.q
            value[:inner, :inner] += self._curvature(point)
        return value

    def _curvature(self, point: Point) -> FloatArray:
        """What the curvature of the model adds, (inner q, inner q, batch)."""
        plan, group = self.statistics_map.plan, self.statistics_map.group
        kernel, means = self.statistics_map.kernel(point.pull)
        value = np.zeros((len(plan.pairs[0]), kernel.shape[2]))
        add_curvature(plan, value, bordered(plan, kernel, point.model.columns), point.model)
        if means is not None and group.meanstructure:
            d = slopes_of_mean(plan, point.model)
            pull = np.concatenate([means, np.einsum("pkb,pb->kb", point.model.columns, means)])
            add_mean_curvature(group.mean_plan, plan, value, point.model, d, pull)
        return value.take(plan.square, axis=0)

    @cached_property
    def exact(self) -> bool:
        """Whether `hessian` has all second derivatives."""
        return self.statistics_map.plain
