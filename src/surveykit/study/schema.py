"""What a study.yaml may say: where the data come from, and the analyses in their order."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from surveykit.instrument.schema import (
    Bool,
    Code,
    CodeKey,
    Id,
    Lang,
    LocalText,
    Number,
    Share,
    Spec,
    Str,
    Version,
    choice,
    integer,
    quoted,
    text,
)
from surveykit.instrument.source import short


def _day(value: object) -> object:
    """A day as 2026-10-01."""
    written = text(value)
    if not isinstance(written, str):
        return value
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise PydanticCustomError("E012", "day", {"value": short(written)}) from None


Whole = Annotated[int, Field(ge=0), BeforeValidator(integer)]
Name = Annotated[str, Field(min_length=1), BeforeValidator(quoted)]
Day = Annotated[date, BeforeValidator(_day)]
Kind = Literal["simulated", "table", "returned", "import", "frame", "moments", "none"]
WayIn = Literal["csv", "excel", "qualtrics", "limesurvey", "odk", "spss"]
Estimator = Literal[
    "ML", "MLR", "MLM", "MLMV", "GLS", "ULS", "WLS", "DWLS", "WLSMV", "ULSMV"
]  # fmt: skip
Likelihood = Literal["normal", "wishart"]
Missing = Literal["listwise", "ml", "fiml", "pairwise", "two.stage", "robust.two.stage"]
Format = Literal["html", "word", "markdown", "excel"]
Level = Literal["configural", "metric", "scalar", "strict"]


def _all_levels() -> list[Level]:
    return ["configural", "metric", "scalar", "strict"]


def _english() -> list[Lang]:
    return ["en"]


def _page() -> list[Format]:
    return ["html"]


class GroupSpec(Spec):
    """The column that tells countries apart, in the order in which they are reported."""

    column: Name = "country"
    order: list[Name] = Field(default_factory=list)
    labels: dict[Name, LocalText] = Field(default_factory=dict)


class DirtSpec(Spec):
    """How many workbooks of a simulated return carry which kind of field damage."""

    full_width: Whole = 0
    blank_items: Whole = 0
    pasted_99: Whole = 0
    text_answers: Whole = 0
    duplicates: Whole = 0
    older_version: Whole = 0
    not_a_workbook: Whole = 0


class MomentsSpec(Spec):
    """Printed moments of one group: correlations with standard deviations, or covariances."""

    group: Name = "all"
    n: Annotated[int, Field(ge=2), BeforeValidator(integer)]
    names: Annotated[list[Name], Field(min_length=1)]
    cor: list[list[Number]] = Field(
        default_factory=list, description="lower triangle with diagonal, row by row"
    )
    sd: list[Number] = Field(default_factory=list)
    cov: list[list[Number]] = Field(default_factory=list, description="lower triangle with diagonal")
    mean: list[Number] = Field(default_factory=list)
    decimals: Whole = Field(default=2, description="printed decimals of the correlations, or covariances")
    sd_decimals: Whole = Field(default=2, description="printed decimals of standard deviations and means")


class DataSpec(Spec):
    """Where the answers come from: kind says which of the other keys are read.

    simulated: made up from a population model, through the questionnaire's forms.
    table: real answers of a CSV file, through the forms. returned: workbooks in
    `returned/`. import: a table of another system, by a column map, checked as forms
    are. frame: a CSV file as it is. moments: printed correlations or
    covariances. none: no answers (an interview guide).
    """

    kind: Annotated[Kind, BeforeValidator(choice(Kind))]
    n: dict[Name, Whole] = Field(default_factory=dict, description="simulated: respondents by group")
    population: Str | None = Field(default=None, description="simulated: the population model, lavaan syntax")
    dirt: DirtSpec = Field(default_factory=DirtSpec)
    path: Str | None = Field(
        default=None,
        description="table, import, frame: a data file; moments: a JSON file; relative to the study",
    )
    obtain: LocalText | None = Field(default=None, description="table: where to get the file")
    respondent: Name = Field(default="respondent", description="table, import: the column of respondent ids")
    items: dict[Id, Name] = Field(
        default_factory=dict,
        description="item id -> column; left out: in a table the id in capitals, in an import found by name",
    )
    keep: list[Name] = Field(default_factory=list, description="table, import: further columns carried along")
    source: Annotated[WayIn, BeforeValidator(choice(WayIn))] = Field(
        default="csv", description="import: the system that wrote the file; odk also for KoboToolbox"
    )
    sheet: Str | None = Field(default=None, description="import: the sheet of a workbook; default the first")
    language: Name | None = Field(default=None, description="import: the column of the respondent's language")
    options: dict[Id, dict[CodeKey, Name]] = Field(
        default_factory=dict, description="import: several-choice item -> code -> column"
    )
    recode: dict[Id, dict[Name, Code]] = Field(
        default_factory=dict, description="import: item or response scale -> what stands in the file -> code"
    )
    missing: list[Name] = Field(default_factory=list, description="import: what stands for no answer")
    moments: list[MomentsSpec] = Field(default_factory=list, description="moments: one entry a group")
    names: list[Name] = Field(
        default_factory=list, description="moments in a file: the variables in the order of its matrices"
    )


class FieldworkSpec(Spec):
    """Who was asked and when: what `surveykit status` counts against."""

    respondents: Str | None = Field(default=None, description="the sampling frame, relative to the study")
    sent: Day | None = Field(default=None, description="the day on which the forms went out")
    remind_after: list[Whole] = Field(default_factory=list, description="days after sending")
    closes: Day | None = Field(default=None, description="the last day on which answers are taken")


class StepSpec(Spec):
    """What all steps have: an id under which their results are filed, and a heading."""

    id: Id
    title: LocalText | None = None


class FormsStep(StepSpec):
    """Write the questionnaire's forms, one a language."""

    step: Literal["forms"]


