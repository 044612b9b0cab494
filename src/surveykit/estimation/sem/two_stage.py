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

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.saturated import IncompleteMoments
from surveykit.estimation.sem.influence import MatrixInfluence, MomentInfluence, by_cluster
from surveykit.estimation.sem.linalg import inverse
from surveykit.estimation.sem.normal_gamma import varying
from surveykit.estimation.sem.normal_inference import NormalInference

FloatArray = NDArray[np.float64]


def moment_covariance(
    sample: IncompleteMoments, kind: str, robust: bool, keep: NDArray[np.bool_]
) -> FloatArray:
    """N times the covariance matrix of the unrestricted moments [mean, vech cov] (s, s).

    `kind` is the information, "expected" or "observed"; `robust` makes a sandwich of it. `keep` (s,)
    leaves out moments of fixed x, whose rows are zero.
    """
    chosen = np.flatnonzero(keep)
    bread = inverse(sample.information(kind)[np.ix_(chosen, chosen)])
    if robust:
        half = by_cluster(sample.scores[:, chosen], sample.cluster) @ bread
        bread = half.T @ half / sample.n
    full = np.zeros((len(keep), len(keep)))
    full[np.ix_(chosen, chosen)] = bread
    return full


@dataclass(frozen=True)
class TwoStageInference(NormalInference):
    """The second stage; Gamma is that of the first. `kind` and `robust` as for `moment_covariance`."""

    kind: str = "observed"
    robust: bool = False

    def influence(self, kind: str, normal: bool = False) -> MomentInfluence:
        assert isinstance(self.sample, IncompleteMoments)
        keep = varying(len(self.sample.names), True, self.exogenous)
        gamma = moment_covariance(self.sample, self.kind, self.robust, keep)
        weight = self._expected_weight(kind)
        return MatrixInfluence(gamma, weight @ gamma, weight @ self.delta())
