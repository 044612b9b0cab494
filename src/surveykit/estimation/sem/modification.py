"""Modification indices: what freeing one more parameter would gain, without fitting it.

With s the gradient of the log-likelihood of one case and I the expected information of
the extended model, both at the estimates, the index of a fixed parameter is
``N s^2 / v`` and its expected change ``s / v``, where v is the information about it that
the model's own parameters leave.

References
----------
Sorbom (1989), doi:10.1007/BF02294623. Saris, Satorra & Sorbom (1987).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.sem import standardize as std
from surveykit.estimation.sem.engine import Solution
from surveykit.estimation.sem.extended import extended_table
from surveykit.estimation.sem.information import Fitted
from surveykit.estimation.sem.layout import (
    ALPHA,
    NU,
    PSI,
    THETA,
    GroupMatrices,
    base_matrices,
    phantom_variables,
    place_rows,
)
from surveykit.estimation.sem.matrices import Representation
from surveykit.estimation.sem.parameter_table import ParameterTable
from surveykit.estimation.sem.prepared import Prepared
from surveykit.estimation.sem.restricted import constrained_inverse
from surveykit.estimation.sem.saturated_information import weight_matrix

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# Less information about a parameter than this means that it is not identified if freed.
NOT_IDENTIFIED = float(np.finfo(float).eps) ** (1 / 3)
TINY_VARIANCE = 1.5e-8
CANDIDATE = 10  # lavaan's `user` of what the model does not free


class Modifications(NamedTuple):
    """One entry a candidate: index into the rows of `table`, `mi`, `epc`, standardized changes by kind."""

    table: ParameterTable
    rows: IntArray
    mi: FloatArray
    epc: FloatArray
    standardized: dict[str, FloatArray]


def modification_indices(solution: Solution, given_x: bool = False) -> Modifications:
    """Indices of everything that the model fixes; what cannot be identified is left out.

    Equality constraints stay (see `score_test`). `given_x` leaves out what concerns x alone.
    """
    extended = ExtendedModel(solution, given_x)
    table = extended.table
    candidates = np.flatnonzero(table.user == CANDIDATE)
    new = table.free[candidates] - 1
    gradient, information = extended.gradient[new], extended.information
    own = np.arange(solution.table.n_free)
    inverse = _inverse(solution, information[np.ix_(own, own)])
    across = information[np.ix_(new, own)]
    left = information[new, new] - np.einsum("ij,jk,ik->i", across, inverse, across, optimize=True)
    known = left >= NOT_IDENTIFIED
    rows, gradient, left = candidates[known], gradient[known], left[known]
    epc = gradient / left
    found = Modifications(
        table, rows, solution.ntotal * gradient * epc, epc, _standardized(solution, extended, rows, epc)
    )
    return found if given_x else _with_fixed_x(found)


def _inverse(solution: Solution, information: FloatArray) -> FloatArray:
    """Of the model's own information, in the directions that all its constraints leave free."""
    assert solution.fitted is not None
    known = solution.fitted.invert(information)
    return constrained_inverse(information, solution.constraints.A) if known is None else known


def _with_fixed_x(found: Modifications) -> Modifications:
    """The same with the (co)variances of fixed x, which fit by construction: 0, as lavaan lists them."""
    table = found.table
    fixed = (table.exo == 1) & (table.free == 0) & np.array([op == "~~" for op in table.op])
    rows = np.concatenate([found.rows, np.flatnonzero(fixed)])
    order = np.argsort(rows, kind="stable")
    none = np.zeros(len(rows) - len(found.rows))

    def filled(values: FloatArray) -> FloatArray:
        return np.concatenate([values, none])[order]

    standardized = {kind: filled(values) for kind, values in found.standardized.items()}
    return Modifications(table, rows[order], filled(found.mi), filled(found.epc), standardized)


def _standardized(
    solution: Solution, extended: ExtendedModel, rows: IntArray, epc: FloatArray
) -> dict[str, FloatArray]:
    """Changes in standard deviations; residual covariances as residual correlations.

    As in lavaan the sign is that of the change, and variances stand with their estimates.
    """
    table, x = extended.table, extended.x
    values = std.row_values(extended.representation, len(table), x[None])[0]
    changes = np.full(len(table), np.nan)
    changes[rows] = np.abs(epc)
    pairs = zip(table.op, table.lhs, table.rhs, strict=True)
    variance = np.array([op == "~~" and lhs == rhs for op, lhs, rhs in pairs])
    changes = np.where(variance, values, changes)
    tiny = variance & (np.abs(changes) < TINY_VARIANCE)
    changes[tiny] = np.nan
    scales = std.deviations(extended.representation, x)
    out = {}
    for kind in ("std.lv", "std.all", "std.nox"):
        fixed = [std.fixed_x(layout) for layout in solution.representation.groups]
        plan = std.scale_plan(table, extended.representation, kind, fixed)
        with np.errstate(invalid="ignore", divide="ignore"):
            all_rows = std.standardized(plan, changes[None], scales)[0]
        out[kind] = np.where(tiny, 0.0, np.sign(_filled(epc, rows, len(table))) * all_rows)[rows]
    return out


