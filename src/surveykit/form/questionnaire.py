"""The sheet that is filled in: headings, questions, answer cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Alignment, Font
from openpyxl.workbook.defined_name import DefinedName

from surveykit.form.cells import cell_text, put, put_formula, style_cell
from surveykit.form.guards import range_hint, write_guards
from surveykit.form.hidden import protect
from surveykit.form.interview import is_interview
from surveykit.form.layout import (
    ANCHOR_COLUMN,
    ANCHOR_MARK,
    ANSWER_MARK,
    BULLET,
    COUNT_ROW,
    HEADER_ROW,
    NUMBER_COLUMN,
    QUESTION_COLUMN,
    QUESTION_MARK,
    RESPONDENT_NAME,
    Layout,
    Row,
    all_codes,
    label_text,
    option_text,
    question_text,
)
from surveykit.form.look import (
    BAND,
    FRAME,
    INPUT,
    MUTED,
    OPEN,
    PALE,
    SIZE,
    UNDER,
    WRAP,
    WRAP_MIDDLE,
    Style,
    fill,
    font,
    height,
)
from surveykit.form.paper import set_up_page
from surveykit.form.texts import languages_of, said, ui
from surveykit.instrument.model import Item, ResponseScale

LONG = ("text", "open")


@dataclass(frozen=True)
class Page:
    """What the writers of one questionnaire sheet share. `ranges`: the list behind each drop-down."""

    sheet: Any
    form: Layout
    lang: str
    ranges: Mapping[str, str]
    widths: Mapping[str, float]
    interview: bool

    @property
    def width(self) -> float:
        """All columns together, in digits."""
        return sum(self.widths.values())


def widths(form: Layout) -> Mapping[str, float]:
    """Columns in digits: a questionnaire is printed upright, an interview form across."""
    columns = form.columns
    bilingual = len(columns.questions) > 1
    question, answer = (84, 36) if bilingual else (53, 31)
    if is_interview(form.inst):
        question, answer = (84, 50) if bilingual else (56, 70)
    elif any(item.type == "open" for item in form.inst.items) and not bilingual:
        question, answer = (42, 42)
    each = question / len(columns.questions)
    return {
        NUMBER_COLUMN: 5,
        **dict.fromkeys(columns.questions, each),
        columns.answer: answer,
        columns.remark: 14,
    }


def sheet_title(form: Layout, lang: str) -> str:
    """The name of the sheet that is filled in."""
    return ui("sheet_interview" if is_interview(form.inst) else "sheet_questionnaire", languages_of(lang)[0])


def write_questionnaire(book: Any, form: Layout, lang: str, ranges: Mapping[str, str]) -> None:
    """The whole sheet, with a defined name on every answer cell."""
    interview = is_interview(form.inst)
    page = Page(book.create_sheet(sheet_title(form, lang)), form, lang, ranges, widths(form), interview)
    _columns(page)
    _head(page)
    for row in form.rows:
        WRITERS[row.kind](page, row)
        if row.slot is not None:
            _answer(page, row)
            name = row.slot.name
            target = f"'{page.sheet.title}'!${form.columns.answer}${row.row}"
            book.defined_names[name] = DefinedName(name, attr_text=target)
    write_guards(page.sheet, form, lang, ranges)
    set_up_page(page.sheet, form, lang)
    protect(page.sheet)


def _columns(page: Page) -> None:
    for column, width in page.widths.items():
        page.sheet.column_dimensions[column].width = width
    page.sheet.column_dimensions[ANCHOR_COLUMN].hidden = True
    columns = page.form.columns
    marks = {ANCHOR_COLUMN: ANCHOR_MARK, QUESTION_COLUMN: QUESTION_MARK, columns.answer: ANSWER_MARK}
    for column, mark in marks.items():
        put(page.sheet, f"{column}1", mark)
    page.sheet.row_dimensions[1].hidden = True


def _head(page: Page) -> None:
    """Title, respondent, how much is answered, and the heads of the columns."""
    sheet, lang = page.sheet, page.lang
    title = Style(font(lang, size=15, bold=True, color=BAND), alignment=WRAP_MIDDLE)
    _across(page, 2, said(page.form.inst.title, lang, " / "), title)
    quiet = Style(font(lang, size=10, color=MUTED), alignment=Alignment(vertical="center"))
    who = f'="{ui("respondent", lang)}: "&{RESPONDENT_NAME}'
    put_formula(sheet, f"{NUMBER_COLUMN}{COUNT_ROW}", who, quiet)
    put_formula(sheet, f"{page.form.columns.answer}{COUNT_ROW}", count_formula(page.form, lang), quiet)
    sheet.row_dimensions[COUNT_ROW].height = 20
    head = Style(font(lang, bold=True, color="FFFFFF"), fill(BAND), WRAP_MIDDLE)
    question, answer = ("question_probes", "notes") if page.interview else ("question", "answer")
    questions = (ui(question, one) for one in languages_of(lang))
    texts = (ui("number", languages_of(lang)[0]), *questions, ui(answer, lang), "")
    for column, text in zip(page.widths, texts, strict=True):
        put(sheet, f"{column}{HEADER_ROW}", text, head)
    sheet.row_dimensions[HEADER_ROW].height = 22
    sheet.freeze_panes = f"{ANCHOR_COLUMN}{HEADER_ROW + 1}"


def count_formula(form: Layout, lang: str) -> str:
    """How much is answered, in words: ``Answered: 12 / 30``."""
    return f'="{ui("answered", lang)}: "&({_answered(form)})&" / {len(form.inst.items)}"'


def _answered(form: Layout) -> str:
    """How many questions are answered, as a formula; of a several-choice item's ticks one is enough."""
    cells: dict[str, list[int]] = {}
    for row in form.rows:
        if row.slot is not None:
            several = row.slot.option is not None
            cells.setdefault(row.slot.item if several else "", []).append(row.row)
    parts, answer = [], form.columns.answer
    for item_id, rows in cells.items():
        if item_id:
            parts.append(f"(COUNTA({answer}{rows[0]}:{answer}{rows[-1]})>0)")
        else:
            parts += [f"COUNTA({span})" for span in _spans(rows, form)]
    return "+".join(parts)


