"""A returned coding sheet: which codes a coder gave to which passages, and every finding on the way.

The sheet has been through the same guard as every returned workbook. A line
is taken where its hidden word and the hidden list of passages agree; what
stands in a cell is kept as it is beside what it was read as.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from surveykit.errors import LANGUAGES, Note, Place, SurveykitError, note
from surveykit.form.coding_layout import (
    ANCHOR,
    CODES_LISTS,
    CODING_MARK,
    FIELDS,
    FORMAT,
    NO_CODE,
    TEXT,
    UNITS_SHEET,
    WHO,
    Unit,
    anchor,
)
from surveykit.form.hidden import Identity
from surveykit.form.layout import IDENTITY_SHEET
from surveykit.responses.excel import RawCell, Workbook
from surveykit.responses.identity import told_of
from surveykit.responses.parse import seen, shown, tidy
from surveykit.responses.returned import CellRecord, Returned
from surveykit.responses.strays import find_strays
from surveykit.wording import wording

PREFIX = "coding:"
NEEDED = ("codebook", "version", "sheet_id", "language", "coder")
SHOWN = 8
COLUMNS = frozenset((ANCHOR, WHO, TEXT, *FIELDS))


@dataclass(frozen=True)
class CodedLine:
    """One code that a coder gave; `start` and `end` count characters of the passage, None for the whole.

    `code` is "" where the coder said that the passage has none.
    """

    unit: str
    code: str
    start: int | None
    end: int | None
    proposition: str
    stance: str
    summary: str


@dataclass(frozen=True)
class ReturnedCoding:
    """A coding sheet as it came back. `units`: its passages, with the text as the sheet shows it."""

    codebook: str
    version: str
    sheet_id: str
    language: str
    coder: str
    units: Mapping[str, Unit]
    lines: tuple[CodedLine, ...]
    cells: tuple[CellRecord, ...]
    findings: tuple[Note, ...]


def is_coding_sheet(book: Workbook) -> bool:
    """Whether a workbook says that it is a coding sheet."""
    return told_of(book).get("format") == FORMAT


def read_coding_sheet(book: Workbook) -> ReturnedCoding:
    """Read a coding sheet.

    Raises
    ------
    SurveykitError
        C062 it does not say whose it is, or its passages are gone.
    """
    told = told_of(book)
    lost = [key for key in NEEDED if not told.get(key)]
    sheet = next((name for name in book.sheet_members if _marked(book, name)), None)
    if lost or sheet is None or UNITS_SHEET not in book.sheet_members:
        raise SurveykitError("C062", place=Place(file=book.file), lost=", ".join(lost) or CODING_MARK)
    findings: list[Note] = []
    units = _units(book)
    rows = _rows(book, sheet, units, findings)
    reader = _Reader(book, sheet, _lists(book), told.get("parts") == "1", findings)
    texts = {unit: reader.text(unit, at[1], units[unit]) for unit, at in rows.items()}
    lines: list[CodedLine] = []
    for unit, at in rows.items():
        lines += reader.unit(unit, texts[unit].text, at)
    blank = [unit for unit in units if unit not in {one.unit for one in lines}]
    if blank:
        findings.append(note("C063", count=len(blank), total=len(units), units=", ".join(blank[:SHOWN])))
    return ReturnedCoding(
        told["codebook"],
        told["version"],
        told["sheet_id"],
        told["language"],
        told["coder"],
        {**units, **texts},
        tuple(lines),
        tuple(reader.cells),
        tuple(findings),
    )


def as_returned(book: Workbook) -> Returned:
    """A coding sheet as the store files it: the coder stands where a form has its respondent."""
    sheet = read_coding_sheet(book)
    identity = Identity(
        instrument=PREFIX + sheet.sheet_id,
        version=sheet.version,
        content_hash=sheet.sheet_id,
        form_id=sheet.sheet_id,
        language=sheet.language,
        respondent=sheet.coder,
        groups={"codebook": sheet.codebook},
    )
    main = next(name for name in book.sheet_members if _marked(book, name))
    codes = {wording("coding", "sheet_codes", lang) for lang in LANGUAGES}
    own = {IDENTITY_SHEET, CODES_LISTS, UNITS_SHEET, *codes}
    remarks, told = find_strays(book, main, own, lambda row, column: column in COLUMNS)
    findings = (*sheet.findings, *told)
    return Returned(identity, sheet.coder, book.modified, sheet.cells, findings, remarks=remarks)


def _marked(book: Workbook, name: str) -> bool:
    cell = book.sheet(name).cells.get((1, ANCHOR))
    return cell is not None and cell.raw == CODING_MARK


def _units(book: Workbook) -> dict[str, Unit]:
    """The hidden list of passages; the digest of each stands in `question` until its text is read."""
    cells = book.sheet(UNITS_SHEET).cells
    units: dict[str, Unit] = {}
    for row in sorted({row for row, _ in cells}):
        id, respondent, item, start, end, digest = (
            cells[row, column].raw if (row, column) in cells else "" for column in "ABCDEF"
        )
        places = [int(at) if at.isascii() and at.isdigit() and len(at) < 10 else None for at in (start, end)]
        units[id] = Unit(id, respondent, item, places[0], places[1], "", digest)
    return units


def _rows(
    book: Workbook, sheet: str, units: Mapping[str, Unit], findings: list[Note]
) -> dict[str, dict[int, int]]:
    """For each passage: line number -> row. A word that stands twice or means nothing is a finding."""
    cells = book.sheet(sheet).cells
    words = {row: cell.raw for (row, column), cell in cells.items() if column == ANCHOR and row > 1}
    often = Counter(words.values())
    found: dict[str, dict[int, int]] = {}
    for row, word in sorted(words.items()):
        unit, _, line = word.rpartition("|")
        if unit in units and line.isascii() and line.isdigit() and len(line) < 4 and often[word] == 1:
            found.setdefault(unit, {})[int(line)] = row
        else:
            findings.append(note("C064", Place(sheet=sheet, cell=f"{ANCHOR}{row}"), word=shown(word)))
    answered = {row for (row, column) in cells if column in FIELDS and row > 1}
    known = {row for lines in found.values() for row in lines.values()}
    first = min(known, default=0)
    for row in sorted(answered - known):
        if row > first and row not in words:
            findings.append(note("C064", Place(sheet=sheet, cell=f"{ANCHOR}{row}"), word="–"))
    gone = [unit for unit in units if 1 not in found.get(unit, {})]
    if gone:
        findings.append(note("C065", count=len(gone), units=", ".join(gone[:SHOWN])))
    return {unit: lines for unit, lines in found.items() if 1 in lines}


def _lists(book: Workbook) -> dict[str, dict[str, str]]:
    """What may stand in each drop-down: as shown, or the id alone -> id."""
    if CODES_LISTS not in book.sheet_members:
        return {}
    cells = book.sheet(CODES_LISTS).cells
    lists: dict[str, dict[str, str]] = {}
    for ids, texts in ("AB", "CD", "EF"):
        if (1, ids) not in cells:
            continue
        known: dict[str, str] = {}
        for (row, column), cell in cells.items():
            if column == ids and row > 1:
                label = cells.get((row, texts))
                known[_key(cell.raw)] = cell.raw
                if label is not None:
                    known[_key(label.raw)] = cell.raw
        lists[cells[1, ids].raw] = known
    return lists


def _key(text: str) -> str:
    return " ".join(tidy(text).casefold().split())


class _Reader:
    """Reads the lines of one sheet, keeping every cell and finding."""

    def __init__(
        self,
        book: Workbook,
        sheet: str,
        lists: Mapping[str, Mapping[str, str]],
        parts: bool,
        findings: list[Note],
    ) -> None:
        self.grid = book.sheet(sheet).cells
        self.sheet, self.lists, self.parts, self.findings = sheet, lists, parts, findings
        self.cells: list[CellRecord] = []

    def text(self, unit: str, row: int, sent: Unit) -> Unit:
        """The passage as the sheet shows it; told where it is not the one that went out."""
        cell = self.grid.get((row, TEXT))
        text = "" if cell is None else cell.raw
        self.cells.append(self._record(f"{unit}|text", cell, text and None, "unit"))
        if hashlib.sha256(text.encode()).hexdigest()[:16] != sent.question:
            self.findings.append(note("C066", Place(sheet=self.sheet, cell=f"{TEXT}{row}"), unit=unit))
        return Unit(unit, sent.respondent, sent.item, sent.start, sent.end, text)

    def unit(self, unit: str, text: str, at: Mapping[int, int]) -> list[CodedLine]:
        """The lines of one passage that say something."""
        lines = [line for number, row in at.items() for line in self._line(unit, number, row, text)]
        given = [one for one in lines if one.code]
        if given and len(given) < len(lines):
            place = Place(sheet=self.sheet, cell=f"{ANCHOR}{at[1]}")
            codes = ", ".join(one.code for one in given)
            self.findings.append(note("C067", place, unit=unit, codes=codes))
            return given
        return lines

    def _line(self, unit: str, number: int, row: int, text: str) -> Iterator[CodedLine]:
        said: dict[str, str | None] = {}
        for column, field in FIELDS.items():
            cell = self.grid.get((row, column))
            if cell is None or not tidy(cell.raw):
                continue
            value = self._value(field, cell, unit)
            said[field] = value
            self.cells.append(self._record(f"{anchor(unit, number)}|{field}", cell, value, field))
        if not said:
            return
        place = Place(sheet=self.sheet, cell=f"{next(iter(FIELDS))}{row}")
        code = said.get("code")
        if "code" not in said:
            self.findings.append(note("C068", place, unit=unit, fields=", ".join(said)))
        if code is None:
            return
        # One that stands there but cannot be read has been told already.
        if ("proposition" in said) != ("stance" in said):
            self.findings.append(note("C069", place, unit=unit))
        code = "" if code == NO_CODE else code
        start, end = self._part(unit, text, said.get("words") or "", place) if code else (None, None)
        yield CodedLine(
            unit,
            code,
            start,
            end,
            said.get("proposition") or "",
            said.get("stance") or "",
            said.get("summary") or "",
        )

    def _value(self, field: str, cell: RawCell, unit: str) -> str | None:
        """What a cell means; None where that cannot be said, which is told."""
        place = Place(sheet=cell.sheet, cell=cell.address)
        if cell.kind in ("formula", "error", "date"):
            self.findings.append(note("C070", place, unit=unit, raw=seen(cell), allowed=field))
            return None
        if field not in self.lists:
            return cell.raw.strip()
        known = self.lists[field]
        if _key(cell.raw) in known:
            return known[_key(cell.raw)]
        allowed = ", ".join(dict.fromkeys(known.values()))
        self.findings.append(note("C070", place, unit=unit, raw=seen(cell), allowed=allowed))
        return None

    def _part(self, unit: str, text: str, words: str, place: Place) -> tuple[int | None, int | None]:
        """Where the picked words stand in the passage; the whole where they cannot be placed."""
        if not words or words == text or not self.parts:
            return None, None
        often = text.count(words)
        if often == 1:
            start = text.index(words)
            return start, start + len(words)
        self.findings.append(note("C071", place, unit=unit, words=shown(words), count=often))
        return None, None

    def _record(self, item: str, cell: RawCell | None, value: str | None, rule: str) -> CellRecord:
        if cell is None:
            return CellRecord(item, None, None, None, None, None, value, rule)
        return CellRecord(item, None, cell.sheet, cell.address, cell.kind, cell.raw, value, rule)
