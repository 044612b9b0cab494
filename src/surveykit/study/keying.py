"""Alpha of a scale in a study, whose items are keyed: what goes against the rest is told with its place."""

from __future__ import annotations

import dataclasses
import warnings

import pandas as pd

from surveykit.analysis.reliability import AlphaResult, cronbach_alpha
from surveykit.errors import Note, SurveykitWarning, note

AGAINST = "S008"


def scale_alpha(items: pd.DataFrame, scale: str, group: str) -> AlphaResult:
    """Alpha of one scale in one group ("" for all); items against the rest are S115 in place of S008.

    Warns
    -----
    SurveykitWarning
        S115 items go against the rest of the scale, though keyed as the questionnaire says.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=rf"\[{AGAINST}\]", category=SurveykitWarning)
        result = cronbach_alpha(items)
    notes = tuple(_placed(one, scale, group) for one in result.notes)
    for told in notes:
        if told.code == "S115":
            warnings.warn(str(told), SurveykitWarning, stacklevel=2)
    return dataclasses.replace(result, notes=notes)


def _placed(told: Note, scale: str, group: str) -> Note:
    if told.code != AGAINST:
        return told
    return note("S115", scale=scale, group=group, names=told.fields["names"])
