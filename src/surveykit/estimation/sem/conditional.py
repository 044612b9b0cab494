"""Covariates conditioned on, with continuous outcomes: what changes in the description of a fit.

Given x, and with their moments fixed, outcomes have the same likelihood: estimates,
standard errors and tests are those of the model with fixed x and a mean structure. Moments, the
baseline model and measures made of them are those of the outcomes given x.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.moments import lower_triangle
from surveykit.estimation.sem.baseline import independence_table
from surveykit.estimation.sem.chisquare import TestStatistic, residual_based
from surveykit.estimation.sem.engine import Solution
from surveykit.estimation.sem.fit_measures import FitFacts
from surveykit.estimation.sem.inference import GroupInference, ResidualForm
from surveykit.estimation.sem.layout import others
from surveykit.estimation.sem.linalg import inverse
from surveykit.estimation.sem.parameter_table import ParameterTable
from surveykit.estimation.sem.residuals import GroupMoments, root_mean_squares
from surveykit.estimation.sem.settings import RESIDUAL

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Conditional:
    """Moments of the outcomes of one group given x, observed and implied; `y`, `x` index the variables."""

    y: IntArray
    x: IntArray
    observed: GroupMoments
    implied: GroupMoments
    mean_x: FloatArray


def conditional_moments(solution: Solution) -> list[Conditional]:
    """One a group."""
    found = []
    for group, (sample, implied) in enumerate(zip(solution.moments, solution.implied, strict=True)):
        x = solution.representation.groups[group].fixed_x
        y = others(len(sample.names), x)
        assert implied.mu is not None
        observed = given(sample.cov, sample.mean, y, x)
        found.append(
            Conditional(y, x, observed, given(implied.sigma[0], implied.mu[0], y, x), sample.mean[x])
        )
    return found


def given(cov: FloatArray, mean: FloatArray, y: IntArray, x: IntArray) -> GroupMoments:
    """Residual covariances, intercepts and slopes of the regression of y on x."""
    cov_x = cov[np.ix_(x, x)]
    slopes = np.asarray(np.linalg.solve(cov_x, cov[np.ix_(x, y)]).T, dtype=np.float64)
    rest = cov[np.ix_(y, y)] - slopes @ cov_x @ slopes.T
    return GroupMoments(rest, mean[y] - slopes @ mean[x], None, slopes, cov_x)


def conditional_facts(facts: FitFacts, solution: Solution) -> FitFacts:
    """The facts of a fit with those of the outcomes given x put in."""
    groups = conditional_moments(solution)
    sizes = [len(one.y) * (len(one.y) + 1) // 2 + len(one.y) * (1 + len(one.x)) for one in groups]
    return replace(
        facts,
        n_variables=len(groups[0].y),
        root_mean_squares=root_mean_squares(
            [one.observed for one in groups], [one.implied for one in groups], solution.nobs
        ),
        gfi_lisrel=float(np.dot([_gfi(one) for one in groups], solution.nobs) / solution.ntotal),
        n_statistics=sum(sizes),
        n_first_statistics=sizes[0],
    )


class Regression(NamedTuple):
    """Outcomes given x: residual covariances (..., p, p), intercepts and slopes (..., p, 1 + n_x)."""

    cov: FloatArray
    slopes: FloatArray

    @classmethod
    def of(cls, moments: GroupMoments) -> Regression:
        assert moments.mean is not None
        assert moments.slopes is not None
        return cls(moments.cov, np.concatenate([moments.mean[:, None], moments.slopes], axis=1))

    def minus(self, other: Regression) -> Regression:
        return Regression(self.cov - other.cov, self.slopes - other.slopes)


@dataclass(frozen=True)
class Weight:
    """Information of one case about a regression: `inverse` (p, p) of the residual covariances, `second`
    moments of [1, x]."""

    inverse: FloatArray
    second: FloatArray

    @classmethod
    def of(cls, one: Conditional, structured: bool) -> Weight:
        assert one.observed.cov_x is not None
        constant = np.concatenate([[1.0], one.mean_x])
        second = np.outer(constant, constant)
        second[1:, 1:] += one.observed.cov_x
        return cls(inverse(one.implied.cov if structured else one.observed.cov), second)

    def times(self, one: Regression) -> Regression:
        return Regression(
            0.5 * self.inverse @ one.cov @ self.inverse, self.inverse @ one.slopes @ self.second
        )

    def products(self, one: Regression, other: Regression) -> FloatArray:
        """r'Vs for every pair of a stack of r and one of s."""
        left, right = self.times(one), other
        return np.asarray(
            np.tensordot(left.cov, right.cov, axes=([-2, -1], [-2, -1]))
            + np.tensordot(left.slopes, right.slopes, axes=([-2, -1], [-2, -1]))
        )


