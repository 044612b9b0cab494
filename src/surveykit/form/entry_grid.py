"""The data-entry grid: paper forms keyed into one workbook, a row for each respondent."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openpyxl import Workbook
from openpyxl.formatting.rule import FormulaRule
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.datavalidation import DataValidation

from surveykit.errors import Place, SurveykitError
from surveykit.form.batch import members_of
from surveykit.form.cells import put, style_cell
from surveykit.form.condition import excel_condition
from surveykit.form.grid_layout import (
    FIRST_ROW,
    FORMAT,
    GROUP_MARK,
    HEADS_NAME,
    LANGUAGE_MARK,
    QUESTION_ROW,
    RESPONDENT_MARK,
    SECTION_ROW,
    TITLE_ROW,
    VALUES_ROW,
    VARIABLE_ROW,
    GridColumn,
    grid_columns,
)
from surveykit.form.guards import range_hint, typing_check, wrong_answer
from surveykit.form.hidden import PROPERTY_PREFIX, Identity, hide, identity_of, protect, write_lists
from surveykit.form.layout import IDENTITY_SHEET, Layout, Slot, all_codes, label_text, layout
from surveykit.form.limits import check_excel
from surveykit.form.look import (
    BAND,
    FRAME,
    HIDDEN_FILL,
    HIDDEN_INK,
    INPUT,
    MUTED,
    OPEN,
    PALE,
    UNDER,
    WRAP_MIDDLE,
    WRONG_FILL,
    WRONG_INK,
    Style,
    fill,
    font,
    height,
)
from surveykit.form.roster import Respondent, read_roster
from surveykit.form.texts import ui
from surveykit.form.writing import write_new
from surveykit.form.zipped import zip_bytes
from surveykit.instrument.model import Instrument
from surveykit.options import check_language

if TYPE_CHECKING:
    import pandas as pd

BLANK_ROWS = 200
# Cells of one workbook: what the guard of collection reads at ease.
CELLS_LIMIT = 40_000
ID_WIDTH, NARROW, WIDE = 18.0, 15.0, 36.0
HEAD_SIZE, TALLEST = 9, 260.0
FORMATS = {"number": "General", "date": "yyyy-mm-dd"}


def write_entry_grid(
    inst: Instrument,
    out: str | Path = "forms",
    lang: str | None = None,
    respondents: pd.DataFrame | str | Path | None = None,
) -> list[Path]:
    """Write the workbook into which forms filled in on paper are keyed.

    A row for each respondent and a column for each answer, with the same
    drop-downs, limits and colours as the questionnaire. `collect` reads it as
    it reads forms: a row is a respondent, with findings for each cell; rows
    without an answer are not yet keyed.

    Parameters
    ----------
    inst : Instrument
    out : path, default "forms"
        Folder, made where it does not exist.
    lang : {"en", "ja", "ko"}, optional
        Language of the workbook; the instrument's first language by default.
    respondents : DataFrame or path of a CSV file, optional
        The sampling frame: ids, languages and groups stand in the rows already. Without it there are 200
        rows into which ids are entered.

    Returns
    -------
    list of Path
        One workbook; several for a frame too long for one.

    Raises
    ------
    SurveykitError
        O001 a language the instrument does not have; F001-F005, F018 the instrument does not fit into a
        workbook; F010-F016 the sampling frame cannot be used; F019 the folder cannot be written.

    Examples
    --------
    >>> write_entry_grid(inst, "forms/", lang="ko")             # doctest: +SKIP
    [PosixPath('forms/partnership_1.0.0_entry_ko.xlsx')]
    """
    chosen = inst.languages[0] if lang is None else lang
    check_language(chosen, inst.languages)
    check_excel(inst, chosen)
    roster = None if respondents is None else read_roster(respondents, inst, chosen)
    size = max(1, CELLS_LIMIT // (len(list(grid_columns(inst))) + 2))
    parts = [roster[start : start + size] for start in range(0, len(roster), size)] if roster else [None]
    paths = []
    for number, part in enumerate(parts, 1):
        suffix = f"_{number}" if len(parts) > 1 else ""
        path = Path(out) / f"{inst.instrument}_{inst.version}_entry_{chosen}{suffix}.xlsx"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_new(path, entry_grid(inst, chosen, part))
        except OSError as problem:
            reason = problem.strerror or str(problem)
            raise SurveykitError("F019", place=Place(file=str(path)), reason=reason) from None
        paths.append(path)
    return paths


@dataclass(frozen=True)
class _Page:
    """What the writers of the grid share. `column_of`: each answer's column letters."""

    sheet: Any
    form: Layout
    lang: str
    ranges: Mapping[str, str]
    columns: Mapping[str, GridColumn]
    last: int

    def cells(self, column: str) -> str:
        return f"{column}{FIRST_ROW}:{column}{self.last}"


