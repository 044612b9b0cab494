"""The first sheet: what this is, what it asks of the respondent, how to answer."""

from __future__ import annotations

from dataclasses import replace
from itertools import zip_longest
from typing import Any

from openpyxl.styles import Alignment
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.pagebreak import Break

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
from surveykit.form.paper import PAGE, paper
from surveykit.form.questionnaire import sheet_title
from surveykit.form.texts import languages_of, said, ui

LABEL_WIDTH, TEXT_WIDTH, MARGIN = 26.0, 66.0, 2.0
RESPONDENT_ROW = 4
# A cover a little higher than a page is printed smaller rather than on two.
ONE_PAGE = 950.0


def write_cover(book: Any, form: Layout, lang: str, identity: Identity) -> None:
    """Title, version, respondent, instructions, consent, how to answer."""
    inst = form.inst
    sheet = book.create_sheet(ui("sheet_cover", languages_of(lang)[0]))
    for column, width in (("A", MARGIN), *zip("BC", widths(lang), strict=True)):
        sheet.column_dimensions[column].width = width
    _paragraph(sheet, 1, said(inst.title, lang), lang, Style(font(lang, size=18, bold=True, color=BAND)))
    version = ui("version", lang, version=inst.version)
    _paragraph(sheet, 2, version, lang, Style(font(lang, size=10, color=MUTED)))
    _respondent(book, sheet, lang, identity)
    row = RESPONDENT_ROW + 3
    parts, starts = [_parts(form, one, lang) for one in languages_of(lang)], []
    for titles_and_texts in zip(*parts, strict=True):
        heads = tuple(title for title, _ in titles_and_texts)
        starts.append(row)
        _beside(sheet, row, heads, lang, bold=True)
        row += 1
        paragraphs = [
            [one.strip() for one in text.split("\n") if one.strip()] for _, text in titles_and_texts
        ]
        for beside in zip_longest(*paragraphs, fillvalue=""):
            _beside(sheet, row, beside, lang)
            row += 1
        sheet.row_dimensions[row].height = 10
        row += 1
    tall = sum(one.height or 15 for one in sheet.row_dimensions.values())
    paper(sheet, form, lang, landscape=False, pages=1 if tall < ONE_PAGE else 0)
    if tall >= ONE_PAGE:
        _break_pages(sheet, starts, row)
    protect(sheet)


def _break_pages(sheet: Any, headings: list[int], end: int) -> None:
    """Page breaks between paragraphs, never between a heading and the first paragraph under it."""
    tall = {row: float(sheet.row_dimensions[row].height or 15) for row in range(1, end + 1)}
    used = 0.0
    for row in range(1, end):
        together = tall[row] + (tall[row + 1] if row in headings else 0.0)
        if used + together > PAGE[False] and used > 0 and row - 1 not in headings:
            sheet.row_breaks.append(Break(id=row - 1))
            used = 0.0
        used += tall[row]


def widths(lang: str) -> tuple[float, float]:
    """The two columns: a narrow one for labels, or one for each language."""
    total = LABEL_WIDTH + TEXT_WIDTH
    return (total / 2, total / 2) if len(languages_of(lang)) > 1 else (LABEL_WIDTH, TEXT_WIDTH)


def _beside(sheet: Any, row: int, texts: tuple[str, ...], lang: str, *, bold: bool = False) -> None:
    """A paragraph over both columns; of a bilingual form one language in each."""
    languages = languages_of(lang)
    looks = [Style(font(one, size=13, bold=True, color=BAND) if bold else font(one)) for one in languages]
    if len(languages) == 1:
        _paragraph(sheet, row, texts[0], lang, looks[0])
        return
    tall = 0.0
    for column, text, one, look, width in zip("BC", texts, languages, looks, widths(lang), strict=True):
        apart = Alignment(wrap_text=True, vertical="top", horizontal="left", indent=3 * (column == "C"))
        put(sheet, f"{column}{row}", text, replace(look, alignment=apart))
        tall = max(tall, height(text, width - 5, one, size=float(look.font.size or SIZE), bold=bold))
    sheet.row_dimensions[row].height = tall + 3


def _parts(form: Layout, lang: str, sheet_in: str) -> list[tuple[str, str]]:
    """Headings and texts in one language; the sheet's name is that of the form's first."""
    inst = form.inst
    parts = []
    if inst.instructions is not None:
        parts.append((ui("about", lang), inst.instructions[lang]))
    if inst.consent is not None:
        parts.append((ui("consent", lang), inst.consent[lang]))
    parts.append((ui("how", lang), "\n".join(_how(form, lang, sheet_in))))
    return parts


def _how(form: Layout, lang: str, sheet_in: str) -> list[str]:
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
    return [f"• {ui(key, lang, sheet=sheet_title(form, sheet_in))}" for key in keys]


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
        words = ui("respondent_hint", lang, between="\n")
        put(sheet, f"C{row + 1}", words, hint)
        sheet.row_dimensions[row + 1].height = height(words, widths(lang)[1], lang, size=9)
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
