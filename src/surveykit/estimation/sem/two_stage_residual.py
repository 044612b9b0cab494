"""Browne's residual statistic after two stages: what the GFI is made of there."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.incomplete_normal import accumulate, observed_information, row_scores
from surveykit.estimation.saturated import IncompleteMoments
from surveykit.estimation.sem.inference import ResidualForm
from surveykit.estimation.sem.influence import by_cluster
from surveykit.estimation.sem.information import Fitted
from surveykit.estimation.sem.linalg import inverse
from surveykit.estimation.sem.normal_gamma import varying
from surveykit.estimation.sem.two_stage import TwoStageInference

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class _Reweighted(TwoStageInference):
    """Residuals weighted as the incomplete rows inform about the implied moments."""

    def residual_statistic(self, kind: str) -> ResidualForm:
        keep = np.flatnonzero(varying(len(self.sample.names), True, self.exogenous))
        weight = self._weight(keep)
        residual, delta = self.residual()[keep], self.delta()[keep]
        pulled = delta.T @ weight
        return ResidualForm(float(residual @ weight @ residual), pulled @ residual, pulled @ delta)

    def _weight(self, keep: NDArray[np.int64]) -> FloatArray:
        sample, model = self.sample, self.model
        assert isinstance(sample, IncompleteMoments)
        assert model.mu is not None
        mu = model.mu[:, 0]
        sums = accumulate(sample.patterns, mu, model.sigma[:, :, 0])
        assert sums is not None
        information = observed_information(sums)[np.ix_(keep, keep)]
        if not self.robust:
            return information
        scores = by_cluster(row_scores(sums, sample.cases, mu)[:, keep], sample.cluster)
        return np.asarray(information @ inverse(scores.T @ scores / sample.n) @ information)


def reweighted(fitted: Fitted) -> Fitted:
    """The same fit, with residuals weighted as its first stage asks for."""
    groups = tuple(
        _Reweighted(**{one.name: getattr(group, one.name) for one in fields(group)})
        for group in fitted.groups
        if isinstance(group, TwoStageInference)
    )
    return replace(fitted, groups=groups)
