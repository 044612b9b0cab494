"""A model put together once, to be fitted to one sample or to many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.moments import SampleMoments
from surveykit.estimation.ordinal_moments import OrdinalMoments
from surveykit.estimation.saturated import IncompleteMoments
from surveykit.estimation.sem.constraints import Constraints, compile_constraints
from surveykit.estimation.sem.gaussian import GaussianGroup
from surveykit.estimation.sem.incomplete import incomplete_discrepancy, incomplete_inference
from surveykit.estimation.sem.inference import GroupInference
from surveykit.estimation.sem.least_squares import LeastSquaresGroup, statistics_and_weight
from surveykit.estimation.sem.least_squares_inference import LeastSquaresInference
from surveykit.estimation.sem.linalg import inverse, logdet
from surveykit.estimation.sem.matrices import Representation
from surveykit.estimation.sem.model_lanes import GroupModel, group_model
from surveykit.estimation.sem.normal_inference import NormalInference
from surveykit.estimation.sem.ordinal_inference import OrdinalInference
from surveykit.estimation.sem.ordinal_least_squares import OrdinalGroup, ordinal_group
from surveykit.estimation.sem.parameter_table import ParameterTable
from surveykit.estimation.sem.problem import GroupDiscrepancy, Problem
from surveykit.estimation.sem.settings import Settings
from surveykit.estimation.sem.start_values import filled

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Prepared:
    """A parameter table (start values filled in) with everything that does not depend on the data."""

    table: ParameterTable
    settings: Settings
    known: Representation | None = field(default=None, kw_only=True)

    @classmethod
    def from_moments(
        cls, table: ParameterTable, moments: tuple[SampleMoments, ...], settings: Settings
    ) -> Prepared:
        """With start values for some data."""
        complete, representation = filled(table, moments, settings.parameterization)
        return cls(complete, settings, known=representation)

    @cached_property
    def representation(self) -> Representation:
        return self.known or Representation.from_table(self.table, self.settings.parameterization)

    @cached_property
    def constraints(self) -> Constraints:
        return compile_constraints(self.table)

    @cached_property
    def groups(self) -> tuple[GroupModel, ...]:
        representation = self.representation
        return tuple(group_model(layout, representation.meanstructure) for layout in representation.groups)

    @property
    def start(self) -> FloatArray:
        """Start values of the free parameters (n_free,)."""
        rows = np.flatnonzero(self.table.free)
        return self.table.start[rows[np.argsort(self.table.free[rows])]]

    def weights(self, sizes: FloatArray) -> FloatArray:
        """What each group counts in F: n_g / N, or (n_g - 1) / N."""
        less = 0.0 if self.settings.discrepancy == "ML" else 1.0
        return np.asarray((sizes - less) / sizes.sum())

    def problem(self, groups: Sequence[GroupDiscrepancy], sizes: FloatArray) -> Problem:
        """The function to minimise, with the linear equalities built in."""
        constraints = self.constraints
        free = len(constraints.b) == 0
        return Problem(
            tuple(groups),
            self.weights(sizes),
            None if free else constraints.K,
            constraints.k0,
            constraints.n_free,
        )

    def discrepancy(self, group: int, sample: SampleMoments) -> GroupDiscrepancy:
        """One group's discrepancy for one sample: a batch of one."""
        cov, mean = sample.cov[:, :, None], sample.mean[:, None]
        kind = self.settings.discrepancy
        if isinstance(sample, OrdinalMoments):
            return ordinal_group(self.groups[group], [sample], kind, self.settings.parameterization)
        if isinstance(sample, IncompleteMoments):
            return incomplete_discrepancy(self.groups[group], sample, self.settings)
        if kind in ("ML", "GLS"):
            weight = inverse(sample.cov)[:, :, None] if kind == "GLS" else None
            return GaussianGroup(self.groups[group], cov, mean, logdet(cov), weight)
        normal = self.settings.se == "robust.sem.nt"
        observed, weight = statistics_and_weight(self.groups[group], sample, kind, normal)
        return LeastSquaresGroup(self.groups[group], observed[:, None], weight[..., None], cov, mean)

    def inference(
        self, sample: SampleMoments, discrepancy: GroupDiscrepancy, x: FloatArray
    ) -> GroupInference:
        """What standard errors and tests need of one group at x (n_free,)."""
        if isinstance(sample, IncompleteMoments):
            return incomplete_inference(sample, discrepancy, x, self.settings)
        if isinstance(discrepancy, GaussianGroup):
            return NormalInference(sample, discrepancy, x)
        if isinstance(discrepancy, OrdinalGroup):
            assert isinstance(sample, OrdinalMoments)
            return OrdinalInference(sample, discrepancy, x)
        assert isinstance(discrepancy, LeastSquaresGroup)
        return LeastSquaresInference(sample, discrepancy, x)
