"""The parameter table: lavaan's, the centre of the engine. One row a parameter or a constraint."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from surveykit.errors import Note
from surveykit.estimation.sem.variables import VariableRoles, unique

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

CONSTRAINT_OPERATORS = (":=", "==", "<", ">")


@dataclass(frozen=True)
class ParameterTable:
    """A whole model, row by row, in the order in which lavaan lists it.

    Attributes
    ----------
    lhs, op, rhs : tuple of str, length n_rows
        `op` is one of ``=~ ~ ~~ ~1 | ~*~ := == < >``; `rhs` is empty for ``~1``.
    user : int array (n_rows,)
        1 written by the user, 0 added automatically, 2 a constraint that a shared label,
        `group_equal` or effect coding asks for.
    block, group : int array (n_rows,)
        1..n_groups, 0 for ``:= == < >``.
    free : int array (n_rows,)
        0 if fixed, otherwise 1..n_free, a number of its own for each free parameter.
    ustart : float array (n_rows,)
        Fixed value or start value that the user (or a rule) gave; NaN if none.
    exo : int array (n_rows,)
        1 for the moments of fixed exogenous variables (and their slopes if x is conditioned on).
    label, plabel : tuple of str
        The user's label; ``.p1.``, ``.p2.``, ... by row (empty for constraints).
    start : float array (n_rows,)
        Starting values, NaN until they are filled in; fixed rows hold their fixed value.
    lower, upper : float array (n_rows,)
        Bounds, infinite where there is none.
    notes : tuple of Note
        What was assumed or left out when the table was made.
    """

    lhs: tuple[str, ...]
    op: tuple[str, ...]
    rhs: tuple[str, ...]
    user: IntArray
    block: IntArray
    group: IntArray
    free: IntArray
    ustart: FloatArray
    exo: IntArray
    label: tuple[str, ...]
    plabel: tuple[str, ...]
    start: FloatArray
    lower: FloatArray
    upper: FloatArray
    notes: tuple[Note, ...] = ()

    def __len__(self) -> int:
        return len(self.lhs)

    @property
    def n_free(self) -> int:
        """Number of free parameters before equality constraints are counted."""
        return int(self.free.max(initial=0))

    @property
    def n_groups(self) -> int:
        return int(self.group.max(initial=0))

    @cached_property
    def _roles(self) -> tuple[VariableRoles, ...]:
        return tuple(self._roles_of(group) for group in range(1, self.n_groups + 1))

    def _roles_of(self, group: int) -> VariableRoles:
        rows = [
            row for row in np.flatnonzero(self.group == group) if self.op[row] not in CONSTRAINT_OPERATORS
        ]
        return VariableRoles(
            lhs=[self.lhs[row] for row in rows],
            op=[self.op[row] for row in rows],
            rhs=[self.rhs[row] for row in rows],
            user=self.user[rows].tolist(),
            exo=self.exo[rows].tolist(),
        )

    def variable_names(self, kind: str, group: int | None = None) -> tuple[str, ...]:
        """Names of one kind (lavaan's lavNames) in one group, or in any group.

        `kind` is ``"ov" "ov.x" "ov.nox" "ov.model" "ov.y" "ov.num" "ov.ord" "ov.ind"
        "ov.interaction" "th" "lv" "lv.regular" "lv.x" "lv.nox" "lv.y" "lv.ind" "lv.ho"
        "eqs.y" "eqs.x"``.
        """
        attribute = kind.replace(".", "_")
        chosen = self._roles if group is None else (self._roles[group - 1],)
        return unique(name for roles in chosen for name in getattr(roles, attribute))
