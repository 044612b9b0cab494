"""How a form looks: fonts that are there, quiet colours, rows high enough that nothing is cut off.

Excel does not fit the height of a row to its text when a file made by a
program is opened, and never where cells are merged. So the height is worked
out here, from the widths of the characters: a full-width character takes two
columns of a digit, Latin words and Hangul wrap at blanks, kana and kanji
anywhere.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.protection import Protection

# Fonts that Excel brings on Windows and Mac; elsewhere the system's CJK font steps in.
FONTS = {"ja": ("Yu Gothic", 128), "ko": ("Malgun Gothic", 129)}
LATIN = ("Calibri", None)
# Height of a line in points for one point of font size.
LINE = {"ja": 1.70, "ko": 1.62}
LATIN_LINE = 1.40
SIZE = 11
ROW_LIMIT = 409.0

INK, MUTED, BAND, PALE, INPUT, RULE = "1F2933", "5F6B7A", "27496D", "EAF0F6", "FFFDF2", "B8C2CC"
WRONG_FILL, WRONG_INK, HIDDEN_FILL, HIDDEN_INK = "F8C9C4", "8C1D18", "E4E7EB", "9AA5B1"

LOCKED, OPEN = Protection(locked=True), Protection(locked=False)
HAIR = Side(style="hair", color=RULE)
THIN = Side(style="thin", color="7B8794")
FRAME = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
UNDER = Border(bottom=HAIR)
WRAP = Alignment(wrap_text=True, vertical="top")
WRAP_MIDDLE = Alignment(wrap_text=True, vertical="center")


@cache
def script(lang: str) -> str:
    """The language that decides on the font: of a bilingual form (``en+ja``) the one that needs its own."""
    return next((one for one in lang.split("+") if one in FONTS), lang)


@cache
def font(
    lang: str, *, size: float = SIZE, bold: bool = False, color: str = INK, italic: bool = False
) -> Font:
    """A font of the language's own; italics only where the script has them."""
    lang = script(lang)
    name, charset = FONTS.get(lang, LATIN)
    return Font(
        name=name, charset=charset, size=size, bold=bold, color=color, italic=italic and lang not in FONTS
    )


@cache
def fill(color: str) -> PatternFill:
    """One flat colour."""
    return PatternFill("solid", fgColor=color, bgColor=color)


@dataclass(frozen=True)
class Style:
    """Everything about a cell's look that is not its text."""

    font: Font
    fill: PatternFill | None = None
    alignment: Alignment = WRAP
    border: Border | None = None
    protection: Protection = LOCKED
    number_format: str = "General"


# Widths of Latin letters in digits, rounded up from Calibri's; the Latin of the CJK fonts is wider.
LATIN_WIDTHS = {
    **dict.fromkeys("iljI.,:;'| ", 0.5),
    **dict.fromkeys('ftr()[]{}!-"`', 0.7),
    **dict.fromkeys("mwMW@%—", 1.75),
}
CJK_LATIN = 1.15


@cache
def char_width(char: str, lang: str) -> float:
    """Width of a character in columns of a digit."""
    width, lang = unicodedata.east_asian_width(char), script(lang)
    if width in "WF" or (width == "A" and lang in FONTS):
        return 2.15
    if unicodedata.combining(char):
        return 0.0
    latin = LATIN_WIDTHS.get(char, 1.3 if char.isupper() else 1.02)
    return latin * CJK_LATIN if lang in FONTS else latin


def line_count(text: str, columns: float, lang: str, scale: float = 1.0) -> int:
    """How many lines a text takes in a cell `columns` wide; `scale` is its font size over 11."""
    room = max(columns * 0.97 - 1.2, 3.0) / scale
    return sum(_wrapped(paragraph, room, lang) for paragraph in text.split("\n"))


# Where a line may break: around kana and kanji, at blanks, never at a no-break space.
EAST = "\u3001-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef"
PIECES = re.compile(rf"[{EAST}]|[ \t\u3000]+|[^ \t\u3000{EAST}]+")


def _wrapped(paragraph: str, room: float, lang: str) -> int:
    lines, used = 1, 0.0
    for piece in PIECES.findall(paragraph):
        width = sum(char_width(char, lang) for char in piece)
        if used + width <= room:
            used += width
        elif piece.strip(" \t\u3000") == "":
            used = room
        elif width <= room:
            lines, used = lines + 1, width
        else:  # a word longer than the line is broken
            spill = (used + width) / room
            lines, used = lines + math.ceil(spill) - 1, width % room
    return lines


def height(text: str, columns: float, lang: str, *, size: float = SIZE, bold: bool = False) -> float:
    """Height of a row in points that shows all of a text."""
    scale = size / SIZE * (1.06 if bold else 1.0)
    return math.ceil(line_count(text, columns, lang, scale) * size * LINE.get(script(lang), LATIN_LINE) + 5)
