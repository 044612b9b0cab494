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
    own = _incomplete if solution.settings.missing == "ml" else _complete
    unrestricted = sum(own(solution, group) for group in range(len(sizes)))
    return Likelihoods(unrestricted - above, unrestricted)


def _incomplete(solution: Solution, group: int) -> float:
    """Log-likelihood of the unrestricted moments of incomplete rows."""
    sample, x = solution.moments[group], solution.representation.groups[group].fixed_x
    assert isinstance(sample, IncompleteMoments)
    return sample.logl() - (sample.logl(x) if len(x) else 0.0)


def _complete(solution: Solution, group: int) -> float:
    """Log-likelihood of the sample's own moments."""
    sample, x = solution.moments[group], solution.representation.groups[group].fixed_x
    return saturated_logl(sample.n, sample.cov) - saturated_logl(sample.n, sample.cov[np.ix_(x, x)])


def saturated_logl(n: int, cov: FloatArray) -> float:
    """Log-likelihood of n normal cases under their own moments."""
    sign, logdet = np.linalg.slogdet(cov)
    value = len(cov) * (math.log(2 * math.pi) + 1.0) + float(logdet)
    return -0.5 * n * value if sign > 0 else math.nan
