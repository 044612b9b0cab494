"""lavaan's model syntax: text to terms and constraints, or a refusal that points at the character."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from surveykit.errors import Note, SurveykitError, note
from surveykit.estimation.sem.expression_reader import parse_expression
from surveykit.estimation.sem.expressions import Expression, linear_form, names_of
from surveykit.estimation.sem.modifiers import (
    NO_MODIFIERS,
    RESERVED,
    Modifiers,
    invalid,
    read_modifier,
)
from surveykit.estimation.sem.statements import CONSTRAINTS, NOT_OFFERED, refusal, statements
from surveykit.estimation.sem.terms import ParsedModel, Relation, Term, roles_of
from surveykit.estimation.sem.tokens import Source, Token, joined, tokenize

THRESHOLD = re.compile(r"t[1-9][0-9]{0,2}")


def parse_model(text: str) -> ParsedModel:
    """Take a model text apart.

    Raises
    ------
    SurveykitError
        M001 to M009, M011 to M016, M034, M036: each with line, column, the line itself and a caret;
        M119 what is no text.
    """
    _check_text(text)
    return _parsed(text)


def _check_text(text: object) -> None:
    if not isinstance(text, str):
        raise SurveykitError("M119", found=type(text).__name__)


@lru_cache(maxsize=64)
def _parsed(text: str) -> ParsedModel:
    source = Source(text)
    reader = _ModelReader(source)
    for statement in statements(source):
        reader.read(statement)
    if not reader.terms and not reader.relations:
        raise SurveykitError("M003")
    return reader.finished()


def parse_constraints(text: str) -> tuple[Relation, ...]:
    """Only ``:= == < >`` (the option `constraints`)."""
    _check_text(text)
    source = Source(text)
    reader = _ModelReader(source)
    for statement in statements(source):
        reader.read(statement)
    if reader.terms or reader.blocks:
        raise SurveykitError("M004", place=source.place(0), pointer=source.pointer(0))
    return tuple(reader.relations)


class _ModelReader:
    """Collects terms, relations and blocks; later words on a term are added to earlier ones."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.terms: list[Term] = []
        self.relations: list[Relation] = []
        self.blocks: list[str] = []
        self.block = 0
        self.notes: list[Note] = []
        self._known: dict[tuple[str, str, str, int], int] = {}

    def refuse(self, code: str, token: Token, **fields: object) -> SurveykitError:
        return refusal(code, self.source, token.offset, **fields)

    def read(self, statement: Sequence[Token]) -> None:
        at = self._operator(statement)
        token = statement[at]
        if token.text in NOT_OFFERED:
            raise self.refuse("M011", token, feature=token.text)
        if token.text == ":":
            self._block(statement)
        elif token.text in CONSTRAINTS:
            self._relation(statement, at)
        else:
            self._formula(statement, at)

    def _operator(self, statement: Sequence[Token]) -> int:
        """Where the operator stands: one, and of ``:`` only if there is no other."""
        places = [at for at, token in enumerate(statement) if token.kind == "operator"]
        if not places:
            raise self.refuse("M004", statement[0])
        real = [at for at in places if statement[at].text != ":"]
        if len(real) > 1:
            self.read(statement[: real[1]])  # what is wrong before it is told first
            raise self.refuse("M006", statement[real[1]], found=statement[real[1]].text)
        return real[0] if real else places[0]

    def _block(self, statement: Sequence[Token]) -> None:
        first = statement[0]
        word = first.text.lower()
        if word in ("level", "class", "block") and len(statement) == 3:
            raise self.refuse("M011", first, feature=f"{word}:")
        right = len(statement) == 3 and statement[1].text == ":" and statement[2].kind != "symbol"
        if word != "group" or not right:
            raise self.refuse("M012", first)
        if self.terms and not self.blocks:
            raise self.refuse("M012", first)
        label = statement[2].text
        if label not in self.blocks:
            self.blocks.append(label)
        self.block = self.blocks.index(label)

    def _relation(self, statement: Sequence[Token], at: int) -> None:
        left, right = statement[:at], statement[at + 1 :]
        for side in (left, right):
            if not side:
                raise self.refuse("M005", statement[at], found=statement[at].text)
        if statement[at].text == ":=":
            if len(left) != 1 or left[0].kind != "name" or left[0].text in RESERVED:
                raise self.refuse("M005", left[0], found=left[0].text)
        else:
            parse_expression(left, self.source)
        parse_expression(right, self.source)
        self.relations.append(Relation(joined(left), statement[at].text, joined(right)))

    def _formula(self, statement: Sequence[Token], at: int) -> None:
        operator = statement[at]
        left = [self._left(part) for part in self._parts(statement[:at], operator)]
        parts = self._parts(statement[at + 1 :], operator)
        for lhs in left:
            for part in parts:
                self._term(lhs, operator, part)

    def _parts(self, tokens: Sequence[Token], operator: Token) -> list[list[Token]]:
        """One side of a formula, cut at ``+`` outside parentheses."""
        parts: list[list[Token]] = [[]]
        depth = 0
        previous = operator
        for token in tokens:
            if token.kind == "symbol":
                depth += {"(": 1, ")": -1}.get(token.text, 0)
                if token.text == "+" and depth == 0:
                    if not parts[-1]:
                        raise self.refuse("M005", token, found="+")
                    parts.append([])
                    previous = token
                    continue
            parts[-1].append(token)
        if not parts[-1]:
            raise self.refuse("M005", previous, found=previous.text)
        return parts

    def _left(self, part: Sequence[Token]) -> str:
        name, modifiers = self._element(part)
        if modifiers:
            feature = modifiers[0]
            if feature.text == "efa":
                raise self.refuse("M011", feature, feature="efa()")
            raise self.refuse("M005", feature, found=feature.text)
        return self._name(name)

    def _element(self, part: Sequence[Token]) -> tuple[Sequence[Token], Sequence[Token]]:
        """The variable at the end of a term, and what stands before it."""
        last = part[-1]
        if last.kind not in ("name", "number"):
            raise self.refuse("M005", last, found=last.text)
        size = 3 if len(part) >= 3 and part[-2].kind == "operator" and part[-2].text == ":" else 1
        if size == 3 and (len(part) >= 5 and part[-4].text == ":"):
            raise self.refuse("M034", part[-4])
        element, before = part[-size:], part[:-size]
        if any(token.kind == "operator" for token in before):
            raise self.refuse("M005", next(one for one in before if one.kind == "operator"), found=":")
        if before and not (before[-1].kind == "symbol" and before[-1].text in ("*", "?")):
            raise self.refuse("M039", element[0], found=element[0].text)
        return element, before

    def _name(self, element: Sequence[Token]) -> str:
        for token in element[::2]:
            if token.kind != "name" or token.text in RESERVED:
                raise self.refuse("M005", token, found=token.text)
        return ":".join(token.text for token in element[::2])

    def _term(self, lhs: str, operator: Token, part: Sequence[Token]) -> None:
        element, before = self._element(part)
        modifiers, overwritten = self._modifiers(before)
        op, rhs = operator.text, ""
        if element[0].kind == "number":
            op, modifiers = self._number(element[0], operator, modifiers)
            rhs = lhs if op == "=~" else ""
        else:
            rhs = self._name(element)
        if op in ("~", "=~") and lhs == rhs and any(value != 0 for value in modifiers.fixed or (1.0,)):
            raise self.refuse("M014", element[0], variable=lhs)
        if op == "|" and not THRESHOLD.fullmatch(rhs):
            raise self.refuse("M022", element[0], found=rhs)
        if op == "~*~" and lhs != rhs:
            raise self.refuse("M004", operator)
        self._add(
            Term(lhs, op, rhs, self.block, modifiers, self.source.place(element[0].offset)), overwritten
        )

    def _number(self, token: Token, operator: Token, modifiers: Modifiers) -> tuple[str, Modifiers]:
        """``y ~ 1`` is an intercept, ``y ~ 0`` one fixed to zero, ``f =~ 0`` a latent without indicators."""
        value = float(token.text)
        if operator.text == "=~":
            return "=~", modifiers.updated(Modifiers(fixed=(value,)))[0]
        if operator.text != "~" or value not in (0.0, 1.0):
            raise self.refuse("M013", token, found=token.text)
        if value == 0.0:
            modifiers = modifiers.updated(Modifiers(fixed=(0.0,)))[0]
        return "~1", modifiers

    def _modifiers(self, before: Sequence[Token]) -> tuple[Modifiers, list[str]]:
        """Everything before the variable: any number of modifiers, each closed by ``*`` or ``?``."""
        modifiers = NO_MODIFIERS
        overwritten: list[str] = []
        piece: list[Token] = []
        depth = 0
        for token in before:
            if token.kind == "symbol":
                depth += {"(": 1, ")": -1}.get(token.text, 0)
                if depth == 0 and token.text in ("*", "?"):
                    if not piece:
                        raise invalid([token], self.source)
                    one = read_modifier(piece, self.source, as_start=token.text == "?")
                    modifiers, twice = modifiers.updated(one)
                    overwritten += twice
                    piece = []
                    continue
            piece.append(token)
        return modifiers, overwritten

    def _add(self, term: Term, overwritten: Iterable[str]) -> None:
        key = (term.lhs, term.op, term.rhs, term.block)
        at = self._known.get(key)
        if at is None:
            self._known[key] = len(self.terms)
            self.terms.append(term)
        else:
            merged, twice = self.terms[at].modifiers.updated(term.modifiers)
            overwritten = [*overwritten, *twice]
            self.terms[at] = replace(self.terms[at], modifiers=merged)
        for modifier in dict.fromkeys(overwritten):
            formula = f"{term.lhs} {term.op} {term.rhs}".strip()
            self.notes.append(note("M028", place=term.place, modifier=modifier, formula=formula))

    # --- the whole -------------------------------------------------------------------------------

    def finished(self) -> ParsedModel:
        latent = set(roles_of(self.terms).lv)
        for term in self.terms:
            if term.op in ("|", "~*~") and term.lhs in latent:
                raise SurveykitError("M004", place=term.place, pointer=self.source.pointer_at(term.place))
            parts = [part for name in (term.lhs, term.rhs) if ":" in name for part in name.split(":")]
            if not latent.isdisjoint(parts):
                raise SurveykitError("M034", place=term.place, pointer=self.source.pointer_at(term.place))
        terms, relations = _bounds_from_relations(self.terms, self.relations)
        terms = self._unique(_ordered_covariances(terms))
        return ParsedModel(tuple(terms), tuple(relations), tuple(self.blocks), tuple(self.notes))

    def _unique(self, terms: Iterable[Term]) -> list[Term]:
        """Of ``x ~~ y`` and ``y ~~ x`` the first."""
        kept: dict[tuple[str, str, str, int], Term] = {}
        for term in terms:
            key = (term.lhs, term.op, term.rhs, term.block)
            if key in kept:
                formula = f"{term.lhs} {term.op} {term.rhs}"
                self.notes.append(note("M027", place=term.place, formula=formula))
            kept.setdefault(key, term)
        return list(kept.values())


