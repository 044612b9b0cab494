"""Starting values that are already close: loadings by instrumental variables, the rest by least squares.

Loadings of a factor come from Hagglund's FABIN2 on its indicators, covariances of the
latent variables from the regression of S on the loadings, regressions from those.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.moments import SampleMoments
from surveykit.estimation.sem.matrices import (
    ALPHA,
    BETA,
    DELTA,
    GAMMA,
    LAMBDA,
    MATRICES,
    NU,
    PSI,
    TAU,
    THETA,
    Cells,
    GroupMatrices,
    Representation,
)
from surveykit.estimation.sem.parameter_table import ParameterTable

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

LEAST_SHARE = 0.1  # of a variance that is left to the error, or to the factor
LARGEST_CORRELATION = 0.9


class Indicators(NamedTuple):
    """The indicators of one latent variable: `nodes` are observed (0..p-1) or p + latent index."""

    latent: int
    nodes: IntArray
    row: IntArray
    fixed: FloatArray


def with_starts(table: ParameterTable, moments: tuple[SampleMoments, ...]) -> ParameterTable:
    """The table with `start` filled in: start values, fixed values, and the sample's moments of fixed x."""
    start = table.ustart.copy()
    exogenous_filled = replace(table, start=_exogenous(table, moments, start))
    representation = Representation.from_table(exogenous_filled)
    for layout, sample in zip(representation.groups, moments, strict=True):
        values = group_starts(layout, _with_unit_residuals(layout, sample))
        rows, known = layout.cells.row, np.isnan(start[layout.cells.row])
        start[rows[known]] = values[known]
    start[np.isnan(start)] = 0.0
    return replace(table, start=start)


def _exogenous(table: ParameterTable, moments: tuple[SampleMoments, ...], start: FloatArray) -> FloatArray:
    """Fill in the moments of fixed x in place, and return the same array."""
    for row in np.flatnonzero((table.exo == 1) & (table.free == 0)):
        if table.op[row] not in ("~~", "~1"):
            continue
        sample = moments[table.group[row] - 1]
        start[row] = sample.moment(table.lhs[row], table.rhs[row])
    return start


def _with_unit_residuals(layout: GroupMatrices, sample: SampleMoments) -> SampleMoments:
    """Under "theta" an ordered variable has residual variance 1, not variance 1: the sample in that unit."""
    ordered, free = layout.ordered, layout.free
    has_residual = np.diag(layout.base["theta"]) == 1.0
    has_residual[free.i[(free.matrix == THETA) & (free.i == free.j)]] = True
    if not ordered.any() or not has_residual[ordered].all():
        return sample
    measured = [one for one in _indicators(layout) if len(one.nodes)]
    _, residual = _measurement(layout, measured, sample.cov)
    unit = np.where(ordered, np.sqrt(np.diag(sample.cov) / residual), 1.0)
    return replace(
        sample,
        cov=sample.cov * np.outer(unit, unit),
        thresholds=sample.thresholds * unit[sample.threshold_variable],
        slopes=sample.slopes * unit[:, None] if sample.slopes.size else sample.slopes,
    )


def group_starts(layout: GroupMatrices, sample: SampleMoments) -> FloatArray:
    """A value for every cell of one group."""
    p, cov = len(layout.ov), sample.cov
    measured = [one for one in _indicators(layout) if len(one.nodes)]
    loading, theta = _measurement(layout, measured, cov)
    moments = _latent_covariance(layout, loading, theta, cov)
    beta = _effects(layout, measured, loading, moments)
    residual = np.eye(len(beta)) - beta
    psi = residual @ moments @ residual.T
    np.fill_diagonal(psi, np.maximum(np.diag(psi), 0.05 * np.diag(moments)))
    matrices = {
        LAMBDA: loading,
        THETA: np.diag(theta),
        PSI: psi,
        BETA: beta,
        NU: sample.mean[:, None],
        ALPHA: np.zeros((len(layout.lv), 1)),
        DELTA: np.ones((p, 1)),
        TAU: sample.true_thresholds[:, None],
        GAMMA: _slopes(layout, sample),
    }
    _observed_means(layout, sample, matrices)
    return _values(layout.cells, matrices)


def _values(cells: Cells, matrices: dict[int, FloatArray]) -> FloatArray:
    values = np.zeros(len(cells.row))
    for code, matrix in matrices.items():
        chosen = cells.matrix == code
        if chosen.any():
            values[chosen] = matrix[cells.i[chosen], cells.j[chosen]]
    return values


