"""How the fieldwork stands: who was asked, who answered, what is to be looked at, whom to remind."""

from __future__ import annotations

import json
import unicodedata
import warnings
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from surveykit.errors import Note, Place, SurveykitError, SurveykitWarning, note
from surveykit.form.roster import Respondent, read_roster
from surveykit.responses.read import Responses, read_responses
from surveykit.responses.store import open_store
from surveykit.results import Result
from surveykit.study.plan import Plan, read_plan
from surveykit.study.schema import FieldworkSpec
from surveykit.wording import wording

QUARANTINED = "SELECT file, code, fields FROM quarantine ORDER BY file"
# Nobody needs to do anything about a workbook that does not count: replaced, empty, or the same once more.
SUPERSEDED = ("R033", "R072", "R074")
# Nothing is filled in.
EMPTY = "R038"
SHOWN = 8
BY_GROUP = ["group", "expected", "returned", "missing", "with_findings"]
MISSING = ["respondent", "group", "language", "reminder", "due"]


@dataclass(frozen=True)
class StudyStatus(Result):
    """How far a collection has come.

    Attributes
    ----------
    today : str
        The day of the report, ISO.
    expected : int or None
        Respondents of the sampling frame; None where the study names none.
    returned : int
        Respondents whose answers are in the store, strangers to the sampling frame with them.
    by_group : DataFrame
        A row a group (country): `group expected returned missing with_findings`.
    missing : DataFrame
        A row for each of the frame's respondents without an answer: `respondent group language reminder due`.
        `reminder` counts from 1: the last of the plan's reminders that is due by today, 0 where none is yet;
        `due` is the day on which it fell, or on which the next one will.
    findings : DataFrame
        What is open in the answers that count: `code n text`.
    quarantined : DataFrame
        Files that could not be taken: `file code text`.
    empty : int
        Respondents whose form came back with nothing filled in; they are among the missing.
    strangers : int
        Of those returned, respondents that are not in the sampling frame.
    notes : tuple of Note
        E010 no sampling frame is named; E011 answers of respondents that are not in it; E013 the collection
        has closed.
    """

    today: str
    expected: int | None
    returned: int
    by_group: pd.DataFrame
    missing: pd.DataFrame
    findings: pd.DataFrame
    quarantined: pd.DataFrame
    empty: int = 0
    strangers: int = 0
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """The counts by group."""
        return self.by_group

    def summary(self, lang: str = "en") -> str:
        """The counts, who is to be reminded, what is open."""
        due = self.missing[self.missing["reminder"] > 0]
        totals = {
            "expected": "–" if self.expected is None else self.expected,
            "returned": self.returned - self.strangers,
            "missing": len(self.missing),
        }
        lines = [wording("exchange", "status_totals", lang, **totals)]
        for key, n in (("status_strangers", self.strangers), ("status_empty", self.empty)):
            if n:
                lines.append(wording("exchange", key, lang, n=n))
        for group in self.by_group.to_dict("records"):
            facts = {str(name): value for name, value in group.items()}
            lines.append("  " + wording("exchange", "status_group", lang, **facts))
        if len(due):
            lines.append(wording("exchange", "status_reminders", lang, n=len(due)))
            for (reminder, day), people in due.groupby(["reminder", "due"]):
                ids = ", ".join(people["respondent"])
                lines.append(
                    "  " + wording("exchange", "status_due", lang, reminder=reminder, day=day, ids=ids)
                )
        if len(self.findings):
            lines.append(wording("exchange", "status_findings", lang))
        for row in self.findings.itertuples():
            key = "status_finding" if row.n == 1 else "status_findings_alike"
            lines.append("  " + wording("exchange", key, lang, code=row.code, n=row.n, text=row.text))
        if len(self.quarantined):
            lines.append(wording("exchange", "status_quarantined", lang))
        for row in self.quarantined.itertuples():
            lines.append(f"  [{row.code}] {row.file}: {row.text}")
        return "\n".join([*lines, *(one.full(lang) for one in self.notes)])


def study_status(
    study: str | Path,
    *,
    respondents: str | Path | None = None,
    today: date | None = None,
    lang: str = "en",
) -> StudyStatus:
    """How far the collection of a study has come.

    Parameters
    ----------
    study : path
        A folder with a `study.yaml`. Its `fieldwork` says who was asked (`respondents`, the sampling frame),
        when (`sent`), after how many days to remind (`remind_after`) and when the collection `closes`.
    respondents : path, optional
        Another sampling frame than the plan's.
    today : date, optional
        The day to report on; today by default.
    lang : {"en", "ja", "ko"}, default "en"
        Language of the findings.

    Raises
    ------
    SurveykitError
        T001-T007 the plan; F010-F016 the sampling frame.

    Examples
    --------
    >>> print(study_status("analyses/demo").summary())              # doctest: +SKIP
    Expected 52, returned 31, missing 21
      JP: expected 26, returned 20, missing 6, with findings 2
      KR: expected 26, returned 11, missing 15, with findings 1
    """
    plan = read_plan(study)
    day = today or date.today()
    roster = _roster(plan, respondents)
    responses = _responses(plan, lang)
    empty = _empty(responses)
    came = _returned(responses, plan.spec.groups.column)
    returned = {key: group for key, (_, group) in came.items() if key not in empty}
    open_ones, flagged = _findings(responses, lang)
    asked = {_key(one.id): one for one in roster or ()}
    strangers = [came[key][0] for key in returned if roster is not None and key not in asked]
    absent = [one for key, one in asked.items() if key not in returned]
    return StudyStatus(
        today=day.isoformat(),
        expected=len(roster) if roster is not None else None,
        returned=len(returned),
        by_group=_by_group(plan, roster, returned, flagged),
        missing=_missing(absent, plan, day),
        findings=open_ones,
        quarantined=_quarantined(plan, lang),
        empty=len(empty),
        strangers=len(strangers),
        notes=_notes(plan, roster, sorted(strangers), day),
    )