def _gfi(one: Conditional) -> float:
    """1 - r'Vr / s'Vs with the information about residual covariances, intercepts and slopes."""
    weight = Weight.of(one, structured=True)
    observed = Regression.of(one.observed)
    rest = observed.minus(Regression.of(one.implied))
    return 1.0 - float(weight.products(rest, rest)) / float(weight.products(observed, observed))


def residual_tests_given_x(solution: Solution) -> tuple[TestStatistic, ...]:
    """The tests of a fit, those based on residuals with the residuals of the outcomes given x."""
    if not any(one.test in RESIDUAL for one in solution.tests):
        return solution.tests
    fitted, sizes = solution.fitted, np.array(solution.nobs, dtype=np.float64)
    assert fitted is not None
    if solution.settings.n_minus_one:
        sizes -= 1
    groups = zip(fitted.groups, conditional_moments(solution), strict=True)
    described = replace(fitted, groups=tuple(cast("GroupInference", _GivenX(*pair)) for pair in groups))
    basis = fitted.equality_directions
    return tuple(
        residual_based(described, one.test, solution.df, sizes, basis)
        if one.test in RESIDUAL and basis is not None
        else one
        for one in solution.tests
    )


@dataclass(frozen=True)
class _GivenX:
    """What a residual-based test asks of a group, by its moments given x."""

    joint: GroupInference
    moments: Conditional

    @property
    def parameter(self) -> IntArray:
        return self.joint.parameter

    def residual_statistic(self, kind: str) -> ResidualForm:
        weight = Weight.of(self.moments, structured=kind == "nt.model")
        rest = Regression.of(self.moments.observed).minus(Regression.of(self.moments.implied))
        slopes = self._slopes(self.joint.delta())
        return ResidualForm(
            float(weight.products(rest, rest)),
            weight.products(slopes, rest),
            weight.products(slopes, slopes),
        )

    def _slopes(self, delta: FloatArray) -> Regression:
        """Derivatives of the moments given x, from those of [mu, vech Sigma] (s, q)."""
        y, x, implied = self.moments.y, self.moments.x, self.moments.implied
        assert implied.slopes is not None
        assert implied.cov_x is not None
        p = len(y) + len(x)
        row, column = lower_triangle(p)
        sigma = np.zeros((delta.shape[1], p, p))
        sigma[:, row, column] = sigma[:, column, row] = delta[p:].T
        across = sigma[:, y[:, None], x]
        slopes = across @ inverse(implied.cov_x)
        turned = across @ implied.slopes.T
        cov = sigma[:, y[:, None], y] - turned - turned.transpose(0, 2, 1)
        levels = delta[y].T - slopes @ self.moments.mean_x
        return Regression(cov, np.concatenate([levels[:, :, None], slopes], axis=2))


def conditional_independence(solution: Solution) -> ParameterTable:
    """The baseline model: outcomes independent given x, their slopes free."""
    table = independence_table(solution.table, solution.moments)
    slopes = []
    for group, one in enumerate(conditional_moments(solution), start=1):
        names = solution.moments[group - 1].names
        assert one.observed.slopes is not None
        for row, outcome in enumerate(one.y):
            for column, covariate in enumerate(one.x):
                value = float(one.observed.slopes[row, column])
                slopes.append((names[outcome], names[covariate], group, value))
    count = len(slopes)
    group_of = np.array([one[2] for one in slopes], dtype=np.int64)
    values = np.array([one[3] for one in slopes])
    zeros, none = np.zeros(count, dtype=np.int64), np.full(count, np.inf)
    number = int(table.free.max()) + 1 + np.arange(count)
    total = len(table) + count
    return replace(
        table,
        lhs=tuple(chain(table.lhs, (one[0] for one in slopes))),
        op=(*table.op, *("~",) * count),
        rhs=tuple(chain(table.rhs, (one[1] for one in slopes))),
        user=np.concatenate([table.user, zeros + 1]),
        block=np.concatenate([table.block, group_of]),
        group=np.concatenate([table.group, group_of]),
        free=np.concatenate([table.free, number]),
        ustart=np.concatenate([table.ustart, values]),
        exo=np.concatenate([table.exo, zeros]),
        label=("",) * total,
        plabel=tuple(f".p{at}." for at in range(1, total + 1)),
        start=np.concatenate([table.start, values]),
        lower=np.concatenate([table.lower, -none]),
        upper=np.concatenate([table.upper, none]),
    )
