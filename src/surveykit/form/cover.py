"""The first sheet: what this is, what it asks of the respondent, how to answer."""

from __future__ import annotations

from typing import Any

from openpyxl.styles import Alignment
from openpyxl.workbook.defined_name import DefinedName

from surveykit.form.cells import put, style_cell
from surveykit.form.hidden import Identity, protect
from surveykit.form.interview import is_interview
from surveykit.form.layout import RESPONDENT_NAME, Layout
from surveykit.form.look import (
    BAND,
    FRAME,
    INPUT,
    MUTED,
    OPEN,
    SIZE,
    WRAP_MIDDLE,
    Style,
    fill,
    font,
    height,
)
from surveykit.form.paper import paper
from surveykit.form.questionnaire import sheet_title
from surveykit.form.texts import ui

LABEL_WIDTH, TEXT_WIDTH, MARGIN = 26.0, 66.0, 2.0
RESPONDENT_ROW = 4
# A cover a little higher than a page is printed smaller rather than on two.
ONE_PAGE = 950.0


def write_cover(book: Any, form: Layout, lang: str, identity: Identity) -> None:
    """Title, version, respondent, instructions, consent, how to answer."""
    inst = form.inst
    sheet = book.create_sheet(ui("sheet_cover", lang))
    for column, width in (("A", MARGIN), ("B", LABEL_WIDTH), ("C", TEXT_WIDTH)):
        sheet.column_dimensions[column].width = width
    _paragraph(sheet, 1, inst.title[lang], lang, Style(font(lang, size=18, bold=True, color=BAND)))
    version = ui("version", lang, version=inst.version)
    _paragraph(sheet, 2, version, lang, Style(font(lang, size=10, color=MUTED)))
    _respondent(book, sheet, lang, identity)
    row = RESPONDENT_ROW + 3
    for title, text in _parts(form, lang):
        _paragraph(sheet, row, title, lang, Style(font(lang, size=13, bold=True, color=BAND)))
        row += 1
        for paragraph in text.split("\n"):
            if paragraph.strip():
                _paragraph(sheet, row, paragraph.strip(), lang, Style(font(lang)))
                row += 1
        sheet.row_dimensions[row].height = 10
        row += 1
    tall = sum(one.height or 15 for one in sheet.row_dimensions.values())
    paper(sheet, form, lang, landscape=False, pages=1 if tall < ONE_PAGE else 0)
    protect(sheet)


def _parts(form: Layout, lang: str) -> list[tuple[str, str]]:
    inst = form.inst
    parts = []
    if inst.instructions is not None:
        parts.append((ui("about", lang), inst.instructions[lang]))
    if inst.consent is not None:
        parts.append((ui("consent", lang), inst.consent[lang]))
    parts.append((ui("how", lang), "\n".join(_how(form, lang))))
    return parts


def _how(form: Layout, lang: str) -> list[str]:
    """How to answer this form: only what occurs in it."""
    items = form.inst.items
    if is_interview(form.inst):
        keys = ["how_interviewer", "how_interview_line", "how_move", "how_interview_save"]
    else:
        keys = ["how_sheet"]
        if any(item.type in ("likert", "single") for item in items):
            keys += ["how_choose", "how_red"]
        if any(item.show_if is not None for item in items):
            keys.append("how_grey")
        keys += ["how_blank", "how_move", "how_return"]
    return [f"• {ui(key, lang, sheet=sheet_title(form, lang))}" for key in keys]


def _respondent(book: Any, sheet: Any, lang: str, identity: Identity) -> None:
    """The respondent's id: printed where the form was made for one, to be filled in otherwise."""
    at, row = f"C{RESPONDENT_ROW}", RESPONDENT_ROW
    put(sheet, f"B{row}", ui("respondent", lang), Style(font(lang, bold=True), alignment=WRAP_MIDDLE))
    middle = Alignment(vertical="center", horizontal="left", indent=1)
    if identity.respondent:
        put(sheet, at, identity.respondent, Style(font(lang, bold=True), alignment=middle, border=FRAME))
    else:
        style_cell(sheet[at], Style(font(lang), fill(INPUT), middle, FRAME, OPEN, "@"))
        hint = Style(font(lang, size=9, color=MUTED))
        put(sheet, f"C{row + 1}", ui("respondent_hint", lang), hint)
    sheet.row_dimensions[row].height = 24
    target = f"'{sheet.title}'!$C${row}"
    book.defined_names[RESPONDENT_NAME] = DefinedName(RESPONDENT_NAME, attr_text=target)


def _paragraph(sheet: Any, row: int, text: str, lang: str, style: Style) -> None:
    """A text over both columns."""
    put(sheet, f"B{row}", text, style)
    style_cell(sheet[f"C{row}"], style)
    sheet.merge_cells(f"B{row}:C{row}")
    size, bold = float(style.font.size or SIZE), bool(style.font.bold)
    needed = height(text, LABEL_WIDTH + TEXT_WIDTH, lang, size=size, bold=bold)
    sheet.row_dimensions[row].height = needed + 3
