"""The table of coded segments: a row for each code that a coder gave a passage, checked against its texts."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from surveykit.coding.codebook import Codebook
from surveykit.errors import Note, Place, SurveykitError, note
from surveykit.instrument.source import short
from surveykit.instrument.yaml_tree import MAX_BYTES, decoded
from surveykit.options import nearest
from surveykit.results import Result, plain

NEEDED = ("segment", "respondent", "code")
COLUMNS = (
    "segment", "respondent", "item", "start", "end", "code", "coder", "stance", "proposition", "summary",
    "passage",
)  # fmt: skip
STANCES = ("supports", "qualified", "contradicts")
OFFSETS = ("start", "end")
LARGEST = 50 * MAX_BYTES


@dataclass(frozen=True)
class Segments(Result):
    """Coded segments.

    `frame`: a row per segment, code and coder. `start` and `end` count characters from 0,
    `end` is the first that no longer belongs (Int64, missing where the text is withheld).
    `code` is empty where a coder looked at the segment and gave no code. `passage`, if
    kept, is the text that was coded. `notes` holds the findings; `dropped` counts the rows
    that could not be used and are no longer in `frame`.
    """

    frame: pd.DataFrame
    dropped: int = 0
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.frame

    def to_dict(self) -> dict[str, Any]:
        """Offsets that are not known as None."""
        return {**super().to_dict(), "frame": plain(without_na(self.frame))}


def without_na(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with None where an offset is missing, as JSON has it."""
    return frame.astype(object).where(frame.notna(), None)


