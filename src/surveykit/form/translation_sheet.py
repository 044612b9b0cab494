"""The translators' workbook: each text with its context, and a cell for every step of TRAPD."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Font
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.datavalidation import DataValidation

from surveykit.errors import Place, SurveykitError
from surveykit.form.batch import members_of
from surveykit.form.cells import put, put_formula, put_number, style_cell
from surveykit.form.hidden import hide, protect
from surveykit.form.layout import IDENTITY_SHEET
from surveykit.form.look import (
    BAND,
    FRAME,
    INPUT,
    MUTED,
    OPEN,
    PALE,
    ROW_LIMIT,
    UNDER,
    WRAP_MIDDLE,
    WRONG_FILL,
    WRONG_INK,
    Style,
    fill,
    font,
    height,
)
from surveykit.form.translation_layout import COLUMN_OF, COLUMNS, FORMAT, HEADER_ROW, MARK, status_key
from surveykit.form.writing import write_made
from surveykit.form.zipped import zip_bytes
from surveykit.instrument.model import Instrument
from surveykit.instrument.reader import read_instrument
from surveykit.instrument.translation_log import report_of
from surveykit.instrument.translations import STEPS, TranslatedText
from surveykit.options import check_choice
from surveykit.wording import wording

WIDTHS = {
    "number": 6, "where": 16, "context": 30, "source": 42, "current": 38, "status": 13, "limit": 9,
    "length": 9, "translation_1": 42, "translation_2": 42, "review": 34, "adjudication": 42,
    "back_translation": 38, "reason": 30,
}  # fmt: skip
STATUS_FILLS = {
    "missing": WRONG_FILL,
    "stale": "FCE8B2",
    "edited": "FCE8B2",
    "in work": PALE,
    "done": "DDEFE0",
}
A3 = 8
TEXT_SIZE, LEAST_HEIGHT = 10, 32.0


def write_translation_workbook(instrument: str | Path, to: str, out: str | Path | None = None) -> Path:
    """Write the workbook in which an instrument is translated.

    A row a text, in the order of the questionnaire: what it is and where it
    stands, the source, the translation there is and its status, the length
    that fits, and a cell for each step of TRAPD: two translations, review,
    adjudication (the final text), back-translation, reason.

    Parameters
    ----------
    instrument : path
        The instrument's YAML file; its translation log is looked for in ``translations/`` beside it.
    to : {"en", "ja", "ko"}
        The language to translate into: one of the instrument's, not its first (which is the source).
    out : path, optional
        The workbook; by default ``<instrument>_translation_<to>.xlsx`` in the current folder.

    Returns
    -------
    Path
        The workbook; `take_translations` reads it when it comes back.

    Raises
    ------
    SurveykitError
        O001 a language that the instrument is not translated into; F019 the file cannot be written; F029
        another file of this name is there, perhaps changed by hand; what
        `read_instrument` and `read_log` refuse.

    Examples
    --------
    >>> write_translation_workbook("instruments/partnership.yaml", "ja", "ja.xlsx")     # doctest: +SKIP
    PosixPath('ja.xlsx')
    """
    inst = read_instrument(instrument)
    check_choice("to", to, inst.languages[1:])
    rows = [row for row in report_of(instrument).rows if row.language == to]
    path = Path(out) if out is not None else Path(f"{inst.instrument}_translation_{to}.xlsx")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_made(path, translation_sheet(inst, rows, to))
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise SurveykitError("F019", place=Place(file=str(path)), reason=reason) from None
    return path


def translation_sheet(inst: Instrument, rows: list[TranslatedText], to: str) -> bytes:
    """The workbook as bytes, the same whenever it is made."""
    book = Workbook()
    sheet = book.active
    sheet.title = wording("translation", "sheet_translation", to)
    _heads(sheet, inst, to)
    for number, row in enumerate(rows, 1):
        _row(sheet, inst, row, number)
    last = HEADER_ROW + max(len(rows), 1)
    _limits(sheet, rows, to)
    sheet.auto_filter.ref = f"{COLUMN_OF['number']}{HEADER_ROW}:{COLUMN_OF['reason']}{last}"
    sheet.freeze_panes = f"{COLUMN_OF['current']}{HEADER_ROW + 1}"
    _page(sheet)
    protect(sheet)
    sheet.protection.autoFilter = False
    _how(book, to)
    _identity(book, inst, to)
    book.security = WorkbookProtection(lockStructure=True)
    stream = io.BytesIO()
    book.save(stream)
    return zip_bytes(members_of(stream, inst.title[inst.languages[0]], to))


def _heads(sheet: Any, inst: Instrument, to: str) -> None:
    source = inst.languages[0]
    for column, name in COLUMNS.items():
        put(sheet, f"{column}1", MARK + name)
        if name in WIDTHS:
            sheet.column_dimensions[column].width = WIDTHS[name]
        else:
            sheet.column_dimensions[column].hidden = True
    sheet.row_dimensions[1].hidden = True
    first = COLUMN_OF["number"]
    title = wording("translation", "title", to, title=inst.title[source], language=language_name(to, to))
    put(sheet, f"{first}2", title, Style(font(to, size=15, bold=True, color=BAND), alignment=Alignment()))
    sheet.row_dimensions[2].height = 28
    about = wording("translation", "about", to, instrument=inst.instrument, version=inst.version)
    put(sheet, f"{first}3", about, Style(font(to, size=TEXT_SIZE, color=MUTED), alignment=Alignment()))
    sheet.row_dimensions[3].height = 20
    for column, name in COLUMNS.items():
        if name in WIDTHS:
            head = wording("translation", name, to, language=language_name(source, to))
            look = Style(font(to, size=TEXT_SIZE, bold=True, color="FFFFFF"), fill(BAND), WRAP_MIDDLE)
            put(sheet, f"{column}{HEADER_ROW}", head, look)
    sheet.row_dimensions[HEADER_ROW].height = 34


def language_name(language: str, to: str) -> str:
    """A language's name, said in another."""
    return wording("translation", f"language_{language}", to)


