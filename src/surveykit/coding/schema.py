"""What a codebook.yaml may say: codes, respondents, propositions, the rule of the verdict, memos, changes."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from surveykit.instrument.schema import (
    Bool,
    Id,
    Lang,
    LocalText,
    PropositionId,
    Share,
    Spec,
    Str,
    Version,
    choice,
    integer,
    text,
)
from surveykit.instrument.source import short

Level = Literal["open", "axial", "selective"]
Relation = Literal["condition", "action", "consequence"]


def _day(value: object) -> object:
    """A day of the calendar, as 2026-10-01."""
    written = text(value)
    if not isinstance(written, str):
        return value
    try:
        return date.fromisoformat(written).isoformat()
    except ValueError:
        raise PydanticCustomError("E012", "day", {"value": short(written)}) from None


Date = Annotated[str, BeforeValidator(_day)]
State = Annotated[int, Field(ge=0, le=1), BeforeValidator(integer)]
Count = Annotated[int, Field(ge=1), BeforeValidator(integer)]


def _by_language(value: Any) -> Any:
    """A text without a language is taken for English."""
    return {"en": value} if isinstance(value, str) else value


Summary = Annotated[LocalText, BeforeValidator(_by_language)]


class MemoSpec(Spec):
    """A thought on a code, with its day."""

    date: Date
    text: Str
    author: Str | None = None


class CodeSpec(Spec):
    """One code: what it means, when to give it, when not."""

    name: Str
    labels: LocalText | None = Field(default=None, description="the name in the languages of the report")
    definition: Str
    when: Str = Field(description="when to use it")
    when_not: Str = Field(description="when not to use it")
    example: Str | None = Field(default=None, description="made up or in the researcher's words")
    level: Annotated[Level, BeforeValidator(choice(Level))] = "open"
    parent: Id | None = None
    relation: Annotated[Relation, BeforeValidator(choice(Relation))] | None = Field(
        default=None, description="the part it plays under its parent"
    )
    memos: list[MemoSpec] = Field(default_factory=list)


class RespondentSpec(Spec):
    """One interview: a pseudonym, where the person belongs, and the contact summary."""

    id: Str
    company: Str
    country: Str
    place: Str | None = None
    minutes: Count | None = None
    language: Lang | None = None
    recorded: Bool | None = Field(default=None, description="whether recording was permitted")
    note: Str | None = None


class PropositionSpec(Spec):
    """What is to be shown, and the codes that each must be spoken to before it is fully supported."""

    text: LocalText
    elements: list[Id] = Field(default_factory=list, description="codes; the codes below them count too")
    summary: dict[Str, Summary] = Field(
        default_factory=dict, description="company: the researcher's words, in one language or several"
    )


class RuleSpec(Spec):
    """What "supported" takes."""

    least_respondents: Count = 1
    qualified_counts: Bool = Field(
        default=True, description="whether a respondent who agrees with a reservation counts in favour"
    )


class ChangeSpec(Spec):
    """An entry of the change log."""

    date: Date
    version: Version
    what: Str


class QcaSpec(Spec):
    """Codes as crisp sets: which of them, present or absent, go with the outcome."""

    outcome: Str = Field(description="a code; with ~ before it, its absence")
    conditions: list[Id] = Field(min_length=1, description="codes; the codes below them count too")
    incl_cut: Share = Field(default=0.8, description="consistency from which a configuration counts")
    n_cut: Count = 1
    dir_exp: dict[Id, State] = Field(
        default_factory=dict, description="code: 1 where its presence is expected to help, 0 its absence"
    )


class CodebookSpec(Spec):
    """The codes of a study and what they are used on."""

    codebook: Id
    version: Version
    citation: Str | None = None
    note: Str | None = None
    codes: dict[Id, CodeSpec] = Field(min_length=1)
    respondents: list[RespondentSpec] = Field(default_factory=list, description="in interview order")
    propositions: dict[PropositionId, PropositionSpec] = Field(default_factory=dict)
    verdict: RuleSpec = Field(default_factory=RuleSpec)
    changes: list[ChangeSpec] = Field(default_factory=list)


def json_schema() -> dict[str, Any]:
    """The JSON Schema that lets an editor complete and check a codebook."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **CodebookSpec.model_json_schema()}
