"""The codebook sheet: which answer is stored under which name and number.

It tells a respondent nothing that the questions do not: no scales, no
reversed items, no notes for researchers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from surveykit.form.cells import put
from surveykit.form.guards import range_hint
from surveykit.form.hidden import protect
from surveykit.form.layout import Layout, all_codes, label_text
from surveykit.form.look import BAND, MUTED, ROW_LIMIT, UNDER, WRAP_MIDDLE, Style, fill, font, height
from surveykit.form.paper import paper
from surveykit.form.texts import languages_of, said, ui
from surveykit.instrument.model import Item, ResponseScale

VALUES_WIDTH = 44
HEADS = (
    ("codebook_variable", 20),
    ("codebook_section", 18),
    ("question", 46),
    ("codebook_type", 14),
    ("codebook_values", VALUES_WIDTH),
    ("codebook_missing", 18),
)
CODEBOOK_SIZE = 10


def write_codebook(book: Any, form: Layout, lang: str) -> None:
    """One row an item, in the order asked."""
    sheet = book.create_sheet(ui("sheet_codebook", languages_of(lang)[0]))
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
            for cells in _rows(form, said(section.title, lang), item, lang):
                _write_row(sheet, row, cells, lang)
                row += 1
    sheet.freeze_panes = "A4"
    sheet.print_title_rows = "3:3"
    paper(sheet, form, lang, landscape=True)
    protect(sheet)


def _rows(form: Layout, section: str, item: Item, lang: str) -> Iterator[tuple[str, ...]]:
    """What is said of an item; a long list of values goes on in further rows."""
    about = (item.id, section, said(item.text, lang), ui(f"type_{item.type}", lang))
    scale = form.inst.response_scale_of(item)
    if scale is None:
        yield *about, _allowed(item, lang), ""
        return
    counted = {*scale.missing_codes, *item.missing_codes}
    valid = [_value(scale, code, lang) for code in scale.labels if code not in counted]
    missing = [_value(scale, code, lang) for code in all_codes(scale) if code in counted]
    first, *further = _chunks(valid, lang)
    yield *about, first, "; ".join(missing)
    for chunk in further:
        yield item.id, "", "", "", chunk, ""


def _allowed(item: Item, lang: str) -> str:
    parts = [range_hint(item, lang), said(item.unit, lang, " / ") if item.unit is not None else ""]
    if item.max_length is not None:
        parts.append(ui("length_hint", lang, max_length=item.max_length))
    return "\n".join(part for part in parts if part)


def _value(scale: ResponseScale, code: int, lang: str) -> str:
    """A code and its label, to be broken before it and not within."""
    return f"{code} = {label_text(scale, code, lang)}".replace(" ", "\u00a0")


def _chunks(values: list[str], lang: str) -> list[str]:
    """The values as few cells as a row's height allows."""
    for size in (len(values), 12, 4, 1):
        chunks = ["; ".join(values[start : start + size]) for start in range(0, len(values), size or 1)]
        if all(height(chunk, VALUES_WIDTH, lang, size=CODEBOOK_SIZE) <= ROW_LIMIT for chunk in chunks):
            break
    return chunks or [""]


def _write_row(sheet: Any, row: int, cells: tuple[str, ...], lang: str) -> None:
    look = Style(font(lang, size=CODEBOOK_SIZE), border=UNDER)
    tallest = 18.0
    for column, (_, width), text in zip("ABCDEF", HEADS, cells, strict=True):
        put(sheet, f"{column}{row}", text, look)
        tallest = max(tallest, height(text, width, lang, size=CODEBOOK_SIZE))
    sheet.row_dimensions[row].height = min(tallest, ROW_LIMIT)