class DescribeStep(StepSpec):
    """Distribution of every item, by group."""

    step: Literal["describe"]
    items: list[Id] = Field(default_factory=list)


class ReliabilityStep(StepSpec):
    """Cronbach's alpha with item statistics, by group and pooled."""

    step: Literal["reliability"]
    scales: list[Id] = Field(default_factory=list)


class LookupStep(StepSpec):
    """Scale scores read off a published table (raw sum -> score), checked against a column of the data."""

    step: Literal["lookup"]
    path: Str
    scales: dict[Id, Name] = Field(description="scale -> its name in the table, and in the data")


class CompareStep(StepSpec):
    """Scale means of two groups: Welch, Hedges g, Mann-Whitney, adjusted p."""

    step: Literal["compare"]
    outcomes: list[Name] = Field(default_factory=list)
    override_invariance: Bool = False
    weights: Name | None = Field(
        default=None, description="a column of survey weights: weighted means and tests beside the others"
    )


class InvarianceStep(StepSpec):
    """What may be compared: measurement invariance, level by level."""

    step: Literal["invariance"]
    models: dict[Name, Str] = Field(
        default_factory=dict, description="name -> measurement model, lavaan syntax"
    )
    scales: list[Id] = Field(default_factory=list, description="scales, each a model of its own")
    reversed_items: list[Id] = Field(
        default_factory=list, description="items whose codes run against the outcome: turned round first"
    )
    levels: list[Annotated[Level, BeforeValidator(choice(Level))]] = Field(default_factory=_all_levels)
    estimator: Annotated[Estimator, BeforeValidator(choice(Estimator))] = "MLR"
    missing: Annotated[Missing, BeforeValidator(choice(Missing))] = "listwise"
    partial: Literal["search"] | list[Str] | None = None


class ItemBiasStep(StepSpec):
    """Items that work differently in the groups: by the invariance model and by logistic regression."""

    step: Literal["item_bias"]
    models: dict[Name, Str] = Field(
        default_factory=dict, description="name -> measurement model, lavaan syntax"
    )
    scales: list[Id] = Field(default_factory=list, description="scales, each a model of its own")
    estimator: Annotated[Estimator, BeforeValidator(choice(Estimator))] = "MLR"
    missing: Annotated[Missing, BeforeValidator(choice(Missing))] = "listwise"


class SemStep(StepSpec):
    """A structural equation model."""

    step: Literal["sem"]
    model: Str
    measurement: list[Id] = Field(default_factory=list, description="scales put in front as lavaan syntax")
    by_group: Bool = False
    separately: Bool = Field(default=False, description="every group on its own: a row a group")
    group_equal: list[Str] = Field(default_factory=list)
    group_partial: list[Str] = Field(default_factory=list)
    estimator: Annotated[Estimator, BeforeValidator(choice(Estimator))] = "ML"
    likelihood: Annotated[Likelihood, BeforeValidator(choice(Likelihood))] = Field(
        default="normal", description="wishart divides by N - 1, as LISREL, EQS and AMOS do"
    )
    missing: Annotated[Missing, BeforeValidator(choice(Missing))] = "listwise"
    std_lv: Bool = False
    bootstrap: Whole = 0
    conf_level: Share = 0.95


