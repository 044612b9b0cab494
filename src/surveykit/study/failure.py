"""A step that could not be done: told where its results would stand, so that the others go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from surveykit.errors import Note, SurveykitError, SurveykitProblems, note
from surveykit.report.blocks import register
from surveykit.report.document import Block, Paragraph
from surveykit.report.names import Names
from surveykit.results import Result

FAILED = "failed"


@dataclass(frozen=True)
class StepFailed(Result):
    """Why a step has no results: `notes`, each with its code. `step` is the step's id."""

    step: str
    notes: tuple[Note, ...]

    def to_frame(self) -> pd.DataFrame:
        rows = [(one.code, str(one.place or ""), one.text()) for one in self.notes]
        return pd.DataFrame(rows, columns=["code", "place", "text"])


def failed_step(step: str, error: Exception) -> dict[str, Result]:
    """What stands in place of the results of a step that was refused or broke."""
    if isinstance(error, SurveykitProblems):
        notes = tuple(error.problems)
    elif isinstance(error, SurveykitError):
        notes = (error.note,)
    else:
        notes = (note("T044", step=step, kind=type(error).__name__, detail=str(error)[:300]),)
    return {FAILED: StepFailed(step, notes)}


def failures(results: Mapping[str, Mapping[str, Result]]) -> dict[str, StepFailed]:
    """The failed steps of a run, by their id."""
    found = {step: by_name.get(FAILED) for step, by_name in results.items()}
    return {step: one for step, one in found.items() if isinstance(one, StepFailed)}


@register
def _(result: StepFailed, names: Names, id: str) -> list[Block]:
    return [Paragraph(one.full(names.lang), "warning") for one in result.notes]
