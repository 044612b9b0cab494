"""Thresholds that are free and bound to nothing fit exactly: they leave the problem and come back after it.

With a diagonal weight matrix such a threshold makes its own residual zero, whatever the
other parameters are, and moves no other. So the minimum, its tests and its standard errors
are found without thresholds and their statistics (34 items of five categories: 55
parameters instead of 191), and the thresholds follow: tau = s / delta + mu.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.moments import SampleMoments
from surveykit.estimation.ordinal_moments import OrdinalMoments
from surveykit.estimation.sem.constraints import Constraints
from surveykit.estimation.sem.influence import by_cluster
from surveykit.estimation.sem.information import Fitted, null_space
from surveykit.estimation.sem.layout import others
from surveykit.estimation.sem.ordinal_inference import OrdinalInference, columns
from surveykit.estimation.sem.ordinal_least_squares import OrdinalGroup
from surveykit.estimation.sem.prepared import Prepared
from surveykit.estimation.sem.problem import GroupDiscrepancy, Problem
from surveykit.estimation.sem.robust import Covariance
from surveykit.estimation.sem.settings import Settings

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Concentration:
    """A model whose thresholds are all free, and the smaller one without them.

    `whole` are the groups' discrepancies with all statistics, `samples` their data.
    """

    prepared: Prepared
    whole: tuple[OrdinalGroup, ...]
    samples: tuple[OrdinalMoments, ...]

    @cached_property
    def thresholds(self) -> IntArray:
        """Indices into x."""
        return np.concatenate([group.model.free_thresholds.parameter for group in self.whole])

    @cached_property
    def rest(self) -> IntArray:
        """The other free parameters."""
        return others(self.prepared.constraints.n_free, self.thresholds)

    @cached_property
    def groups(self) -> tuple[OrdinalGroup, ...]:
        """The discrepancies without thresholds."""
        return tuple(group.without_thresholds() for group in self.whole)

    def problem(self, sizes: FloatArray) -> Problem:
        """The function to minimise, in the directions that do not move a threshold."""
        constraints = self.prepared.constraints
        basis = _basis(constraints)
        basis = basis[:, ~np.any(basis[self.thresholds] != 0, axis=0)]
        weights = self.prepared.weights(sizes)
        return Problem(self.groups, weights, basis, constraints.k0, constraints.n_free)

    def complete(self, x: FloatArray) -> FloatArray:
        """x with the thresholds that fit."""
        x = x.copy()
        for group in self.whole:
            x[group.model.free_thresholds.parameter] = group.fitting_thresholds(x)
        return x

    def fitted(self, whole: Fitted, x: FloatArray, rows: FloatArray) -> Fitted:
        """The smaller model at the estimates; `rows` are the constraints that hold there."""
        inner = null_space(rows[:, self.rest], len(self.rest))
        directions = np.zeros((len(x), inner.shape[1]))
        directions[self.rest] = inner
        pairs = zip(self.samples, self.groups, strict=True)
        groups = tuple(OrdinalInference(sample, group, x) for sample, group in pairs)
        return replace(whole, groups=groups, free_directions=directions, equality_directions=None)

    def complete_covariance(
        self,
        small: Fitted,
        whole: Fitted,
        settings: Settings,
        vcov: FloatArray | None,
        information: FloatArray,
    ) -> Covariance:
        """`vcov` and `information` of the smaller model (see `robust.covariance`), thresholds put in.

        A threshold is (s - what the others explain) / delta, so its covariances follow from those
        of its statistic s.
        """
        kind, observed = settings.information[0], settings.observed_information[0]
        everything = whole.information(kind, observed)
        bread = small.invert(information)
        if vcov is None or bread is None:
            return Covariance(None, everything)
        # The Hessian of the minimised function counts groups by (n - 1) / N, the meat by n / N.
        hessian = kind == "observed" and observed == "hessian"
        ratio = whole.shares / whole.weights if hessian else np.ones(len(whole.shares))
        own, with_rest, explained, scale = self._statistics(
            small, whole, bread, ratio, settings.se != "standard"
        )
        total = vcov.copy()
        at = self.thresholds
        total[at] = (with_rest - explained @ vcov) / scale[:, None]
        total[:, at] = total[at].T
        half = with_rest @ explained.T
        inner = own - half - half.T + explained @ vcov @ explained.T
        total[np.ix_(at, at)] = inner / np.outer(scale, scale)
        return Covariance(total, everything)

    def _statistics(
        self, small: Fitted, whole: Fitted, bread: FloatArray, ratios: FloatArray, robust: bool
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Of the thresholds' statistics, all groups: their covariances among themselves and with the
        estimates, their derivatives by the estimates, and delta."""
        count, n_free = len(self.thresholds), len(bread)
        divisor = sum(sample.n - 1 for sample in self.samples)
        own, with_rest = np.zeros((count, count)), np.zeros((count, n_free))
        explained, scale = np.zeros((count, n_free)), np.zeros(count)
        first = 0
        for group, sample, big, part, share, ratio in zip(
            self.whole, self.samples, whole.groups, small.groups, small.shares, ratios, strict=True
        ):
            assert isinstance(big, OrdinalInference)
            assert isinstance(part, OrdinalInference)
            model, implied, level = group.model, big.point.implied, group.model.free_level
            rows = slice(first, first + len(level))
            first = rows.stop
            explained[rows, model.parameter[: model.n_other]] = implied.jacobian[level, :, 0]
            scale[rows] = group.threshold_slope(implied)[:, 0]
            if robust:
                z = by_cluster(columns(sample.influence, level), sample.cluster)
                own[rows, rows] = ratio**2 * (z.T @ z) / (sample.n * share * divisor)
                projected = part.influence("unstructured").projected
                covariance = z.T @ projected @ bread[part.parameter]
                with_rest[rows] = ratio * covariance / (sample.n * divisor)
            else:
                own[rows, rows] = np.diag(ratio / (share * divisor * group.weight[level, 0]))
        return own, with_rest, explained, scale


def concentrate(
    prepared: Prepared, discrepancies: Sequence[GroupDiscrepancy], samples: Sequence[SampleMoments]
) -> Concentration | None:
    """None where a threshold is fixed or constrained, or a test or the weights need all statistics."""
    constraints = prepared.constraints
    tests = prepared.settings.test
    whole, data = [], []
    for group, sample in zip(discrepancies, samples, strict=True):
        if not isinstance(group, OrdinalGroup) or not isinstance(sample, OrdinalMoments):
            return None
        if not group.diagonal or len(group.model.free_level) < len(group.model.threshold_level):
            return None
        whole.append(group)
        data.append(sample)
    found = Concentration(prepared, tuple(whole), tuple(data))
    residual_based = any(name.startswith("browne") for name in tests)
    return None if residual_based or not _alone(constraints, found.thresholds) else found


def _basis(constraints: Constraints) -> FloatArray:
    """K of x = K z + k0."""
    return constraints.K if len(constraints.b) else np.eye(constraints.n_free)


def _alone(constraints: Constraints, thresholds: IntArray) -> bool:
    """Whether no constraint or bound touches a threshold."""
    if constraints.has_nonlinear or len(constraints.inequality_rows):
        return False
    if np.isfinite(constraints.lower[thresholds]).any() or np.isfinite(constraints.upper[thresholds]).any():
        return False
    return not len(constraints.A) or not np.any(constraints.A[:, thresholds])
