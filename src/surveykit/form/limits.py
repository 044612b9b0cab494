"""What Excel cannot hold or show, said before a form is written rather than by a damaged file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from surveykit.errors import Note, SurveykitProblems, note
from surveykit.form.condition import excel_condition
from surveykit.form.interview import asked
from surveykit.form.layout import Layout, layout, option_text
from surveykit.form.look import ROW_LIMIT
from surveykit.form.roster import RESERVED
from surveykit.form.texts import languages_of, said
from surveykit.instrument.model import Instrument, Text

CELL_LIMIT = 32_767
OPTION_LIMIT = 255
FORMULA_LIMIT = 8_000
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def excel_problems(inst: Instrument, lang: str) -> tuple[Note, ...]:
    """Everything that keeps an instrument out of an Excel form in one language.

    F001 a text too long for a cell, F002 an answer too long for a drop-down,
    F004 a character that a workbook cannot hold, F005 a missing translation,
    F017 a condition too long for a formula, F018 an item with the name of a
    column of the responses. What is too long to be shown (F003) is found
    when the sheets are written (`too_tall`).
    """
    inst = asked(inst)
    for one in languages_of(lang):
        untranslated = [place for place, text in texts_of(inst) if one not in text]
        if untranslated:
            shown = ", ".join(untranslated[:10]) + (" …" if len(untranslated) > 10 else "")
            return (
                note("F005", instrument=inst.instrument, lang=one, count=len(untranslated), places=shown),
            )
    problems = [
        problem for place, text in texts_of(inst) for problem in _text_problems(place, said(text, lang))
    ]
    problems += [note("F018", item=item.id) for item in inst.items if item.id in RESERVED]
    if not problems:
        problems += _shape_problems(layout(inst), lang)
    return tuple(problems)


def check_excel(inst: Instrument, lang: str) -> None:
    """Refuse an instrument that does not fit into a workbook, with every problem."""
    problems = excel_problems(inst, lang)
    if problems:
        raise SurveykitProblems(problems)


def texts_of(inst: Instrument) -> Iterator[tuple[str, Text]]:
    """Every text that a form shows, with where it stands in the instrument."""
    yield "title", inst.title
    for key, text in (("instructions", inst.instructions), ("consent", inst.consent)):
        if text is not None:
            yield key, text
    for scale in inst.response_scales.values():
        for code, label in {**scale.missing_codes, **scale.labels}.items():
            yield f"response_scales.{scale.id}.{code}", label
    for section in inst.sections:
        yield f"sections.{section.id}.title", section.title
        if section.instructions is not None:
            yield f"sections.{section.id}.instructions", section.instructions
        for item in section.items:
            yield f"{item.id}.text", item.text
            if item.unit is not None:
                yield f"{item.id}.unit", item.unit
            for number, probe in enumerate(item.probes, 1):
                yield f"{item.id}.probes.{number}", probe


def _text_problems(place: str, text: str) -> Iterator[Note]:
    if len(text) > CELL_LIMIT:
        yield note("F001", item=place, length=len(text), limit=CELL_LIMIT)
    found = NOT_IN_XML.search(text)
    if found:
        yield note("F004", item=place, character=f"U+{ord(found[0]):04X}", position=found.start() + 1)


def _shape_problems(form: Layout, lang: str) -> Iterator[Note]:
    """What is too long for where it is shown."""
    inst = form.inst
    for scale in inst.response_scales.values():
        for code in (*scale.labels, *scale.missing_codes):
            length = len(option_text(scale, code, lang))
            if length > OPTION_LIMIT:
                place = f"response_scales.{scale.id}.{code}"
                yield note("F002", item=place, length=length, limit=OPTION_LIMIT)
    for item in inst.items:
        if item.show_if is not None and len(excel_condition(item.show_if, form)) > FORMULA_LIMIT:
            yield note("F017", item=item.id, limit=FORMULA_LIMIT)


def too_tall(form: Layout, cover: Any, questionnaire: Any) -> Iterator[Note]:
    """The rows of written sheets that would have to be higher than Excel allows."""
    rows = {row.row: row for row in form.rows}
    for sheet in (cover, questionnaire):
        for number, dimension in sheet.row_dimensions.items():
            if (dimension.height or 0) > ROW_LIMIT:
                row = rows.get(number) if sheet is questionnaire else None
                place = f"{sheet.title}!{number}" if row is None else f"sections.{row.section.id}"
                if row is not None and row.item is not None:
                    place = row.item.id
                length = max(len(str(cell.value or "")) for cell in sheet[number])
                yield note("F003", item=place, length=length)
