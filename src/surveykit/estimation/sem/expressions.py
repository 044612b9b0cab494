"""Arithmetic on labels: `:=`, `==`, `<` and `>` as trees with exact derivatives.

A tree is evaluated for a whole batch of parameter vectors at once; the leading
axes of the values are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

FloatArray = NDArray[np.float64]
T = TypeVar("T")
Function = Callable[[FloatArray], FloatArray]


def _normal_density(x: FloatArray) -> FloatArray:
    return np.exp(-0.5 * x * x) / np.sqrt(2 * np.pi)  # type: ignore[no-any-return]


# Each function with its derivative.
FUNCTIONS: dict[str, tuple[Function, Function]] = {
    "exp": (np.exp, np.exp),
    "expm1": (np.expm1, np.exp),
    "log": (np.log, lambda x: 1 / x),
    "log2": (np.log2, lambda x: 1 / (x * np.log(2))),
    "log10": (np.log10, lambda x: 1 / (x * np.log(10))),
    "log1p": (np.log1p, lambda x: 1 / (1 + x)),
    "sqrt": (np.sqrt, lambda x: 0.5 / np.sqrt(x)),
    "abs": (np.abs, np.sign),
    "sin": (np.sin, np.cos),
    "cos": (np.cos, lambda x: -np.sin(x)),
    "tan": (np.tan, lambda x: 1 / np.cos(x) ** 2),
    "asin": (np.arcsin, lambda x: 1 / np.sqrt(1 - x * x)),
    "acos": (np.arccos, lambda x: -1 / np.sqrt(1 - x * x)),
    "atan": (np.arctan, lambda x: 1 / (1 + x * x)),
    "sinh": (np.sinh, np.cosh),
    "cosh": (np.cosh, np.sinh),
    "tanh": (np.tanh, lambda x: 1 / np.cosh(x) ** 2),
    "pnorm": (ndtr, _normal_density),
    "qnorm": (ndtri, lambda p: 1 / _normal_density(ndtri(p))),
    "dnorm": (_normal_density, lambda x: -x * _normal_density(x)),
}
VARIADIC = ("min", "max", "sum", "mean")


@dataclass(frozen=True)
class Number:
    value: float


@dataclass(frozen=True)
class Name:
    """A label, a plabel or another defined parameter."""

    name: str
    offset: int


@dataclass(frozen=True)
class Call:
    """``+ - * / ^`` of two, ``neg`` of one, or a named function."""

    function: str
    arguments: tuple[Expression, ...]


Expression = Number | Name | Call


@dataclass(frozen=True)
class Dual:
    """Values (...,) of an expression and its derivatives (..., k) by k labels."""

    value: FloatArray
    gradient: FloatArray


@dataclass(frozen=True)
class LinearForm:
    """``constant + sum of coefficient * label``."""

    constant: float
    coefficients: Mapping[str, float]


def names_of(tree: Expression) -> tuple[Name, ...]:
    """The labels in a tree, each once, in order of first appearance."""
    found: dict[str, Name] = {}
    stack: list[Expression] = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, Name):
            found.setdefault(node.name, node)
        elif isinstance(node, Call):
            stack.extend(reversed(node.arguments))
    return tuple(found.values())


def fold(tree: Expression, leaf: Callable[[Number | Name], T], combine: Callable[[Call, list[T]], T]) -> T:
    """The tree worked off from its leaves up, without recursion: a sum may have thousands of terms."""
    done: list[T] = []
    waiting: list[tuple[Expression, bool]] = [(tree, False)]
    while waiting:
        node, ready = waiting.pop()
        if not isinstance(node, Call):
            done.append(leaf(node))
        elif ready:
            parts = done[-len(node.arguments) :]
            del done[-len(node.arguments) :]
            done.append(combine(node, parts))
        else:
            waiting.append((node, True))
            waiting.extend((argument, False) for argument in reversed(node.arguments))
    return done[0]


def evaluate(tree: Expression, values: Mapping[str, Dual]) -> Dual:
    """Value and derivatives; a value outside a function's domain is NaN, silently."""

    def leaf(node: Number | Name) -> Dual:
        return values[node.name] if isinstance(node, Name) else Dual(np.asarray(node.value), np.zeros(1))

    with np.errstate(all="ignore"):
        return fold(tree, leaf, _apply)