def _roster(plan: Plan, respondents: str | Path | None) -> tuple[Respondent, ...] | None:
    named = plan.spec.fieldwork.respondents
    path = Path(respondents) if respondents is not None else plan.path(named) if named is not None else None
    if path is None:
        return None
    inst = plan.questionnaire
    with warnings.catch_warnings():
        # That columns with names stay in the frame is said where forms are written.
        warnings.simplefilter("ignore", SurveykitWarning)
        return read_roster(path, inst, inst.languages[0])


def _responses(plan: Plan, lang: str) -> Responses | None:
    """What was collected; None where nothing was."""
    try:
        return read_responses(plan.folder, plan.questionnaire.instrument, lang)
    except SurveykitError as problem:
        if problem.code != "R060":
            raise
        return None


def _key(respondent: str) -> str:
    """Ids as they are compared: capitals and small letters are the same, as in the sampling frame."""
    return unicodedata.normalize("NFC", respondent.strip()).casefold()


def _returned(responses: Responses | None, column: str) -> dict[str, tuple[str, str]]:
    """Each respondent that returned a form -> the id as it stands there, group."""
    if responses is None:
        return {}
    frame = responses.frame
    groups = frame[column] if column in frame else [None] * len(frame)
    return {
        _key(who): (who, group if isinstance(group, str) else "")
        for who, group in zip(frame["respondent"], groups, strict=True)
    }


def _empty(responses: Responses | None) -> set[str]:
    """Who returned a form in which nothing is filled in: no answer, so still to be reminded."""
    if responses is None:
        return set()
    found = responses.findings
    blank = found[found["current"].astype(bool) & (found["code"] == EMPTY)]
    return {_key(str(one)) for one in blank["respondent"]}


def _findings(responses: Responses | None, lang: str) -> tuple[pd.DataFrame, set[str]]:
    """What is open by code, and who has it in the answers that count."""
    columns = ["code", "n", "text"]
    if responses is None:
        return pd.DataFrame(columns=columns), set()
    found = responses.findings
    found = found[found["current"].astype(bool) & ~found["code"].isin(SUPERSEDED)]
    counts = Counter(found["code"])
    first = found.drop_duplicates("code").set_index("code")["text"]
    rows = [(code, n, first[code]) for code, n in sorted(counts.items())]
    return pd.DataFrame(rows, columns=columns), {_key(str(one)) for one in found["respondent"]}


def _by_group(
    plan: Plan, roster: tuple[Respondent, ...] | None, returned: Mapping[str, str], flagged: set[str]
) -> pd.DataFrame:
    column = plan.spec.groups.column
    home = {_key(one.id): one.groups.get(column, "") for one in roster or ()}
    asked = Counter(home.values())
    answered = Counter(home.get(key, group) for key, group in returned.items())
    came = Counter(home[key] for key in home if key in returned)
    with_findings = Counter(home.get(key, group) for key, group in returned.items() if key in flagged)
    names = sorted({*plan.spec.groups.order, *asked, *answered} - {""})
    ordered = [*plan.spec.groups.order, *(name for name in names if name not in plan.spec.groups.order)]
    if "" in asked or "" in answered:
        ordered.append("")
    rows = [
        (name or "–", asked[name], answered[name], asked[name] - came[name], with_findings[name])
        for name in ordered
    ]
    return pd.DataFrame(rows, columns=BY_GROUP)


def _missing(absent: list[Respondent], plan: Plan, today: date) -> pd.DataFrame:
    reminder, due = _reminder(plan.spec.fieldwork, today)
    column = plan.spec.groups.column
    rows = [(one.id, one.groups.get(column, ""), one.language, reminder, due) for one in absent]
    return pd.DataFrame(rows, columns=MISSING)


def _reminder(fieldwork: FieldworkSpec, today: date) -> tuple[int, str]:
    """The last reminder due by today and its day; 0 and the day of the next where none is due yet."""
    if fieldwork.sent is None or not fieldwork.remind_after:
        return 0, ""
    days = [fieldwork.sent + timedelta(days=after) for after in sorted(fieldwork.remind_after)]
    passed = [one for one in days if one <= today]
    if fieldwork.closes is not None and today > fieldwork.closes:
        return 0, ""
    return len(passed), (passed[-1] if passed else days[0]).isoformat()


def _quarantined(plan: Plan, lang: str) -> pd.DataFrame:
    rows: list[tuple[str, str, str]] = []
    try:
        with open_store(plan.folder, create=False) as store:
            for file, code, fields in store.query(QUARANTINED):
                rows.append((file, code, Note(code, json.loads(fields), Place(file)).text(lang)))
    except SurveykitError as problem:
        if problem.code != "R060":
            raise
    return pd.DataFrame(rows, columns=["file", "code", "text"])


def _notes(
    plan: Plan, roster: tuple[Respondent, ...] | None, strangers: list[str], today: date
) -> tuple[Note, ...]:
    notes = []
    if roster is None:
        notes.append(note("E010"))
    if strangers:
        shown = ", ".join(strangers[:SHOWN]) + (" …" if len(strangers) > SHOWN else "")
        notes.append(note("E011", count=len(strangers), respondents=shown))
    closes = plan.spec.fieldwork.closes
    if closes is not None and today > closes:
        notes.append(note("E013", day=closes.isoformat()))
    return tuple(notes)
