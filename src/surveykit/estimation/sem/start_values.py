"""Starting values that are already close: loadings by instrumental variables, the rest by least squares.

Loadings of a factor come from Hagglund's FABIN2 on its indicators, covariances of the
latent variables from the regression of S on the loadings, regressions from those.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.moments import SampleMoments
from surveykit.estimation.sem.layout import (
    ALPHA,
    BETA,
    DELTA,
    GAMMA,
    LAMBDA,
    NU,
    PSI,
    TAU,
    THETA,
    GroupMatrices,
)
from surveykit.estimation.sem.linalg import cholesky
from surveykit.estimation.sem.matrices import Representation
from surveykit.estimation.sem.parameter_table import ParameterTable
from surveykit.estimation.sem.start_factors import LEAST_SHARE, Structure, diagonal_of, measure, structure

FloatArray = NDArray[np.float64]

LARGEST_CORRELATION = 0.9
RIDGE = 1e-6  # where loadings or predictors are collinear


def with_starts(table: ParameterTable, moments: tuple[SampleMoments, ...]) -> ParameterTable:
    """The table with `start` filled in: start values, fixed values, and the sample's moments of fixed x."""
    return filled(table, moments)[0]


def filled(
    table: ParameterTable, moments: tuple[SampleMoments, ...], parameterization: str = "delta"
) -> tuple[ParameterTable, Representation]:
    """The table with `start` filled in, and its representation, which free start values do not change."""
    start = table.ustart.copy()
    representation = Representation.from_table(
        table.with_start(_exogenous(table, moments, start)), parameterization
    )
    for layout, sample in zip(representation.groups, moments, strict=True):
        rows, unknown = layout.cells.row, np.isnan(start[layout.cells.row])
        if unknown.any():
            values = group_starts(layout, _with_unit_residuals(layout, sample))
            start[rows[unknown]] = values[unknown]
    start[np.isnan(start)] = 0.0
    return table.with_start(start), representation


def _exogenous(table: ParameterTable, moments: tuple[SampleMoments, ...], start: FloatArray) -> FloatArray:
    """Fill in moments of fixed x, and the sample's thresholds where they are fixed at no value, in place."""
    for row in np.flatnonzero(np.isnan(start) & (table.free == 0)):
        if table.op[row] == "|":
            sample = moments[table.group[row] - 1]
            own = sample.thresholds[sample.threshold_variable == sample.names.index(table.lhs[row])]
            start[row] = own[int(table.rhs[row][1:]) - 1]
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
    _, residual, _ = _measurement(layout, sample.cov)
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
    loading, theta, parts = _measurement(layout, cov)
    moments = _latent_covariance(layout, loading, theta, cov)
    beta = _effects(layout, parts, loading, moments)
    residual = np.eye(len(beta)) - beta
    psi = residual @ moments @ residual.T
    own = diagonal_of(psi)
    np.maximum(own, 0.05 * moments.diagonal(), out=own)
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
    values = np.zeros(len(layout.cells.row))
    for code, cells in layout.by_matrix.items():
        if code in matrices:
            values[layout.places[code]] = matrices[code][cells.i, cells.j]
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


def _measurement(layout: GroupMatrices, cov: FloatArray) -> tuple[FloatArray, FloatArray, Structure]:
    """Loadings (p, m) of the observed indicators, error variances (p,)."""
    parts = structure(layout)
    loading, variance = layout.base["lambda"].copy(), cov.diagonal()
    theta = 0.5 * variance
    if len(parts.first):
        measured = measure(parts.first_factors, cov)
        member = parts.first_factors.member
        loading[:, parts.first] = np.where(member, measured.loading, loading[:, parts.first])
        explained = (measured.loading**2 * measured.variance).max(axis=1)
        error = np.maximum(variance - explained, LEAST_SHARE * variance)
        error = np.minimum(error, (1 - LEAST_SHARE) * variance)
        theta = np.where(member.any(axis=1), error, theta)
    return loading, theta, parts


def _latent_covariance(
    layout: GroupMatrices, loading: FloatArray, theta: FloatArray, cov: FloatArray
) -> FloatArray:
    """Covariance matrix of the latent variables and phantoms; first-order ones only."""
    m, latent = len(layout.lv), layout.n_latent
    phantom = layout.phantom_of[latent:]
    moments = np.eye(m)
    moments[latent:, latent:] = cov[phantom[:, None], phantom]
    first = np.flatnonzero(np.any(loading[:, :latent] != 0, axis=0))
    if len(first):
        weighted = loading[:, first].T / cov.diagonal()
        gram = weighted @ loading[:, first]
        diagonal_of(gram)[:] *= 1 + RIDGE
        inverse = np.linalg.solve(gram, weighted)
        whole = inverse @ cov @ inverse.T
        common = whole - (inverse * theta) @ inverse.T
        own = diagonal_of(common)
        np.maximum(own, LEAST_SHARE * whole.diagonal(), out=own)
        moments[first[:, None], first] = common
        moments[first, latent:] = inverse @ cov[:, phantom]
        moments[latent:, first] = moments[first, latent:].T
    return _proper(moments)


def _proper(moments: FloatArray) -> FloatArray:
    """Correlations of latent variables kept away from 1, the matrix positive definite."""
    deviation = np.sqrt(np.maximum(moments.diagonal(), 1e-12))
    unit = deviation[:, None] * deviation
    correlation: FloatArray = moments / unit
    one = correlation.diagonal().copy()
    correlation = np.minimum(np.maximum(correlation, -LARGEST_CORRELATION), LARGEST_CORRELATION)
    diagonal_of(correlation)[:] = one
    lifted = correlation - 0.02 * np.eye(len(correlation))
    for _ in range(30):
        if len(correlation) < 2 or cholesky(lifted[None])[1][0]:
            break
        off = ~np.eye(len(correlation), dtype=np.bool_)
        correlation[off] *= 0.85
        lifted[off] *= 0.85
    return np.asarray(correlation * unit)


def _effects(layout: GroupMatrices, parts: Structure, loading: FloatArray, moments: FloatArray) -> FloatArray:
    """Regressions and higher-order loadings (m, m); `moments` gets the higher-order factors in place."""
    beta = layout.base["beta"].copy()
    phantom = np.flatnonzero(layout.phantom_of >= 0)
    if len(phantom) and len(parts.first):
        own = layout.phantom_of[phantom]
        member = parts.first_factors.member[own]
        where = np.ix_(phantom, parts.first)
        beta[where] = np.where(member, loading[own][:, parts.first], beta[where])
    for at, latent in enumerate(parts.higher):
        factor = parts.higher_factors.only(at)
        measured, member = measure(factor, moments), factor.member[:, 0]
        weight = measured.loading[member, 0]
        beta[member, latent] = weight
        moments[latent] = weight @ moments[member] / ((weight @ weight) or 1.0)  # a composite has none
        moments[latent, member] = weight * measured.variance[0]
        moments[:, latent] = moments[latent]
        moments[latent, latent] = measured.variance[0]
    cells = layout.cells
    regression = (cells.matrix == BETA) & (cells.parameter >= 0) & ~layout.measures
    for outcome in np.unique(cells.i[regression]):
        predictors = cells.j[regression & (cells.i == outcome)]
        square = moments[np.ix_(predictors, predictors)]
        square[np.diag_indices(len(square))] *= 1 + RIDGE
        beta[outcome, predictors] = np.linalg.solve(square, moments[predictors, outcome])
    return beta
