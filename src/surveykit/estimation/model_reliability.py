"""Reliability of the sum of a factor's indicators from a measurement model, as semTools computes it.

Congeneric, correlated-error, cross-loading, higher-order and ordinal models;
one group at a time.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import ndtr

from surveykit.estimation.bivariate_normal import cdf
from surveykit.estimation.item_moments import BoolArray, FloatArray, IntArray
from surveykit.estimation.reliability import alpha_of

# A contribution of other factors smaller than this is no cross-loading (semTools).
CROSS_LOADING = 1e-5


class MeasurementModel(NamedTuple):
    """p indicators, q factors. For ordered indicators `observed` and `implied` are correlations.

    `scales` are lavaan's delta (1 for numeric indicators), `thresholds` one array an
    indicator (empty for numeric ones), `scores` the covariances of the answers
    as numbers, NaN without data.
    """

    loadings: FloatArray  # (p, q)
    factor_cov: FloatArray  # (q, q)
    residual_cov: FloatArray  # (p, p)
    beta: FloatArray  # (q, q) regressions among factors
    disturbance_cov: FloatArray  # (q, q)
    observed: FloatArray  # (p, p)
    implied: FloatArray  # (p, p)
    ordered: BoolArray  # (p,)
    scales: FloatArray  # (p,)
    thresholds: tuple[FloatArray, ...]
    scores: FloatArray  # (p, p)

    def indicators(self, factor: int) -> IntArray:
        """Those that load on a factor directly."""
        return np.flatnonzero(self.loadings[:, factor] != 0)

    @property
    def latent_observed(self) -> FloatArray:
        """Observed covariances on the scale of the latent responses (y*)."""
        return np.asarray(self.observed / np.outer(self.scales, self.scales))


class FactorReliability(NamedTuple):
    """Coefficients of one factor; NaN where one does not apply.

    `omega` divides by the variance the factor and the errors imply (Bollen,
    Raykov), `omega2` by that of the whole model (Bentler), `omega3` by the
    observed one (McDonald). `composite_reliability` is compRelSEM's default: as omega3.
    """

    composite_reliability: float
    omega: float
    omega2: float
    omega3: float
    alpha: float
    alpha_ordinal: float
    ave: float


def factor_reliability(
    model: MeasurementModel, factor: int, *, ordinal_scale: bool = True
) -> FactorReliability:
    """Every coefficient of the sum of one factor's indicators.

    `ordinal_scale`: of the sum of the answers (Green & Yang); otherwise of the
    sum of the latent responses.
    """
    own = model.indicators(factor)
    ordered = model.ordered[own]
    if ordered.any() and not ordered.all():
        nothing = dict.fromkeys(FactorReliability._fields, np.nan)
        return FactorReliability(**nothing | {"ave": average_variance_extracted(model, factor)})
    block = np.ix_(own, own)
    column = model.loadings[own, factor]
    common = model.factor_cov[factor, factor] * np.outer(column, column)
    alpha, alpha_ordinal = float(alpha_of(model.observed[block])), np.nan
    if ordered.all():
        alpha, alpha_ordinal = float(alpha_of(model.scores[block])), alpha
    if ordered.all() and ordinal_scale:
        denominators = (common + model.residual_cov[block], model.implied[block], model.observed[block])
        thresholds = tuple(model.thresholds[item] for item in own)
        omegas = [categorical_omega(common, one, thresholds, model.scales[own]) for one in denominators]
    else:
        observed = model.latent_observed if ordered.all() else model.observed
        implied = model.implied / np.outer(model.scales, model.scales) if ordered.all() else model.implied
        totals = (common + model.residual_cov[block], implied[block], observed[block])
        omegas = [float(common.sum() / total.sum()) for total in totals]
    return FactorReliability(
        composite_reliability=omegas[2],
        omega=omegas[0],
        omega2=omegas[1],
        omega3=omegas[2],
        alpha=alpha,
        alpha_ordinal=alpha_ordinal,
        ave=average_variance_extracted(model, factor),
    )


def total_reliability(model: MeasurementModel, factors: IntArray, *, implied: bool = False) -> float:
    """Reliability of the sum of all indicators of these factors: what they share over its variance."""
    loadings = model.loadings[:, factors]
    own = np.flatnonzero(np.any(loadings != 0, axis=1))
    common = loadings[own] @ model.factor_cov[np.ix_(factors, factors)] @ loadings[own].T
    ordered = model.ordered[own]
    if ordered.any() and not ordered.all():
        return np.nan
    total = (model.implied if implied else model.observed)[np.ix_(own, own)]
    if ordered.all():
        thresholds = tuple(model.thresholds[item] for item in own)
        return categorical_omega(common, total, thresholds, model.scales[own])
    return float(common.sum() / total.sum())


def categorical_omega(
    common: FloatArray, total: FloatArray, thresholds: tuple[FloatArray, ...], scales: FloatArray
) -> float:
    """Green & Yang's (2009) reliability of a sum of ordinal answers.

    `common` (j, j): covariance of the latent responses that is true score;
    `total` (j, j): all of it, up to scale.
    """
    sd = np.sqrt(np.diagonal(total))
    # Rounding must not carry a correlation beyond 1.
    true_r, all_r = (
        np.clip(one, -1.0, 1.0) for one in (common * np.outer(scales, scales), total / np.outer(sd, sd))
    )
    cuts = [threshold * scale for threshold, scale in zip(thresholds, scales, strict=True)]
    item = np.concatenate([np.full(len(cut), place) for place, cut in enumerate(cuts)])
    h = np.concatenate(cuts)
    first, second = np.meshgrid(np.arange(h.size), np.arange(h.size), indexing="ij")
    margins = ndtr(h)
    chance = float(margins.sum() ** 2)
    pairs = (h[first].ravel(), h[second].ravel())
    cells = (item[first].ravel(), item[second].ravel())
    true = float(cdf(*pairs, true_r[cells]).sum()) - chance
    everything = float(cdf(*pairs, all_r[cells]).sum()) - chance
    return true / everything


def average_variance_extracted(model: MeasurementModel, factor: int, *, implied: bool = False) -> float:
    """Share of its indicators' variance that a factor explains; NaN with cross-loadings."""
    own = model.indicators(factor)
    others = np.delete(model.loadings[own], factor, axis=1)
    if np.any(np.abs(others) > CROSS_LOADING):
        return np.nan
    common = float(np.sum(model.loadings[own, factor] ** 2)) * model.factor_cov[factor, factor]
    total = model.implied if implied else model.observed
    variances = np.diagonal(total)[own] / model.scales[own] ** 2
    return float(common / variances.sum())


