"""The parameter table: lavaan's, the centre of the engine. One row a parameter or a constraint."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property, lru_cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from surveykit.errors import Note, SurveykitError, note
from surveykit.estimation.sem.completion import Row, complete_group, roles_for
from surveykit.estimation.sem.completion_groups import apply_modifiers, repeat_for_groups
from surveykit.estimation.sem.effect_coding import code_effects
from surveykit.estimation.sem.group_equality import plabel, tie_equal
from surveykit.estimation.sem.syntax import parse_constraints, parse_model
from surveykit.estimation.sem.table_options import TableOptions
from surveykit.estimation.sem.terms import ParsedModel, Relation
from surveykit.estimation.sem.variables import VariableRoles, unique

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
Derived = TypeVar("Derived")

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

    @cached_property
    def _derived(self) -> dict[Hashable, Any]:
        return {}

    def derived(self, key: Hashable, make: Callable[[], Derived]) -> Derived:
        """What follows from the rows alone, made once for all tables that differ in `start` only."""
        found = self._derived
        if key not in found:
            found[key] = make()
        made: Derived = found[key]
        return made

    def roles(self, group: int) -> VariableRoles:
        """All names of one group (from 1) by kind, as attributes."""
        return self._roles[group - 1]

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

    def with_start(self, start: FloatArray) -> ParameterTable:
        """The same table with other start values, and what is known of its variables."""
        table = replace(self, start=start)
        table.__dict__.update(_roles=self._roles, _derived=self._derived)
        return table

    def like(self, other: ParameterTable) -> ParameterTable:
        """This table; where the rows are another's but for their values, with what is known of those."""
        same = (self.lhs, self.op, self.rhs) == (other.lhs, other.op, other.rhs)
        if same and np.array_equal(self.free, other.free):
            self.__dict__.update(_roles=other._roles, _derived=other._derived)
        return self

    def variable_names(self, kind: str, group: int | None = None) -> tuple[str, ...]:
        """Names of one kind (lavaan's lavNames) in one group, or in any group.

        `kind` is ``"ov" "ov.x" "ov.nox" "ov.model" "ov.y" "ov.num" "ov.ord" "ov.ind"
        "ov.interaction" "th" "lv" "lv.regular" "lv.x" "lv.nox" "lv.y" "lv.ind" "lv.ho"
        "eqs.y" "eqs.x"``.
        """
        attribute = kind.replace(".", "_")
        chosen = self._roles if group is None else (self._roles[group - 1],)
        return unique(name for roles in chosen for name in getattr(roles, attribute))


def build_table(model: str | ParsedModel, options: TableOptions) -> ParameterTable:
    """The whole parameter table of a model text: lavaan's lavaanify with its automatic completion.

    Parameters
    ----------
    model : text in lavaan's syntax, or the text parsed
    options : from `table_options`

    Raises
    ------
    SurveykitError
        What `parse_model` raises; M010 a modifier with the wrong number of values; M021 other
        groups in the text than in the data; M032, M033 an unknown parameter in `group_partial` or
        ``equal()``; M037 more thresholds than the data have.

    Examples
    --------
    >>> from surveykit.estimation.sem.table_options import TableOptions
    >>> table = build_table("f =~ x1 + x2 + x3", TableOptions())
    >>> [f"{lhs} {op} {rhs}" for lhs, op, rhs in zip(table.lhs, table.op, table.rhs)][:4]
    ['f =~ x1', 'f =~ x2', 'f =~ x3', 'x1 ~~ x1']
    >>> table.free.tolist()
    [0, 1, 2, 3, 4, 5, 6]
    """
    return _built(parse_model(model) if isinstance(model, str) else model, options)


@lru_cache(maxsize=64)
def _built(parsed: ParsedModel, options: TableOptions) -> ParameterTable:
    """The table, and later all that is derived from it, is made once for the fits of a simulation."""
    written = list(parsed.relations)
    written += parse_constraints(options.constraints) if options.constraints.strip() else ()
    if any(term.op == "~1" for term in parsed.terms):
        options = replace(options, meanstructure=True)
    rows = _rows_by_block(parsed, options) if parsed.blocks else _rows_by_group(parsed, options)
    notes = [*parsed.notes, *_notes_on_exogenous(parsed, options)]
    notes += apply_modifiers(rows, parsed.terms, options)
    notes += _fix_ordered_variances(rows, options)
    tied, more_notes = tie_equal(rows, parsed.terms, options)
    coded = code_effects(rows, options, all_ordered=_all_ordered(rows))
    relations = [(relation, 1) for relation in written] + [(relation, 2) for relation in (*tied, *coded)]
    table = assemble(rows, relations, (*notes, *more_notes))
    for one in fields(table):
        column = getattr(table, one.name)
        if isinstance(column, np.ndarray):
            column.flags.writeable = False
    return table