def _spans(rows: list[int], form: Layout) -> list[str]:
    """Answer cells as ranges that reach over headings but not over the ticks of a several-choice item."""
    ticks = [row.row for row in form.rows if row.slot is not None and row.slot.option is not None]
    spans = [[rows[0], rows[0]]]
    for row in rows[1:]:
        if any(spans[-1][1] < tick < row for tick in ticks):
            spans.append([row, row])
        spans[-1][1] = row
    answer = form.columns.answer
    return [f"{answer}{first}:{answer}{last}" for first, last in spans]


def _across(page: Page, row: int, text: str, style: Style) -> None:
    """A text over all the columns, in a row high enough for it."""
    put(page.sheet, f"{NUMBER_COLUMN}{row}", text, style)
    for column in tuple(page.widths)[1:]:
        style_cell(page.sheet[f"{column}{row}"], style)
    page.sheet.merge_cells(f"{NUMBER_COLUMN}{row}:{page.form.columns.remark}{row}")
    size, bold = float(style.font.size or SIZE), bool(style.font.bold)
    _height(page, row, height(text, page.width, page.lang, size=size, bold=bold) + 4)


def _height(page: Page, row: int, points: float) -> None:
    page.sheet.row_dimensions[row].height = points


def _section(page: Page, row: Row) -> None:
    style = Style(font(page.lang, size=12, bold=True, color=BAND), fill(PALE), WRAP_MIDDLE)
    _across(page, row.row, said(row.section.title, page.lang, " / "), style)


def _instructions(page: Page, row: Row) -> None:
    if row.section.instructions is not None:
        style = Style(font(page.lang, color=MUTED, italic=True))
        _across(page, row.row, said(row.section.instructions, page.lang), style)


def _legend(page: Page, row: Row) -> None:
    """The answers of a rating scale in a line; a line breaks between two answers, not within one."""
    if row.scale is not None:
        text = "\n".join(_legend_text(row.scale, one) for one in languages_of(page.lang))
        _across(page, row.row, text, Style(font(page.lang, size=10, color=MUTED), alignment=WRAP_MIDDLE))


def _legend_text(scale: ResponseScale, lang: str) -> str:
    shown = (option_text(scale, code, lang) for code in scale.labels)
    return "     ".join(one.replace(" ", "\u00a0") for one in shown)


def _asked(page: Page) -> Iterator[tuple[str, str]]:
    """The column of each language's questions, and the language."""
    yield from zip(page.form.columns.questions, languages_of(page.lang), strict=True)


