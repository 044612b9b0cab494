"""A data-entry grid that came back: each row a respondent, read with the rules of the form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from surveykit.errors import Note, Place, SurveykitError, note
from surveykit.form.grid_layout import (
    FIRST_ROW,
    FORMAT,
    GROUP_MARK,
    HEADS_NAME,
    LANGUAGE_MARK,
    RESPONDENT_MARK,
    VARIABLE_ROW,
    variable,
)
from surveykit.form.hidden import Identity
from surveykit.form.layout import IDENTITY_SHEET, LISTS_SHEET, Slot
from surveykit.form.texts import is_form_language, languages_of, ui
from surveykit.responses.anchors import address
from surveykit.responses.book import RawCell, Sheet, Workbook, column_number
from surveykit.responses.expected import Expected
from surveykit.responses.identity import identify, told_of
from surveykit.responses.parse import tidy
from surveykit.responses.returned import ID_LIMIT, CellRecord, Returned, check_answers, parse_cell
from surveykit.responses.strays import Remark, find_strays
from surveykit.responses.versions import FormVersion, compare_version, listed


def is_entry_grid(book: Workbook) -> bool:
    """Whether a workbook says that it is a data-entry grid."""
    return told_of(book).get("format") == FORMAT


def read_entry_grid(
    book: Workbook, instruments: Mapping[str, Expected], sha256: str
) -> tuple[tuple[int, Returned], ...]:
    """Each row that has an answer, with its number, as if it had come as a form of its own.

    What concerns the whole grid (an older version, a column that is gone)
    is a finding of its first row.

    Raises
    ------
    SurveykitError
        R020, R021, R022, R023 as for a form; R026 no answer column is left; F048 no row has an answer.
    """
    identity, findings = identify(book, FORMAT)
    expected = instruments.get(identity.instrument)
    if expected is None:
        known = ", ".join(sorted(instruments))
        raise SurveykitError("R021", place=Place(file=book.file), instrument=identity.instrument, known=known)
    told, form = compare_version(book, identity, expected)
    grid = _grid(book, expected, form)
    findings += [*told, *grid.findings]
    if not grid.rows:
        raise SurveykitError("F048", place=Place(file=book.file))
    rows = [_row(grid, expected, form, identity, number, sha256) for number in grid.rows]
    remarks, told = _remarks(book, grid, identity)
    rows[0] = replace(rows[0], findings=(*findings, *rows[0].findings, *told), remarks=remarks)
    return tuple(
        (row, replace(one, modified=book.modified)) for row, one in zip(grid.rows, rows, strict=True)
    )


@dataclass(frozen=True)
class _Grid:
    """The sheet of a grid: where its columns and rows are. `lost`: answers without a column, and why."""

    sheet: Sheet
    columns: Mapping[Slot, str]
    lost: Mapping[Slot, str]
    about: Mapping[str, str]
    rows: tuple[int, ...]
    findings: tuple[Note, ...]

    def cell(self, column: str | None, row: int) -> RawCell | None:
        return self.sheet.cells.get((row, column)) if column is not None else None

    def text(self, mark: str, row: int) -> str:
        cell = self.cell(self.about.get(mark), row)
        return tidy(cell.raw) if cell is not None and cell.kind in ("text", "number") else ""


def _grid(book: Workbook, expected: Expected, form: FormVersion) -> _Grid:
    """Find the answers' columns, by the hidden mark and by the name in their head."""
    slots = [slot for slot in expected.slots if slot.item not in form.absent]
    marks, names = {slot.name: slot for slot in slots}, {variable(slot): slot for slot in slots}
    sheets = [book.sheet(name) for name in book.sheet_members]
    heads = [(_heads(one, marks), _heads(one, names), one) for one in sheets]
    marked, named, sheet = max(heads, key=lambda one: len(one[0]) + len(one[1]))
    columns: dict[Slot, str] = {}
    lost: dict[Slot, str] = {}
    findings: list[Note] = []
    alone = []
    for slot in slots:
        found = {*marked.get(slot, ()), *named.get(slot, ())}
        if len(found) == 1:
            columns[slot] = found.pop()
            if slot not in marked or slot not in named:
                alone.append(slot.name)
        elif found:
            lost[slot] = "conflict"
            places = ", ".join(f"{sheet.name}!{column}{VARIABLE_ROW}" for column in sorted(found))
            findings.append(note("R045", item=slot.item, places=places))
        else:
            lost[slot] = "gone"
            findings.append(note("R046", item=slot.item))
    if not columns:
        raise SurveykitError("R026", place=Place(file=book.file))
    if alone:
        findings.append(note("R036", count=len(alone), names=listed(alone)))
    about = {
        cell.raw: column
        for (_, column), cell in sheet.cells.items()
        if cell.raw in (RESPONDENT_MARK, LANGUAGE_MARK) or cell.raw.startswith(GROUP_MARK)
    }
    rows = _rows(book, sheet, {RESPONDENT_MARK: "A"} | about, columns)
    return _Grid(sheet, columns, lost, {RESPONDENT_MARK: "A"} | about, rows, tuple(findings))