def _slopes(layout: GroupMatrices, sample: SampleMoments) -> FloatArray:
    """Slopes on conditioned x: those of phantoms from the sample, zero for latent variables."""
    slopes = np.zeros((len(layout.lv), len(layout.ov_x)))
    phantom = np.flatnonzero(layout.phantom_of >= 0)
    if len(layout.ov_x) and len(phantom):
        columns = np.array([sample.x_names.index(name) for name in layout.ov_x])
        slopes[phantom] = sample.slopes[np.ix_(layout.phantom_of[phantom], columns)]
    return slopes


def _observed_means(layout: GroupMatrices, sample: SampleMoments, matrices: dict[int, FloatArray]) -> None:
    """Intercepts of phantoms: their mean less what their predictors bring."""
    phantom = np.flatnonzero(layout.phantom_of >= 0)
    if len(phantom):
        mean = np.zeros(len(layout.lv))
        mean[phantom] = sample.mean[layout.phantom_of[phantom]]
        alpha = mean - matrices[BETA] @ mean
        matrices[ALPHA][phantom, 0] = alpha[phantom]


def _indicators(layout: GroupMatrices) -> list[Indicators]:
    """Indicators of every latent variable, lower orders first."""
    p, cells = len(layout.ov), layout.cells
    inner = np.isin(cells.matrix, (LAMBDA, BETA)) & (cells.j < layout.n_latent) & layout.measures
    found = []
    for latent in range(layout.n_latent):
        rows = np.flatnonzero(inner & (cells.j == latent))
        index = cells.i[rows]
        phantom = layout.phantom_of[np.minimum(index, len(layout.lv) - 1)]
        latent_node = np.where(phantom >= 0, phantom, p + index)
        nodes = np.where(cells.matrix[rows] == LAMBDA, index, latent_node)
        base = [layout.base[MATRICES[cells.matrix[r]]][cells.i[r], cells.j[r]] for r in rows]
        fixed = np.where(cells.parameter[rows] < 0, base, np.nan)
        found.append(Indicators(latent, nodes, rows, fixed))
    return sorted(found, key=lambda one: bool(np.any(one.nodes >= p)))


