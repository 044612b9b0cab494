"""Statistical symbols stand in italics (APA 7, 6.44): where they do, found in plain text."""

from __future__ import annotations

import re

# A header or a whole word that is a symbol; Greek letters and abbreviations stay upright.
_SYMBOLS = (
    "M",
    "SD",
    "SE",
    "n",
    "N",
    "t",
    "df",
    "p",
    "g",
    "d",
    "U",
    "z",
    "F",
    "r",
    "B",
    "R²",
    "ΔR²",
    "Mdn",
    "V",
    "k",
)
_HEADER = re.compile(r"(?<![\w.])(" + "|".join(_SYMBOLS) + r")(?![\w.])")
_SENTENCE = re.compile(r"(?<![\w.])(" + "|".join(_SYMBOLS) + r")(?=(?:\([^)]*\))?\s[=<>≥≤]\s)")

Run = tuple[str, bool]


def header_runs(text: str) -> list[Run]:
    """A header in pieces, each with whether it is italic. Only a header made of symbols is looked at.

    >>> header_runs("M (SD)")
    [('M', True), (' (', False), ('SD', True), (')', False)]
    >>> header_runs("Scale")
    [('Scale', False)]
    """
    words = re.findall(r"[^\W\d_]+", text)
    if not all(word in _SYMBOLS or len(word) == 1 or word in ("CI", "Welch", "Hedges") for word in words):
        return [(text, False)]
    return _split(_HEADER, text)


def sentence_runs(text: str) -> list[Run]:
    """A sentence in pieces: a symbol is italic where a value follows it.

    >>> sentence_runs("It was t(38.2) = 2.10, p = .042.")
    [('It was ', False), ('t', True), ('(38.2) = 2.10, ', False), ('p', True), (' = .042.', False)]
    """
    return _split(_SENTENCE, text)


def _split(pattern: re.Pattern[str], text: str) -> list[Run]:
    runs: list[Run] = []
    end = 0
    for found in pattern.finditer(text):
        if found.start() > end:
            runs.append((text[end : found.start()], False))
        runs.append((found.group(1), True))
        end = found.end(1)
    if end < len(text):
        runs.append((text[end:], False))
    return runs