class PathsStep(StepSpec):
    """Paths and indirect effects by group: equal or not, one at a time and together."""

    step: Literal["paths"]
    model: Str
    measurement: list[Id] = Field(default_factory=list, description="scales put in front as lavaan syntax")
    paths: list[Str] = Field(
        default_factory=list, description="paths to test, such as 'mutuality ~ trust'; all where left out"
    )
    group_partial: list[Str] = Field(
        default_factory=list, description="loadings that are not equal in all groups"
    )
    estimator: Annotated[Estimator, BeforeValidator(choice(Estimator))] = "ML"
    missing: Annotated[Missing, BeforeValidator(choice(Missing))] = "listwise"
    bootstrap: Whole = Field(default=0, description="samples for percentile intervals")
    conf_level: Share = 0.95


class ResponseStylesStep(StepSpec):
    """Agreeing, extreme and midpoint responding by group, and what they do to the comparison."""

    step: Literal["response_styles"]
    items: list[Id] = Field(default_factory=list, description="all rated items where left out")
    outcomes: list[Name] = Field(
        default_factory=list, description="scales whose difference is computed again with styles held equal"
    )


class InterviewsStep(StepSpec):
    """Coded interviews: matrices, saturation, agreement, the proposition matrix."""

    step: Literal["interviews"]
    codebook: Str
    segments: Str | None = Field(
        default=None, description="the table of coded segments; left out: the coding sheets collected"
    )
    transcripts: Str | None = Field(
        default=None, description="a folder of .txt, .docx, .srt or .vtt files named after their respondents"
    )
    names: Str | None = Field(
        default=None, description="the key list of real names (CSV: name, pseudonym), kept elsewhere"
    )
    coders: dict[Name, Str] = Field(
        default_factory=dict, description="simulated: coder -> the table that fills the coder's sheet"
    )
    displays: Str | None = Field(default=None, description="characteristics by company, and the figure")
    by: Name = "company"


class RoundingStep(StepSpec):
    """How far a model's estimates move within the printed rounding of the study's moments."""

    step: Literal["rounding"]
    model: Str
    group_equal: list[Str] = Field(default_factory=list)
    likelihood: Annotated[Likelihood, BeforeValidator(choice(Likelihood))] = Field(
        default="normal", description="as in the sem step whose numbers are asked about"
    )
    draws: Whole = 2000


STEPS = (
    FormsStep,
    DescribeStep,
    ReliabilityStep,
    LookupStep,
    CompareStep,
    InvarianceStep,
    ItemBiasStep,
    SemStep,
    PathsStep,
    ResponseStylesStep,
    RoundingStep,
    InterviewsStep,
)
Step = (
    FormsStep
    | DescribeStep
    | ReliabilityStep
    | LookupStep
    | CompareStep
    | InvarianceStep
    | ItemBiasStep
    | SemStep
    | PathsStep
    | ResponseStylesStep
    | RoundingStep
    | InterviewsStep
)


def kind_of(step: type[StepSpec]) -> str:
    """The word that stands under `step` for this kind."""
    return str(get_args(step.model_fields["step"].annotation)[0])


class AuthorSpec(Spec):
    """Who made the study, as its archive says it."""

    name: Str
    orcid: Str | None = Field(default=None, description="the plain identifier, such as 0000-0002-1825-0097")


class StudySpec(Spec):
    """A study: its questionnaire, its data, its analyses."""

    study: Id
    version: Version
    title: LocalText
    question: LocalText | None = None
    source: LocalText | None = Field(
        default=None, description="where the data come from, as the report says it"
    )
    authors: list[AuthorSpec] = Field(default_factory=list, description="named in the archive's metadata")
    license: Str | None = Field(default=None, description="of data and results: the address of its text")
    published: Name | None = Field(default=None, description="date of the archive, in quotes: 2026-11-22")
    instrument: Str | None = Field(
        default=None,
        description="the questionnaire's file, relative to the study; frame and moments need none",
    )
    languages: list[Lang] = Field(default_factory=_english)
    formats: list[Annotated[Format, BeforeValidator(choice(Format))]] = Field(
        default_factory=_page, description="in which the report is written; html always is"
    )
    seed: Whole = 1
    groups: GroupSpec = Field(default_factory=GroupSpec)
    data: DataSpec
    fieldwork: FieldworkSpec = Field(default_factory=FieldworkSpec)
    steps: Annotated[list[Annotated[Step, Field(discriminator="step")]], Field(min_length=1)]


def json_schema() -> dict[str, Any]:
    """The JSON Schema that lets an editor complete and check a study file."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **StudySpec.model_json_schema()}
