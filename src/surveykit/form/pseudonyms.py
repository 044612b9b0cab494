"""People into pseudonyms: a sampling frame without names, and the key that leads back, in a file of its own.

The key is for the person who sends the forms out. Nothing in surveykit reads
it except this module, and no archive, export or report holds it.
"""

from __future__ import annotations

import csv
import io
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from surveykit.errors import Note, Place, SurveykitError, note
from surveykit.form.encodings import NAMES, decode, delimiter
from surveykit.form.roster import EMAIL, ID_COLUMNS, PERSONAL, unusable
from surveykit.formatting import spreadsheet_text
from surveykit.results import Result

if TYPE_CHECKING:
    import pandas as pd

# Letters and digits that nobody takes for one another, on paper or by telephone.
ALPHABET = "ACDEFGHJKLMNPQRTUVWXY34679"
LENGTH = 5
PLAN = "study.yaml"
Row = dict[str, str]


@dataclass(frozen=True)
class Pseudonyms(Result):
    """What was written: `frame` for surveykit, `key` for whoever sends forms; `n` people, `new` ones.

    `personal`: the columns that went into the key; `kept`: those that stayed in the frame.
    """

    frame: Path
    key: Path
    n: int
    new: int
    personal: tuple[str, ...]
    kept: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """The sampling frame."""
        import pandas as pd

        return pd.read_csv(self.frame, dtype=str, keep_default_na=False, encoding="utf-8-sig")

    def summary(self, lang: str = "en") -> str:
        """The files and how many people."""
        from surveykit.wording import wording

        facts = {"n": self.n, "new": self.new, "columns": ", ".join(self.personal)}
        lines = [wording("exchange", "pseudonyms", lang, frame=self.frame, apart=self.key, **facts)]
        if self.kept:
            lines.append(wording("exchange", "pseudonyms_kept", lang, columns=", ".join(self.kept)))
        return "\n".join([*lines, *(one.full(lang) for one in self.notes)])


def make_pseudonyms(
    contacts: str | Path,
    frame: str | Path,
    key: str | Path,
    *,
    prefix: str | None = None,
    random: Callable[[str], str] = secrets.choice,
) -> Pseudonyms:
    """Part a list of people into a sampling frame and a key.

    Each person gets a random id that says nothing of the person or of the
    place in the list. Columns that look like names or addresses go into the
    key, all others into the frame. People who are in the key already keep
    their ids, so the list may grow.

    Parameters
    ----------
    contacts : path
        A CSV file with a row a person (UTF-8, UTF-16, cp932 or cp949).
    frame : path
        The sampling frame to write, for `write_forms` and `status`.
    key : path
        The key to write: `respondent` and the columns that name the person. Readable by its owner alone;
        never inside a study's folder.
    prefix : str, optional
        A column whose value stands in front of the id, such as ``country``: ``JP-7QF3A``.
    random : callable, default `secrets.choice`
        Draws a character; for tests.

    Returns
    -------
    Pseudonyms

    Raises
    ------
    SurveykitError
        F016 the list is missing, no table or empty; E070, E071 its encoding; E080 no column names anybody;
        E081 the key would lie in a study's folder; E082 the list has ids already; E052 no such column;
        F019 a file cannot be written; F026 a frame or key that is there says something that would be lost.

    Examples
    --------
    >>> make_pseudonyms("contacts.csv", "frame.csv", "../safe/key.csv", prefix="country")  # doctest: +SKIP
    <Pseudonyms: 52 people>
    """
    rows, told = _read(Path(contacts))
    place = Place(file=str(contacts))
    columns = list(rows[0])
    if any(one.casefold() in ID_COLUMNS for one in columns):
        raise SurveykitError("E082", place=place)
    personal = tuple(one for one in columns if _names_somebody(one, rows))
    if not personal:
        raise SurveykitError("E080", place=place, columns=", ".join(columns))
    if prefix is not None and prefix not in columns:
        raise SurveykitError("E052", place=place, column=prefix, offered=", ".join(columns))
    _check_place(Path(key))
    known = _known(Path(key))
    taken = set(known.values())
    ids, new = list[str](), 0
    for row in rows:
        person = _person(row, personal)
        if person not in known:
            known[person] = _draw(taken, row.get(prefix or "", ""), random)
            new += 1
        ids.append(known[person])
    others = [one for one in columns if one not in personal]
    # The frame in the order of the ids: its rows say nothing of the order of the list.
    made = sorted(zip(ids, rows, strict=True), key=lambda one: one[0])
    sampled = [{"respondent": who, **{one: row[one] for one in others}} for who, row in made]
    kept = [{"respondent": who, **{one: row[one] for one in personal}} for who, row in made]
    _check_kept(Path(frame), sampled)
    _check_kept(Path(key), [{"respondent": who} for who in ids], ("respondent",))
    _write(Path(frame), sampled)
    _write(Path(key), kept, private=True)
    return Pseudonyms(Path(frame), Path(key), len(rows), new, personal, tuple(others), told)


