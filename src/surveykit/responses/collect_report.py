"""What became of each returned file, as tables and as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from surveykit.errors import Note
from surveykit.responses.store import Store
from surveykit.responses.tables import Found, findings_frame
from surveykit.responses.versions import listed
from surveykit.results import Result
from surveykit.wording import wording

if TYPE_CHECKING:
    import pandas as pd

ACCEPTED = "SELECT sha256, respondent, instrument, version, language FROM workbook"
ACCEPTED_COLUMNS = ["file", "respondent", "instrument", "version", "language", "status", "findings", "sha256"]
# Findings that say why a workbook counts or does not.
ABOUT_RETURNING = ("R033", "R072", "R073", "R074", "R075")
APART_COLUMNS = ["file", "code", "text", "remedy", "sha256", "original"]


@dataclass(frozen=True)
class Outcome:
    """What became of one file. `problem` is why it was set apart."""

    file: str
    sha256: str | None
    status: str
    problem: Note | None = None


@dataclass(frozen=True)
class CollectReport(Result):
    """What became of each file.

    Attributes
    ----------
    accepted : DataFrame
        A row a workbook: `file respondent instrument version language status findings sha256`; `status` is
        "new", or "known" where the very same workbook was collected before.
    findings : DataFrame
        A row a finding: `code file respondent item sheet cell place text remedy language text_local
        remedy_local current`; `text` in the reader's language, `text_local` in the respondent's; `current`
        is False for a workbook that another of the same respondent goes before.
    quarantined : DataFrame
        A row a file that was not taken: `file code text remedy sha256 original`; `original` is where the file
        is kept as it came, empty where it could not be read at all.
    lang : str
        The language of `text` and `remedy`.
    marked : tuple of str
        The marked copies that were written (see `collect`).
    notes : tuple of Note
        R105 there was no file; R106 how many respondents are simulated; R079 the plan's steps part the
        answers by a column that collected forms do not have; R107 into groups that these do not name.
    passed_over : tuple of Note
        R103, R104: files that are no forms and need no one's care, each with its place.
    """

    accepted: pd.DataFrame
    findings: pd.DataFrame
    quarantined: pd.DataFrame
    lang: str = "en"
    marked: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    passed_over: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """Every file with what became of it: `file outcome code respondent findings`."""
        import pandas as pd

        taken = self.accepted.assign(code="")
        taken["outcome"] = ["accepted with findings" if count else "accepted" for count in taken["findings"]]
        apart = self.quarantined.assign(outcome="quarantined", respondent="", findings=0)
        columns = ["file", "outcome", "code", "respondent", "findings"]
        passed = [(_file(one), "passed over", one.code, "", 0) for one in self.passed_over]
        frames = [
            taken[columns],
            apart[columns],
            *([pd.DataFrame(passed, columns=columns)] if passed else []),
        ]
        both = pd.concat(frames, ignore_index=True)
        return both.sort_values("file", kind="stable", ignore_index=True)

    def summary(self) -> str:
        """How many of each, then every file with its findings, then what to do about them."""
        copies = self._copies()
        taken = self.accepted[~self.accepted["file"].isin(list(copies))]
        clean = int((taken["findings"] == 0).sum()) if len(taken) else 0
        counts = {"clean": clean, "found": len(taken) - clean, "apart": len(self.quarantined)}
        blocks = {one.file: self._apart(one) for one in self.quarantined.itertuples()}
        for told in self.passed_over:
            head = self._say("passed_over", file=_file(told))
            blocks[_file(told)] = [head, f"  [{told.code}] {told.text(self.lang)}"]
        findings: dict[str, list[str]] = {}
        for one in self._open().itertuples():
            findings.setdefault(str(one.file), []).append(self._finding(one))
        # A data-entry grid has a row a respondent.
        for again, first in copies.items():
            blocks[again] = [self._say("taken_copy", file=again, first=first)]
        for file, rows in taken.groupby("file", sort=False):
            blocks[file] = [self._taken(str(file), rows), *findings.get(str(file), ())]
        lines = [self._say("counts", **counts)]
        if copies:
            lines.append(self._say("copies", count=len(copies)))
        lines += [line for file in sorted(blocks, key=str) for line in blocks[file]]
        if self.marked:
            folder = str(PurePath(self.marked[0]).parent)
            lines.append(self._say("marked", count=len(self.marked), folder=folder))
        return "\n".join([*lines, *self._remedies(), *(one.full(self.lang) for one in self.notes)])

    def _copies(self) -> dict[str, str]:
        """The files that are another one once more, byte for byte -> that one."""
        first: dict[str, str] = {}
        copies: dict[str, str] = {}
        for name, rows in self.accepted.groupby("file", sort=False):
            earlier = [first.setdefault(str(sha256), str(name)) for sha256 in rows["sha256"]]
            if str(name) not in earlier:
                copies[str(name)] = earlier[0]
        return copies

    def _open(self) -> pd.DataFrame:
        """The findings that need attention: not those in a workbook that does not count."""
        about = self.findings["code"].isin(ABOUT_RETURNING)
        return self.findings[self.findings["current"].astype(bool) | about]

    def _say(self, key: str, **fields: Any) -> str:
        return wording("collect", key, self.lang, **fields)

    def _taken(self, file: str, rows: pd.DataFrame) -> str:
        known = bool((rows["status"] == "known").all())
        key = "taken_found" if rows["findings"].any() else "taken_before" if known else "taken"
        return self._say(key, file=file, respondent=listed(list(rows["respondent"])))

    def _apart(self, row: Any) -> list[str]:
        head = self._say("apart_kept" if row.original else "apart", file=row.file, original=row.original)
        return [head, f"  [{row.code}] {row.text}"]

    def _finding(self, row: Any) -> str:
        placed = isinstance(row.cell, str) and isinstance(row.sheet, str)
        where = self._say("cell", sheet=row.sheet, cell=row.cell) if placed else ""
        return f"  [{row.code}] {where}{row.text}"

    def _remedies(self) -> list[str]:
        """Each code's remedy once."""
        both = (self.quarantined, self._open())
        remedies = {code: text for one in both for code, text in zip(one["code"], one["remedy"], strict=True)}
        lines = [f"  [{code}] {text}" for code, text in sorted(remedies.items()) if text]
        return [self._say("what_to_do"), *lines] if lines else []


