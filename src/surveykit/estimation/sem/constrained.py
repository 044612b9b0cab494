"""Nonlinear equalities, inequalities and bounds: sequential quadratic programming with an active set.

Each step minimises a quadratic model of the Lagrangian subject to the linearised
constraints; the constraints that hold with equality there form the active set, so that the
result lies exactly on them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.sem.constraints import Constraints
from surveykit.estimation.sem.linalg import cholesky
from surveykit.estimation.sem.problem import Point, Problem

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Restrictions:
    """What a solution has to obey beyond the linear equalities, as functions of z.

    First the nonlinear equalities, then the inequalities (those of the table, finite lower
    bounds, finite upper bounds), all in the form ``c(z) = 0`` and ``c(z) >= 0``.
    """

    constraints: Constraints
    problem: Problem

    @property
    def n_equalities(self) -> int:
        return len(self.constraints.nonlinear_rows)

    @property
    def none(self) -> bool:
        one = self.constraints
        return not (one.has_nonlinear or len(one.inequality_rows) or one.has_bounds)

    @property
    def lower(self) -> IntArray:
        return np.flatnonzero(np.isfinite(self.constraints.lower))

    @property
    def upper(self) -> IntArray:
        return np.flatnonzero(np.isfinite(self.constraints.upper))

    def values(self, z: FloatArray) -> FloatArray:
        """(m,) at z (n_z,)."""
        x = self.problem.expand(z[:, None])[:, 0]
        one = self.constraints
        low, up = self.lower, self.upper
        return np.concatenate([one.h(x), one.g(x), x[low] - one.lower[low], one.upper[up] - x[up]])

    def snapped(self, x: FloatArray, active: BoolArray) -> FloatArray:
        """x with the parameters whose bounds are active exactly on them."""
        x, one = x.copy(), self.constraints
        low, up = self.lower, self.upper
        on_low, on_up = np.split(active[len(active) - len(low) - len(up) :], [len(low)])
        x[low[on_low]] = one.lower[low[on_low]]
        x[up[on_up]] = one.upper[up[on_up]]
        return x

    def x_jacobian(self, x: FloatArray) -> FloatArray:
        """(..., m, n_free) at x (..., n_free)."""
        one = self.constraints
        identity = np.eye(one.n_free)
        bounds = np.concatenate([identity[self.lower], -identity[self.upper]])
        bounds = np.broadcast_to(bounds, (*x.shape[:-1], *bounds.shape))
        return np.concatenate([one.h_jacobian(x), one.g_jacobian(x), bounds], axis=-2)

    def jacobian(self, z: FloatArray) -> FloatArray:
        """(m, n_z)"""
        rows = self.x_jacobian(self.problem.expand(z[:, None])[:, 0])
        return rows if self.problem.basis is None else rows @ self.problem.basis

    def curvature(self, z: FloatArray, multipliers: FloatArray) -> FloatArray:
        """Second derivatives (n_z, n_z) of multipliers' c, by central differences of the Jacobian."""
        x = self.problem.expand(z[:, None])[:, 0]
        step = 1e-5 * np.maximum(1.0, np.abs(x))
        shifted = np.concatenate([x + np.diag(step), x - np.diag(step)])
        slopes = np.einsum("m,bmk->bk", multipliers, self.x_jacobian(shifted))
        hessian = (slopes[: len(x)] - slopes[len(x) :]) / (2 * step[:, None])
        hessian = 0.5 * (hessian + hessian.T)
        basis = self.problem.basis
        return np.asarray(hessian if basis is None else basis.T @ hessian @ basis)


class Optimum(NamedTuple):
    """A point that satisfies the conditions of Karush, Kuhn and Tucker; `active` (m,) includes equalities."""

    z: FloatArray
    value: float
    gradient: float
    converged: bool
    iterations: int
    multipliers: FloatArray
    active: BoolArray


class Step(NamedTuple):
    """Solution of the quadratic programme."""

    step: FloatArray
    multipliers: FloatArray
    active: BoolArray


def optimise(
    problem: Problem,
    restrictions: Restrictions,
    z: FloatArray,
    tolerance: float = 1e-9,
    iterations: int = 200,
) -> Optimum:
    """Minimise a batch of one from z (n_z,)."""
    m, equal = len(restrictions.values(z)), restrictions.n_equalities
    equality = np.arange(m) < equal
    multipliers, active, penalty = np.zeros(m), equality.copy(), 1.0
    point = problem.point(z[:, None])
    error = np.inf
    for iteration in range(iterations):
        values, rows = restrictions.values(z), restrictions.jacobian(z)
        gradient = point.gradient[:, 0]
        hessian = _model_hessian(problem, restrictions, point, multipliers, rows[active])
        found = quadratic_step(hessian, gradient, rows, values, equality, active)
        multipliers, active = found.multipliers, found.active
        error = _kkt_error(gradient, rows, values, multipliers, equality)
        if error <= tolerance and np.abs(found.step).max(initial=0.0) <= 1e-7:
            final = z + found.step
            last = problem.point(final[:, None])
            return Optimum(final, float(last.value[0]), error, True, iteration, multipliers, active)
        penalty = max(penalty, 2 * float(np.abs(multipliers).max(initial=0.0)))
        z, point, moved = _search(problem, restrictions, z, point, found, equality, penalty, error)
        if not moved:
            break
    fine = error <= 1e-6
    return Optimum(z, float(point.value[0]), error, fine, iterations, multipliers, active)


