"""Implied sample statistics in lavaan's order (WLS.est) with their Jacobian, in lanes.

Continuous data: [mu, vech Sigma]. Ordered data: thresholds (numeric variables have their
negated mean there), slopes on x column by column, variances of numeric variables, the lower
triangle of the correlations column by column.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.moments import lower_triangle
from surveykit.estimation.sem.gathers import Gathers, Model, slopes_of_mean
from surveykit.estimation.sem.jacobian import columns_of, moment_jacobian
from surveykit.estimation.sem.linalg import product
from surveykit.estimation.sem.matrices import BETA, DELTA, GAMMA, LAMBDA, TAU
from surveykit.estimation.sem.model_lanes import GroupModel

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class Statistics(NamedTuple):
    """Implied statistics (s, batch) and their derivatives (s, q, batch)."""

    value: FloatArray
    jacobian: FloatArray


class Parts(NamedTuple):
    """What ordered statistics are made of, each with its derivatives (.., q, batch)."""

    sigma: FloatArray
    d_sigma: FloatArray
    mu: FloatArray
    d_mu: FloatArray
    scale: FloatArray
    d_scale: FloatArray


@dataclass(frozen=True)
class StatisticsMap:
    """Implied statistics of one group as a function of x; q counts `parameter`."""

    group: GroupModel
    categorical: bool
    parameterization: str = "delta"

    @property
    def plan(self) -> Gathers:
        return self.group.plan

    @cached_property
    def parameter(self) -> IntArray:
        """Index into x: parameters of covariances and means first, then tau, delta, gamma."""
        free = self.group.layout.free
        extra = [free.parameter[free.matrix == code] for code in (TAU, DELTA, GAMMA)]
        return np.concatenate([self.plan.parameter, *extra])

    @cached_property
    def statistic_variable(self) -> IntArray:
        """The variable of each threshold or (numeric) mean, by variable."""
        layout = self.group.layout
        counts = np.bincount(layout.th_variable, minlength=len(layout.ov))
        return np.repeat(np.arange(len(layout.ov)), np.where(layout.ordered, counts, 1))

    def evaluate(self, x: FloatArray, model: Model) -> Statistics:
        """At x (n_free, batch), whose implied moments are `model`."""
        if not self.categorical:
            jacobian = moment_jacobian(self.plan, model)
            row, column = lower_triangle(self.plan.p)
            value = model.sigma[row, column]
            value = value if model.mu is None else np.concatenate([model.mu, value])
            return Statistics(value, jacobian)
        return self._ordered(x, model)

    def _ordered(self, x: FloatArray, model: Model) -> Statistics:
        parts = self._scaled(x, model)
        pieces = [self._thresholds(x, parts)]
        if len(self.group.layout.ov_x):
            pieces.append(self._slopes(x, model, parts))
        pieces += self._covariances(parts)
        return Statistics(*(np.concatenate(one) for one in zip(*pieces, strict=True)))

    def _scaled(self, x: FloatArray, model: Model) -> Parts:
        plan, q, batch = self.plan, len(self.parameter), x.shape[1]
        p, inner = plan.p, plan.q
        g = columns_of(plan, model)
        u, v = g[:, plan.u], g[:, plan.v]
        d_sigma = np.zeros((p, p, q, batch))
        half = plan.c[:, None] * u[:, None] * v[None]
        d_sigma[:, :, :inner] = half + half.transpose(1, 0, 2, 3)
        d_mu = np.zeros((p, q, batch))
        d_mu[:, :inner] = slopes_of_mean(plan, model) * u
        mu = model.mu if model.mu is not None else np.zeros((p, batch))
        scale, d_scale = self._scale(x, model, d_sigma)
        return Parts(model.sigma, d_sigma, mu, d_mu, scale, d_scale)

    def _scale(self, x: FloatArray, model: Model, d_sigma: FloatArray) -> tuple[FloatArray, FloatArray]:
        """delta (p, batch) and its derivatives (p, q, batch)."""
        layout, free = self.group.layout, self.group.layout.free
        p, q, batch = self.plan.p, len(self.parameter), x.shape[1]
        scale = np.ones((p, batch)) * layout.base["delta"]
        d_scale = np.zeros((p, q, batch))
        ordered = np.flatnonzero(layout.ordered)
        if self.parameterization == "theta":
            variance = model.sigma[ordered, ordered]
            scale[ordered] = 1 / np.sqrt(np.where(variance > 0, variance, np.nan))
            d_scale[ordered] = -0.5 * scale[ordered, None] ** 3 * d_sigma[ordered, ordered]
            return scale, d_scale
        chosen = np.flatnonzero(free.matrix == DELTA)
        place = self.plan.q + int(np.sum(free.matrix == TAU)) + np.arange(len(chosen))
        scale[free.i[chosen]] = x[free.parameter[chosen]]
        d_scale[free.i[chosen], place] = 1
        return scale, d_scale

    def _thresholds(self, x: FloatArray, parts: Parts) -> tuple[FloatArray, FloatArray]:
        """delta_i (tau_k - mu_i) of ordered, -mu_i of numeric variables."""
        layout, free = self.group.layout, self.group.layout.free
        variable = self.statistic_variable
        batch = x.shape[1]
        tau = np.zeros((len(layout.th), batch)) + layout.base["tau"]
        chosen = np.flatnonzero(free.matrix == TAU)
        tau[free.i[chosen]] = x[free.parameter[chosen]]
        level = np.zeros((len(variable), batch))
        d_level = np.zeros((len(variable), len(self.parameter), batch))
        is_threshold = np.flatnonzero(layout.ordered[variable])
        level[is_threshold] = tau
        d_level[is_threshold[free.i[chosen]], self.plan.q + np.arange(len(chosen))] = 1
        level -= parts.mu[variable]
        d_level -= parts.d_mu[variable]
        scale, d_scale = parts.scale[variable], parts.d_scale[variable]
        return scale * level, scale[:, None] * d_level + level[:, None] * d_scale

    def _slopes(self, x: FloatArray, model: Model, parts: Parts) -> tuple[FloatArray, FloatArray]:
        """delta_i (Lambda A Gamma)_ik, column by column."""
        plan, free = self.plan, self.group.layout.free
        p, k, batch = plan.p, len(self.group.layout.ov_x), x.shape[1]
        gamma = self.group.matrix(GAMMA, x, model.sigma, None)
        effect = model.columns[:, : plan.m]
        slopes = product(effect, gamma)
        inner = product(model.total, gamma)
        d_slopes = np.zeros((p, k, len(self.parameter), batch))
        turning = np.flatnonzero(np.isin(plan.matrix, (LAMBDA, BETA)))
        u = columns_of(plan, model)[:, plan.u[turning]]
        d_slopes[:, :, turning] = u[:, None] * inner[plan.j[turning]].transpose(1, 0, 2)[None]
        chosen = np.flatnonzero(free.matrix == GAMMA)
        first = len(self.parameter) - len(chosen)
        for place, (i, j) in enumerate(zip(free.i[chosen], free.j[chosen], strict=True)):
            d_slopes[:, j, first + place] = effect[:, i]
        scale, d_scale = parts.scale[:, None], parts.d_scale[:, None]
        d_slopes = scale[:, :, None] * d_slopes + slopes[:, :, None] * d_scale
        slopes = scale * slopes
        return (
            slopes.transpose(1, 0, 2).reshape(p * k, batch),
            d_slopes.transpose(1, 0, 2, 3).reshape(p * k, -1, batch),
        )

    def _covariances(self, parts: Parts) -> list[tuple[FloatArray, FloatArray]]:
        """Variances of numeric variables; scaled covariances."""
        numeric = np.flatnonzero(~self.group.layout.ordered)
        i, j = lower_triangle(self.plan.p, diagonal=False)
        scale, d_scale = parts.scale, parts.d_scale
        sigma, d_sigma = parts.sigma[i, j], parts.d_sigma[i, j]
        both = scale[i] * scale[j]
        d_both = d_scale[i] * scale[j, None] + scale[i, None] * d_scale[j]
        return [
            (parts.sigma[numeric, numeric], parts.d_sigma[numeric, numeric]),
            (both * sigma, both[:, None] * d_sigma + sigma[:, None] * d_both),
        ]

    @cached_property
    def plain(self) -> bool:
        """Whether Sigma and mu enter as they are: no scale that moves."""
        scaled = self.parameterization == "theta" or np.any(self.group.layout.free.matrix == DELTA)
        ones = np.all(self.group.layout.base["delta"] == 1)
        slopes = np.any(self.group.layout.free.matrix == GAMMA)
        return not self.categorical or bool(not scaled and ones and not slopes)

    def kernel(self, pull: FloatArray) -> tuple[FloatArray, FloatArray | None]:
        """Q (p, p, batch) and the pull on means (p, batch) for which the weighted residual `pull`
        (s, batch) gives ``-2 pull' d2(statistics) = tr(Q d2Sigma) - 2 means' d2mu``."""
        p, batch = self.plan.p, pull.shape[1]
        kernel = np.zeros((p, p, batch))
        if not self.categorical:
            row, column = lower_triangle(p)
            n_mean = len(pull) - len(row)
            means = pull[:n_mean] if n_mean else None
            part = np.where(row == column, 2.0, 1.0)[:, None] * pull[n_mean:]
        else:
            row, column = lower_triangle(p, diagonal=False)
            numeric = np.flatnonzero(~self.group.layout.ordered)
            part = pull[len(pull) - len(row) :]
            kernel[numeric, numeric] = -2 * pull[len(pull) - len(row) - len(numeric) : len(pull) - len(row)]
            means = np.zeros((p, batch))
            np.subtract.at(means, self.statistic_variable, pull[: len(self.statistic_variable)])
        kernel[row, column] -= part
        kernel[column, row] = kernel[row, column]
        return kernel, means
