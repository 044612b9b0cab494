"""A study.yaml as a typed plan: everything that is wrong at once, each with file, line and column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from surveykit.errors import Note, Place, SurveykitError, SurveykitProblems, note
from surveykit.instrument.model import Instrument
from surveykit.instrument.reader import read_instrument
from surveykit.instrument.refusal import refusal
from surveykit.instrument.source import Source
from surveykit.instrument.texts import Path as KeyPath
from surveykit.instrument.yaml_tree import YamlMap, read_yaml
from surveykit.study.schema import (
    STEPS,
    CompareStep,
    DescribeStep,
    PathsStep,
    ResponseStylesStep,
    SemStep,
    Step,
    StudySpec,
    kind_of,
)

PLAN = "study.yaml"
# What each kind of data cannot do without.
NEEDED = {"simulated": ("n",), "table": ("path",), "import": ("path",), "frame": ("path",)}
FROM_MOMENTS = ("sem", "paths", "invariance", "item_bias", "rounding")
WITHOUT_INSTRUMENT = ("frame", "moments")


@dataclass(frozen=True)
class Plan:
    """A study: its folder, what is to be done, and the questionnaire it uses (None where it needs none)."""

    folder: Path
    spec: StudySpec
    instrument: Instrument | None

    @property
    def simulated(self) -> bool:
        return self.spec.data.kind == "simulated"

    @property
    def questionnaire(self) -> Instrument:
        """The instrument, where the plan must have one (`read_plan` sees to it)."""
        assert self.instrument is not None
        return self.instrument

    def path(self, relative: str) -> Path:
        """A path that the plan gives relative to its folder."""
        return self.folder / relative


def read_plan(study: str | Path) -> Plan:
    """The plan of a study folder (or of its study.yaml).

    Raises
    ------
    SurveykitError
        T001 the folder has no study.yaml; I001-I016 the file cannot be read.
    SurveykitProblems
        I020-I056 what the schema refuses; T002-T014 what contradicts itself or the questionnaire.
    """
    where = Path(study)
    path = where if where.is_file() else where / PLAN
    if not path.is_file():
        raise SurveykitError("T001", place=Place(file=str(path)))
    source = Source(read_yaml(path), str(path))
    spec = _spec(source)
    instrument = None if spec.instrument is None else read_instrument(path.parent / spec.instrument)
    problems = [*_problems(spec, source)]
    if instrument is not None:
        problems += _problems_with(instrument, spec, source)
    if problems:
        raise SurveykitProblems(tuple(problems))
    return Plan(path.parent, spec, instrument)


def _spec(source: Source) -> StudySpec:
    try:
        return StudySpec.model_validate(source.tree)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        raise SurveykitProblems(tuple(_refusal(one, source) for one in found)) from error


def _refusal(error: Mapping[str, Any], source: Source) -> Note:
    """pydantic puts the kind of a step into the path of an error: take it out before asking for the place."""
    loc: KeyPath = tuple(error["loc"])
    kinds = {kind_of(one) for one in STEPS}
    if error["type"] in ("union_tag_invalid", "union_tag_not_found"):
        where = source.where(loc)
        value = source.node((*loc, "step")) or "–"
        return note("T002", source.place(loc), where=where, value=value, allowed=", ".join(sorted(kinds)))
    if len(loc) > 2 and loc[0] == "steps" and loc[2] in kinds:
        loc = (*loc[:2], *loc[3:])
    return refusal({**error, "loc": loc}, source, lambda path: _keys_at(path, source))


def _keys_at(path: KeyPath, source: Source) -> Iterable[str]:
    """The keys that the mapping at this path may have."""
    match path:
        case ():
            return StudySpec.model_fields
        case ("steps", int(), *_):
            tree = source.node(path[:2])
            kind = tree.get("step") if isinstance(tree, YamlMap) else None
            return next((one.model_fields for one in STEPS if kind_of(one) == kind), ())
    spec = StudySpec.model_fields.get(str(path[0]))
    return getattr(spec.annotation, "model_fields", ()) if spec is not None else ()


def _problems(spec: StudySpec, source: Source) -> Iterable[Note]:
    """What contradicts itself."""
    seen: set[str] = set()
    for index, step in enumerate(spec.steps):
        if step.id in seen:
            yield note("T003", source.place(("steps", index, "id")), id=step.id)
        seen.add(step.id)
    for key in NEEDED.get(spec.data.kind, ()):
        if not getattr(spec.data, key):
            yield note("T004", source.place(("data",)), key=key)
    if spec.data.kind == "moments":
        if not spec.data.moments and spec.data.path is None:
            yield note("T004", source.place(("data",)), key="moments")
        if spec.data.path is not None and not spec.data.names:
            yield note("T004", source.place(("data",)), key="names")
    if spec.instrument is None:
        if spec.data.kind not in WITHOUT_INSTRUMENT:
            yield note("T010", source.place(("data",)), what=f"data: {spec.data.kind}")
        for index, step in enumerate(spec.steps):
            if _asks_the_questionnaire(step):
                yield note("T010", source.place(("steps", index)), what=f"step: {step.step}")
    for index, one in enumerate(spec.data.moments):
        rows = one.cov or one.cor
        triangle = [len(row) for row in rows] == list(range(1, len(one.names) + 1))
        if not triangle or len(one.sd) not in (0, len(one.names)) or len(one.mean) not in (0, len(one.names)):
            counts = {"names": len(one.names), "rows": len(rows), "sds": len(one.sd), "means": len(one.mean)}
            yield note("T012", source.place(("data", "moments", index)), group=one.group, **counts)
    for index, step in enumerate(spec.steps):
        if spec.data.kind == "moments" and step.step not in FROM_MOMENTS:
            yield note("T011", source.place(("steps", index)), step=step.step)


def _problems_with(instrument: Instrument, spec: StudySpec, source: Source) -> Iterable[Note]:
    """What the questionnaire does not have."""
    for language in spec.languages:
        if language not in instrument.languages:
            offered = ", ".join(instrument.languages)
            yield note("T005", source.place(("languages",)), value=language, offered=offered)
    for index, step in enumerate(spec.steps):
        for name in _scales_of(step):
            if name not in instrument.scales:
                place = source.place(("steps", index, "scales"))
                yield note("T006", place, scale=name, instrument=instrument.instrument,
                           offered=", ".join(instrument.scales))  # fmt: skip
        rated = isinstance(step, ResponseStylesStep)
        for name in step.items if isinstance(step, DescribeStep | ResponseStylesStep) else ():
            kinds = {item.id: item.type for item in instrument.items}
            if name not in kinds or (rated and kinds[name] != "likert"):
                place = source.place(("steps", index, "items"))
                yield note("T014", place, step=step.id, item=name, instrument=instrument.instrument)


def _asks_the_questionnaire(step: Step) -> bool:
    """Whether a step needs items or scales that only a questionnaire has."""
    if step.step in ("forms", "describe", "reliability", "lookup", "response_styles"):
        return True
    if isinstance(step, CompareStep):
        return not step.outcomes
    return bool(getattr(step, "scales", ()) or _measured(step))


def _measured(step: Step) -> list[str]:
    """The scales whose measurement model a step takes from the questionnaire."""
    return step.measurement if isinstance(step, SemStep | PathsStep) else []


def _scales_of(step: Step) -> Iterable[str]:
    scales: Iterable[str] = getattr(step, "scales", ())
    return (*scales, *_measured(step))
