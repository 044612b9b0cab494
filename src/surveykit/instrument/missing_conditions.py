"""Conditions that a "do not know" fulfils by its number: 99 is more than 3, -9 is less than 5."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from surveykit.instrument.model import Instrument
from surveykit.instrument.show_if import AllOf, AnyOf, Comparison, Condition, Membership, Not, parse_show_if

BY_SIZE = ("<", "<=", ">", ">=", "!=")


@dataclass(frozen=True)
class MetByMissing:
    """The condition of `item` compares `asked` in a way that these missing codes fulfil."""

    item: str
    condition: str
    asked: str
    codes: tuple[int, ...]

    @property
    def facts(self) -> dict[str, str]:
        """For a note."""
        codes = ", ".join(str(code) for code in self.codes)
        return {"item": self.item, "condition": self.condition, "asked": self.asked, "codes": codes}


def met_by_missing(inst: Instrument) -> Iterator[MetByMissing]:
    """Every such condition; a code that the condition names is meant."""
    items = {item.id: item for item in inst.items}
    for item in inst.items:
        if item.show_if is None:
            continue
        leaves = list(_leaves(parse_show_if(item.show_if)))
        for name in dict.fromkeys(leaf.item for leaf in leaves):
            asked = items[name]
            scale = inst.response_scale_of(asked)
            missing = {*asked.missing_codes, *(scale.missing_codes if scale is not None else ())}
            own = [leaf for leaf in leaves if leaf.item == name]
            named = {float(value) for leaf in own for value in _values(leaf)}
            met = sorted(
                code
                for code in missing
                if code not in named
                and any(
                    isinstance(leaf, Comparison) and leaf.operator in BY_SIZE and leaf.evaluate({name: code})
                    for leaf in own
                )
            )
            if met and asked.type != "multiple":
                yield MetByMissing(item.id, item.show_if, name, tuple(met))


def _leaves(condition: Condition) -> Iterator[Comparison | Membership]:
    if isinstance(condition, Not):
        yield from _leaves(condition.condition)
    elif isinstance(condition, AllOf | AnyOf):
        for one in condition.conditions:
            yield from _leaves(one)
    elif isinstance(condition, Comparison | Membership):
        yield condition


def _values(leaf: Comparison | Membership) -> tuple[float, ...]:
    return tuple(leaf.values) if isinstance(leaf, Membership) else (leaf.value,)
