"""Ordinal logistic regression (proportional odds), by Newton's method."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.two_samples import FloatArray

ITERATIONS = 50
# A slope or threshold this far out means that a predictor tells the categories apart completely.
RUNAWAY = 25.0


class ProportionalOdds(NamedTuple):
    """Slopes first, thresholds after; `vcov` from the observed information."""

    slopes: FloatArray
    thresholds: FloatArray
    vcov: FloatArray
    loglik: float
    converged: bool


def fit_proportional_odds(codes: NDArray[np.int64], x: FloatArray) -> ProportionalOdds:
    """P(answer <= j) = logistic(threshold_j - x @ slopes); `codes` 0..k-1, every one of them used."""
    n, p = x.shape
    k = int(codes.max()) + 1
    scale = x.std(axis=0)
    scale[scale == 0] = 1.0
    centre = x.mean(axis=0)
    upper, lower = _designs(codes, (x - centre) / scale, k)
    cumulative = np.cumsum(np.bincount(codes, minlength=k))[:-1] / n
    theta = np.concatenate([np.zeros(p), np.log(cumulative / (1 - cumulative))])
    value, gradient, information = _derivatives(theta, codes, upper, lower, k)
    converged = False
    for _ in range(ITERATIONS):
        step = np.linalg.lstsq(information, gradient, rcond=None)[0]
        if float(gradient @ step) < 1e-12:
            converged = True
            break
        size = 1.0
        while size > 1e-8:
            trial = _derivatives(theta + size * step, codes, upper, lower, k)
            if trial[0] >= value:
                break
            size /= 2
        theta = theta + size * step
        value, gradient, information = trial
    converged = converged and bool(np.abs(theta[:p]).max(initial=0.0) < RUNAWAY)
    # Back to the predictors as they came: slopes divided, thresholds moved by centre @ slopes.
    back = np.eye(p + k - 1)
    back[:p, :p] = np.diag(1 / scale)
    back[p:, :p] = centre / scale
    theta, vcov = back @ theta, back @ np.linalg.pinv(information) @ back.T
    return ProportionalOdds(theta[:p], theta[p:], vcov, value, converged)


def _designs(codes: NDArray[np.int64], x: FloatArray, k: int) -> tuple[FloatArray, FloatArray]:
    """Rows that give the linear predictor at each answer's upper and lower threshold."""
    marks = np.eye(k)
    upper = np.hstack([-x, marks[codes][:, : k - 1]])
    lower = np.hstack([-x, marks[np.maximum(codes - 1, 0)][:, : k - 1]])
    return upper, lower


def _derivatives(
    theta: FloatArray, codes: NDArray[np.int64], upper: FloatArray, lower: FloatArray, k: int
) -> tuple[float, FloatArray, FloatArray]:
    """Log likelihood, gradient and observed information."""
    from scipy.special import expit

    top, bottom = codes == k - 1, codes == 0
    high, low = expit(upper @ theta), expit(lower @ theta)
    high, low = np.where(top, 1.0, high), np.where(bottom, 0.0, low)
    chance = high - low
    if (chance <= 0).any():
        return -math.inf, np.zeros_like(theta), np.eye(len(theta))
    f, g = high * (1 - high), low * (1 - low)
    a, b = f / chance, -g / chance
    gradient = upper.T @ a + lower.T @ b
    aa = f * (1 - 2 * high) / chance - a**2
    bb = -g * (1 - 2 * low) / chance - b**2
    cross = (upper * (-a * b)[:, None]).T @ lower
    hessian = (upper * aa[:, None]).T @ upper + (lower * bb[:, None]).T @ lower + cross + cross.T
    return float(np.log(chance).sum()), gradient, -hessian


def null_loglik(codes: NDArray[np.int64]) -> float:
    """Log likelihood of the thresholds alone."""
    from scipy.special import xlogy

    counts = np.bincount(codes)
    return float(xlogy(counts, counts / counts.sum()).sum())


def nagelkerke(loglik: float, null: float, n: int) -> float:
    """Nagelkerke's (1991) share of explained variation."""
    return -math.expm1(2 * (null - loglik) / n) / -math.expm1(2 * null / n)
