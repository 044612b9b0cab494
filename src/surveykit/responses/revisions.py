"""A respondent's workbooks in their order: which one counts, what each changed, what must be said of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from surveykit.errors import Note, Place
from surveykit.responses.returned import CellRecord, values_of
from surveykit.responses.store import Store, file_sha256, row_number
from surveykit.responses.versions import listed

FILED = """
SELECT id, sha256, file, respondent, instrument, modified, collected, revises FROM workbook
ORDER BY instrument, respondent, id
"""
CELLS = "SELECT item, option, sheet, cell, kind, raw, value, rule FROM cell WHERE workbook = ? ORDER BY rowid"
REMARKS = "SELECT kind, text FROM remark WHERE workbook = ?"
Key = tuple[str, int | None]


@dataclass(frozen=True)
class Filed:
    """A workbook in the store. `revises`: the SHA-256 of the one that it corrects."""

    id: int
    sha256: str
    file: str
    respondent: str
    instrument: str
    modified: str
    collected: str
    revises: str


@dataclass(frozen=True)
class Change:
    """What a revision made of one cell: what stood there and what it was read as, before and after."""

    item: str
    option: int | None
    before: str | None
    after: str | None
    value_before: Any
    value_after: Any


@dataclass(frozen=True)
class Revision:
    """One of a respondent's workbooks, the first saved being number 1.

    `changes`: against the one that counted until then. `current`: whether it
    is the one that counts now. `said`: what must be said of it.
    """

    filed: Filed
    number: int
    answers: int
    changes: tuple[Change, ...]
    current: bool
    said: tuple[Note, ...]


def revisions(store: Store, instrument: str | None = None) -> list[Revision]:
    """Every workbook of the store, by respondent and in the order saved.

    Of rows of one table with the same id the fullest counts, and each is told (R075).
    Where a respondent returned one workbook alone, its cells are not read and `answers` is 0.
    """
    groups: dict[tuple[str, str], list[Filed]] = {}
    for row in store.query(FILED):
        filed = Filed(*row)
        if instrument is None or filed.instrument == instrument:
            groups.setdefault((filed.instrument, filed.respondent), []).append(filed)
    return [one for group in groups.values() for one in _revisions(store, group)]


def _revisions(store: Store, group: list[Filed]) -> list[Revision]:
    if len(group) == 1:
        return [Revision(group[0], 1, 0, (), True, ())]
    cells = {filed.id: _cells(store, filed.id) for filed in group}
    remarks = {filed.id: set(store.query(REMARKS, filed.id)) for filed in group}
    said: dict[int, list[Note]] = {filed.id: [] for filed in group}
    aside = {one.id for same in _twice_in_a_table(group) for one in _aside(same, cells, said)}
    rows: list[tuple[Filed, tuple[Change, ...]]] = []
    current: Filed | None = None
    for filed in in_order(group):
        if filed.id in aside:
            rows.append((filed, ()))
            continue
        before = {} if current is None else cells[current.id]
        changes = tuple(_changes(before, cells[filed.id])) if current is not None else ()
        rows.append((filed, changes))
        # The same answers with a new remark count, so that the remark is not overlooked.
        remarked = current is not None and not changes and bool(remarks[filed.id] - remarks[current.id])
        if current is not None and (remarked or _takes_over(current, filed, cells, changes, said)):
            said[current.id].append(_said("R033", current, respondent=filed.respondent, later=filed.file))
            current = filed
        current = current or filed
    return [
        Revision(filed, number, _answers(cells[filed.id]), changes, filed is current, tuple(said[filed.id]))
        for number, (filed, changes) in enumerate(rows, 1)
    ]


def _twice_in_a_table(group: list[Filed]) -> list[list[Filed]]:
    """The rows of one table that have one id and one time: neither is later than the other."""
    tables: dict[tuple[str, str], list[Filed]] = {}
    for filed in group:
        tables.setdefault((file_sha256(filed.sha256), filed.modified), []).append(filed)
    return [rows for rows in tables.values() if len(rows) > 1]


def _aside(
    same: list[Filed], cells: Mapping[int, Mapping[Key, CellRecord]], said: dict[int, list[Note]]
) -> list[Filed]:
    """All but the row that counts: the fullest, the first of those that are equally full."""
    numbered = sorted(same, key=lambda one: row_number(one.sha256))
    counts = max(numbered, key=lambda one: _answers(cells[one.id]))
    facts = {
        "respondent": counts.respondent,
        "rows": ", ".join(str(row_number(one.sha256)) for one in numbered),
        "counts": row_number(counts.sha256),
    }
    for one in numbered:
        said[one.id].append(_said("R075", one, **facts))
    return [one for one in numbered if one is not counts]


def _takes_over(
    current: Filed,
    later: Filed,
    cells: Mapping[int, Mapping[Key, CellRecord]],
    changes: Iterable[Change],
    said: dict[int, list[Note]],
) -> bool:
    """Whether a later workbook counts from now on; what is odd about it is said."""
    if not _answers(cells[later.id]) and _answers(cells[current.id]):
        said[later.id].append(_said("R072", later, respondent=later.respondent, earlier=current.file))
        return False
    if not changes and any(one.code == "R075" for one in (*said[later.id], *said[current.id])):
        # The same answers, but whether the id stands twice is told by the table keyed last.
        return True
    if not changes:
        said[later.id].append(_said("R074", later, respondent=later.respondent, earlier=current.file))
        return False
    lost = _lost(cells[current.id], cells[later.id])
    if lost:
        said[later.id].append(_said("R073", later, earlier=current.file, count=len(lost), items=listed(lost)))
    return True


def _lost(before: Mapping[Key, CellRecord], after: Mapping[Key, CellRecord]) -> list[str]:
    """The items that had an answer and are blank now."""
    filled = {one.item for one in after.values() if _entry(one) is not None}
    answers = values_of(list(before.values()))
    return [item for item, value in answers.items() if value is not None and item not in filled]


def _said(code: str, filed: Filed, **fields: object) -> Note:
    return Note(code, fields, Place(filed.file))


def in_order(group: list[Filed]) -> list[Filed]:
    """As they were saved; a correction comes after what it corrects, whatever its clock said.

    Programs that do not say when they saved leave only the day of collection.
    """
    waiting = sorted(group, key=lambda one: (moment(one.modified) or moment(one.collected) or NEVER, one.id))
    ordered: list[Filed] = []
    while waiting:
        ahead = {one.sha256 for one in waiting}
        free = (one for one in waiting if one.revises == one.sha256 or one.revises not in ahead)
        following = next(free, waiting[0])
        waiting.remove(following)
        ordered.append(following)
    return ordered


NEVER = datetime.min.replace(tzinfo=UTC)


def moment(text: str) -> datetime | None:
    """A point in time as workbooks write it; without a zone it is taken as UTC."""
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        return None
    return told if told.tzinfo is not None else told.replace(tzinfo=UTC)


def _cells(store: Store, workbook: int) -> dict[Key, CellRecord]:
    found = {}
    for item, option, sheet, cell, kind, raw, value, rule in store.query(CELLS, workbook):
        read = None if value is None else json.loads(value)
        found[item, option] = CellRecord(item, option, sheet, cell, kind, raw, read, rule)
    return found


def _answers(cells: Mapping[Key, CellRecord]) -> int:
    """How many items have something in them."""
    return len({one.item for one in cells.values() if _entry(one) is not None})


def _entry(cell: CellRecord | None) -> str | None:
    """What was entered; None where a cell is blank."""
    return None if cell is None or cell.raw is None or not cell.raw.strip() else cell.raw


def _changes(before: Mapping[Key, CellRecord], after: Mapping[Key, CellRecord]) -> Iterator[Change]:
    """The cells that differ: another value, or without a value other words."""
    for key in dict.fromkeys((*before, *after)):
        old, new = before.get(key), after.get(key)
        values = tuple(None if one is None else one.value for one in (old, new))
        entries = _entry(old), _entry(new)
        if values[0] != values[1] or (values == (None, None) and entries[0] != entries[1]):
            yield Change(*key, *entries, *values)
