"""The contact summary: who was interviewed where, how long, in which language, and whether it may be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from surveykit.coding.codebook import Codebook
from surveykit.coding.transcripts import Transcript
from surveykit.errors import Note, Place, note
from surveykit.results import Result

# The record in front of an interviewer's form -> what it is called here.
RECORD = {
    "interview_date": "date",
    "interview_place": "place",
    "interview_minutes": "minutes",
    "interview_language": "language",
    "interview_recording": "recorded",
}
YES = 1
COLUMNS = ["respondent", "company", "country", *RECORD.values(), "turns", "characters", "source"]


@dataclass(frozen=True)
class ContactSummary(Result):
    """A row per interview of the codebook.

    `frame`: ``respondent company country date place minutes language recorded`` (permission to record:
    True, False, or None where nobody said) ``turns characters`` (of the transcript) ``source`` ("form",
    "codebook", or both). `refused`: respondents whose transcript must not be used.
    """

    frame: pd.DataFrame
    refused: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.frame


def contact_summary(
    codebook: Codebook,
    forms: pd.DataFrame | None = None,
    transcripts: Mapping[str, Transcript] | None = None,
) -> ContactSummary:
    """What is known of every interview, and what must not be used.

    Parameters
    ----------
    codebook : Codebook
        Its respondents may carry ``place minutes language recorded``.
    forms : DataFrame, optional
        Collected interviewer forms (`Responses.frame`): their record goes before the codebook's.
    transcripts : mapping, optional
        By respondent.

    Returns
    -------
    ContactSummary
        `notes`: C085 a transcript although recording was not permitted (in `refused`); C086 a transcript
        and nobody said whether it was; C087 a transcript or a form of nobody in the codebook (in `refused`);
        C088 form and codebook differ.

    Examples
    --------
    >>> import surveykit as sk
    >>> book = sk.read_codebook("analyses/lee_trim_interviews/codebook.yaml")
    >>> found = sk.contact_summary(book)
    >>> found.frame[["respondent", "recorded"]].head(2).values.tolist()
    [['A1', True], ['A2', True]]
    """
    told = transcripts or {}
    records = _records(forms)
    rows, notes, refused = [], list[Note](), list[str]()
    for one in codebook.respondents.values():
        own = {key: getattr(one, key) for key in ("place", "minutes", "language", "recorded")}
        form = records.get(one.id, {})
        notes += _differing(one.id, own, form)
        facts = {name: form.get(name, own.get(name)) for name in RECORD.values()}
        transcript = told.get(one.id)
        if transcript is not None and facts["recorded"] is False:
            refused.append(one.id)
            notes.append(note("C085", Place(file=transcript.name), respondent=one.id))
        elif transcript is not None and facts["recorded"] is None:
            notes.append(note("C086", Place(file=transcript.name), respondent=one.id))
        source = "+".join(
            name
            for name, known in (
                ("form", form),
                ("codebook", any(value is not None for value in own.values())),
            )
            if known
        )
        size = (len(transcript.turns), len(transcript.text)) if transcript is not None else (0, 0)
        row = (one.id, one.company, one.country, *facts.values(), *size, source)
        rows.append(row)
    known = ", ".join(codebook.respondents)
    for name in dict.fromkeys((*told, *records)):
        if name not in codebook.respondents:
            refused.append(name)
            notes.append(note("C087", respondent=name, known=known))
    return ContactSummary(pd.DataFrame(rows, columns=COLUMNS), tuple(refused), tuple(notes))


def _records(forms: pd.DataFrame | None) -> dict[str, dict[str, Any]]:
    """What the interviewers' forms say, by respondent; only what was filled in."""
    if forms is None or not set(RECORD) & set(forms.columns):
        return {}
    found = {}
    for row in forms.to_dict("records"):
        said = {name: row[item] for item, name in RECORD.items() if item in row and not pd.isna(row[item])}
        if "recorded" in said:
            said["recorded"] = int(said["recorded"]) == YES
        if "minutes" in said:
            said["minutes"] = int(said["minutes"])
        found[str(row["respondent"])] = said
    return found


def _differing(respondent: str, own: Mapping[str, Any], form: Mapping[str, Any]) -> list[Note]:
    """A language is written in words in a form, so it is not compared."""
    return [
        note("C088", respondent=respondent, what=name, form=form[name], codebook=value)
        for name, value in own.items()
        if name != "language" and value is not None and name in form and form[name] != value
    ]
