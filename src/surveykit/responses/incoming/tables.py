"""A table as it came: a CSV file or a sheet of a workbook, cell by cell, nothing interpreted."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from surveykit.errors import Note, Place, SurveykitError, note
from surveykit.form.encodings import NAMES, decode, delimiter
from surveykit.responses.book import RawCell
from surveykit.responses.excel import read_workbook
from surveykit.responses.guard import guarded, read_bytes

FIELD_LIMIT = 2**20


@dataclass(frozen=True)
class TableRow:
    """One row: its number in the file (as a spreadsheet counts, or the case), its cells by column."""

    number: int
    cells: Mapping[str, RawCell]


@dataclass(frozen=True)
class Table:
    """A table. Of an SPSS file: `labels` of values, and the values it declares missing, by column.

    `apart`: a note for each row that does not fit the header, by the row's number; its cells are not taken.
    """

    file: str
    sha256: str
    data: bytes = field(repr=False)
    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]
    notes: tuple[Note, ...] = ()
    labels: Mapping[str, Mapping[float, str]] = field(default_factory=dict)
    user_missing: Mapping[str, frozenset[str]] = field(default_factory=dict)
    apart: Mapping[int, Note] = field(default_factory=dict)

    @property
    def place(self) -> Place:
        """The file, for refusals."""
        return Place(file=self.file)


def read_csv(path: Path) -> Table:
    """A CSV file in any encoding that can be told, with commas, semicolons or tabs.

    Raises
    ------
    SurveykitError
        R001, R002 the file cannot be read or is larger than 32 MB; E070, E071 its encoding; E050 it has no
        table in it; E051 a column stands twice.
    """
    data, place = read_bytes(path), Place(file=str(path))
    decoded = decode(data, place)
    csv.field_size_limit(FIELD_LIMIT)
    lines = csv.reader(io.StringIO(decoded.text, newline=""), delimiter=delimiter(decoded.text))
    try:
        found = [
            (number, [RawCell("", f"{_letters(at)}{number}", "text", one) for at, one in enumerate(line, 1)])
            for number, line in enumerate(lines, 1)
        ]
    except csv.Error as problem:
        raise SurveykitError("E050", place=place, reason=str(problem)) from None
    told: tuple[Note, ...] = ()
    if decoded.detected:
        encoding = NAMES.get(decoded.encoding, "UTF-16")
        told = (note("E072", place, file=path.name, encoding=encoding),)
    return _table(str(path), data, found, told)


def read_excel(path: Path, sheet: str | None = None) -> Table:
    """A sheet of a workbook, the first by default; formulas and errors stay what they are.

    Raises
    ------
    SurveykitError
        R001-R013 the file is no workbook that can be read safely; E050 it has no table in it; E051 a column
        stands twice; O001 no such sheet.
    """
    from surveykit.options import check_choice

    data, place = read_bytes(path), Place(file=str(path))
    book = read_workbook(guarded(data, str(path)))
    names = list(book.sheet_members)
    if sheet is not None:
        check_choice("sheet", sheet, names)
    if not names:
        raise SurveykitError("E050", place=place, reason="no sheet")
    cells = book.sheet(sheet or names[0]).cells
    letters = sorted({column for _, column in cells}, key=lambda one: (len(one), one))
    found: list[tuple[int, list[RawCell]]] = []
    for number in sorted({row for row, _ in cells}):
        blank = RawCell(sheet or names[0], "", "text", "")
        found.append((number, [cells.get((number, column), blank) for column in letters]))
    return _table(str(path), data, found, ())


def _table(file: str, data: bytes, found: list[tuple[int, list[RawCell]]], told: tuple[Note, ...]) -> Table:
    lines = [(number, line) for number, line in found if any(one.raw.strip() for one in line)]
    if not lines:
        raise SurveykitError("E050", place=Place(file=file), reason="no header row")
    names = [one.raw.strip().lstrip("\ufeff") for one in lines[0][1]]
    twice = sorted({one for one in names if one and names.count(one) > 1})
    if twice:
        raise SurveykitError("E051", place=Place(file=file), columns=", ".join(twice[:8]))
    rows = tuple(
        TableRow(number, {name: cell for name, cell in zip(names, line, strict=True) if name})
        for number, line in lines[1:]
        if len(line) == len(names)
    )
    # One field more or less: an answer with an unquoted comma, say, and all that follow stand elsewhere.
    apart = {
        number: note("E066", Place(file=file), row=number, fields=len(line), columns=len(names))
        for number, line in lines[1:]
        if len(line) != len(names)
    }
    columns = tuple(name for name in names if name)
    return Table(file, hashlib.sha256(data).hexdigest(), data, columns, rows, told, apart=apart)


def _letters(number: int) -> str:
    """A column's letters, as a spreadsheet shows them: 1 is A."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
