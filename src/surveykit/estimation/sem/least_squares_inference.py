"""Information and influences under weights without structure: ULS, DWLS, WLS, ordered data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.moments import SampleMoments
from surveykit.estimation.sem.inference import ResidualForm
from surveykit.estimation.sem.influence import CaseInfluence, MatrixInfluence, MomentInfluence, by_cluster
from surveykit.estimation.sem.least_squares import LeastSquaresGroup, Point
from surveykit.estimation.sem.linalg import inverse
from surveykit.estimation.sem.normal_gamma import (
    contributions,
    contributions_at,
    normal_gamma,
    varying,
)

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class LeastSquaresInference:
    """One group at x (n_free,), see `inference.GroupInference`. `discrepancy` is a batch of one.

    `casewise` (n, s) are influences of the cases on ordered statistics; None for continuous data.
    """

    sample: SampleMoments
    discrepancy: LeastSquaresGroup
    x: FloatArray
    casewise: FloatArray | None = None

    @property
    def parameter(self) -> IntArray:
        return self.discrepancy.parameter

    @property
    def n(self) -> int:
        return self.sample.n

    @cached_property
    def exogenous(self) -> IntArray:
        """Index of fixed x among the observed variables."""
        return self.discrepancy.statistics_map.group.layout.fixed_x

    @property
    def meanstructure(self) -> bool:
        return self.discrepancy.statistics_map.group.meanstructure

    @cached_property
    def keep(self) -> NDArray[np.bool_]:
        """Which statistics are not moments of fixed x alone."""
        if self.casewise is not None:
            return np.ones(len(self.discrepancy.observed), dtype=np.bool_)
        return varying(len(self.sample.names), self.meanstructure, self.exogenous)

    @property
    def n_statistics(self) -> int:
        return int(self.keep.sum())

    @cached_property
    def point(self) -> Point:
        return self.discrepancy.point(self.x[:, None])

    def delta(self) -> FloatArray:
        return self.point.jacobian[:, :, 0]

    def residual(self) -> FloatArray:
        implied = self.discrepancy.statistics_map.evaluate(self.x[:, None], self.point.model)
        return np.asarray(self.discrepancy.observed - implied.value)[:, 0]

    def weighted(self, rows: FloatArray) -> FloatArray:
        """Rows (k, s) times V."""
        weight = self.discrepancy.weight[..., 0]
        return np.asarray(rows * weight if weight.ndim == 1 else rows @ weight)

    def expected(self, structured: bool) -> FloatArray:
        delta = self.delta()
        return np.asarray(self.weighted(delta.T) @ delta)

    def observed_h1(self, structured: bool) -> FloatArray:
        return self.expected(structured)

    def hessian(self) -> FloatArray:
        if self.discrepancy.exact:
            return 0.5 * self.discrepancy.hessian(self.point)[:, :, 0]
        return self._numerical_hessian()

    def _numerical_hessian(self) -> FloatArray:
        """Central differences of the gradient."""
        columns = []
        for at in self.parameter:
            step = 1e-5 * max(1.0, abs(self.x[at]))
            shifted = np.repeat(self.x[:, None], 2, axis=1)
            shifted[at] += (step, -step)
            pair = self.discrepancy.take(np.zeros(2, dtype=np.int64)).point(shifted).gradient
            columns.append((pair[:, 0] - pair[:, 1]) / (4 * step))
        hessian = np.array(columns)
        return np.asarray(0.5 * (hessian + hessian.T))

    def scores(self, structured: bool) -> FloatArray:
        raise NotImplementedError("least squares has no likelihood")

    def h1_trace(self) -> float:
        raise NotImplementedError("least squares has no likelihood")

    def contributions(self) -> FloatArray:
        """Influence of the cases on the statistics (n, s)."""
        if self.casewise is not None:
            return self.casewise
        return contributions(self.sample, self.meanstructure, self.exogenous)

    def influence(self, kind: str, normal: bool = False) -> MomentInfluence:
        delta = self.delta()
        if normal:
            gamma = normal_gamma(self.sample.cov, self.meanstructure, self.exogenous)
            return MatrixInfluence(gamma, self.weighted(gamma).T, self.weighted(delta.T).T)
        z = by_cluster(self.contributions(), self.sample.cluster)
        weighted = self.weighted(z)
        return CaseInfluence(z, weighted, weighted @ delta, self.n)

    def residual_statistic(self, kind: str) -> ResidualForm:
        model = self.point.model
        mu, sigma = model.mu, model.sigma[:, :, 0]
        if kind.startswith("nt"):
            cov = sigma if kind == "nt.model" else self.sample.cov
            gamma = normal_gamma(cov, self.meanstructure, self.exogenous)
        else:
            z = self.contributions()
            if kind == "adf.model":
                z = contributions_at(self.sample, None if mu is None else mu[:, 0], sigma, self.exogenous)
            gamma = z.T @ z / self.n
        keep = self.keep
        weight = inverse(gamma[np.ix_(keep, keep)])
        residual, delta = self.residual()[keep], self.delta()[keep]
        pulled = delta.T @ weight
        return ResidualForm(float(residual @ weight @ residual), pulled @ residual, pulled @ delta)
