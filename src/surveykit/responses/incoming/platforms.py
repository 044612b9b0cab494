"""What is peculiar to each system: headings, columns of its own, names of options, signs for no answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from surveykit.errors import note
from surveykit.responses.book import RawCell
from surveykit.responses.incoming.spss import read_sav
from surveykit.responses.incoming.tables import Table, TableRow, read_csv, read_excel

QUALTRICS_ID = re.compile(r'\s*\{\s*"ImportId"')
PREVIEWS = ("1", "survey preview", "survey test", "2", "12", "17")
ENDING = re.compile(r"[/\-.]")


@dataclass(frozen=True)
class Platform:
    """How a system exports.

    `respondent`, `language`, `saved`: its columns for these, the first that is there counts. `missing`: what
    it writes for no answer. `own`: further columns of its own, which nobody needs to be told of.
    """

    read: Callable[[Path, str | None], Table]
    respondent: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    saved: tuple[str, ...] = ()
    missing: frozenset[str] = frozenset()
    own: re.Pattern[str] = re.compile(r"(?!)")


def _csv(path: Path, sheet: str | None) -> Table:
    return read_csv(path)


def _excel(path: Path, sheet: str | None) -> Table:
    return read_excel(path, sheet)


def _csv_or_excel(path: Path, sheet: str | None) -> Table:
    return read_excel(path, sheet) if path.suffix.casefold() in (".xlsx", ".ods") else read_csv(path)


def _qualtrics(path: Path, sheet: str | None) -> Table:
    """Three rows of headings: names, questions, ids of the import. Previews are no answers."""
    table = _csv_or_excel(path, sheet)
    notes = [*table.notes]
    rows = table.rows
    # The row of ids is the last of the headings, also where the questions' row does not fit the header.
    ids = [row for row in rows[:2] if any(QUALTRICS_ID.match(cell.raw) for cell in row.cells.values())]
    if ids:
        rows = tuple(row for row in rows if row.number > ids[0].number)
    else:
        notes.append(note("E056", table.place))
    kept = tuple(row for row in rows if not _preview(row))
    if len(kept) < len(rows):
        notes.append(note("E057", table.place, count=len(rows) - len(kept)))
    return replace(table, rows=kept, notes=tuple(notes))


def _preview(row: TableRow) -> bool:
    status = row.cells.get("Status")
    return status is not None and status.raw.strip().casefold() in PREVIEWS


def _limesurvey(path: Path, sheet: str | None) -> Table:
    """Question codes as headings, ``Y`` for a chosen option."""
    table = _csv_or_excel(path, sheet)
    marks = {"Y": "1", "N": "0"}
    options = {name for name in table.columns if name.endswith("]")}
    rows = tuple(
        TableRow(
            row.number,
            {name: _swapped(cell, marks) if name in options else cell for name, cell in row.cells.items()},
        )
        for row in table.rows
    )
    return replace(table, rows=rows)


def _swapped(cell: RawCell, marks: Mapping[str, str]) -> RawCell:
    return replace(cell, raw=marks.get(cell.raw, cell.raw))


def _odk(path: Path, sheet: str | None) -> Table:
    """ODK Central and KoboToolbox: names behind their groups, ``group/item`` or ``group-item``."""
    table = _csv_or_excel(path, sheet)
    short = {name: _without_groups(name) for name in table.columns}
    counts: dict[str, int] = {}
    for one in short.values():
        counts[one] = counts.get(one, 0) + 1
    names = {name: one if counts[one] == 1 else name for name, one in short.items()}
    rows = tuple(
        TableRow(row.number, {names[name]: cell for name, cell in row.cells.items()}) for row in table.rows
    )
    return replace(table, columns=tuple(names.values()), rows=rows)


def _without_groups(name: str) -> str:
    """The last part of a name; the last two where the last is the code of an option."""
    parts = ENDING.split(name)
    if len(parts) > 1 and re.fullmatch(r"\d+", parts[-1]):
        signed = name.endswith(f"/-{parts[-1]}")
        return f"{parts[-3] if signed else parts[-2]}/{'-' if signed else ''}{parts[-1]}"
    return parts[-1]


def _spss(path: Path, sheet: str | None) -> Table:
    return read_sav(path)


PLATFORMS: Mapping[str, Platform] = {
    "csv": Platform(_csv, ("respondent",), ("language", "lang")),
    "excel": Platform(_excel, ("respondent",), ("language", "lang")),
    "qualtrics": Platform(
        _qualtrics, ("ResponseId",), ("UserLanguage",), ("RecordedDate", "EndDate"), frozenset({"-99"}),
        re.compile(
            r"(StartDate|Status|IPAddress|Progress|Duration \(in seconds\)|Finished|Recipient\w+|"
            r"ExternalReference|Location\w+|DistributionChannel|Q_\w+|.*_(First Click|Last Click|Page Submit|"
            r"Click Count))"
        ),
    ),
    "limesurvey": Platform(
        _limesurvey, ("token", "id"), ("startlanguage",), ("submitdate", "datestamp"), frozenset({"N/A"}),
        re.compile(r"(id|lastpage|seed|startdate|ipaddr|refurl|interviewtime|\w*[Tt]ime)"),
    ),
    "odk": Platform(
        _odk, ("respondent", "_uuid", "instanceID", "KEY"), (),
        ("form_end", "end", "SubmissionDate", "_submission_time"),
        frozenset({"n/a"}),
        re.compile(
            r"(_\w+|__version__|meta\w*|instance(ID|Name)|formhub\w*|uuid|start|form_start|SubmissionDate|KEY|"
            r"Submitter\w+|\w+Id|Attachments\w+|ReviewState|DeviceID|Edits|FormVersion|form_version|content_hash|"
            r"section_\w+|form_(instructions|consent)|rootUuid|generated_\w+|reserved_\w+)"
        ),
    ),
    "spss": Platform(_spss, ("respondent", "id"), ("language",)),
}  # fmt: skip
