"""Linear equalities ``A x = b`` lived with, not fought: every x that obeys them is ``x = K z + k0``.

Plain equalities of two parameters collapse to a shared column of zeros and ones; the
rest gets an orthonormal basis of its null space, separately for parameters that have
nothing to do with each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from surveykit.errors import Note, SurveykitError, note
from surveykit.estimation.sem.formulas import readable
from surveykit.estimation.sem.parameter_table import ParameterTable

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# Rows are scaled to length 1 before they are compared, so that these are relative.
DEPENDENT = 1e-9
CONTRADICTION = 1e-7


@dataclass(frozen=True)
class LinearRow:
    """``sum of coefficients * x = total``, from row `at` of the table."""

    at: int
    coefficients: dict[int, float]
    total: float

    @property
    def is_plain_equality(self) -> bool:
        """``x_i = x_j``"""
        values = list(self.coefficients.values())
        return self.total == 0 and len(values) == 2 and values[0] == -values[1]


class _Classes:
    """Sets of numbers that are merged pair by pair (union-find); the smallest represents its set."""

    def __init__(self, size: int) -> None:
        self.parent = list(range(size))

    def find(self, one: int) -> int:
        while self.parent[one] != one:
            self.parent[one] = self.parent[self.parent[one]]
            one = self.parent[one]
        return one

    def merge(self, one: int, other: int) -> bool:
        """True if they were apart."""
        first, second = sorted((self.find(one), self.find(other)))
        self.parent[second] = first
        return first != second


class SolvedEqualities:
    """Linear equalities brought into the form ``x = K z + k0``."""

    def __init__(self, rows: Sequence[LinearRow], n_free: int, table: ParameterTable) -> None:
        self.table = table
        self.redundant: list[LinearRow] = []
        plain = [row for row in rows if row.is_plain_equality]
        general = [row for row in rows if not row.is_plain_equality]
        classes = _Classes(n_free)
        kept = [row for row in plain if classes.merge(*row.coefficients) or self._superfluous(row)]
        members = np.array([classes.find(at) for at in range(n_free)], dtype=np.int64)
        kept += self._solve(self._collapsed(general, members), members, n_free)
        self.A = np.zeros((len(kept), n_free))
        for place, row in enumerate(kept):
            self.A[place, list(row.coefficients)] = list(row.coefficients.values())
        self.b = np.array([row.total for row in kept], dtype=np.float64)
        self.simple = len(kept) == sum(row.is_plain_equality for row in kept)
        self.notes = self._notes()

    def _superfluous(self, row: LinearRow) -> bool:
        self.redundant.append(row)
        return False

    @staticmethod
    def _collapsed(rows: Sequence[LinearRow], members: IntArray) -> list[tuple[LinearRow, dict[int, float]]]:
        """Each row with its coefficients by representative of the class."""
        collapsed = []
        for row in rows:
            terms: dict[int, float] = defaultdict(float)
            for at, value in row.coefficients.items():
                terms[int(members[at])] += value
            collapsed.append((row, {at: value for at, value in terms.items() if abs(value) > 1e-14}))
        return collapsed

    def _solve(
        self,
        rows: Sequence[tuple[LinearRow, dict[int, float]]],
        members: IntArray,
        n_free: int,
    ) -> list[LinearRow]:
        """Set K and k0; the rows that are independent."""
        if not rows:
            own, column = np.unique(members, return_inverse=True)
            self.K, self.k0 = np.zeros((n_free, len(own))), np.zeros(n_free)
            self.K[np.arange(n_free), column] = 1.0
            return []
        groups = _Classes(n_free)
        for _, terms in rows:
            for at in terms:
                groups.merge(next(iter(terms)), at)
        components: dict[int, list[tuple[LinearRow, dict[int, float]]]] = defaultdict(list)
        kept: list[LinearRow] = []
        for row, terms in rows:
            if terms:
                components[groups.find(next(iter(terms)))].append((row, terms))
            elif abs(row.total) > CONTRADICTION:
                raise self._contradiction([row])
            else:
                self.redundant.append(row)
        representatives = np.unique(members)
        columns: list[tuple[int, FloatArray]] = []
        particular = np.zeros(n_free)
        mixed: set[int] = set()
        for component in components.values():
            variables = sorted({at for _, terms in component for at in terms})
            mixed.update(variables)
            independent, basis, offset = self._null_space(component, variables)
            kept += independent
            particular[variables] = offset
            for place, column in enumerate(basis.T):
                full = np.zeros(n_free)
                full[variables] = column
                columns.append((variables[place], full))
        for at in representatives.tolist():
            if at not in mixed:
                columns.append((at, np.eye(1, n_free, at)[0]))
        columns.sort(key=lambda pair: pair[0])
        reduced = np.array([column for _, column in columns]).reshape(len(columns), n_free).T
        self.K = reduced[members]
        self.k0 = particular[members]
        return kept

    def _null_space(
        self, component: Sequence[tuple[LinearRow, dict[int, float]]], variables: Sequence[int]
    ) -> tuple[list[LinearRow], FloatArray, FloatArray]:
        """Independent rows, an orthonormal null-space basis and the shortest solution."""
        place = {at: column for column, at in enumerate(variables)}
        kept: list[LinearRow] = []
        directions: list[FloatArray] = []
        totals: list[float] = []
        for row, terms in component:
            vector = np.zeros(len(variables))
            vector[[place[at] for at in terms]] = list(terms.values())
            length = float(np.linalg.norm(vector))
            vector, total = vector / length, row.total / length
            for _ in range(2):  # twice, or rounding leaves a trace
                for direction, known in zip(directions, totals, strict=True):
                    share = float(direction @ vector)
                    vector = vector - share * direction
                    total -= share * known
            rest = float(np.linalg.norm(vector))
            if rest > DEPENDENT:
                directions.append(vector / rest)
                totals.append(total / rest)
                kept.append(row)
            elif abs(total) > CONTRADICTION * max(1.0, abs(row.total) / length):
                raise self._contradiction([*kept, row])
            else:
                self.redundant.append(row)
        Q = np.array(directions)
        basis = np.linalg.svd(Q)[2][len(Q) :].T
        return kept, basis, Q.T @ np.array(totals)

    def _text(self, row: LinearRow) -> str:
        table = self.table
        return readable(f"{table.lhs[row.at]} == {table.rhs[row.at]}", table)

    def _contradiction(self, rows: Sequence[LinearRow]) -> SurveykitError:
        return SurveykitError("M019", formulas="; ".join(self._text(row) for row in rows[-6:]))

    def _notes(self) -> tuple[Note, ...]:
        written = [row for row in self.redundant if self.table.user[row.at] == 1]
        if not written:
            return ()
        formulas = "; ".join(self._text(row) for row in written)
        return (note("M020", count=len(written), formulas=formulas),)
