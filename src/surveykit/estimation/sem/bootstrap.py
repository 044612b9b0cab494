"""Bootstrap replicates of a fitted model, in chunks that any worker can run.

Each replicate has a seed of its own, spawned from one, so the numbers do not depend on
how the replicates are divided among workers.

References
----------
Efron & Tibshirani (1993); Bollen & Stine (1992), doi:10.1177/0049124192021002004.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.errors import SurveykitError
from surveykit.estimation.moments import SampleMoments, moments_of_cases
from surveykit.estimation.sem.batch import (
    BatchFit,
    Stack,
    admissible,
    can_stack,
    fit_stacks,
    shared_inverse,
    weighted_moments,
)
from surveykit.estimation.sem.engine import Solution
from surveykit.estimation.sem.linalg import inverse
from surveykit.estimation.sem.newton import BATCH
from surveykit.estimation.sem.parameter_table import ParameterTable
from surveykit.estimation.sem.prepared import Prepared
from surveykit.estimation.sem.settings import Settings
from surveykit.estimation.sem.solve import solve
from surveykit.estimation.threads import one_thread

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

KINDS = ("nonparametric", "bollen.stine", "parametric")


class Replicates(NamedTuple):
    """One row a replicate, in their order.

    `x` (R, n_free), NaN where a replicate failed; `chisq` (R,); `converged`, `admissible` (R,):
    inadmissible ones are kept, as in lavaan.
    """

    x: FloatArray
    chisq: FloatArray
    converged: BoolArray
    admissible: BoolArray

    @property
    def failed(self) -> int:
        return int((~self.converged).sum())

    @property
    def inadmissible(self) -> int:
        return int((self.converged & ~self.admissible).sum())


def join(parts: Sequence[Replicates]) -> Replicates:
    """Chunks put together, in the order given."""
    return Replicates(*(np.concatenate(one) for one in zip(*parts, strict=True)))


@dataclass(frozen=True)
class Bootstrap:
    """What a worker needs to make any of the replicates; can be pickled.

    `moments` hold the cases that are drawn from (transformed for Bollen and Stine's);
    `start` the estimates; `implied` covariances and means for the parametric kind.
    """

    table: ParameterTable
    settings: Settings
    moments: tuple[SampleMoments, ...]
    start: FloatArray
    kind: str
    seed: int | None
    implied: tuple[tuple[FloatArray, FloatArray], ...] = ()

    def run(self, first: int, last: int) -> Replicates:
        """Replicates number `first` to `last` - 1."""
        with one_thread():
            prepared = Prepared(self.table, self.settings)
            sequence = np.random.SeedSequence(self.seed)
            seeds = [
                np.random.SeedSequence(sequence.entropy, spawn_key=(number,)) for number in range(first, last)
            ]
            if can_stack(prepared) and not self.settings.clustered:
                return self._stacked(prepared, seeds)
            return join([self._one(prepared, seed) for seed in seeds])

    def _stacked(self, prepared: Prepared, seeds: list[np.random.SeedSequence]) -> Replicates:
        stacks = self._simulated(seeds) if self.kind == "parametric" else self._resampled(seeds)
        inverse = shared_inverse(prepared, self.moments, self.start)
        fit = fit_stacks(prepared, stacks, self.sizes, self.start, inverse=inverse)
        return Replicates(fit.x, self._chisq(fit.objective), fit.converged, fit.admissible)

    @property
    def sizes(self) -> FloatArray:
        return np.array([sample.n for sample in self.moments], dtype=np.float64)

    def _chisq(self, objective: FloatArray) -> FloatArray:
        less = 1.0 if self.settings.n_minus_one else 0.0
        return np.asarray(np.maximum(objective, 0.0) @ (self.sizes - less))

    def _resampled(self, seeds: list[np.random.SeedSequence]) -> list[Stack]:
        counts = [np.empty((len(seeds), sample.n)) for sample in self.moments]
        for place, seed in enumerate(seeds):
            for rows, drawn in zip(counts, self._draw(seed), strict=True):
                rows[place] = np.bincount(drawn, minlength=rows.shape[1])
        divide = self.settings.divide_by_n
        return [weighted_moments(one, rows, divide) for one, rows in zip(self.moments, counts, strict=True)]

    def _draw(self, seed: np.random.SeedSequence) -> Iterator[IntArray]:
        """Indices of the cases of one replicate, group by group; whole clusters where there are any."""
        rng = np.random.Generator(np.random.PCG64(seed))
        for sample in self.moments:
            if sample.cluster is None:
                yield rng.integers(0, sample.n, sample.n)
                continue
            members = [np.flatnonzero(sample.cluster == one) for one in np.unique(sample.cluster)]
            chosen = rng.integers(0, len(members), len(members))
            yield np.concatenate([members[one] for one in chosen])

    def _simulated(self, seeds: list[np.random.SeedSequence]) -> list[Stack]:
        """Moments of normal samples from the model."""
        found: list[list[tuple[FloatArray, FloatArray]]] = [[] for _ in self.moments]
        for seed in seeds:
            rng = np.random.Generator(np.random.PCG64(seed))
            for at, (sample, (cov, mean)) in enumerate(zip(self.moments, self.implied, strict=True)):
                cases = mean + rng.standard_normal((sample.n, len(mean))) @ np.linalg.cholesky(cov).T
                one = moments_of_cases(cases, sample.names, divide_by_n=self.settings.divide_by_n)
                found[at].append((one.cov, one.mean))
        return [Stack(*(np.stack(one, axis=-1) for one in zip(*pairs, strict=True))) for pairs in found]

    def _one(self, prepared: Prepared, seed: np.random.SeedSequence) -> Replicates:
        """A single replicate from its cases: clusters, ordered or incomplete data, estimated weights."""
        failed = Replicates(
            np.full((1, self.table.n_free), np.nan),
            np.full(1, np.nan),
            np.zeros(1, dtype=np.bool_),
            np.zeros(1, dtype=np.bool_),
        )
        try:
            samples = tuple(
                sample.drawn(rows, self.settings.divide_by_n)
                for sample, rows in zip(self.moments, self._draw(seed), strict=True)
            )
            fit = fit_alone(prepared, samples, self.start)
        except (SurveykitError, np.linalg.LinAlgError):
            return failed
        if not fit.converged[0]:
            return failed
        return Replicates(fit.x, self._chisq(fit.objective), fit.converged, fit.admissible)


def fit_alone(prepared: Prepared, samples: tuple[SampleMoments, ...], start: FloatArray) -> BatchFit:
    """One sample from a given start, then from its own start values."""
    discrepancies = [prepared.discrepancy(at, sample) for at, sample in enumerate(samples)]
    problem = prepared.problem(discrepancies, np.array([sample.n for sample in samples], dtype=np.float64))
    found = solve(prepared, problem, start)
    if not found.converged:
        cold = Prepared.from_moments(prepared.table, samples, prepared.settings)
        found = solve(prepared, problem, cold.start)
    x = found.x[None]
    values = np.array([[float(one.point(found.x[:, None]).value[0]) for one in discrepancies]])
    converged = np.array([found.converged])
    return BatchFit(x, values, converged, admissible(prepared.representation, x) & converged)


def bootstrap(solution: Solution, kind: str = "nonparametric", seed: int | None = None) -> Bootstrap:
    """Replicates to be drawn for a solution; `run` makes them.

    Parameters
    ----------
    kind : {"nonparametric", "bollen.stine", "parametric"}
        Cases drawn with replacement within groups; the same after the cases have been
        transformed so that the model holds exactly; or normal samples from the model.
    seed : None draws one from the system; the same replicates then come from the same object only

    Raises
    ------
    SurveykitError
        M053 the kind does not go with the data.
    """
    usable = can_stack(Prepared(solution.table, solution.settings)) and not solution.settings.clustered
    if kind != "nonparametric" and not usable:
        raise SurveykitError("M053", kind=kind)
    moments = solution.moments
    implied: tuple[tuple[FloatArray, FloatArray], ...] = ()
    if kind == "bollen.stine":
        moments = tuple(_model_holds(solution, at) for at in range(len(moments)))
    if kind == "parametric":
        implied = tuple(
            (one.sigma[0], sample.mean if one.mu is None else one.mu[0])
            for one, sample in zip(solution.implied, moments, strict=True)
        )
    if seed is None:
        seed = int(np.random.SeedSequence().generate_state(1, np.uint64)[0])
    return Bootstrap(solution.table, solution.settings, moments, solution.x, kind, seed, implied)


def _model_holds(solution: Solution, at: int) -> SampleMoments:
    """The cases of a group, turned so that their moments are the implied ones."""
    sample, implied = solution.moments[at], solution.implied[at]
    turn = _root(inverse(sample.cov)) @ _root(implied.sigma[0])
    mean = sample.mean if implied.mu is None else implied.mu[0]
    cases = sample.centred @ turn + mean
    return moments_of_cases(
        cases, sample.names, divide_by_n=solution.settings.divide_by_n, label=sample.label
    )


def _root(matrix: FloatArray) -> FloatArray:
    """Symmetric square root."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T)


def jackknife(solution: Solution) -> FloatArray:
    """Estimates without each case in turn (n, n_free), groups one after the other; NaN where one failed."""
    prepared = Prepared(solution.table, solution.settings)
    rows = []
    with one_thread():
        for at, sample in enumerate(solution.moments):
            counts = np.ones((sample.n, sample.n)) - np.eye(sample.n)
            stacks = [
                weighted_moments(one, counts, solution.settings.divide_by_n)
                if place == at
                else Stack(*(np.repeat(part[..., None], sample.n, axis=-1) for part in (one.cov, one.mean)))
                for place, one in enumerate(solution.moments)
            ]
            sizes = np.array([one.n for one in solution.moments], dtype=np.float64)
            sizes[at] -= 1
            rules = replace(BATCH, gradient=1e-9)  # differences are small, and are cubed
            rows.append(fit_stacks(prepared, stacks, sizes, solution.x, rules).x)
    return np.concatenate(rows)