def _item(page: Page, row: Row) -> None:
    if row.item is None:
        return
    item, lang, sheet, at, columns = row.item, page.lang, page.sheet, row.row, page.form.columns
    texts = {column: question_text(item, one) for column, one in _asked(page)}
    remark = _remark(item, lang)
    placed = WRAP if item.type in LONG else WRAP_MIDDLE
    beside = Alignment(wrap_text=True, vertical=placed.vertical, horizontal="left", indent=1)
    under = None if item.type in ("single", "multiple") else UNDER
    looks = {
        NUMBER_COLUMN: Style(font(lang, color=MUTED), alignment=placed, border=under),
        **{column: Style(font(one), alignment=placed, border=under) for column, one in _asked(page)},
        columns.answer: Style(font(lang), border=under),
        columns.remark: Style(font(lang, size=9, color=MUTED), alignment=beside, border=under),
    }
    words = {NUMBER_COLUMN: str(row.number or ""), columns.remark: remark, **texts}
    for column, look in looks.items():
        put(sheet, f"{column}{at}", words.get(column, ""), look)
    if item.probes:
        for column, one in _asked(page):
            sheet[f"{column}{at}"].value = _with_probes(item, one)
    asked = max(height(texts[column], page.widths[column], one) for column, one in _asked(page))
    remarked = height(remark, page.widths[columns.remark] - 2, lang, size=9)
    _height(page, at, max(asked, remarked, _room(page, item)))


def _with_probes(item: Item, lang: str) -> CellRichText:
    """The question in ink, its probes quieter."""
    probes = "".join(f"\n{BULLET} {probe[lang]}" for probe in item.probes)
    parts = ((font(lang), item.text[lang]), (font(lang, size=10, color=MUTED), probes))
    return CellRichText(*(TextBlock(_inline(look), cell_text(text)) for look, text in parts))


def _inline(look: Font) -> InlineFont:
    return InlineFont(rFont=look.name, charset=look.charset, sz=look.size, color=look.color, b=look.bold)


def _room(page: Page, item: Item) -> float:
    """Room to write in, in points."""
    if item.type == "open":
        return 128.0 if page.interview else 84.0
    return 44.0 if item.type == "text" and not page.interview and (item.max_length or 1000) > 60 else 24.0


def _remark(item: Item, lang: str) -> str:
    """What stands beside the answer: required, the unit, what is allowed."""
    parts = [ui("required", lang)] if item.required else []
    if item.type == "multiple":
        parts.append(ui("multiple", lang))
    if item.unit is not None:
        parts.append(said(item.unit, lang, " / "))
    if item.type == "number":
        parts.append(range_hint(item, lang))
    if item.type == "date":
        parts.append(ui("date_hint", lang))
    if item.max_length is not None:
        parts.append(ui("length_hint", lang, max_length=item.max_length))
    return "\n".join(part for part in parts if part)


def _choices(page: Page, row: Row) -> None:
    if row.scale is not None:
        last = row.codes[-1] == all_codes(row.scale)[-1]
        look = Style(font(page.lang, size=10, color=MUTED), border=UNDER if last else None)
        for column in (NUMBER_COLUMN, page.form.columns.answer, page.form.columns.remark):
            style_cell(page.sheet[f"{column}{row.row}"], look)
        tall = 0.0
        for column, one in _asked(page):
            text = "\n".join(option_text(row.scale, code, one) for code in row.codes)
            put(page.sheet, f"{column}{row.row}", text, look)
            tall = max(tall, height(text, page.widths[column], one, size=10))
        _height(page, row.row, tall - (not last) * 4)


def _option(page: Page, row: Row) -> None:
    if row.scale is not None and row.slot is not None and row.slot.option is not None:
        indented, tall = Alignment(wrap_text=True, vertical="center", indent=2), 20.0
        for column, one in _asked(page):
            text = label_text(row.scale, row.slot.option, one)
            look = Style(font(one), alignment=indented, border=UNDER)
            put(page.sheet, f"{column}{row.row}", text, look)
            tall = max(tall, height(text, page.widths[column] - 4, one))
        _height(page, row.row, tall)


def _answer(page: Page, row: Row) -> None:
    """The open cell, and its anchor in the first column.

    Cells are text, so that what is typed stays as typed (1-2 becomes no
    date); only numbers and dates are entered as such.
    """
    if row.slot is None or row.item is None:
        return
    put(page.sheet, f"{ANCHOR_COLUMN}{row.row}", row.slot.name)
    formats = {"number": "General", "date": "yyyy-mm-dd"}
    place = "top" if row.item.type in LONG else "center"
    indented = Alignment(wrap_text=True, vertical=place, horizontal="left", indent=0 if place == "top" else 1)
    style = Style(
        font(page.lang),
        fill(INPUT),
        indented,
        FRAME,
        OPEN,
        formats.get(row.item.type, "@"),
    )
    style_cell(page.sheet[f"{page.form.columns.answer}{row.row}"], style)


WRITERS: Mapping[str, Callable[[Page, Row], None]] = {
    "section": _section,
    "instructions": _instructions,
    "legend": _legend,
    "item": _item,
    "choices": _choices,
    "option": _option,
}
