"""Weighted least squares on thresholds and correlations: DWLS, ULS and WLS with ordered variables.

F = (s - sigma(x))' W (s - sigma(x)), W diagonal (one over the asymptotic variances for
DWLS, ones for ULS) or the inverse of the asymptotic covariance matrix (WLS).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.ordinal_moments import OrdinalMoments
from surveykit.estimation.sem.gathers import add_curvature, bordered, slopes_of_mean
from surveykit.estimation.sem.layout import others
from surveykit.estimation.sem.mean_gathers import add_mean_curvature
from surveykit.estimation.sem.model_lanes import GroupModel
from surveykit.estimation.sem.ordinal_jacobian import ImpliedStatistics, OrdinalModel, ordinal_model

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class OrdinalPoint(NamedTuple):
    """Value (batch,) and gradient (q, batch) at some x; `pull` (s, batch) is W (s - sigma)."""

    value: FloatArray
    gradient: FloatArray
    implied: ImpliedStatistics
    pull: FloatArray


@dataclass(frozen=True)
class OrdinalGroup:
    """One group's data, in lanes, and its discrepancy.

    `statistics` (s, batch); `weight` (s, batch) or (s, s, batch); `cov` (p, p, batch) and
    `mean` (p, batch) serve moments of fixed x only. `kept` (s,) are the places of the statistics
    among all those of the sample.
    """

    model: OrdinalModel
    statistics: FloatArray
    weight: FloatArray
    cov: FloatArray
    mean: FloatArray
    kept: IntArray

    @property
    def parameter(self) -> IntArray:
        return self.model.parameter

    @property
    def diagonal(self) -> bool:
        return self.weight.ndim == 2

    @property
    def name(self) -> str:
        """The estimator, for refusals."""
        return "WLS" if not self.diagonal else "ULS" if (self.weight == 1).all() else "DWLS"

    def take(self, members: IntArray) -> OrdinalGroup:
        """The same for some members of the batch."""
        statistics, weight, cov, mean = (
            one[..., members] for one in (self.statistics, self.weight, self.cov, self.mean)
        )
        return OrdinalGroup(self.model, statistics, weight, cov, mean, self.kept)

    def without_thresholds(self) -> OrdinalGroup:
        """The same without thresholds; only where weights are diagonal."""
        model = self.model
        kept = others(len(self.statistics), model.threshold_level)
        return OrdinalGroup(
            model.without_thresholds, self.statistics[kept], self.weight[kept], self.cov, self.mean, kept
        )

    def fitting_thresholds(self, x: FloatArray) -> FloatArray:
        """The free thresholds (n,) that reproduce their statistics at x (n_free,); a batch of one."""
        implied = self.model.evaluate(x[:, None], self.cov, self.mean)
        assert implied.model.mu is not None
        level = self.model.free_level
        variable = self.model.level_variable[level]
        return (self.statistics[level] / implied.scale[variable] + implied.model.mu[variable])[:, 0]

    def point(self, x: FloatArray) -> OrdinalPoint:
        """Value and gradient at x (n_free, batch)."""
        implied = self.model.evaluate(x, self.cov, self.mean)
        residual = self.statistics - implied.statistics
        pull = self.weighted(residual[:, None])[:, 0]
        value = np.where(np.isfinite(pull).all(axis=0), (residual * pull).sum(axis=0), np.inf)
        other = np.einsum("srb,sb->rb", implied.jacobian, pull)
        level = self.model.free_level
        own = self.threshold_slope(implied) * pull[level]
        return OrdinalPoint(value, -2.0 * np.concatenate([other, own]), implied, pull)

    def threshold_slope(self, implied: ImpliedStatistics) -> FloatArray:
        """Derivative of each free threshold's own statistic, (n, batch)."""
        return np.asarray(implied.scale[self.model.level_variable[self.model.free_level]])

    def weighted(self, columns: FloatArray) -> FloatArray:
        """W times columns (s, c, batch)."""
        if self.diagonal:
            return np.asarray(self.weight[:, None] * columns)
        return np.stack([self.weight[..., b] @ columns[..., b] for b in range(columns.shape[-1])], axis=-1)

    def full_jacobian(self, implied: ImpliedStatistics) -> FloatArray:
        """All derivatives (s, q, batch), thresholds last."""
        s, r, batch = implied.jacobian.shape
        full = np.zeros((s, len(self.parameter), batch))
        full[:, :r] = implied.jacobian
        level = self.model.free_level
        full[level, r + np.arange(len(level))] = self.threshold_slope(implied)
        return full

    def information(self, implied: ImpliedStatistics) -> FloatArray:
        """Delta' W Delta (q, q, batch)."""
        if not self.diagonal:
            full = self.full_jacobian(implied)
            return np.asarray(np.einsum("sqb,srb->qrb", full, self.weighted(full), optimize=True))
        # A threshold moves one statistic only: its rows and columns are picked, not multiplied.
        jacobian, level = implied.jacobian, self.model.free_level
        r, q, batch = jacobian.shape[1], len(self.parameter), jacobian.shape[2]
        total = np.empty((q, q, batch))
        for b in range(batch):
            part = jacobian[..., b]
            total[:r, :r, b] = part.T @ (self.weight[:, b][:, None] * part)
        slope = self.threshold_slope(implied)
        weight = self.weight[level] * slope
        total[r:, :r] = weight[:, None] * jacobian[level]
        total[:r, r:] = total[r:, :r].transpose(1, 0, 2)
        total[r:, r:] = 0.0
        own = r + np.arange(len(level))
        total[own, own] = weight * slope
        return total

    def hessian(self, point: OrdinalPoint, observed: bool = True) -> FloatArray:
        """Second derivatives (q, q, batch); the expected ones are 2 Delta' W Delta."""
        total = 2.0 * self.information(point.implied)
        if observed and not self.model.has_dependent:
            self._add_curvature(total, point)
        return total

    def _add_curvature(self, total: FloatArray, point: OrdinalPoint) -> None:
        """Add -2 sum of pull x second derivatives of the statistics (those of slopes on x left out)."""
        model, implied = self.model, point.implied
        plan, batch = model.plan, total.shape[2]
        force = Force(model, implied, -2.0 * point.pull)
        value = np.zeros((len(plan.pairs[0]), batch))
        add_curvature(plan, value, bordered(plan, force.on_sigma, implied.model.columns), implied.model)
        half = -0.5 * force.on_mean
        t = np.concatenate([half, np.einsum("pkb,pb->kb", implied.model.columns, half)])
        add_mean_curvature(
            model.group.mean_plan, value, implied.model, slopes_of_mean(plan, implied.model), t
        )
        total[: plan.q, : plan.q] += value.take(plan.square, axis=0)
        if model.theta or len(model.free_scales.i):
            self._add_scale_curvature(total, implied, force)

    def _add_scale_curvature(self, total: FloatArray, implied: ImpliedStatistics, force: Force) -> None:
        """Products of derivatives of scales with those of covariances, thresholds and one another."""
        model, r = self.model, implied.jacobian.shape[1]
        n_levels = len(model.level_variable)
        by_level = np.zeros((model.p, n_levels))
        by_level[model.level_variable, np.arange(n_levels)] = 1.0
        for b in range(total.shape[2]):
            slope = implied.scale_slope[..., b]
            level_force = by_level * force.on_levels[:, b]
            partner = force.rows(b) - level_force.sum(axis=1)[:, None] * implied.mean_slope[..., b]
            cross = slope.T @ partner
            total[:r, :r, b] += cross + cross.T + slope.T @ force.between_scales[..., b] @ slope
            to_tau = slope.T @ level_force[:, model.free_level]
            total[:r, r:, b] += to_tau
            total[r:, :r, b] += to_tau.T
            if model.theta:
                own = implied.sigma_slope[model.diagonal, :, b]
                bend = 0.75 * implied.scale[:, b] ** 5 * force.on_scale[:, b] * model.ordered
                total[:r, :r, b] += own.T @ (bend[:, None] * own)


