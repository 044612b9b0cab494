"""One call that fits a model: parameter table and sample moments in, a solution out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from surveykit.errors import Note, note
from surveykit.estimation.moments import SampleMoments
from surveykit.estimation.ordinal_moments import OrdinalMoments
from surveykit.estimation.sem.baseline import independence_discrepancy, independence_table
from surveykit.estimation.sem.chisquare import TestStatistic, all_tests, standard_test
from surveykit.estimation.sem.concentration import concentrate
from surveykit.estimation.sem.constraints import Constraints
from surveykit.estimation.sem.data_checks import check_sample
from surveykit.estimation.sem.feasibility import check_feasible
from surveykit.estimation.sem.fiml_start import start_at_moments
from surveykit.estimation.sem.identification import (
    boundary_note,
    clusters_note,
    df_note,
    identification_note,
)
from surveykit.estimation.sem.information import Fitted, linear_directions, null_space
from surveykit.estimation.sem.layout import MATRICES
from surveykit.estimation.sem.matrices import Implied, Representation
from surveykit.estimation.sem.missing_checks import coverage_notes
from surveykit.estimation.sem.ordinal_checks import check_thresholds
from surveykit.estimation.sem.parameter_table import ParameterTable
from surveykit.estimation.sem.prepared import Prepared
from surveykit.estimation.sem.robust import covariance
from surveykit.estimation.sem.settings import Settings
from surveykit.estimation.sem.solve import solve
from surveykit.estimation.threads import on_one_thread

FloatArray = NDArray[np.float64]

# Of an ordered variable under theta: one over its standard deviation, with a residual of 1.
LEAST_SCALE = 1e-3


@dataclass(frozen=True)
class Solution:
    """A fitted model, as numbers; everything after the fit builds on it.

    Attributes
    ----------
    table : the parameter table, `start` filled in (the moments of fixed x included)
    representation : its model matrices; `constraints` its constraints, compiled
    moments : one `SampleMoments` a group, in the order of the table's groups
    settings : how it was estimated
    x : array (n_free,), the estimates, in the order of `table.free`
    objective : the minimised function F = sum over groups of n_g / N F_g (lavaan's fmin is F / 2)
    objective_group : array (n_groups,), F_g
    converged, iterations; gradient : the largest element of the gradient in the free directions
    df : degrees of freedom of the model
    vcov : array (n_free, n_free), covariance matrix of x; None where there is none (see notes)
    information : array (n_free, n_free), unit information (of one observation) behind vcov
    tests : the test statistics, "standard" first
    fitted : each group at the estimates: information, scores, Jacobian, influences (see `inference`)
    notes : what went wrong or was assumed
    """

    table: ParameterTable
    representation: Representation
    constraints: Constraints
    moments: tuple[SampleMoments, ...]
    settings: Settings
    x: FloatArray
    objective: float
    objective_group: FloatArray
    converged: bool
    iterations: int
    gradient: float
    df: int
    vcov: FloatArray | None = None
    information: FloatArray | None = None
    tests: tuple[TestStatistic, ...] = ()
    fitted: Fitted | None = None
    notes: tuple[Note, ...] = ()

    @property
    def nobs(self) -> tuple[int, ...]:
        return tuple(one.n for one in self.moments)

    @property
    def ntotal(self) -> int:
        return sum(self.nobs)

    @cached_property
    def matrices(self) -> tuple[dict[str, FloatArray], ...]:
        """Model matrices at x, by group; a leading batch axis of length 1."""
        return tuple(
            self.representation.fill(self.x, group) for group in range(len(self.representation.groups))
        )

    @cached_property
    def implied(self) -> tuple[Implied, ...]:
        """Implied moments at x, by group; a leading batch axis of length 1."""
        return tuple(
            self.representation.implied(self.x, group) for group in range(len(self.representation.groups))
        )

    @cached_property
    def estimates(self) -> FloatArray:
        """One value a row of the table: free parameters from x, fixed ones, `:=` rows as defined.

        Rows of constraints hold left minus right side for ``==`` (0), NaN for ``<`` and ``>``. With
        ordered variables, dependent residual variances (delta) or scales (theta) are filled in.
        """
        values = np.where(self.table.free > 0, 0.0, self.table.start)
        rows = np.flatnonzero(self.table.free)
        values[rows] = self.x[self.table.free[rows] - 1]
        if self.representation.categorical:
            for layout, matrices in zip(self.representation.groups, self.matrices, strict=True):
                for row, _, code, i, j in zip(*layout.cells.where(layout.cells.parameter < 0), strict=True):
                    values[row] = matrices[MATRICES[code]][0, i, j]
        constraints = self.constraints
        values[constraints.defined_rows] = constraints.defined(self.x)
        values[constraints.equality_rows] = constraints.equalities(self.x)
        values[constraints.inequality_rows] = np.nan
        return values

    @cached_property
    def standard_errors(self) -> FloatArray:
        """One value a row of the table: 0 where fixed, NaN where there is none."""
        errors = np.zeros(len(self.table))
        rows = np.flatnonzero(self.table.free)
        errors[rows] = np.nan
        constraints = self.constraints
        errors[constraints.defined_rows] = np.nan
        if self.vcov is not None:
            variance = np.diag(self.vcov)
            errors[rows] = _roots(variance, self.x)[self.table.free[rows] - 1]
            slopes = constraints.defined_jacobian(self.x)
            errors[constraints.defined_rows] = delta_errors(slopes, self.vcov)
        return errors


def _roots(variance: FloatArray, estimates: FloatArray) -> FloatArray:
    """Square roots; 0 where a variance is rounding error, NaN where it is negative otherwise.

    Rounding error is small beside the largest variance and beside the estimate: the first alone would
    take the errors of a variable in small units for nothing.
    """
    small = np.abs(variance) <= 1e-14 * np.abs(variance).max(initial=0.0)
    inside = np.where(small & (variance <= 1e-14 * estimates**2), 0.0, variance)
    return np.sqrt(np.where(inside < 0, np.nan, inside))


def delta_errors(slopes: FloatArray, vcov: FloatArray) -> FloatArray:
    """Standard errors of functions of x with derivatives `slopes` (k, n_free), by the delta method.

    0 where the terms of a variance cancel but for rounding, as where a constraint fixes the function;
    NaN where it is negative otherwise.
    """
    variance = np.einsum("di,ij,dj->d", slopes, vcov, slopes)
    rounding = 1e-14 * (slopes**2 @ np.abs(np.diag(vcov)))
    inside = np.where(np.abs(variance) <= rounding, 0.0, variance)
    return np.sqrt(np.where(inside < 0, np.nan, inside))


@on_one_thread
def fit(table: ParameterTable, moments: tuple[SampleMoments, ...], settings: Settings) -> Solution:
    """Fit one model.

    Parameters
    ----------
    table : ParameterTable
    moments : one a group, in the order of the table's groups, each in the order of the
        group's observed variables (``table.variable_names("ov.model", group)``)
    settings : from `resolve`
    """
    return _fit(table, moments, settings, errors=settings.se not in ("none", "bootstrap"))


def _fit(
    table: ParameterTable, moments: tuple[SampleMoments, ...], settings: Settings, errors: bool
) -> Solution:
    for sample in moments:
        check_sample(sample, settings, len(moments) > 1)
    check_thresholds(table, moments)
    prepared = Prepared.from_moments(table, moments, settings)
    discrepancies = [prepared.discrepancy(group, sample) for group, sample in enumerate(moments)]
    sizes = np.array([sample.n for sample in moments], dtype=np.float64)
    small = concentrate(prepared, discrepancies, moments)
    problem = prepared.problem(discrepancies, sizes) if small is None else small.problem(sizes)
    incomplete = settings.missing == "ml"
    start = start_at_moments(prepared, moments, sizes) if incomplete else prepared.start
    found = solve(prepared, problem, start)
    x, constraints = found.x if small is None else small.complete(found.x), prepared.constraints
    if settings.categorical and _runs_away(prepared, x):
        found = found._replace(converged=False)
    linear = linear_directions(constraints)
    fitted = Fitted(
        n_free=table.n_free,
        groups=tuple(
            prepared.inference(sample, one, x) for sample, one in zip(moments, discrepancies, strict=True)
        ),
        shares=sizes / sizes.sum(),
        weights=problem.weights,
        free_directions=linear
        if len(found.rows) == len(constraints.b)
        else null_space(found.rows, table.n_free),
        equality_directions=None if constraints.has_nonlinear else linear,
    )
    values = np.array([float(one.point.value[0]) for one in fitted.groups])
    df = fitted.n_statistics - table.n_free + constraints.n_equalities
    less = 1.0 if settings.n_minus_one else 0.0
    chisq = (sizes - less) * (values if found.converged else np.nan)
    notes = [df_note(table, df, fitted.n_statistics), boundary_note(table, constraints, x)]
    notes += [one for sample in moments if isinstance(sample, OrdinalMoments) for one in sample.notes]
    notes += coverage_notes(moments)
    vcov = information = None
    if not found.converged:
        check_feasible(table, constraints)
        notes.append(note("M048", iterations=found.iterations, gradient=f"{found.gradient:.2g}"))
    working = fitted if small is None else small.fitted(fitted, x, found.rows)
    tests = all_tests(working, settings, chisq, df, sizes - less)
    if errors and found.converged:
        vcov, information = covariance(working, settings, sizes.sum() - less * len(sizes))
        notes += [identification_note(table, working, information), clusters_note(moments, working, settings)]
        if small is not None:
            vcov, information = small.complete_covariance(working, fitted, settings, vcov, information)
    return Solution(
        table=prepared.table,
        representation=prepared.representation,
        constraints=constraints,
        moments=moments,
        settings=settings,
        x=x,
        objective=found.value,
        objective_group=values,
        converged=found.converged,
        iterations=found.iterations,
        gradient=found.gradient,
        df=df,
        vcov=vcov,
        information=information,
        tests=tests,
        fitted=fitted,
        notes=tuple(one for one in notes if one is not None),
    )


def _runs_away(prepared: Prepared, x: FloatArray) -> bool:
    """Whether residuals that are 1 (theta) have become nothing beside what explains an ordered variable.

    Where the best variance would be negative, loadings grow for ever: there is no minimum to find.
    """
    return prepared.settings.parameterization == "theta" and any(
        bool(np.any(prepared.representation.fill(x, group)["delta"][0, layout.ordered, 0] < LEAST_SCALE))
        for group, layout in enumerate(prepared.representation.groups)
    )


@on_one_thread
def fit_baseline(solution: Solution) -> Solution:
    """The independence model on the same moments, tested as fit indices need it; no standard errors."""
    table, settings = independence_table(solution.table, solution.moments), solution.settings
    if settings.discrepancy == "ML":
        tests = tuple(one for one in settings.test if not one.startswith("browne"))
        settings = replace(settings, test=tests)
        plain = all(type(sample) is SampleMoments for sample in solution.moments)
        if plain and tests == ("standard",) and settings.missing == "listwise":
            x = [solution.table.variable_names("ov.x", group) for group in range(1, table.n_groups + 1)]
            return _independent(table, solution.moments, settings, x)
    return _fit(table, solution.moments, settings, errors=False)


def _independent(
    table: ParameterTable, moments: tuple[SampleMoments, ...], settings: Settings, x: list[tuple[str, ...]]
) -> Solution:
    """The independence model by maximum likelihood with complete data: nothing to search for."""
    prepared = Prepared(table.with_start(table.ustart), settings)
    values = np.array([independence_discrepancy(*one) for one in zip(moments, x, strict=True)])
    sizes = np.array([sample.n for sample in moments], dtype=np.float64)
    given = sum(op in ("~~", "~1") for op in table.op)
    p = np.array([len(sample.names) for sample in moments])
    statistics = p * (p + 1) // 2 + (p if "~1" in table.op else 0)
    df = int(statistics.sum()) - given
    return Solution(
        table=prepared.table,
        representation=prepared.representation,
        constraints=prepared.constraints,
        moments=moments,
        settings=settings,
        x=prepared.start,
        objective=float(values @ sizes / sizes.sum()),
        objective_group=values,
        converged=True,
        iterations=0,
        gradient=0.0,
        df=df,
        tests=(standard_test(values * (sizes - settings.n_minus_one), df),),
    )


@on_one_thread
def tests_at(solution: Solution, x: FloatArray) -> tuple[TestStatistic, ...]:
    """The tests that a model would show at other parameter values, for Satorra & Bentler's (2010) M10."""
    prepared = Prepared(solution.table, solution.settings)
    discrepancies = [prepared.discrepancy(group, sample) for group, sample in enumerate(solution.moments)]
    sizes = np.array([sample.n for sample in solution.moments], dtype=np.float64)
    assert solution.fitted is not None
    pairs = zip(solution.moments, discrepancies, strict=True)
    fitted = replace(
        solution.fitted, groups=tuple(prepared.inference(sample, one, x) for sample, one in pairs)
    )
    constraints = solution.constraints
    if constraints.has_nonlinear:
        rows = np.concatenate([constraints.A, constraints.h_jacobian(x)])
        fitted = replace(fitted, free_directions=null_space(rows, fitted.n_free))
    values = np.array([float(one.point.value[0]) for one in fitted.groups])
    less = 1.0 if solution.settings.n_minus_one else 0.0
    return all_tests(fitted, solution.settings, (sizes - less) * values, solution.df, sizes - less)
