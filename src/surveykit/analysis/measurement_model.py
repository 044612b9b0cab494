"""From a fitted model to its measurement part, group by group, as plain numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from surveykit.errors import SurveykitError

if TYPE_CHECKING:
    from surveykit.analysis.sem_fit import SemFit
    from surveykit.estimation.item_moments import FloatArray
    from surveykit.estimation.model_reliability import MeasurementModel


@dataclass(frozen=True)
class Measurement:
    """One group: its label (empty if there is one group), the names, and the numbers."""

    label: str
    factors: tuple[str, ...]
    items: tuple[str, ...]
    model: MeasurementModel

    def measured(self) -> list[int]:
        """Factors with two or more indicators of their own: others have no composite."""
        return [place for place in range(len(self.factors)) if len(self.model.indicators(place)) > 1]


def check_model_text(model: object) -> None:
    """Refuse (S087) a model that is no text."""
    if not isinstance(model, str):
        raise SurveykitError("S087", found=type(model).__name__)


def measurements(fit: SemFit, analysis: str) -> list[Measurement]:
    """The measurement part of each group.

    Raises S054 (not a fitted model), S055 (it did not converge), S056 (no factor
    with two indicators).
    """
    from surveykit.analysis.sem_fit import SemFit
    from surveykit.estimation.model_reliability import MeasurementModel

    if not isinstance(fit, SemFit):
        raise SurveykitError("S054", analysis=analysis, found=type(fit).__name__)
    if not fit.converged:
        raise SurveykitError("S055", analysis=analysis)
    solution = fit._solution
    found = []
    for group, layout in enumerate(solution.representation.groups):
        matrices = {name: stack[0] for name, stack in solution.matrices[group].items()}
        q = layout.n_latent
        latent, _ = solution.representation.latent_moments(solution.x, group)
        p = len(layout.ov)
        categorical = solution.representation.categorical
        thresholds = [
            matrices["tau"][layout.th_variable == item, 0] if categorical else np.empty(0)
            for item in range(p)
        ]
        model = MeasurementModel(
            loadings=matrices["lambda"][:, :q],
            factor_cov=latent[0, :q, :q],
            residual_cov=matrices["theta"],
            beta=matrices["beta"][:q, :q],
            disturbance_cov=matrices["psi"][:q, :q],
            observed=solution.moments[group].cov,
            implied=solution.implied[group].sigma[0],
            ordered=layout.ordered,
            scales=matrices["delta"][:, 0] if categorical else np.ones(p),
            thresholds=tuple(thresholds),
            scores=_score_covariances(fit, group, layout.ov),
        )
        label = fit.group_labels[group] if fit.group_labels else ""
        found.append(Measurement(label, layout.lv[:q], layout.ov, model))
    if not any(one.measured() for one in found):
        raise SurveykitError("S056", analysis=analysis)
    return found


def _score_covariances(fit: SemFit, group: int, items: tuple[str, ...]) -> FloatArray:
    """Covariances of the answers as numbers, complete rows; NaN if the model came from summary statistics."""
    if not fit._cases:
        return np.full((len(items), len(items)), np.nan)
    values = fit._cases[group].columns(items)
    return np.atleast_2d(np.cov(values[~np.isnan(values).any(axis=1)].T))
