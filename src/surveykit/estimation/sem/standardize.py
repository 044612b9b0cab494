"""Standardized parameters: each row divided by the model-implied standard deviations it refers to.

Three kinds, as in lavaan: `std.lv` (latent variables only), `std.all` (latent and
observed), `std.nox` (all but the fixed exogenous x). A residual covariance is divided
by the residual standard deviations, so that it reads as a residual correlation.

Every standardized row is ``estimate * s[numerator] / (s[first] * s[second])`` where s
holds 1, the implied standard deviations of all groups and the residual ones; the
places are found once (`scale_plan`), so that a stack of solutions (bootstrap) and the
delta method are a gather each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.sem.layout import (
    ALPHA,
    BETA,
    DELTA,
    GAMMA,
    LAMBDA,
    MATRICES,
    NU,
    PSI,
    THETA,
    GroupMatrices,
)
from surveykit.estimation.sem.matrices import Representation, total_effects
from surveykit.estimation.sem.parameter_table import CONSTRAINT_OPERATORS, ParameterTable

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

KINDS = ("std.all", "std.lv", "std.nox")
NO_VARIANCE = float(np.finfo(float).eps)


class ScalePlan(NamedTuple):
    """Where each row of a table finds its scales.

    `numerator`, `first`, `second` (n_rows,) point into ``[1, deviations, residuals]``;
    `residual_rows` are the table rows whose root is a residual deviation; `unit` marks
    scale rows (``~*~``) that become 1; `parameters` marks rows that are parameters.
    """

    numerator: IntArray
    first: IntArray
    second: IntArray
    residual_rows: IntArray
    unit: NDArray[np.bool_]
    parameters: NDArray[np.bool_]


def scale_plan(
    table: ParameterTable,
    representation: Representation,
    kind: str = "std.all",
    left_alone: Sequence[frozenset[str]] = (),
) -> ScalePlan:
    """Places of the scales of each row, for one kind of standardization.

    `left_alone` names by group what "std.nox" does not standardize; by default the fixed x.
    """
    key = ("scale", kind, tuple(left_alone), representation.conditional_x)
    return table.derived(key, lambda: _scale_plan(table, representation, kind, left_alone))


def _scale_plan(
    table: ParameterTable, representation: Representation, kind: str, left_alone: Sequence[frozenset[str]]
) -> ScalePlan:
    if kind != "std.nox":
        left_alone = [frozenset()] * len(representation.groups)
    elif not left_alone:
        left_alone = [fixed_x(layout) for layout in representation.groups]
    n_rows = len(table)
    variances = _variance_rows(table)
    residual_rows = np.array(list(variances.values()), dtype=np.int64)
    offsets = _offsets(representation)
    first_residual = 1 + offsets[-1]
    residual_at = {key: first_residual + place for place, key in enumerate(variances)}
    groups = [
        _Scaled(layout, 1 + offset, kind, alone)
        for layout, offset, alone in zip(representation.groups, offsets, left_alone, strict=False)
    ]
    places = np.zeros((3, n_rows), dtype=np.int64)
    unit = np.zeros(n_rows, dtype=bool)
    for row, (op, group) in enumerate(zip(table.op, table.group.tolist(), strict=True)):
        if op in CONSTRAINT_OPERATORS:
            continue
        places[:, row] = groups[group - 1].places(table.lhs[row], op, table.rhs[row], group, residual_at)
        unit[row] = op == "~*~" and kind != "std.lv"
    parameters = np.array([op not in CONSTRAINT_OPERATORS for op in table.op], dtype=bool)
    numerator, first, second = places
    return ScalePlan(numerator, first, second, residual_rows, unit, parameters)


class _Scaled:
    """Names of one group to places among its deviations; 0 (the place of 1) where not standardized."""

    def __init__(self, layout: GroupMatrices, start: int, kind: str, left_alone: frozenset[str]) -> None:
        latent = layout.lv[: layout.n_latent]
        observed = (*layout.ov, *layout.ov_x)
        self.latent = {name: start + place for place, name in enumerate(latent)}
        self.observed = {
            name: start + len(latent) + place
            for place, name in enumerate(observed)
            if kind != "std.lv" and name not in left_alone
        }

    def of(self, name: str) -> int:
        return self.latent.get(name) or self.observed.get(name, 0)

    def places(
        self, lhs: str, op: str, rhs: str, group: int, residual_at: dict[tuple[int, str], int]
    ) -> tuple[int, int, int]:
        """Numerator and two denominators of one row."""
        if op == "=~":
            return self.latent.get(lhs, 0), self.of(rhs), 0
        if op == "~":
            return self.of(rhs), self.of(lhs), 0
        if op == "~~" and lhs == rhs:
            return 0, self.of(lhs), self.of(lhs)
        if op == "~~":
            one, other = (residual_at.get((group, name), 0) if self.of(name) else 0 for name in (lhs, rhs))
            return 0, one, other
        return 0, self.of(lhs) if op in ("~1", "|") else 0, 0


def standardized(plan: ScalePlan, estimates: FloatArray, deviations: FloatArray) -> FloatArray:
    """Standardized rows, (batch, n_rows); NaN in rows that are constraints or definitions.

    Parameters
    ----------
    estimates : (batch, n_rows), the value of every row of the table
    deviations : (batch, n_scales), from `deviations`
    """
    scales = _scales(plan, estimates, deviations)
    factor = scales[:, plan.numerator] / (scales[:, plan.first] * scales[:, plan.second])
    out = np.where(plan.unit, 1.0, estimates * factor)
    out[:, ~plan.parameters] = np.nan
    return np.where(np.isfinite(out), out, np.nan)  # what is divided by a deviation of zero


def standardized_jacobian(
    plan: ScalePlan, estimates: FloatArray, deviations: FloatArray, d_estimates: FloatArray, d_log: FloatArray
) -> FloatArray:
    """Derivatives of the standardized rows with respect to x, (n_rows, n_free).

    `estimates` (n_rows,) and `deviations` (n_scales,) belong to one solution, `d_estimates`
    (n_rows, n_free) are the derivatives of the rows, `d_log` (n_scales, n_free) those of the
    logarithms of the deviations.
    """
    scales = _scales(plan, estimates[None], deviations[None])[0]
    residual = plan.residual_rows
    with np.errstate(divide="ignore", invalid="ignore"):
        d_residual = 0.5 * d_estimates[residual] / estimates[residual, None]
    d_scales = np.concatenate([np.zeros((1, d_log.shape[1])), d_log, d_residual])
    factor = scales[plan.numerator] / (scales[plan.first] * scales[plan.second])
    relative = d_scales[plan.numerator] - d_scales[plan.first] - d_scales[plan.second]
    jacobian: FloatArray = factor[:, None] * (d_estimates + estimates[:, None] * relative)
    jacobian[plan.unit] = 0.0
    jacobian[~plan.parameters] = np.nan
    return jacobian


def deviations(representation: Representation, x: FloatArray) -> FloatArray:
    """Implied standard deviations, (batch, n_scales): per group latent variables, then observed.

    A negative variance has no deviation: NaN. That of a latent variable without variance is zero.
    """
    variances = np.concatenate(
        [np.concatenate(implied_variances(representation, x, g), axis=1) for g in _groups(representation)],
        axis=1,
    )
    variances[np.abs(variances) <= NO_VARIANCE] = 0.0
    return np.asarray(np.sqrt(np.where(variances >= 0, variances, np.nan)))


def log_deviation_jacobian(representation: Representation, x: FloatArray) -> FloatArray:
    """Derivatives of the logarithms of `deviations` with respect to x (n_free,): (n_scales, n_free)."""
    blocks = []
    for group in _groups(representation):
        values = np.concatenate([one[0] for one in implied_variances(representation, x, group)])
        change = np.concatenate(variance_jacobian(representation, x, group))
        relative = 0.5 * change / np.where(values > NO_VARIANCE, values, np.nan)[:, None]
        blocks.append(np.where(change == 0, 0.0, relative))
    return np.concatenate(blocks)


def implied_variances(
    representation: Representation, x: FloatArray, group: int
) -> tuple[FloatArray, FloatArray]:
    """Variances of the true latent variables and of the observed ones (x last, if conditioned on)."""
    layout = representation.groups[group]
    matrices = representation.fill(x, group)
    latent, common = _common_variance(matrices)
    observed = common + np.einsum("bii->bi", matrices["theta"])
    if layout.ov_x:
        observed = np.concatenate([observed, np.einsum("bii->bi", matrices["cov.x"])], axis=1)
    return latent[:, : layout.n_latent], observed


def _common_variance(matrices: dict[str, FloatArray]) -> tuple[FloatArray, FloatArray]:
    total = total_effects(matrices)
    covariance = total @ latent_disturbance(matrices) @ total.transpose(0, 2, 1)
    loading = matrices["lambda"]
    common = np.asarray(((loading @ covariance) * loading).sum(axis=2))
    return np.einsum("bii->bi", covariance), common


def latent_disturbance(matrices: dict[str, FloatArray]) -> FloatArray:
    """Psi, plus what conditioned-on x adds: Gamma cov(x) Gamma'."""
    gamma = matrices["gamma"]
    if gamma.shape[-1] == 0:
        return matrices["psi"]
    return matrices["psi"] + gamma @ matrices["cov.x"] @ gamma.transpose(0, 2, 1)