class SecondOrder(NamedTuple):
    """Reliability of a second-order factor: at the observed level, at the level of factors, and partial."""

    omega_l1: float
    omega_l2: float
    partial_omega_l1: float


def second_order_reliability(model: MeasurementModel, factor: int) -> SecondOrder:
    """Share of the sum's variance, and of the factors' sum, that is the second-order factor."""
    variance = float(model.factor_cov[factor, factor])
    slopes = model.beta[:, factor]
    lower = np.flatnonzero(slopes != 0)
    items = np.flatnonzero(np.any(model.loadings[:, lower] != 0, axis=1))
    indirect = model.loadings[:, lower] @ slopes[lower]
    direct = model.loadings[:, factor]
    own = np.flatnonzero(direct != 0)
    common2 = (slopes.sum() + direct.sum()) ** 2 * variance
    common1 = (indirect.sum() + direct.sum()) ** 2 * variance
    own_error = float(model.residual_cov[np.ix_(own, own)].sum())
    error2 = float(model.disturbance_cov[np.ix_(lower, lower)].sum()) + own_error
    error1 = float(model.residual_cov[np.ix_(items, items)].sum()) + own_error
    unique = float(
        np.sum(model.loadings[:, lower].sum(axis=0) ** 2 * np.diagonal(model.disturbance_cov)[lower])
    )
    return SecondOrder(
        float(common1 / (common1 + unique + error1)),
        float(common2 / (common2 + error2)),
        float(common1 / (common1 + error1)),
    )
