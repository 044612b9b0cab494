"""Log-likelihoods of a normal model and of the saturated one, at summary statistics."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.saturated import IncompleteMoments
from surveykit.estimation.sem.engine import Solution

FloatArray = NDArray[np.float64]


class Likelihoods(NamedTuple):
    """Log-likelihood of the model and of the saturated model."""

    logl: float
    unrestricted: float


def likelihoods(solution: Solution) -> Likelihoods:
    """Both log-likelihoods; what fixed x contributes is left out of both.

    One follows from the other and the minimised function, which is minus twice their
    difference for one case.
    """
    sizes = np.array(solution.nobs, dtype=np.float64)
    above = 0.5 * float(sizes @ solution.objective_group)
    if solution.settings.missing == "ml":
        unrestricted = sum(_incomplete(solution, group) for group in range(len(sizes)))
        return Likelihoods(unrestricted - above, unrestricted)
    logl = sum(_complete(solution, group) for group in range(len(sizes)))
    return Likelihoods(logl, logl + above)


def _incomplete(solution: Solution, group: int) -> float:
    """Log-likelihood of the unrestricted moments of incomplete rows."""
    sample, x = solution.moments[group], fixed_x(solution, group)
    assert isinstance(sample, IncompleteMoments)
    return sample.logl() - (sample.logl(x) if len(x) else 0.0)


def _complete(solution: Solution, group: int) -> float:
    """Log-likelihood of the model at summary statistics."""
    sample, implied = solution.moments[group], solution.implied[group]
    mean = sample.mean if implied.mu is not None else None
    mu = implied.mu[0] if implied.mu is not None else None
    logl = normal_logl(sample.n, sample.cov, implied.sigma[0], mean, mu)
    x = fixed_x(solution, group)
    if len(x):
        part = sample.cov[np.ix_(x, x)]
        logl -= normal_logl(sample.n, part, part)
    return logl


def normal_logl(
    n: int, cov: FloatArray, sigma: FloatArray, mean: FloatArray | None = None, mu: FloatArray | None = None
) -> float:
    """Log-likelihood of n normal cases with moments `cov`, `mean` under `sigma`, `mu`."""
    sign, logdet = np.linalg.slogdet(sigma)
    if sign <= 0:
        return math.nan
    weight = np.linalg.inv(sigma)
    value = len(cov) * math.log(2 * math.pi) + float(logdet) + float(np.sum(weight * cov))
    if mean is not None and mu is not None:
        value += float((mean - mu) @ weight @ (mean - mu))
    return -0.5 * n * value


def fixed_x(solution: Solution, group: int) -> NDArray[np.int64]:
    """Index of the fixed exogenous variables of one group among its observed ones."""
    layout = solution.representation.groups[group]
    return np.unique(layout.phantom_of[layout.exogenous.i])