def _remarks(book: Workbook, grid: _Grid, identity: Identity) -> tuple[tuple[Remark, ...], list[Note]]:
    """What stands beside the grid's columns, and what lies on it and on other sheets."""
    columns = {*grid.columns.values(), *grid.about.values()}
    last = max(column_number(one) for one in columns)
    heads = min(grid.rows)

    def ours(row: int, column: str) -> bool:
        return column in columns or (row < heads and column_number(column) <= last)

    how = (ui("how_entry", lang) for lang in languages_of(identity.language))
    return find_strays(book, grid.sheet.name, (IDENTITY_SHEET, LISTS_SHEET, *how), ours)


def _heads(sheet: Sheet, names: Mapping[str, Slot]) -> dict[Slot, tuple[str, ...]]:
    """The columns of these words, in the row that has most of them."""
    hits = [(row, column, cell.raw) for (row, column), cell in sheet.cells.items() if cell.raw in names]
    if not hits:
        return {}
    usual = Counter(row for row, _, _ in hits).most_common(1)[0][0]
    found: dict[Slot, tuple[str, ...]] = {}
    for row, column, word in hits:
        if row == usual:
            found[names[word]] = (*found.get(names[word], ()), column)
    return found


def _rows(
    book: Workbook, sheet: Sheet, about: Mapping[str, str], columns: Mapping[Slot, str]
) -> tuple[int, ...]:
    """The rows below the heads in which something was entered."""
    spot = book.names.get(HEADS_NAME)
    heads = spot[2] if spot is not None and spot[0] == sheet.name else FIRST_ROW - 1
    answers = set(columns.values())
    keyed = {row for (row, column), cell in sheet.cells.items() if row > heads and column in answers}
    return tuple(sorted(row for row in keyed if any(_filled(sheet, row, column) for column in answers)))


def _filled(sheet: Sheet, row: int, column: str) -> bool:
    cell = sheet.cells.get((row, column))
    return cell is not None and (cell.kind != "text" or bool(tidy(cell.raw)))


def _row(
    grid: _Grid, expected: Expected, form: FormVersion, identity: Identity, row: int, sha256: str
) -> Returned:
    """One row as a returned form."""
    findings: list[Note] = []
    respondent = grid.text(RESPONDENT_MARK, row)[:ID_LIMIT]
    if not respondent:
        respondent = f"file-{sha256[:12]}-{row}"
        place = Place(sheet=grid.sheet.name, cell=f"{grid.about[RESPONDENT_MARK]}{row}")
        findings.append(note("R032", place, respondent=respondent))
    inst = expected.inst
    language = grid.text(LANGUAGE_MARK, row).casefold()
    if not is_form_language(language, inst.languages):
        language = identity.language
    groups = {
        mark.removeprefix(GROUP_MARK): grid.text(mark, row)
        for mark in grid.about
        if mark.startswith(GROUP_MARK)
    }
    who = replace(identity, respondent=respondent, language=language, groups=groups)
    cells = list(_cells(grid, expected, form, row, findings))
    check_answers(expected, cells, form, findings)
    return Returned(who, respondent, "", tuple(cells), tuple(findings))


def _cells(
    grid: _Grid, expected: Expected, form: FormVersion, row: int, findings: list[Note]
) -> Iterator[CellRecord]:
    for slot in expected.slots:
        if slot.item in form.absent:
            continue
        column = grid.columns.get(slot)
        if column is None:
            yield CellRecord(slot.item, slot.option, None, None, None, None, None, grid.lost[slot])
            continue
        cell = grid.cell(column, row)
        read = parse_cell(expected.readings[slot.item], form, slot, cell)
        if read.finding is not None:
            findings.append(read.finding)
        kind, raw = (cell.kind, cell.raw) if cell is not None else (None, None)
        where = address((grid.sheet.name, column, row))
        yield CellRecord(slot.item, slot.option, grid.sheet.name, where, kind, raw, read.value, read.rule)
