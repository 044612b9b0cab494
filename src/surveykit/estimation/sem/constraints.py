"""Equalities, inequalities and defined parameters of a table, ready for an optimiser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from surveykit.errors import Note
from surveykit.estimation.sem.formulas import Formulas, Names, names_in, trees_of
from surveykit.estimation.sem.linear_equalities import LinearRow, SolvedEqualities
from surveykit.estimation.sem.parameter_table import CONSTRAINT_OPERATORS, ParameterTable

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Constraints:
    """All constraints of a table as functions of x, shape (n_free,) or (batch, n_free).

    Attributes
    ----------
    A, b : arrays (m, n_free) and (m,)
        The independent linear equalities ``A x = b``.
    K, k0 : arrays (n_free, q) and (n_free,)
        ``x = K z + k0`` obeys all of them, for any z of length q = n_free - m.
    simple : bool
        True if K has only zeros and ones, one in each row, and k0 is zero.
    equality_rows, inequality_rows, defined_rows : int arrays
        Rows of the table with ``==``, with ``<`` or ``>``, with ``:=``.
    nonlinear_rows : int array
        Those of `equality_rows` that are not linear.
    lower, upper : arrays (n_free,)
        Bounds of the free parameters; infinite where there is none.
    notes : tuple of Note
        M020 names equalities that follow from others.
    """

    n_free: int
    A: FloatArray
    b: FloatArray
    K: FloatArray
    k0: FloatArray
    simple: bool
    equality_rows: IntArray
    nonlinear_rows: IntArray
    inequality_rows: IntArray
    defined_rows: IntArray
    lower: FloatArray
    upper: FloatArray
    notes: tuple[Note, ...]
    _equalities: Formulas
    _nonlinear: Formulas
    _inequalities: Formulas
    _defined: Formulas

    @property
    def n_equalities(self) -> int:
        """Equality constraints that count: each takes one degree of freedom from the parameters."""
        return len(self.b) + len(self._nonlinear)

    @property
    def has_nonlinear(self) -> bool:
        return len(self._nonlinear) > 0

    @cached_property
    def has_bounds(self) -> bool:
        return bool(np.isfinite(self.lower).any() or np.isfinite(self.upper).any())

    def h(self, x: FloatArray) -> FloatArray:
        """Nonlinear equalities (..., m), zero where they hold."""
        return self._nonlinear.value(x)

    def h_jacobian(self, x: FloatArray) -> FloatArray:
        """(..., m, n_free)"""
        return self._nonlinear.jacobian(x)

    def g(self, x: FloatArray) -> FloatArray:
        """Inequalities (..., m), not negative where they hold. Bounds are not among them."""
        return self._inequalities.value(x)

    def g_jacobian(self, x: FloatArray) -> FloatArray:
        """(..., m, n_free)"""
        return self._inequalities.jacobian(x)

    def equalities(self, x: FloatArray) -> FloatArray:
        """Left minus right side of every ``==`` row of the table, in its order (..., m)."""
        if self.has_nonlinear:
            return self._equalities.value(x)
        coefficients, total = self._linear
        return np.asarray(x @ coefficients.T - total)

    @cached_property
    def _linear(self) -> tuple[FloatArray, FloatArray]:
        """All ``==`` rows as ``coefficients @ x - total``, where they are linear: cheaper than formulas."""
        origin = np.zeros(self.n_free)
        return self._equalities.jacobian(origin), -self._equalities.value(origin)

    def equalities_jacobian(self, x: FloatArray) -> FloatArray:
        """(..., m, n_free), for score tests: a row for each ``==`` row of the table."""
        return self._equalities.jacobian(x)

    def defined(self, x: FloatArray) -> FloatArray:
        """Values of the ``:=`` rows of the table, in its order (..., m)."""
        return self._defined.value(x)

    def defined_jacobian(self, x: FloatArray) -> FloatArray:
        """(..., m, n_free)"""
        return self._defined.jacobian(x)


def compile_constraints(table: ParameterTable) -> Constraints:
    """Everything that a table says with ``:= == < >``, and its bounds.

    Raises
    ------
    SurveykitError
        M015, M016 an expression that cannot be read; M017 an unknown label; M018, M035 definitions
        that cannot be; M019 equalities that contradict one another.
    """
    fixed = np.where(np.isnan(table.ustart), table.start, table.ustart)[table.free == 0]
    key = ("constraints", fixed.tobytes(), table.lower.tobytes(), table.upper.tobytes())
    return table.derived(key, lambda: _compiled(table))


def _compiled(table: ParameterTable) -> Constraints:
    has_some = any(op in CONSTRAINT_OPERATORS for op in table.op)
    names = names_in(table) if has_some else Names({}, {}, {})
    n_free = table.n_free
    by_op = {op: [at for at, one in enumerate(table.op) if one == op] for op in (":=", "==")}
    inequality_rows = [at for at, op in enumerate(table.op) if op in ("<", ">")]
    equalities = _formulas(table, by_op["=="], names)
    linear, nonlinear_rows = _linear_rows(equalities, by_op["=="])
    system = SolvedEqualities(linear, n_free, table)
    return Constraints(
        n_free=n_free,
        A=system.A,
        b=system.b,
        K=system.K,
        k0=system.k0,
        simple=system.simple,
        equality_rows=np.array(by_op["=="], dtype=np.int64),
        nonlinear_rows=np.array(nonlinear_rows, dtype=np.int64),
        inequality_rows=np.array(inequality_rows, dtype=np.int64),
        defined_rows=np.array(by_op[":="], dtype=np.int64),
        lower=table.lower[table.free > 0],
        upper=table.upper[table.free > 0],
        notes=system.notes,
        _equalities=equalities,
        _nonlinear=_formulas(table, nonlinear_rows, names),
        _inequalities=_formulas(table, inequality_rows, names),
        _defined=_formulas(table, by_op[":="], names),
    )


def _formulas(table: ParameterTable, rows: Sequence[int], names: Names) -> Formulas:
    return Formulas(trees_of(table, rows, names), names, table.n_free)


def _linear_rows(equalities: Formulas, rows: Sequence[int]) -> tuple[list[LinearRow], list[int]]:
    linear: list[LinearRow] = []
    nonlinear: list[int] = []
    for place, at in enumerate(rows):
        form = equalities.linear(place)
        if form is None:
            nonlinear.append(at)
        else:
            linear.append(LinearRow(at, form[0], -form[1]))
    return linear, nonlinear
