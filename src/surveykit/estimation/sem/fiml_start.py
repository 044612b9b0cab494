"""Where full information maximum likelihood starts: at the fit to the unrestricted moments."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.moments import SampleMoments
from surveykit.estimation.sem.gaussian import GaussianGroup
from surveykit.estimation.sem.linalg import spd_inverse
from surveykit.estimation.sem.newton import BATCH, minimise
from surveykit.estimation.sem.prepared import Prepared

FloatArray = NDArray[np.float64]


def start_at_moments(prepared: Prepared, moments: Sequence[SampleMoments], sizes: FloatArray) -> FloatArray:
    """Estimates (n_free,) as if the unrestricted moments came from complete cases.

    Each step there costs a fraction of one over all patterns, and few of those remain.
    """
    groups = []
    for model, sample in zip(prepared.groups, moments, strict=True):
        cov = sample.cov[:, :, None]
        groups.append(GaussianGroup(model, cov, sample.mean[:, None], spd_inverse(cov)[1]))
    problem = prepared.problem(groups, sizes)
    found = minimise(problem, problem.reduce(prepared.start[:, None]), BATCH)
    return problem.expand(found.z)[:, 0] if found.converged[0] else prepared.start
