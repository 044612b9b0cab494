"""Transcripts in: plain text, Word and subtitles (.srt, .vtt), as turns of speakers with their places."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from surveykit.coding.word_text import word_text
from surveykit.errors import Note, Place, SurveykitError, note
from surveykit.form.encodings import NAMES, Decoded, decode
from surveykit.instrument.yaml_tree import FORBIDDEN, decoded
from surveykit.results import Result

LARGEST = 20_000_000
FORMATS = (".txt", ".docx", ".srt", ".vtt")
# "Kim: ...", "鈴木：...", "I-1: ..." at the start of a line: at most three words, 30 characters.
NAME = r"(?=[^\n:：]{1,30}[:：])[^\W\d_][^\s:：]*(?: [^\s:：]+){0,2}"
SPEAKER = re.compile(rf"(?P<speaker>{NAME})\s?(?:：|:\s+)(?=\S)")
TIMES = re.compile(
    r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})\s*-->\s*(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3}).*"
)
VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
TAG = re.compile(r"</?[A-Za-z0-9][^<>]*>")


@dataclass(frozen=True)
class Transcript(Result):
    """One interview as text. `text`: what segments point into (plain line ends, subtitles joined).

    `turns`: ``turn speaker start end begins ends text``; ``text[start:end]`` is the turn, ``begins`` and
    ``ends`` are seconds of the recording (NaN in plain text), ``speaker`` is "" where none is named.
    """

    name: str
    text: str
    turns: pd.DataFrame
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.turns


def read_transcript(path: str | Path) -> Transcript:
    """A transcript from a .txt, .srt or .vtt file, or a Word document (.docx).

    Text may be UTF-8, UTF-16, or what Japanese and Korean Windows write (cp932, cp949), which is told.

    In plain text and in Word a turn starts with a line such as ``Kim: ...``; a line without a name goes
    on with the turn before it. A line that opens with one to three words and a colon is
    taken for a name: `turns` shows what was read. In subtitles the name stands the same way or as a
    voice tag (``<v Kim>``); cues of one speaker in a row make one turn.

    Returns
    -------
    Transcript
        `name` is the file's name without its ending; `notes`: C054 no speaker is named; E072 the encoding
        was told by the characters.

    Raises
    ------
    SurveykitError
        C050 no such file, or one that cannot be read; C051 another kind of file; C052 subtitles without a
        single time line; C053 a cue that ends before it begins; C055 no usable Word document; I003, I005
        or I006 the text of the file; E070 its encoding.

    Examples
    --------
    >>> import tempfile
    >>> import surveykit as sk
    >>> file = Path(tempfile.mkdtemp()) / "A1.txt"
    >>> _ = file.write_text("I: Q7 What of trust?\\nA1: It takes time.", encoding="utf-8")
    >>> sk.read_transcript(file).turns[["speaker", "start", "end"]].values.tolist()
    [['I', 3, 20], ['A1', 25, 39]]
    """
    where = Path(path)
    place = Place(file=str(path))
    kind = where.suffix.lower()
    if kind not in FORMATS:
        raise SurveykitError("C051", place=place, found=kind or "–", allowed=", ".join(FORMATS))
    try:
        with where.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise SurveykitError("C050", place=place, reason=str(error)[:200]) from error
    if len(data) > LARGEST:
        raise SurveykitError("I003", place=place, limit=LARGEST // 1_000_000)
    if kind == ".docx":
        data = word_text(data, place).encode()
    found = _text_of(data, place)
    text = found.text.replace("\r\n", "\n").replace("\r", "\n")
    turns = _plain_turns(text) if kind in (".txt", ".docx") else _cue_turns(text, place)
    read = transcript_of(where.stem, turns)
    if not found.detected:
        return read
    encoding = NAMES.get(found.encoding, "UTF-16")
    return replace(read, notes=(note("E072", place, file=where.name, encoding=encoding), *read.notes))


def _text_of(data: bytes, place: Place) -> Decoded:
    """UTF-8, else UTF-16 or what Japanese and Korean Windows write."""
    file = place.file or ""
    try:
        return Decoded(decoded(data, file), "utf-8")
    except SurveykitError as error:
        if error.code != "I004":
            raise
    found = decode(data, place)
    return replace(found, text=decoded(found.text.encode(), file))


Turn = tuple[str, float, float, str]


def transcript_of(name: str, turns: list[Turn]) -> Transcript:
    """The turns one below the other, each with its place."""
    rows, position = [], 0
    lines = []
    for number, (speaker, begins, ends, said) in enumerate(turns, start=1):
        line = f"{speaker}: {said}" if speaker else said
        start = position + len(line) - len(said)
        lines.append(line)
        position += len(line) + 1
        rows.append((number, speaker, start, start + len(said), begins, ends, said))
    columns = ["turn", "speaker", "start", "end", "begins", "ends", "text"]
    notes = () if any(turn[0] for turn in turns) else (note("C054"),)
    return Transcript(name, "\n".join(lines), pd.DataFrame(rows, columns=columns), notes)


def _plain_turns(text: str) -> list[Turn]:
    turns: list[Turn] = []
    nan = float("nan")
    for line in text.split("\n"):
        speaker, said = _speaker(line.strip())
        if speaker or not turns:
            turns += [(speaker, nan, nan, said)] if speaker or said else []
        elif said:
            before = turns[-1]
            turns[-1] = (*before[:3], f"{before[3]}\n{said}" if before[3] else said)
    return turns


def _speaker(line: str) -> tuple[str, str]:
    match = SPEAKER.match(line)
    if match is None:
        return "", line
    return match["speaker"], line[match.end() :].strip()


def _cue_turns(text: str, place: Place) -> list[Turn]:
    turns: list[Turn] = []
    lines = text.split("\n")
    at = [number for number, line in enumerate(lines) if TIMES.fullmatch(line.strip())]
    if not at:
        raise SurveykitError("C052", place=place)
    for number in at:
        begins, ends = _times(lines[number].strip())
        if ends < begins:
            raise SurveykitError("C053", place=Place(file=place.file, line=number + 1))
        said = []
        for line in lines[number + 1 :]:
            if not line.strip():
                break
            said.append(line.strip())
        turns = _with_cue(turns, begins, ends, said)
    return turns


def _with_cue(turns: list[Turn], begins: float, ends: float, said: list[str]) -> list[Turn]:
    """A cue without a name, or with the name of the turn before it, goes on with that turn."""
    for line in said:
        voice = VOICE.search(line)
        clean = FORBIDDEN.sub("", html.unescape(TAG.sub("", line))).strip()
        speaker, words = (voice.group(1).strip(), clean) if voice else _speaker(clean)
        if not words:
            continue
        if turns and speaker in ("", turns[-1][0]):
            before = turns[-1]
            turns[-1] = (before[0], before[1], ends, f"{before[3]} {words}")
        else:
            turns.append((speaker, begins, ends, words))
    return turns


def _times(line: str) -> tuple[float, float]:
    match = TIMES.fullmatch(line)
    assert match is not None  # the caller chose the line by it
    parts = [int(one or 0) for one in match.groups()]
    thousandths = [int(match.group(at).ljust(3, "0")) / 1000 for at in (4, 8)]
    begins = parts[0] * 3600 + parts[1] * 60 + parts[2] + thousandths[0]
    return begins, parts[4] * 3600 + parts[5] * 60 + parts[6] + thousandths[1]
