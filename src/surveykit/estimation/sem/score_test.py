"""Score (Lagrange multiplier) tests: what would releasing an equality constraint gain?"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.sem.restricted import (
    ChiSquare,
    RobustVersions,
    chi_square,
    constrained_inverse,
    robust_versions,
)

FloatArray = NDArray[np.float64]
NAN = float("nan")


class ScoreTest(NamedTuple):
    """`total` releases all constraints at once, `univariate` each alone.

    `versions` and `univariate_scaled` are there where the sandwich's meat was given.
    """

    total: ChiSquare
    univariate: tuple[ChiSquare, ...]
    versions: RobustVersions | None = None
    univariate_scaled: tuple[ChiSquare, ...] | None = None


def score_test(
    gradient: FloatArray, information: FloatArray, rows: FloatArray, n: float, meat: FloatArray | None = None
) -> ScoreTest:
    """Test the equality constraints of a fit.

    Parameters
    ----------
    gradient : array (n_free,), of the log-likelihood of one observation at the estimates
    information : array (n_free, n_free), expected, of one observation, without constraints
    rows : array (m, n_free), derivatives of the constraints
    n : number of observations
    meat : array (n_free, n_free), covariance matrix of the casewise gradient, for the
        robust versions

    Notes
    -----
    A constraint alone is released while the others hold.
    """
    inverse = constrained_inverse(information, rows[:0])
    stat = n * float(gradient @ inverse @ gradient)
    versions = None
    if meat is not None:
        change = rows @ inverse
        versions = robust_versions(
            stat, len(rows), change @ rows.T / n, change @ meat @ change.T / n, change @ gradient
        )
    single = [_release(gradient, information, rows, one, n, meat) for one in range(len(rows))]
    scaled = tuple(one[1] for one in single) if meat is not None else None
    return ScoreTest(chi_square(stat, len(rows)), tuple(one[0] for one in single), versions, scaled)


def _release(
    gradient: FloatArray,
    information: FloatArray,
    rows: FloatArray,
    one: int,
    n: float,
    meat: FloatArray | None,
) -> tuple[ChiSquare, ChiSquare]:
    """The test of one constraint with the others kept, plain and scaled."""
    inverse = constrained_inverse(information, np.delete(rows, one, axis=0))
    stat = n * float(gradient @ inverse @ gradient)
    if meat is None:
        return chi_square(stat, 1), chi_square(NAN, 1)
    change = rows[one] @ inverse
    bread, sandwich = float(change @ rows[one]), float(change @ meat @ change)
    usable = math.isfinite(bread) and bread > 0 and sandwich > 0
    return chi_square(stat, 1), chi_square(stat * bread / sandwich if usable else NAN, 1)
