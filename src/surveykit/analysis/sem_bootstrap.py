"""Bootstrap of a fitted model: replicates over processes, their standard errors, Bollen and Stine's test."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from surveykit.analysis.sem_options import Request
from surveykit.errors import Note, note
from surveykit.estimation.sem.bootstrap import Bootstrap, Replicates, bootstrap, join
from surveykit.estimation.sem.chisquare import TestStatistic
from surveykit.estimation.sem.engine import Solution

FloatArray = NDArray[np.float64]

# Replicates in one task. Fixed, so that the numbers do not depend on how many workers there are.
CHUNK = 250


def _seed(request: Request) -> int | None:
    """A whole number written as a float is a number still."""
    return None if request["seed"] is None else int(request["seed"])


def resampled(solution: Solution, request: Request) -> tuple[Solution, FloatArray | None, list[Note]]:
    """The solution with bootstrap errors and test as asked for, the estimates of the replicates, notes."""
    draws = request.bootstrap_draws
    if not draws or not solution.converged:
        return solution, None, []
    estimates: FloatArray | None = None
    notes: list[Note] = []
    if request.se == "bootstrap":
        found = run(bootstrap(solution, seed=_seed(request)), draws, int(request["n_jobs"]))
        estimates = found.x[found.converged]
        centred = estimates - estimates.mean(axis=0) if len(estimates) else estimates
        vcov = centred.T @ centred / len(estimates) if len(estimates) > 1 else None  # divisor R, as lavaan
        solution = replace(solution, vcov=vcov)
        notes += _told(found, draws)
    if request.bollen_stine:
        found = run(bootstrap(solution, "bollen.stine", _seed(request)), draws, int(request["n_jobs"]))
        solution = replace(solution, tests=(*solution.tests, _bollen_stine(solution, found)))
        notes += _told(found, draws)
    return solution, estimates, notes


def run(plan: Bootstrap, draws: int, n_jobs: int) -> Replicates:
    """All replicates, in chunks; joblib's backend (processes, or a Dask cluster) decides where."""
    chunks = [(first, min(first + CHUNK, draws)) for first in range(0, draws, CHUNK)]
    if n_jobs == 1:
        return join([plan.run(*chunk) for chunk in chunks])
    from joblib import Parallel, delayed

    parts = Parallel(n_jobs=n_jobs)(delayed(plan.run)(*chunk) for chunk in chunks)
    return join(parts)


def _bollen_stine(solution: Solution, found: Replicates) -> TestStatistic:
    """The share of replicates, drawn where the model holds, with a larger chi-square."""
    standard = solution.tests[0]
    share = (
        float(np.mean(found.chisq[found.converged] > standard.stat))
        if found.converged.any()
        else float("nan")
    )
    return replace(standard, test="bollen.stine", pvalue=share, refdistr="bootstrap")


def _told(found: Replicates, draws: int) -> list[Note]:
    """Both counts, as lavaan prints them."""
    notes = []
    if found.failed:
        notes.append(note("M110", failed=found.failed, asked=draws))
    if found.inadmissible:
        notes.append(note("M111", count=found.inadmissible, used=draws - found.failed))
    return notes
