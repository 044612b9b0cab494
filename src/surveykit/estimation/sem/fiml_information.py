"""What standard errors and tests need of a group of incomplete rows at the estimates."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.incomplete_normal import (
    Accumulated,
    expected_information,
    observed_information,
    row_scores,
)
from surveykit.estimation.moments import vech
from surveykit.estimation.saturated import IncompleteMoments
from surveykit.estimation.sem.fiml import FimlGroup, Point
from surveykit.estimation.sem.gathers import Model
from surveykit.estimation.sem.inference import ResidualForm
from surveykit.estimation.sem.influence import MatrixInfluence, MomentInfluence, by_cluster
from surveykit.estimation.sem.jacobian import moment_jacobian
from surveykit.estimation.sem.linalg import inverse
from surveykit.estimation.sem.normal_gamma import varying

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class FimlInference:
    """One group at x (n_free,), see `inference.GroupInference`. `discrepancy` is a batch of one.

    `kind` is the information, "expected" or "observed", of the saturated model in robust tests.
    """

    sample: IncompleteMoments
    discrepancy: FimlGroup
    x: FloatArray
    kind: str

    @property
    def parameter(self) -> IntArray:
        return self.discrepancy.parameter

    @property
    def n(self) -> int:
        return self.sample.n

    @cached_property
    def varying(self) -> NDArray[np.bool_]:
        """Which statistics are not moments of fixed x alone."""
        return varying(len(self.sample.names), True, self.discrepancy.group.layout.fixed_x)

    @cached_property
    def keep(self) -> IntArray:
        """Index of those of them that the rows know anything about."""
        return np.flatnonzero(self.varying & self.sample.covered)

    @property
    def n_statistics(self) -> int:
        """As lavaan counts, covariances of variables that no row holds together included."""
        return int(self.varying.sum())

    @cached_property
    def point(self) -> Point:
        return self.discrepancy.point(self.x[:, None])

    @property
    def model(self) -> Model:
        return self.point.model

    @property
    def sums(self) -> Accumulated:
        """Sums over the patterns at the implied moments."""
        found: Accumulated = self.point.sums[0]
        return found

    @cached_property
    def _delta(self) -> FloatArray:
        return moment_jacobian(self.discrepancy.group.plan, self.model)[:, :, 0]

    def delta(self) -> FloatArray:
        return self._delta

    def moment_information(self, kind: str, structured: bool) -> FloatArray:
        """Information of one row about [mu, vech Sigma] (s, s), `kind` "expected" or "observed"."""
        if not structured:
            return self.sample.information(kind)
        return self._implied_expected if kind == "expected" else self._implied_observed

    @cached_property
    def _implied_observed(self) -> FloatArray:
        return observed_information(self.sums)

    @cached_property
    def _implied_expected(self) -> FloatArray:
        return expected_information(self.sums)

    def _through(self, information: FloatArray) -> FloatArray:
        return np.asarray(self._delta.T @ (information @ self._delta))

    def expected(self, structured: bool) -> FloatArray:
        return self._through(self.moment_information("expected", structured))

    def observed_h1(self, structured: bool) -> FloatArray:
        return self._through(self.moment_information("observed", structured))

    def hessian(self) -> FloatArray:
        return self._through(self._implied_observed) + 0.5 * self.discrepancy.curvature(self.point)[:, :, 0]

    def moment_scores(self, structured: bool) -> FloatArray:
        """Casewise derivatives of the log-likelihood with respect to [mu, vech Sigma] (n, s)."""
        if not structured:
            return self.sample.scores
        assert self.model.mu is not None
        return row_scores(self.sums, self.sample.cases, self.model.mu[:, 0])

    def scores(self, structured: bool) -> FloatArray:
        return by_cluster(self.moment_scores(structured) @ self._delta, self.sample.cluster)

    def h1_trace(self) -> float:
        scores = by_cluster(self.sample.scores[:, self.keep], self.sample.cluster)
        products = scores.T @ scores / self.n
        return float(np.trace(np.linalg.solve(self._kept(self.sample.information(self.kind)), products)))

    def _kept(self, square: FloatArray) -> FloatArray:
        return square[np.ix_(self.keep, self.keep)]

    def influence(self, kind: str, normal: bool = False) -> MomentInfluence:
        """Gamma is that of the unrestricted moments: the sandwich I^-1 J I^-1 of incomplete rows."""
        own = "expected" if kind == "structured" else self.kind
        weight = self._kept(self.moment_information(own, kind != "unstructured"))
        bread = inverse(self._kept(self.sample.information(self.kind)))
        scores = by_cluster(self.sample.scores[:, self.keep], self.sample.cluster)
        half = scores @ bread
        gamma = half.T @ half / self.n
        return MatrixInfluence(gamma, weight @ gamma, weight @ self._delta[self.keep])

    def residual(self) -> FloatArray:
        """Of the available moments, as lavaan has it: not of those of maximum likelihood."""
        assert self.model.mu is not None
        mean = self.sample.available_mean - self.model.mu[:, 0]
        return np.concatenate([mean, vech(self.sample.available_cov - self.model.sigma[:, :, 0])])

    def residual_statistic(self, kind: str) -> ResidualForm:
        """Weighted with the observed information about the implied moments."""
        weight = self._kept(self._implied_observed)
        residual, delta = self.residual()[self.keep], self._delta[self.keep]
        pulled = delta.T @ weight
        return ResidualForm(float(residual @ weight @ residual), pulled @ residual, pulled @ delta)
