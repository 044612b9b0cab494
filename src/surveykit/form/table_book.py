"""Printed tables as a workbook: a sheet a table, a list of them in front, links between cells."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from surveykit.form.batch import CORE
from surveykit.form.cells import put, put_number
from surveykit.form.look import BAND, INK, MUTED, UNDER, WRAP, Style, fill, font, height
from surveykit.form.zipped import zip_bytes

LONGEST_NAME = 31
NARROW, BROAD = 9.0, 60.0  # columns of a digit
LINK = "1F4F82"
TOP = 4  # the header's row: title, its number and a blank line stand above
# What Excel refuses in the name of a sheet.
_REFUSED = re.compile(r"[\[\]:*?/\\']")
_NUMBER = re.compile(r"−?(\d*)\.(\d+)|−?\d{1,15}")


@dataclass(frozen=True)
class BookCell:
    """A text, which becomes a number where it is one. `link`: another cell's anchor; `anchor`: its own.

    `ruled`: a hairline below.
    """

    text: str
    strong: bool = False
    link: str = ""
    anchor: str = ""
    ruled: bool = True


@dataclass(frozen=True)
class BookTable:
    """A sheet: a table with caption, title and notes. A row of one cell is a heading over what follows."""

    name: str
    caption: str
    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[BookCell]]
    notes: Sequence[str] = ()


def write_table_book(tables: Sequence[BookTable], path: Path, lang: str, contents: str, title: str) -> Path:
    """Write the tables to a workbook; the same tables give the same bytes.

    `contents`: the name of the first sheet, which lists the others; `title`: its heading.
    """
    from openpyxl import Workbook

    book = Workbook()
    front = book.active
    assert front is not None  # a new workbook has a sheet
    named = _named([contents, *(table.name for table in tables)])
    front.title = named[0]
    places = _places(tables, named[1:])
    for table, name in zip(tables, named[1:], strict=True):
        _sheet(book.create_sheet(name), table, places, lang)
    _contents(front, tables, named[1:], title, lang)
    path.parent.mkdir(parents=True, exist_ok=True)
    saved = io.BytesIO()
    book.save(saved)
    path.write_bytes(_without_the_time(saved))
    return path


def _named(wanted: Iterable[str]) -> list[str]:
    """Names that Excel takes, each once (it does not tell capitals apart)."""
    used: dict[str, str] = {}
    for name in wanted:
        base = _REFUSED.sub(" ", name).strip()[:LONGEST_NAME] or "1"
        found, count = base, 1
        while found.lower() in used:
            count += 1
            found = f"{base[: LONGEST_NAME - len(str(count)) - 1]} {count}"
        used[found.lower()] = found
    return list(used.values())


def _places(tables: Sequence[BookTable], names: Sequence[str]) -> dict[str, str]:
    """Where each anchor stands, as a link inside the workbook."""
    places: dict[str, str] = {}
    for table, name in zip(tables, names, strict=True):
        for row, line in enumerate(table.rows, TOP + 1):
            for cell in line:
                if cell.anchor:
                    places.setdefault(cell.anchor, f"'{name}'!A{row}")
    return places


def _sheet(sheet: Any, table: BookTable, places: Mapping[str, str], lang: str) -> None:
    from openpyxl.utils import get_column_letter

    put(sheet, "A1", table.caption, Style(font(lang, size=10, color=MUTED)))
    put(sheet, "A2", table.title, Style(font(lang, size=13, bold=True, color=BAND)))
    for address in ("A1", "A2"):
        sheet[address].alignment = _unwrapped()
    widths = _widths(table)
    head = Style(font(lang, bold=True, color="FFFFFF"), fill(BAND), WRAP)
    for column, (text, width) in enumerate(zip(table.header, widths, strict=True), 1):
        letter = get_column_letter(column)
        sheet.column_dimensions[letter].width = width
        put(sheet, f"{letter}{TOP}", text, head)
    sheet.row_dimensions[TOP].height = _tallest(table.header, widths, lang, bold=True)
    for row, line in enumerate(table.rows, TOP + 1):
        _row(sheet, row, line, widths, places, lang)
    row = TOP + len(table.rows) + 2
    last = get_column_letter(len(widths))
    for place, text in enumerate(table.notes, row):
        put(sheet, f"A{place}", text, Style(font(lang, size=9, color=MUTED)))
        sheet.merge_cells(f"A{place}:{last}{place}")
        sheet.row_dimensions[place].height = min(height(text, sum(widths), lang, size=9), 409.0)
    sheet.freeze_panes = f"A{TOP + 1}"
    sheet.sheet_view.showGridLines = False
    sheet.page_setup.orientation = "landscape"
    _one_page_wide(sheet)


def _row(
    sheet: Any,
    row: int,
    line: Sequence[BookCell],
    widths: Sequence[float],
    places: Mapping[str, str],
    lang: str,
) -> None:
    from openpyxl.utils import get_column_letter

    heading = len(line) == 1 < len(widths)
    for column, cell in enumerate(line, 1):
        bold = cell.strong or heading
        link = places.get(cell.link, "")
        look = Style(font(lang, bold=bold, color=LINK if link else INK), border=UNDER if cell.ruled else None)
        address = f"{get_column_letter(column)}{row}"
        _value(sheet, address, cell.text, look)
        if heading:
            sheet[address].alignment = _unwrapped()
        if link:
            _link(sheet[address], link)
    if not heading:
        sheet.row_dimensions[row].height = _tallest([cell.text for cell in line], widths, lang)


def _value(sheet: Any, address: str, text: str, look: Style) -> None:
    """A number with the decimals it was printed with, so that Excel can reckon with it; else text."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        put(sheet, address, text, look)
        return
    put_number(sheet, address, float(text.replace("−", "-")), look)
    decimals = found.group(2)
    whole = "0" if found.group(1) or not decimals else ""
    sheet[address].number_format = f"{whole}.{'0' * len(decimals)}" if decimals else "0"


