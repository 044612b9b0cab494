"""Unrestricted moments of incomplete rows by maximum likelihood.

A few steps of the EM algorithm, then Newton's method, which leaves rounding error only; where
Newton's method does not pay (little overlap between variables), more EM steps.

References
----------
Dempster, Laird & Rubin (1977); Little & Rubin (2002), section 11.2.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.incomplete_normal import (
    Accumulated,
    accumulate,
    em_step,
    gradient,
    observed_information,
)
from surveykit.estimation.moments import lower_triangle
from surveykit.estimation.patterns import Patterns

FloatArray = NDArray[np.float64]

# EM steps before Newton's method is tried (again), at most; fewer where EM itself is quick.
STEPS, ROUNDS = 15, 100
# EM gives way to Newton's method where a step gains less than this in -2 log L / N ...
SLOW = 1e-10
# ... whose step leaves rounding error only if its decrement was below this.
CLOSE = 1e-11
# EM alone stops where a step gains less than this, or where the correlations become singular.
STILL, SINGULAR = 1e-14, 1e-9
# Above this many moments the information matrix costs more than EM steps save.
MOST_MOMENTS = 4000


class Saturated(NamedTuple):
    """Unrestricted moments: `mean` (p,), `cov` (p, p), -2 log L / N without its constant there.

    `value` is NaN where the covariance matrix is not positive definite.
    """

    mean: FloatArray
    cov: FloatArray
    value: float
    converged: bool


class Iterate(NamedTuple):
    """Where the maximisation stands: mu, Sigma and the sums there (None: Sigma is not positive definite).

    `settled` if no further step is needed.
    """

    mu: FloatArray
    sigma: FloatArray
    at: Accumulated | None
    settled: bool = False


def saturated(patterns: Patterns, start: tuple[FloatArray, FloatArray]) -> Saturated:
    """Maximise the likelihood of unrestricted moments from a positive definite start."""
    quick = len(start[0]) * (len(start[0]) + 3) // 2 <= MOST_MOMENTS
    quick = quick and bool((patterns.coverage > 0).all())
    here = Iterate(*start, accumulate(patterns, *start))
    for _ in range(ROUNDS):
        here = _em(here)
        while quick and here.at is not None and not here.settled:
            step = _newton(here, here.at)
            if step is None:
                break
            here = step
        if here.at is None or here.settled or _singular(here.sigma):
            break
    value = np.nan if here.at is None else here.at.value
    return Saturated(here.mu, here.sigma, value, here.settled)


def _em(here: Iterate) -> Iterate:
    """Several EM steps."""
    mu, sigma, at, _ = here
    for _ in range(STEPS):
        if at is None:
            break
        before = at.value
        mu, sigma = em_step(at, mu, sigma)
        at = accumulate(at.patterns, mu, sigma)
        gain = np.inf if at is None else (before - at.value) / (1 + abs(before))
        if gain < SLOW:
            return Iterate(mu, sigma, at, gain < STILL)
    return Iterate(mu, sigma, at)


def _singular(sigma: FloatArray) -> bool:
    scale = np.sqrt(np.diag(sigma))
    return bool(np.linalg.eigvalsh(sigma / np.outer(scale, scale))[0] < SINGULAR)


def _newton(here: Iterate, at: Accumulated) -> Iterate | None:
    """One step; None where it does not pay."""
    mu, sigma = here.mu, here.sigma
    slope, information = gradient(at), observed_information(at)
    diagonal = np.diag(information)
    if not (diagonal > 0).all():
        return None
    scale = 1 / np.sqrt(diagonal)
    information = information * scale[:, None] * scale
    try:
        np.linalg.cholesky(information)
    except np.linalg.LinAlgError:
        return None
    step = scale * np.linalg.solve(information, slope * scale)
    decrement = float(step @ slope)
    p = len(mu)
    row, column = lower_triangle(p)
    turn = np.empty((p, p))
    turn[row, column] = turn[column, row] = step[p:]
    room = 1e-13 * (1 + abs(at.value))
    for size in (1.0, 0.5, 0.25):
        better = mu - size * step[:p], sigma - size * turn
        found = accumulate(at.patterns, *better)
        if found is not None and found.value <= at.value - 0.2 * size * decrement + room:
            return Iterate(*better, found, size == 1.0 and decrement < CLOSE)
    return None
