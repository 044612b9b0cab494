"""What a model text says, taken apart: terms and relations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from surveykit.errors import Note, Place
from surveykit.estimation.sem.modifiers import Modifiers
from surveykit.estimation.sem.variables import VariableRoles


@dataclass(frozen=True)
class Term:
    """One element of a formula: ``f =~ a*x1``. `block` counts the ``group:`` blocks from 0."""

    lhs: str
    op: str
    rhs: str
    block: int
    modifiers: Modifiers
    place: Place


@dataclass(frozen=True)
class Relation:
    """``ab := a*b``, ``a == b``, ``a > 0``: the text of both sides, without blanks."""

    lhs: str
    op: str
    rhs: str


@dataclass(frozen=True, eq=False)  # equal only to itself, so that it is found again at no cost
class ParsedModel:
    """A model text, taken apart. `blocks` are the words after ``group:``, empty without blocks."""

    terms: tuple[Term, ...]
    relations: tuple[Relation, ...]
    blocks: tuple[str, ...]
    notes: tuple[Note, ...]

    @cached_property
    def roles(self) -> VariableRoles:
        """Who is who, over all blocks (for the columns that data must have, say)."""
        return roles_of(self.terms)


def roles_of(terms: Sequence[Term]) -> VariableRoles:
    return VariableRoles(
        lhs=[term.lhs for term in terms],
        op=[term.op for term in terms],
        rhs=[term.rhs for term in terms],
        user=[1] * len(terms),
        exo=[0] * len(terms),
    )
