"""Conditions that a "do not know" fulfils by its number: 99 is more than 3, -9 is less than 5."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

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

# How true a condition is of which one answer is known; the others leave it open.
FALSE, OPEN, TRUE = 0.0, 0.5, 1.0


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
        condition = parse_show_if(item.show_if)
        for name in condition.items:
            asked = items[name]
            scale = inst.response_scale_of(asked)
            missing = {*asked.missing_codes, *(scale.missing_codes if scale is not None else ())}
            unnamed = missing - _named(condition, name)
            met = tuple(sorted(code for code in unnamed if _helps(condition, name, code)))
            if met and asked.type != "multiple":
                yield MetByMissing(item.id, item.show_if, name, met)


def _named(condition: Condition, item: str) -> set[float]:
    """The numbers that a condition holds an item against."""
    if isinstance(condition, Not):
        return _named(condition.condition, item)
    if isinstance(condition, AllOf | AnyOf):
        return {value for one in condition.conditions for value in _named(one, item)}
    if isinstance(condition, Answered) or condition.item != item:
        return set()
    return set(condition.values) if isinstance(condition, Membership) else {condition.value}


def _helps(condition: Condition, item: str, code: int) -> bool:
    """Whether the condition can be true with this code, and is so because of what it compares with it."""
    truth = _truth(condition, item, code)
    return truth > FALSE and truth > _truth(condition, item, code, compared=False)


def _truth(
    condition: Condition, item: str, code: int, *, compared: bool = True, wanted: bool = True
) -> float:
    """How true a condition is with this code: turned round by `not`, least by `and`, most by `or`.

    Without `compared` every comparison with the item counts as one that does not help: as false, and as true
    under a `not`, where `wanted` is False.
    """
    if isinstance(condition, Not):
        return TRUE - _truth(condition.condition, item, code, compared=compared, wanted=not wanted)
    if isinstance(condition, AllOf | AnyOf):
        parts = (_truth(one, item, code, compared=compared, wanted=wanted) for one in condition.conditions)
        return min(parts) if isinstance(condition, AllOf) else max(parts)
    if condition.item != item:
        return OPEN
    if isinstance(condition, Comparison | Membership) and not compared:
        return FALSE if wanted else TRUE
    return float(condition.evaluate({item: code}))
