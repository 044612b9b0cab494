"""One model fitted to many samples at once: resamples, simulated data, leave-one-out samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.moments import SampleMoments, lower_triangle
from surveykit.estimation.sem.gaussian import GaussianGroup
from surveykit.estimation.sem.least_squares import LeastSquaresGroup
from surveykit.estimation.sem.linalg import cholesky, spd_inverse
from surveykit.estimation.sem.linalg import inverse as inverse_of
from surveykit.estimation.sem.matrices import Representation, total_effects
from surveykit.estimation.sem.newton import BATCH, Rules, minimise
from surveykit.estimation.sem.prepared import Prepared
from surveykit.estimation.sem.problem import GroupDiscrepancy, Problem
from surveykit.estimation.sem.quasi_newton import approach
from surveykit.estimation.sem.solve import is_flat, solve, starts_from, trust_region
from surveykit.estimation.sem.start_values import group_starts

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

# A chunk of lanes should stay in the second-level cache: with Newton's Hessians, or with a few
# matrices of the observed variables.
HESSIAN_NUMBERS, MOMENT_NUMBERS = 400_000, 120_000


class Stack(NamedTuple):
    """Sample moments of one group for a whole batch: `cov` (p, p, batch), `mean` (p, batch)."""

    cov: FloatArray
    mean: FloatArray

    def take(self, members: IntArray | slice) -> Stack:
        return Stack(self.cov[..., members], self.mean[..., members])


class Ended(Protocol):
    """Where a minimiser left each member: z (n_z, batch), and whether it converged (batch,)."""

    @property
    def z(self) -> FloatArray: ...
    @property
    def converged(self) -> BoolArray: ...


class BatchFit(NamedTuple):
    """One row a member: `x` (batch, n_free), NaN where it failed; `objective` (batch, n_groups).

    `admissible` says whether variances are not negative and covariance matrices of latent
    variables and of residuals positive definite.
    """

    x: FloatArray
    objective: FloatArray
    converged: BoolArray
    admissible: BoolArray


def weighted_moments(sample: SampleMoments, counts: FloatArray, divide_by_n: bool) -> Stack:
    """Moments of resamples that hold each case `counts` (batch, n) times."""
    i, j = lower_triangle(len(sample.names))
    centred = sample.centred
    size = counts.sum(axis=1)
    shift = (counts @ centred / size[:, None]).T
    second = (counts @ (centred[:, i] * centred[:, j]) / size[:, None]).T
    second -= shift[i] * shift[j]
    if not divide_by_n:
        second *= size / (size - 1)
    p = centred.shape[1]
    cov = np.empty((p, p, len(counts)))
    cov[i, j] = cov[j, i] = second
    return Stack(cov, shift + sample.mean[:, None])


def can_stack(prepared: Prepared) -> bool:
    """Whether moments alone decide: neither weights estimated from the cases nor missing values."""
    settings = prepared.settings
    return settings.discrepancy in ("ML", "GLS", "ULS") and not (
        settings.categorical or settings.missing in ("ml", "two.stage", "robust.two.stage")
    )


def fit_stacks(
    prepared: Prepared,
    stacks: Sequence[Stack],
    sizes: FloatArray,
    start: FloatArray,
    rules: Rules = BATCH,
    inverse: FloatArray | None = None,
) -> BatchFit:
    """Fit every member of a batch, from `start` (n_free,) and, where that fails, from starts of its own.

    `inverse` (n_z, n_z) is the inverse Hessian in the free directions at `start`, for the sample that
    the members resemble.
    """
    batch = stacks[0].mean.shape[1]
    parts = []
    chunks = -(-batch // _chunk(prepared, inverse is not None))
    edges = np.linspace(0, batch, chunks + 1).astype(np.int64)
    for first, last in pairwise(edges):
        members = slice(first, last)
        parts.append(
            _fit_chunk(prepared, [one.take(members) for one in stacks], sizes, start, rules, inverse)
        )
    return BatchFit(*(np.concatenate(one) for one in zip(*parts, strict=True)))


def shared_inverse(prepared: Prepared, moments: Sequence[SampleMoments], x: FloatArray) -> FloatArray | None:
    """Inverse Hessian in the free directions at x for some data; None where it is not positive definite."""
    groups = [prepared.discrepancy(at, sample) for at, sample in enumerate(moments)]
    problem = prepared.problem(groups, np.array([sample.n for sample in moments], dtype=np.float64))
    hessian = problem.hessian(problem.point(problem.reduce(x[:, None])))[:, :, 0]
    return inverse_of(hessian) if cholesky(hessian[None])[1][0] else None


def _chunk(prepared: Prepared, gradients_only: bool) -> int:
    """Members to be fitted together."""
    if gradients_only:
        size = max(group.plan.p for group in prepared.groups) ** 2
        return int(np.clip(MOMENT_NUMBERS // size, 64, 512))
    size = max(group.plan.q for group in prepared.groups) ** 2
    return int(np.clip(HESSIAN_NUMBERS // size, 16, 512))


def _fit_chunk(
    prepared: Prepared,
    stacks: list[Stack],
    sizes: FloatArray,
    start: FloatArray,
    rules: Rules,
    inverse: FloatArray | None,
) -> BatchFit:
    batch = stacks[0].mean.shape[1]
    discrepancies = [stacked_discrepancy(prepared, at, stack) for at, stack in enumerate(stacks)]
    usable = _usable(discrepancies, batch)
    problem = prepared.problem(discrepancies, sizes)
    x = np.full((prepared.constraints.n_free, batch), np.nan)
    converged = np.zeros(batch, dtype=np.bool_)
    sqp = _needs_sqp(prepared)
    for method, starts in () if sqp else _attempts(prepared, stacks, start, inverse):
        left = np.flatnonzero(usable & ~converged)
        if not len(left):
            break
        end = method(problem.take(left), np.array(problem.reduce(starts(left))), rules)
        good = left[end.converged]
        x[:, good] = problem.expand(end.z[:, end.converged])
        converged[good] = True
    for member in np.flatnonzero(usable & ~converged):
        single = problem.take(np.array([member]))
        if sqp:
            found = _with_constraints(prepared, single, start)
        else:
            mine = own_start(prepared, [one.take(np.array([member])) for one in stacks])
            found = _last_resort(single, (mine, start))
        if found is not None:
            x[:, member], converged[member] = found, True
    objective = np.array([one.point(x).value for one in discrepancies]).T
    return BatchFit(x.T, objective, converged, admissible(prepared.representation, x.T) & converged)


def _needs_sqp(prepared: Prepared) -> bool:
    constraints = prepared.constraints
    return constraints.has_nonlinear or len(constraints.inequality_rows) > 0 or constraints.has_bounds


def stacked_discrepancy(prepared: Prepared, at: int, stack: Stack) -> GroupDiscrepancy:
    """One group's discrepancy for a whole batch."""
    group, kind = prepared.groups[at], prepared.settings.discrepancy
    if kind == "ULS":
        i, j = lower_triangle(len(stack.mean))
        observed = stack.cov[i, j]
        if group.meanstructure:
            observed = np.concatenate([stack.mean, observed])
        return LeastSquaresGroup(group, observed, np.ones_like(observed), stack.cov, stack.mean)
    inverted, logdet = spd_inverse(stack.cov)
    return GaussianGroup(group, stack.cov, stack.mean, logdet, inverted if kind == "GLS" else None)


