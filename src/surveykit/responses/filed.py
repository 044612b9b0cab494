"""What each respondent's last row or form says, so that the same is not filed a second time."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from surveykit.responses.returned import Returned
from surveykit.responses.store import Store

LAST = """
SELECT w.respondent, w.sha256, w.read_with, w.groups, w.language, c.item, c.option, c.raw, c.rule
FROM workbook w LEFT JOIN cell c ON c.workbook = w.id
WHERE w.instrument = ? AND substr(w.sha256, 1, 64) = (
    SELECT substr(m.sha256, 1, 64) FROM workbook m
    WHERE m.instrument = w.instrument AND m.respondent = w.respondent ORDER BY m.id DESC LIMIT 1
)
ORDER BY w.id, c.rowid
"""
REMARKS = """
SELECT w.sha256, r.kind, r.sheet, r.cell, r.text FROM remark r JOIN workbook w ON w.id = r.workbook
WHERE w.instrument = ? ORDER BY r.rowid
"""


@dataclass(frozen=True)
class Said:
    """What a workbook or row says, and what it is known by in the store. `cells`: item, option, raw, rule."""

    sha256: str
    read_with: str
    groups: dict[str, str]
    language: str
    cells: list[tuple[Any, ...]]
    remarks: list[tuple[Any, ...]]

    def same_as(self, one: Returned, read_with: str) -> bool:
        """Whether a row that came says this very thing, read by the same definition."""
        cells = [(cell.item, cell.option, cell.raw, cell.rule) for cell in one.cells]
        remarks = [(remark.kind, remark.sheet, remark.cell, remark.text) for remark in one.remarks]
        facts = (read_with, dict(one.identity.groups), one.identity.language, cells, remarks)
        return facts == (self.read_with, self.groups, self.language, self.cells, self.remarks)


def known_rows(
    store: Store, instrument: str, rows: Iterable[tuple[int, Returned]], read_with: str
) -> dict[int, str]:
    """The rows of a table that were filed before, by number -> what each is known by.

    Rows of one respondent are known together or not at all, so that they always stand in one table.
    """
    by_respondent: dict[str, list[tuple[int, Returned]]] = {}
    for row, one in rows:
        by_respondent.setdefault(one.respondent, []).append((row, one))
    last = _last_filed(store, instrument)
    known: dict[int, str] = {}
    for respondent, same in by_respondent.items():
        said = last.get(respondent, [])
        if len(said) == len(same) and all(
            before.same_as(one, read_with) for before, (_, one) in zip(said, same, strict=True)
        ):
            known |= {row: before.sha256 for before, (row, _) in zip(said, same, strict=True)}
    return known


def _last_filed(store: Store, instrument: str) -> dict[str, list[Said]]:
    """By respondent, the workbook or the rows of the table that were filed last."""
    remarks: dict[str, list[tuple[Any, ...]]] = {}
    for sha256, *remark in store.query(REMARKS, instrument):
        remarks.setdefault(sha256, []).append(tuple(remark))
    filed: dict[str, dict[str, Said]] = {}
    for respondent, sha256, read_with, groups, language, *cell in store.query(LAST, instrument):
        rows = filed.setdefault(respondent, {})
        about = sha256, read_with, json.loads(groups), language
        said = rows.setdefault(sha256, Said(*about, [], remarks.get(sha256, [])))
        if cell[0] is not None:
            said.cells.append(tuple(cell))
    return {respondent: list(rows.values()) for respondent, rows in filed.items()}
