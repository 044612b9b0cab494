"""What an instrument file may say: the typed schema, published as JSON Schema.

Values arrive as the text that was typed (`yaml_tree.Scalar`), so each type
here reads its own text: ``1.10`` is never a number where a version belongs,
``NO`` is a label like any other, ``012`` is no integer.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from surveykit.instrument.source import short
from surveykit.instrument.yaml_tree import Scalar
from surveykit.options import nearest

ID_PATTERN = r"^[a-z][a-z0-9_]{0,59}$"
PROPOSITION_PATTERN = r"^[A-Za-z][A-Za-z0-9_]{0,59}$"
VERSION_PATTERN = r"^(0|[1-9][0-9]{0,5})(\.(0|[1-9][0-9]{0,5})){1,2}(-[0-9A-Za-z][0-9A-Za-z.-]{0,39})?$"
INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,8})")
NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]{0,14})(\.[0-9]{1,10})?")
# Words that lavaan (R), or `show_if`, would take for their own.
RESERVED_IDS = frozenset(
    "and answered break else for function if in next not or repeat while".split()  # noqa: SIM905 (a word list)
)
# What YAML 1.1 or 1.2 programs read as something other than text when it has no quotes.
NOT_TEXT = re.compile(
    r"~|null|true|false|yes|no|on|off|y|n|[-+]?[0-9][0-9_.:eExXoO+-]*|[-+]?\.(inf|nan)", re.IGNORECASE
)

Language = Literal["en", "ja", "ko"]
ItemType = Literal["likert", "single", "multiple", "number", "date", "text", "open"]
Score = Literal["mean", "sum"]
SourceKind = Literal["original", "adaptation", "reconstruction"]


def text(value: object) -> object:
    """A text as typed, without blanks around it and with plain line ends."""
    if not isinstance(value, str):
        return value
    tidy = str(value).replace("\r\n", "\n").replace("\r", "\n").strip()
    plain_null = isinstance(value, Scalar) and value.plain and tidy in ("~", "null")
    if not tidy or plain_null:
        raise PydanticCustomError("I028", "empty")
    return tidy


def identifier(value: object) -> object:
    """An id: what lavaan takes as a variable name and a workbook as part of a defined name."""
    name = quoted(value)
    if isinstance(name, str):
        if not re.fullmatch(ID_PATTERN, name):
            raise PydanticCustomError("I029", "id", {"value": short(name)})
        if name in RESERVED_IDS:
            raise PydanticCustomError("I030", "reserved", {"value": name})
    return name


def proposition(value: object) -> object:
    """The short name of a proposition, such as P1."""
    name = quoted(value)
    if isinstance(name, str) and not re.fullmatch(PROPOSITION_PATTERN, name):
        raise PydanticCustomError("I034", "proposition", {"value": short(name)})
    return name


def version(value: object) -> object:
    """A version such as "1.0.0"."""
    name = quoted(value)
    if isinstance(name, str) and not re.fullmatch(VERSION_PATTERN, name):
        raise PydanticCustomError("I031", "version", {"value": short(name)})
    return name


def quoted(value: object) -> object:
    """A text that every YAML program reads as text: in quotes where it looks like anything else."""
    name = text(value)
    if isinstance(value, Scalar) and value.plain and NOT_TEXT.fullmatch(value):
        raise PydanticCustomError("I032", "unquoted", {"value": short(str(name))})
    return name


def integer(value: object) -> object:
    """A whole number without quotes; `012` and `1_000` are not."""
    if isinstance(value, Scalar) and not value.plain:
        raise PydanticCustomError("I025", "integer", {"value": short(value)})
    return integer_key(value)


def integer_key(value: object) -> object:
    """A whole number as a key, where JSON has only quoted ones."""
    if isinstance(value, str):
        if not INTEGER.fullmatch(value):
            raise PydanticCustomError("I025", "integer", {"value": short(value)})
        return int(value)
    return value


def decimal(value: object) -> object:
    """A number with or without decimals."""
    if isinstance(value, str):
        if not NUMBER.fullmatch(value) or (isinstance(value, Scalar) and not value.plain):
            raise PydanticCustomError("I026", "number", {"value": short(value)})
        return float(value)
    return value


def boolean(value: object) -> object:
    """`true` or `false`, nothing that merely resembles them."""
    if isinstance(value, str):
        if value not in ("true", "false"):
            raise PydanticCustomError("I027", "boolean", {"value": short(value)})
        return value == "true"
    return value


def choice(choices: Any) -> Callable[[object], object]:
    """One of the words of a Literal."""
    allowed = get_args(choices)

    def check(value: object) -> object:
        word = text(value)
        if isinstance(word, str) and word not in allowed:
            close = nearest(word[:60], allowed) or allowed[0]
            raise PydanticCustomError(
                "I033", "choice", {"value": short(word), "allowed": ", ".join(allowed), "nearest": close}
            )
        return word

    return check


# The constraint first, the reader after it: so the constraint also stands in the JSON Schema.
Str = Annotated[str, StringConstraints(min_length=1), BeforeValidator(text)]
Id = Annotated[str, StringConstraints(pattern=ID_PATTERN), BeforeValidator(identifier)]
PropositionId = Annotated[str, StringConstraints(pattern=PROPOSITION_PATTERN), BeforeValidator(proposition)]
Version = Annotated[str, StringConstraints(pattern=VERSION_PATTERN), BeforeValidator(version)]
Code = Annotated[int, Field(ge=-9999, le=9999), BeforeValidator(integer)]
CodeKey = Annotated[int, Field(ge=-9999, le=9999), BeforeValidator(integer_key)]
Length = Annotated[int, Field(ge=1, le=32_767), BeforeValidator(integer)]
Share = Annotated[float, Field(gt=0, le=1), BeforeValidator(decimal)]
Number = Annotated[float, BeforeValidator(decimal)]
Bool = Annotated[bool, BeforeValidator(boolean)]
Lang = Annotated[Language, BeforeValidator(choice(Language))]
LocalText = Annotated[
    dict[Lang, Str],
    Field(
        min_length=1,
        description="the same text in each language",
        json_schema_extra={
            "propertyNames": {"enum": list(get_args(Language))}
        },  # older pydantic leaves it out
    ),
]
Labels = Annotated[
    dict[CodeKey, LocalText], Field(json_schema_extra={"propertyNames": {"pattern": "^-?[0-9]{1,4}$"}})
]


class Spec(BaseModel):
    """A mapping of the file: known keys only, nothing converted silently."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class SourceSpec(Spec):
    """Where the instrument comes from."""

    kind: Annotated[SourceKind, BeforeValidator(choice(SourceKind))] = Field(
        description="whether the wording is the original, an adaptation of it, or rebuilt from the constructs"
    )
    citation: Str
    note: LocalText


