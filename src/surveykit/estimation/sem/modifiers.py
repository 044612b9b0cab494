"""What may stand before ``*``: fixed values, start values, labels and bounds, one a group."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from surveykit.errors import SurveykitError
from surveykit.estimation.sem.expression_reader import parse_expression
from surveykit.estimation.sem.expressions import linear_form
from surveykit.estimation.sem.tokens import Source, Token

TYPED = {
    "start": "start",
    "fixed": "fixed",
    "lower": "lower",
    "upper": "upper",
    "label": "label",
    "equal": "label",
}
NOT_OFFERED = ("efa", "rv", "prior")
RESERVED = frozenset({"NA", "NaN", "Inf", "TRUE", "FALSE", "NULL"})


@dataclass(frozen=True)
class Modifiers:
    """Everything said about one term; each tuple is empty, of length 1, or one value a group.

    `fixed` holds NaN where a parameter is explicitly free (``NA*``).
    `equal` says that the labels name another row (``equal("f=~x1")``).
    """

    fixed: tuple[float, ...] = ()
    start: tuple[float, ...] = ()
    lower: tuple[float, ...] = ()
    upper: tuple[float, ...] = ()
    label: tuple[str, ...] = ()
    equal: bool = False

    def longest(self) -> int:
        return max(len(one) for one in (self.fixed, self.start, self.lower, self.upper, self.label))

    def updated(self, other: Modifiers) -> tuple[Modifiers, tuple[str, ...]]:
        """Both together, and the names of what `other` overwrites with something else."""
        new = {name: getattr(other, name) for name in FIELDS if getattr(other, name)}
        twice = tuple(name for name in new if getattr(self, name))
        merged = replace(self, **new)
        return (replace(merged, equal=other.equal) if other.label else merged), twice


FIELDS = ("fixed", "start", "lower", "upper", "label")
NO_MODIFIERS = Modifiers()


def read_modifier(tokens: Sequence[Token], source: Source, *, as_start: bool = False) -> Modifiers:
    """One modifier: ``0.5``, ``NA``, ``a``, ``"a"``, ``c(a, b)``, ``start(0.5)``, ``1/3`` ...

    With `as_start` (written ``0.5?x``) the value is a start value.
    """
    kind, inside = _kind(tokens, source)
    if as_start:
        kind = "start" if kind is None else kind
    values = _values(inside, source)
    if not values:
        raise invalid(tokens, source)
    if kind == "label" or (kind is None and any(isinstance(one, str) for one in values)):
        labels = _labels(values, tokens, source)
        if kind == "label" and tokens[0].text == "equal":
            return Modifiers(label=tuple("".join(one.split()) for one in labels), equal=True)
        return Modifiers(label=labels)
    numbers = _numbers(values, tokens, source)
    if kind is None or kind == "fixed":
        return Modifiers(fixed=numbers)
    if kind == "start":
        return Modifiers(start=numbers)
    return Modifiers(lower=numbers) if kind == "lower" else Modifiers(upper=numbers)


def invalid(tokens: Sequence[Token], source: Source) -> SurveykitError:
    """M009: these tokens are no modifier."""
    first, last = tokens[0], tokens[-1]
    found = source.text[first.offset : last.offset + max(len(last.text), 1)]
    return SurveykitError(
        "M009", place=source.place(first.offset), found=found, pointer=source.pointer(first.offset)
    )


def _kind(tokens: Sequence[Token], source: Source) -> tuple[str | None, Sequence[Token]]:
    """``start(...)`` and its like taken off, with what they say."""
    first = tokens[0]
    if first.kind == "name" and _is_call(tokens):
        if first.text in NOT_OFFERED:
            raise SurveykitError(
                "M011",
                place=source.place(first.offset),
                feature=f"{first.text}()",
                pointer=source.pointer(first.offset),
            )
        if first.text in TYPED:
            return TYPED[first.text], tokens[2:-1]
    return None, tokens


def _is_call(tokens: Sequence[Token]) -> bool:
    """A name and one pair of parentheses around all the rest."""
    if len(tokens) < 3 or tokens[1].text != "(" or tokens[-1].text != ")":
        return False
    depth = 0
    for token in tokens[1:-1]:
        depth += {"(": 1, ")": -1}.get(token.text, 0) if token.kind == "symbol" else 0
        if depth == 0:
            return False
    return True


def _values(tokens: Sequence[Token], source: Source) -> list[float | str]:
    """Separated by commas, ``c(...)`` unfolded."""
    if tokens and tokens[0].kind == "name" and tokens[0].text == "c" and _is_call(tokens):
        return _values(tokens[2:-1], source)
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        if token.kind == "symbol":
            depth += {"(": 1, ")": -1}.get(token.text, 0)
            if token.text == "," and depth == 0:
                parts.append([])
                continue
        parts[-1].append(token)
    if any(not part for part in parts):
        return []
    return [_value(part, source) for part in parts]


def _value(tokens: Sequence[Token], source: Source) -> float | str:
    token = tokens[0]
    if len(tokens) == 1 and token.kind == "string":
        return token.text
    if len(tokens) == 1 and token.kind == "name" and token.text != "pi":
        if token.text == "NA":
            return math.nan
        if token.text == "Inf":
            return math.inf
        if token.text in RESERVED:
            raise invalid(tokens, source)
        return token.text
    if len(tokens) == 2 and [one.text for one in tokens] == ["-", "Inf"]:
        return -math.inf
    if any(one.kind == "string" or one.text in RESERVED for one in tokens):
        raise invalid(tokens, source)
    form = linear_form(parse_expression(tokens, source))
    if form is None or form.coefficients or not math.isfinite(form.constant):
        raise invalid(tokens, source)
    return form.constant


def _labels(values: Sequence[float | str], tokens: Sequence[Token], source: Source) -> tuple[str, ...]:
    """Labels; NA in place of one means none."""
    if any(isinstance(one, float) and not math.isnan(one) for one in values):
        raise invalid(tokens, source)
    return tuple(one if isinstance(one, str) else "" for one in values)


def _numbers(values: Sequence[float | str], tokens: Sequence[Token], source: Source) -> tuple[float, ...]:
    if any(isinstance(one, str) for one in values):
        raise invalid(tokens, source)
    return tuple(float(one) for one in values)
