"""An instrument prepared for reading its forms."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from surveykit.form.hidden import Identity
from surveykit.form.layout import Layout, Slot, layout, printed
from surveykit.form.order import Order
from surveykit.form.texts import languages_of
from surveykit.instrument.model import Instrument
from surveykit.instrument.show_if import Condition, parse_show_if
from surveykit.responses.parse import Reading, reading
from surveykit.responses.printed import Printed, print_form
from surveykit.responses.snapshot import to_json

# Raised where the reader reads differently than before: stored readings are then made anew.
READER = 6


@dataclass(frozen=True)
class Expected:
    """An instrument prepared for reading its forms. `earlier`: its other versions, by content hash."""

    inst: Instrument
    earlier: Mapping[str, Instrument] = field(default_factory=dict)

    @cached_property
    def read_with(self) -> str:
        """What a reading depends on: the same word, the same reading."""
        return hashlib.sha256(f"{READER}{to_json(self.inst)}".encode()).hexdigest()[:16]

    @cached_property
    def layout(self) -> Layout:
        """Where the form of this very version has its cells."""
        return layout(self.inst)

    def homes(self, order: Order) -> Mapping[Slot, int]:
        """The row of each answer cell in a form as sent out, its randomised sections in this order."""
        moved = layout(self.inst, order).slots if order else self.layout.slots
        return {slot: moved[slot] for slot in self.slots}

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        """Every answer cell, in the order asked."""
        return tuple(self.layout.slots)

    @cached_property
    def readings(self) -> Mapping[str, Reading]:
        """How each item is read."""
        return {item.id: reading(self.layout.inst, item) for item in self.layout.inst.items}

    def questions(self, lang: str) -> Mapping[Slot, str]:
        """What is printed beside each answer cell; in a bilingual form the first language decides."""
        lang = languages_of(lang)[0]
        if lang not in self._questions:
            inst = self.layout.inst
            self._questions[lang] = {
                slot: plain_words(printed(inst, slot, lang)) for slot in self.slots if lang in inst.languages
            }
        return self._questions[lang]

    @cached_property
    def _questions(self) -> dict[str, Mapping[Slot, str]]:
        return {}

    def printed(self, identity: Identity) -> Printed | None:
        """The form as it was sent out; None where its version is not known any more."""
        known = self.inst.content_hash == identity.content_hash
        inst = self.inst if known else self.earlier.get(identity.content_hash)
        if inst is None:
            return None
        key = inst.content_hash, identity.language, bool(identity.respondent)
        if key not in self._printed:
            self._printed[key] = print_form(inst, identity.language, named=key[2])
        return self._printed[key]

    @cached_property
    def _printed(self) -> dict[tuple[str, str, bool], Printed | None]:
        return {}

    @cached_property
    def conditions(self) -> Mapping[str, Condition]:
        """When items are shown, for those that are not always."""
        items = self.layout.inst.items
        return {item.id: parse_show_if(item.show_if) for item in items if item.show_if is not None}


def plain_words(text: str) -> str:
    """A printed text as it is compared: its line breaks and blanks do not count."""
    return " ".join(text.split())
