"""A model put together once, to be fitted to one sample or to many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from surveykit.errors import SurveykitError
from surveykit.estimation.moments import SampleMoments, vech
from surveykit.estimation.ordinal_moments import OrdinalMoments
from surveykit.estimation.sem.constraints import Constraints, compile_constraints
from surveykit.estimation.sem.gaussian import GaussianGroup
from surveykit.estimation.sem.implied_statistics import StatisticsMap
from surveykit.estimation.sem.inference import GroupInference
from surveykit.estimation.sem.least_squares import LeastSquaresGroup
from surveykit.estimation.sem.least_squares_inference import LeastSquaresInference
from surveykit.estimation.sem.linalg import cholesky, inverse, spd_inverse
from surveykit.estimation.sem.matrices import Representation
from surveykit.estimation.sem.model_lanes import GroupModel
from surveykit.estimation.sem.normal_gamma import contributions, normal_gamma, varying
from surveykit.estimation.sem.normal_inference import NormalInference
from surveykit.estimation.sem.ordinal_inference import OrdinalInference
from surveykit.estimation.sem.ordinal_least_squares import OrdinalGroup, ordinal_group
from surveykit.estimation.sem.parameter_table import ParameterTable
from surveykit.estimation.sem.problem import GroupDiscrepancy, Problem
from surveykit.estimation.sem.settings import Settings

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Prepared:
    """A parameter table (start values filled in) with everything that does not depend on the data."""

    table: ParameterTable
    settings: Settings

    @cached_property
    def representation(self) -> Representation:
        return Representation.from_table(self.table, self.settings.parameterization)

    @cached_property
    def constraints(self) -> Constraints:
        return compile_constraints(self.table)

    @cached_property
    def groups(self) -> tuple[GroupModel, ...]:
        representation = self.representation
        return tuple(GroupModel(layout, representation.meanstructure) for layout in representation.groups)

    @cached_property
    def maps(self) -> tuple[StatisticsMap, ...]:
        categorical, parameterization = self.representation.categorical, self.settings.parameterization
        return tuple(StatisticsMap(group, categorical, parameterization) for group in self.groups)

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
        if kind in ("ML", "GLS"):
            inverted, logdet = spd_inverse(cov)
            return GaussianGroup(self.groups[group], cov, mean, logdet, inverted if kind == "GLS" else None)
        observed, weight = self.statistics(group, sample)
        return LeastSquaresGroup(self.maps[group], observed[:, None], weight[..., None], cov, mean)

    def statistics(self, group: int, sample: SampleMoments) -> tuple[FloatArray, FloatArray]:
        """Sample statistics (s,) and their weight: (s,) a diagonal or (s, s)."""
        kind = self.settings.discrepancy
        means = self.representation.meanstructure
        observed = vech(sample.cov)
        observed = np.concatenate([sample.mean, observed]) if means else observed
        if kind == "ULS":
            return observed, np.ones(len(observed))
        fixed = self.groups[group].layout.fixed_x
        keep = varying(len(sample.names), means, fixed)
        if kind == "DWLS" and self.settings.se == "robust.sem.nt":
            return observed, _one_over(np.diag(normal_gamma(sample.cov, means, fixed)), keep)
        z = contributions(sample, means, fixed)
        if kind == "DWLS":
            return observed, _one_over(np.mean(z**2, axis=0), keep)
        full = np.zeros((len(observed), len(observed)))
        full[np.ix_(keep, keep)] = _weight(z[:, keep].T @ z[:, keep] / sample.n, sample)
        return observed, full

    def inference(
        self, sample: SampleMoments, discrepancy: GroupDiscrepancy, x: FloatArray
    ) -> GroupInference:
        """What standard errors and tests need of one group at x (n_free,)."""
        if isinstance(discrepancy, GaussianGroup):
            return NormalInference(sample, discrepancy, x)
        if isinstance(discrepancy, OrdinalGroup):
            assert isinstance(sample, OrdinalMoments)
            return OrdinalInference(sample, discrepancy, x)
        assert isinstance(discrepancy, LeastSquaresGroup)
        return LeastSquaresInference(sample, discrepancy, x)


def _weight(gamma: FloatArray, sample: SampleMoments) -> FloatArray:
    """Inverse of an estimated covariance matrix of statistics; M050 where there is none."""
    deviation = np.sqrt(np.diag(gamma))
    scaled, good = cholesky((gamma / np.outer(deviation, deviation))[None])
    if not good[0] or (np.diag(scaled[0]) ** 2).min() < 1e-10:
        where = f" in group '{sample.label}'" if sample.label else ""
        raise SurveykitError("M050", statistics=len(gamma), n=sample.n, where=where)
    return inverse(gamma)


def _one_over(variance: FloatArray, keep: NDArray[np.bool_]) -> FloatArray:
    """Diagonal weights; none for the moments of fixed x."""
    weight = np.zeros(len(variance))
    weight[keep] = 1 / variance[keep]
    return weight
