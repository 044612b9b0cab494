"""Asymptotic covariance matrices of sample moments, and weight matrices made of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.moments import SampleMoments, lower_triangle

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def normal_gamma(cov: FloatArray, meanstructure: bool, fixed: IntArray) -> FloatArray:
    """Under normality, of [mean, vech S] or vech S; `fixed` indexes fixed x, whose moments do not vary."""
    p = len(cov)
    gamma = _products(cov)
    rest = cov
    if len(fixed):
        explained = _explained(cov, fixed)
        gamma = gamma - _products(explained)
        rest = cov - explained
    if not meanstructure:
        return gamma
    size = len(gamma)
    full = np.zeros((p + size, p + size))
    full[:p, :p], full[p:, p:] = rest, gamma
    return full


def _products(cov: FloatArray) -> FloatArray:
    """s_ik s_jl + s_il s_jk for every two elements of vech."""
    i, j = lower_triangle(len(cov))
    left = cov[np.ix_(i, i)] * cov[np.ix_(j, j)]
    return np.asarray(left + cov[np.ix_(i, j)] * cov[np.ix_(j, i)])


def contributions(sample: SampleMoments, meanstructure: bool, fixed: IntArray) -> FloatArray:
    """Casewise contributions to [mean, vech S] or vech S (n, s), centred; given fixed x."""
    z, rest = _around(sample, sample.mean, sample.cov, fixed)
    z = z - z.mean(axis=0)
    return np.concatenate([rest, z], axis=1) if meanstructure else z


def contributions_at(
    sample: SampleMoments, mu: FloatArray | None, sigma: FloatArray, fixed: IntArray
) -> FloatArray:
    """The same, as deviations from implied moments; mu None without means."""
    z, rest = _around(sample, sample.mean if mu is None else mu, sigma, fixed)
    i, j = lower_triangle(len(sigma))
    level = sigma - _explained(sigma, fixed)
    z = z - level[i, j]
    return z if mu is None else np.concatenate([rest, z], axis=1)


def _explained(cov: FloatArray, fixed: IntArray) -> FloatArray:
    """The part of a covariance matrix that fixed x explain."""
    if not len(fixed):
        return np.zeros_like(cov)
    return np.asarray(cov[:, fixed] @ np.linalg.solve(cov[np.ix_(fixed, fixed)], cov[fixed]))


def _around(
    sample: SampleMoments, centre: FloatArray, cov: FloatArray, fixed: IntArray
) -> tuple[FloatArray, FloatArray]:
    """vech of the cases' products around a centre, less what fixed x explain; and the same of the cases."""
    i, j = lower_triangle(len(sample.names))
    deviation = sample.cases - centre
    z, rest = deviation[:, i] * deviation[:, j], deviation
    if len(fixed):
        fitted = sample.centred[:, fixed] @ np.linalg.solve(cov[np.ix_(fixed, fixed)], cov[fixed])
        z, rest = z - fitted[:, i] * fitted[:, j], deviation - fitted
    return z, rest


def varying(p: int, meanstructure: bool, fixed: IntArray) -> NDArray[np.bool_]:
    """Which of [mean, vech S] are not moments of fixed x alone."""
    inside = np.isin(np.arange(p), fixed)
    i, j = lower_triangle(p)
    keep = ~(inside[i] & inside[j])
    return np.concatenate([~inside, keep]) if meanstructure else keep
