"""Wald tests: are these functions of the parameters zero?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.sem.restricted import ChiSquare, RobustVersions, chi_square, robust_versions

FloatArray = NDArray[np.float64]


class WaldTest(NamedTuple):
    """`test` uses the covariance matrix of the fit; `standard` and `versions` stand beside it where
    the standard errors of the fit are robust."""

    test: ChiSquare
    standard: ChiSquare | None = None
    versions: RobustVersions | None = None


def wald_test(
    values: FloatArray, jacobian: FloatArray, vcov: FloatArray, vcov_standard: FloatArray | None = None
) -> WaldTest:
    """Test that `values` are zero.

    Parameters
    ----------
    values : array (m,), the functions at the estimates
    jacobian : array (m, n_free), their derivatives; redundant rows are left out
    vcov : array (n_free, n_free), covariance matrix of the estimates, as reported
    vcov_standard : the normal-theory one, where `vcov` is a sandwich

    References
    ----------
    Wald (1943). Satorra (2000) for the robust versions.
    """
    kept = independent_rows(jacobian)
    values, jacobian = values[kept], jacobian[kept]
    middle = jacobian @ vcov @ jacobian.T
    df = len(kept)
    test = chi_square(float(values @ np.linalg.solve(middle, values)), df)
    if vcov_standard is None:
        return WaldTest(test)
    bread = jacobian @ vcov_standard @ jacobian.T
    standard = chi_square(float(values @ np.linalg.pinv(bread) @ values), df)
    return WaldTest(test, standard, robust_versions(standard.stat, df, bread, middle, values))


def independent_rows(rows: FloatArray) -> list[int]:
    """The first rows that span all of them."""
    kept: list[int] = []
    for index in range(len(rows)):
        if np.linalg.matrix_rank(rows[[*kept, index]]) > len(kept):
            kept.append(index)
    return kept