def entry_grid(inst: Instrument, lang: str, respondents: Sequence[Respondent] | None = None) -> bytes:
    """The workbook as bytes, the same whenever it is made."""
    form = layout(inst)
    book = Workbook()
    book.remove(book.active)
    groups = list(respondents[0].groups) if respondents else []
    marks = [RESPONDENT_MARK, LANGUAGE_MARK, *(GROUP_MARK + name for name in groups)]
    columns = {
        get_column_letter(number): column for number, column in enumerate(grid_columns(inst), len(marks) + 1)
    }
    _write_how(book, inst, lang)
    sheet = book.create_sheet(ui("sheet_entry", lang))
    ranges = write_lists(book, form, lang)
    last = FIRST_ROW + (len(respondents) if respondents else BLANK_ROWS) - 1
    page = _Page(sheet, form, lang, ranges, columns, last)
    _write_heads(page, marks)
    book.defined_names[HEADS_NAME] = DefinedName(HEADS_NAME, attr_text=f"'{sheet.title}'!$A${VALUES_ROW}")
    _write_rows(page, respondents, groups)
    for letters, column in columns.items():
        _guard(page, letters, column)
    _greys(page)
    _languages(page, inst)
    _print(page)
    protect(sheet)
    _write_identity(book, identity_of(inst, lang, "", {}, {}))
    book.security = WorkbookProtection(lockStructure=True)
    book.active = 1
    stream = io.BytesIO()
    book.save(stream)
    return zip_bytes(members_of(stream, inst.title[lang], lang))


def _write_heads(page: _Page, marks: list[str]) -> None:
    sheet, lang = page.sheet, page.lang
    title = Style(font(lang, size=15, bold=True, color=BAND), alignment=Alignment(vertical="center"))
    put(sheet, f"A{TITLE_ROW}", page.form.inst.title[lang], title)
    sheet.row_dimensions[1].hidden = True
    sheet.row_dimensions[TITLE_ROW].height = 28
    dark = Style(font(lang, size=HEAD_SIZE, bold=True, color="FFFFFF"), fill(BAND), WRAP_MIDDLE)
    for number, mark in enumerate(marks, 1):
        letters = get_column_letter(number)
        put(sheet, f"{letters}1", mark)
        known = {RESPONDENT_MARK: ui("respondent", lang), LANGUAGE_MARK: ui("entry_language", lang)}
        put(sheet, f"{letters}{VARIABLE_ROW}", known.get(mark, mark.removeprefix(GROUP_MARK)), dark)
        sheet.column_dimensions[letters].width = ID_WIDTH if number == 1 else NARROW
    tallest, section = 30.0, ""
    for letters, column in page.columns.items():
        tallest = max(tallest, _head(page, letters, column, dark))
        if column.section.id != section:
            section = column.section.id
            put(
                sheet,
                f"{letters}{SECTION_ROW}",
                column.section.title[lang],
                Style(font(lang, size=11, bold=True, color=BAND), alignment=Alignment(vertical="center")),
            )
    sheet.row_dimensions[QUESTION_ROW].height = min(tallest, TALLEST)
    for row in (SECTION_ROW, VARIABLE_ROW):
        sheet.row_dimensions[row].height = 20
    sheet.freeze_panes = f"B{FIRST_ROW}"


def _head(page: _Page, letters: str, column: GridColumn, dark: Style) -> float:
    """Variable, question and values of one column; returns the height that the question needs."""
    sheet, lang, item = page.sheet, page.lang, column.item
    width = WIDE if item.type in ("text", "open") else NARROW
    put(sheet, f"{letters}1", column.slot.name)
    sheet.column_dimensions[letters].width = width
    put(sheet, f"{letters}{VARIABLE_ROW}", column.variable, dark)
    scale = page.form.inst.response_scale_of(item)
    text = f"{column.number}. {item.text[lang]}"
    if column.slot.option is not None and scale is not None:
        text += f"\n→ {label_text(scale, column.slot.option, lang)}"
    small = Style(font(lang, size=HEAD_SIZE), fill(PALE))
    put(sheet, f"{letters}{QUESTION_ROW}", text, small)
    quiet = Style(font(lang, size=HEAD_SIZE, color=MUTED), border=UNDER)
    values = _values(page, column)
    put(sheet, f"{letters}{VALUES_ROW}", values, quiet)
    needed = height(values, width, lang, size=HEAD_SIZE)
    row = sheet.row_dimensions[VALUES_ROW]
    row.height = max(row.height or 15.0, needed)
    return height(text, width, lang, size=HEAD_SIZE)


def _values(page: _Page, column: GridColumn) -> str:
    """What may be entered, in few words."""
    item, lang = column.item, page.lang
    scale = page.form.inst.response_scale_of(item)
    if column.slot.option is not None:
        return ui("entry_mark", lang)
    if scale is not None:
        return ", ".join(str(code) for code in all_codes(scale))
    if item.type == "number":
        unit = item.unit[lang] if item.unit is not None else ""
        return " ".join(part for part in (range_hint(item, lang), unit) if part)
    if item.type == "date":
        return ui("date_hint", lang)
    return ui("length_hint", lang, max_length=item.max_length) if item.max_length is not None else ""