def read_segments(path: str | Path, codebook: Codebook, texts: Mapping[str, str] | None = None) -> Segments:
    """The coded segments of a CSV file (UTF-8), checked.

    Parameters
    ----------
    path : str or Path
        Columns ``segment respondent code`` and any of ``item start end coder stance proposition
        summary passage``. A passage with several codes, or several coders, has several rows.
    codebook : Codebook
    texts : mapping, optional
        Transcripts by respondent (``"A1"``), or by respondent and item (``"A1/q07"``).

    Returns
    -------
    Segments
        `notes`: what `check_segments` finds.

    Raises
    ------
    SurveykitError
        C010 no such file, or one that cannot be read; C011 a needed column is missing, or one is unknown;
        I003-I006 the text of the file.

    Examples
    --------
    >>> read_segments("analyses/lee_trim_interviews/segments.csv", codebook).frame.head()  # doctest: +SKIP
    """
    place = Place(file=str(path))
    try:
        data = Path(path).read_bytes()
    except (OSError, ValueError) as error:
        raise SurveykitError("C010", place=place, reason=str(error)[:200]) from error
    if len(data) > LARGEST:
        raise SurveykitError("I003", place=place, limit=LARGEST // 1_000_000)
    raw, lines = _table(decoded(data, str(path)), str(path))
    return check_segments(raw, codebook, texts, file=str(path), lines=lines)


def _table(text: str, file: str) -> tuple[pd.DataFrame, list[int]]:
    """The cells of a CSV text, and the line on which each row ends.

    A row that is longer or shorter than the header is refused, never shifted.
    """
    rows: list[list[str]] = []
    lines: list[int] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in reader:
            if row and rows and len(row) != len(rows[0]):
                place = Place(file=file, line=reader.line_num)
                raise SurveykitError("C010", place=place, reason=f"{len(row)} ≠ {len(rows[0])}")
            rows += [row] if row else []
            lines += [reader.line_num] if row else []
    except csv.Error as error:
        place = Place(file=file, line=reader.line_num)
        raise SurveykitError("C010", place=place, reason=str(error)[:200]) from error
    return pd.DataFrame(rows[1:], columns=rows[0]), lines[1:]


@dataclass(frozen=True)
class _Where:
    """The place of a row and a column: the line in the file, and the number of the field in it."""

    file: str
    columns: list[str]
    lines: list[int] | None

    def __call__(self, row: object, name: str = "segment") -> Place:
        line = self.lines[int(str(row))] if self.lines is not None else int(str(row)) + 2
        return Place(file=self.file, line=line, column=self.columns.index(name) + 1)


def check_segments(
    table: pd.DataFrame,
    codebook: Codebook,
    texts: Mapping[str, str] | None = None,
    file: str = "segments",
    lines: list[int] | None = None,
) -> Segments:
    """A table of segments in its canonical form, with every finding.

    Rows that cannot be used are left out and counted in `dropped`: C012 unknown code, C013 unknown
    respondent, C014 offsets that are no numbers, in the wrong order or outside the text, C016 unknown
    stance, C017 unknown proposition, C018 no segment id or the same row twice, C019 a segment with two
    places. Kept but told: C015 a passage that its text no longer holds. The place of a finding is the line of
    the file (`lines` where a cell holds line breaks) and the number of the field in it.

    Raises
    ------
    SurveykitError
        C011 a needed column is missing, or one is unknown.
    """
    frame = _canonical(table, file)
    where = _Where(file, [str(name).strip() for name in table.columns], lines)
    found = list(_row_findings(frame, codebook, texts or {}, where))
    bad = {row for row, one in found if one.code != "C015"}
    kept = frame.drop(index=sorted(bad)).reset_index(drop=True)
    return Segments(_typed(kept), len(bad), tuple(one for _, one in found))


def _canonical(table: pd.DataFrame, file: str) -> pd.DataFrame:
    """All columns in their order, as stripped text; empty where a column is not given."""
    names = [str(name).strip() for name in table.columns]
    missing = [name for name in NEEDED if name not in names]
    unknown = [name for name in names if name not in COLUMNS or names.count(name) > 1]
    if missing or unknown:
        wrong = ", ".join(missing or unknown)
        raise SurveykitError("C011", place=Place(file=file, line=1), wrong=wrong, columns=", ".join(COLUMNS))
    frame = table.set_axis(names, axis=1).reset_index(drop=True)
    empty = pd.Series("", index=frame.index, dtype=object)
    columns = {name: _text(frame[name], name) if name in names else empty for name in COLUMNS}
    return pd.DataFrame(columns)


def _text(column: pd.Series[str], name: str) -> pd.Series[str]:
    """Passages keep their blanks: they must equal the text."""
    filled = column.astype(object).where(column.notna(), "")
    text = filled.map(_whole if name in OFFSETS else str)
    return text if name == "passage" else text.str.strip()


def _whole(value: object) -> str:
    """An offset as text: pandas makes 12.0 of 12 where a column has gaps."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    offsets = {name: pd.to_numeric(frame[name].replace("", pd.NA)).astype("Int64") for name in OFFSETS}
    return frame.assign(**offsets)


def _row_findings(
    frame: pd.DataFrame, codebook: Codebook, texts: Mapping[str, str], where: _Where
) -> Iterator[tuple[int, Note]]:
    """Each finding with the index of its row; line 1 of the file is the header."""
    twice = frame.duplicated(["segment", "code", "coder", "proposition"])
    places = ["segment", "respondent", "item", "start", "end"]
    moved = _moved(frame[places])
    checks: dict[str, tuple[str, Collection[str]]] = {
        "respondent": ("C013", codebook.respondents),
        "code": ("C012", codebook.codes),
        "proposition": ("C017", codebook.propositions),
        "stance": ("C016", STANCES),
    }
    segments = frame["segment"]
    for row, segment in segments[(segments == "") | twice].items():
        yield int(str(row)), note("C018", where(row), segment=short(segment))
    for row, segment in segments[moved & ~twice].items():
        yield int(str(row)), note("C019", where(row), segment=short(segment))
    for name, (code, allowed) in checks.items():
        optional = name != "respondent"
        unknown = ~frame[name].isin(list(allowed)) & ((frame[name] != "") | (not optional))
        for row, value in frame.loc[unknown, name].items():
            yield int(str(row)), _unknown(code, where(row, name), value, list(allowed))
    yield from _offset_findings(frame, texts, where)


def _moved(frame: pd.DataFrame) -> pd.Series[bool]:
    """Rows that put a segment elsewhere than its first row does."""
    first = frame.groupby("segment", sort=False)[["respondent", "item", "start", "end"]].transform("first")
    return (first != frame[list(first.columns)]).any(axis=1)


def _unknown(code: str, place: Place, value: str, allowed: list[str]) -> Note:
    shown = ", ".join(allowed[:30])
    facts = {"value": short(value), "allowed": shown, "nearest": nearest(value[:60], allowed) or ""}
    return Note(code, facts, place)


def _offset_findings(
    frame: pd.DataFrame, texts: Mapping[str, str], where: _Where
) -> Iterator[tuple[int, Note]]:
    given = frame[(frame["start"] != "") | (frame["end"] != "")]
    for row, respondent, item, start, end, passage, segment in zip(
        given.index, given["respondent"], given["item"], given["start"], given["end"], given["passage"],
        given["segment"], strict=True,
    ):  # fmt: skip
        text = texts.get(f"{respondent}/{item}", texts.get(respondent))
        numbers = start.isascii() and end.isascii() and start.isdigit() and end.isdigit()
        length = None if text is None else len(text)
        short_enough = numbers and max(len(start), len(end)) <= 9
        if not short_enough or not int(start) < int(end) <= (int(end) if length is None else length):
            facts = {"start": short(start), "end": short(end), "length": "?" if text is None else length}
            name = "start" if start and "start" in where.columns else "end"
            yield row, Note("C014", {"segment": short(segment), **facts}, where(row, name))
        elif text is not None and passage and text[int(start) : int(end)] != passage:
            yield row, note("C015", where(row, "passage"), segment=short(segment))
