"""psych's approximation of the greatest lower bound: communalities of as many factors as are positive."""

from __future__ import annotations

import numpy as np

from surveykit.estimation.factor_extraction import degrees_of_freedom, extract
from surveykit.estimation.item_moments import FloatArray


def factor_lower_bound(R: FloatArray) -> float:
    """psych::glb.fa: minres with one factor per positive eigenvalue of the reduced correlation matrix."""
    p = R.shape[0]
    m = int(np.sum(extract(R, 1, "minres").eigenvalues > 0))
    if degrees_of_freedom(p, m) < 0:
        m -= 1
    m = min(max(m, 1), p - 1)
    communality = 1 - extract(R, m, "minres").uniqueness
    return float((R.sum() - p + communality.sum()) / R.sum())