def _usable(discrepancies: list[GroupDiscrepancy], batch: int) -> BoolArray:
    """Which members have positive definite sample covariance matrices, where the estimator needs them."""
    fine = np.ones(batch, dtype=np.bool_)
    for one in discrepancies:
        if isinstance(one, GaussianGroup):
            fine &= np.isfinite(one.logdet)
    return fine


def _attempts(
    prepared: Prepared, stacks: list[Stack], start: FloatArray, inverse: FloatArray | None
) -> Iterator[tuple[Callable[[Problem, FloatArray, Rules], Ended], Callable[[IntArray], FloatArray]]]:
    """Methods, and start values (n_free, members): those given, each member's own, plain ones."""

    def common(members: IntArray) -> FloatArray:
        return np.repeat(start[:, None], len(members), axis=1)

    if inverse is not None:
        yield partial(approach, inverse=inverse), common
    yield minimise, common
    kept: dict[int, list[FloatArray]] = {}

    def own(members: IntArray, kind: int) -> FloatArray:
        for member in members:
            if member not in kept:
                mine = own_start(prepared, [one.take(np.array([member])) for one in stacks])
                kept[member] = list(starts_from(prepared, mine))
        return np.array([kept[member][kind] for member in members]).T

    for kind in range(3):
        yield minimise, partial(own, kind=kind)


def _last_resort(single: Problem, starts: tuple[FloatArray, ...]) -> FloatArray | None:
    """A trust region for one member."""
    for start in starts:
        end = trust_region(single, single.reduce(start[:, None]))
        if end.converged[0] or is_flat(single, end):
            return single.expand(end.z)[:, 0]
    return None


def _with_constraints(prepared: Prepared, single: Problem, start: FloatArray) -> FloatArray | None:
    """One member whose constraints are not linear."""
    try:
        found = solve(prepared, single, start)
    except np.linalg.LinAlgError:
        return None
    return found.x if found.converged else None


def own_start(prepared: Prepared, stacks: list[Stack]) -> FloatArray:
    """Start values from a member's own moments; the user's start values stay."""
    table = prepared.table
    values = table.start.copy()
    for group, stack in zip(prepared.groups, stacks, strict=True):
        layout = group.layout
        n = 0
        sample = SampleMoments(layout.ov, n, stack.cov[:, :, 0], stack.mean[:, 0])
        rows = layout.cells.row
        open_rows = np.isnan(table.ustart[rows])
        values[rows[open_rows]] = group_starts(layout, sample)[open_rows]
    free = np.flatnonzero(table.free)
    return values[free[np.argsort(table.free[free])]]


def admissible(representation: Representation, x: FloatArray) -> BoolArray:
    """Which rows of x (batch, n_free) have no negative variance and proper covariance matrices."""
    fine = np.asarray(np.isfinite(x).all(axis=1), dtype=np.bool_)
    safe = np.where(fine[:, None], x, 0.0)
    for group, layout in enumerate(representation.groups):
        matrices = representation.fill(safe, group)
        numeric = np.flatnonzero(~layout.ordered)
        theta = matrices["theta"][:, numeric[:, None], numeric]
        latent = np.arange(layout.n_latent)
        total = total_effects(matrices)
        eta = (total @ matrices["psi"] @ total.transpose(0, 2, 1))[:, latent[:, None], latent]
        psi = matrices["psi"]
        fine &= (np.einsum("bii->bi", theta) >= 0).all(axis=1) & (np.einsum("bii->bi", psi) >= 0).all(axis=1)
        fine &= _not_negative(theta) & _not_negative(eta)
    return fine


def _not_negative(stack: FloatArray) -> BoolArray:
    """Whether no eigenvalue is negative beyond rounding."""
    if not stack.shape[1]:
        return np.ones(len(stack), dtype=np.bool_)
    if not stack[:, ~np.eye(stack.shape[1], dtype=np.bool_)].any():
        return np.ones(len(stack), dtype=np.bool_)  # diagonal: looked at already
    floor = -(np.finfo(np.float64).eps ** 0.75)
    return np.asarray(np.linalg.eigvalsh(stack)[:, 0] >= floor)