def _row(sheet: Any, inst: Instrument, row: TranslatedText, number: int) -> None:
    at, source, to = HEADER_ROW + number, inst.languages[0], row.language
    put(sheet, f"{COLUMN_OF['key']}{at}", row.key)
    put(sheet, f"{COLUMN_OF['source_hash']}{at}", row.source_hash)
    role = wording("translation", f"role_{row.role}", to)
    shown = {
        "number": (str(number), to),
        "where": (f"{role}\n{row.item}".strip(), to),
        "context": ("\n".join(one for one in (row.context, row.note) if one), source),
        "source": (row.source, source),
        "current": (row.text, to),
        "status": (wording("translation", status_key(row.status), to), to),
    }
    tall = LEAST_HEIGHT
    for name, (text, lang) in shown.items():
        quiet = name not in ("source", "current")
        look = Style(
            font(lang, size=TEXT_SIZE, color=MUTED) if quiet else font(lang, size=TEXT_SIZE), border=UNDER
        )
        if name == "status" and row.status in STATUS_FILLS:
            look = Style(look.font, fill(STATUS_FILLS[row.status]), border=UNDER)
        put(sheet, f"{COLUMN_OF[name]}{at}", text, look)
        tall = max(tall, height(text, WIDTHS[name], lang, size=TEXT_SIZE))
    _count(sheet, row, at)
    tall = max(tall, height(row.source, WIDTHS["translation_1"], to, size=TEXT_SIZE) * 1.2)
    for step in STEPS:
        # What was agreed on another wording of the source is no answer to this one.
        text = "" if row.status == "stale" else getattr(row.log, step)
        lang = source if step == "back_translation" else to
        put(
            sheet,
            f"{COLUMN_OF[step]}{at}",
            text,
            Style(font(lang, size=TEXT_SIZE), fill(INPUT), border=FRAME, protection=OPEN, number_format="@"),
        )
        tall = max(tall, height(text, WIDTHS[step], lang, size=TEXT_SIZE))
    sheet.row_dimensions[at].height = min(tall, ROW_LIMIT)


def _count(sheet: Any, row: TranslatedText, at: int) -> None:
    """How long the translation may be, and how long it is."""
    look = Style(font(row.language, size=TEXT_SIZE, color=MUTED), border=UNDER)
    limit, length, final = (f"{COLUMN_OF[name]}{at}" for name in ("limit", "length", "adjudication"))
    if row.limit is not None:
        put_number(sheet, limit, row.limit, look)
    else:
        style_cell(sheet[limit], look)
    put_formula(sheet, length, f"=LEN({final})", look)


def _limits(sheet: Any, rows: list[TranslatedText], to: str) -> None:
    """A message while typing, and red for what was pasted, where a text does not fit."""
    final, limit = COLUMN_OF["adjudication"], COLUMN_OF["limit"]
    checks: dict[int, DataValidation] = {}
    for at, row in enumerate(rows, HEADER_ROW + 1):
        if row.limit is not None:
            message = wording("translation", "too_long", to, limit=row.limit)
            check = checks.setdefault(
                row.limit,
                DataValidation(
                    type="textLength", operator="lessThanOrEqual", formula1=str(row.limit), allow_blank=True,
                    showErrorMessage=True, error=message,
                ),
            )  # fmt: skip
            check.add(f"{final}{at}")
    for check in checks.values():
        sheet.add_data_validation(check)
    first, last = HEADER_ROW + 1, HEADER_ROW + max(len(rows), 1)
    wrong = f"AND(LEN(${limit}{first})>0,LEN(${final}{first})>${limit}{first})"
    rule = FormulaRule(formula=[wrong], fill=fill(WRONG_FILL), font=Font(color=WRONG_INK))
    sheet.conditional_formatting.add(f"{final}{first}:{final}{last}", rule)


def _page(sheet: Any) -> None:
    sheet.page_setup.paperSize, sheet.page_setup.orientation = A3, "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"
    sheet.oddFooter.right.text = "&P / &N"
    sheet.sheet_view.showGridLines = False


def _how(book: Any, to: str) -> None:
    sheet = book.create_sheet(wording("translation", "sheet_how", to))
    sheet.column_dimensions["A"].width = 2
    sheet.column_dimensions["B"].width = 96
    put(sheet, "B1", wording("translation", "sheet_how", to), Style(font(to, size=15, bold=True, color=BAND)))
    sheet.row_dimensions[1].height = 28
    for row in range(1, 6):
        text = wording("translation", f"how_{row}", to)
        put(sheet, f"B{row + 1}", text, Style(font(to)))
        sheet.row_dimensions[row + 1].height = height(text, 96, to) + 6
    sheet.sheet_view.showGridLines = False
    protect(sheet)


def _identity(book: Any, inst: Instrument, to: str) -> None:
    sheet = book.create_sheet(IDENTITY_SHEET)
    facts = {
        "format": FORMAT,
        "instrument": inst.instrument,
        "version": inst.version,
        "content_hash": inst.content_hash,
        "language": to,
    }
    for row, (key, value) in enumerate(facts.items(), 1):
        put(sheet, f"A{row}", key)
        put(sheet, f"B{row}", value)
    hide(sheet)
