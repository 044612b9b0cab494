"""Information and influences under weights without structure: ULS, DWLS and WLS with continuous data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from surveykit.errors import SurveykitError
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

NO_LIKELIHOOD = "ULS, WLS, DWLS"
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class LeastSquaresInference:
    """One group at x (n_free,), see `inference.GroupInference`. `discrepancy` is a batch of one."""

    sample: SampleMoments
    discrepancy: LeastSquaresGroup
    x: FloatArray

    @property
    def parameter(self) -> IntArray:
        return self.discrepancy.parameter

    @property
    def n(self) -> int:
        return self.sample.n

    @cached_property
    def exogenous(self) -> IntArray:
        """Index of fixed x among the observed variables."""
        return self.discrepancy.group.layout.fixed_x

    @property
    def meanstructure(self) -> bool:
        return self.discrepancy.group.meanstructure

    @cached_property
    def keep(self) -> NDArray[np.bool_]:
        """Which statistics are not moments of fixed x alone."""
        return varying(len(self.sample.names), self.meanstructure, self.exogenous)

    @property
    def n_statistics(self) -> int:
        return int(self.keep.sum())

    @cached_property
    def point(self) -> Point:
        return self.discrepancy.point(self.x[:, None])

    def delta(self) -> FloatArray:
        return self.discrepancy.jacobian(self.point)[:, :, 0]

    def residual(self) -> FloatArray:
        return self.point.residual[:, 0]

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
        return 0.5 * self.discrepancy.hessian(self.point)[:, :, 0]

    def scores(self, structured: bool) -> FloatArray:
        raise SurveykitError(
            "M040", estimator=NO_LIKELIHOOD, option="information=first.order, test=yuan.bentler"
        )

    def h1_trace(self) -> float:
        raise SurveykitError("M040", estimator=NO_LIKELIHOOD, option="test=yuan.bentler")

    def contributions(self) -> FloatArray:
        """Influence of the cases on the statistics (n, s)."""
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
