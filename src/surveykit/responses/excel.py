"""A workbook as it was returned: cells as they stand, names, properties; nothing interpreted.

openpyxl takes 5 to 6 s for a thousand forms and believes what a sheet says of
its size. This reader takes the few members that matter, already guarded, and
keeps what openpyxl's fast mode loses: formulas, errors, dates, names.
"""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from posixpath import dirname, join, normpath
from urllib.parse import unquote

from surveykit.errors import Place, SurveykitError
from surveykit.form.cells import plain_text
from surveykit.responses.guard import Members

ADDRESS = re.compile(r"\$?([A-Z]{1,3})\$?([1-9]\d{0,6})")
NAME_TARGET = re.compile(r"(?:'((?:[^']|'')+)'|([^'!\[\]]+))!(\$?[A-Z]{1,3}\$?\d+)(?::\$?[A-Z]{1,3}\$?\d+)?")
BUILT_IN_DATES = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
NOT_A_DATE_PART = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?", re.ASCII)
# Workbooks of old Macs count days from 1904.
DAYS_1904 = 1462
CACHED_LIMIT = 2**18


@dataclass(frozen=True)
class RawCell:
    """A cell as it stands.

    `kind`: "text", "number", "date" (a number shown as a date), "boolean",
    "error", "formula" (whatever its last value). `raw`: what stands in the
    file, as text; `number` where it is one.
    """

    sheet: str
    address: str
    kind: str
    raw: str
    number: float | None = None


@dataclass(frozen=True)
class Sheet:
    """One sheet: its cells by (row, column letters), only those that hold something."""

    name: str
    cells: Mapping[tuple[int, str], RawCell]


@dataclass(frozen=True)
class Workbook:
    """A returned workbook. `names`: defined name -> (sheet, column, row), None where it points nowhere."""

    file: str
    xml: Mapping[str, bytes] = field(repr=False)
    sheet_members: Mapping[str, str]
    names: Mapping[str, tuple[str, str, int] | None]
    epoch_1904: bool

    def sheet(self, name: str) -> Sheet:
        """The cells of one sheet, parsed at the first call."""
        if name not in self._sheets:
            self._sheets[name] = _read_sheet(self, name)
        return self._sheets[name]

    @cached_property
    def _sheets(self) -> dict[str, Sheet]:
        return {}

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
        """The custom document properties, as text."""
        return _properties(self.xml.get("docProps/custom.xml", b""))

    @cached_property
    def modified(self) -> str:
        """When the workbook was last saved, as it says itself (ISO 8601); empty where it does not say."""
        core = self.xml.get("docProps/core.xml", b"")
        root = _parse(core, "docProps/core.xml") if core else None
        stamps = [one.text or "" for one in root if _local(one.tag) == "modified"] if root is not None else []
        return stamps[0].strip() if stamps else ""


def read_workbook(members: Members) -> Workbook:
    """Read the workbook's parts; sheets are parsed when asked for.

    Raises
    ------
    SurveykitError
        R006 a part that is missing or cannot be parsed.
    """
    xml, file = members.xml, members.file
    path = _part(xml, "workbook")
    if path not in xml:
        raise SurveykitError("R006", place=Place(file=file), reason="xl/workbook.xml is missing")
    facts = _workbook_facts(xml[path], xml.get(_rels_of(path), b""), path)
    return Workbook(file, xml, *facts)


def _parse(data: bytes, member: str) -> ET.Element:
    try:
        return ET.fromstring(data)
    except ET.ParseError as problem:
        raise SurveykitError("R006", reason=f"{member}: {problem}") from None


def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]


def _rels_of(path: str) -> str:
    return join(dirname(path), "_rels", path.rsplit("/", 1)[-1] + ".rels")


def _part(xml: Mapping[str, bytes], kind: str) -> str:
    """Where a part of the workbook stands; nearly always where Excel puts it."""
    usual = f"xl/{kind}.xml"
    if usual in xml:
        return usual
    wanted = f"{kind}.xml".casefold()
    return next((name for name in xml if name.casefold().rsplit("/", 1)[-1] == wanted), usual)


@lru_cache(maxsize=32)
def _workbook_facts(
    data: bytes, rels: bytes, path: str
) -> tuple[Mapping[str, str], Mapping[str, tuple[str, str, int] | None], bool]:
    root = _parse(data, path)
    targets = {
        one.get("Id", ""): _resolved(path, unquote(one.get("Target", "")))
        for one in (_parse(rels, _rels_of(path)) if rels else ())
    }
    sheets: dict[str, str] = {}
    names: dict[str, tuple[str, str, int] | None] = {}
    epoch_1904 = False
    for element in root.iter():
        tag = _local(element.tag)
        if tag == "sheet":
            key = next((value for name, value in element.attrib.items() if _local(name) == "id"), "")
            sheets[element.get("name", "")] = targets.get(key, "")
        elif tag == "definedName":
            names[element.get("name", "").casefold()] = _target(element.text or "")
        elif tag == "workbookPr":
            epoch_1904 = element.get("date1904") in ("1", "true")
    return sheets, names, epoch_1904


def _resolved(path: str, target: str) -> str:
    """The member that a relationship's target means, seen from the part at `path`."""
    return target.lstrip("/") if target.startswith("/") else normpath(join(dirname(path), target))


