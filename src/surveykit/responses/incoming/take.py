"""One row of a table, read and checked as a returned form is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from surveykit.errors import LANGUAGES, Note, note
from surveykit.form.hidden import Identity
from surveykit.form.layout import all_codes
from surveykit.instrument.model import Item
from surveykit.responses.book import RawCell
from surveykit.responses.expected import Expected
from surveykit.responses.incoming.columns import ColumnMap, Columns
from surveykit.responses.incoming.tables import Table, TableRow
from surveykit.responses.parse import Parsed, Reading, letters, seen, shown, tidy
from surveykit.responses.returned import ID_LIMIT, CellRecord, Returned, check_answers
from surveykit.responses.versions import FormVersion

NAMES = {
    "english": "en", "japanese": "ja", "korean": "ko", "日本語": "ja", "한국어": "ko", "jp": "ja", "kr": "ko",
}  # fmt: skip
SEPARATORS = re.compile(r"[;|,、，]|\s+")
STAMPS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M")
BLANK = RawCell("", "", "text", "")


@dataclass(frozen=True)
class Taker:
    """Reads the rows of one table."""

    table: Table
    expected: Expected
    columns: Columns
    given: ColumnMap
    missing: frozenset[str]

    def take(self, row: TableRow) -> Returned:
        """A row as a returned form: the same records, the same findings."""
        findings: list[Note] = []
        inst = self.expected.layout.inst
        cells = [
            record
            for item in inst.items
            if item.id in self.columns.items
            for record in self._records(item, row, findings)
        ]
        language = self._language(row)
        absent = frozenset(item.id for item in inst.items) - self.columns.items
        if cells:
            check_answers(self.expected, cells, FormVersion(True, language, absent), findings)
        groups = {name: tidy(row.cells.get(name, BLANK).raw) for name in self.columns.groups}
        identity = Identity(inst.instrument, inst.version, inst.content_hash, "", language, groups=groups)
        return Returned(
            identity, self._respondent(row, findings), self._saved(row), tuple(cells), tuple(findings)
        )

    def _respondent(self, row: TableRow, findings: list[Note]) -> str:
        entered = tidy(row.cells.get(self.columns.respondent, BLANK).raw)[:ID_LIMIT]
        if entered:
            return entered
        made = f"row-{self.table.sha256[:12]}-{row.number}"
        findings.append(note("R032", respondent=made))
        return made

    def _language(self, row: TableRow) -> str:
        """The language that the row tells; empty where it tells none: a country is no language."""
        told = tidy(row.cells.get(self.columns.language or "", BLANK).raw).casefold()
        one = NAMES.get(told, told[:2])
        return one if one in LANGUAGES and one in self.expected.layout.inst.languages else ""

    def _saved(self, row: TableRow) -> str:
        """When the answers were given, ISO 8601; empty where the table does not say."""
        raw = row.cells.get(self.columns.saved or "", BLANK).raw.strip()
        try:
            return datetime.fromisoformat(raw.replace("Z", "+00:00")).isoformat() if raw else ""
        except ValueError:
            pass
        for stamp in STAMPS:
            try:
                return datetime.strptime(raw, stamp).isoformat()
            except ValueError:
                continue
        return ""

    def _records(self, item: Item, row: TableRow, findings: list[Note]) -> Iterator[CellRecord]:
        how = self.expected.readings[item.id]
        by_code = self.columns.options.get(item.id)
        if by_code is not None:
            yield from self._options(how, by_code, row, findings)
            return
        column = self.columns.single[item.id]
        cell = row.cells.get(column, BLANK)
        if item.type == "multiple":
            yield from self._list(how, column, cell, findings)
            return
        parsed = self._parsed(how, column, cell)
        if parsed.finding is not None:
            findings.append(parsed.finding)
        yield _record(item.id, None, cell, parsed)

    def _parsed(self, how: Reading, column: str, cell: RawCell) -> Parsed:
        """A cell by the map's recodings and missing values first, then as any cell of a form."""
        if self._is_missing(how, column, cell):
            return Parsed(None, "declared_missing")
        code = self._recoded(how, cell)
        if code is None:
            return how.parse(cell)
        parsed = how.parse(replace(cell, kind="number", raw=str(code), number=float(code)))
        return replace(parsed, rule="recoded") if parsed.finding is None else parsed

    def _is_missing(self, how: Reading, column: str, cell: RawCell) -> bool:
        """Whether a cell says that there is no answer; a code of the item that counts as missing is one."""
        text = tidy(cell.raw)
        declared = text in self.missing or cell.raw in self.table.user_missing.get(column, ())
        return declared and bool(text) and text not in {str(code) for code in how.codes}

    def _recoded(self, how: Reading, cell: RawCell) -> int | None:
        for name in (how.item.id, how.item.response_scale):
            by_text = self.given.recode.get(name) if name is not None else None
            if by_text:
                return by_text.get(tidy(cell.raw))
        return None

    def _options(
        self, how: Reading, by_code: Mapping[int, str], row: TableRow, findings: list[Note]
    ) -> Iterator[CellRecord]:
        """A column for each option."""
        assert how.scale is not None  # a several-choice item has one
        for code in all_codes(how.scale):
            cell = row.cells.get(by_code.get(code, ""), BLANK)
            if self._is_missing(how, by_code.get(code, ""), cell):
                cell = replace(cell, kind="text", raw="")
            parsed = how.parse_mark(cell, code)
            if parsed.finding is not None:
                findings.append(parsed.finding)
            yield _record(how.item.id, code, cell, parsed)

    def _list(self, how: Reading, column: str, cell: RawCell, findings: list[Note]) -> Iterator[CellRecord]:
        """All chosen options in one cell: codes or labels with a sign between."""
        assert how.scale is not None
        blank = cell.kind == "text" and not tidy(cell.raw)
        chosen: set[int] | None = set()
        if not blank and not self._is_missing(how, column, cell):
            chosen = self._chosen(how, column, cell)
            if chosen is None:
                raw, allowed = seen(cell), how.allowed
                findings.append(note("R040", how.place(cell), item=how.item.id, raw=raw, allowed=allowed))
        rule = "blank" if blank else "not_an_answer" if chosen is None else "list"
        for code in all_codes(how.scale):
            value = None if chosen is None else int(code in chosen)
            yield _record(how.item.id, code, cell, Parsed(value, rule))

    def _chosen(self, how: Reading, column: str, cell: RawCell) -> set[int] | None:
        """The codes; None where any part is no answer."""
        whole = self._parsed(how, column, cell)
        if isinstance(whole.value, int):
            return {whole.value}
        found = set()
        for part in filter(None, SEPARATORS.split(tidy(cell.raw))):
            parsed = self._parsed(how, column, RawCell(cell.sheet, cell.address, "text", part))
            if not isinstance(parsed.value, int):
                return _by_labels(how, cell)
            found.add(parsed.value)
        return found


