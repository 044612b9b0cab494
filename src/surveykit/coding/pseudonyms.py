"""Names in transcripts, found against the key list that is kept apart from the study."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from surveykit.coding.transcripts import LARGEST, Transcript, transcript_of
from surveykit.errors import Note, Place, SurveykitError, note
from surveykit.instrument.yaml_tree import decoded

COLUMNS = ("name", "pseudonym")
MADE = "respondent"
LATIN_EDGE = (r"(?<![^\W\d_])", r"(?![^\W\d_])")


def read_key(path: str | Path) -> dict[str, str]:
    """A key list: what each real name of a person or company is called instead.

    Parameters
    ----------
    path : str or Path
        A CSV file (UTF-8) with the columns ``name`` and ``pseudonym``; a person may have several names. Or
        the key of `make_pseudonyms`: ``respondent`` is the pseudonym, every other column names the person.
        Keep it outside the study's folder.

    Raises
    ------
    SurveykitError
        C083 no such file, other columns, an empty name or pseudonym; I003-I006 the text of the file.
    """
    place = Place(file=str(path))
    try:
        data = Path(path).read_bytes()[: LARGEST + 1]
    except (OSError, ValueError) as error:
        raise SurveykitError("C083", place=place, reason=str(error)[:200]) from error
    table = csv.DictReader(io.StringIO(decoded(data, str(path)), newline=""))
    columns = [name.strip() for name in table.fieldnames or ()]
    table.fieldnames = columns
    if MADE in columns and len(columns) > 1:
        pseudonym, names = MADE, [column for column in columns if column != MADE]
    elif set(COLUMNS) <= set(columns):
        pseudonym, names = COLUMNS[1], [COLUMNS[0]]
    else:
        raise SurveykitError("C083", place=place, reason=", ".join(columns))
    key: dict[str, str] = {}
    for row in table:
        own = [(row[column] or "").strip() for column in names]
        meant = (row[pseudonym] or "").strip()
        if not meant or not any(own):
            raise SurveykitError("C083", place=Place(file=str(path), line=table.line_num), reason="–")
        key |= {name: meant for name in own if len(name) > 1}
    return key


def find_names(transcript: Transcript, key: Mapping[str, str]) -> tuple[Note, ...]:
    """C084 for every real name that stands in a transcript, with its line; the name itself is not repeated.

    Upper and lower case and the number of blanks do not count; a name in Latin letters must stand as a word.
    """
    found = []
    for match in _pattern(key).finditer(transcript.text) if key else ():
        line = transcript.text.count("\n", 0, match.start()) + 1
        pseudonym = _meant(match[0], key)
        place = Place(file=transcript.name, line=line)
        found.append(note("C084", place, pseudonym=pseudonym, position=match.start()))
    return tuple(found)


def pseudonymised(transcript: Transcript, key: Mapping[str, str]) -> tuple[Transcript, pd.DataFrame]:
    """The transcript with every name of the key list replaced, and the log: ``pseudonym n``.

    To be done before coding: places in the text move.
    """
    if not key:
        return transcript, pd.DataFrame({"pseudonym": [], "n": []})
    pattern, counts = _pattern(key), dict[str, int]()

    def swap(match: re.Match[str]) -> str:
        pseudonym = _meant(match[0], key)
        counts[pseudonym] = counts.get(pseudonym, 0) + 1
        return pseudonym

    columns = ["speaker", "begins", "ends", "text"]
    turns = [
        (pattern.sub(swap, speaker), begins, ends, pattern.sub(swap, said))
        for speaker, begins, ends, said in transcript.turns[columns].itertuples(index=False)
    ]
    clean = replace(transcript_of(transcript.name, turns), notes=transcript.notes)
    return clean, pd.DataFrame(sorted(counts.items()), columns=["pseudonym", "n"])


def _pattern(key: Mapping[str, str]) -> re.Pattern[str]:
    """Any of the names, longer ones first."""
    parts = []
    for name in sorted(key, key=len, reverse=True):
        words = r"\s+".join(re.escape(word) for word in name.split())
        before = LATIN_EDGE[0] if name[0].isascii() else ""
        after = LATIN_EDGE[1] if name[-1].isascii() else ""
        parts.append(f"{before}{words}{after}")
    return re.compile("|".join(parts), re.IGNORECASE)


def _meant(found: str, key: Mapping[str, str]) -> str:
    plain = " ".join(found.split()).casefold()
    return next(value for name, value in key.items() if " ".join(name.split()).casefold() == plain)