def _file(told: Note) -> str:
    return str(told.place.file) if told.place is not None else ""


def report_of(
    store: Store,
    outcomes: Sequence[Outcome],
    found: Sequence[Found],
    lang: str,
    marked: tuple[str, ...],
    notes: tuple[Note, ...] = (),
) -> CollectReport:
    """The report on these files; `found` are the findings in those that were taken."""
    import pandas as pd

    about = {row[0]: row[1:] for row in store.query(ACCEPTED)}
    counts = Counter(one.sha256 for one in found)
    rows = [
        (one.file, *about[one.sha256], one.status, counts[one.sha256], one.sha256)
        for one in outcomes
        if one.problem is None and one.sha256 is not None
    ]
    apart = [
        (one.file, one.problem.code, one.problem.text(lang), one.problem.remedy(lang), one.sha256, kept)
        for one in outcomes
        if one.problem is not None and one.status == "quarantined"
        for kept in (str(store.original_path(one.sha256 or "") or ""),)
    ]
    return CollectReport(
        accepted=pd.DataFrame(rows, columns=ACCEPTED_COLUMNS),
        findings=findings_frame(found, lang),
        quarantined=pd.DataFrame(apart, columns=APART_COLUMNS),
        lang=lang,
        marked=marked,
        notes=notes,
        passed_over=tuple(one.problem for one in outcomes if one.problem and one.status == "passed over"),
    )
