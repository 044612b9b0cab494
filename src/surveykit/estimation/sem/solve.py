"""From a start to an optimum, with other ways to get there when the first one fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.sem.constrained import Restrictions, optimise
from surveykit.estimation.sem.newton import SINGLE, Minimum, direction, minimise
from surveykit.estimation.sem.parameter_table import ParameterTable
from surveykit.estimation.sem.prepared import Prepared
from surveykit.estimation.sem.problem import Point, Problem

FloatArray = NDArray[np.float64]

DOUBLINGS = 16


class Found(NamedTuple):
    """An optimum: x (n_free,), and `rows` (m, n_free), the constraints that hold there with equality."""

    x: FloatArray
    value: float
    gradient: float
    converged: bool
    iterations: int
    rows: FloatArray
    multipliers: FloatArray


def solve(prepared: Prepared, problem: Problem, start: FloatArray) -> Found:
    """Minimise from `start` (n_free,); constraints of every kind are obeyed."""
    restrictions = Restrictions(prepared.constraints, problem)
    linear = prepared.constraints.A
    if not restrictions.n_equalities:
        free = unconstrained(problem, start, prepared)
        if restrictions.none or restrictions.values(free.z[:, 0]).min(initial=0.0) >= 0:
            return Found(
                problem.expand(free.z)[:, 0],
                float(free.value[0]),
                float(free.gradient[0]),
                bool(free.converged[0]),
                int(free.iterations[0]),
                linear,
                np.zeros(0),
            )
    return _constrained(prepared, problem, restrictions, start)


def _constrained(
    prepared: Prepared, problem: Problem, restrictions: Restrictions, start: FloatArray
) -> Found:
    found = None
    for attempt in starts_from(prepared, start):
        z = problem.reduce(widened(prepared, problem, attempt)[:, None])[:, 0]
        trial = optimise(problem, restrictions, z)
        if found is None or (trial.converged and not found.converged):
            found = trial
        if found.converged:
            break
    assert found is not None
    x = restrictions.snapped(problem.expand(found.z[:, None])[:, 0], found.active)
    rows = restrictions.x_jacobian(x)[found.active]
    return Found(
        x,
        found.value,
        found.gradient,
        found.converged,
        found.iterations,
        np.concatenate([prepared.constraints.A, rows]),
        found.multipliers[found.active],
    )


def unconstrained(problem: Problem, start: FloatArray, prepared: Prepared) -> Minimum:
    """Newton's method; other starts, scoring and a trust region where it does not converge."""
    tried = []
    for trial in _trials(prepared, problem, start):
        if trial.converged[0]:
            return trial
        tried.append(trial._replace(converged=np.array([is_flat(problem, trial)])))
    return min(tried, key=lambda one: (not one.converged[0], one.value[0]))


def _trials(prepared: Prepared, problem: Problem, start: FloatArray) -> Iterator[Minimum]:
    """One attempt after the other."""
    for attempt in starts_from(prepared, start):
        z = problem.reduce(attempt[:, None])
        first = minimise(problem, z)
        if not np.isfinite(first.value[0]):
            z = problem.reduce(widened(prepared, problem, attempt)[:, None])
            first = minimise(problem, z)
        yield first
        yield minimise(problem, z, replace(SINGLE, scoring=0.0))
    for attempt in starts_from(prepared, start):
        yield trust_region(problem, problem.reduce(attempt[:, None]))


def is_flat(problem: Problem, end: Minimum) -> bool:
    """Whether what is left to gain is negligible, as in a valley that falls for ever."""
    if not np.isfinite(end.value[0]) or end.gradient[0] > 1e-3:
        return False
    return bool(direction(problem, problem.point(end.z))[1][0] < 1e-6)


def widened(prepared: Prepared, problem: Problem, start: FloatArray) -> FloatArray:
    """The start; where it implies no moments, with its free variances doubled until it does.

    A covariance that is fixed at more than the variances at the start allow is the usual case.
    """
    table, wide = prepared.table, start.copy()
    variances = [
        table.free[row] - 1 for row in np.flatnonzero(table.free).tolist() if _is_variance(table, row)
    ]
    for _ in range(DOUBLINGS):
        if np.isfinite(problem.point(problem.reduce(wide[:, None])).value[0]):
            return wide
        wide[variances] *= 2
    return start


def _is_variance(table: ParameterTable, row: int) -> bool:
    return table.op[row] == "~~" and table.lhs[row] == table.rhs[row]


def starts_from(prepared: Prepared, start: FloatArray) -> Iterator[FloatArray]:
    """The start; then plain ones: loadings 1 or 0.7, variances halved, no covariances or effects."""
    yield start
    table = prepared.table
    free = np.flatnonzero(table.free)
    order = free[np.argsort(table.free[free])]
    latent = set(table.variable_names("lv"))
    for loading in (1.0, 0.7):
        plain = start.copy()
        for place, row in enumerate(order):
            if not np.isnan(table.ustart[row]):
                continue
            if table.op[row] == "=~":
                plain[place] = loading
            elif table.op[row] == "~" or (table.op[row] == "~~" and table.lhs[row] != table.rhs[row]):
                plain[place] = 0.0
            elif table.op[row] == "~~" and table.lhs[row] in latent:
                plain[place] = 0.05 if loading == 1.0 else 0.5
        yield plain


def trust_region(problem: Problem, z: FloatArray, iterations: int = 150) -> Minimum:
    """Newton steps inside a ball that grows and shrinks, which follow narrow curved valleys; one member.

    In units in which the information at the start has a unit diagonal.
    """
    from scipy.optimize import minimize  # slow to import, seldom needed

    expected = np.diag(problem.hessian(problem.point(z), observed=False)[:, :, 0])
    unit = np.sqrt(np.maximum(expected, 1e-10 * expected.max(initial=1e-300)))
    last: dict[bytes, Point] = {}

    def at(scaled: FloatArray) -> Point:
        key = scaled.tobytes()
        if key not in last:
            last.clear()
            last[key] = problem.point((scaled / unit)[:, None])
        return last[key]

    def value(scaled: FloatArray) -> float:
        found = float(at(scaled).value[0])
        return found if np.isfinite(found) else 1e10

    def slope(scaled: FloatArray) -> FloatArray:
        return np.asarray(at(scaled).gradient[:, 0] / unit)

    def curvature(scaled: FloatArray) -> FloatArray:
        return np.asarray(problem.hessian(at(scaled))[:, :, 0] / np.outer(unit, unit))

    nowhere = replace(SINGLE, iterations=0, polish=False)
    with np.errstate(all="ignore"):
        try:
            end = minimize(
                value,
                np.asarray(z[:, 0] * unit),
                jac=slope,
                hess=curvature,
                method="trust-exact",
                options={"maxiter": iterations, "gtol": 1e-8},
            )
        except (ValueError, np.linalg.LinAlgError):
            # It ran to where the model implies no moments: no minimum that way.
            return minimise(problem, z, nowhere)
    reached = np.asarray(end.x)
    near = np.abs(slope(reached)).max(initial=0.0) < 1e-2
    return minimise(problem, (reached / unit)[:, None], SINGLE if near else nowhere)
