"""The order of items in sections that ask for a random one: drawn for each respondent, and recorded.

The order is sorted by SHA-256 over seed, instrument, section, respondent and
item: the same on every machine and in every language, so that who has the
seed and the sampling frame can draw it again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from surveykit.instrument.model import Instrument, Section

# Section id -> its items' ids in the order asked.
Order = Mapping[str, tuple[str, ...]]


def drawn_order(inst: Instrument, seed: int, respondent: str) -> Order:
    """The order of each randomised section for one respondent."""
    return {
        section.id: _drawn(section, f"{seed}|{inst.instrument}|{section.id}|{respondent}")
        for section in inst.sections
        if section.randomize
    }


def file_order(inst: Instrument) -> Order:
    """The order of each randomised section as the instrument's file has it: of a form made for nobody."""
    return {
        section.id: tuple(item.id for item in section.items) for section in inst.sections if section.randomize
    }


def _drawn(section: Section, facts: str) -> tuple[str, ...]:
    keys = {item.id: hashlib.sha256(f"{facts}|{item.id}".encode()).digest() for item in section.items}
    return tuple(sorted(keys, key=keys.__getitem__))


def in_order(inst: Instrument, order: Order) -> Instrument:
    """The instrument with its randomised sections in this order.

    Items that the order does not name keep their place behind those that it names.
    """
    if not order:
        return inst
    return replace(inst, sections=tuple(_in_order(one, order.get(one.id)) for one in inst.sections))


def _in_order(section: Section, order: tuple[str, ...] | None) -> Section:
    if order is None or not section.randomize:
        return section
    place = {item: number for number, item in enumerate(order)}
    items = sorted(section.items, key=lambda item: place.get(item.id, len(place)))
    return replace(section, items=tuple(items))
