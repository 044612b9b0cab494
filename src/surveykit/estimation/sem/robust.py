"""Covariance matrices of the estimates: from the information, or sandwiches that trust less.

References
----------
Browne (1984), doi:10.1111/j.2044-8317.1984.tb00789.x; Satorra & Bentler (1994);
Yuan & Bentler (2000), doi:10.1111/0081-1750.00078; White (1982), doi:10.2307/1912526.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.sem.information import Fitted
from surveykit.estimation.sem.settings import Settings

FloatArray = NDArray[np.float64]

SANDWICH_OF_MOMENTS = (
    "robust.sem", "robust.sem.nt", "robust.cluster.sem", "two.stage", "robust.two.stage",
)  # fmt: skip
SANDWICH_OF_SCORES = ("robust.huber.white", "robust.cluster")


class Covariance(NamedTuple):
    """`vcov` (n_free, n_free) or None if the model is not identified, and the unit information behind it."""

    vcov: FloatArray | None
    information: FloatArray


def influence_kind(information: str, h1: str) -> str:
    """Which weights stand for the saturated model's information (see `GroupInference.influence`)."""
    if h1 == "unstructured":
        return "unstructured"
    return "observed" if information == "observed" else "structured"


def covariance(fitted: Fitted, settings: Settings, divisor: float) -> Covariance:
    """Covariance matrix of x; `divisor` is N, or N - G where S has the divisor N - 1."""
    kind, observed, h1 = (
        settings.information[0],
        settings.observed_information[0],
        settings.h1_information[0],
    )
    information = fitted.information(kind, observed, h1)
    bread = fitted.invert(information)
    if bread is None:
        return Covariance(None, information)
    if settings.se in SANDWICH_OF_MOMENTS:
        influences = fitted.influences(influence_kind(kind, h1), settings.se == "robust.sem.nt")
        meat = fitted.assemble([one.meat for one in influences], fitted.shares)
        return Covariance(bread @ meat @ bread / divisor, information)
    if settings.se in SANDWICH_OF_SCORES:
        meat = fitted.score_products(h1 == "structured")
        return Covariance(bread @ meat @ bread / divisor, information)
    return Covariance(bread / divisor, information)