def _ordered_covariances(terms: Sequence[Term]) -> list[Term]:
    """``x ~~ y`` turned so that latent variables come first, then the order of appearance holds."""
    roles = roles_of(terms)
    order = {name: at for at, name in enumerate((*roles.lv, *roles.ov))}
    return [
        replace(term, lhs=term.rhs, rhs=term.lhs)
        if term.op == "~~" and order[term.lhs] > order[term.rhs]
        else term
        for term in terms
    ]


def _bounds_from_relations(
    terms: Sequence[Term], relations: Sequence[Relation]
) -> tuple[list[Term], list[Relation]]:
    """``a > 0`` with the label of a term and a number becomes a bound on that term."""
    new_terms, kept = list(terms), []
    labelled = {term.modifiers.label for term in terms}
    for relation in relations:
        bound = _constant(relation.rhs) if relation.op in "<>" and (relation.lhs,) in labelled else None
        if bound is None:
            kept.append(relation)
            continue
        for at, term in enumerate(new_terms):
            if term.modifiers.label == (relation.lhs,):
                new_terms[at] = replace(term, modifiers=_bounded(term.modifiers, relation.op, bound))
    return new_terms, kept


def _bounded(modifiers: Modifiers, op: str, bound: float) -> Modifiers:
    """With the tighter of two bounds."""
    if op == ">":
        return replace(modifiers, lower=tuple(max(one, bound) for one in modifiers.lower or (bound,)))
    return replace(modifiers, upper=tuple(min(one, bound) for one in modifiers.upper or (bound,)))


def _constant(text: str) -> float | None:
    """The number that an expression without labels stands for."""
    source = Source(text)
    tree: Expression = parse_expression(tokenize(source), source)
    form = None if names_of(tree) else linear_form(tree)
    return form.constant if form is not None else None
