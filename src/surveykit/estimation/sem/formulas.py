"""The expressions of a parameter table tied to its free parameters, evaluated for batches of x."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from surveykit.errors import SurveykitError
from surveykit.estimation.sem.expression_reader import parse_text
from surveykit.estimation.sem.expressions import (
    Call,
    Dual,
    Expression,
    LinearForm,
    evaluate,
    linear_form,
    names_of,
)
from surveykit.estimation.sem.parameter_table import CONSTRAINT_OPERATORS, ParameterTable
from surveykit.options import nearest

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

parse = lru_cache(maxsize=4096)(parse_text)


@dataclass(frozen=True)
class Names:
    """What a name in an expression stands for.

    `free` gives the index into x, `fixed` a value, `defined` the tree of a ``:=`` row,
    in an order in which each needs only earlier ones.
    """

    free: Mapping[str, int]
    fixed: Mapping[str, float]
    defined: Mapping[str, Expression]


def names_in(table: ParameterTable) -> Names:
    """Labels and plabels of a table, and its defined parameters.

    Raises
    ------
    SurveykitError
        M017 an unknown label, M018 definitions in a circle, M035 a name defined twice.
    """
    free: dict[str, int] = {}
    fixed: dict[str, float] = {}
    for at in range(len(table)):
        if table.op[at] in CONSTRAINT_OPERATORS:
            continue
        for name in (table.label[at], table.plabel[at]):
            if name and name not in free and name not in fixed:
                if table.free[at]:
                    free[name] = int(table.free[at]) - 1
                else:
                    value = table.start[at] if np.isnan(table.ustart[at]) else table.ustart[at]
                    fixed[name] = float(value)
    defined: dict[str, Expression] = {}
    for at, op in enumerate(table.op):
        if op == ":=":
            name = table.lhs[at]
            if name in defined or name in free or name in fixed:
                raise SurveykitError("M035", name=name)
            defined[name] = parse(table.rhs[at])
    names = Names(free, fixed, defined)
    for name, tree in defined.items():
        check_names(tree, names, f"{name} := {_rhs_of(table, name)}")
    return Names(free, fixed, _in_order(defined))


def _rhs_of(table: ParameterTable, name: str) -> str:
    pairs = zip(table.lhs, table.op, table.rhs, strict=True)
    return next(rhs for lhs, op, rhs in pairs if op == ":=" and lhs == name)


def check_names(tree: Expression, names: Names, formula: str) -> None:
    """M017 where an expression speaks of something that is not there."""
    for leaf in names_of(tree):
        if leaf.name not in names.free and leaf.name not in names.fixed and leaf.name not in names.defined:
            known = [one for one in (*names.free, *names.fixed, *names.defined) if not one.startswith(".p")]
            close = nearest(leaf.name, known)
            raise SurveykitError("M017", formula=formula, label=leaf.name, nearest=close)


def _in_order(defined: Mapping[str, Expression]) -> dict[str, Expression]:
    """Definitions after those that they need; M018 where that is impossible."""
    needs = {name: {leaf.name for leaf in names_of(tree)} & set(defined) for name, tree in defined.items()}
    ordered: dict[str, Expression] = {}
    while len(ordered) < len(defined):
        ready = [name for name in defined if name not in ordered and needs[name] <= ordered.keys()]
        if not ready:
            raise SurveykitError("M018", names=", ".join(name for name in defined if name not in ordered))
        ordered |= {name: defined[name] for name in ready}
    return ordered


@dataclass(frozen=True)
class Formulas:
    """Some expressions of one table, as functions of x: (n_free,) or (batch, n_free)."""

    trees: tuple[Expression, ...]
    names: Names
    n_free: int

    def __len__(self) -> int:
        return len(self.trees)

    @cached_property
    def _needed(self) -> dict[str, Expression]:
        """The definitions that the trees refer to, directly or not."""
        wanted = set(_names_in_all(self.trees))
        for name in reversed(list(self.names.defined)):
            if name in wanted:
                wanted |= set(_names_in_all([self.names.defined[name]]))
        return {name: tree for name, tree in self.names.defined.items() if name in wanted}

    @cached_property
    def _used(self) -> dict[str, int]:
        """Names of free parameters in use -> place in x."""
        all_names = _names_in_all((*self._needed.values(), *self.trees))
        return {name: self.names.free[name] for name in all_names if name in self.names.free}

    @cached_property
    def _columns(self) -> IntArray:
        return np.array(sorted(set(self._used.values())), dtype=np.int64)

    def _duals(self, x: FloatArray) -> list[Dual]:
        place = {column: at for at, column in enumerate(self._columns.tolist())}
        unit = np.eye(len(place))
        values = {name: Dual(x[..., at], unit[place[at]]) for name, at in self._used.items()}
        for name, value in self.names.fixed.items():
            values[name] = Dual(np.asarray(value), np.zeros(len(place)))
        for name, tree in self._needed.items():
            values[name] = evaluate(tree, values)
        return [evaluate(tree, values) for tree in self.trees]

    def value(self, x: FloatArray) -> FloatArray:
        """Values (..., m)."""
        duals = self._duals(x)
        if not duals:
            return np.zeros((*x.shape[:-1], 0))
        return np.stack([np.broadcast_to(one.value, x.shape[:-1]) for one in duals], axis=-1)

    def jacobian(self, x: FloatArray) -> FloatArray:
        """Exact derivatives (..., m, n_free)."""
        result = np.zeros((*x.shape[:-1], len(self.trees), self.n_free))
        for at, one in enumerate(self._duals(x)):
            result[..., at, self._columns] = one.gradient
        return result

    @cached_property
    def _defined_forms(self) -> dict[str, LinearForm | None]:
        forms: dict[str, LinearForm | None] = {}
        for name, tree in self._needed.items():
            forms[name] = linear_form(tree, forms)
        return forms

    def linear(self, at: int) -> tuple[dict[int, float], float] | None:
        """Tree `at` as coefficients by place in x and a constant, or None if it is not linear."""
        form = linear_form(self.trees[at], self._defined_forms)
        if form is None:
            return None
        return _by_place(form, self.names)


def _names_in_all(trees: Iterable[Expression]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(leaf.name for tree in trees for leaf in names_of(tree)))


def _by_place(form: LinearForm, names: Names) -> tuple[dict[int, float], float]:
    coefficients: dict[int, float] = {}
    constant = form.constant
    for name, value in form.coefficients.items():
        if name in names.fixed:
            constant += value * names.fixed[name]
        else:
            at = names.free[name]
            coefficients[at] = coefficients.get(at, 0.0) + value
    return {at: value for at, value in coefficients.items() if value != 0}, constant


def difference(lhs: str, rhs: str) -> Expression:
    """``lhs - (rhs)`` as a tree."""
    return Call("-", (parse(lhs), parse(rhs)))


def readable(text: str, table: ParameterTable) -> str:
    """A formula with plabels replaced by labels or by the parameter's own formula."""
    for at in reversed(range(len(table))):
        if table.plabel[at] and table.plabel[at] in text:
            own = table.label[at] if not table.label[at].startswith(".p") else ""
            plain = f"{table.lhs[at]} {table.op[at]} {table.rhs[at]}".strip()
            group = f" (group {table.group[at]})" if table.n_groups > 1 else ""
            text = text.replace(table.plabel[at], own or f"[{plain}{group}]")
    return text


def trees_of(table: ParameterTable, rows: Sequence[int], names: Names) -> tuple[Expression, ...]:
    """One tree a row: ``:=`` its right side; ``==`` and ``>`` left minus right, ``<`` right minus left."""
    trees: list[Expression] = []
    for at in rows:
        lhs, op, rhs = table.lhs[at], table.op[at], table.rhs[at]
        if op == ":=":
            trees.append(names.defined[lhs])
            continue
        tree = difference(rhs, lhs) if op == "<" else difference(lhs, rhs)
        check_names(tree, names, f"{lhs} {op} {rhs}")
        trees.append(tree)
    return tuple(trees)
