"""Factor scores of continuous indicators: regression and Bartlett, complete or with holes.

    regression  E(eta) + V Lambda' Sigma^-1 (y - mu)                 V = cov(eta)
    Bartlett    E(eta) + (Lambda' Sigma^-1 Lambda)^-1 Lambda' Sigma^-1 (y - mu)

A case with missing values is scored from what it answered, with the parts of Lambda
and Sigma that belong to it. Observed variables in regressions are phantoms among the
columns of Lambda: they take part, and are left out of the result. For Bartlett's scores an
observed outcome is an indicator of what predicts it: its row of Lambda is its row of B.

References
----------
Thurstone (1935). Bartlett (1937). Bentler & Yuan (1997) for Bartlett's scores when a
residual variance is zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.sem.layout import GroupMatrices
from surveykit.estimation.sem.matrices import Representation, total_effects
from surveykit.estimation.sem.parameter_table import ParameterTable
from surveykit.estimation.sem.standardize import latent_disturbance

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

METHODS = ("regression", "bartlett")
SMALLEST_VARIANCE = 1e-5
# Weights that small beside the largest are rounding of a pseudo-inverse.
NO_WEIGHT = 1e-10


class Scores(NamedTuple):
    """`values` and their standard errors `se`, both (n, n_latent); NaN where nothing was answered."""

    values: FloatArray
    se: FloatArray


@dataclass(frozen=True)
class ScoreModel:
    """What scoring needs of one group, at the estimates.

    `loading` (p, m), `direct` (p, m) the same with outcomes as indicators; `covariance` (m, m)
    and `mean` (m,) of eta, `sigma` (p, p), `expected` (p,) of y; `collapsed` (p, m) the
    direct loadings through higher-order factors, `layers` the factors without observed
    indicators: (columns to score together, column).
    """

    loading: FloatArray
    direct: FloatArray
    covariance: FloatArray
    mean: FloatArray
    sigma: FloatArray
    expected: FloatArray
    collapsed: FloatArray
    layers: tuple[tuple[tuple[int, ...], int], ...]
    n_latent: int


def score_model(
    table: ParameterTable, representation: Representation, x: FloatArray, group: int, sample_mean: FloatArray
) -> ScoreModel:
    """Collect the parts of one group (counted from 0).

    Without a mean structure the implied means are the sample's, and latent variables have
    the means that their observed predictors give them.
    """
    layout = representation.groups[group]
    stacked = representation.fill(x, group)
    total = total_effects(stacked)
    covariance = (total @ latent_disturbance(stacked) @ total.transpose(0, 2, 1))[0]
    matrices = {name: one[0] for name, one in stacked.items()}
    loading, effect = matrices["lambda"], total[0]
    implied = representation.implied(x, group)
    if implied.mu is not None:
        mean, expected = effect @ matrices["alpha"][:, 0], implied.mu[0]
    else:
        mean, expected = effect @ _intercepts(layout, loading @ effect, sample_mean), sample_mean
    direct = loading.copy()
    outcomes = ~np.isin(layout.lv, table.variable_names("ov.x", group + 1)) & (layout.phantom_of >= 0)
    direct[layout.phantom_of[outcomes]] = matrices["beta"][outcomes]
    measured = table.variable_names("lv.ind", group + 1)
    collapsed, layers = _higher_order(layout, measured, direct, matrices["beta"])
    sigma = implied.sigma[0]
    return ScoreModel(loading, direct, covariance, mean, sigma, expected, collapsed, layers, layout.n_latent)


def _intercepts(layout: GroupMatrices, loading: FloatArray, sample_mean: FloatArray) -> FloatArray:
    """Intercepts of the phantoms that reproduce their sample means; zero for latent variables."""
    alpha = np.zeros(len(layout.lv))
    phantom = np.flatnonzero(layout.phantom_of >= 0)
    if len(phantom):
        variable = layout.phantom_of[phantom]
        alpha[phantom] = np.linalg.solve(loading[np.ix_(variable, phantom)], sample_mean[variable])
    return alpha


def _higher_order(
    layout: GroupMatrices, measured: tuple[str, ...], loading: FloatArray, beta: FloatArray
) -> tuple[FloatArray, tuple[tuple[tuple[int, ...], int], ...]]:
    """Loadings collapsed through the measurement of latent variables by latent variables.

    A factor without observed indicators is scored by Bartlett's formula in the model where
    its layer (itself and the factors neither above nor below it, topmost first) measures y.
    """
    if not measured:
        return loading, ()
    inner = np.where(np.isin(layout.lv, measured)[:, None], beta, 0.0)
    total = np.linalg.inv(np.eye(len(inner)) - inner)
    collapsed = loading @ total
    reach = np.abs(total) > 1e-12
    np.fill_diagonal(reach, False)
    layers = []
    for column in np.flatnonzero(~loading.any(axis=0) & collapsed.any(axis=0)):
        beside = np.flatnonzero(~reach[column] & ~reach[:, column])
        top = beside[~reach[np.ix_(beside, beside)].any(axis=1)]
        layers.append((tuple(top.tolist()), int(column)))
    return collapsed, tuple(layers)


def normal_scores(model: ScoreModel, data: FloatArray, method: str = "regression") -> Scores:
    """Scores of the cases in `data` (n, p), NaN for missing."""
    values = np.full((len(data), model.n_latent), np.nan)
    errors = np.full_like(values, np.nan)
    for seen, cases in _patterns(data):
        if not len(seen):
            continue
        weights, variance = _weights(model, seen, method)
        centred = data[np.ix_(cases, seen)] - model.expected[seen]
        keep = slice(0, model.n_latent)
        values[cases] = (model.mean + centred @ weights.T)[:, keep]
        errors[cases] = np.sqrt(np.where(variance < SMALLEST_VARIANCE, np.nan, variance))[keep]
    return Scores(values, errors)


def _patterns(data: FloatArray) -> list[tuple[IntArray, IntArray]]:
    """(variables seen, cases) for every pattern of missing values."""
    seen = ~np.isnan(data)
    if seen.all():
        return [(np.arange(data.shape[1]), np.arange(len(data)))]
    patterns, which = np.unique(seen, axis=0, return_inverse=True)
    which = which.reshape(-1)
    return [(np.flatnonzero(one), np.flatnonzero(which == index)) for index, one in enumerate(patterns)]


def _weights(model: ScoreModel, seen: IntArray, method: str) -> tuple[FloatArray, FloatArray]:
    """Score weights (m, n_seen) and the variances of score minus factor (m,).

    A row of NaN marks a factor none of whose indicators was answered (Bartlett).
    """
    sigma = model.sigma[np.ix_(seen, seen)]
    inverse = _inverse(sigma)
    covariance = model.covariance
    if method == "regression":
        loading = model.loading[seen]
        weights = covariance @ loading.T @ inverse
        return weights, np.diag(covariance - weights @ loading @ covariance)
    loading = model.direct[seen]
    weights = _bartlett(loading, inverse)
    for columns, column in model.layers:
        together = _bartlett(model.collapsed[seen][:, list(columns)], inverse)
        weights[column] = together[columns.index(column)]
    shared = weights @ loading @ covariance
    variance = np.diag(weights @ sigma @ weights.T - shared - shared.T + covariance).copy()
    size = np.abs(weights).max(axis=1, initial=0.0)
    nothing = size <= NO_WEIGHT * size.max(initial=0.0)
    weights[nothing], variance[nothing] = np.nan, np.nan
    return weights, variance


def _bartlett(loading: FloatArray, inverse: FloatArray) -> FloatArray:
    weighted = loading.T @ inverse
    return _inverse(weighted @ loading) @ weighted


def _inverse(matrix: FloatArray) -> FloatArray:
    """Inverse, or pseudo-inverse where the matrix is singular by construction."""
    if np.linalg.cond(matrix) < 1e12:
        return np.asarray(np.linalg.inv(matrix))
    return np.asarray(np.linalg.pinv(matrix, hermitian=True))
