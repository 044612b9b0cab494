"""What a claims.yaml may say: published numbers, and what they must mean for one another."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from surveykit.instrument.schema import Id, Spec, Str, Version, choice, integer

Count = Annotated[int, Field(ge=1), BeforeValidator(integer)]
# Printed numbers are text, so that trailing zeros count: ".50" is more than ".5".
Number = Annotated[str, Field(min_length=1)]
Kind = Literal[
    "alpha", "mean", "sd", "n", "t", "f", "df", "p", "d", "g", "r", "z", "chisq", "fit", "loading", "path",
    "standardized", "se", "count", "verdict", "other",
]  # fmt: skip
Check = Literal[
    "t", "f", "chisq", "r", "z", "grim", "grimmer", "debit", "rmsea", "rmsea_ci", "cfi", "tli", "df",
    "aic_difference", "bic_difference", "ave", "cr", "indirect", "positive_definite", "alpha_from_r",
]  # fmt: skip
Expected = Literal["reproduced", "not_reproduced", "other_convention"]
Level = Literal["configural", "metric", "scalar", "strict"]


class ClaimSpec(Spec):
    """A published number, and where the study's results hold it."""

    id: Id
    where: Str = Field(description="table, row, column, page")
    kind: Annotated[Kind, BeforeValidator(choice(Kind))]
    printed: Number = Field(description='as printed, in quotes: ".032", "< .001"')
    compute: Str = Field(
        description="path into results.json: step.result.field, rows chosen as [column=value]"
    )
    tails: Annotated[Literal["one", "two"], BeforeValidator(choice(Literal["one", "two"]))] = "two"
    tolerance: Number | None = Field(default=None, description="only with a reason")
    reason: Str | None = None
    convention: Id | None = Field(
        default=None, description="a convention of the paper, stated under 'conventions'"
    )
    by_convention: Str | None = Field(
        default=None, description="path of the value that the convention gives, where 'compute' does not"
    )
    expected: Annotated[Expected, BeforeValidator(choice(Expected))] = "reproduced"


class CheckSpec(Spec):
    """Printed numbers that must agree with one another, without any data."""

    id: Id
    where: Str
    check: Annotated[Check, BeforeValidator(choice(Check))]
    values: dict[Str, Number] = Field(default_factory=dict)
    numbers: dict[Str, Id] = Field(
        default_factory=dict, description="value -> the id of a number of this file that it is"
    )
    lists: dict[Str, list[Number]] = Field(default_factory=dict, description="loadings; rows of a matrix")
    tails: Annotated[Literal["one", "two"], BeforeValidator(choice(Literal["one", "two"]))] = "two"
    groups: Count = 1
    items: Count = 1
    model: Str | None = Field(default=None, description="df: the stated model, lavaan syntax")
    level: Annotated[Level, BeforeValidator(choice(Level))] | None = None
    means: Annotated[Literal["yes", "no"], BeforeValidator(choice(Literal["yes", "no"]))] = "no"


class ClaimsSpec(Spec):
    """The published numbers of one paper."""

    claims: Id
    version: Version
    citation: Str
    note: Str | None = None
    conventions: dict[Id, Str] = Field(
        default_factory=dict, description="id -> how the paper computes otherwise than the textbook"
    )
    numbers: list[ClaimSpec] = Field(default_factory=list)
    checks: list[CheckSpec] = Field(default_factory=list)


def json_schema() -> dict[str, Any]:
    """The JSON Schema that lets an editor complete and check a claims file."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **ClaimsSpec.model_json_schema()}
