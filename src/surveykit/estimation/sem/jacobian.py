"""The Jacobian of all implied moments: for weight matrices that have no structure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.moments import lower_triangle
from surveykit.estimation.sem.gathers import Gathers, Model, slopes_of_mean

FloatArray = NDArray[np.float64]


def columns_of(plan: Gathers, model: Model) -> FloatArray:
    """G = [I, Lambda A, Lambda C] (p, width, batch)."""
    batch = model.sigma.shape[2]
    identity = np.broadcast_to(np.eye(plan.p)[:, :, None], (plan.p, plan.p, batch))
    return np.concatenate([identity, model.columns], axis=1)


def moment_jacobian(plan: Gathers, model: Model) -> FloatArray:
    """d[mu, vech Sigma] (s, q, batch); without means d vech Sigma."""
    g = columns_of(plan, model)
    row, column = lower_triangle(plan.p)
    u, v = g[:, plan.u], g[:, plan.v]
    covariance = plan.c[:, None] * (u[row] * v[column] + v[row] * u[column])
    if model.mu is None:
        return covariance
    return np.concatenate([slopes_of_mean(plan, model) * u, covariance])
