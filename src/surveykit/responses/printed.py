"""A form as it was sent out, to tell what was typed into a returned one from what was printed on it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from surveykit.errors import SurveykitError
from surveykit.form.batch import RESPONDENT_TOKEN, make_template
from surveykit.form.hidden import PRINTED
from surveykit.form.layout import NUMBER_COLUMN, Row, columns_of, layout
from surveykit.form.order import Order
from surveykit.form.texts import languages_of
from surveykit.instrument.model import Instrument
from surveykit.responses.excel import read_workbook
from surveykit.responses.guard import guarded
from surveykit.responses.identity import told_of

# The sheets of a form in their order.
COVER, QUESTIONNAIRE, CODEBOOK, LISTS, IDENTITY = "cover", "questionnaire", "codebook", "lists", "identity"
ROLES = (COVER, QUESTIONNAIRE, CODEBOOK, LISTS, IDENTITY)
Cells = Mapping[tuple[int, str], str]


@dataclass(frozen=True)
class PrintedSheet:
    """One sheet of a form: its texts by (row, column letters), and the sheet as it stands in the file."""

    name: str
    cells: Cells
    written: bytes = b""
    items: Mapping[int, str] = field(default_factory=dict)

    @cached_property
    def rows(self) -> Mapping[int, Mapping[str, str]]:
        """The texts of each row by column, blanks and line breaks evened out."""
        found: dict[int, dict[str, str]] = {}
        for (row, column), text in self.cells.items():
            found.setdefault(row, {})[column] = evened(text)
        return found

    @cached_property
    def rows_with(self) -> Mapping[str, tuple[int, ...]]:
        """The rows in which a text stands."""
        found: dict[str, tuple[int, ...]] = {}
        for row, texts in self.rows.items():
            for text in dict.fromkeys(texts.values()):
                found[text] = (*found.get(text, ()), row)
        return found


@dataclass(frozen=True)
class Printed:
    """The sheets of a form by what they are for. `digest`: of all that they say (`printed_digest`)."""

    inst: Instrument
    lang: str
    sheets: Mapping[str, PrintedSheet]
    digest: str

    def questionnaire(self, order: Order) -> PrintedSheet:
        """The sheet that is filled in, the items of its randomised sections in this order."""
        usual = self.sheets[QUESTIONNAIRE]
        if not order:
            return usual
        columns = columns_of(self.lang)
        home = {_what(row): row.row for row in layout(self.inst, columns=columns).rows}
        moved = layout(self.inst, order, columns).rows
        came_from = {row.row: home[_what(row)] for row in moved}
        numbers = {row.row: str(row.number or "") for row in moved if row.kind == "item"}
        rows: dict[int, list[tuple[str, str]]] = {}
        for (row, column), text in usual.cells.items():
            rows.setdefault(row, []).append((column, text))
        cells = {(row, column): text for row, texts in rows.items() for column, text in texts}
        cells = {at: text for at, text in cells.items() if at[0] not in came_from}
        for row, source in came_from.items():
            cells |= {(row, column): text for column, text in rows.get(source, ())}
            if row in numbers and (row, NUMBER_COLUMN) in cells:
                cells[row, NUMBER_COLUMN] = numbers[row]
        return PrintedSheet(usual.name, cells, items=_items(moved))


def _what(row: Row) -> tuple[object, ...]:
    """What a row is, wherever it stands."""
    item = "" if row.item is None else row.item.id
    scale = "" if row.scale is None else row.scale.id
    return row.kind, row.section.id, item, scale, row.slot, row.codes


def _items(rows: tuple[Row, ...]) -> dict[int, str]:
    return {row.row: row.item.id for row in rows if row.item is not None}


def print_form(inst: Instrument, lang: str, *, named: bool) -> Printed | None:
    """The form of this instrument in this language; None where none can be made.

    Where it is made for somebody (`named`), `RESPONDENT_TOKEN` stands for the id.
    """
    if not {*languages_of(lang)} <= {*inst.languages}:
        return None
    try:
        book = read_workbook(guarded(make_template(inst, lang, named=named).form(RESPONDENT_TOKEN), "form"))
    except SurveykitError:
        return None
    items = _items(layout(inst, columns=columns_of(lang)).rows)
    sheets = {
        role: PrintedSheet(
            name,
            {at: cell.raw for at, cell in book.sheet(name).cells.items()},
            book.written(name),
            items if role == QUESTIONNAIRE else {},
        )
        for role, name in zip(ROLES, book.sheet_members, strict=True)
    }
    return Printed(inst, lang, sheets, told_of(book).get(PRINTED, ""))


def evened(text: str) -> str:
    """A text as it is compared: programs differ in the blanks and line breaks that they keep."""
    return unicodedata.normalize("NFC", " ".join(text.split()))
