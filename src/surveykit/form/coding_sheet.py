"""Coding sheets as Excel workbooks: the text of each passage, drop-downs of codes beside it."""

from __future__ import annotations

import io
import math
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from openpyxl import Workbook
from openpyxl.formatting.rule import FormulaRule
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import Alignment, Border, Font
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.datavalidation import DataValidation

from surveykit.errors import SurveykitError
from surveykit.form.batch import members_of
from surveykit.form.cells import put, style_cell
from surveykit.form.coding_layout import (
    ANCHOR,
    CODE,
    CODES_LISTS,
    CODING_MARK,
    FIELDS,
    FORMAT,
    HEADER_ROW,
    LINES,
    PROPOSITION,
    STANCE,
    SUMMARY,
    TEXT,
    UNITS_SHEET,
    WHO,
    WORDS,
    CodingSheet,
    Unit,
    anchor,
)
from surveykit.form.hidden import PROPERTY_PREFIX, hide, protect
from surveykit.form.layout import IDENTITY_SHEET
from surveykit.form.limits import CELL_LIMIT, NOT_IN_XML
from surveykit.form.look import (
    BAND,
    FRAME,
    INPUT,
    MUTED,
    OPEN,
    PALE,
    THIN,
    WRAP,
    WRAP_MIDDLE,
    WRONG_FILL,
    WRONG_INK,
    Style,
    fill,
    font,
    height,
)
from surveykit.form.paper import A4
from surveykit.form.zipped import zip_bytes
from surveykit.wording import wording

# What a coder enters: (unit, line) -> field -> text; for simulated coders and tests.
Entries = Mapping[tuple[str, int], Mapping[str, str]]
WIDTHS = {WHO: 22.0, TEXT: 62.0, CODE: 34.0, WORDS: 26.0, PROPOSITION: 13.0, STANCE: 17.0, SUMMARY: 30.0}
CORE = "docProps/core.xml"
MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")
LINE_HEIGHT, TALLEST = 33.0, 400.0
SHOWN = 8


def coding_sheet(sheet: CodingSheet, entries: Entries | None = None, saved: str | None = None) -> bytes:
    """The workbook of one coder; the same bytes whenever it is made.

    Parameters
    ----------
    sheet : CodingSheet
    entries : mapping (unit, line) -> {"code", "words", "proposition", "stance", "summary"}, optional
        What a coder would enter, ids in place of what the drop-downs show; lines count from 1.
    saved : str, optional
        When the coder saved it, ISO 8601.

    Raises
    ------
    SurveykitError
        C060 nothing to code; C061 a passage that a cell cannot hold; C075 two passages of one id.
    """
    if not sheet.units:
        raise SurveykitError("C060", codebook=sheet.codebook)
    often = Counter(unit.id for unit in sheet.units)
    twice = [id for id, count in often.items() if count > 1]
    if twice:
        raise SurveykitError("C075", ids=", ".join(twice[:SHOWN]))
    for unit in sheet.units:
        wrong = NOT_IN_XML.search(unit.text)
        if len(unit.text) > CELL_LIMIT or wrong:
            character = f"U+{ord(wrong[0]):04X}" if wrong else "–"
            length = len(unit.text)
            raise SurveykitError("C061", unit=unit.id, length=length, limit=CELL_LIMIT, character=character)
    book = Workbook()
    book.remove(book.active)
    main = book.create_sheet(wording("coding", "sheet_coding", sheet.language))
    _write_codes(book, sheet)
    ranges = _write_lists(book, sheet)
    _write_units(book, sheet)
    _write_identity(book, sheet)
    _write_main(main, sheet, ranges, entries or {})
    book.security = WorkbookProtection(lockStructure=True)
    stream = io.BytesIO()
    book.save(stream)
    members = members_of(stream)
    if saved is not None:
        members[CORE] = MODIFIED.sub(rb"\g<1>" + saved.encode(), members[CORE])
    return zip_bytes(members)