def _filled(epc: FloatArray, rows: IntArray, size: int) -> FloatArray:
    full = np.zeros(size)
    full[rows] = epc
    return full


@dataclass(frozen=True)
class ExtendedModel:
    """The extended model at the estimates of a solution: nothing is fitted."""

    solution: Solution
    given_x: bool = False

    @cached_property
    def table(self) -> ParameterTable:
        conditional = self.given_x or self.solution.representation.conditional_x
        return extended_table(self.solution.table, conditional)

    @cached_property
    def x(self) -> FloatArray:
        """The estimates, then the fixed values of the candidates."""
        values = self.solution.estimates
        known = {self._key(self.solution.table, row): value for row, value in enumerate(values)}
        rows = np.flatnonzero(self.table.free)
        rows = rows[np.argsort(self.table.free[rows])]
        return np.array([known.get(self._key(self.table, row), 0.0) for row in rows.tolist()])

    @staticmethod
    def _key(table: ParameterTable, row: int) -> tuple[str, str, str, int]:
        return table.lhs[row], table.op[row], table.rhs[row], int(table.group[row])

    @cached_property
    def representation(self) -> Representation:
        """As the model's, with observed variables, latent variables and thresholds in its order."""
        own = self.solution.representation
        groups = tuple(_relaid(self.table, layout) for layout in own.groups)
        return Representation(
            self.table.n_free,
            own.meanstructure,
            own.conditional_x,
            own.categorical,
            own.parameterization,
            groups,
        )

    @cached_property
    def _prepared(self) -> Prepared:
        return _Extended(self.table, self.solution.settings, self.representation)

    @cached_property
    def _groups(self) -> tuple[FloatArray, Fitted]:
        """Gradient of the log-likelihood of one case, and the groups at x."""
        prepared, moments = self._prepared, self.solution.moments
        discrepancies = [prepared.discrepancy(group, sample) for group, sample in enumerate(moments)]
        sizes = np.array(self.solution.nobs, dtype=np.float64)
        problem = prepared.problem(discrepancies, sizes)
        gradient = -0.5 * problem.point(self.x[:, None]).gradient[:, 0]
        groups = tuple(
            prepared.inference(sample, one, self.x)
            for sample, one in zip(moments, discrepancies, strict=True)
        )
        identity = np.eye(self.table.n_free)
        fitted = Fitted(
            n_free=self.table.n_free,
            groups=groups,
            shares=sizes / sizes.sum(),
            weights=problem.weights,
            free_directions=identity,
            equality_directions=identity,
        )
        return gradient, fitted

    @property
    def gradient(self) -> FloatArray:
        return self._groups[0]

    @property
    def fitted(self) -> Fitted:
        return self._groups[1]

    @cached_property
    def information(self) -> FloatArray:
        """Expected information of one case (n_free, n_free).

        What fixed x say about each other carries none, as in lavaan: a regression of x on
        something is informed by the other moments alone.
        """
        fitted = self._groups[1]
        if not any(len(layout.exogenous.i) for layout in self.representation.groups):
            return fitted.information("expected", h1=self.solution.settings.h1_information[0])
        parts = []
        for number, group in enumerate(fitted.groups):
            delta = group.delta()
            parts.append(delta.T @ weight_matrix(self.solution, number, "expected") @ delta)
        return fitted.assemble(parts, fitted.shares)


@dataclass(frozen=True)
class _Extended(Prepared):
    """A prepared model whose matrices are laid out beforehand."""

    layout: Representation

    @cached_property
    def representation(self) -> Representation:
        return self.layout


def _relaid(table: ParameterTable, layout: GroupMatrices) -> GroupMatrices:
    """The group's matrices for further parameters; all names keep their order."""
    latent = layout.lv[: layout.n_latent]
    rows = [row for row in range(len(table)) if table.group[row] == layout.group]
    phantoms = phantom_variables(table, rows, latent, layout.ov_x)
    lv = (*latent, *(name for name in layout.ov if name in phantoms))
    cells = place_rows(table, rows, layout.ov, lv, layout.ov_x, layout.th)
    exogenous = (table.exo[cells.row] == 1) & (cells.parameter < 0)
    return replace(
        layout,
        lv=lv,
        cells=cells,
        base=base_matrices(table, cells, layout.ov, lv, layout.ov_x, layout.th),
        exogenous_rows=exogenous & np.isin(cells.matrix, (PSI, THETA, ALPHA, NU)),
        measures=np.array([table.op[row] == "=~" for row in cells.row], dtype=np.bool_),
    )
