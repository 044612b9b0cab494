"""Newton's method for a batch of problems at once, with a convergence mask per member.

The step comes from the observed Hessian; where that is not positive definite from the
expected one, and where that is close to singular as well from the observed one with the
signs of its eigenvalues made positive. Armijo's rule halves
steps that do not pay. Members that have converged or given up leave the batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.sem.linalg import spd_solve, to_stack
from surveykit.estimation.sem.problem import Point, Problem, merge_point, pick_point

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


LEAST_CURVATURE = 1e-5


@dataclass(frozen=True)
class Rules:
    """When to stop.

    `gradient` bounds the largest element of the gradient; `decrement` bounds g' H^-1 g of the
    last step, which does not depend on the scale of the variables. With `polish`, one more
    Newton step is taken at the end, which leaves rounding error only. Far from the minimum, while
    the decrement exceeds `scoring`, the expected Hessian is the better guide.
    """

    gradient: float = 1e-8
    decrement: float = 1e-8
    iterations: int = 150
    halvings: int = 25
    polish: bool = True
    scoring: float = 0.5


SINGLE = Rules()
BATCH = Rules(gradient=1e-6, decrement=1e-4, iterations=60, polish=False, scoring=np.inf)


class Minimum(NamedTuple):
    """Where the minimisation ended: z (n_z, batch), and one entry a member for the rest."""

    z: FloatArray
    value: FloatArray
    gradient: FloatArray
    converged: BoolArray
    iterations: IntArray


# Members on their way to be given up may overflow.
@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def minimise(problem: Problem, z: FloatArray, rules: Rules = SINGLE) -> Minimum:
    """Minimise from z (n_z, batch)."""
    batch = z.shape[1]
    end = Minimum(
        z.copy(),
        np.full(batch, np.inf),
        np.full(batch, np.inf),
        np.zeros(batch, dtype=np.bool_),
        np.zeros(batch, dtype=np.int64),
    )
    members = np.arange(batch)
    point = problem.point(z)
    decrement = np.where(_at_rest(point), 0.0, np.inf)
    for iteration in range(rules.iterations + 1):
        slope = np.abs(point.gradient).max(axis=0, initial=0.0)
        sound = np.isfinite(point.value)
        done = (slope <= rules.gradient) & (decrement <= rules.decrement) & sound
        leaving = done | ~sound | (iteration == rules.iterations)
        if leaving.any():
            last, everyone = np.flatnonzero(leaving), bool(leaving.all())
            final = point if everyone else pick_point(point, last)
            if rules.polish and iteration:
                final = _polished(problem if everyone else problem.take(last), final)
            _record(end, members[leaving], final, done[leaving], iteration)
            stay = np.flatnonzero(~leaving)
            members, decrement = members[stay], decrement[stay]
            if not len(stay):
                break
            point, problem = pick_point(point, stay), problem.take(stay)
        step, decrement = direction(problem, point, decrement > rules.scoring)
        point, moved = search(problem, point, step, decrement, rules)
        if moved.all():
            continue
        # No step pays any more: either rounding error is all that is left, or the method is stuck.
        decrement = np.where(moved, decrement, np.where(decrement < 1e-9, 0.0, decrement))
        stuck = np.flatnonzero(~moved & (decrement > 0))
        if len(stuck):
            stop = pick_point(point, stuck)
            fine = np.abs(stop.gradient).max(axis=0, initial=0.0) <= rules.gradient
            _record(end, members[stuck], stop, fine, iteration)
            stay = np.flatnonzero(moved | (decrement == 0))
            members, decrement = members[stay], decrement[stay]
            if not len(stay):
                break
            point, problem = pick_point(point, stay), problem.take(stay)
    return end


def _at_rest(point: Point) -> BoolArray:
    """Members that start at their minimum: no parameter's own proportional change would change the value."""
    moved = np.abs(point.gradient * point.z).max(axis=0, initial=0.0) > 1e-12
    unknown = ((point.z == 0) & (point.gradient != 0)).any(axis=0)
    return np.asarray(~moved & ~unknown)