class ResponseScaleSpec(Spec):
    """Codes with their labels."""

    labels: Labels = Field(min_length=2, description="code: label by language, in the order shown")
    missing_codes: Labels = Field(
        default_factory=dict, description="codes that may be answered but count as missing"
    )


class ItemSpec(Spec):
    """One question."""

    id: Id
    type: Annotated[ItemType, BeforeValidator(choice(ItemType))]
    text: LocalText
    response_scale: Id | None = Field(default=None, description="for likert, single and multiple")
    required: Bool = False
    reverse: Bool = Field(default=False, description="a high answer means little of what the scale measures")
    show_if: Str | None = Field(
        default=None, description="for example: role == 1 and not answered(firm_size)"
    )
    probes: list[LocalText] = Field(default_factory=list, description="for interviewers; open items")
    proposition: list[PropositionId] = Field(default_factory=list)
    note: Str | None = Field(default=None, description="for researchers, never shown to respondents")
    minimum: Number | None = None
    maximum: Number | None = None
    max_length: Length | None = None
    unit: LocalText | None = None
    missing_codes: list[Code] = Field(default_factory=list)


class SectionSpec(Spec):
    """A block of items under one heading."""

    id: Id
    title: LocalText
    instructions: LocalText | None = None
    randomize: Bool = Field(
        default=False, description="the order of its items is drawn for each form and recorded"
    )
    items: Annotated[list[ItemSpec], Field(min_length=1)]


class ScaleSpec(Spec):
    """Items that measure one construct."""

    title: LocalText
    items: Annotated[list[Id], Field(min_length=1)]
    score: Annotated[Score, BeforeValidator(choice(Score))] = "mean"
    min_valid: Share = Field(default=0.5, description="share of answered items that a score needs")


class InstrumentSpec(Spec):
    """A questionnaire in all its languages."""

    instrument: Id
    version: Version = Field(description='in quotes: "1.0.0"')
    languages: Annotated[list[Lang], Field(min_length=1)] = Field(
        description="the first is the source language, in which every text must stand"
    )
    title: LocalText
    source: SourceSpec
    instructions: LocalText | None = None
    consent: LocalText | None = None
    propositions: dict[PropositionId, LocalText] = Field(default_factory=dict)
    response_scales: dict[Id, ResponseScaleSpec] = Field(default_factory=dict)
    sections: Annotated[list[SectionSpec], Field(min_length=1)]
    scales: dict[Id, ScaleSpec] = Field(default_factory=dict, description="in report order")
    quasi_identifiers: list[Id] = Field(
        default_factory=list, description="items that together could identify a respondent"
    )


def json_schema() -> dict[str, Any]:
    """The JSON Schema that lets an editor complete and check an instrument file."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "instrument.schema.json",
        **InstrumentSpec.model_json_schema(),
    }
    _tighten(schema)
    return schema


def _tighten(schema: Any) -> None:
    """Say what pydantic leaves unsaid: optional keys are left out, never null; no ids but valid ones."""
    for one in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        _tighten(one)
    if not isinstance(schema, dict):
        return
    if {"type": "null"} in schema.get("anyOf", ()):
        kept = [one for one in schema.pop("anyOf") if one != {"type": "null"}]
        schema.pop("default", None)
        schema.update(kept[0])
    if "patternProperties" in schema:
        schema["additionalProperties"] = False
