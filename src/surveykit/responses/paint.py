"""Cells coloured and words written beside them in a workbook that stays as it is otherwise.

The XML is edited as text, so everything that no one here knows of (another
program's extensions, validations, protection) comes out as it went in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

from surveykit.form.cells import cell_text
from surveykit.form.look import ROW_LIMIT, WRONG_INK, height
from surveykit.responses.book import column_letters

# Amber: the red of the form's own check for what is typed would say more than is known.
FILL, WIDTH, SIZE = "FFE7A6", 46, 10
CELL = r'<c r="{}"((?:\s[^>]*?)?)(/>|>.*?</c>)'
STYLE = re.compile(r'\ss="(\d+)"')
ROW = re.compile(r'<row r="(\d+)"([^>]*?)(/>|>(.*?)</row>)', re.DOTALL)
ADDRESS = re.compile(r'<c r="([A-Z]{1,3})\d+"')
XF = re.compile(r"<xf\b[^>]*?(?:/>|>.*?</xf>)", re.DOTALL)
COL = re.compile(r"<col\b[^>]*?/>|<col\b[^>]*?></col>")
WORDS_XF = (
    '<xf numFmtId="0" fontId="{font}" fillId="0" borderId="0" xfId="0" applyFont="1" applyAlignment="1">'
    '<alignment vertical="center" wrapText="1"/></xf>'
)


@dataclass(frozen=True)
class Mark:
    """A cell to colour and the words beside it; without a column only words, in bold."""

    row: int
    column: str | None
    words: str


class CannotPaint(Exception):
    """The workbook's XML is written in a way that cannot be edited as text."""


def painted(
    members: Mapping[str, bytes], styles: str, sheets: Mapping[str, Iterable[Mark]], lang: str
) -> tuple[dict[str, bytes], dict[str, str]]:
    """The members that change (`styles`, and each sheet's), and the column of the words by sheet's member.

    Raises
    ------
    CannotPaint
        Tags under a prefix, rows without numbers, no cells at all.
    """
    look = _Look(members[styles].decode("utf-8-sig"))
    changed, columns = {}, {}
    for name, marks in sheets.items():
        xml = members[name].decode("utf-8-sig")
        used = [_number(letters) for letters in ADDRESS.findall(xml)]
        if not used:
            raise CannotPaint("cells")
        changed[name] = _sheet(xml, marks, look, lang, max(used) + 1).encode()
        columns[name] = column_letters(max(used) + 1)
    return {**changed, styles: look.xml.encode()}, columns


def printed_to(workbook: bytes, sheet: str, column: str) -> bytes:
    """The workbook's main part with the print area of a sheet reaching to a column."""
    quoted = escape("'" + sheet.replace("'", "''") + "'")
    area = rf"((?:{re.escape(quoted)}|{re.escape(escape(sheet))})!\$[A-Z]+\$\d+:\$)[A-Z]+(\$\d+)"
    name = re.compile(rf'(<definedName\b[^>]*"_xlnm\.Print_Area"[^>]*>){area}')
    return name.sub(rf"\g<1>\g<2>{column}\g<3>", workbook.decode("utf-8-sig")).encode()


def without_alarm(sheet: bytes, cells: Mapping[str, str]) -> bytes:
    """A sheet whose own check leaves these cells plain as long as this stands in them (address -> words).

    The form's check knows its list alone; a rule before it that does nothing
    stops it where another wording was understood.
    """
    xml = sheet.decode("utf-8-sig")
    at = xml.find("<conditionalFormatting")
    if at < 0 or not cells:
        return sheet
    later = re.sub(
        r'(<cfRule\b[^>]*?\spriority=")(\d+)"', lambda one: f'{one[1]}{int(one[2]) + 1}"', xml[at:]
    )
    quiet = []
    for address, words in cells.items():
        formula = escape(f'EXACT({address},"{words.replace(chr(34), chr(34) * 2)}")')
        rule = f'<cfRule type="expression" priority="1" stopIfTrue="1"><formula>{formula}</formula></cfRule>'
        quiet.append(f'<conditionalFormatting sqref="{address}">{rule}</conditionalFormatting>')
    return (xml[:at] + "".join(quiet) + later).encode()


