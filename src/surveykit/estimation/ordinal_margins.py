"""First step for ordered and numeric variables: each variable alone, given covariates.

An ordered variable gets its thresholds (with covariates: an ordered probit
regression), a numeric one its mean (a linear regression) and variance. Each
comes with the influence of every respondent on its parameters, from the outer
product of the scores as in lavaan's muthen1984.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from surveykit.errors import SurveykitError
from surveykit.estimation.bivariate_normal import FAR
from surveykit.estimation.polychoric import marginal_counts, marginal_thresholds

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


class Margin(NamedTuple):
    """One variable given q covariates; n respondents.

    `level` holds the thresholds of an ordered variable or the intercept of a numeric one,
    `variance` is 1 for an ordered one. `lower` and `upper` bound an ordered respondent's standard
    normal residual; a numeric one's is `lower` = `upper`. NaN where the answer is missing.
    """

    ordered: bool
    level: FloatArray  # (m,)
    slopes: FloatArray  # (q,)
    variance: float
    lower: FloatArray  # (n,)
    upper: FloatArray  # (n,)
    influence: FloatArray  # (n, m + q [+ 1 for the variance]); sums of squares estimate the covariance


def numeric_margin(y: FloatArray, x: FloatArray, name: str) -> Margin:
    """Linear regression of y (n,) on x (n, q); variance with divisor n."""
    present = ~np.isnan(y)
    design = np.column_stack([np.ones(len(y)), x])
    center, scale = _scaling(design[present])
    solved = np.linalg.lstsq(((design - center) / scale)[present], y[present], rcond=1e-10)
    if solved[2] < design.shape[1]:
        raise SurveykitError("S063", name=name)
    beta = _unscaled(np.asarray(solved[0], dtype=np.float64), center, scale)
    residual = np.where(present, y - design @ beta, 0.0)
    variance = float(residual @ residual / present.sum())
    if variance <= 1e-20 * float(np.square(y[present]).mean()):
        raise SurveykitError("S062", names=name, where="")
    scores = design * (residual / variance)[:, None]
    spread = np.where(present, (residual * residual / variance - 1.0) / (2.0 * variance), 0.0)
    z = np.where(present, residual / np.sqrt(variance), np.nan)
    influence = influence_of_scores(np.column_stack([scores, spread]))
    if influence is None:
        # Only two values: mean and variance move together, and their scores cannot tell them apart.
        rows = design[present]
        by_mean = np.linalg.lstsq(rows.T @ rows, (design * residual[:, None]).T, rcond=None)[0].T
        by_variance = np.where(present, residual * residual - variance, 0.0) / present.sum()
        influence = np.column_stack([by_mean, by_variance])
    return Margin(False, beta[:1], beta[1:], variance, z, z, influence)


def ordered_margin(codes: IntArray, x: FloatArray, name: str) -> Margin:
    """Ordered probit regression of codes (n,), 0 missing, on x (n, q)."""
    present = codes > 0
    k = int(codes.max())
    start = marginal_thresholds(marginal_counts(codes[:, None], k))[:, 0]
    center, scale = _scaling(np.column_stack([np.ones(len(x)), x])[present])
    center, scale = center[1:], scale[1:]
    theta = _probit(codes[present], ((x - center) / scale)[present], start, name)
    slopes = theta[k - 1 :] / scale
    level = theta[: k - 1] + center @ slopes
    edges = np.concatenate([[-FAR], level, [FAR]])
    shift = x @ slopes
    upper = np.where(present, _bounded(edges[codes], codes, k, shift), np.nan)
    lower = np.where(present, _bounded(edges[np.maximum(codes - 1, 0)], codes - 1, k, shift), np.nan)
    scores = np.zeros((len(codes), k - 1 + x.shape[1]))
    scores[present] = _probit_scores(codes[present], x[present], lower[present], upper[present], k)[0]
    influence = influence_of_scores(scores)
    if influence is None:
        raise SurveykitError("S063", name=name)
    return Margin(True, level, slopes, 1.0, lower, upper, influence)


def influence_of_scores(scores: FloatArray) -> FloatArray | None:
    """Scores (n, m) times the inverse of their crossproduct; None where that has none."""
    # Scaled first, so that units do not matter.
    scale = np.sqrt(np.square(scores).sum(axis=0))
    if not (scale > 0).all():
        return None
    unit = scores / scale
    cross = unit.T @ unit
    if np.linalg.eigvalsh(cross)[0] < 1e-10:
        return None
    return np.asarray(np.linalg.solve(cross, unit.T).T / scale)


def threshold_influence(counts: FloatArray, thresholds: FloatArray) -> FloatArray:
    """Influence of an answer on the thresholds without covariates, by category: (K + 1, K - 1, p).

    Category 0 is a missing answer, without influence. In closed form the influence of
    answering a on threshold k is (1{a <= k} - P_k) / (n phi(tau_k)).
    """
    width, p = counts.shape
    n = counts.sum(axis=0)
    phi = np.exp(-0.5 * np.square(thresholds)) / np.sqrt(2 * np.pi)
    used = thresholds < FAR
    share = ndtr(thresholds)
    below = (np.arange(1, width + 1)[:, None] <= np.arange(1, width)[None, :])[:, :, None]
    table = np.zeros((width + 1, width - 1, p))
    table[1:] = np.where(used, (below - share) / (n * np.where(used, phi, 1.0)), 0.0)
    return table


def _bounded(edge: FloatArray, place: IntArray, k: int, shift: FloatArray) -> FloatArray:
    """Threshold minus linear predictor; the outermost stay infinite."""
    return np.where((place <= 0) | (place >= k), edge, np.clip(edge - shift, -FAR, FAR))


def _scaling(design: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Centre and spread of the columns after the first, which is the constant."""
    center, scale = design.mean(axis=0), design.std(axis=0)
    center[0], scale[0] = 0.0, 1.0
    return center, np.where(scale > 0, scale, 1.0)


