"""Which cell holds which item: the one truth for the writer, the filler and the reader.

Every answer is anchored twice: by a defined name on its cell, and by the same
word in the hidden first column of its row. Inserted rows move addresses,
cut-and-paste moves names, sorting moves rows: the reader takes an answer only
where both still point to the same cell.

The rows depend on the instrument and the order of its items, not on the
language: a form in Korean and one in English have the same cells. A bilingual
form has a column more for the second language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from surveykit.form.interview import RECORD_SECTION, asked
from surveykit.form.order import Order, in_order
from surveykit.form.texts import languages_of
from surveykit.instrument.model import Instrument, Item, ResponseScale, Section

IDENTITY_SHEET = "_surveykit"
LISTS_SHEET = "_surveykit_lists"
FORMAT = "surveykit-form-1"

# Columns of the questionnaire sheet; the marks stand in its hidden first row.
ANCHOR_COLUMN, NUMBER_COLUMN, QUESTION_COLUMN, ANSWER_COLUMN = "A", "B", "C", "D"
ANCHOR_MARK, QUESTION_MARK, ANSWER_MARK = "sk_anchor", "sk_question", "sk_answer"
COUNT_ROW, HEADER_ROW = 3, 4

RESPONDENT_NAME = "skf_respondent"
ANSWER_NAME = re.compile(r"sk(?:x(?P<code>m?\d+))?_(?P<item>[a-z][a-z0-9_]*)")
TICK = "✓"
BULLET = "•"
CHOICES_PER_ROW = 4


@dataclass(frozen=True)
class Slot:
    """One answer cell: an item, or one option of a multiple-choice item."""

    item: str
    option: int | None = None

    @property
    def name(self) -> str:
        """The defined name of the cell, which is also the word in the row's first column."""
        if self.option is None:
            return f"sk_{self.item}"
        return f"skx{str(self.option).replace('-', 'm')}_{self.item}"

    @classmethod
    def from_name(cls, name: str) -> Slot | None:
        """The slot that a defined name or a row's word stands for; None where it is neither."""
        match = ANSWER_NAME.fullmatch(name)
        if match is None:
            return None
        code = match["code"]
        return cls(match["item"], None if code is None else int(code.replace("m", "-")))


@dataclass(frozen=True)
class Columns:
    """Where questions (a column a language), answers and remarks stand."""

    questions: tuple[str, ...] = (QUESTION_COLUMN,)
    answer: str = ANSWER_COLUMN
    remark: str = "E"


ONE_LANGUAGE = Columns()
TWO_LANGUAGES = Columns(("C", "D"), "E", "F")


def columns_of(lang: str) -> Columns:
    """The columns of a form in this language, or in these two (``ja+en``)."""
    return TWO_LANGUAGES if len(languages_of(lang)) > 1 else ONE_LANGUAGE


@dataclass(frozen=True)
class Row:
    """One row of the questionnaire sheet.

    `kind` is "section", "instructions", "legend" (the answers of the rating
    items that follow), "item", "choices" (answers of the single-choice item
    above, their codes in `codes`) or "option" (one option of a multiple-choice
    item).
    """

    kind: str
    section: Section
    item: Item | None = None
    scale: ResponseScale | None = None
    slot: Slot | None = None
    number: int | None = None
    codes: tuple[int, ...] = ()
    row: int = 0


@dataclass(frozen=True)
class Layout:
    """The questionnaire sheet, row by row."""

    inst: Instrument
    rows: tuple[Row, ...]
    columns: Columns = ONE_LANGUAGE

    @property
    def slots(self) -> dict[Slot, int]:
        """The row of each answer cell, in the order asked."""
        return {row.slot: row.row for row in self.rows if row.slot is not None}

    def slots_of(self, item_id: str) -> tuple[Slot, ...]:
        """The cells that hold an item's answer: one, or one per option."""
        return tuple(slots_of(self.inst, self.inst.item(item_id)))


def layout(inst: Instrument, order: Order | None = None, columns: Columns = ONE_LANGUAGE) -> Layout:
    """Lay the instrument out on the questionnaire sheet, from the row below the column heads.

    `order` is that of its randomised sections in one form; by default they stand as in the file.
    """
    inst = in_order(asked(inst), order or {})
    numbered = enumerate(_rows(inst), HEADER_ROW + 1)
    return Layout(inst, tuple(replace(line, row=row) for row, line in numbered), columns)


def _rows(inst: Instrument) -> Iterator[Row]:
    number = 0
    for section in inst.sections:
        yield Row("section", section)
        if section.instructions is not None:
            yield Row("instructions", section)
        if section.randomize:
            yield from _legends(inst, section)
        legend: str | None = None
        for item in section.items:
            number += section.id != RECORD_SECTION
            scale = inst.response_scale_of(item)
            if item.type == "likert" and item.response_scale != legend and not section.randomize:
                yield Row("legend", section, scale=scale)
            legend = item.response_scale if item.type == "likert" else None
            yield from _rows_of(inst, section, item, number or None)


def _legends(inst: Instrument, section: Section) -> Iterator[Row]:
    """The answers of all its rating items, at the head of a section: its rows do not depend on the order."""
    rated = {item.response_scale for item in section.items if item.type == "likert"}
    for name, scale in inst.response_scales.items():
        if name in rated:
            yield Row("legend", section, scale=scale)


def _rows_of(inst: Instrument, section: Section, item: Item, number: int | None) -> Iterator[Row]:
    scale = inst.response_scale_of(item)
    slots = tuple(slots_of(inst, item))
    if item.type == "multiple":
        yield Row("item", section, item, scale, number=number)
        for slot in slots:
            yield Row("option", section, item, scale, slot)
        return
    yield Row("item", section, item, scale, slots[0], number)
    if item.type == "single" and scale is not None:
        codes = all_codes(scale)
        for start in range(0, len(codes), CHOICES_PER_ROW):
            yield Row("choices", section, item, scale, codes=codes[start : start + CHOICES_PER_ROW])


def slots_of(inst: Instrument, item: Item) -> Iterator[Slot]:
    """The answer cells of an item: one, or one per option where several may be chosen."""
    scale = inst.response_scale_of(item)
    if item.type == "multiple" and scale is not None:
        for code in all_codes(scale):
            yield Slot(item.id, code)
    else:
        yield Slot(item.id)


def all_codes(scale: ResponseScale) -> tuple[int, ...]:
    """What may be answered: the valid codes, then those that count as missing."""
    return (*scale.labels, *(code for code in scale.missing_codes if code not in scale.labels))


def question_text(item: Item, lang: str) -> str:
    """The text of an item's question cell: the question, then its probes."""
    return "\n".join([item.text[lang], *(f"{BULLET} {probe[lang]}" for probe in item.probes)])


def printed(inst: Instrument, slot: Slot, lang: str) -> str:
    """What stands beside an answer cell: the question, or the option."""
    item = inst.item(slot.item)
    scale = inst.response_scale_of(item)
    if slot.option is None or scale is None:
        return question_text(item, lang)
    return label_text(scale, slot.option, lang)


def option_text(scale: ResponseScale, code: int, lang: str) -> str:
    """An answer as the drop-down shows it: ``5 – Agree``."""
    return f"{code} – {label_text(scale, code, lang)}"


def label_text(scale: ResponseScale, code: int, lang: str) -> str:
    """The label of a code in one line, in a bilingual form in both languages."""
    label = scale.labels.get(code) or scale.missing_codes[code]
    return " / ".join(" ".join(label[one].split()) for one in languages_of(lang))
