"""The answers that a study has now, wherever they came from; nothing is gathered anew."""

from __future__ import annotations

import pandas as pd

from surveykit.errors import Place, SurveykitError
from surveykit.responses.read import Responses, read_responses
from surveykit.study.data import read_table
from surveykit.study.plan import Plan


def answers_of(plan: Plan, lang: str = "en") -> tuple[pd.DataFrame, Responses | None]:
    """The answers as a frame, and the responses with their provenance where they went through the store.

    Raises
    ------
    SurveykitError
        R060 nothing was collected yet; T007 the study's data file is missing; E014 a study without answers
        (printed moments, an interview guide).
    """
    kind = plan.spec.data.kind
    if kind == "frame":
        return read_table(plan), None
    if kind in ("none", "moments"):
        raise SurveykitError("E014", place=Place(file=str(plan.folder)), kind=kind)
    responses = read_responses(plan.folder, plan.questionnaire.instrument, lang)
    return responses.frame, responses
