"""Every refusal, finding and note: a code, the place, what is allowed, what to do.

The words stand in `catalogue/*.toml`, one file an area, in English, Japanese
and Korean; code raises a number and its facts, never a sentence:

    raise SurveykitError("O002", option="conf_level", value=95)

A test fails where a code is missing from the catalogue, lacks a language,
names other fields in one language than in another, or stands in no test.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any

LANGUAGES = ("en", "ja", "ko")


@cache
def catalogue() -> Mapping[str, Mapping[str, Any]]:
    """Every code with its words: ``{"O001": {"says": {"en": ...}, "remedy": {"en": ...}}}``."""
    entries: dict[str, Mapping[str, Any]] = {}
    for source in sorted(files("surveykit").joinpath("catalogue").iterdir(), key=lambda path: path.name):
        if source.name.endswith(".toml"):
            area = tomllib.loads(source.read_text(encoding="utf-8"))
            twice = entries.keys() & area.keys()
            if twice:
                raise ValueError(f"{source.name} defines {sorted(twice)} a second time")
            entries.update(area)
    return entries


def words(code: str, part: str, lang: str, fields: Mapping[str, Any]) -> str:
    """One part (`says` or `remedy`) of a catalogue entry, filled in; English where `lang` is unknown."""
    by_language = catalogue()[code].get(part, {})
    template = by_language.get(lang) or by_language.get("en", "")
    return filled(without_gaps(str(template), fields), lang, fields) if template else ""


# What a Korean particle looks like after a consonant, and after a vowel.
PARTICLES = {"은(는)": ("은", "는"), "이(가)": ("이", "가"), "을(를)": ("을", "를"), "와(과)": ("과", "와"),
             "과(와)": ("과", "와"), "(으)로": ("으로", "로"), "(이)라": ("이라", "라")}  # fmt: skip
PARTICLE = re.compile("|".join(re.escape(one) for one in PARTICLES))
# Digits as they are read: yeong, il, sam, yuk, chil and pal end in a consonant; il, chil and pal in an l.
CONSONANT_DIGITS, L_DIGITS = "013678", "178"
HANGUL, FINALS, L_FINAL = 0xAC00, 28, 8


def filled(template: str, lang: str, fields: Mapping[str, Any]) -> str:
    """A text with its fields; in Korean with particles that fit the word before them.

    A particle is left open after a word in another script, and what a field says stays as it is.

    >>> filled("{name}(n = 3)과(와) '한국'이(가), 3을(를) 2(으)로, x은(는)", "ko", {"name": "일본"})
    "일본(n = 3)과 '한국'이, 3을 2로, x은(는)"
    >>> filled("'{text}'은(는)", "ko", {"text": "학교은(는) 좋다"})
    "'학교은(는) 좋다'는"
    """
    if lang != "ko":
        return template.format_map(fields)
    text = ""
    for words_between, name, spec, conversion in Formatter().parse(template):
        text = _with_particles(text, words_between)
        if name is not None:
            convert = f"!{conversion}" if conversion else ""
            text += f"{{{name}{convert}:{spec}}}".format_map(fields)
    return text


def _with_particles(before: str, following: str) -> str:
    """Words of a template added to a text, their particles chosen."""
    said, end = before, 0
    for found in PARTICLE.finditer(following):
        said += following[end : found.start()]
        said += _particle(said, found[0])
        end = found.end()
    return said + following[end:]


def _particle(before: str, particle: str) -> str:
    last = _last_letter(before)
    if "가" <= last <= "힣":
        final = (ord(last) - HANGUL) % FINALS
        consonant, ends_in_l = final > 0, final == L_FINAL
    elif last.isdigit() and last.isascii():
        consonant, ends_in_l = last in CONSONANT_DIGITS, last in L_DIGITS
    else:
        return particle
    after_vowel = not consonant or (particle == "(으)로" and ends_in_l)
    return PARTICLES[particle][1 if after_vowel else 0]


def without_gaps(template: str, fields: Mapping[str, Any]) -> str:
    """What stands in [[double brackets]] is said only where all its fields have something to say.

    Brackets around words without a field are the words' own: pandas' ``frame[["a", "b"]]``.
    """

    def kept(part: re.Match[str]) -> str:
        named = re.findall(r"\{(\w+)\}", part[1])
        if not named:
            return part[0]
        return part[1] if all(fields.get(name) for name in named) else ""

    return re.sub(r"\[\[(.*?)\]\]", kept, template)


def _last_letter(before: str) -> str:
    """The last letter or digit; what stands in brackets or closes a quotation is not said aloud."""
    end = len(before)
    while end:
        letter = before[end - 1]
        if letter == ")" and "(" in before[:end]:
            end = before.rindex("(", 0, end)
        elif letter in " '\"’”」])":
            end -= 1
        else:
            return letter
    return ""


@dataclass(frozen=True)
class Place:
    """Where something is wrong: as much of it as is known."""

    file: str | None = None
    line: int | None = None
    column: int | None = None
    sheet: str | None = None
    cell: str | None = None

    def __str__(self) -> str:
        where = self.file or ""
        if self.line is not None:
            where = f"{where or 'line'}:{self.line}"
            if self.column is not None:
                where += f":{self.column}"
        parts = [where] if where else []
        if self.sheet:
            parts.append(f"sheet '{self.sheet}'")
        if self.cell is not None:
            parts.append(f"cell {self.cell}")
        return ", ".join(parts)


@dataclass(frozen=True)
class Note:
    """A finding, an assumption or a warning: a code and its facts, put into words when it is read."""

    code: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    place: Place | None = None

    def text(self, lang: str = "en") -> str:
        """What happened, in one language."""
        return words(self.code, "says", lang, self.fields)

    def remedy(self, lang: str = "en") -> str:
        """What to do about it; empty where there is nothing to do."""
        return words(self.code, "remedy", lang, self.fields)

    def full(self, lang: str = "en") -> str:
        """Code, place, text and remedy, as printed."""
        place = f" {self.place}:" if self.place is not None and str(self.place) else ""
        remedy = self.remedy(lang)
        return f"[{self.code}]{place} {self.text(lang)}" + (f"\n  {remedy}" if remedy else "")

    def __str__(self) -> str:
        return Told(self)


class Told(str):
    """A note in English that keeps the note: whoever shows a warning can tell it in another language."""

    note: Note

    def __new__(cls, told: Note) -> Told:
        words = super().__new__(cls, f"[{told.code}] {told.text()}")
        words.note = told
        return words

    def __reduce__(self) -> tuple[Any, ...]:
        return (Told, (self.note,))


def note(code: str, place: Place | None = None, **fields: Any) -> Note:
    """Short for ``Note(code, fields, place)``."""
    return Note(code, fields, place)


class SurveykitError(Exception):
    """A refusal. `str(error)` says code, place, what is allowed and what to do, in English."""

    def __init__(self, code: str, *, place: Place | None = None, **fields: Any) -> None:
        self.note = Note(code, fields, place)
        super().__init__(self.note.full())

    @property
    def code(self) -> str:
        return self.note.code

    @property
    def place(self) -> Place | None:
        return self.note.place

    @property
    def fields(self) -> Mapping[str, Any]:
        return self.note.fields

    def text(self, lang: str = "en") -> str:
        """The whole refusal in one language."""
        return self.note.full(lang)

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (self.note,))


def _rebuild(what: Note) -> SurveykitError:
    return SurveykitError(what.code, place=what.place, **what.fields)


class SurveykitProblems(SurveykitError):
    """Several refusals at once; `.problems` holds each. Raised under the code of the first."""

    def __init__(self, problems: tuple[Note, ...]) -> None:
        first = problems[0]
        super().__init__(first.code, place=first.place, **first.fields)
        self.problems = problems
        self.args = ("\n".join(problem.full() for problem in problems),)

    def text(self, lang: str = "en") -> str:
        return "\n".join(problem.full(lang) for problem in self.problems)

    def __reduce__(self) -> tuple[Any, ...]:
        return (SurveykitProblems, (self.problems,))


class SurveykitWarning(UserWarning):
    """Something the user should know about a result that was computed all the same."""