def variance_jacobian(
    representation: Representation, x: FloatArray, group: int
) -> tuple[FloatArray, FloatArray]:
    """Derivatives of `implied_variances` at one x (n_free,): (n_latent, n_free) and (p, n_free)."""
    layout = representation.groups[group]
    if _follows(representation, group):
        return _numerical_variances(representation, x, group)
    d_latent, d_common = _common_jacobian(representation, x, group)
    d_observed = d_common.copy()
    free = layout.free
    own = (free.matrix == THETA) & (free.i == free.j)
    d_observed[free.i[own], free.parameter[own]] += 1.0
    if representation.categorical and representation.parameterization == "delta":
        scale = representation.fill(x, group)["delta"][0, :, 0]
        d_observed[layout.ordered] = 0.0
        own = free.matrix == DELTA
        d_observed[free.i[own], free.parameter[own]] = -2.0 * scale[free.i[own]] ** -3.0
    if layout.ov_x:
        d_observed = np.concatenate([d_observed, np.zeros((len(layout.ov_x), representation.n_free))])
    return d_latent[: layout.n_latent], d_observed


def _follows(representation: Representation, group: int) -> bool:
    """Whether total variances of ordered variables move with more than their scales.

    So they do with covariates, which add to them, and where an ordered variable stands in a regression:
    its residual variance then follows from all effects on it.
    """
    layout = representation.groups[group]
    under_delta = representation.categorical and representation.parameterization == "delta"
    return under_delta and (len(layout.ov_x) > 0 or len(layout.dependent[0]) > 0)


