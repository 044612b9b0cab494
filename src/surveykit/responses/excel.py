"""A workbook as it was returned: cells as they stand, names, properties; nothing interpreted.

openpyxl takes 5 to 6 s for a thousand forms and believes what a sheet says of
its size. This reader takes the few members that matter, already guarded, and
keeps what openpyxl's fast mode loses: formulas, errors, dates, names.
"""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, wraps
from typing import NamedTuple, TypeVar, cast

from surveykit.errors import Place, SurveykitError
from surveykit.responses.book import Aside, column_letters, column_number, local, parse_xml, sound_text
from surveykit.responses.book import RawCell as RawCell
from surveykit.responses.book import Sheet as Sheet
from surveykit.responses.book import Workbook as Workbook
from surveykit.responses.excel_asides import asides_of, rels_of, rich_text, target_of
from surveykit.responses.guard import Members
from surveykit.responses.ods import read_ods

ADDRESS = re.compile(r"\$?([A-Z]{1,3})\$?([1-9]\d{0,6})")
NAME_TARGET = re.compile(r"(?:'((?:[^']|'')+)'|([^'!\[\]]+))!(\$?[A-Z]{1,3}\$?\d+)(?::\$?[A-Z]{1,3}\$?\d+)?")
MERGED = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6}):([A-Z]{1,3})([1-9]\d{0,6})", re.ASCII)
BUILT_IN_DATES = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
NOT_A_DATE_PART = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?", re.ASCII)
# Workbooks of old Macs count days from 1904.
DAYS_1904 = 1462
CACHED_LIMIT = 2**18
Read = TypeVar("Read")


@dataclass(frozen=True)
class ExcelBook(Workbook):
    """An Excel workbook (.xlsx)."""

    suffix = ".xlsx"

    xml: Mapping[str, bytes] = field(repr=False, default_factory=dict)
    epoch_1904: bool = False

    def _read(self, name: str) -> Sheet:
        return _read_sheet(self, name)

    def written(self, name: str) -> bytes:
        return self.xml.get(self.sheet_members.get(name, ""), b"")

    @cached_property
    def asides(self) -> tuple[Aside, ...]:
        return asides_of(self.xml, self.sheet_members)

    @cached_property
    def strings(self) -> tuple[str, ...]:
        """The shared strings."""
        return _strings(self.xml.get(_part(self.xml, "sharedStrings"), b""))

    @cached_property
    def date_styles(self) -> frozenset[int]:
        """The cell styles that show a number as a date or time."""
        return _date_styles(self.xml.get(_part(self.xml, "styles"), b""))

    @cached_property
    def properties(self) -> Mapping[str, str]:
        return _properties(self.xml.get("docProps/custom.xml", b""))

    @cached_property
    def modified(self) -> str:
        core = self.xml.get("docProps/core.xml", b"")
        root = parse_xml(core, "docProps/core.xml") if core else None
        stamps = [one.text or "" for one in root if local(one.tag) == "modified"] if root is not None else []
        return stamps[0].strip() if stamps else ""


def remembered(read: Callable[[bytes], Read]) -> Callable[[bytes], Read]:
    """Parts that all forms of a batch share are parsed once; large ones are not kept in memory."""
    cached = lru_cache(maxsize=32)(read)
    return wraps(read)(lambda data: cached(data) if len(data) <= CACHED_LIMIT else read(data))


def read_workbook(members: Members) -> Workbook:
    """Read the workbook's parts; sheets are parsed when asked for.

    Raises
    ------
    SurveykitError
        R006 a part that is missing or cannot be parsed.
    """
    if members.kind == "ods":
        return read_ods(members)
    xml, file = members.xml, members.file
    path = _part(xml, "workbook")
    if path not in xml:
        raise SurveykitError("R006", place=Place(file=file), reason="xl/workbook.xml is missing")
    facts, rels = xml[path], xml.get(rels_of(path), b"")
    small = len(facts) + len(rels) <= CACHED_LIMIT
    sheets, names, epoch_1904 = (_facts_remembered if small else _workbook_facts)(facts, rels, path)
    return ExcelBook(file, sheets, names, xml, epoch_1904)


def _part(xml: Mapping[str, bytes], kind: str) -> str:
    """Where a part of the workbook stands; nearly always where Excel puts it."""
    usual = f"xl/{kind}.xml"
    if usual in xml:
        return usual
    wanted = f"{kind}.xml".casefold()
    return next((name for name in xml if name.casefold().rsplit("/", 1)[-1] == wanted), usual)