def _link(cell: Any, place: str) -> None:
    """To a cell of this workbook. openpyxl's own setter would make the place an address outside it."""
    from openpyxl.worksheet.hyperlink import Hyperlink

    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=place)


def _contents(sheet: Any, tables: Sequence[BookTable], names: Sequence[str], title: str, lang: str) -> None:
    put(sheet, "A1", title, Style(font(lang, size=14, bold=True, color=BAND)))
    sheet["A1"].alignment = _unwrapped()
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 16, 80
    for row, (table, name) in enumerate(zip(tables, names, strict=True), 3):
        put(sheet, f"A{row}", table.caption, Style(font(lang, color=LINK)))
        put(sheet, f"B{row}", table.title, Style(font(lang)))
        _link(sheet[f"A{row}"], f"'{name}'!A1")
    sheet.sheet_view.showGridLines = False
    _one_page_wide(sheet)


def _one_page_wide(sheet: Any) -> None:
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _widths(table: BookTable) -> list[float]:
    """Room for the longest line of each column, within bounds."""
    from surveykit.form.look import char_width

    widths = []
    for column, text in enumerate(table.header):
        texts = [line[column].text for line in table.rows if len(line) == len(table.header)]
        lines = [text, *(one for cell in texts for one in cell.split("\n"))]
        needed = max(sum(char_width(letter, "en") for letter in one) for one in lines)
        widths.append(min(max(needed + 3, NARROW), BROAD))
    return widths


def _tallest(texts: Sequence[str], widths: Sequence[float], lang: str, *, bold: bool = False) -> float:
    tall = max(height(text, width, lang, bold=bold) for text, width in zip(texts, widths, strict=True))
    return min(tall, 409.0)


def _unwrapped() -> Any:
    from openpyxl.styles import Alignment

    return Alignment(wrap_text=False, vertical="center")


def _without_the_time(saved: io.BytesIO) -> bytes:
    with zipfile.ZipFile(saved) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["docProps/core.xml"] = CORE
    first = "[Content_Types].xml"
    return zip_bytes({first: members.pop(first), **members})
