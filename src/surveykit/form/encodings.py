"""Text files as Japanese and Korean Excel write them: encodings are told by the bytes, never guessed.

UTF-8 and UTF-16 tell themselves. cp932 (Japanese Windows) and cp949 (Korean)
do not: bytes of the one often decode as the other. What is told apart is how
ordinary the characters are that come out: Korean read as Japanese is a row of
half-width kana, Japanese read as Korean is a row of syllables nobody writes.
"""

from __future__ import annotations

from dataclasses import dataclass

from surveykit.errors import Place, SurveykitError

LEGACY = ("cp932", "cp949")
NAMES = {"cp932": "cp932 (Shift_JIS)", "cp949": "cp949 (EUC-KR)"}
# How much more ordinary the better reading has to be, as a share of the characters that are not ASCII.
MARGIN = 0.2
ORDINARY = 0.8


def delimiter(text: str) -> str:
    """What parts the cells of a table: the sign that its first line has most of, else a comma."""
    first = text.lstrip("\ufeff").split("\n", 1)[0]
    counts = {sign: first.count(sign) for sign in ",;\t"}
    return max(counts, key=lambda sign: counts[sign])


@dataclass(frozen=True)
class Decoded:
    """A text and the encoding it was in. `detected`: found out by its characters, so worth saying."""

    text: str
    encoding: str
    detected: bool = False


def decode(data: bytes, place: Place) -> Decoded:
    """The text of a file.

    Raises
    ------
    SurveykitError
        E070 the encoding cannot be told; E071 the file holds NUL bytes: no text.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Decoded(_strict(data, "utf-16", place), "utf-16")
    if data.startswith(b"\xef\xbb\xbf"):
        return Decoded(_strict(data, "utf-8-sig", place), "utf-8")
    if b"\0" in data:
        return _utf16_without_mark(data, place)
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        return _legacy(data, place)


def _strict(data: bytes, encoding: str, place: Place) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise SurveykitError("E070", place=place) from None


def _utf16_without_mark(data: bytes, place: Place) -> Decoded:
    """UTF-16 whose mark was lost: every other byte of its line ends and delimiters is zero."""
    for encoding, marks in (
        ("utf-16-le", (b"\n\0", b",\0", b"\t\0")),
        ("utf-16-be", (b"\0\n", b"\0,", b"\0\t")),
    ):
        if len(data) % 2 == 0 and any(mark in data for mark in marks):
            try:
                text = data.decode(encoding)
            except UnicodeDecodeError:
                continue
            if "\0" not in text and _plausible(text):
                return Decoded(text, encoding, detected=True)
    raise SurveykitError("E071", place=place)


def _plausible(text: str) -> bool:
    """Whether a table's first line has a delimiter or is a plain word."""
    first = text.split("\n", 1)[0]
    return any(one in first for one in ",;\t") or first.strip().isascii()


def _legacy(data: bytes, place: Place) -> Decoded:
    shares = {}
    for encoding in LEGACY:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        shares[encoding] = (_ordinary(text, encoding), text)
    ranked = sorted(shares, key=lambda one: -shares[one][0])
    if not ranked or shares[ranked[0]][0] < ORDINARY:
        raise SurveykitError("E070", place=place)
    if len(ranked) > 1 and shares[ranked[0]][0] - shares[ranked[1]][0] < MARGIN:
        raise SurveykitError("E070", place=place)
    return Decoded(shares[ranked[0]][1], ranked[0], detected=True)


def _ordinary(text: str, encoding: str) -> float:
    """The share of the characters beyond ASCII that people of that language write."""
    others = [one for one in text if not one.isascii()]
    usual = _usual_japanese if encoding == "cp932" else _usual_korean
    return sum(usual(one) for one in others) / len(others) if others else 0.0


def _usual_japanese(one: str) -> bool:
    """Kana, Japanese punctuation, full-width letters, and the kanji of JIS level 1 and of names."""
    if "\u3000" <= one <= "\u30ff" or "\uff01" <= one <= "\uff5e":
        return True
    raw = one.encode("cp932")
    return len(raw) == 2 and (b"\x88\x9f" <= raw <= b"\x98\x72" or one in "髙﨑㈱邉邊齋齊澤濵淵")


def _usual_korean(one: str) -> bool:
    """The 2,350 syllables of KS X 1001, its signs, and full-width letters."""
    if "\u3000" <= one <= "\u303f" or "\uff01" <= one <= "\uff5e" or one in "·…–—‘’“”":
        return True
    try:
        return "\uac00" <= one <= "\ud7a3" and len(one.encode("euc_kr")) == 2
    except UnicodeEncodeError:
        return False