def _numerical_variances(
    representation: Representation, x: FloatArray, group: int
) -> tuple[FloatArray, FloatArray]:
    """`variance_jacobian` by central differences."""
    latent, _ = implied_variances(representation, x, group)
    found = _differences(lambda at: np.concatenate(implied_variances(representation, at, group), axis=1), x)
    return found[: latent.shape[1]], found[latent.shape[1] :]


def _differences(function: Callable[[FloatArray], FloatArray], x: FloatArray) -> FloatArray:
    """Derivatives (k, n_free) at x (n_free,) of a function of a stack, to about ten digits."""
    step = 1e-5 * np.maximum(1.0, np.abs(x))
    shifts = np.diag(step)
    values = function(np.concatenate([x + shifts, x - shifts]))
    above, below = np.split(values, 2)
    return np.asarray(((above - below) / (2 * step[:, None])).T)


def _common_jacobian(
    representation: Representation, x: FloatArray, group: int
) -> tuple[FloatArray, FloatArray]:
    """Derivatives of var(eta) (m, n_free) and of the common part of var(y) (p, n_free)."""
    matrices = {name: one[0] for name, one in representation.fill(x, group).items()}
    stacked = {name: one[None] for name, one in matrices.items()}
    total = total_effects(stacked)[0]
    covariance = total @ latent_disturbance(stacked)[0] @ total.T
    loading = matrices["lambda"]
    down = np.concatenate([total, loading @ total])  # effects of the disturbances on eta, then y
    through = np.concatenate([covariance, loading @ covariance])  # covariances of eta, then y, with eta
    from_x = down @ matrices["gamma"] @ matrices["cov.x"]
    m = len(total)
    change = np.zeros((len(down), representation.n_free))
    free = representation.groups[group].free
    for code, row, column, parameter in zip(free.matrix, free.i, free.j, free.parameter, strict=True):
        if code == PSI:
            change[:, parameter] += (1.0 if row == column else 2.0) * down[:, row] * down[:, column]
        elif code == BETA:
            change[:, parameter] += 2.0 * down[:, row] * through[:, column]
        elif code == GAMMA:
            change[:, parameter] += 2.0 * down[:, row] * from_x[:, column]
        elif code == LAMBDA:
            change[m + row, parameter] += 2.0 * (loading @ covariance)[row, column]
    return change[:m], change[m:]