def with_rows(sheet: bytes, rows: Mapping[str, str]) -> bytes:
    """A sheet with further rows of a word and a value at its end."""
    xml = sheet.decode("utf-8-sig")
    last = max((int(number) for number, *_ in ROW.findall(xml)), default=0)
    lines = "".join(
        f'<row r="{last + n}">{_text(f"A{last + n}", key)}{_text(f"B{last + n}", value)}</row>'
        for n, (key, value) in enumerate(rows.items(), 1)
    )
    return _replaced(xml, "</sheetData>", f"{lines}</sheetData>").encode()


def with_entries(sheet: bytes, entries: Mapping[str, tuple[str, bool]]) -> bytes:
    """A sheet with these cells filled: address -> what stands in it, and whether it is a number."""
    xml = sheet.decode("utf-8-sig")
    for address, (raw, number) in entries.items():
        content = (
            f"<v>{escape(raw)}</v>"
            if number
            else f'<is><t xml:space="preserve">{escape(cell_text(raw))}</t></is>'
        )
        kind = "" if number else ' t="inlineStr"'
        match = re.search(CELL.format(address), xml, re.DOTALL)
        if match is None:
            raise CannotPaint(address)
        style = STYLE.search(match[1])
        cell = f'<c r="{address}"{style[0] if style else ""}{kind}>{content}</c>'
        xml = xml[: match.start()] + cell + xml[match.end() :]
    return xml.encode()


def _text(address: str, words: str, style: int | None = None) -> str:
    look = "" if style is None else f' s="{style}"'
    words = escape(cell_text(words))
    return f'<c r="{address}"{look} t="inlineStr"><is><t xml:space="preserve">{words}</t></is></c>'


def _replaced(xml: str, old: str, new: str) -> str:
    if old not in xml:
        raise CannotPaint(old)
    return xml.replace(old, new, 1)


class _Look:
    """The styles of a workbook, to which coloured ones are added as they are asked for."""

    def __init__(self, xml: str) -> None:
        self.xml = xml
        self._coloured: dict[int, int] = {}
        solid = f'<fill><patternFill patternType="solid"><fgColor rgb="FF{FILL}"/></patternFill></fill>'
        self._fill = self._added("fills", "fill", solid)
        ink = f'<sz val="{SIZE}"/><color rgb="FF{WRONG_INK}"/><name val="{{}}"/>'.format(self._font_name())
        plain, bold = (self._added("fonts", "font", f"<font>{b}{ink}</font>") for b in ("", "<b/>"))
        self.words, self.bold_words = (self._style(WORDS_XF.format(font=font)) for font in (plain, bold))

    def coloured(self, style: int) -> int:
        """The same style with the colour of a mark."""
        if style not in self._coloured:
            known = XF.findall(self._block("cellXfs"))
            if style >= len(known):
                raise CannotPaint(f"style {style}")
            xf = re.sub(r'\s(fillId|applyFill)="[^"]*"', "", known[style])
            xf = xf.replace("<xf", f'<xf fillId="{self._fill}" applyFill="1"', 1)
            self._coloured[style] = self._style(xf)
        return self._coloured[style]

    def _font_name(self) -> str:
        names = re.findall(r'<name val="([^"]*)"', self._block("fonts"))
        return names[-1] if names else "Calibri"

    def _style(self, xf: str) -> int:
        return self._added("cellXfs", "xf", xf)

    def _block(self, name: str) -> str:
        match = re.search(rf"<{name}\b[^>]*>.*?</{name}>", self.xml, re.DOTALL)
        if match is None:
            raise CannotPaint(name)
        return match[0]

    def _added(self, block: str, tag: str, element: str) -> int:
        """Add an element at the end of a block; its number there."""
        old = self._block(block)
        count = len(re.findall(rf"<{tag}\b", old))
        new = re.sub(r'\scount="\d+"', f' count="{count + 1}"', old, count=1)
        self.xml = self.xml.replace(old, new.replace(f"</{block}>", f"{element}</{block}>"), 1)
        return count


