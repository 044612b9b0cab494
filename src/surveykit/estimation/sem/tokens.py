"""Model text cut into tokens, each knowing where it stands."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from surveykit.errors import Place

Kind = Literal["name", "number", "string", "operator", "symbol", "newline"]

# What a Japanese, Korean or typographic keyboard writes in place of an operator.
LOOK_ALIKES = str.maketrans(
    "～〜˜∼＝＋＊／＾－−–（），、；：＜＞｜？＃！．“”„＂‘’＇",
    '~~~~=+*/^---(),,;:<>|?#!.""""\'\'\'',
)
NUMBER = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
OPERATOR = re.compile(r"~\*~|=~|<~|~~|\|~|==|:=|:~|[~<>:|%]")
SYMBOLS = frozenset("+-*/^?(),")
IDEOGRAPHIC_MIDDLE_DOT = "\u30fb"


@dataclass(frozen=True)
class Token:
    kind: Kind
    text: str
    offset: int


@dataclass(frozen=True)
class Source:
    """A text with the means to point at a character of it."""

    text: str

    @cached_property
    def _lines(self) -> list[str]:
        return self.text.split("\n")

    def place(self, offset: int) -> Place:
        """Line and column, both from 1."""
        before = self.text[:offset]
        line = before.count("\n") + 1
        return Place(line=line, column=offset - (before.rfind("\n") + 1) + 1)

    def pointer(self, offset: int) -> str:
        return self.pointer_at(self.place(offset))

    def pointer_at(self, place: Place) -> str:
        """The line and, under it, a caret at the character (two columns wide for East Asian text)."""
        assert place.line is not None
        assert place.column is not None
        line = self._lines[place.line - 1].replace("\t", " ").rstrip("\r")
        indent = "".join("\u3000" if _is_wide(one) else " " for one in line[: place.column - 1])
        return f"    {line}\n    {indent}^"


class LexicalError(Exception):
    """A place where no token begins; `syntax` and `expressions` turn it into a refusal."""

    def __init__(self, offset: int, *, unclosed_string: bool = False) -> None:
        super().__init__(offset)
        self.offset = offset
        self.unclosed_string = unclosed_string


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


def _starts_name(character: str) -> bool:
    return character.isalpha() or character in "_."


def _continues_name(character: str) -> bool:
    return (
        character.isalnum()
        or character in "_."
        or character == IDEOGRAPHIC_MIDDLE_DOT
        or unicodedata.category(character).startswith("M")
    )


def tokenize(source: Source) -> tuple[Token, ...]:
    """All tokens of a model text; comments and blanks are left out, line ends and ``;`` kept."""
    text = source.text
    plain = text.translate(LOOK_ALIKES)
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        end = _skip(plain, at)
        if end > at:
            at = end
            continue
        token, at = _next_token(text, plain, at)
        tokens.append(token)
    return tuple(tokens)


def _skip(plain: str, at: int) -> int:
    """Past blanks and comments, not past the end of the line."""
    character = plain[at]
    if character in "#!":
        end = plain.find("\n", at)
        return len(plain) if end < 0 else end
    blank = (character.isspace() and character != "\n") or character in "\ufeff\u200b"
    return at + 1 if blank else at


def _next_token(text: str, plain: str, at: int) -> tuple[Token, int]:
    character = plain[at]
    if character in "\n;":
        return Token("newline", character, at), at + 1
    if character in "\"'":
        return _string(text, plain, at)
    number = NUMBER.match(plain, at)
    if number:
        return Token("number", number.group(), at), number.end()
    if _starts_name(text[at]):
        end = at + 1
        while end < len(text) and _continues_name(text[end]):
            end += 1
        return Token("name", text[at:end], at), end
    operator = OPERATOR.match(plain, at)
    if operator:
        return Token("operator", operator.group(), at), operator.end()
    if plain.startswith("**", at):
        return Token("symbol", "**", at), at + 2
    if character in SYMBOLS:
        return Token("symbol", character, at), at + 1
    raise LexicalError(at)


def _string(text: str, plain: str, at: int) -> tuple[Token, int]:
    end = plain.find(plain[at], at + 1)
    line_end = plain.find("\n", at)
    if end < 0 or 0 <= line_end < end:
        raise LexicalError(at, unclosed_string=True)
    return Token("string", text[at + 1 : end], at), end + 1


def joined(tokens: Sequence[Token]) -> str:
    """The tokens as text without blanks, as lavaan stores an expression."""
    return "".join(f'"{one.text}"' if one.kind == "string" else one.text for one in tokens)
