"""The plan of a stranger's archive may name files of the archive only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, get_args

from pydantic import BaseModel

from surveykit.errors import Place, SurveykitError
from surveykit.instrument.yaml_tree import read_yaml
from surveykit.study.schema import (
    STEPS,
    DataSpec,
    FieldworkSpec,
    GroupSpec,
    InvarianceStep,
    ItemBiasStep,
    PathsStep,
    RoundingStep,
    SemStep,
    StepSpec,
    StudySpec,
    kind_of,
)

PLAN = "study.yaml"
# The fields of the schema that are written for people or for the model, and the sampling frame, which no run
# opens (it may hold people); everything else may name a file, whatever its key is called.
WORDS: Mapping[type[BaseModel], frozenset[str]] = {
    StudySpec: frozenset({"title", "question", "source"}),
    DataSpec: frozenset({"obtain", "population"}),
    FieldworkSpec: frozenset({"respondents"}),
    GroupSpec: frozenset({"labels"}),
    StepSpec: frozenset({"title"}),
    InvarianceStep: frozenset({"models"}),
    ItemBiasStep: frozenset({"models"}),
    SemStep: frozenset({"model"}),
    PathsStep: frozenset({"model"}),
    RoundingStep: frozenset({"model"}),
}


def refuse_outside(study: Path) -> None:
    """Look through the plan before anything that it names is opened.

    Raises
    ------
    SurveykitError
        T045 a text that is a path leads out of the study's folder.
    """
    path = study if study.is_file() else study / PLAN
    for text in outside(path):
        raise SurveykitError("T045", place=Place(file=str(path)), path=text[:200])


def outside(plan: Path) -> Iterator[str]:
    """The texts of a plan's file that are paths and lead out of its folder."""
    return (text for text in _texts(read_yaml(plan), StudySpec) if leads_out(plan.parent, text))


def leads_out(folder: Path, text: str) -> bool:
    """Whether a path that a plan in this folder gives lies elsewhere, on any system."""
    home, named = folder.resolve(), text.replace("\\", "/")
    away = PurePosixPath(named).is_absolute() or ":" in named[:3] or ".." in PurePosixPath(named).parts
    return away or not (home / named).resolve().is_relative_to(home)


def _texts(node: Any, schema: type[BaseModel] | None) -> Iterator[str]:
    """Every text that could be a path; `schema` is what the plan's schema says of `node`, if anything."""
    if isinstance(node, dict):
        for key, value in node.items():
            if schema is None:
                yield from _texts(key, None)
            if schema is None or not _is_words(schema, str(key)):
                yield from _texts(value, _below(schema, str(key), value))
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value, _step(value) if schema is StepSpec else schema)
    elif isinstance(node, str) and ("/" in node or "\\" in node or node.startswith("..") or _on_drive(node)):
        yield str(node)


def _on_drive(text: str) -> bool:
    """``C:secret.csv``: relative to another drive."""
    return text[1:2] == ":" and text[0].isalpha()


def _is_words(schema: type[BaseModel], key: str) -> bool:
    return any(key in WORDS.get(one, ()) for one in schema.__mro__)


def _below(schema: type[BaseModel] | None, key: str, value: Any) -> type[BaseModel] | None:
    """The schema of what stands under a key; None where it is plain values, or the key is not known."""
    field = schema.model_fields.get(key) if schema is not None else None
    if field is None:
        return None
    if schema is StudySpec and key == "steps":
        return StepSpec if isinstance(value, list) else None
    found = _specs(field.annotation)
    return found[0] if len(found) == 1 else None


def _specs(annotation: Any) -> list[type[BaseModel]]:
    """The mappings with a schema of their own in an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [one for part in get_args(annotation) for one in _specs(part)]


def _step(node: Any) -> type[BaseModel] | None:
    kind = str(node.get("step")) if isinstance(node, dict) else ""
    return next((one for one in STEPS if kind_of(one) == kind), None)