def _write_main(main: Any, sheet: CodingSheet, ranges: Mapping[str, str], entries: Entries) -> None:
    _head(main, sheet)
    row = HEADER_ROW + 1
    for unit in sheet.units:
        row = _write_unit(main, sheet, unit, row, entries)
    _choices(main, ranges, row - 1)
    main.freeze_panes = f"{ANCHOR}{HEADER_ROW + 1}"
    main.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"
    main.page_setup.paperSize, main.page_setup.orientation = A4, "landscape"
    main.page_setup.fitToWidth, main.page_setup.fitToHeight = 1, 0
    main.sheet_properties.pageSetUpPr.fitToPage = True
    main.page_margins.left = main.page_margins.right = 0.4
    main.oddFooter.right.text = "&P / &N"
    main.sheet_view.showGridLines = False
    protect(main)


def _head(main: Any, sheet: CodingSheet) -> None:
    lang = sheet.language
    for column, width in WIDTHS.items():
        main.column_dimensions[column].width = width
    main.column_dimensions[ANCHOR].hidden = True
    if not sheet.parts:
        main.column_dimensions[WORDS].hidden = True
    put(main, f"{ANCHOR}1", CODING_MARK)
    main.row_dimensions[1].hidden = True
    across = sum(width for column, width in WIDTHS.items() if sheet.parts or column != WORDS)
    facts = {"coder": sheet.coder, "version": sheet.version, "count": len(sheet.units)}
    lines = (
        (wording("coding", "title", lang, codebook=sheet.codebook), 15.0, True, BAND),
        (wording("coding", "coder", lang, **facts), 10.0, False, MUTED),
        (wording("coding", "how" if sheet.parts else "how_segments", lang), 11.0, False, MUTED),
    )
    for row, (text, size, bold, color) in enumerate(lines, 2):
        style = Style(font(lang, size=size, bold=bold, color=color), alignment=WRAP_MIDDLE)
        put(main, f"{WHO}{row}", text, style)
        main.merge_cells(f"{WHO}{row}:{SUMMARY}{row}")
        main.row_dimensions[row].height = height(text, across, lang, size=size, bold=bold) + 4
    names = ("who", "passage", "code", "words", "proposition", "stance", "summary")
    look = Style(font(lang, bold=True, color="FFFFFF"), fill(BAND), WRAP_MIDDLE)
    for column, name in zip(WIDTHS, names, strict=True):
        put(main, f"{column}{HEADER_ROW}", wording("coding", name, lang), look)
    main.row_dimensions[HEADER_ROW].height = 22


def _write_unit(main: Any, sheet: CodingSheet, unit: Unit, row: int, entries: Entries) -> int:
    """The lines of one passage from `row` on; returns the row after them."""
    lang = sheet.language
    who = "\n".join(part for part in (f"{unit.respondent}  {unit.item}".strip(), unit.question) if part)
    tall = max(height(unit.text, WIDTHS[TEXT], lang), height(who, WIDTHS[WHO], lang, size=10))
    lines = max(LINES, math.ceil(tall / TALLEST))
    each = max(LINE_HEIGHT, tall / lines)
    last = row + lines - 1
    top = Border(top=THIN)
    put(main, f"{WHO}{row}", who, Style(font(lang, size=10, color=MUTED), fill(PALE), WRAP, top))
    put(main, f"{TEXT}{row}", unit.text, Style(font(lang), alignment=WRAP, border=top))
    for column in (WHO, TEXT):
        main.merge_cells(f"{column}{row}:{column}{last}")
    indented = Alignment(wrap_text=True, vertical="top")
    open_cell = Style(font(lang), fill(INPUT), indented, FRAME, OPEN, "@")
    shown = sheet.lists()
    for line in range(1, lines + 1):
        at = row + line - 1
        put(main, f"{ANCHOR}{at}", anchor(unit.id, line))
        main.row_dimensions[at].height = each
        given = entries.get((unit.id, line), {})
        for column, field in FIELDS.items():
            value = given.get(field, "")
            text = shown.get(field, {}).get(value, value)
            style_cell(put(main, f"{column}{at}", text), open_cell)
    return last + 1


