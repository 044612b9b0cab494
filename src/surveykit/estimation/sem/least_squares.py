"""Weighted least squares, F = (s - sigma)' V (s - sigma), for ULS, DWLS and WLS with continuous data.

s is [mean, vech S], or vech S without means.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.errors import SurveykitError
from surveykit.estimation.moments import SampleMoments, lower_triangle, vech
from surveykit.estimation.sem.gathers import Model, add_curvature, bordered, gradient, slopes_of_mean
from surveykit.estimation.sem.jacobian import moment_jacobian
from surveykit.estimation.sem.linalg import cholesky, inverse
from surveykit.estimation.sem.mean_gathers import add_mean_curvature
from surveykit.estimation.sem.model_lanes import GroupModel
from surveykit.estimation.sem.normal_gamma import contributions, normal_gamma, varying

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class Point(NamedTuple):
    """Value and gradient at some x; `residual` s - sigma and `pull` V (s - sigma), (s, batch).

    `q_flat` is G'QG with the Q for which the gradient is tr(Q dSigma); `slopes` and `mean_pull` are
    d and G' times the pull on means, None without means.
    """

    value: FloatArray
    gradient: FloatArray
    model: Model
    residual: FloatArray
    pull: FloatArray
    q_flat: FloatArray
    slopes: FloatArray | None
    mean_pull: FloatArray | None


@dataclass(frozen=True)
class LeastSquaresGroup:
    """One group's statistics (s, batch) and weights: (s, batch) a diagonal, (s, s, batch) a matrix.

    `cov`, `mean` (in lanes) serve the moments of fixed x.
    """

    group: GroupModel
    observed: FloatArray
    weight: FloatArray
    cov: FloatArray
    mean: FloatArray

    @property
    def parameter(self) -> IntArray:
        return self.group.plan.parameter

    def take(self, members: IntArray) -> LeastSquaresGroup:
        """The same for some members of the batch."""
        parts = (self.observed, self.weight, self.cov, self.mean)
        return LeastSquaresGroup(self.group, *(one[..., members] for one in parts))

    def weighted(self, lanes: FloatArray) -> FloatArray:
        """V times lanes (s, c, batch)."""
        if self.weight.ndim == 2:
            return self.weight[:, None] * lanes
        left, right = (np.ascontiguousarray(np.moveaxis(one, -1, 0)) for one in (self.weight, lanes))
        return np.moveaxis(left @ right, 0, -1)

    def point(self, x: FloatArray) -> Point:
        """Value (batch,) and gradient (q, batch) at x (n_free, batch)."""
        plan = self.group.plan
        model = self.group.evaluate(x, self.cov, self.mean)
        row, column = lower_triangle(plan.p)
        implied = model.sigma[row, column]
        implied = implied if model.mu is None else np.concatenate([model.mu, implied])
        residual = self.observed - implied
        pull = self.weighted(residual[:, None])[:, 0]
        value = (residual * pull).sum(axis=0)
        value = np.where(np.isfinite(value), value, np.inf)
        kernel = np.empty((plan.p, plan.p, x.shape[1]))
        n_mean = 0 if model.mu is None else plan.p
        kernel[row, column] = np.where(row == column, -2.0, -1.0)[:, None] * pull[n_mean:]
        kernel[column, row] = kernel[row, column]
        q_flat = bordered(plan, kernel, model.columns)
        slope = gradient(plan, q_flat)
        if model.mu is None:
            return Point(value, slope, model, residual, pull, q_flat, None, None)
        means = pull[:n_mean]
        d = slopes_of_mean(plan, model)
        mean_pull = np.concatenate([means, np.einsum("pkb,pb->kb", model.columns, means)])
        slope -= 2 * d * mean_pull.take(plan.u, axis=0)
        return Point(value, slope, model, residual, pull, q_flat, d, mean_pull)

    def jacobian(self, point: Point) -> FloatArray:
        """Derivatives of the implied statistics (s, q, batch)."""
        return moment_jacobian(self.group.plan, point.model)

    def hessian(self, point: Point, observed: bool = True) -> FloatArray:
        """Second derivatives (q, q, batch); the expected ones are 2 Delta' V Delta."""
        jacobian = self.jacobian(point)
        left = np.ascontiguousarray(jacobian.transpose(2, 1, 0))
        right = np.ascontiguousarray(self.weighted(jacobian).transpose(2, 0, 1))
        value = np.ascontiguousarray((left @ right).transpose(1, 2, 0))
        value *= 2
        if observed:
            plan = self.group.plan
            pairs = np.zeros((len(plan.pairs[0]), value.shape[2]))
            add_curvature(plan, pairs, point.q_flat, point.model)
            if point.slopes is not None and point.mean_pull is not None:
                where = self.group.mean_plan
                add_mean_curvature(where, pairs, point.model, point.slopes, point.mean_pull)
            value += pairs.take(plan.square, axis=0)
        return value


def statistics_and_weight(
    group: GroupModel, sample: SampleMoments, discrepancy: str, normal: bool
) -> tuple[FloatArray, FloatArray]:
    """Sample statistics (s,) and their weight: (s,) a diagonal or (s, s).

    ULS weighs all alike, DWLS by one over the asymptotic variances (those under normality if
    `normal`), WLS by the inverse of the asymptotic covariance matrix.
    """
    means, fixed = group.meanstructure, group.layout.fixed_x
    observed = vech(sample.cov)
    observed = np.concatenate([sample.mean, observed]) if means else observed
    if discrepancy == "ULS":
        return observed, np.ones(len(observed))
    keep = varying(len(sample.names), means, fixed)
    if discrepancy == "DWLS" and normal:
        return observed, _one_over(np.diag(normal_gamma(sample.cov, means, fixed)), keep)
    z = contributions(sample, means, fixed)
    if discrepancy == "DWLS":
        return observed, _one_over(np.mean(z**2, axis=0), keep)
    full = np.zeros((len(observed), len(observed)))
    full[np.ix_(keep, keep)] = _weight(z[:, keep].T @ z[:, keep] / sample.n, sample)
    return observed, full


def _weight(gamma: FloatArray, sample: SampleMoments) -> FloatArray:
    """Inverse of an estimated covariance matrix of statistics; M050 where there is none."""
    deviation = np.sqrt(np.diag(gamma))
    spread = bool((deviation > 0).all())
    unit = np.where(deviation > 0, deviation, 1.0)
    scaled, good = cholesky((gamma / np.outer(unit, unit))[None])
    if not spread or not good[0] or (np.diag(scaled[0]) ** 2).min() < 1e-10:
        where = f" in group '{sample.label}'" if sample.label else ""
        raise SurveykitError("M050", statistics=len(gamma), n=sample.n, where=where)
    return inverse(gamma)


def _one_over(variance: FloatArray, keep: NDArray[np.bool_]) -> FloatArray:
    """Diagonal weights; none for the moments of fixed x."""
    weight = np.zeros(len(variance))
    weight[keep] = 1 / variance[keep]
    return weight
