"""Replications of a study: normal samples from a population, fitted all at once, with their standard errors.

Only the moments of a sample matter to normal-theory estimators, so they are drawn, not the cases:
the covariance matrix from its Wishart distribution by Bartlett's decomposition, the means beside it.

References
----------
Bartlett (1934), doi:10.1017/S0370164600018113; Muthen & Muthen (2002), doi:10.1207/S15328007SEM0904_8.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.moments import SampleMoments
from surveykit.estimation.sem.batch import (
    Stack,
    can_stack,
    fit_stacks,
    shared_inverse,
    stacked_discrepancy,
)
from surveykit.estimation.sem.constraints import Constraints
from surveykit.estimation.sem.engine import Solution
from surveykit.estimation.sem.linalg import cholesky, inverse, to_stack
from surveykit.estimation.sem.newton import Rules
from surveykit.estimation.sem.parameter_table import ParameterTable
from surveykit.estimation.sem.prepared import Prepared
from surveykit.estimation.sem.settings import Settings
from surveykit.estimation.threads import one_thread

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

# Replications are there to be averaged: estimates to four digits more than their standard error.
CLOSE = Rules(gradient=1e-6, decrement=1e-6, iterations=60, polish=False, scoring=np.inf)


class Replications(NamedTuple):
    """One row a replication, NaN where it failed: estimates and errors (R, k), `chisq` (R,).

    The k columns are the free parameters in the order of x, then the defined ones.
    """

    estimates: FloatArray
    errors: FloatArray
    chisq: FloatArray
    converged: BoolArray
    admissible: BoolArray


def join(parts: list[Replications]) -> Replications:
    """Chunks put together, in the order given."""
    return Replications(*(np.concatenate(one) for one in zip(*parts, strict=True)))


def can_replicate(solution: Solution) -> bool:
    """Whether moments alone decide about estimates, standard errors and test."""
    prepared = Prepared(solution.table, solution.settings)
    constraints = prepared.constraints
    curved = constraints.has_nonlinear or len(constraints.inequality_rows) > 0 or constraints.has_bounds
    settings = solution.settings
    plain = (settings.discrepancy, settings.se, settings.test[0]) == ("ML", "standard", "standard")
    information = (settings.information[0], settings.observed_information[0], settings.h1_information[0])
    usual = information[0] == "expected" or information[:2] == ("observed", "hessian")
    return can_stack(prepared) and plain and usual and information[2] == "structured" and not curved


@dataclass(frozen=True)
class MonteCarlo:
    """What a worker needs to make any chunk of the replications; can be pickled.

    `cov`, `mean` are the population's, one a group, in the order of the group's variables;
    `x` (n_free,) are the values that the model has in the population.
    """

    table: ParameterTable
    settings: Settings
    cov: tuple[FloatArray, ...]
    mean: tuple[FloatArray, ...]
    sizes: tuple[int, ...]
    x: FloatArray
    seed: int

    def run(self, chunk: int, count: int) -> Replications:
        """`count` replications; the same for the same number of the chunk, wherever it runs."""
        with one_thread():
            prepared = Prepared(self.table, self.settings)
            rng = np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(chunk,)))
            stacks = [self._drawn(rng, group, count) for group in range(len(self.sizes))]
            sizes = np.array(self.sizes, dtype=np.float64)
            population = [
                SampleMoments(group.layout.ov, size, cov, mean)
                for group, size, cov, mean in zip(
                    prepared.groups, self.sizes, self.cov, self.mean, strict=True
                )
            ]
            curvature = shared_inverse(prepared, population, self.x)
            fit = fit_stacks(prepared, stacks, sizes, self.x, CLOSE, curvature)
            found = np.flatnonzero(fit.converged)
            less = 1.0 if self.settings.n_minus_one else 0.0
            errors = np.full((count, self.table.n_free + len(prepared.constraints.defined_rows)), np.nan)
            kept = [one.take(found) for one in stacks]
            errors[found] = _errors(prepared, kept, sizes, fit.x[found], sizes.sum() - less * len(sizes))
            estimates = np.concatenate([fit.x, prepared.constraints.defined(fit.x)], axis=1)
            chisq = np.maximum(fit.objective, 0.0) @ (sizes - less)
            return Replications(estimates, errors, chisq, fit.converged, fit.admissible)

    def _drawn(self, rng: np.random.Generator, group: int, count: int) -> Stack:
        """Moments of `count` samples of one group."""
        n, p = self.sizes[group], len(self.mean[group])
        root = np.linalg.cholesky(self.cov[group])
        factor = np.tril(rng.standard_normal((count, p, p)), -1)
        diagonal = np.arange(p)
        factor[:, diagonal, diagonal] = np.sqrt(rng.chisquare(n - 1.0 - diagonal, (count, p)))
        half = root @ factor
        cov = half @ half.transpose(0, 2, 1) / (n if self.settings.divide_by_n else n - 1)
        mean = self.mean[group] + rng.standard_normal((count, p)) @ root.T / np.sqrt(n)
        return Stack(np.ascontiguousarray(cov.transpose(1, 2, 0)), np.ascontiguousarray(mean.T))


def _errors(
    prepared: Prepared, stacks: list[Stack], sizes: FloatArray, x: FloatArray, divisor: float
) -> FloatArray:
    """Standard errors of free and defined parameters, (R, k); NaN where the information has no inverse."""
    groups = [stacked_discrepancy(prepared, at, stack) for at, stack in enumerate(stacks)]
    problem = prepared.problem(groups, sizes)
    observed = prepared.settings.information[0] == "observed"
    point = problem.point(np.asarray(problem.reduce(x.T)))
    information = 0.5 * to_stack(problem.hessian(point, observed=observed))
    _, good = cholesky(information)
    information[~good] = np.eye(information.shape[1])
    vcov = inverse(information) / divisor
    if problem.basis is not None:
        vcov = problem.basis @ vcov @ problem.basis.T
    return np.where(good[:, None], np.sqrt(_variances(prepared.constraints, vcov, x)), np.nan)


def _variances(constraints: Constraints, vcov: FloatArray, x: FloatArray) -> FloatArray:
    """Of free parameters, and of defined ones by the delta method."""
    own = np.einsum("bii->bi", vcov)
    if not len(constraints.defined_rows):
        return np.asarray(np.maximum(own, 0.0))
    slopes = constraints.defined_jacobian(x)
    defined = ((slopes @ vcov) * slopes).sum(axis=2)
    return np.asarray(np.maximum(np.concatenate([own, defined], axis=1), 0.0))
