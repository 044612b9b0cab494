"""A workbook that LibreOffice, Google Sheets or WPS saved as OpenDocument (.ods).

Repeated cells and rows are written once with a count, so a small file can
stand for billions of cells: the cells are counted as they are unfolded.
"""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from surveykit.errors import Place, SurveykitError
from surveykit.responses.book import Aside, RawCell, Sheet, Spot, Workbook, column_letters, local, parse_xml
from surveykit.responses.dates import serial_of
from surveykit.responses.guard import Members

CONTENT, META = "content.xml", "meta.xml"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
CELL, COVERED = f"{TABLE}table-cell", f"{TABLE}covered-table-cell"
Content = tuple[str, str, float | None]
NAME_TARGET = re.compile(
    r"\$?(?:'((?:[^']|'')+)'|([^'.:]+))\.\$?([A-Z]{1,3})\$?([1-9]\d{0,6})"
    r"(?::(?:\$?(?:'(?:[^']|'')+'|[^'.:]*))?\.\$?[A-Z]{1,3}\$?\d{1,7})?"
)
BLANKS = re.compile(r"[ \t\r\n]+")
CELLS_LIMIT = 100_000
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
BLANKS_LIMIT = 32_767
# Words that are not in the cell: remarks, footnotes, readings (furigana).
ASIDE = frozenset(("annotation", "annotation-end", "note", "ruby-text"))


@dataclass(frozen=True)
class OdsBook(Workbook):
    """An OpenDocument spreadsheet."""

    suffix = ".ods"

    tables: Mapping[str, ET.Element] = field(repr=False, default_factory=dict)
    about: bytes = field(repr=False, default=b"")

    def _read(self, name: str) -> Sheet:
        cells: dict[tuple[int, str], RawCell] = {}
        merged: set[tuple[int, str]] = set()
        for row, column, cell in _cells(name, self.tables[name]):
            if cell is None:
                merged.add((row, column))
            else:
                cells[row, column] = cell
            if len(cells) + len(merged) > CELLS_LIMIT:
                raise SurveykitError("R012", place=Place(file=self.file), member=name, limit=CELLS_LIMIT)
        table = self.tables[name]
        return Sheet(name, cells, merged, tuple(_hidden(table, "row")), tuple(_hidden(table, "column")))

    @cached_property
    def asides(self) -> tuple[Aside, ...]:
        return tuple(aside for name, table in self.tables.items() for aside in _asides(name, table))

    @cached_property
    def _meta(self) -> ET.Element:
        return parse_xml(self.about, META) if self.about else ET.Element("none")

    @cached_property
    def properties(self) -> Mapping[str, str]:
        found = (one for one in self._meta.iter() if local(one.tag) == "user-defined")
        return {_attribute(one, "name"): "".join(one.itertext()).strip() for one in found}

    @cached_property
    def modified(self) -> str:
        stamps = [one.text or "" for one in self._meta.iter() if local(one.tag) == "date"]
        return stamps[0].strip() if stamps else ""


def read_ods(members: Members) -> OdsBook:
    """Read the workbook's parts; sheets are parsed when asked for.

    Raises
    ------
    SurveykitError
        R006 the content is missing or cannot be parsed; R010 a sheet is a copy of another file's.
    """
    place = Place(file=members.file)
    if CONTENT not in members.xml:
        raise SurveykitError("R006", place=place, reason=f"{CONTENT} is missing")
    root = parse_xml(members.xml[CONTENT], CONTENT)
    sheets = root.find(f"{OFFICE}body/{OFFICE}spreadsheet")
    if sheets is None:
        raise SurveykitError("R006", place=place, reason=f"{CONTENT} holds no spreadsheet")
    tables = {one.get(f"{TABLE}name", ""): one for one in sheets.findall(f"{TABLE}table")}
    if any(one.find(f"{TABLE}table-source") is not None for one in tables.values()):
        raise SurveykitError("R010", place=place)
    # A sheet that was duplicated brings names of its own: those of the whole workbook go before.
    own = [named for table in tables.values() for named in table.iter(f"{TABLE}named-range")]
    shared = sheets.findall(f"{TABLE}named-expressions/{TABLE}named-range")
    names = {
        one.get(f"{TABLE}name", "").casefold(): _target(one.get(f"{TABLE}cell-range-address", ""))
        for one in (*own, *shared)
    }
    about = members.xml.get(META, b"")
    return OdsBook(members.file, dict.fromkeys(tables, CONTENT), names, tables, about)


def _attribute(element: ET.Element, name: str) -> str:
    return next((value for key, value in element.attrib.items() if local(key) == name), "")


def _target(text: str) -> Spot | None:
    match = NAME_TARGET.fullmatch(text.strip())
    if match is None:
        return None
    sheet = match[1].replace("''", "'") if match[1] is not None else match[2]
    return sheet, match[3], int(match[4])


