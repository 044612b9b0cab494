"""The data-entry grid: which column holds which answer, shared by the writer and the reader."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from surveykit.form.interview import asked
from surveykit.form.layout import Slot, slots_of
from surveykit.instrument.model import Instrument, Item, Section

FORMAT = "surveykit-grid-1"
# The marks of the hidden first row; an answer's column has the answer's name as its mark.
RESPONDENT_MARK, LANGUAGE_MARK, GROUP_MARK = "sk_grid_respondent", "sk_grid_language", "sk_grid_group:"
TITLE_ROW, SECTION_ROW, VARIABLE_ROW, QUESTION_ROW, VALUES_ROW = 2, 3, 4, 5, 6
FIRST_ROW = 7
# Names the last row of the heads: rows may be inserted above it.
HEADS_NAME = "skf_grid_heads"


@dataclass(frozen=True)
class GridColumn:
    """One answer's column: an item, or one option of a several-choice item. `number`: the question's."""

    section: Section
    item: Item
    slot: Slot
    number: int

    @property
    def variable(self) -> str:
        """What the head of the column calls it: ``trust_1``, ``channels:2``."""
        return variable(self.slot)


def variable(slot: Slot) -> str:
    """The name of an answer as people read it."""
    return slot.item if slot.option is None else f"{slot.item}:{slot.option}"


def grid_columns(inst: Instrument) -> Iterator[GridColumn]:
    """The answers' columns, in the order of the file."""
    inst, number = asked(inst), 0
    for section in inst.sections:
        for item in section.items:
            number += 1
            for slot in slots_of(inst, item):
                yield GridColumn(section, item, slot, number)
