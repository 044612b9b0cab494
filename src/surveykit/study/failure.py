"""A step that could not be done: told where its results would stand, so that the others go on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from surveykit.errors import Note, SurveykitError, SurveykitProblems, note
from surveykit.report.blocks import register
from surveykit.report.document import Block, Paragraph
from surveykit.report.names import Names
from surveykit.results import Result
from surveykit.wording import has_wording, wording

FAILED = "failed"


@dataclass(frozen=True)
class StepFailed(Result):
    """Why a step has no results: `notes`, each with its code. `step` is the step's id."""

    step: str
    notes: tuple[Note, ...]

    def to_frame(self) -> pd.DataFrame:
        rows = [(one.code, str(one.place or ""), one.text()) for one in self.notes]
        return pd.DataFrame(rows, columns=["code", "place", "text"])


@dataclass(frozen=True)
class NotComputed(Result):
    """A part of a step (a scale in a group, a model) that could not be computed, and why: `notes`."""

    part: str
    notes: tuple[Note, ...]

    def to_frame(self) -> pd.DataFrame:
        rows = [(self.part, one.code, one.text()) for one in self.notes]
        return pd.DataFrame(rows, columns=["part", "code", "text"])


def each(parts: Mapping[str, Callable[[], Result]]) -> dict[str, Result]:
    """The parts of a step by name, `NotComputed` for those that are refused; refused itself if all are."""
    found: dict[str, Result] = {}
    refused: list[Note] = []
    for name, compute in parts.items():
        try:
            found[name] = compute()
        except SurveykitError as error:
            refused += notes_of(error)
            found[name] = NotComputed(name, notes_of(error))
    if refused and all(isinstance(one, NotComputed) for one in found.values()):
        raise SurveykitProblems(tuple(refused))
    return found


def notes_of(error: SurveykitError) -> tuple[Note, ...]:
    """Every reason that a refusal gives."""
    return tuple(error.problems) if isinstance(error, SurveykitProblems) else (error.note,)


def failed_step(step: str, error: Exception) -> dict[str, Result]:
    """What stands in place of the results of a step that was refused or broke."""
    if isinstance(error, SurveykitError):
        notes = notes_of(error)
    else:
        notes = (note("T044", step=step, kind=type(error).__name__, detail=str(error)[:300]),)
    return {FAILED: StepFailed(step, notes)}


def failures(results: Mapping[str, Mapping[str, Result]]) -> dict[str, StepFailed]:
    """The failed steps of a run, by their id."""
    found = {step: by_name.get(FAILED) for step, by_name in results.items()}
    return {step: one for step, one in found.items() if isinstance(one, StepFailed)}


def left_out(results: Mapping[str, Mapping[str, Result]]) -> list[Note]:
    """Which parts of steps could not be computed, each with its codes."""
    return [
        note("T048", step=step, part=name, codes=", ".join(dict.fromkeys(told.code for told in one.notes)))
        for step, by_name in results.items()
        for name, one in by_name.items()
        if isinstance(one, NotComputed)
    ]


@register
def _(result: NotComputed, names: Names, id: str) -> list[Block]:
    about, _, group = result.part.partition(".")
    key = f"part_{about}"
    part = wording("study", key, names.lang) if has_wording("study", key) else names.variable(about)
    part += f" ({names.group('' if group == 'all' else group)})" if group else ""
    told = (one.full(names.lang) for one in result.notes)
    return [Paragraph(names.text("about", what=part, text=text), "warning") for text in told]


@register
def _(result: StepFailed, names: Names, id: str) -> list[Block]:
    return [Paragraph(one.full(names.lang), "warning") for one in result.notes]