def _cells(sheet: str, table: ET.Element) -> Iterator[tuple[int, str, RawCell | None]]:
    """The cells that hold something, repeated ones as often as they stand there; None for merged ones."""
    number = 1
    for row in table.iter(f"{TABLE}table-row"):
        times = _times(row, "number-rows-repeated", LAST_ROW)
        line = list(_line(row))
        for at in range(number, min(number + times, LAST_ROW + 1)) if line else ():
            for column, found in line:
                yield at, column, None if found is None else RawCell(sheet, f"{column}{at}", *found)
        number += times


def _line(row: ET.Element) -> Iterator[tuple[str, Content | None]]:
    """One row: column and content of its cells; None where a cell is hidden under its neighbour."""
    index = 1
    for cell in row:
        if cell.tag not in (CELL, COVERED):
            continue
        times = _times(cell, "number-columns-repeated", LAST_COLUMN)
        found = _content(cell) if len(cell) or cell.attrib else None
        if found is not None or cell.tag == COVERED:
            for column in range(index, min(index + times, LAST_COLUMN + 1)):
                yield column_letters(column), found
        index += times


def _hidden(table: ET.Element, kind: str) -> Iterator[range]:
    """Rows or columns that are not shown."""
    number, most = 1, LAST_ROW if kind == "row" else LAST_COLUMN
    for one in table.iter(f"{TABLE}table-{kind}"):
        times = _times(one, f"number-{kind}s-repeated", most)
        if one.get(f"{TABLE}visibility", "visible") != "visible":
            yield range(number, number + times)
        number += times


def _asides(sheet: str, table: ET.Element) -> Iterator[Aside]:
    """Remarks on cells, and what is drawn in a cell or over the sheet."""
    for shapes in table.findall(f"{TABLE}shapes"):
        yield from (Aside("drawing", sheet, None, _all_words(one)) for one in shapes if _drawn(one))
    number = 1
    for row in table.iter(f"{TABLE}table-row"):
        index = 1
        for cell in row:
            if cell.tag in (CELL, COVERED):
                at = f"{column_letters(min(index, LAST_COLUMN))}{number}"
                for one in cell:
                    if one.tag == f"{OFFICE}annotation" and _all_words(one):
                        yield Aside("comment", sheet, at, _all_words(one))
                    elif _drawn(one):
                        yield Aside("drawing", sheet, at, _all_words(one))
                index += _times(cell, "number-columns-repeated", LAST_COLUMN)
        number += _times(row, "number-rows-repeated", LAST_ROW)


def _drawn(element: ET.Element) -> bool:
    return element.tag.startswith(DRAW)


def _all_words(element: ET.Element) -> str:
    """The paragraphs of a remark or drawing, without who wrote them and when."""
    return "\n".join(_paragraph(one) for one in element.iter(f"{TEXT}p")).strip()


def _times(element: ET.Element, name: str, most: int) -> int:
    told = element.get(f"{TABLE}{name}", "1")
    return min(int(told), most) if told.isdecimal() and len(told) < 9 else 1


def _content(cell: ET.Element) -> Content | None:
    """Kind, text and number of a cell; None where it is empty."""
    formula = cell.get(f"{TABLE}formula")
    if formula is not None:
        return "formula", "=" + formula.partition("=")[2], None
    kind = cell.get(f"{OFFICE}value-type", "")
    if cell.get(f"{CALC}value-type") == "error":
        return "error", _words(cell), None
    if kind in ("float", "percentage", "currency"):
        return _number(cell.get(f"{OFFICE}value", ""))
    if kind == "boolean":
        return "boolean", "1" if cell.get(f"{OFFICE}boolean-value") == "true" else "0", None
    if kind == "date":
        return _date(cell.get(f"{OFFICE}date-value", ""))
    if kind == "time":
        return "date", cell.get(f"{OFFICE}time-value", ""), None
    told = cell.get(f"{OFFICE}string-value")
    text = told if told is not None else _words(cell)
    return ("text", text, None) if text else None


def _number(told: str) -> Content:
    try:
        number = float(told) if "_" not in told else math.nan
    except ValueError:
        number = math.nan
    return ("number", told, number) if math.isfinite(number) else ("error", told, None)


def _date(told: str) -> Content:
    try:
        return "date", told, float(serial_of(date.fromisoformat(told.partition("T")[0])))
    except ValueError:
        return "date", told, None


def _words(cell: ET.Element) -> str:
    """The paragraphs of a cell."""
    return "\n".join(_paragraph(one) for one in cell if one.tag == f"{TEXT}p")


def _paragraph(paragraph: ET.Element) -> str:
    """A paragraph's text, in a loop: what is nested a thousand deep must not overflow."""
    parts: list[str] = []
    waiting: list[ET.Element | str] = [paragraph]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            parts.append(BLANKS.sub(" ", one))
            continue
        tag = local(one.tag)
        if tag == "s":
            parts.append(" " * min(_times_blank(one), BLANKS_LIMIT))
        elif tag in ("tab", "line-break"):
            parts.append("\t" if tag == "tab" else "\n")
        elif tag not in ASIDE:
            for child in reversed(one):
                waiting += [child.tail or "", child]
            waiting.append(one.text or "")
    return "".join(parts)


def _times_blank(element: ET.Element) -> int:
    told = element.get(f"{TEXT}c", "1")
    return int(told) if told.isdecimal() and len(told) < 9 else 1
