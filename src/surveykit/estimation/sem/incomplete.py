"""Which discrepancy and which inference a group of incomplete rows has."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from surveykit.errors import SurveykitError
from surveykit.estimation.moments import vech
from surveykit.estimation.saturated import IncompleteMoments
from surveykit.estimation.sem.fiml import FimlGroup
from surveykit.estimation.sem.fiml_information import FimlInference
from surveykit.estimation.sem.gaussian import GaussianGroup
from surveykit.estimation.sem.inference import GroupInference
from surveykit.estimation.sem.least_squares import LeastSquaresGroup
from surveykit.estimation.sem.linalg import inverse, spd_inverse
from surveykit.estimation.sem.model_lanes import GroupModel
from surveykit.estimation.sem.normal_gamma import varying
from surveykit.estimation.sem.problem import GroupDiscrepancy
from surveykit.estimation.sem.settings import Settings
from surveykit.estimation.sem.two_stage import FirstStage, TwoStageInference, TwoStageLeastSquares

FloatArray = NDArray[np.float64]


def incomplete_discrepancy(
    group: GroupModel, sample: IncompleteMoments, settings: Settings
) -> GroupDiscrepancy:
    """The likelihood of the rows, or the second stage at the unrestricted moments: a batch of one.

    Raises
    ------
    SurveykitError
        M138 a model without means.
    """
    if not group.meanstructure:
        raise SurveykitError("M138", missing=settings.missing)
    if settings.missing == "ml":
        return FimlGroup(group, (sample,))
    cov, mean = sample.cov[:, :, None], sample.mean[:, None]
    if settings.discrepancy in ("ML", "GLS"):
        inverted, logdet = spd_inverse(cov)
        return GaussianGroup(group, cov, mean, logdet, inverted if settings.discrepancy == "GLS" else None)
    observed = np.concatenate([sample.mean, vech(sample.cov)])
    weight = np.ones(len(observed))
    if settings.discrepancy == "WLS":
        first = _first_stage(group, sample, settings)
        inside = np.ix_(first.keep, first.keep)
        weight = np.zeros((len(observed), len(observed)))
        weight[inside] = inverse(first.gamma[inside])
    return LeastSquaresGroup(group, observed[:, None], weight[..., None], cov, mean)


def incomplete_inference(
    sample: IncompleteMoments, discrepancy: Any, x: FloatArray, settings: Settings
) -> GroupInference:
    """What standard errors and tests need of the group at x (n_free,)."""
    if isinstance(discrepancy, FimlGroup):
        return FimlInference(sample, discrepancy, x, settings.information[1])
    first = _first_stage(discrepancy.group, sample, settings)
    if isinstance(discrepancy, GaussianGroup):
        return TwoStageInference(sample, discrepancy, x, first)
    return TwoStageLeastSquares(sample, discrepancy, x, first)


def _first_stage(group: GroupModel, sample: IncompleteMoments, settings: Settings) -> FirstStage:
    """Least squares take the observed information, whatever that of the second stage is."""
    kind = settings.information[0] if settings.discrepancy == "ML" else "observed"
    keep = varying(len(sample.names), True, group.layout.fixed_x)
    return FirstStage(sample, kind, settings.missing == "robust.two.stage", keep)