def _target(text: str) -> tuple[str, str, int] | None:
    match = NAME_TARGET.fullmatch(text.strip())
    if match is None:
        return None
    sheet = match[1].replace("''", "'") if match[1] is not None else match[2]
    address = ADDRESS.fullmatch(match[3])
    return None if address is None else (sheet, address[1], int(address[2]))


def _strings(data: bytes) -> tuple[str, ...]:
    if len(data) <= CACHED_LIMIT:
        return _strings_cached(data)
    return _strings_read(data)


def _strings_read(data: bytes) -> tuple[str, ...]:
    if not data:
        return ()
    root = _parse(data, "sharedStrings.xml")
    return tuple(_text_of(one) for one in root if _local(one.tag) == "si")


_strings_cached = lru_cache(maxsize=32)(_strings_read)


def _text_of(element: ET.Element) -> str:
    """The text of a shared or inline string; phonetic readings (furigana) are not part of it."""
    if len(element) == 1 and _local(element[0].tag) == "t":
        return plain_text(element[0].text or "")
    parts = []
    for child in element:
        tag = _local(child.tag)
        if tag == "t":
            parts.append(child.text or "")
        elif tag == "r":
            parts += [one.text or "" for one in child if _local(one.tag) == "t"]
    return plain_text("".join(parts))


@lru_cache(maxsize=32)
def _date_styles(data: bytes) -> frozenset[int]:
    if not data:
        return frozenset()
    root = _parse(data, "styles.xml")
    custom: dict[str, str] = {}
    dates: set[int] = set()
    for part in root:
        tag = _local(part.tag)
        if tag == "numFmts":
            custom = {one.get("numFmtId", ""): one.get("formatCode", "") for one in part}
        elif tag == "cellXfs":
            for index, style in enumerate(part):
                code = style.get("numFmtId", "0")
                built_in = code.isdigit() and int(code) in BUILT_IN_DATES
                if _is_date(custom[code]) if code in custom else built_in:
                    dates.add(index)
    return frozenset(dates)


def _is_date(code: str) -> bool:
    """Whether a number format shows a date or a time."""
    bare = NOT_A_DATE_PART.sub("", code.split(";")[0]).casefold()
    return bare != "general" and any(letter in bare for letter in "ymdhs")


@lru_cache(maxsize=32)
def _properties(data: bytes) -> Mapping[str, str]:
    if not data:
        return {}
    root = _parse(data, "docProps/custom.xml")
    return {one.get("name", ""): plain_text("".join(one.itertext()).strip()) for one in root}


def _read_sheet(book: Workbook, name: str) -> Sheet:
    member = book.sheet_members.get(name, "")
    data = book.xml.get(member)
    if data is None:
        raise SurveykitError("R006", reason=f"{member or name} is missing")
    root = _parse(data, member)
    return Sheet(name, {(row, column): cell for row, column, cell in _cells(book, name, root)})


def _cells(book: Workbook, sheet: str, root: ET.Element) -> Iterator[tuple[int, str, RawCell]]:
    """The cells that hold something; an address that is not told is the next one."""
    space = root.tag[: root.tag.rindex("}") + 1] if root.tag.startswith("{") else ""
    data = root.find(f"{space}sheetData")
    row_number = 0
    for row in data if data is not None else ():
        told = row.get("r", "")
        row_number = int(told) if told.isdigit() and len(told) < 8 else row_number + 1
        letters = ""
        for cell in row:
            address = cell.get("r")
            match = ADDRESS.fullmatch(address) if address else None
            if match is not None:
                letters, at = match[1], int(match[2])
            else:
                letters, at = _next_letters(letters), row_number
            if len(cell):
                raw = _cell(book, sheet, f"{letters}{at}", cell, space)
                if raw is not None:
                    yield at, letters, raw


def _next_letters(letters: str) -> str:
    """The column after this one; A after none."""
    number = 1
    for place, letter in enumerate(reversed(letters)):
        number += 26**place * (ord(letter) - 64)
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _cell(book: Workbook, sheet: str, address: str, cell: ET.Element, space: str) -> RawCell | None:
    kind = cell.get("t", "n")
    value = cell.findtext(f"{space}v")
    formula = cell.find(f"{space}f")
    if formula is not None:
        return RawCell(sheet, address, "formula", f"={formula.text or ''}")
    if kind == "inlineStr":
        inline = cell.find(f"{space}is")
        return RawCell(sheet, address, "text", _text_of(inline)) if inline is not None else None
    if not value:
        return None
    if kind == "s":
        return RawCell(sheet, address, "text", _shared(book, value))
    if kind == "str":
        return RawCell(sheet, address, "text", plain_text(value))
    if kind in ("b", "e", "d"):
        return RawCell(sheet, address, {"b": "boolean", "e": "error", "d": "date"}[kind], value)
    return _number(book, sheet, address, value, cell.get("s", "0"))


def _shared(book: Workbook, index: str) -> str:
    strings = book.strings
    if index.strip().isdigit() and int(index) < len(strings):
        return strings[int(index)]
    raise SurveykitError("R006", reason=f"shared string {index} is missing")


def _number(book: Workbook, sheet: str, address: str, value: str, style: str) -> RawCell:
    number = float(value) if NUMBER.fullmatch(value.strip()) is not None else math.inf
    if math.isinf(number):
        return RawCell(sheet, address, "error", value)
    shown_as_date = style.isdigit() and int(style) in book.date_styles
    if shown_as_date and book.epoch_1904:
        number += DAYS_1904
    return RawCell(sheet, address, "date" if shown_as_date else "number", value, number)