def row_values(representation: Representation, n_rows: int, x: FloatArray) -> FloatArray:
    """The value of every parameter row at x (batch, n_free), fixed and dependent ones included.

    Rows that are not parameters (definitions, constraints) are NaN: (batch, n_rows).
    """
    stack = np.atleast_2d(x)
    values = np.full((len(stack), n_rows), np.nan)
    for group in _groups(representation):
        matrices = representation.fill(stack, group)
        for code, cells in representation.groups[group].by_matrix.items():
            values[:, cells.row] = matrices[MATRICES[code]][:, cells.i, cells.j]
    return values


def row_jacobian(representation: Representation, n_rows: int, x: FloatArray) -> FloatArray:
    """Derivatives of `row_values` at one x (n_free,): (n_rows, n_free); zero in other rows."""
    jacobian = np.zeros((n_rows, representation.n_free))
    for group in _groups(representation):
        cells = representation.groups[group].cells
        free = cells.parameter >= 0
        jacobian[cells.row[free], cells.parameter[free]] = 1.0
        # Scales under "theta" are those of the responses given covariates, not of all their variance.
        given_x = representation.categorical and len(representation.groups[group].ov_x) > 0
        if given_x or _follows(representation, group):
            rows = np.flatnonzero(np.isin(np.arange(n_rows), cells.row[~free]))
            jacobian[rows] = _differences(partial(row_values, representation, n_rows), x)[rows]
        elif representation.categorical:
            _dependent_rows(representation, x, group, jacobian)
    return jacobian


def _dependent_rows(representation: Representation, x: FloatArray, group: int, jacobian: FloatArray) -> None:
    """Residual variances (delta) or scales (theta) of ordered variables follow from the rest."""
    layout = representation.groups[group]
    cells = layout.cells
    _, d_observed = variance_jacobian(representation, x, group)
    under_delta = representation.parameterization == "delta"
    own = np.flatnonzero(cells.matrix == (THETA if under_delta else DELTA))
    own = own[layout.ordered[cells.i[own]] & ((cells.i[own] == cells.j[own]) | (not under_delta))]
    at = cells.i[own]
    if under_delta:
        _, d_common = _common_jacobian(representation, x, group)
        jacobian[cells.row[own]] = d_observed[at] - d_common[at]
    else:
        _, variance = implied_variances(representation, x, group)
        jacobian[cells.row[own]] = -0.5 * variance[0, at, None] ** -1.5 * d_observed[at]


def _scales(plan: ScalePlan, estimates: FloatArray, deviations: FloatArray) -> FloatArray:
    ones = np.ones((len(estimates), 1))
    return np.concatenate([ones, deviations, np.sqrt(np.abs(estimates[:, plan.residual_rows]))], axis=1)


def _variance_rows(table: ParameterTable) -> dict[tuple[int, str], int]:
    """(group, name) -> the row of its (residual) variance."""
    rows = zip(table.group.tolist(), table.lhs, table.op, table.rhs, strict=True)
    return {(group, lhs): row for row, (group, lhs, op, rhs) in enumerate(rows) if op == "~~" and lhs == rhs}


def fixed_x(layout: GroupMatrices) -> frozenset[str]:
    """Exogenous observed variables whose moments are fixed at the sample's."""
    fixed = set(layout.ov_x)
    exogenous = layout.exogenous
    for code, i, j in zip(exogenous.matrix, exogenous.i, exogenous.j, strict=True):
        names = {PSI: layout.lv, THETA: layout.ov, ALPHA: layout.lv, NU: layout.ov}[int(code)]
        fixed |= {names[i]} if code in (ALPHA, NU) else {names[i], names[j]}
    return frozenset(fixed)


def _offsets(representation: Representation) -> list[int]:
    """Where each group's deviations start among all, and their number."""
    offsets = [0]
    for layout in representation.groups:
        offsets.append(offsets[-1] + layout.n_latent + len(layout.ov) + len(layout.ov_x))
    return offsets


def _groups(representation: Representation) -> range:
    return range(len(representation.groups))