def _apply(call: Call, parts: list[Dual]) -> Dual:
    if call.function in FUNCTIONS:
        function, derivative = FUNCTIONS[call.function]
        (part,) = parts
        return Dual(function(part.value), derivative(part.value)[..., None] * part.gradient)
    if call.function in ("min", "max"):
        return _extreme(parts, call.function)
    if call.function in ("sum", "mean"):
        divisor = len(parts) if call.function == "mean" else 1
        total = parts[0]
        for part in parts[1:]:
            total = Dual(total.value + part.value, total.gradient + part.gradient)
        return Dual(total.value / divisor, total.gradient / divisor)
    if call.function == "neg":
        return Dual(-parts[0].value, -parts[0].gradient)
    return _arithmetic(call, parts[0], parts[1])


def _arithmetic(tree: Call, left: Dual, right: Dual) -> Dual:
    a, b, da, db = left.value, right.value, left.gradient, right.gradient
    if tree.function == "+":
        return Dual(a + b, da + db)
    if tree.function == "-":
        return Dual(a - b, da - db)
    if tree.function == "*":
        return Dual(a * b, a[..., None] * db + b[..., None] * da)
    if tree.function == "/":
        ratio = a / b
        return Dual(ratio, (da - ratio[..., None] * db) / b[..., None])
    power = np.power(a, b)
    gradient = (b * np.power(a, b - 1))[..., None] * da
    if names_of(tree.arguments[1]):  # with a constant exponent log(a) must not spoil a negative base
        gradient = gradient + (power * np.log(a))[..., None] * db
    return Dual(power, gradient)


def _extreme(parts: Sequence[Dual], function: str) -> Dual:
    best = parts[0]
    for part in parts[1:]:
        better = part.value < best.value if function == "min" else part.value > best.value
        best = Dual(
            np.where(better, part.value, best.value),
            np.where(better[..., None], part.gradient, best.gradient),
        )
    return best


def linear_form(
    tree: Expression, defined: Mapping[str, LinearForm | None] | None = None
) -> LinearForm | None:
    """The tree as a linear form, or None if it is not one; `defined` are the forms of some names."""
    known = defined or {}

    def leaf(node: Number | Name) -> LinearForm | None:
        if isinstance(node, Number):
            return LinearForm(node.value, {})
        return known[node.name] if node.name in known else LinearForm(0.0, {node.name: 1.0})

    return fold(tree, leaf, _linear)


def _linear(call: Call, parts: list[LinearForm | None]) -> LinearForm | None:
    forms = [part for part in parts if part is not None]
    if len(forms) < len(parts):
        return None
    if not any(form.coefficients for form in forms):
        constants = Call(call.function, tuple(Number(form.constant) for form in forms))
        return LinearForm(float(evaluate(constants, {}).value), {})
    return _combined(call.function, forms)


def _combined(function: str, forms: Sequence[LinearForm]) -> LinearForm | None:
    first = forms[0]
    if function == "neg":
        return _scaled(first, -1.0)
    if function in ("+", "sum", "mean"):
        weight = 1 / len(forms) if function == "mean" else 1.0
        total = _scaled(first, weight)
        for form in forms[1:]:
            total = _added(total, form, weight)
        return total
    if function == "-":
        return _added(first, forms[1], -1.0)
    if function == "*":
        if not forms[1].coefficients:
            return _scaled(first, forms[1].constant)
        return _scaled(forms[1], first.constant) if not first.coefficients else None
    if function == "/" and not forms[1].coefficients and forms[1].constant != 0:
        return _scaled(first, 1 / forms[1].constant)
    if function == "^" and not forms[1].coefficients and forms[1].constant == 1:
        return first
    return None


def _scaled(form: LinearForm, factor: float) -> LinearForm:
    terms = {name: factor * value for name, value in form.coefficients.items() if factor * value != 0}
    return LinearForm(form.constant * factor, terms)


def _added(left: LinearForm, right: LinearForm, factor: float) -> LinearForm:
    terms = dict(left.coefficients)
    for name, value in right.coefficients.items():
        terms[name] = terms.get(name, 0.0) + factor * value
    return LinearForm(left.constant + factor * right.constant, {k: v for k, v in terms.items() if v != 0})