def _workbook_facts(
    data: bytes, rels: bytes, path: str
) -> tuple[Mapping[str, str], Mapping[str, tuple[str, str, int] | None], bool]:
    root = parse_xml(data, path)
    targets = {
        one.get("Id", ""): target_of(path, one) for one in (parse_xml(rels, rels_of(path)) if rels else ())
    }
    sheets: dict[str, str] = {}
    names: dict[str, tuple[str, str, int] | None] = {}
    epoch_1904 = False
    for element in root.iter():
        tag = local(element.tag)
        if tag == "sheet":
            key = next((value for name, value in element.attrib.items() if local(name) == "id"), "")
            sheets[element.get("name", "")] = targets.get(key, "")
        elif tag == "definedName":
            name, target = element.get("name", "").casefold(), _target(element.text or "")
            # A sheet that was duplicated brings names of its own: those of the whole workbook go before.
            if element.get("localSheetId") is None or name not in names:
                names[name] = target
        elif tag == "workbookPr":
            epoch_1904 = element.get("date1904") in ("1", "true")
    return sheets, names, epoch_1904


_facts_remembered = lru_cache(maxsize=32)(_workbook_facts)


def _target(text: str) -> tuple[str, str, int] | None:
    match = NAME_TARGET.fullmatch(text.strip())
    if match is None:
        return None
    sheet = match[1].replace("''", "'") if match[1] is not None else match[2]
    address = ADDRESS.fullmatch(match[3])
    return None if address is None else (sheet, address[1], int(address[2]))


@remembered
def _strings(data: bytes) -> tuple[str, ...]:
    if not data:
        return ()
    root = parse_xml(data, "sharedStrings.xml")
    return tuple(rich_text(one) for one in root if local(one.tag) == "si")


@remembered
def _date_styles(data: bytes) -> frozenset[int]:
    if not data:
        return frozenset()
    root = parse_xml(data, "styles.xml")
    custom: dict[str, str] = {}
    dates: set[int] = set()
    for part in root:
        tag = local(part.tag)
        if tag == "numFmts":
            custom = {one.get("numFmtId", ""): one.get("formatCode", "") for one in part}
        elif tag == "cellXfs":
            for index, style in enumerate(part):
                code = style.get("numFmtId", "0")
                built_in = code.isdecimal() and int(code) in BUILT_IN_DATES
                if _is_date(custom[code]) if code in custom else built_in:
                    dates.add(index)
    return frozenset(dates)


def _is_date(code: str) -> bool:
    """Whether a number format shows a date or a time."""
    bare = NOT_A_DATE_PART.sub("", code.split(";")[0]).casefold()
    return bare != "general" and any(letter in bare for letter in "ymdhs")


@remembered
def _properties(data: bytes) -> Mapping[str, str]:
    if not data:
        return {}
    root = parse_xml(data, "docProps/custom.xml")
    return {one.get("name", ""): sound_text("".join(one.itertext()).strip()) for one in root}


def _read_sheet(book: ExcelBook, name: str) -> Sheet:
    member = book.sheet_members.get(name, "")
    data = book.xml.get(member)
    if data is None:
        raise SurveykitError("R006", reason=f"{member or name} is missing")
    root = parse_xml(data, member)
    cells: dict[tuple[int, str], RawCell] = {}
    for row, column, cell in _cells(book, name, root):
        there = cells.setdefault((row, column), cell)
        if there is not cell and there != cell:
            raise SurveykitError("R006", reason=f"{member}: cell {cell.address} stands twice")
    return Sheet(name, cells, Merged.of(root), tuple(_hidden_rows(root)), tuple(_hidden_columns(root)))


def _hidden_rows(root: ET.Element) -> Iterator[range]:
    """Rows that are hidden or have no height."""
    for number, row in _rows(root):
        if row.get("hidden") in ("1", "true") or (row.get("ht") == "0" and row.get("customHeight") == "1"):
            yield range(number, number + 1)


def _hidden_columns(root: ET.Element) -> Iterator[range]:
    for column in next((one for one in root if local(one.tag) == "cols"), ()):
        first, last = column.get("min", ""), column.get("max", "")
        none = column.get("hidden") in ("1", "true") or column.get("width") == "0"
        if none and first.isdecimal() and last.isdecimal() and len(first) < 6 and len(last) < 6:
            yield range(int(first), int(last) + 1)


