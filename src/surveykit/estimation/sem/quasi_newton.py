"""Many minimisations near a common solution: L-BFGS in lanes, started from one shared Hessian.

Resamples differ from the sample they come from, but not by much: the inverse Hessian at
its solution, rescaled by the ratio of expected curvatures, is a good first guess for all of
them, and what each member's own curvature adds is learnt from its gradients. A step costs
a gradient and one product of matrices for the whole batch, where Newton's method would
assemble and factorise a Hessian a member. Members that do not converge are left to
Newton's method.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.sem.newton import Rules
from surveykit.estimation.sem.problem import Problem

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

MEMORY = 10
ITERATIONS = 25
HALVINGS = 6
RESCALED = 4  # iterations after which the scale of the shared Hessian is kept
SPARSE = 0.7  # share of members still at work below which the others leave the batch


class State(NamedTuple):
    """Where members are: z, gradient and `curvature` (n_z, batch), value (batch,).

    `curvature` is the expected second derivative along each element of z.
    """

    z: FloatArray
    gradient: FloatArray
    curvature: FloatArray
    value: FloatArray

    def take(self, members: IntArray) -> State:
        return State(*(one[..., members] for one in self))

    def replaced(self, members: BoolArray, other: State) -> State:
        """The other state where `members` is True."""
        return State(*(np.where(members, theirs, mine) for mine, theirs in zip(self, other, strict=True)))


class Pair(NamedTuple):
    """A step and the change in the gradient it made (n_z, batch); `rate` (batch,) 1 / (step' change) or 0."""

    step: FloatArray
    change: FloatArray
    rate: FloatArray

    def take(self, members: IntArray) -> Pair:
        return Pair(*(one[..., members] for one in self))


class Reached(NamedTuple):
    """Best z (n_z, batch) of each member, and which have converged (batch,)."""

    z: FloatArray
    converged: BoolArray


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def approach(problem: Problem, z: FloatArray, rules: Rules, inverse: FloatArray) -> Reached:
    """Minimise from z (n_z, batch); `inverse` (n_z, n_z) is the shared inverse Hessian."""
    reached = Reached(z.copy(), np.zeros(z.shape[1], dtype=np.bool_))
    members, pairs = np.arange(z.shape[1]), list[Pair]()
    state = _state(problem, z, 0)
    first, unit = state.curvature, np.ones_like(z)
    working = np.isfinite(state.value)
    for iteration in range(1, ITERATIONS + 1):
        if iteration <= RESCALED + 1:
            unit = np.sqrt(first / state.curvature)
        step = _direction(state.gradient, inverse, unit, pairs)
        decrement = np.einsum("kb,kb->b", state.gradient, step)
        slope = np.abs(state.gradient).max(axis=0, initial=0.0)
        done = working & (slope <= rules.gradient) & (decrement <= rules.decrement)
        reached.converged[members[done]] = True
        working &= ~done & (decrement > 0)
        reached.z[:, members] = state.z
        if not working.any():
            break
        if working.mean() < SPARSE:
            stay = np.flatnonzero(working)
            members, working, problem = members[stay], working[stay], problem.take(stay)
            state, pairs = state.take(stay), [pair.take(stay) for pair in pairs]
            first, unit, step, decrement = (one[..., stay] for one in (first, unit, step, decrement))
        before = state
        state, moved = _search(problem, before, np.where(working, step, 0.0), decrement, working, iteration)
        working &= moved
        pairs = [*pairs[-(MEMORY - 1) :], _pair(before, state)]
    return reached


def _state(problem: Problem, z: FloatArray, iteration: int) -> State:
    """Value, gradient and, while it is needed, curvature at z."""
    point = problem.point(z)
    curvature = problem.expected_diagonal(point) if iteration <= RESCALED else np.ones_like(z)
    return State(point.z, point.gradient, curvature, point.value)


def _direction(gradient: FloatArray, inverse: FloatArray, unit: FloatArray, pairs: list[Pair]) -> FloatArray:
    """Approximate inverse Hessian times the gradient: the two loops of L-BFGS."""
    right = gradient.copy()
    shares = []
    for pair in reversed(pairs):
        share = pair.rate * np.einsum("kb,kb->b", pair.step, right)
        right -= share * pair.change
        shares.append(share)
    left: FloatArray = unit * (inverse @ (unit * right))
    for pair, share in zip(pairs, reversed(shares), strict=True):
        left += (share - pair.rate * np.einsum("kb,kb->b", pair.change, left)) * pair.step
    return left


def _pair(before: State, after: State) -> Pair:
    step, change = after.z - before.z, after.gradient - before.gradient
    product = np.einsum("kb,kb->b", step, change)
    usable = product > 1e-12 * np.einsum("kb,kb->b", change, change)
    return Pair(step, change, np.where(usable, 1 / np.where(usable, product, 1.0), 0.0))


def _search(
    problem: Problem,
    state: State,
    step: FloatArray,
    decrement: FloatArray,
    working: BoolArray,
    iteration: int,
) -> tuple[State, BoolArray]:
    """Armijo's rule; says which members moved, the others stay where they are."""
    slack = 1e-13 * (1 + np.abs(state.value))
    trial = _state(problem, state.z - step, iteration)
    size = np.ones(step.shape[1])
    moved = (trial.value <= state.value - 1e-4 * decrement + slack) | ~working
    for _ in range(HALVINGS):
        waiting = np.flatnonzero(~moved)
        if not len(waiting):
            break
        size[waiting] *= 0.5
        z = state.z[:, waiting] - size[waiting] * step[:, waiting]
        shorter = _state(problem.take(waiting), z, iteration)
        for mine, theirs in zip(trial, shorter, strict=True):
            mine[..., waiting] = theirs
        target = (state.value - 1e-4 * size * decrement + slack)[waiting]
        moved[waiting] = shorter.value <= target
    return state.replaced(moved, trial) if not moved.all() else trial, moved
