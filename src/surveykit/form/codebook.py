"""The codebook sheet: which answer is stored under which name and number.

It tells a respondent nothing that the questions do not: no scales, no
reversed items, no notes for researchers.
"""

from __future__ import annotations

from typing import Any

from surveykit.form.cells import put
from surveykit.form.guards import range_hint
from surveykit.form.hidden import protect
from surveykit.form.layout import Layout
from surveykit.form.look import BAND, MUTED, UNDER, WRAP_MIDDLE, Style, fill, font, height
from surveykit.form.paper import paper
from surveykit.form.texts import ui
from surveykit.instrument.model import Item

HEADS = (
    ("codebook_variable", 20),
    ("codebook_section", 18),
    ("question", 42),
    ("codebook_type", 14),
    ("codebook_values", 44),
    ("codebook_missing", 18),
)
CODEBOOK_SIZE = 10


def write_codebook(book: Any, form: Layout, lang: str) -> None:
    """One row an item, in the order asked."""
    sheet = book.create_sheet(ui("sheet_codebook", lang))
    put(sheet, "A1", ui("sheet_codebook", lang), Style(font(lang, size=15, bold=True, color=BAND)))
    sheet.row_dimensions[1].height = 28
    plain = Style(font(lang, size=CODEBOOK_SIZE, color=MUTED), alignment=WRAP_MIDDLE)
    put(sheet, "A2", ui("codebook_intro", lang), plain)
    sheet.merge_cells("A2:F2")
    sheet.row_dimensions[2].height = 22
    head = Style(font(lang, size=CODEBOOK_SIZE, bold=True, color="FFFFFF"), fill(BAND), WRAP_MIDDLE)
    for column, (key, width) in zip("ABCDEF", HEADS, strict=True):
        put(sheet, f"{column}3", ui(key, lang), head)
        sheet.column_dimensions[column].width = width
    sheet.row_dimensions[3].height = 34
    row = 4
    for section in form.inst.sections:
        for item in section.items:
            _write_row(sheet, row, _cells(form, section.title[lang], item, lang), lang)
            row += 1
    sheet.freeze_panes = "A4"
    sheet.print_title_rows = "3:3"
    paper(sheet, form, lang, landscape=True)
    protect(sheet)


def _cells(form: Layout, section: str, item: Item, lang: str) -> tuple[str, ...]:
    scale = form.inst.response_scale_of(item)
    kind = ui(f"type_{item.type}", lang)
    if scale is None:
        unit = item.unit[lang] if item.unit is not None else ""
        allowed = [range_hint(item, lang), unit]
        if item.max_length is not None:
            allowed.append(ui("length_hint", lang, max_length=item.max_length))
        return item.id, section, item.text[lang], kind, "\n".join(one for one in allowed if one), ""
    counted = {*scale.missing_codes, *item.missing_codes}
    labels = {**scale.missing_codes, **scale.labels}
    valid = [f"{code} = {label[lang]}" for code, label in scale.labels.items() if code not in counted]
    missing = [f"{code} = {label[lang]}" for code, label in labels.items() if code in counted]
    return item.id, section, item.text[lang], kind, _listed(valid), _listed(missing)


def _listed(values: list[str]) -> str:
    """The values in a row, broken between two of them and not within one."""
    return "; ".join(value.replace(" ", "\u00a0") for value in values)


def _write_row(sheet: Any, row: int, cells: tuple[str, ...], lang: str) -> None:
    look = Style(font(lang, size=CODEBOOK_SIZE), border=UNDER)
    tallest = 18.0
    for column, (_, width), text in zip("ABCDEF", HEADS, cells, strict=True):
        put(sheet, f"{column}{row}", text, look)
        tallest = max(tallest, height(text, width, lang, size=CODEBOOK_SIZE))
    sheet.row_dimensions[row].height = min(tallest, 409.0)
