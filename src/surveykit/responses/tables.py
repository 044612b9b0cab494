"""The store's contents as frames: responses, provenance, findings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from surveykit.errors import Note, Place
from surveykit.responses.store import Store

if TYPE_CHECKING:
    import pandas as pd

FINDING_COLUMNS = ["code", "file", "respondent", "item", "sheet", "cell", "place", "text", "remedy"]
FINDINGS = """
SELECT w.sha256, w.respondent, f.code, f.fields, f.sheet, f.cell
FROM finding f JOIN workbook w ON w.id = f.workbook ORDER BY f.rowid
"""
SUPERSEDED = """
SELECT sha256, respondent, instrument, file, modified, id FROM workbook
ORDER BY instrument, respondent, modified, id
"""


def findings_of(store: Store, files: Mapping[str, str], lang: str = "en") -> pd.DataFrame:
    """The findings of these workbooks (SHA-256 -> file name), a row each."""
    import pandas as pd

    rows = [
        _finding_row(Note(code, json.loads(fields), Place(files[sha], sheet=sheet, cell=cell)), who, lang)
        for sha, who, code, fields, sheet, cell in store.query(FINDINGS)
        if sha in files
    ]
    rows += [_finding_row(found, who, lang) for found, who in _superseded(store, files)]
    return pd.DataFrame(rows, columns=FINDING_COLUMNS)


def _superseded(store: Store, files: Mapping[str, str]) -> list[tuple[Note, str]]:
    """A finding for each workbook that a later one of the same respondent takes the place of."""
    found = []
    rows = store.query(SUPERSEDED)
    for row, following in pairwise(rows):
        sha, respondent, instrument, _, _, _ = row
        if sha in files and following[1:3] == (respondent, instrument):
            later = Note("R033", {"respondent": respondent, "later": following[3]}, Place(files[sha]))
            found.append((later, respondent))
    return found


def _finding_row(found: Note, respondent: str, lang: str) -> tuple[Any, ...]:
    place = found.place or Place()
    item = found.fields.get("item", "")
    words = (found.text(lang), found.remedy(lang))
    return found.code, place.file, respondent, item, place.sheet, place.cell, str(place), *words