class Force:
    """What a weighted sum of the statistics, weights `g` (s, batch), depends on, derivative by derivative."""

    def __init__(self, model: OrdinalModel, implied: ImpliedStatistics, g: FloatArray) -> None:
        p, batch, scale = model.p, g.shape[1], implied.scale
        n_levels, n_slopes = len(model.level_variable), model.p * model.n_x
        n_variances = len(model.numeric)
        row, column = model.pairs
        self.model, self.implied = model, implied
        self.on_levels = g[:n_levels]
        pairs = np.zeros((p, p, batch))
        pairs[row, column] = pairs[column, row] = g[n_levels + n_slopes + n_variances :]
        self.pairs = pairs
        sigma = implied.model.sigma
        self.between_scales = pairs * sigma
        # Sums over the levels of each variable.
        on_edge = np.zeros((p, batch))
        np.add.at(on_edge, model.level_variable, self.on_levels)
        self.on_mean = -scale * on_edge
        assert implied.model.mu is not None
        edge = -implied.model.mu[model.level_variable]
        edge[model.threshold_level] += implied.tau
        self.on_scale = np.einsum("ijb,jb->ib", self.between_scales, scale)
        np.add.at(self.on_scale, model.level_variable, self.on_levels * edge)
        self.on_sigma = 0.5 * pairs * scale[:, None] * scale[None]
        numeric = model.numeric
        self.on_sigma[numeric, numeric] += g[n_levels + n_slopes :][:n_variances]
        if model.theta:
            where = np.flatnonzero(model.ordered)
            self.on_sigma[where, where] += -0.5 * (scale**3 * self.on_scale)[where]

    def rows(self, b: int) -> FloatArray:
        """Sum over j of g_ij delta_j dSigma*_ij, (p, r), one member."""
        row, column = self.model.pairs
        weight = self.pairs[..., b] * self.implied.scale[:, b]
        slope = self.implied.sigma_slope[self.model.off_diagonal, :, b]
        total = np.zeros((self.model.p, slope.shape[1]))
        np.add.at(total, row, weight[row, column][:, None] * slope)
        np.add.at(total, column, weight[column, row][:, None] * slope)
        return total


def ordinal_group(
    group: GroupModel, samples: Sequence[OrdinalMoments], discrepancy: str, parameterization: str
) -> OrdinalGroup:
    """DWLS, ULS or WLS for one group and a batch of samples (S068, S069 where there are no weights)."""
    levels = tuple(samples[0].threshold_variable.tolist())
    model = ordinal_model(group, levels, parameterization == "theta")
    return OrdinalGroup(
        model,
        np.stack([sample.statistics for sample in samples], axis=-1),
        np.stack([sample.weight(discrepancy) for sample in samples], axis=-1),
        np.stack([sample.cov for sample in samples], axis=-1),
        np.stack([sample.mean for sample in samples], axis=-1),
        np.arange(len(samples[0].statistics)),
    )
