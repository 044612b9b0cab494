"""The function to minimise, put together from a model and its data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.moments import SampleMoments
from surveykit.estimation.sem.gaussian import GaussianGroup
from surveykit.estimation.sem.linalg import spd_inverse
from surveykit.estimation.sem.model_lanes import GroupModel

FloatArray = NDArray[np.float64]


def gaussian_group(group: GroupModel, samples: Sequence[SampleMoments], least_squares: bool) -> GaussianGroup:
    """ML, or GLS where `least_squares`, for one group and a batch of samples."""
    cov = np.stack([sample.cov for sample in samples], axis=-1)
    mean = np.stack([sample.mean for sample in samples], axis=-1)
    inverse, logdet = spd_inverse(cov)
    return GaussianGroup(group, cov, mean, logdet, inverse if least_squares else None)
