"""`show_if` as XPath for XLSForm, and as REDCap's branching logic: two renderings of one tree.

In both a comparison with an unanswered question is false, whatever the
comparison, as `show_if` defines it; XPath itself would call ``'' != 1`` true.
REDCap has no word for "not", so a negation is carried down to the comparisons.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from surveykit.form.layout import all_codes
from surveykit.instrument.model import Instrument
from surveykit.instrument.show_if import (
    AllOf,
    Answered,
    AnyOf,
    Comparison,
    Condition,
    Membership,
    Not,
    parse_show_if,
)

OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


@dataclass(frozen=True)
class Dialect:
    """How a language says: an item's value, that an option was chosen or not, "unequal", and "never"."""

    value: Callable[[str], str]
    chosen: Callable[[str, int], str]
    not_chosen: Callable[[str, int], str]
    unequal: str
    constant: Callable[[bool], str]


XPATH = Dialect(
    value=lambda item: f"${{{item}}}",
    chosen=lambda item, code: f"selected(${{{item}}}, '{code}')",
    not_chosen=lambda item, code: f"not(selected(${{{item}}}, '{code}'))",
    unequal="!=",
    constant=lambda truth: "true()" if truth else "false()",
)
REDCAP = Dialect(
    value=lambda item: f"[{item}]",
    chosen=lambda item, code: f"[{item}({code})] = '1'",
    not_chosen=lambda item, code: f"[{item}({code})] <> '1'",
    unequal="<>",
    constant=lambda truth: "1 = 1" if truth else "1 = 0",
)


def xpath_condition(show_if: str, inst: Instrument) -> str:
    """The condition as XPath over ``${item}``."""
    return _render(parse_show_if(show_if), inst, XPATH, True)


def redcap_condition(show_if: str, inst: Instrument) -> str:
    """The condition as REDCap's branching logic over ``[item]``."""
    return _render(parse_show_if(show_if), inst, REDCAP, True)


def _render(condition: Condition, inst: Instrument, dialect: Dialect, wanted: bool) -> str:
    """The condition, or (`wanted` false) its negation."""
    if isinstance(condition, Not):
        return _render(condition.condition, inst, dialect, not wanted)
    if isinstance(condition, AllOf | AnyOf):
        word = " and " if isinstance(condition, AllOf) is wanted else " or "
        return _joined(word, [_render(one, inst, dialect, wanted) for one in condition.conditions])
    codes = _options(condition.item, inst)
    if codes is None:
        return _plain(condition, dialect, wanted)
    met = [code for code in codes if condition.evaluate({condition.item: (code,)})]
    say = dialect.chosen if wanted else dialect.not_chosen
    return _joined(" or " if wanted else " and ", [say(condition.item, code) for code in met]) or (
        dialect.constant(not wanted)
    )


def _options(item: str, inst: Instrument) -> tuple[int, ...] | None:
    """The answers offered where several may be chosen: a condition then asks for any that satisfies it."""
    asked = inst.item(item)
    scale = inst.response_scale_of(asked)
    return all_codes(scale) if asked.type == "multiple" and scale is not None else None


def _plain(condition: Comparison | Membership | Answered, dialect: Dialect, wanted: bool) -> str:
    value = dialect.value(condition.item)
    answered, blank = f"{value} {dialect.unequal} ''", f"{value} = ''"
    if isinstance(condition, Answered):
        return answered if wanted else blank
    if isinstance(condition, Membership):
        parts = [_relation(value, "==", one, dialect, wanted) for one in condition.values]
        inner = _joined(" or " if wanted else " and ", parts)
    else:
        inner = _relation(value, condition.operator, condition.value, dialect, wanted)
    return f"({answered} and {inner})" if wanted else f"({blank} or {inner})"


def _relation(value: str, operator: str, number: float, dialect: Dialect, wanted: bool) -> str:
    sign = operator if wanted else OPPOSITE[operator]
    said = {"==": "=", "!=": dialect.unequal}.get(sign, sign)
    return f"{value} {said} {_number(number)}"


def _joined(word: str, parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"({word.join(parts)})" if parts else ""


def _number(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
