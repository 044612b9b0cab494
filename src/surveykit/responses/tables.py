"""The store's findings as a frame: in the reader's language, and in the respondent's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from surveykit.errors import LANGUAGES, Note, Place
from surveykit.responses.revisions import Revision, revisions
from surveykit.responses.store import Store

if TYPE_CHECKING:
    import pandas as pd

FINDING_COLUMNS = [
    "code", "file", "respondent", "item", "sheet", "cell", "place", "text", "remedy", "language",
    "text_local", "remedy_local", "current",
]  # fmt: skip
FINDINGS = """
SELECT w.sha256, f.code, f.fields, f.sheet, f.cell
FROM finding f JOIN workbook w ON w.id = f.workbook ORDER BY f.rowid
"""
ABOUT = "SELECT sha256, respondent, language, groups FROM workbook"
# The language of a country where the form says none.
SPOKEN = {"JP": "ja", "KR": "ko"}


@dataclass(frozen=True)
class Found:
    """A finding and the workbook that it is about. `language`: the respondent's."""

    sha256: str
    note: Note
    respondent: str
    language: str
    current: bool


def found_in(store: Store, files: Mapping[str, str]) -> list[Found]:
    """The findings of these workbooks (SHA-256 -> file name)."""
    about = {sha: (who, spoken(lang, json.loads(groups))) for sha, who, lang, groups in store.query(ABOUT)}
    known = {one.filed.sha256: one for one in revisions(store)}
    rows = [
        (sha, Note(code, json.loads(fields), Place(files[sha], sheet=sheet, cell=cell)))
        for sha, code, fields, sheet, cell in store.query(FINDINGS)
        if sha in files
    ]
    rows += [(sha, said) for sha in files if sha in known for said in _said(known[sha], files[sha])]
    return [Found(sha, said, *about[sha], known[sha].current) for sha, said in rows]


def _said(revision: Revision, file: str) -> Iterator[Note]:
    """What is to be said of a workbook that came back again, under the name it has now."""
    for one in revision.said:
        yield Note(one.code, one.fields, Place(file))


def spoken(language: str, groups: Mapping[str, str]) -> str:
    """The respondent's language: the form's (of two the one that is not English), else the country's."""
    told = [one for one in language.split("+") if one in LANGUAGES]
    if told:
        return next((one for one in told if one != "en"), "en")
    return next((SPOKEN[value] for value in groups.values() if value in SPOKEN), "en")


def findings_frame(found: Iterable[Found], lang: str = "en") -> pd.DataFrame:
    """A row a finding."""
    import pandas as pd

    rows = []
    for one in found:
        said, place = one.note, one.note.place or Place()
        local = said.text(one.language), said.remedy(one.language)
        where = place.file, one.respondent, said.fields.get("item", ""), place.sheet, place.cell, str(place)
        rows.append(
            (said.code, *where, said.text(lang), said.remedy(lang), one.language, *local, one.current)
        )
    return pd.DataFrame(rows, columns=FINDING_COLUMNS)