def _by_labels(how: Reading, cell: RawCell) -> set[int] | None:
    """Labels that have blanks in them, parted by commas or semicolons."""
    found: set[int] = set()
    for part in filter(None, re.split(r"[;|,、，]", cell.raw)):
        codes = how.labels.get(letters(part), frozenset())
        if len(codes) != 1:
            return None
        found |= codes
    return found or None


def _record(item: str, option: int | None, cell: RawCell, parsed: Parsed) -> CellRecord:
    where = cell.sheet or None, cell.address or None
    if not cell.raw:
        return CellRecord(item, option, *where, None, None, parsed.value, parsed.rule)
    return CellRecord(item, option, *where, cell.kind, cell.raw, parsed.value, parsed.rule)


def label_conflicts(table: Table, expected: Expected, columns: Columns, given: ColumnMap) -> list[Note]:
    """E063 for each item whose value labels in the file mean other codes than the instrument's."""
    told = []
    for item, column in columns.single.items():
        how = expected.readings[item]
        if item in given.recode or how.item.response_scale in given.recode:
            continue
        for value, label in table.labels.get(column, {}).items():
            meant = how.labels.get(letters(label))
            if meant and value not in meant:
                codes = ", ".join(str(one) for one in sorted(meant))
                told.append(note("E063", table.place, item=item, column=column, value=f"{value:g}",
                                 label=shown(label), codes=codes))  # fmt: skip
                break
    return told
