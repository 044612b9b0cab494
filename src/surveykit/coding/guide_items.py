"""Which item of the guide is being answered: found by markers, or by the words of the question."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from surveykit.coding.transcripts import Transcript
from surveykit.errors import Note, Place, note
from surveykit.instrument.model import Instrument
from surveykit.instrument.source import short

# "[q07]", "Q7.", "問7", "質問 7:", "질문 7)", at the start of a line.
MARKER = re.compile(
    r"^[ \t]*(?:\[\s*(?P<id>[A-Za-z][A-Za-z0-9_]*)\s*\]|"
    r"(?:[QＱ]|質問|問い?|질문|문항|문)[ \t]*\.?[ \t]*(?P<number>[0-9０-９]{1,3})(?=[.):：）。、\]\s]|$))",
    re.IGNORECASE,
)
LETTERS = re.compile(r"[\W_]+")
# A question of fewer letters could stand in any sentence.
SHORTEST_QUESTION = 8
KANA, HAN = re.compile("[\u3040-\u30ff]"), re.compile("[\u3400-\u9fff]")
HANGUL, LATIN = re.compile("[\uac00-\ud7a3\u1100-\u11ff]"), re.compile("[A-Za-z]")


@dataclass(frozen=True)
class Question:
    """Where a question stands: an item, or None where the marker names none."""

    at: int
    item: str | None
    marker: str


def match_items(transcript: Transcript, guide: Instrument) -> Transcript:
    """The transcript with an ``item`` and a ``language`` for every turn.

    A marker at the start of a line (``[q07]``, ``Q7``, ``問7``, ``질문 7``) or the words of a question, in
    any of the guide's languages, begin an item; it lasts until the next. A turn in which an item begins is
    cut there. Nothing is taken away: what belongs to no item has the item "".

    Parameters
    ----------
    transcript : Transcript
    guide : Instrument

    Returns
    -------
    Transcript
        `turns` with two further columns. ``language``: "ja" with kana, "ko" with Hangul, "en" with Latin
        letters, several as in ``"en ja"``. `notes`: C080 turns before the first question or behind an unknown
        one; C081 a marker that names no item; C082 items that were never found.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import surveykit as sk
    >>> file = Path(tempfile.mkdtemp()) / "A1.txt"
    >>> _ = file.write_text("I: Q7 What of service?\\nA1: 納期が大切です。", encoding="utf-8")
    >>> guide = sk.read_instrument("instruments/interview_guide.yaml")
    >>> found = sk.match_items(sk.read_transcript(file), guide)
    >>> found.turns[["speaker", "item", "language"]].values.tolist()
    [['I', 'q07', 'en'], ['A1', 'q07', 'ja']]
    """
    questions = list(_questions(transcript.turns, guide))
    rows, notes = [], list(transcript.notes)
    columns = [*transcript.turns.columns, "item", "language"]
    for row in transcript.turns.to_dict("records"):
        for start, end, item in _parts(int(row["start"]), int(row["end"]), questions):
            said = transcript.text[start:end]
            row["speaker"] = "" if MARKER.match(f"{row['speaker']} ") else row["speaker"]
            rows.append({**row, "start": start, "end": end, "text": said, "item": item or "",
                         "language": script_languages(said)})  # fmt: skip
    turns = pd.DataFrame(rows, columns=columns)
    file = transcript.name
    for one in questions:
        if one.item is None:
            line = transcript.text.count("\n", 0, one.at) + 1
            notes.append(note("C081", Place(file=file, line=line), marker=short(one.marker)))
    loose = turns[turns["item"] == ""]
    if len(loose):
        first = short(str(loose.iloc[0]["text"]))
        notes.append(
            Note("C080", {"count": len(loose), "total": len(turns), "first": first}, Place(file=file))
        )
    asked = {one.item for one in questions}
    never = [item.id for item in guide.items if item.type == "open" and item.id not in asked]
    if never:
        notes.append(Note("C082", {"count": len(never), "items": ", ".join(never)}, Place(file=file)))
    return replace(transcript, turns=turns, notes=tuple(notes))


def is_marker(text: str) -> bool:
    """Whether a text is a mark of the guide and nothing else: ``[q08]``, ``Q8.``, ``問8``."""
    match = MARKER.match(text)
    return match is not None and not LETTERS.sub("", text[match.end() :])


def script_languages(text: str) -> str:
    """The languages whose letters stand in a text: en, ja, ko; Chinese characters alone are "ja"."""
    found = {"en": LATIN.search(text), "ja": KANA.search(text), "ko": HANGUL.search(text)}
    if not found["ja"] and not found["ko"]:
        found["ja"] = HAN.search(text)
    return " ".join(lang for lang, match in found.items() if match)


def _questions(turns: pd.DataFrame, guide: Instrument) -> Iterator[Question]:
    """Every line of a turn that begins an item, in order."""
    by_number = _numbers(guide)
    ids = {item.id.casefold(): item.id for item in guide.items}
    asked = _in_plain_words(guide)
    for speaker, start, said in zip(turns["speaker"], turns["start"], turns["text"], strict=True):
        at = int(start)
        for number, line in enumerate(str(said).split("\n")):
            # "Q7: ..." has been read as a speaker of that name.
            named = MARKER.match(f"{speaker} ") if number == 0 else None
            match = named or MARKER.match(line)
            if match is not None:
                item = ids.get(match["id"].casefold()) if match["id"] else by_number.get(int(match["number"]))
                yield Question(at, item, match[0].strip())
            else:
                plain = _plain(line)
                held = [(len(words), item) for words, item in asked if words in plain]
                if held:
                    yield Question(at, max(held)[1], "")
            at += len(line) + 1


def _numbers(guide: Instrument) -> Mapping[int, str]:
    """Items by number: the one in their id (``q07``), else their place."""
    numbers: dict[int, str] = {}
    for place, item in enumerate(guide.items, 1):
        digits = re.fullmatch(r"[a-z_]*?0*(\d+)", item.id)
        numbers.setdefault(int(digits[1]) if digits else place, item.id)
    return numbers


def _in_plain_words(guide: Instrument) -> list[tuple[str, str]]:
    """The words of every question in every language, with its item."""
    return [
        (plain, item.id)
        for item in guide.items
        for words in item.text.values()
        if len(plain := _plain(words)) >= SHORTEST_QUESTION
    ]


def _plain(text: str) -> str:
    return LETTERS.sub("", text.casefold())


def _parts(start: int, end: int, questions: list[Question]) -> Iterator[tuple[int, int, str | None]]:
    """A turn cut where an item begins; the question before its first character holds at its start."""
    before = [one for one in questions if one.at <= start]
    item = before[-1].item if before else None
    first = start
    for one in questions:
        if start < one.at < end:
            if one.at > first:
                yield first, one.at, item
            first, item = one.at, one.item
    if first < end:
        yield first, end, item
