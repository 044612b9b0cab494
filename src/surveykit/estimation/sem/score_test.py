"""Score (Lagrange multiplier) tests: what would releasing an equality constraint gain?"""

from __future__ import annotations

import math
from collections.abc import Sequence
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
    """`total` releases all tested constraints at once, `univariate` each alone, `cumulative` the k largest.

    `order` says which constraints `cumulative` adds, one after the other, where it was asked
    for. `versions` and the scaled ones are there where the sandwich's meat was given. `changes` is the
    expected change of every parameter by constraint released alone, (m, n_free).
    """

    total: ChiSquare
    univariate: tuple[ChiSquare, ...]
    versions: RobustVersions | None = None
    univariate_scaled: tuple[ChiSquare, ...] | None = None
    order: tuple[int, ...] = ()
    cumulative: tuple[ChiSquare, ...] = ()
    cumulative_scaled: tuple[ChiSquare, ...] | None = None
    changes: FloatArray | None = None


def score_test(
    gradient: FloatArray,
    information: FloatArray,
    rows: FloatArray,
    n: float,
    meat: FloatArray | None = None,
    tested: Sequence[int] | None = None,
    cumulative: bool = False,
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
    tested : indices of the rows to release, by default all; the others hold throughout
    cumulative : also the largest, the two largest, ... together

    Notes
    -----
    A constraint alone is released while the others hold.
    """
    chosen = list(range(len(rows))) if tested is None else list(tested)
    released = _Released(gradient, information, rows, n, meat)
    total, versions = released.test(chosen)
    single = [released.alone(one) for one in chosen]
    order = sorted(range(len(chosen)), key=lambda at: -single[at].plain.stat) if cumulative else []
    joint = [released.test([chosen[at] for at in order[: k + 1]]) for k in range(len(order))]
    robust = meat is not None
    return ScoreTest(
        total,
        tuple(one.plain for one in single),
        versions,
        tuple(one.scaled for one in single) if robust else None,
        tuple(order),
        tuple(one[0] for one in joint),
        tuple(one[1].scaled for one in joint if one[1] is not None) if robust else None,
        np.array([one.change for one in single]),
    )


class _Alone(NamedTuple):
    """One constraint released: its tests, and the expected change of every parameter (n_free,)."""

    plain: ChiSquare
    scaled: ChiSquare
    change: FloatArray


class _Released(NamedTuple):
    """What any of the constraints would gain."""

    gradient: FloatArray
    information: FloatArray
    rows: FloatArray
    n: float
    meat: FloatArray | None

    def inverse(self, chosen: Sequence[int]) -> FloatArray:
        """Of the information, while all other constraints hold."""
        return constrained_inverse(self.information, np.delete(self.rows, list(chosen), axis=0))

    def test(self, chosen: Sequence[int]) -> tuple[ChiSquare, RobustVersions | None]:
        inverse = self.inverse(chosen)
        stat = self.n * float(self.gradient @ inverse @ self.gradient)
        if self.meat is None:
            return chi_square(stat, len(chosen)), None
        own = self.rows[list(chosen)]
        change = own @ inverse
        versions = robust_versions(
            stat,
            len(chosen),
            change @ own.T / self.n,
            change @ self.meat @ change.T / self.n,
            change @ self.gradient,
        )
        return chi_square(stat, len(chosen)), versions

    def alone(self, one: int) -> _Alone:
        """One constraint, the others kept."""
        inverse = self.inverse([one])
        expected = self.gradient @ inverse
        stat = self.n * float(expected @ self.gradient)
        if self.meat is None:
            return _Alone(chi_square(stat, 1), chi_square(NAN, 1), expected)
        change = self.rows[one] @ inverse
        bread, sandwich = float(change @ self.rows[one]), float(change @ self.meat @ change)
        usable = math.isfinite(bread) and bread > 0 and sandwich > 0
        scaled = chi_square(stat * bread / sandwich if usable else NAN, 1)
        return _Alone(chi_square(stat, 1), scaled, expected)
