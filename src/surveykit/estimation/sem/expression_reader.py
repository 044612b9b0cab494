"""Arithmetic read into trees by R's rules: ``^`` (or ``**``) before a sign, and from right to left."""

from __future__ import annotations

import math
from collections.abc import Sequence

from surveykit.errors import SurveykitError
from surveykit.estimation.sem.expressions import FUNCTIONS, VARIADIC, Call, Expression, Name, Number
from surveykit.estimation.sem.tokens import LexicalError, Source, Token, tokenize

MAX_DEPTH = 60
CONSTANTS = {"pi": math.pi}


def parse_text(text: str) -> Expression:
    """The tree of an expression given as text (a constraint row of a parameter table)."""
    source = Source(text)
    try:
        tokens = tokenize(source)
    except LexicalError as error:
        raise unexpected(source, error.offset) from None
    return parse_expression(tuple(one for one in tokens if one.kind != "newline"), source)


def parse_expression(tokens: Sequence[Token], source: Source) -> Expression:
    """The tree of all the tokens, or a refusal that points at the one that does not fit."""
    reader = _Reader(tokens, source)
    tree = reader.sum(0)
    if reader.at < len(tokens):
        raise unexpected(source, tokens[reader.at].offset)
    return tree


def unexpected(source: Source, offset: int) -> SurveykitError:
    """M015: here the arithmetic cannot go on."""
    found = source.text[offset : offset + 1].strip() or "\u23ce"
    return SurveykitError("M015", place=source.place(offset), found=found, pointer=source.pointer(offset))


class _Reader:
    """Recursive descent over the tokens of one expression."""

    def __init__(self, tokens: Sequence[Token], source: Source) -> None:
        self.tokens = tokens
        self.source = source
        self.at = 0

    def _symbol(self, *wanted: str) -> str | None:
        """Take the next token if it is one of these symbols."""
        if self.at < len(self.tokens):
            token = self.tokens[self.at]
            if token.kind == "symbol" and token.text in wanted:
                self.at += 1
                return token.text
        return None

    def _refusal(self) -> SurveykitError:
        if self.at < len(self.tokens):
            return unexpected(self.source, self.tokens[self.at].offset)
        last = self.tokens[-1] if self.tokens else None
        end = last.offset + len(last.text) if last is not None else 0
        return unexpected(self.source, min(end, len(self.source.text)))

    def sum(self, depth: int) -> Expression:
        if depth > MAX_DEPTH:
            raise SurveykitError("M036", limit=MAX_DEPTH)
        tree = self.product(depth)
        while symbol := self._symbol("+", "-"):
            tree = Call(symbol, (tree, self.product(depth)))
        return tree

    def product(self, depth: int) -> Expression:
        tree = self.signed(depth)
        while symbol := self._symbol("*", "/"):
            tree = Call(symbol, (tree, self.signed(depth)))
        return tree

    def signed(self, depth: int) -> Expression:
        if depth > MAX_DEPTH:
            raise SurveykitError("M036", limit=MAX_DEPTH)
        if self._symbol("-"):
            return Call("neg", (self.signed(depth + 1),))
        if self._symbol("+"):
            return self.signed(depth + 1)
        base = self.primary(depth)
        if self._symbol("^", "**"):
            return Call("^", (base, self.signed(depth + 1)))
        return base

    def primary(self, depth: int) -> Expression:
        if self._symbol("("):
            inside = self.sum(depth + 1)
            if not self._symbol(")"):
                raise self._refusal()
            return inside
        if self.at >= len(self.tokens):
            raise self._refusal()
        token = self.tokens[self.at]
        if token.kind == "number":
            self.at += 1
            return Number(float(token.text))
        if token.kind != "name":
            raise self._refusal()
        self.at += 1
        if self._symbol("("):
            return self.call(token, depth)
        if token.text in CONSTANTS:
            return Number(CONSTANTS[token.text])
        return Name(token.text, token.offset)

    def call(self, name: Token, depth: int) -> Expression:
        known = name.text in FUNCTIONS or name.text in VARIADIC
        if not known:
            raise SurveykitError(
                "M016",
                place=self.source.place(name.offset),
                function=name.text,
                allowed=", ".join((*FUNCTIONS, *VARIADIC)),
                pointer=self.source.pointer(name.offset),
            )
        arguments = [self.sum(depth + 1)]
        while self._symbol(","):
            arguments.append(self.sum(depth + 1))
        if len(arguments) > 1 and not (name.text in VARIADIC or (name.text == "log" and len(arguments) == 2)):
            raise unexpected(self.source, name.offset)
        if not self._symbol(")"):
            raise self._refusal()
        if name.text == "log" and len(arguments) == 2:
            return Call("/", (Call("log", (arguments[0],)), Call("log", (arguments[1],))))
        return Call(name.text, tuple(arguments))