def _measurement(
    layout: GroupMatrices, measured: list[Indicators], cov: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Loadings (p, m) of the observed indicators, error variances (p,)."""
    p = len(layout.ov)
    loading = layout.base["lambda"].copy()
    variance = np.diag(cov)
    theta = 0.5 * variance
    for one in measured:
        if np.any(one.nodes >= p):
            continue
        weight, factor = fabin(cov[np.ix_(one.nodes, one.nodes)], one.fixed, _scale(layout, one.latent))
        loading[one.nodes, one.latent] = weight
        error = variance[one.nodes] - weight**2 * factor
        theta[one.nodes] = np.clip(
            error, LEAST_SHARE * variance[one.nodes], (1 - LEAST_SHARE) * variance[one.nodes]
        )
    return loading, theta


def _scale(layout: GroupMatrices, latent: int) -> float:
    """The fixed variance of a latent variable; NaN if it is free."""
    cells = layout.cells
    row = np.flatnonzero((cells.matrix == PSI) & (cells.i == latent) & (cells.j == latent))
    if len(row) and cells.parameter[row[0]] >= 0:
        return float("nan")
    return float(layout.base["psi"][latent, latent])


def fabin(cov: FloatArray, fixed: FloatArray, scale: float) -> tuple[FloatArray, float]:
    """Loadings and factor variance of a one-factor model.

    `fixed` holds fixed loadings (NaN where free); `scale` the fixed variance of the factor or NaN.
    """
    deviation = np.sqrt(np.maximum(np.diag(cov), 1e-300))
    size = len(cov)
    weight = deviation / deviation[0]
    if size > 2:
        correlation = cov / np.outer(deviation, deviation)
        np.fill_diagonal(correlation, 0)
        marker = correlation[0]
        denominator = marker @ marker - marker**2
        ratio = (correlation @ marker)[1:] / np.where(denominator == 0, 1, denominator)[1:]
        limit = 1 / np.sqrt(LEAST_SHARE)
        weight[1:] *= np.clip(np.where(np.abs(ratio) < 0.05, 0.05, ratio), -limit, limit)
    factor = _factor_variance(cov, weight)
    known = np.flatnonzero(~np.isnan(fixed) & (fixed != 0))
    if len(known):
        change = fixed[known[0]] / weight[known[0]]
    elif scale > 0:
        change = np.sqrt(factor / scale)
    else:
        change = 1 / np.mean(weight) if abs(np.mean(weight)) > 0.1 * np.abs(weight).max() else 1.0
    weight = np.where(np.isnan(fixed), weight * change, fixed)
    return weight, factor / change**2


def _factor_variance(cov: FloatArray, weight: FloatArray) -> float:
    """Least squares on the covariances; kept inside the first variable's variance."""
    square = np.outer(weight, weight)
    np.fill_diagonal(square, 0)
    total = float(np.sum(square**2))
    found = float(np.sum(square * cov)) / total if total > 0 else 0.5 * cov[0, 0]
    return float(np.clip(found, LEAST_SHARE * cov[0, 0], (1 - LEAST_SHARE) * cov[0, 0]))


def _latent_covariance(
    layout: GroupMatrices, loading: FloatArray, theta: FloatArray, cov: FloatArray
) -> FloatArray:
    """Covariance matrix of the latent variables and phantoms; first-order ones only."""
    m, latent = len(layout.lv), layout.n_latent
    phantom = layout.phantom_of[latent:]
    moments = np.eye(m)
    moments[latent:, latent:] = cov[np.ix_(phantom, phantom)]
    first = np.flatnonzero(np.any(loading[:, :latent] != 0, axis=0))
    if len(first):
        weight = 1 / np.sqrt(np.diag(cov))
        inverse = np.linalg.pinv(weight[:, None] * loading[:, first]) * weight
        common = inverse @ (cov - np.diag(theta)) @ inverse.T
        noise = np.diag(inverse @ np.diag(theta) @ inverse.T)
        np.fill_diagonal(common, np.maximum(np.diag(common), LEAST_SHARE * (np.diag(common) + noise)))
        moments[np.ix_(first, first)] = common
        moments[first[:, None], np.arange(latent, m)] = inverse @ cov[:, phantom]
        moments[np.arange(latent, m)[:, None], first] = moments[first[:, None], np.arange(latent, m)].T
    return _proper(moments)


def _proper(moments: FloatArray) -> FloatArray:
    """Correlations of latent variables kept away from 1, the matrix positive definite."""
    deviation = np.sqrt(np.maximum(np.diag(moments), 1e-12))
    correlation: FloatArray = moments / np.outer(deviation, deviation)
    off = ~np.eye(len(correlation), dtype=np.bool_)
    correlation[off] = np.clip(correlation[off], -LARGEST_CORRELATION, LARGEST_CORRELATION)
    for _ in range(30):
        if len(correlation) < 2 or np.linalg.eigvalsh(correlation)[0] > 0.02:
            break
        correlation[off] *= 0.85
    correlation *= np.outer(deviation, deviation)
    return correlation


def _effects(
    layout: GroupMatrices, measured: list[Indicators], loading: FloatArray, moments: FloatArray
) -> FloatArray:
    """Regressions and higher-order loadings (m, m); `moments` gets the higher-order factors in place."""
    beta = layout.base["beta"].copy()
    p = len(layout.ov)
    node_of = {observed: index for index, observed in enumerate(layout.phantom_of) if observed >= 0}
    for one in measured:
        if not np.any(one.nodes >= p):
            continue
        inner = np.array([node_of.get(node, node - p) for node in one.nodes])
        inner_cov = moments[np.ix_(inner, inner)]
        weight, factor = fabin(inner_cov, one.fixed, _scale(layout, one.latent))
        beta[inner, one.latent] = weight
        moments[one.latent] = weight @ moments[inner] / (weight @ weight)
        moments[one.latent, inner] = weight * factor
        moments[:, one.latent] = moments[one.latent]
        moments[one.latent, one.latent] = factor
    cells = layout.cells
    regression = (cells.matrix == BETA) & (cells.parameter >= 0) & ~layout.measures
    for outcome in np.unique(cells.i[regression]):
        predictors = cells.j[regression & (cells.i == outcome)]
        square = moments[np.ix_(predictors, predictors)]
        beta[outcome, predictors] = np.linalg.lstsq(square, moments[predictors, outcome], rcond=None)[0]
    return beta