def _read(path: Path) -> tuple[list[Row], tuple[Note, ...]]:
    place = Place(file=str(path))
    try:
        decoded = decode(path.read_bytes(), place)
        body = csv.DictReader(io.StringIO(decoded.text, newline=""), delimiter=delimiter(decoded.text))
        rows = [{(name or "").strip(): (value or "").strip() for name, value in row.items()} for row in body]
    except (OSError, csv.Error, AttributeError) as problem:
        raise unusable(path, problem) from None
    if not rows:
        raise unusable(path)
    if not decoded.detected:
        return rows, ()
    encoding = NAMES.get(decoded.encoding, "UTF-16")
    return rows, (note("E072", place, file=path.name, encoding=encoding),)


def _names_somebody(column: str, rows: list[Row]) -> bool:
    return bool(PERSONAL.search(column)) or any(EMAIL.search(row[column]) for row in rows)


def _person(row: Mapping[str, str], personal: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(row.get(one, "").casefold() for one in sorted(personal))


def _check_place(key: Path) -> None:
    """The key stays out of studies, which are archived, shared and synchronised as folders."""
    for folder in key.resolve().parents:
        if (folder / PLAN).is_file():
            raise SurveykitError("E081", place=Place(file=str(key)), study=str(folder))


def _known(key: Path) -> dict[tuple[str, ...], str]:
    """The people of an earlier key, with their ids."""
    if not key.is_file():
        return {}
    rows, _ = _read(key)
    personal = tuple(one for one in rows[0] if one != "respondent")
    return {_person(_plain(row), personal): row["respondent"] for row in rows}


def _check_kept(path: Path, rows: list[Row], columns: tuple[str, ...] | None = None) -> None:
    """A frame or key may grow; it is not written over where a row of it, or an entry, would be gone."""
    if not path.is_file():
        return
    before = [_plain(row) for row in _read(path)[0]]
    by_id = {row["respondent"]: row for row in rows}
    lost = [
        row
        for row in before
        if any(
            by_id.get(row.get("respondent", ""), {}).get(name) != value
            for name, value in row.items()
            if columns is None or name in columns
        )
    ]
    if lost:
        raise SurveykitError("F026", place=Place(file=str(path)), count=len(lost), rows=len(before))


def _plain(row: Row) -> Row:
    """Texts without the apostrophe that keeps a spreadsheet from computing them."""
    return {name: value[1:] if spreadsheet_text(value[1:]) == value else value for name, value in row.items()}


def _draw(taken: set[str], prefix: str, random: Callable[[str], str]) -> str:
    while True:
        made = "".join(random(ALPHABET) for _ in range(LENGTH))
        made = f"{prefix}-{made}" if prefix else made
        if made not in taken:
            taken.add(made)
            return made


def _write(path: Path, rows: list[Row], *, private: bool = False) -> None:
    """A CSV file for Excel, whole or not at all."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, fieldnames=list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: spreadsheet_text(value) for name, value in row.items()} for row in rows)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise _unwritten(path, problem) from None
    try:
        with os.fdopen(
            os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o666), "wb"
        ) as file:
            file.write(stream.getvalue().encode("utf-8-sig"))
        partial.replace(path)
    except OSError as problem:
        partial.unlink(missing_ok=True)
        raise _unwritten(path, problem) from None


def _unwritten(path: Path, problem: OSError) -> SurveykitError:
    return SurveykitError("F019", place=Place(file=str(path)), reason=problem.strerror or str(problem))