def _choices(main: Any, ranges: Mapping[str, str], last: int) -> None:
    """A drop-down a column; red where something else stands."""
    first = HEADER_ROW + 1
    for column, field in ((CODE, "code"), (PROPOSITION, "proposition"), (STANCE, "stance")):
        if field not in ranges:
            continue
        span = f"{column}{first}:{column}{last}"
        choices = DataValidation(type="list", formula1=ranges[field], allow_blank=True)
        choices.showErrorMessage = False
        choices.add(span)
        main.add_data_validation(choices)
        wrong = f"AND(LEN(TRIM({column}{first}))>0,COUNTIF({ranges[field]},{column}{first})=0)"
        rule = FormulaRule(formula=[wrong], fill=fill(WRONG_FILL), font=Font(color=WRONG_INK))
        main.conditional_formatting.add(span, rule)


def _write_codes(book: Any, sheet: CodingSheet) -> None:
    """The codes with their definitions, then the propositions, to read while coding."""
    page, lang = book.create_sheet(wording("coding", "sheet_codes", sheet.language)), sheet.language
    names = ("code_id", "code", "definition", "when", "when_not", "example")
    widths = (22.0, 28.0, 44.0, 40.0, 40.0, 36.0)
    head = Style(font(lang, bold=True, color="FFFFFF"), fill(BAND), WRAP_MIDDLE)
    for column, name, width in zip("ABCDEF", names, widths, strict=True):
        put(page, f"{column}1", wording("coding", name, lang), head)
        page.column_dimensions[column].width = width
    codes = [(one.id, one.name, one.definition, one.when, one.when_not, one.example) for one in sheet.codes]
    said = [(id, "", text, "", "", "") for id, text in sheet.propositions.items()]
    for row, texts in enumerate((*codes, *said), 2):
        for column, text in zip("ABCDEF", texts, strict=True):
            put(page, f"{column}{row}", text, Style(font(lang), alignment=WRAP))
        tall = max(height(text, width, lang) for text, width in zip(texts, widths, strict=True))
        page.row_dimensions[row].height = min(tall, TALLEST)
    page.freeze_panes = "A2"
    page.page_setup.paperSize, page.page_setup.orientation = A4, "landscape"
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    protect(page)


def _write_lists(book: Any, sheet: CodingSheet) -> dict[str, str]:
    """What the drop-downs show, each beside the id that it stands for; returns their ranges."""
    page = book.create_sheet(CODES_LISTS)
    ranges = {}
    for columns, (field, shown) in zip(("AB", "CD", "EF"), sheet.lists().items(), strict=True):
        put(page, f"{columns[0]}1", field)
        for row, (id, text) in enumerate(shown.items(), 2):
            put(page, f"{columns[0]}{row}", id)
            put(page, f"{columns[1]}{row}", text)
        if shown:
            ranges[field] = f"'{CODES_LISTS}'!${columns[1]}$2:${columns[1]}${len(shown) + 1}"
    hide(page)
    return ranges


def _write_units(book: Any, sheet: CodingSheet) -> None:
    """Where each passage comes from, and the hash of its text."""
    page = book.create_sheet(UNITS_SHEET)
    for row, one in enumerate(sheet.units, 1):
        places = ("" if at is None else str(at) for at in (one.start, one.end))
        for column, text in zip(
            "ABCDEF", (one.id, one.respondent, one.item, *places, one.digest), strict=True
        ):
            put(page, f"{column}{row}", text)
    hide(page)


def _write_identity(book: Any, sheet: CodingSheet) -> None:
    """Which sheet this is, on a hidden sheet and as document properties."""
    page = book.create_sheet(IDENTITY_SHEET)
    facts = {
        "format": FORMAT,
        "codebook": sheet.codebook,
        "version": sheet.version,
        "sheet_id": sheet.sheet_id,
        "language": sheet.language,
        "coder": sheet.coder,
        "parts": "1" if sheet.parts else "0",
    }
    for row, (key, value) in enumerate(facts.items(), 1):
        put(page, f"A{row}", key)
        put(page, f"B{row}", value)
        book.custom_doc_props.append(StringProperty(name=PROPERTY_PREFIX + key, value=value))
    hide(page)
