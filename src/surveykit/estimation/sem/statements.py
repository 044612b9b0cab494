"""A model text cut into formulas.

A formula ends with its line or ``;``, unless the line ends with an operator, the
next one begins with one, or a parenthesis is open.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from surveykit.errors import SurveykitError
from surveykit.estimation.sem.tokens import LexicalError, Source, Token, tokenize

RELATIONS = ("=~", "~", "~~", "|", "~*~")
CONSTRAINTS = (":=", "==", "<", ">")
NOT_OFFERED = ("<~", "|~", ":~", "%")
# A line that ends with one of these goes on; so does one whose next line begins with one of LEADING.
TRAILING = frozenset({"+", "-", "*", "/", "^", "**", "?", ",", *RELATIONS, *CONSTRAINTS, "<~", "|~", "%"})
LEADING = frozenset({"+", "-", "*", "/", "^", "**", "?", *RELATIONS, "==", ":=", "<~", "|~", "%"})
MAX_NESTING = 60


def refusal(code: str, source: Source, offset: int, **fields: object) -> SurveykitError:
    return SurveykitError(code, place=source.place(offset), pointer=source.pointer(offset), **fields)


def _tokens(source: Source) -> tuple[Token, ...]:
    try:
        return tokenize(source)
    except LexicalError as error:
        if error.unclosed_string:
            raise refusal("M002", source, error.offset) from None
        found = source.text[error.offset]
        if found in "=＝":
            raise refusal("M007", source, error.offset) from None
        raise refusal("M001", source, error.offset, found=found) from None


def statements(source: Source) -> Iterator[list[Token]]:
    """Tokens formula by formula, line ends taken out."""
    tokens = _tokens(source)
    statement: list[Token] = []
    open_at: list[int] = []
    for token, following in zip(tokens, _next_words(tokens), strict=True):
        if token.kind == "newline":
            goes_on = bool(open_at) or _continues(statement, following)
            if statement and not goes_on:
                yield statement
                statement = []
            continue
        if token.kind == "symbol" and token.text == "(":
            open_at.append(token.offset)
            if len(open_at) > MAX_NESTING:
                raise SurveykitError("M036", limit=MAX_NESTING)
        elif token.kind == "symbol" and token.text == ")":
            if not open_at:
                raise refusal("M008", source, token.offset)
            open_at.pop()
        statement.append(token)
    if open_at:
        raise refusal("M008", source, open_at[-1])
    if statement:
        yield statement


def _next_words(tokens: Sequence[Token]) -> list[Token | None]:
    """For each token the next one that is no line end."""
    following: list[Token | None] = []
    word: Token | None = None
    for token in reversed(tokens):
        following.append(word)
        if token.kind != "newline":
            word = token
    return following[::-1]


def _continues(statement: Sequence[Token], following: Token | None) -> bool:
    if not statement or following is None:
        return False
    last = statement[-1]
    if last.kind in ("operator", "symbol") and last.text in TRAILING:
        return True
    if following.text == "-" and not any(token.text in CONSTRAINTS for token in statement):
        return False  # no list of variables goes on with a minus
    return following.kind in ("operator", "symbol") and following.text in LEADING