def _rows_by_group(parsed: ParsedModel, options: TableOptions) -> list[Row]:
    rows = complete_group(parsed.terms, 0, options)
    return repeat_for_groups(rows, roles_for(parsed.terms, options), options)


def _rows_by_block(parsed: ParsedModel, options: TableOptions) -> list[Row]:
    """Each ``group:`` block stands for itself; what is said before the first belongs to none."""
    groups = _block_groups(parsed.blocks, options)
    rows: list[Row] = []
    for block, group in enumerate(groups):
        places = [at for at, term in enumerate(parsed.terms) if term.block == block]
        own = complete_group([parsed.terms[at] for at in places], 0, options)
        for row in own:
            row.group = group
            row.term = places[row.term] if row.term >= 0 else -1
        rows += own
    return rows


def _block_groups(blocks: Sequence[str], options: TableOptions) -> list[int]:
    """The number of the group that each block names, by number or by label."""
    numbers = [str(group) for group in range(1, options.n_groups + 1)]
    labels = list(options.group_labels)
    names = numbers if set(blocks) == set(numbers) else labels or list(blocks)
    if set(blocks) != set(names) or len(blocks) != options.n_groups:
        shown = labels or numbers
        raise SurveykitError("M021", blocks=", ".join(blocks), groups=", ".join(shown))
    return [names.index(block) + 1 for block in blocks]


def _notes_on_exogenous(parsed: ParsedModel, options: TableOptions) -> list[Note]:
    written = parsed.roles.ov_x_written if options.fixed_x else ()
    return [note("M026", variables=", ".join(written))] if written else []


def _fix_ordered_variances(rows: Sequence[Row], options: TableOptions) -> list[Note]:
    """In the delta parameterization an ordered variable has no residual variance to estimate."""
    ordered = {row.lhs for row in rows if row.op == "|"}
    stated = [row for row in rows if row.is_variance and row.user == 1 and row.lhs in ordered]
    if not stated or options.parameterization != "delta":
        return []
    for row in stated:
        row.fix(1.0)
    return [note("M030", variables=", ".join(unique(row.lhs for row in stated)))]


def _all_ordered(rows: Sequence[Row]) -> bool:
    ordered = {row.lhs for row in rows if row.op == "|"}
    latent = {row.lhs for row in rows if row.op == "=~"}
    return bool(ordered) and all(row.lhs in ordered or row.lhs in latent for row in rows if row.is_variance)


def assemble(
    rows: Sequence[Row], relations: Sequence[tuple[Relation, int]], notes: Sequence[Note]
) -> ParameterTable:
    """Rows and relations as columns; free parameters numbered in order."""
    extra = len(relations)
    numbers = np.cumsum([row.free for row in rows])
    group = np.array([row.group for row in rows] + [0] * extra, dtype=np.int64)
    free = np.array([*np.where([row.free for row in rows], numbers, 0), *[0] * extra], dtype=np.int64)
    ustart = np.array([row.ustart for row in rows] + [math.nan] * extra)
    return ParameterTable(
        lhs=(*(row.lhs for row in rows), *(one.lhs for one, _ in relations)),
        op=(*(row.op for row in rows), *(one.op for one, _ in relations)),
        rhs=(*(row.rhs for row in rows), *(one.rhs for one, _ in relations)),
        user=np.array([row.user for row in rows] + [user for _, user in relations], dtype=np.int64),
        block=group,
        group=group,
        free=free,
        ustart=ustart,
        exo=np.array([row.exo for row in rows] + [0] * extra, dtype=np.int64),
        label=(
            *(row.label for row in rows),
            *(one.lhs if one.op == ":=" else "" for one, _ in relations),
        ),
        plabel=(*(plabel(at) for at in range(len(rows))), *[""] * extra),
        start=np.where(free > 0, math.nan, ustart),
        lower=np.array([row.lower for row in rows] + [-math.inf] * extra),
        upper=np.array([row.upper for row in rows] + [math.inf] * extra),
        notes=tuple(notes),
    )
