"""Scores of several scales at once and how the scales go together, as psych::scoreItems."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from surveykit.estimation.item_moments import (
    FloatArray,
    correlation,
    item_moments,
    squared_multiple_correlations,
)


class ScaleScores(NamedTuple):
    """n respondents, p items, s scales; `scores` NaN where a respondent has no item of a scale."""

    scores: FloatArray  # (n, s)
    alpha: FloatArray  # (s,)
    lambda6: FloatArray  # (s,) with each item predicted from all items of all scales
    average_r: FloatArray  # (s,)
    cor: FloatArray  # (s, s)
    corrected: FloatArray  # (s, s): cor below, alpha on, cor / sqrt(alpha alpha) above the diagonal
    item_cor: FloatArray  # (p, s)
    item_corrected: FloatArray  # (p, s) for item overlap, by squared multiple correlations
    variance: FloatArray  # (s,) 0 or negative where a scale has none; what follows from it is then NaN
    item_r: FloatArray  # (p, p)


def score_scales(
    values: FloatArray, keys: FloatArray, low: float, high: float, *, impute: str, totals: bool
) -> ScaleScores:
    """Score items (n, p) by keys (p, s) of 1, -1 and 0; a reversed item is low + high - answer.

    `impute`: "none" averages the items a respondent has; "median" and "mean"
    fill gaps with the item's first.
    """
    if impute != "none":
        centre = (np.nanmedian if impute == "median" else np.nanmean)(values, axis=0)
        values = np.where(np.isnan(values), centre, values)
    scores = _scores(values, keys, low, high, totals=totals)
    C = item_moments(values).cov
    variance = np.diagonal(C)
    scale_cov = keys.T @ C @ keys
    scale_variance = np.diagonal(scale_cov)
    size, own = np.abs(keys).sum(axis=0), np.abs(keys)
    # Rounding is measured beside a scale's own items: others may have other units.
    scale_variance = np.where(np.abs(scale_variance) <= 1e-12 * (variance @ own), 0.0, scale_variance)
    found, scale_variance = scale_variance, np.where(scale_variance > 0, scale_variance, np.nan)
    alpha = (scale_variance - variance @ own) * size / ((size - 1) * scale_variance)
    reduced = C.copy()
    R = correlation(C)
    common = squared_multiple_correlations(R) * variance
    np.fill_diagonal(reduced, common)
    with np.errstate(invalid="ignore", divide="ignore"):
        cor = correlation(scale_cov)
    sd = np.sqrt(variance)[:, None]
    return ScaleScores(
        scores=scores,
        alpha=alpha,
        lambda6=(scale_variance - variance @ own + common @ own) / scale_variance,
        average_r=alpha / (size - alpha * (size - 1)),
        cor=cor,
        corrected=_corrected(cor, alpha),
        item_cor=C @ keys / _root(scale_variance) / sd,
        item_corrected=reduced @ keys / _root(np.diagonal(keys.T @ reduced @ keys)) / sd,
        variance=found,
        item_r=R,
    )


def _root(variance: FloatArray) -> FloatArray:
    """Square root; NaN of what is no variance."""
    return np.sqrt(np.where(variance > 0, variance, np.nan))


def _scores(values: FloatArray, keys: FloatArray, low: float, high: float, *, totals: bool) -> FloatArray:
    """Mean (or sum) of the items each respondent has, after keying."""
    answered = ~np.isnan(values)
    filled = np.where(answered, values, 0.0)
    own, reversed_ = np.abs(keys), keys < 0
    total = filled @ keys + (low + high) * (answered @ reversed_.astype(float))
    counts = answered @ own
    total[counts == 0] = np.nan
    return np.asarray(total if totals else total / np.where(counts == 0, 1, counts))


def _corrected(cor: FloatArray, alpha: FloatArray) -> FloatArray:
    positive = np.where(alpha > 0, alpha, np.nan)
    attenuation = np.sqrt(np.outer(positive, positive))
    table = np.where(np.triu(np.ones_like(cor), 1) > 0, cor / attenuation, cor)
    np.fill_diagonal(table, alpha)
    return np.asarray(table)