def _sheet(xml: str, marks: Iterable[Mark], look: _Look, lang: str, column: int) -> str:
    """One sheet with its marks, their words in a column that nothing stands in."""
    beside: dict[int, list[Mark]] = {}
    for mark in marks:
        beside.setdefault(mark.row, []).append(mark)
        if mark.column is not None:
            xml = _coloured(xml, f"{mark.column}{mark.row}", look)
    seen: set[int] = set()

    def line(match: re.Match[str]) -> str:
        found = beside.get(int(match[1]))
        if found is None:
            return match[0]
        seen.add(int(match[1]))
        words = "\n".join(dict.fromkeys(mark.words for mark in found))
        style = look.words if found[0].column is not None else look.bold_words
        cell = _text(f"{column_letters(column)}{match[1]}", words, style)
        high = height(words, WIDTH, lang, size=SIZE, bold=found[0].column is None)
        return f'<row r="{match[1]}"{_higher(match[2], high)}>{match[4] or ""}{cell}</row>'

    xml = ROW.sub(line, xml)
    if seen != set(beside):
        raise CannotPaint("rows")
    return _with_column(xml, column)


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _coloured(xml: str, address: str, look: _Look) -> str:
    """The cell in the colour of a mark; one that is not written is put in its place."""
    cell = re.search(CELL.format(address), xml, re.DOTALL)
    if cell is None:
        return _inserted(xml, address, look.coloured(0))
    style = STYLE.search(cell[1])
    number = look.coloured(int(style[1]) if style else 0)
    painted_one = f'<c r="{address}" s="{number}"{STYLE.sub("", cell[1])}{cell[2]}'
    return xml[: cell.start()] + painted_one + xml[cell.end() :]


def _inserted(xml: str, address: str, style: int) -> str:
    """The sheet with an empty cell, in the order of the columns."""
    letters = address.rstrip("0123456789")

    def line(match: re.Match[str]) -> str:
        if match[1] != address[len(letters) :]:
            return match[0]
        cells = match[4] or ""
        after = (one.start() for one in ADDRESS.finditer(cells) if _number(one[1]) > _number(letters))
        at = next(after, len(cells))
        empty = f'<c r="{address}" s="{style}"/>'
        return f'<row r="{match[1]}"{match[2]}>{cells[:at]}{empty}{cells[at:]}</row>'

    return ROW.sub(line, xml)


def _higher(attributes: str, points: float) -> str:
    """The attributes of a row that is at least so high."""
    told = re.search(r'\sht="([\d.]+)"', attributes)
    if told is not None and float(told[1]) >= points:
        return attributes
    kept = re.sub(r'\s(ht|customHeight)="[^"]*"', "", attributes)
    return f'{kept} ht="{min(points, ROW_LIMIT):g}" customHeight="1"'


def _with_column(xml: str, column: int) -> str:
    """The sheet with one column set wide, those that were set kept."""
    wide = f'<col min="{column}" max="{column}" width="{WIDTH}" customWidth="1"/>'
    block = re.search(r"<cols>.*?</cols>", xml, re.DOTALL)
    if block is None:
        return _replaced(xml, "<sheetData", f"<cols>{wide}</cols><sheetData")
    columns: list[tuple[int, str]] = [(column, wide)]
    for one in COL.findall(block[0]):
        told = [re.search(rf'\s{name}="(\d{{1,5}})"', one) for name in ("min", "max")]
        first, last = (0 if match is None else int(match[1]) for match in told)
        if not 1 <= first <= last:
            raise CannotPaint("columns")
        for low, high in ((first, min(last, column - 1)), (max(first, column + 1), last)):
            if low <= high:
                columns.append((low, _spanning(one, low, high)))
    return xml.replace(block[0], f"<cols>{''.join(text for _, text in sorted(columns))}</cols>", 1)


def _spanning(col: str, low: int, high: int) -> str:
    col = re.sub(r'\smin="\d+"', f' min="{low}"', col)
    return re.sub(r'\smax="\d+"', f' max="{high}"', col)