@dataclass(frozen=True)
class Merged(Container[tuple[int, str]]):
    """The cells that are hidden under a neighbour: all of a merged range but its first."""

    ranges: tuple[tuple[int, int, int, int], ...]

    @classmethod
    def of(cls, root: ET.Element) -> Merged:
        """The merged ranges of a sheet."""
        parts = next((one for one in root if local(one.tag) == "mergeCells"), ())
        found = (MERGED.fullmatch(one.get("ref", "")) for one in parts)
        return cls(
            tuple(
                (int(m[2]), column_number(m[1]), int(m[4]), column_number(m[3]))
                for m in found
                if m is not None
            )
        )

    def __contains__(self, spot: object) -> bool:
        row, letters = cast("tuple[int, str]", spot)
        column = column_number(letters)
        return any(
            top <= row <= bottom and left <= column <= right and (row, column) != (top, left)
            for top, left, bottom, right in self.ranges
        )


def _cells(book: ExcelBook, sheet: str, root: ET.Element) -> Iterator[tuple[int, str, RawCell]]:
    """The cells that hold something; an address that is not told is the next one."""
    space = _space(root)
    tags = Tags(f"{space}v", f"{space}f", f"{space}is")
    for row_number, row in _rows(root):
        letters = ""
        for cell in row:
            letters, at = _split(cell.get("r", "")) or (_next_letters(letters), row_number)
            if len(cell):
                raw = _cell(book, sheet, f"{letters}{at}", cell, tags)
                if raw is not None:
                    yield at, letters, raw


def _space(root: ET.Element) -> str:
    """The sheet's namespace, as it stands before a tag."""
    return root.tag[: root.tag.rindex("}") + 1] if root.tag.startswith("{") else ""


def _rows(root: ET.Element) -> Iterator[tuple[int, ET.Element]]:
    """The rows by number; one that is not told is the next one."""
    data = root.find(f"{_space(root)}sheetData")
    number = 0
    for row in data if data is not None else ():
        told = row.get("r", "")
        number = int(told) if told.isdecimal() and len(told) < 8 else number + 1
        yield number, row


class Tags(NamedTuple):
    """The tags inside a cell, in the sheet's namespace."""

    value: str
    formula: str
    inline: str


@lru_cache(maxsize=2**14)
def _split(address: str) -> tuple[str, int] | None:
    """Column and row of an address; None where it is none."""
    match = ADDRESS.fullmatch(address)
    return None if match is None else (match[1], int(match[2]))


def _next_letters(letters: str) -> str:
    """The column after this one; A after none."""
    return column_letters(column_number(letters) + 1)


def _cell(book: ExcelBook, sheet: str, address: str, cell: ET.Element, tags: Tags) -> RawCell | None:
    kind = cell.get("t", "n")
    if kind == "inlineStr" and len(cell) == 1 and cell[0].tag == tags.inline:
        return RawCell(sheet, address, "text", rich_text(cell[0]))
    value = cell.findtext(tags.value)
    formula = cell.find(tags.formula)
    if formula is not None:
        return RawCell(sheet, address, "formula", f"={formula.text or ''}")
    if kind == "inlineStr":
        inline = cell.find(tags.inline)
        return RawCell(sheet, address, "text", rich_text(inline)) if inline is not None else None
    if not value:
        return None
    if kind == "s":
        return RawCell(sheet, address, "text", _shared(book, value))
    if kind == "str":
        return RawCell(sheet, address, "text", sound_text(value))
    if kind in ("b", "e", "d"):
        return RawCell(sheet, address, {"b": "boolean", "e": "error", "d": "date"}[kind], value)
    return _number(book, sheet, address, value, cell.get("s", "0"))


def _shared(book: ExcelBook, index: str) -> str:
    strings = book.strings
    if index.strip().isdecimal() and int(index) < len(strings):
        return strings[int(index)]
    raise SurveykitError("R006", reason=f"shared string {index} is missing")


def _number(book: ExcelBook, sheet: str, address: str, value: str, style: str) -> RawCell:
    number = float(value) if NUMBER.fullmatch(value.strip()) is not None else math.inf
    if math.isinf(number):
        return RawCell(sheet, address, "error", value)
    shown_as_date = style.isdecimal() and int(style) in book.date_styles
    if shown_as_date and book.epoch_1904:
        number += DAYS_1904
    return RawCell(sheet, address, "date" if shown_as_date else "number", value, number)
