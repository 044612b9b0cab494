"""Restricted tests (Wald, score) and what robustness makes of them.

A restriction tested with the normal-theory covariance matrix, although the sandwich
holds, is a mixture of chi-squares; its scaled, adjusted and generalized versions are
Satorra's (2000).

References
----------
Satorra (2000), Scaled and adjusted restricted tests in multi-sample analysis of moment
structures.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.sem.fit_indices import chisq_pvalue

FloatArray = NDArray[np.float64]
NAN = float("nan")

# Smaller eigenvalues of information with a unit diagonal count as zero.
SINGULAR = 1e-10
# What a generalized inverse counts as zero beside the largest, as R's MASS::ginv.
SMALLEST_SHARE = float(np.finfo(float).eps) ** 0.5


class ChiSquare(NamedTuple):
    """A statistic with its reference distribution; NaN where it cannot be computed."""

    stat: float
    df: float
    pvalue: float


class RobustVersions(NamedTuple):
    """Satorra's versions of one restricted test."""

    scaled: ChiSquare
    adjusted: ChiSquare
    robust: ChiSquare
    scaling_factor: float


def chi_square(stat: float, df: float) -> ChiSquare:
    return ChiSquare(stat, float(df), chisq_pvalue(stat, df))


def robust_versions(
    stat: float, df: int, bread: FloatArray, sandwich: FloatArray, vector: FloatArray
) -> RobustVersions:
    """Scaled, mean-and-variance adjusted and generalized versions of a restricted test.

    Parameters
    ----------
    stat, df : the normal-theory statistic and the number of restrictions m
    bread : array (m, m), the normal-theory covariance matrix of `vector`
    sandwich : array (m, m), its robust covariance matrix
    vector : array (m,), what should be zero under the restriction
    """
    ratio = sandwich @ np.linalg.pinv(bread)
    trace, trace2 = float(np.trace(ratio)), float(np.sum(ratio * ratio.T))
    scaling = trace / df if trace > 0 else NAN
    adjusted_df = trace * trace / trace2 if trace > 0 and trace2 > 0 else NAN
    return RobustVersions(
        scaled=chi_square(stat / scaling, df),
        adjusted=chi_square(stat * adjusted_df / trace if trace > 0 else NAN, adjusted_df),
        robust=chi_square(float(vector @ np.linalg.pinv(sandwich) @ vector), df),
        scaling_factor=scaling,
    )


def null_space(rows: FloatArray, n: int) -> FloatArray:
    """Orthonormal basis (n, n - rank) of all vectors that `rows` (m, n) send to zero."""
    if rows.shape[0] == 0:
        return np.eye(n)
    _, values, vectors = np.linalg.svd(rows)
    tolerance = max(rows.shape) * np.finfo(float).eps * (values[0] if len(values) else 0.0)
    return np.asarray(vectors[int(np.sum(values > tolerance)) :].T)


def constrained_inverse(information: FloatArray, rows: FloatArray) -> FloatArray:
    """Inverse of the information in the directions that `rows` leave free, (n, n).

    Where these are not all identified, Moore and Penrose's inverse of the information bordered by the
    rows, as in lavaan. It takes what is measured in small units for nothing, so it is the last resort.
    """
    n, m = len(information), len(rows)
    basis = null_space(rows, n)
    inner = basis.T @ information @ basis
    scale = np.sqrt(np.where(np.diag(inner) > 0, np.diag(inner), 1.0))
    values, vectors = np.linalg.eigh(inner / np.outer(scale, scale))
    if (values > SINGULAR).all():
        half = basis @ (vectors / scale[:, None]) / np.sqrt(values)
        return np.asarray(half @ half.T)
    bordered = np.block([[information, rows.T], [rows, np.zeros((m, m))]])
    return np.asarray(np.linalg.pinv(bordered, rcond=SMALLEST_SHARE)[:n, :n])
