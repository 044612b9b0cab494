"""Discrepancies with a normal-theory weight: maximum likelihood and generalised least squares.

ML:  F = log|Sigma| + tr(S Sigma^-1) - log|S| - p + (m - mu)' Sigma^-1 (m - mu)
GLS: F = 1/2 tr[(S^-1 (S - Sigma))^2] + (m - mu)' S^-1 (m - mu)

In both the gradient is tr(Q dSigma) - 2 t'... picked from G'QG and G'Wr, with
Q = W - W M W, M = S + rr', W = Sigma^-1 (ML) or Q = W (Sigma - S) W, W = S^-1 (GLS).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.sem.gathers import (
    Model,
    add_curvature,
    bordered,
    cross,
    gradient,
    slopes_of_mean,
)
from surveykit.estimation.sem.linalg import product
from surveykit.estimation.sem.mean_gathers import (
    add_mean_cross,
    add_mean_curvature,
    add_mean_information,
)
from surveykit.estimation.sem.model_lanes import GroupModel
from surveykit.estimation.sem.structured_inverse import implied_inverse

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class Point(NamedTuple):
    """What was computed for the value and the gradient at some x, kept for the Hessian.

    `weight` is W (p, p, batch), `q_flat` G'QG, `slopes` and `pull` are d and t = G'Wr
    where there are means.
    """

    value: FloatArray
    gradient: FloatArray
    model: Model
    weight: FloatArray
    q_flat: FloatArray
    slopes: FloatArray | None
    pull: FloatArray | None


@dataclass(frozen=True)
class GaussianGroup:
    """One group's data, in lanes, and its discrepancy.

    `cov` (p, p, batch), `mean` (p, batch), `logdet` (batch,) log|S|; `weight` (p, p, batch) is
    S^-1 for GLS and None for ML.
    """

    group: GroupModel
    cov: FloatArray
    mean: FloatArray
    logdet: FloatArray
    weight: FloatArray | None = None

    @property
    def parameter(self) -> IntArray:
        return self.group.plan.parameter

    def take(self, members: IntArray) -> GaussianGroup:
        """The same for some members of the batch."""
        weight = None if self.weight is None else self.weight[..., members]
        return GaussianGroup(
            self.group, self.cov[..., members], self.mean[..., members], self.logdet[members], weight
        )

    def point(self, x: FloatArray) -> Point:
        """Value (batch,) and gradient (q, batch) for the group's own parameters, x (n_free, batch)."""
        model = self.group.evaluate(x, self.cov, self.mean)
        residual = None if model.mu is None else self.mean - model.mu
        if self.weight is None:
            value, weight, kernel = self._likelihood(model, residual)
        else:
            value, weight, kernel = self._least_squares(model, self.weight)
        plan = self.group.plan
        q_flat = bordered(plan, kernel, model.columns)
        slope = gradient(plan, q_flat)
        if residual is None:
            return Point(value, slope, model, weight, q_flat, None, None)
        pulled = product(weight, residual[:, None])[:, 0]
        if self.weight is not None:
            value = value + np.einsum("pb,pb->b", residual, pulled)
        columns = model.columns
        pull = np.concatenate([pulled, np.einsum("pkb,pb->kb", columns, pulled)])
        d = slopes_of_mean(plan, model)
        slope -= 2 * d * pull.take(plan.u, axis=0)
        return Point(value, slope, model, weight, q_flat, d, pull)

    def _likelihood(
        self, model: Model, residual: FloatArray | None
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        weight, logdet = implied_inverse(model)
        moment = self.cov if residual is None else self.cov + residual[:, None] * residual[None]
        trace = np.einsum("ijb,ijb->b", weight, moment)
        value = logdet + trace - self.logdet - len(weight)
        return value, weight, weight - product(product(weight, moment), weight)

    def _least_squares(self, model: Model, weight: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        half = product(weight, model.sigma - self.cov)
        value = 0.5 * np.einsum("ijb,jib->b", half, half)
        return value, weight, product(half, weight)

    def expected_diagonal(self, point: Point) -> FloatArray:
        """Expected second derivatives along each parameter (q, batch)."""
        plan, columns = self.group.plan, point.model.columns
        p_flat = bordered(plan, point.weight, columns)
        u, v, width = plan.u, plan.v, plan.width
        uu, vv, uv = (p_flat.take(one, axis=0) for one in (u * width + u, v * width + v, u * width + v))
        diagonal = 2 * np.square(plan.c)[:, None] * (uu * vv + uv * uv)
        return diagonal if point.slopes is None else diagonal + 2 * np.square(point.slopes) * uu

    def hessian(self, point: Point, observed: bool = True) -> FloatArray:
        """Second derivatives (q, q, batch); the expected ones leave out what vanishes if the model holds."""
        plan, model = self.group.plan, point.model
        p_flat = bordered(plan, point.weight, model.columns)
        likelihood = self.weight is None
        core = p_flat - 2 * point.q_flat if observed and likelihood else p_flat
        value = cross(plan, p_flat, core)
        if observed:
            add_curvature(plan, value, point.q_flat, model)
        if point.slopes is None or point.pull is None:
            return value.take(plan.square, axis=0)
        where = self.group.mean_plan
        add_mean_information(where, value, p_flat, point.slopes)
        if observed:
            add_mean_curvature(where, value, model, point.slopes, point.pull)
            if likelihood:
                add_mean_cross(where, value, p_flat, point.slopes, point.pull)
        return value.take(plan.square, axis=0)
