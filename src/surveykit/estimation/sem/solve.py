"""From a start to an optimum, with other ways to get there when the first one fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.sem.constrained import Restrictions, optimise
from surveykit.estimation.sem.newton import SINGLE, Minimum, Rules, direction, minimise
from surveykit.estimation.sem.prepared import Prepared
from surveykit.estimation.sem.problem import Problem

FloatArray = NDArray[np.float64]


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
    count = len(restrictions.values(problem.reduce(start[:, None])[:, 0]))
    if not restrictions.n_equalities:
        free = unconstrained(problem, start, prepared)
        x = problem.expand(free.z)[:, 0]
        if not count or restrictions.values(free.z[:, 0]).min() >= 0:
            return Found(
                x,
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
    for attempt in _starts(prepared, start):
        z = problem.reduce(attempt[:, None])[:, 0]
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
    """Newton's method; other starts, scoring and BFGS where it does not converge."""
    best = None
    for trial in _trials(prepared, problem, start):
        if trial.converged[0]:
            return trial
        if best is None or trial.value[0] < best.value[0]:
            best = trial
    assert best is not None
    return best._replace(converged=np.array([_flat(problem, best)]))


def _trials(prepared: Prepared, problem: Problem, start: FloatArray) -> Iterator[Minimum]:
    """One attempt after the other."""
    for attempt in _starts(prepared, start):
        z = problem.reduce(attempt[:, None])
        yield minimise(problem, z)
        yield minimise(problem, z, replace(SINGLE, scoring=True))
    for attempt in _starts(prepared, start):
        yield _quasi_newton(problem, problem.reduce(attempt[:, None]), SINGLE)


def _flat(problem: Problem, end: Minimum) -> bool:
    """Whether what is left to gain is negligible, as in a valley that falls for ever."""
    if not np.isfinite(end.value[0]) or end.gradient[0] > 1e-3:
        return False
    return bool(direction(problem, problem.point(end.z))[1][0] < 1e-6)


def _starts(prepared: Prepared, start: FloatArray) -> Iterator[FloatArray]:
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


def _quasi_newton(problem: Problem, z: FloatArray, rules: Rules) -> Minimum:
    """BFGS, then Newton from where it ends."""
    from scipy.optimize import minimize  # slow to import, seldom needed

    def function(vector: FloatArray) -> tuple[float, FloatArray]:
        point = problem.point(vector[:, None])
        value = float(point.value[0])
        if not np.isfinite(value):
            return 1e10, np.zeros(len(vector))
        return value, point.gradient[:, 0]

    with np.errstate(all="ignore"):
        end = minimize(function, z[:, 0], jac=True, method="BFGS", options={"maxiter": 2000, "gtol": 1e-6})
    return minimise(problem, np.asarray(end.x)[:, None], rules)