def _unscaled(beta: FloatArray, center: FloatArray, scale: FloatArray) -> FloatArray:
    beta = beta / scale
    beta[0] -= center @ beta
    return beta


def _probit(codes: IntArray, x: FloatArray, start: FloatArray, name: str) -> FloatArray:
    """Maximum likelihood by Newton with halved steps: thresholds, then slopes of scaled x."""
    k = len(start) + 1
    theta = np.concatenate([start, np.zeros(x.shape[1])])
    value = -np.inf
    step = np.zeros_like(theta)
    for _ in range(200):
        level = theta[: k - 1]
        edges = np.concatenate([[-FAR], level, [FAR]])
        shift = x @ theta[k - 1 :]
        upper = _bounded(edges[codes], codes, k, shift)
        lower = _bounded(edges[codes - 1], codes - 1, k, shift)
        scores, hessian, probability = _probit_scores(codes, x, lower, upper, k)
        new = float(np.log(probability).sum()) if (np.diff(level) > 0).all() else -np.inf
        if new < value - 1e-9 * abs(value):
            step = step / 2
            theta = theta - step
            continue
        value = new
        solved, _, rank, _ = np.linalg.lstsq(-hessian, scores.sum(axis=0), rcond=1e-12)
        if rank < len(theta) or np.abs(theta[k - 1 :]).max(initial=0.0) > 50:
            break
        step = solved
        theta = theta + step
        if np.abs(step).max() < 1e-9:
            return np.asarray(theta)
    raise SurveykitError("S063", name=name)


def _probit_scores(
    codes: IntArray, x: FloatArray, lower: FloatArray, upper: FloatArray, k: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Casewise scores of thresholds and slopes, the Hessian, and the casewise likelihood."""
    probability = np.where(lower > 0, ndtr(-lower) - ndtr(-upper), ndtr(upper) - ndtr(lower))
    probability = np.maximum(probability, np.finfo(float).tiny)
    phi_upper, phi_lower = (np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi) for z in (upper, lower))
    marks = np.arange(1, k)
    at_upper, at_lower = codes[:, None] == marks, codes[:, None] == marks + 1
    # d z_upper and d z_lower by the parameters: +1 for its own threshold, -x for the slopes.
    by_upper = np.column_stack([at_upper, -x * (codes < k)[:, None]])
    by_lower = np.column_stack([at_lower, -x * (codes > 1)[:, None]])
    scores = (by_upper * phi_upper[:, None] - by_lower * phi_lower[:, None]) / probability[:, None]
    curve_upper = (-upper * phi_upper / probability)[:, None] * by_upper
    curve_lower = (-lower * phi_lower / probability)[:, None] * by_lower
    hessian = by_upper.T @ curve_upper - by_lower.T @ curve_lower - scores.T @ scores
    return scores, hessian, probability
