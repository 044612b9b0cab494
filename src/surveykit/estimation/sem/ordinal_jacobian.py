"""Implied thresholds, slopes and correlations of ordered variables, with their first derivatives.

With Sigma*, mu, Pi the covariances, means and slopes of the latent responses and delta
their scales, the implied statistics are ``delta_i (tau_k - mu_i)``, ``delta_i Pi_ij`` and
``delta_i delta_j Sigma*_ij``; a numeric variable has delta 1 and gives ``-mu_i`` and
``Sigma*_ii``. Under "delta" the scales are parameters; under "theta" they are
``Sigma*_ii ** -1/2``. Thresholds are kept apart: each has a single non-zero derivative.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.moments import lower_triangle
from surveykit.estimation.sem.gathers import Gathers, Model
from surveykit.estimation.sem.jacobian import columns_of
from surveykit.estimation.sem.layout import BETA, DELTA, GAMMA, LAMBDA, PSI, TAU, Cells
from surveykit.estimation.sem.model_lanes import GroupModel

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


class ImpliedStatistics(NamedTuple):
    """One group's implied statistics at some x, in lanes, and what derivatives are made of.

    `jacobian` (s, r, batch) has the r parameters other than thresholds; `scale` (p, batch) is
    delta, `scale_slope` (p, r, batch) its derivatives; `mean` (p, batch) is mu,
    `mean_slope` (p, r, batch) and `sigma_slope` (p(p+1)/2, r, batch) likewise, vech Sigma*.
    """

    statistics: FloatArray
    jacobian: FloatArray
    model: Model
    scale: FloatArray
    scale_slope: FloatArray
    mean_slope: FloatArray
    sigma_slope: FloatArray
    tau: FloatArray


@lru_cache(maxsize=32)
def ordinal_model(group: GroupModel, level_variable: tuple[int, ...], theta: bool) -> OrdinalModel:
    """The same model, with its indices, for every fit of the same layout."""
    return OrdinalModel(group, np.array(level_variable, dtype=np.int64), theta)


@dataclass(frozen=True, eq=False)
class OrdinalModel:
    """One group of a model with ordered variables.

    `level_variable` (n_levels,) is the variable of each threshold or mean among the statistics;
    `theta` says which parameterization. Without `thresholds` there are none among statistics and
    parameters (see `concentration`).
    """

    group: GroupModel
    level_variable: IntArray
    theta: bool
    thresholds: bool = True

    @property
    def plan(self) -> Gathers:
        return self.group.plan

    @property
    def p(self) -> int:
        return self.plan.p

    @property
    def ordered(self) -> BoolArray:
        return self.group.layout.ordered

    @cached_property
    def numeric(self) -> IntArray:
        return np.flatnonzero(~self.ordered)

    @property
    def n_x(self) -> int:
        return len(self.group.layout.ov_x)

    @cached_property
    def free_scales(self) -> Cells:
        free = self.group.layout.free
        return free.where(free.matrix == DELTA)

    @cached_property
    def free_slopes(self) -> Cells:
        free = self.group.layout.free
        return free.where(free.matrix == GAMMA)

    @cached_property
    def free_thresholds(self) -> Cells:
        free = self.group.layout.free
        return free.where((free.matrix == TAU) & self.thresholds)

    @cached_property
    def parameter(self) -> IntArray:
        """Index into x: the r parameters of `jacobian`, then the thresholds."""
        parts = (self.plan, self.free_scales, self.free_slopes, self.free_thresholds)
        return np.concatenate([one.parameter for one in parts])

    @property
    def n_other(self) -> int:
        return len(self.parameter) - len(self.free_thresholds.parameter)

    @cached_property
    def threshold_level(self) -> IntArray:
        """Where each row of tau stands among the levels."""
        return np.flatnonzero(self.ordered[self.level_variable])

    @cached_property
    def free_level(self) -> IntArray:
        """Where each free threshold stands among the levels."""
        return self.threshold_level[self.free_thresholds.i]

    @cached_property
    def without_thresholds(self) -> OrdinalModel:
        variables = np.delete(self.level_variable, self.threshold_level)
        return OrdinalModel(self.group, variables, self.theta, thresholds=False)

    @cached_property
    def off_diagonal(self) -> IntArray:
        """Places of the off-diagonal elements in vech."""
        row, column = lower_triangle(self.p)
        return np.flatnonzero(row != column)

    @cached_property
    def pairs(self) -> tuple[IntArray, IntArray]:
        return lower_triangle(self.p, diagonal=False)

    @cached_property
    def diagonal(self) -> IntArray:
        """Places of the diagonal in vech."""
        row, column = lower_triangle(self.p)
        return np.flatnonzero(row == column)

    def evaluate(self, x: FloatArray, cov: FloatArray, mean: FloatArray) -> ImpliedStatistics:
        """At x (n_free, batch); `cov`, `mean` are the sample's, for moments of fixed x."""
        variances = self._variances_of_dependent(x)
        model = self.group.evaluate(x, cov, mean, variances)
        tau = self.group.matrix(TAU, x, cov, mean)[:, 0] if self.thresholds else np.zeros((0, x.shape[1]))
        sigma_slope, mean_slope = self._structural(model)
        if variances is not None:
            self._add_dependent(sigma_slope, model, variances)
        scale, scale_slope = self._scales(x, model, sigma_slope)
        parts = [self._levels(model, tau, scale, scale_slope, mean_slope)]
        if self.n_x:
            parts.append(self._slopes(x, model, scale, scale_slope))
        parts.append(self._variances(model, sigma_slope))
        parts.append(self._correlations(model, scale, scale_slope, sigma_slope))
        statistics = np.concatenate([one for one, _ in parts])
        jacobian = np.concatenate([one for _, one in parts])
        return ImpliedStatistics(
            statistics, jacobian, model, scale, scale_slope, mean_slope, sigma_slope, tau
        )

    @property
    def has_dependent(self) -> bool:
        """Whether residual variances of ordered variables follow from other parameters (see `matrices`)."""
        return not self.theta and len(self.group.layout.dependent[0]) > 0

    @property
    def exact(self) -> bool:
        """Whether the Hessian has all second derivatives."""
        return not self.has_dependent and self.n_x == 0

    def _variances_of_dependent(self, x: FloatArray) -> FloatArray | None:
        if not self.has_dependent:
            return None
        scale = self.group.matrix(DELTA, x, np.zeros((0, 0)), np.zeros(0))[:, 0]
        return np.asarray(scale[self.group.layout.dependent[1]] ** -2.0)

    def _add_dependent(self, sigma_slope: FloatArray, model: Model, variances: FloatArray) -> None:
        """Add what the residual variances of ordered phantoms contribute, which keep total variances.

        With C = A Psi A', a parameter that changes C_kk by d must be met by changes of the
        residual variances psi_jj, each of which changes C_kk by A_kj^2.
        """
        plan, (place, variable) = self.plan, self.group.layout.dependent
        batch = sigma_slope.shape[2]
        total, covariance = model.total, model.latent_covariance
        change = np.zeros((len(place), self.n_other, batch))
        beta, psi = (np.flatnonzero(plan.matrix == code) for code in (BETA, PSI))
        rows = place[:, None]
        change[:, beta] = -2 * total[rows, plan.i[beta]] * covariance[rows, plan.j[beta]]
        weight = 2 * plan.c[psi, None]
        change[:, psi] = -weight * total[rows, plan.i[psi]] * total[rows, plan.j[psi]]
        scales = self.free_scales
        own = np.flatnonzero(np.isin(variable, scales.i))
        where = plan.q + np.array(
            [np.flatnonzero(scales.i == variable[one])[0] for one in own], dtype=np.int64
        )
        change[own, where] += -2 * variances[own] ** 1.5
        share = np.moveaxis(total[rows, place] ** 2, 2, 0)
        moved = np.linalg.solve(share, np.moveaxis(change, 2, 0))
        effect = model.columns[:, place]
        row, column = lower_triangle(self.p)
        by_residual = effect[row] * effect[column]
        for b in range(batch):
            sigma_slope[:, :, b] += by_residual[:, :, b] @ moved[b]

    def _structural(self, model: Model) -> tuple[FloatArray, FloatArray]:
        """d vech Sigma* and d mu by the r parameters; zero for scales and slopes on x."""
        plan, g = self.plan, columns_of(self.plan, model)
        row, column = lower_triangle(self.p)
        u, v = g[:, plan.u], g[:, plan.v]
        q, batch = plan.q, g.shape[2]
        sigma = np.zeros((len(row), self.n_other, batch))
        sigma[:, :q] = u[row] * v[column]
        sigma[:, :q] += v[row] * u[column]
        sigma[:, :q] *= plan.c[:, None]
        mean = np.zeros((self.p, self.n_other, batch))
        table = np.concatenate([model.latent_mean, np.ones((1, batch)), np.zeros((1, batch))])
        mean[:, :q] = table.take(plan.mean_index, axis=0) * u
        return sigma, mean

    def _scales(self, x: FloatArray, model: Model, sigma_slope: FloatArray) -> tuple[FloatArray, FloatArray]:
        slope = np.zeros((self.p, self.n_other, x.shape[1]))
        cells = self.free_scales
        if not self.theta:
            scale = self.group.matrix(DELTA, x, model.sigma, np.zeros(0))[:, 0]
            slope[cells.i, self.plan.q + np.arange(len(cells.i))] = 1.0
            return scale, slope
        ordered = self.ordered
        variance = np.einsum("iib->ib", model.sigma)
        scale = np.ones(variance.shape)
        with np.errstate(invalid="ignore", divide="ignore"):
            scale[ordered] = variance[ordered] ** -0.5
        own = self.diagonal[ordered]
        slope[ordered] = -0.5 * (scale**3)[ordered][:, None] * sigma_slope[own]
        # Scales of their own are free in extended models only (modification indices).
        slope[cells.i, self.plan.q + np.arange(len(cells.i))] = 1.0
        return scale, slope

    def _levels(
        self,
        model: Model,
        tau: FloatArray,
        scale: FloatArray,
        scale_slope: FloatArray,
        mean_slope: FloatArray,
    ) -> tuple[FloatArray, FloatArray]:
        assert model.mu is not None
        variable = self.level_variable
        edge = -model.mu[variable]
        edge[self.threshold_level] += tau
        slope = scale_slope[variable] * edge[:, None] - scale[variable][:, None] * mean_slope[variable]
        return scale[variable] * edge, slope

    def _slopes(
        self, x: FloatArray, model: Model, scale: FloatArray, scale_slope: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Column by column: all variables on the first covariate, then on the second."""
        plan, batch = self.plan, x.shape[1]
        gamma = self.group.matrix(GAMMA, x, model.sigma, np.zeros(0))
        effect = model.columns[:, : plan.m]
        latent = np.einsum("mkb,kcb->mcb", model.total, gamma)
        pi = np.einsum("imb,mcb->icb", effect, gamma)
        u = columns_of(plan, model)[:, plan.u]
        moves = np.isin(plan.matrix, (LAMBDA, BETA))
        slope = np.zeros((self.n_x, self.p, self.n_other, batch))
        slope[:, :, : plan.q][:, :, moves] = (
            latent[plan.j[moves]].transpose(1, 0, 2)[:, None] * u[None, :, moves]
        )
        cells = self.free_slopes
        place = plan.q + len(self.free_scales.i) + np.arange(len(cells.i))
        slope[cells.j, :, place] = effect[:, cells.i].transpose(1, 0, 2)
        slope *= scale[:, None]
        slope += pi.transpose(1, 0, 2)[:, :, None] * scale_slope
        statistics = (pi * scale[:, None]).transpose(1, 0, 2)
        return statistics.reshape(-1, batch), slope.reshape(-1, self.n_other, batch)

    def _variances(self, model: Model, sigma_slope: FloatArray) -> tuple[FloatArray, FloatArray]:
        return model.sigma[self.numeric, self.numeric], sigma_slope[self.diagonal[self.numeric]]

    def _correlations(
        self, model: Model, scale: FloatArray, scale_slope: FloatArray, sigma_slope: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        row, column = self.pairs
        product = scale[row] * scale[column]
        covariance = model.sigma[row, column]
        slope = product[:, None] * sigma_slope[self.off_diagonal]
        if self.theta or len(self.free_scales.i):
            slope += (covariance * scale[column])[:, None] * scale_slope[row]
            slope += (covariance * scale[row])[:, None] * scale_slope[column]
        return product * covariance, slope