def _polished(problem: Problem, point: Point) -> Point:
    """One more full Newton step where that brings the gradient down."""
    if not np.isfinite(point.value).all():
        return point
    step, decrement = direction(problem, point)
    if decrement.max() > 1e-8:
        return point
    new = problem.point(point.z - step)
    before, after = (np.abs(one.gradient).max(axis=0, initial=0.0) for one in (point, new))
    return new if np.all(after <= before) else point


def _record(end: Minimum, members: IntArray, point: Point, converged: BoolArray, iteration: int) -> None:
    end.z[:, members] = point.z
    end.value[members] = point.value
    end.gradient[members] = np.abs(point.gradient).max(axis=0, initial=0.0)
    end.converged[members] = converged
    end.iterations[members] = iteration


def direction(
    problem: Problem, point: Point, scoring: BoolArray | None = None
) -> tuple[FloatArray, FloatArray]:
    """Newton step (n_z, batch) and its decrement g' H^-1 g (batch,).

    Members for which `scoring` is True take the expected Hessian.
    """
    everyone = scoring is not None and bool(scoring.all())
    hessian = problem.hessian(point, observed=not everyone)
    step, good = spd_solve(hessian, point.gradient)
    if scoring is not None and not everyone:
        good = good & ~scoring
    if not good.all():
        bad = np.flatnonzero(~good)
        part, where = problem.take(bad), pick_point(point, bad)
        expected = part.hessian(where, observed=False)
        observed = part.hessian(where) if everyone else hessian[:, :, bad]
        step[:, bad] = _safe_direction(expected, observed, where.gradient)
    return step, np.einsum("kb,kb->b", point.gradient, step)


def _safe_direction(expected: FloatArray, observed: FloatArray, gradient: FloatArray) -> FloatArray:
    """Scoring step; where the information is close to singular, a step along the curvature's own axes.

    There negative curvature counts as positive, and none at all as `LEAST_CURVATURE`, in units in
    which the information has a unit diagonal.
    """
    diagonal = np.einsum("iib->ib", expected)
    unit = np.sqrt(np.maximum(diagonal, 1e-10 * diagonal.max(axis=0, initial=1e-300)))
    scaled = to_stack(expected / (unit[:, None] * unit[None]))
    values, axes = np.linalg.eigh(scaled)
    poor = np.flatnonzero(values[:, 0] < LEAST_CURVATURE)
    if len(poor):
        scaled[poor] = to_stack(observed[:, :, poor] / (unit[:, None, poor] * unit[None, :, poor]))
        values[poor], axes[poor] = np.linalg.eigh(scaled[poor])
    values = np.maximum(np.abs(values), LEAST_CURVATURE)
    turned = np.einsum("bij,ib->bj", axes, gradient / unit) / values
    return np.asarray(np.einsum("bij,bj->ib", axes, turned) / unit)


def search(
    problem: Problem, point: Point, step: FloatArray, decrement: FloatArray, rules: Rules
) -> tuple[Point, BoolArray]:
    """Halve the step until the value falls enough; says which members moved."""
    trial = problem.point(point.z - step)
    size = np.ones(step.shape[1])
    moved = _pays(point, trial, size, decrement)
    if moved.all():
        return trial, moved
    waiting = np.flatnonzero(~moved)
    for _ in range(rules.halvings):
        if not len(waiting):
            break
        size[waiting] *= 0.5
        part = problem.take(waiting)
        new = part.point(point.z[:, waiting] - size[waiting] * step[:, waiting])
        merge_point(trial, waiting, new)
        waiting = waiting[~_pays(pick_point(point, waiting), new, size[waiting], decrement[waiting])]
    moved = np.ones(step.shape[1], dtype=np.bool_)
    if len(waiting):
        moved[waiting] = False
        merge_point(trial, waiting, pick_point(point, waiting))
    return trial, moved


def _pays(before: Point, after: Point, size: FloatArray, decrement: FloatArray) -> BoolArray:
    """Armijo's rule, with room for rounding error."""
    slack = 1e-13 * (1 + np.abs(before.value))
    paid: BoolArray = after.value <= before.value - 1e-4 * size * decrement + slack
    return paid
