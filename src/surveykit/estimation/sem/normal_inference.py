"""Information, scores and influences under normal-theory weights: ML and GLS with complete data."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.moments import SampleMoments, lower_triangle, vech
from surveykit.estimation.sem.gathers import Model, bordered, cross, gradient, slopes_of_mean
from surveykit.estimation.sem.gaussian import GaussianGroup, Point
from surveykit.estimation.sem.inference import ResidualForm
from surveykit.estimation.sem.influence import CaseInfluence, MatrixInfluence, MomentInfluence, by_cluster
from surveykit.estimation.sem.jacobian import moment_jacobian
from surveykit.estimation.sem.layout import others
from surveykit.estimation.sem.linalg import inverse
from surveykit.estimation.sem.mean_gathers import add_mean_cross, add_mean_information
from surveykit.estimation.sem.model_lanes import GroupModel
from surveykit.estimation.sem.normal_gamma import contributions, contributions_at, normal_gamma, varying

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class NormalInference:
    """One group at x (n_free,), see `inference.GroupInference`. `discrepancy` is a batch of one."""

    sample: SampleMoments
    discrepancy: GaussianGroup
    x: FloatArray
    _expected: dict[bool, FloatArray] = field(init=False, repr=False, default_factory=dict)

    @property
    def parameter(self) -> IntArray:
        return self.discrepancy.parameter

    @property
    def n(self) -> int:
        return self.sample.n

    @property
    def group(self) -> GroupModel:
        return self.discrepancy.group

    @cached_property
    def exogenous(self) -> IntArray:
        """Index of fixed x among the observed variables."""
        return self.group.layout.fixed_x

    @property
    def n_statistics(self) -> int:
        p, q = len(self.sample.names), len(self.exogenous)
        count = p * (p + 1) // 2 - q * (q + 1) // 2
        return count + (p - q if self.group.meanstructure else 0)

    @cached_property
    def point(self) -> Point:
        return self.discrepancy.point(self.x[:, None])

    @property
    def model(self) -> Model:
        return self.point.model

    @cached_property
    def sample_inverse(self) -> FloatArray:
        return inverse(self.sample.cov)

    @cached_property
    def implied_inverse(self) -> FloatArray:
        likelihood = self.discrepancy.weight is None
        return self.point.weight[:, :, 0] if likelihood else inverse(self.model.sigma[:, :, 0])

    def weight(self, structured: bool) -> FloatArray:
        """(p, p) inverse of the implied or of the sample covariance matrix; GLS knows the latter only."""
        likelihood = self.discrepancy.weight is None
        return self.implied_inverse if structured and likelihood else self.sample_inverse

    @cached_property
    def slopes(self) -> FloatArray:
        """d (q, 1), zero without means."""
        if self.group.meanstructure:
            return slopes_of_mean(self.group.plan, self.model)
        return np.zeros((self.group.plan.q, 1))

    def _square(self, pairs: FloatArray) -> FloatArray:
        return pairs[:, 0].take(self.group.plan.square)

    def expected(self, structured: bool) -> FloatArray:
        if structured not in self._expected:
            self._expected[structured] = self._information(self.weight(structured))
        return self._expected[structured]

    def _information(self, weight: FloatArray) -> FloatArray:
        plan = self.group.plan
        p_flat = bordered(plan, weight[:, :, None], self.model.columns)
        value = cross(plan, p_flat, p_flat)
        if self.group.meanstructure:
            add_mean_information(self.group.mean_plan, value, p_flat, self.slopes)
        return 0.5 * self._square(value)

    def observed_h1(self, structured: bool) -> FloatArray:
        if not structured:
            return self.expected(False)
        plan, point = self.group.plan, self.point
        p_flat = bordered(plan, self.implied_inverse[:, :, None], self.model.columns)
        value = cross(plan, p_flat, p_flat - 2 * point.q_flat)
        if self.group.meanstructure:
            assert point.pull is not None
            add_mean_information(self.group.mean_plan, value, p_flat, self.slopes)
            add_mean_cross(self.group.mean_plan, value, p_flat, self.slopes, point.pull)
        return 0.5 * self._square(value)

    def hessian(self) -> FloatArray:
        return 0.5 * self.discrepancy.hessian(self.point)[:, :, 0]

    def scores(self, structured: bool) -> FloatArray:
        centre = self.model.mu[:, 0] if structured and self.model.mu is not None else self.sample.mean
        weight = self.weight(structured)
        plan = self.group.plan
        y = self._project(self.sample.cases - centre, weight)
        level = bordered(plan, weight[:, :, None], self.model.columns)[:, 0].take(plan.uv)
        scores = plan.c * (y[:, plan.u] * y[:, plan.v] - level)
        if self.group.meanstructure:
            scores += self.slopes[:, 0] * y[:, plan.u]
        return by_cluster(scores, self.sample.cluster)

    def _project(self, rows: FloatArray, weight: FloatArray) -> FloatArray:
        """Rows (n, p) onto W G: (n, width)."""
        half = rows @ weight
        return np.concatenate([half, half @ self.model.columns[:, :, 0]], axis=1)

    @cached_property
    def fitted(self) -> FloatArray | None:
        """Cases as far as fixed x explains them, centred (n, p); None without fixed x."""
        x = self.exogenous
        if not len(x):
            return None
        cov, centred = self.sample.cov, self.sample.centred
        fitted = centred[:, x] @ np.linalg.solve(cov[np.ix_(x, x)], cov[x])
        fitted[:, x] = centred[:, x]
        return np.asarray(fitted)

    def h1_trace(self) -> float:
        """With fixed x, the saturated model is the regression on x."""
        if self.sample.cluster is not None:
            return self.influence("unstructured").trace()
        x, centred = self.exogenous, self.sample.centred
        y = others(len(self.sample.names), x)
        inside = np.linalg.solve(self.sample.cov, centred.T).T
        distance = np.einsum("ni,ni->n", centred, inside)
        lever = np.zeros(self.n)
        if len(x):
            square = self.sample.cov[np.ix_(x, x)]
            lever = np.einsum("ni,ni->n", centred[:, x], np.linalg.solve(square, centred[:, x].T).T)
        rest = distance - lever
        # The divisor of the sample covariance matrix need not be n.
        ratio = float(np.trace(centred.T @ centred) / (self.n * np.trace(self.sample.cov)))
        value = np.mean(rest * lever) + 0.5 * (np.mean(rest**2) - len(y) * ratio**2)
        return float(value + (np.mean(rest) if self.group.meanstructure else 0.0))

    def influence(self, kind: str, normal: bool = False) -> MomentInfluence:
        if normal:
            return self._normal_influence(kind)
        weight = self.weight(kind != "unstructured")
        plan = self.group.plan
        z = contributions(self.sample, self.group.meanstructure, self.exogenous)
        if kind == "observed":
            weighted = z @ self._observed_weight()
            return self._clustered(z, weighted, weighted @ self.delta())
        projected, weighted = np.zeros((self.n, plan.q)), np.zeros((self.n, 0))
        rest = self.sample.centred - (0.0 if self.fitted is None else self.fitted)
        for sign, rows in ((1.0, self.sample.centred), (-1.0, self.fitted)):
            if rows is not None:
                y = self._project(rows, weight)
                projected += sign * plan.c * y[:, plan.u] * y[:, plan.v]
                outer = sign * _outer(rows @ weight)
                weighted = weighted + outer if weighted.size else outer
        weighted[:, _on_diagonal(len(self.sample.names))] *= 0.5
        weighted -= weighted.mean(axis=0)
        projected -= projected.mean(axis=0)
        if self.group.meanstructure:
            projected += self.slopes[:, 0] * self._project(rest, weight)[:, plan.u]
            weighted = np.concatenate([rest @ weight, weighted], axis=1)
        return self._clustered(z, weighted, projected)

    def _clustered(self, z: FloatArray, weighted: FloatArray, projected: FloatArray) -> MomentInfluence:
        cluster = self.sample.cluster
        return CaseInfluence(
            by_cluster(z, cluster), by_cluster(weighted, cluster), by_cluster(projected, cluster), self.n
        )

    def _normal_influence(self, kind: str) -> MomentInfluence:
        gamma = normal_gamma(self.sample.cov, self.group.meanstructure, self.exogenous)
        weight = self._observed_weight() if kind == "observed" else self._expected_weight(kind)
        return MatrixInfluence(gamma, weight @ gamma, weight @ self.delta())

    def _expected_weight(self, kind: str) -> FloatArray:
        """The saturated model's expected information (s, s)."""
        weight = self.weight(kind != "unstructured")
        none = np.zeros(0, dtype=np.int64)
        return inverse(normal_gamma(inverse(weight), self.group.meanstructure, none))

    def _observed_weight(self) -> FloatArray:
        """The saturated model's observed information at the implied moments (s, s)."""
        p, weight = len(self.sample.names), self.implied_inverse
        moment = self.sample.cov
        residual = np.zeros(p)
        if self.model.mu is not None:
            residual = self.sample.mean - self.model.mu[:, 0]
            moment = moment + np.outer(residual, residual)
        core = 2 * weight @ moment @ weight - weight
        row, column = lower_triangle(p)
        unit = np.zeros((len(row), p, p))
        unit[np.arange(len(row)), row, column] = unit[np.arange(len(row)), column, row] = 1
        turned = 0.5 * weight @ unit @ core
        full = vech(turned + turned.transpose(0, 2, 1)) * np.where(row == column, 0.5, 1.0)
        if not self.group.meanstructure:
            return full
        mixed = np.einsum("i,kij,jl->lk", weight @ residual, unit, weight)
        return np.block([[weight, mixed], [mixed.T, full]])

    def residual(self) -> FloatArray:
        difference = vech(self.sample.cov - self.model.sigma[:, :, 0])
        if self.model.mu is None:
            return difference
        return np.concatenate([self.sample.mean - self.model.mu[:, 0], difference])

    def delta(self) -> FloatArray:
        return moment_jacobian(self.group.plan, self.model)[:, :, 0]

    def residual_statistic(self, kind: str) -> ResidualForm:
        if kind.startswith("adf"):
            return self._distribution_free(kind)
        plan = self.group.plan
        structured = kind == "nt.model"
        weight = self.implied_inverse if structured else self.sample_inverse
        half = weight @ (self.sample.cov - self.model.sigma[:, :, 0])
        value = 0.5 * float(np.sum(half * half.T))
        columns = self.model.columns
        pulled = 0.5 * gradient(plan, bordered(plan, (half @ weight)[:, :, None], columns))[:, 0]
        if self.model.mu is not None:
            residual = self.sample.mean - self.model.mu[:, 0]
            value += float(residual @ weight @ residual)
            pulled += self.slopes[:, 0] * self._project(residual[None], weight)[0, plan.u]
        likelihood = self.discrepancy.weight is None
        known = likelihood or not structured
        return ResidualForm(value, pulled, self.expected(structured) if known else self._information(weight))

    def _distribution_free(self, kind: str) -> ResidualForm:
        mu, sigma = self.model.mu, self.model.sigma[:, :, 0]
        z = contributions(self.sample, self.group.meanstructure, self.exogenous)
        if kind == "adf.model":
            z = contributions_at(self.sample, None if mu is None else mu[:, 0], sigma, self.exogenous)
        keep = varying(len(self.sample.names), self.group.meanstructure, self.exogenous)
        weight = inverse(z[:, keep].T @ z[:, keep] / self.n)
        residual, delta = self.residual()[keep], self.delta()[keep]
        pulled = delta.T @ weight
        return ResidualForm(float(residual @ weight @ residual), pulled @ residual, pulled @ delta)


def _outer(rows: FloatArray) -> FloatArray:
    """vech(yy') of every row."""
    row, column = lower_triangle(rows.shape[1])
    return rows[:, row] * rows[:, column]


def _on_diagonal(p: int) -> IntArray:
    row, column = lower_triangle(p)
    return np.flatnonzero(row == column)