def _model_hessian(
    problem: Problem,
    restrictions: Restrictions,
    point: Point,
    multipliers: FloatArray,
    rows: FloatArray,
) -> FloatArray:
    """Of the Lagrangian, made positive definite along what the active constraints pin down anyway."""
    curvature = restrictions.curvature(point.z[:, 0], multipliers)
    pinned = rows.T @ rows
    for observed in (True, False):
        hessian = problem.hessian(point, observed)[:, :, 0]
        bend = curvature if observed else 0.0
        scale = float(np.abs(np.diag(hessian)).max(initial=1.0))
        for weight in (0.0, scale, 100 * scale):
            trial = hessian - bend + weight * pinned
            if cholesky(trial[None])[1][0]:
                return np.asarray(trial)
    return np.asarray(hessian + pinned + 1e-6 * np.diag(np.maximum(np.diag(hessian), 1e-6 * scale)))


def quadratic_step(
    hessian: FloatArray,
    gradient: FloatArray,
    rows: FloatArray,
    values: FloatArray,
    equality: BoolArray,
    active: BoolArray,
) -> Step:
    """Minimise g'd + d'Hd/2 with ``rows d + values`` zero (equalities) or not negative, from a guess."""
    active = active | equality
    m = len(values)
    scale = np.maximum(np.linalg.norm(rows, axis=1), 1e-12)
    step, multipliers = np.zeros(len(gradient)), np.zeros(m)
    for _ in range(10 * (m + 5)):
        chosen = np.flatnonzero(active)
        step, some = _equality_step(hessian, gradient, rows[chosen], values[chosen])
        multipliers = np.zeros(m)
        multipliers[chosen] = some
        wrong = np.where(active & ~equality, multipliers * scale, 0.0)
        slack = np.where(active, 0.0, (rows @ step + values) / scale)
        if slack.min(initial=0.0) < -1e-12:
            active[int(slack.argmin())] = True
        elif wrong.min(initial=0.0) < -1e-12:
            active[int(wrong.argmin())] = False
        else:
            break
    return Step(step, multipliers, active)


def _equality_step(
    hessian: FloatArray, gradient: FloatArray, rows: FloatArray, values: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Solve the bordered system; multipliers of the Lagrangian F - multipliers' c."""
    n, m = len(gradient), len(values)
    bordered = np.zeros((n + m, n + m))
    bordered[:n, :n], bordered[:n, n:], bordered[n:, :n] = hessian, -rows.T, rows
    right = np.concatenate([-gradient, -values])
    try:
        solution = np.linalg.solve(bordered, right)
    except np.linalg.LinAlgError:
        solution = np.linalg.lstsq(bordered, right, rcond=None)[0]
    return solution[:n], solution[n:]


def _kkt_error(
    gradient: FloatArray, rows: FloatArray, values: FloatArray, multipliers: FloatArray, equality: BoolArray
) -> float:
    slope = np.abs(gradient - rows.T @ multipliers).max(initial=0.0)
    broken = np.where(equality, np.abs(values), np.maximum(-values, 0.0)).max(initial=0.0)
    return float(max(slope, broken))


def _merit(point: Point, values: FloatArray, equality: BoolArray, penalty: float) -> float:
    broken = np.where(equality, np.abs(values), np.maximum(-values, 0.0))
    return float(point.value[0]) + penalty * float(broken.sum())


def _search(
    problem: Problem,
    restrictions: Restrictions,
    z: FloatArray,
    point: Point,
    found: Step,
    equality: BoolArray,
    penalty: float,
    error: float,
) -> tuple[FloatArray, Point, bool]:
    """The full step if it brings the conditions nearer, else one that lowers the penalised value."""
    size = 1.0
    before = _merit(point, restrictions.values(z), equality, penalty)
    for attempt in range(30):
        trial = z + size * found.step
        new = problem.point(trial[:, None])
        if np.isfinite(new.value[0]):
            values = restrictions.values(trial)
            if attempt == 0 and error < 0.1:
                rows = restrictions.jacobian(trial)
                after = _kkt_error(new.gradient[:, 0], rows, values, found.multipliers, equality)
                if after <= 0.5 * error:
                    return trial, new, True
            if _merit(new, values, equality, penalty) < before - 1e-10 * size:
                return trial, new, True
        size *= 0.5
    return z, point, False
