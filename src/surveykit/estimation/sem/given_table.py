"""A parameter table given in place of model text: columns in, a `ParameterTable` out."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from surveykit.errors import SurveykitError
from surveykit.estimation.sem.completion import Row
from surveykit.estimation.sem.formulas import parse
from surveykit.estimation.sem.group_equality import plabel
from surveykit.estimation.sem.parameter_table import CONSTRAINT_OPERATORS, ParameterTable, assemble
from surveykit.estimation.sem.statements import RELATIONS
from surveykit.estimation.sem.terms import Relation

OPERATORS = (*RELATIONS, "~1", *CONSTRAINT_OPERATORS)
PLABEL = re.compile(r"\.p[0-9]+\.")


def table_from_columns(columns: Mapping[str, Sequence[object]]) -> ParameterTable:
    """A table as `fit.parameter_table()` shows it, or one written by hand, made whole.

    Parameters
    ----------
    columns : mapping of column name to values, all of one length
        `lhs`, `op`, `rhs` and `free` are needed. `group`, `user`, `exo`, `label`, `plabel`, `lower`,
        `upper` and `ustart` (or `start`, or `est`) are used where they are there; others are ignored.

    Notes
    -----
    Nothing is completed: a variance that is not in the table is not in the model. Rows that share a
    number in `free` are equal. A label that several free rows share makes them equal if the table
    has no ``==`` rows at all; otherwise those rows say everything.

    Raises
    ------
    SurveykitError
        M023 a column is missing; M024 a value that cannot be (also columns of unequal length);
        M015, M016 an expression that cannot be read.
    """
    reader = _Columns(columns)
    rows, relations, numbers, plabels = reader.parameters()
    tied = _ties(rows, numbers, any_equality=any(one.op == "==" for one, _ in relations))
    relations = [(_renamed(one, plabels), user) for one, user in relations]
    table = assemble(rows, [*relations, *((one, 2) for one in tied)], ())
    starts = np.array([*reader.starts(), *[math.nan] * len(relations), *[math.nan] * len(tied)])
    return replace(table, start=np.where(np.isnan(table.start), starts, table.start))


class _Columns:
    """Columns of unknown origin, read value by value with the row in the refusal."""

    def __init__(self, columns: Mapping[str, Sequence[object]]) -> None:
        for name in ("lhs", "op", "rhs", "free"):
            if name not in columns:
                raise SurveykitError("M023", column=name)
        self.columns = {str(name): list(values) for name, values in columns.items()}
        self.length = len(self.columns["lhs"])
        for name, values in self.columns.items():
            if len(values) != self.length:
                raise SurveykitError(
                    "M024", row=len(values) + 1, column=name, value="-", allowed=f"{self.length}"
                )
        self.parameter_rows = [at for at in range(self.length) if self.op(at) not in CONSTRAINT_OPERATORS]

    def refuse(self, at: int, column: str, allowed: str) -> SurveykitError:
        value = repr(self.columns[column][at])
        return SurveykitError("M024", row=at + 1, column=column, value=value, allowed=allowed)

    def text(self, at: int, column: str) -> str:
        value = self.columns.get(column, [None] * self.length)[at]
        return "" if value is None or value != value else str(value).strip()

    def number(self, at: int, column: str, default: float = math.nan) -> float:
        value = self.columns.get(column, [None] * self.length)[at]
        if value is None or value == "" or value != value:
            return default
        try:
            return float(value)  # type: ignore[arg-type]  # whatever has no float is refused
        except (TypeError, ValueError):
            raise self.refuse(at, column, "-1.5, 0, 2") from None

    def whole(self, at: int, column: str, default: int, smallest: int) -> int:
        value = self.number(at, column, default)
        if not (math.isfinite(value) and value == int(value) and value >= smallest):
            raise self.refuse(at, column, f"{smallest}, {smallest + 1}, {smallest + 2} ...")
        return int(value)

    def op(self, at: int) -> str:
        op = self.text(at, "op")
        if op not in OPERATORS:
            raise self.refuse(at, "op", " ".join(OPERATORS))
        return op

    def fixed_value(self, at: int) -> float:
        """The first of `ustart`, `start` and `est` that is there."""
        values = (self.number(at, column) for column in ("ustart", "start", "est"))
        return next((value for value in values if value == value), math.nan)

    def parameters(self) -> tuple[list[Row], list[tuple[Relation, int]], list[int], dict[str, str]]:
        """Rows, relations with `user`, the number in `free` by row, and old names of plabels."""
        rows: list[Row] = []
        relations: list[tuple[Relation, int]] = []
        numbers: list[int] = []
        plabels: dict[str, str] = {}
        for at in range(self.length):
            op, lhs, rhs = self.op(at), self.text(at, "lhs"), self.text(at, "rhs")
            user = self.whole(at, "user", 1, 0)
            if not lhs:
                raise self.refuse(at, "lhs", "x1, f1 ...")
            if not rhs and op != "~1":
                raise self.refuse(at, "rhs", "x1, f1 ...")
            if op in CONSTRAINT_OPERATORS:
                for side in (lhs, rhs) if op != ":=" else (rhs,):
                    parse(side)
                relations.append((Relation(lhs, op, rhs), user))
                continue
            rows.append(self._row(at, lhs, op, rhs, user))
            numbers.append(self.whole(at, "free", 0, 0))
            if old := self.text(at, "plabel"):
                plabels[old] = plabel(len(rows) - 1)
        self._check_groups(rows)
        return rows, relations, numbers, plabels

    def _row(self, at: int, lhs: str, op: str, rhs: str, user: int) -> Row:
        free = self.whole(at, "free", 0, 0) > 0
        if op == "|" and not re.fullmatch(r"t[1-9][0-9]*", rhs):
            raise self.refuse(at, "rhs", "t1, t2, t3 ...")
        exo = self.whole(at, "exo", 0, 0)
        return Row(
            lhs,
            op,
            "" if op == "~1" else rhs,
            user,
            group=self.whole(at, "group", 1, 1),
            free=free,
            ustart=self.number(at, "ustart") if free else math.nan if exo else self.fixed_value(at),
            exo=exo,
            label=self.text(at, "label"),
            lower=self.number(at, "lower", -math.inf),
            upper=self.number(at, "upper", math.inf),
        )

    def _check_groups(self, rows: Sequence[Row]) -> None:
        """Groups are numbered without a gap."""
        groups = {row.group for row in rows}
        for place, row in enumerate(rows):
            if row.group > len(groups):
                raise self.refuse(self.parameter_rows[place], "group", f"1 ... {len(groups)}")

    def starts(self) -> list[float]:
        """Starting value of each parameter row."""
        return [self.fixed_value(at) for at in self.parameter_rows]


def _ties(rows: Sequence[Row], numbers: Sequence[int], *, any_equality: bool) -> list[Relation]:
    """``==`` relations for rows that share a number or, without ``==`` rows, a label."""
    same: dict[Hashable, list[int]] = defaultdict(list)
    flags_only = set(numbers) <= {0, 1}  # then `free` says whether, not which
    counts = Counter(numbers)
    for at, row in enumerate(rows):
        if row.free and counts[numbers[at]] > 1 and not flags_only:
            same[numbers[at]].append(at)
        elif row.free and row.label and not any_equality and not PLABEL.fullmatch(row.label):
            same[row.label].append(at)
    return [Relation(plabel(places[0]), "==", plabel(at)) for places in same.values() for at in places[1:]]


def _renamed(relation: Relation, plabels: Mapping[str, str]) -> Relation:
    """Plabels follow their rows where constraint rows stood between parameters."""

    def new(match: re.Match[str]) -> str:
        return plabels.get(match.group(), match.group())

    return Relation(PLABEL.sub(new, relation.lhs), relation.op, PLABEL.sub(new, relation.rhs))
