"""What each respondent's last row or form says, so that the same is not filed a second time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from surveykit.responses.returned import Returned
from surveykit.responses.store import Store

LAST = """
SELECT w.respondent, w.sha256, w.read_with, w.groups, w.language, c.item, c.option, c.raw, c.rule
FROM workbook w LEFT JOIN cell c ON c.workbook = w.id
WHERE w.instrument = ? AND w.id IN (SELECT max(id) FROM workbook WHERE instrument = ? GROUP BY respondent)
ORDER BY w.id, c.rowid
"""


@dataclass(frozen=True)
class Said:
    """What a workbook or row says, and what it is known by in the store. `cells`: item, option, raw, rule."""

    sha256: str
    read_with: str
    groups: dict[str, str]
    language: str
    cells: list[tuple[Any, ...]]

    def same_as(self, one: Returned, read_with: str) -> bool:
        """Whether a row that came says this very thing, read by the same definition."""
        cells = [(cell.item, cell.option, cell.raw, cell.rule) for cell in one.cells]
        facts = (read_with, dict(one.identity.groups), one.identity.language, cells)
        return facts == (self.read_with, self.groups, self.language, self.cells)


def last_filed(store: Store, instrument: str) -> dict[str, Said]:
    """By respondent, what was filed last."""
    filed: dict[str, Said] = {}
    for respondent, sha256, read_with, groups, language, *cell in store.query(LAST, instrument, instrument):
        said = filed.setdefault(respondent, Said(sha256, read_with, json.loads(groups), language, []))
        if cell[0] is not None:
            said.cells.append(tuple(cell))
    return filed
