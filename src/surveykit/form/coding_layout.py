"""A coding sheet: passages beside drop-downs of codes. Which cell holds what, for the writer and the reader.

Every line of the sheet carries its passage and number in the hidden first
column; every passage stands once more on a hidden sheet, with its place and
the hash of its text. The reader takes a line only where both agree.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from surveykit.wording import wording

FORMAT = "surveykit-coding-1"
UNITS_SHEET, CODES_LISTS = "_surveykit_units", "_surveykit_lists"
ANCHOR, WHO, TEXT, CODE, WORDS, PROPOSITION, STANCE, SUMMARY = "A", "B", "C", "D", "E", "F", "G", "H"
FIELDS = {CODE: "code", WORDS: "words", PROPOSITION: "proposition", STANCE: "stance", SUMMARY: "summary"}
CODING_MARK = "skc_anchor"
HEADER_ROW = 5
LINES = 3
STANCES = ("supports", "qualified", "contradicts")
NO_CODE = "-"
SEPARATOR = " – "


@dataclass(frozen=True)
class Unit:
    """A passage to be coded: ``text`` is ``source[start:end]`` of its respondent's text.

    `start` and `end` are None where the text it was cut from is withheld; `question` is shown beside it.
    """

    id: str
    respondent: str
    item: str
    start: int | None
    end: int | None
    text: str
    question: str = ""

    @property
    def digest(self) -> str:
        """Of the text as it was sent out."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class CodeEntry:
    """A code as the coder sees it: its name in the drop-down, the rest on the sheet of codes."""

    id: str
    name: str
    definition: str = ""
    when: str = ""
    when_not: str = ""
    example: str = ""


@dataclass(frozen=True)
class CodingSheet:
    """What goes out to one coder. `parts`: whether words of a passage may be picked."""

    codebook: str
    version: str
    coder: str
    language: str
    units: tuple[Unit, ...]
    codes: tuple[CodeEntry, ...]
    propositions: Mapping[str, str]
    parts: bool = True

    @property
    def sheet_id(self) -> str:
        """The same whenever the same passages go out to the same coder."""
        facts = (self.codebook, self.coder, *(f"{one.id}|{one.digest}" for one in self.units))
        return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:16]

    def lists(self) -> dict[str, dict[str, str]]:
        """For each drop-down: what it shows, by the id that it stands for."""
        codes = {NO_CODE: NO_CODE + SEPARATOR + wording("coding", "no_code", self.language)}
        codes |= {one.id: f"{one.id}{SEPARATOR}{' '.join(one.name.split())}" for one in self.codes}
        stances = {
            one: f"{one}{SEPARATOR}{wording('coding', one, self.language)}" if self.language != "en" else one
            for one in STANCES
        }
        return {"code": codes, "proposition": {id: id for id in self.propositions}, "stance": stances}


def anchor(unit: str, line: int) -> str:
    """The word in a line's hidden first column."""
    return f"{unit}|{line}"
