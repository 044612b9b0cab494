"""Two stages: unrestricted moments of incomplete rows first, then the model on them as if complete.

The standard errors and the test know how uncertain the moments of the first stage are:
by the information of the incomplete rows, or robustly, by its sandwich.

References
----------
Savalei & Bentler (2009), doi:10.1080/10705510903008238. Savalei & Falk (2014),
doi:10.3758/s13428-013-0400-x (robust version).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.incomplete_normal import accumulate, observed_information, row_scores
from surveykit.estimation.saturated import IncompleteMoments
from surveykit.estimation.sem.gathers import Model
from surveykit.estimation.sem.inference import ResidualForm
from surveykit.estimation.sem.influence import MatrixInfluence, MomentInfluence, by_cluster
from surveykit.estimation.sem.least_squares_inference import LeastSquaresInference
from surveykit.estimation.sem.linalg import inverse
from surveykit.estimation.sem.normal_inference import NormalInference

FloatArray = NDArray[np.float64]


def moment_covariance(
    sample: IncompleteMoments, kind: str, robust: bool, keep: NDArray[np.bool_]
) -> FloatArray:
    """N times the covariance matrix of the unrestricted moments [mean, vech cov] (s, s).

    `kind` is the information, "expected" or "observed"; `robust` makes a sandwich of it. `keep` (s,)
    leaves out moments of fixed x, whose rows are zero.
    """
    scores = sample.scores if robust else None
    return _covariance(sample, sample.information(kind), scores, keep)


def _covariance(
    sample: IncompleteMoments, information: FloatArray, scores: FloatArray | None, keep: NDArray[np.bool_]
) -> FloatArray:
    """I^-1, or I^-1 J I^-1 with J from casewise scores (n, s)."""
    chosen = np.flatnonzero(keep)
    bread = inverse(information[np.ix_(chosen, chosen)])
    if scores is not None:
        half = by_cluster(scores[:, chosen], sample.cluster) @ bread
        bread = half.T @ half / sample.n
    full = np.zeros((len(keep), len(keep)))
    full[np.ix_(chosen, chosen)] = bread
    return full


@dataclass(frozen=True)
class FirstStage:
    """How the moments of one group were found: `kind` and `robust` as for `moment_covariance`.

    `keep` (s,) are the statistics that are not moments of fixed x alone.
    """

    sample: IncompleteMoments
    kind: str
    robust: bool
    keep: NDArray[np.bool_]

    @cached_property
    def gamma(self) -> FloatArray:
        return moment_covariance(self.sample, self.kind, self.robust, self.keep)

    def residual_statistic(self, model: Model, residual: FloatArray, delta: FloatArray) -> ResidualForm:
        """Residuals (s,) weighted by the inverse of Gamma at the implied moments."""
        assert model.mu is not None
        mu, sample = model.mu[:, 0], self.sample
        sums = accumulate(sample.patterns, mu, model.sigma[:, :, 0])
        assert sums is not None
        scores = row_scores(sums, sample.cases, mu) if self.robust else None
        gamma = _covariance(sample, observed_information(sums), scores, self.keep)
        weight = inverse(gamma[np.ix_(self.keep, self.keep)])
        residual, delta = residual[self.keep], delta[self.keep]
        pulled = delta.T @ weight
        return ResidualForm(float(residual @ weight @ residual), pulled @ residual, pulled @ delta)


@dataclass(frozen=True)
class TwoStageInference(NormalInference):
    """The second stage by maximum likelihood or generalised least squares."""

    first: FirstStage

    def influence(self, kind: str, normal: bool = False) -> MomentInfluence:
        weight, gamma = self._expected_weight(kind), self.first.gamma
        return MatrixInfluence(gamma, weight @ gamma, weight @ self.delta())

    def residual_statistic(self, kind: str) -> ResidualForm:
        return self.first.residual_statistic(self.model, self.residual(), self.delta())


@dataclass(frozen=True)
class TwoStageLeastSquares(LeastSquaresInference):
    """The second stage by unweighted or weighted least squares."""

    first: FirstStage

    def influence(self, kind: str, normal: bool = False) -> MomentInfluence:
        gamma = self.first.gamma
        return MatrixInfluence(gamma, self.weighted(gamma).T, self.weighted(self.delta().T).T)

    def residual_statistic(self, kind: str) -> ResidualForm:
        return self.first.residual_statistic(self.point.model, self.residual(), self.delta())