def _write_rows(page: _Page, respondents: Sequence[Respondent] | None, groups: list[str]) -> None:
    lang = page.lang
    locked = Style(font(lang, bold=True), alignment=Alignment(vertical="center"), border=FRAME)
    told = Style(font(lang, color=MUTED), alignment=Alignment(vertical="center"), border=FRAME)
    opened = Style(font(lang), fill(INPUT), Alignment(vertical="center"), FRAME, OPEN, "@")
    looks = {}
    for letters, column in page.columns.items():
        wrap = column.item.type in ("text", "open")
        placed = Alignment(vertical="center", wrap_text=wrap)
        kind = FORMATS.get(column.item.type, "@")
        looks[letters] = Style(font(lang), fill(INPUT), placed, FRAME, OPEN, kind)
    for row in range(FIRST_ROW, page.last + 1):
        if respondents is None:
            for letters in "AB":
                style_cell(page.sheet[f"{letters}{row}"], opened)
        else:
            one = respondents[row - FIRST_ROW]
            put(page.sheet, f"A{row}", one.id, locked)
            put(page.sheet, f"B{row}", one.language, opened)
            for number, name in enumerate(groups, 3):
                put(page.sheet, f"{get_column_letter(number)}{row}", one.groups[name], told)
        for letters, look in looks.items():
            style_cell(page.sheet[f"{letters}{row}"], look)
        page.sheet.row_dimensions[row].height = 20


def _guard(page: _Page, letters: str, column: GridColumn) -> None:
    """The drop-down or check of one column."""
    scale = page.form.inst.response_scale_of(column.item)
    if scale is None:
        check = typing_check(column.item, page.lang)
        if check is not None:
            check.add(page.cells(letters))
            page.sheet.add_data_validation(check)
        return
    texts = page.ranges["" if column.slot.option is not None else scale.id]
    choices = DataValidation(
        type="list", formula1=texts, allow_blank=True, showErrorMessage=False, showInputMessage=False
    )
    choices.add(page.cells(letters))
    page.sheet.add_data_validation(choices)
    if column.slot.option is None:
        wrong = wrong_answer(f"{letters}{FIRST_ROW}", texts)
        rule = FormulaRule(formula=[wrong], fill=fill(WRONG_FILL), font=Font(color=WRONG_INK))
        page.sheet.conditional_formatting.add(page.cells(letters), rule)


def _greys(page: _Page) -> None:
    """Grey where an item does not apply, row by row."""
    cells: dict[Slot, str] = {
        column.slot: f"${letters}{FIRST_ROW}" for letters, column in page.columns.items()
    }
    for letters, column in page.columns.items():
        if column.item.show_if is not None:
            applies = excel_condition(column.item.show_if, page.form, cells)
            rule = FormulaRule(
                formula=[f"NOT({applies})"],
                fill=fill(HIDDEN_FILL),
                font=Font(color=HIDDEN_INK),
                stopIfTrue=True,
            )
            page.sheet.conditional_formatting.add(page.cells(letters), rule)


def _languages(page: _Page, inst: Instrument) -> None:
    words = ",".join(inst.languages)
    check = DataValidation(type="list", formula1=f'"{words}"', allow_blank=True, showErrorMessage=True)
    check.add(page.cells("B"))
    page.sheet.add_data_validation(check)


def _print(page: _Page) -> None:
    sheet = page.sheet
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9
    sheet.print_title_rows = f"{VARIABLE_ROW}:{VARIABLE_ROW}"
    sheet.print_title_cols = "A:A"
    sheet.oddFooter.right.text = "&P / &N"
    sheet.sheet_view.showGridLines = False


def _how(lang: str) -> Iterator[str]:
    for key in ("entry_row", "entry_code", "entry_several", "entry_red", "entry_blank", "entry_save"):
        yield f"• {ui(key, lang)}"


def _write_how(book: Any, inst: Instrument, lang: str) -> None:
    sheet = book.create_sheet(ui("how_entry", lang))
    sheet.column_dimensions["A"].width = 2
    sheet.column_dimensions["B"].width = 92
    texts = [(inst.title[lang], Style(font(lang, size=18, bold=True, color=BAND)))]
    texts += [(ui("version", lang, version=inst.version), Style(font(lang, size=10, color=MUTED)))]
    texts += [(ui("how_entry", lang), Style(font(lang, size=13, bold=True, color=BAND)))]
    texts += [(text, Style(font(lang))) for text in _how(lang)]
    for row, (text, look) in enumerate(texts, 1):
        put(sheet, f"B{row}", text, look)
        size = float(look.font.size)
        sheet.row_dimensions[row].height = height(text, 92, lang, size=size, bold=bool(look.font.bold)) + 4
    sheet.sheet_view.showGridLines = False
    protect(sheet)


def _write_identity(book: Any, identity: Identity) -> None:
    sheet = book.create_sheet(IDENTITY_SHEET)
    for row, (key, value) in enumerate((identity.fields() | {"format": FORMAT}).items(), 1):
        put(sheet, f"A{row}", key)
        put(sheet, f"B{row}", value)
        book.custom_doc_props.append(StringProperty(name=PROPERTY_PREFIX + key, value=value))
    hide(sheet)
