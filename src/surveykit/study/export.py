"""A study's answers in the formats of others."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path

from surveykit.errors import Note, Place, SurveykitError, note
from surveykit.form.roster import PERSONAL
from surveykit.responses.export.table import About
from surveykit.responses.export.write import Exported, export_responses
from surveykit.responses.read import Responses
from surveykit.study.answers import answers_of
from surveykit.study.plan import read_plan


def export_study(
    study: str | Path, to: str | Path, formats: Iterable[str] = ("csv", "codebook"), lang: str | None = None
) -> Exported:
    """Write the answers that a study has collected or imported.

    Columns that look like names or addresses stay behind (E025): they belong
    into the sampling frame and nowhere else.

    Parameters
    ----------
    study : path
        A folder with a `study.yaml`.
    to, formats, lang
        As for `surveykit.responses.export.write.export_responses`: a folder; "csv", "parquet", "sav",
        "codebook", "datapackage", "psych-ds", "ddi"; the language of labels.

    Returns
    -------
    Exported
        `.files`, `.notes`.

    Raises
    ------
    SurveykitError
        R060 nothing was collected yet; E014, E015 a study without answers of a questionnaire; O001, E020,
        E021 as `export_responses`.

    Examples
    --------
    >>> export_study("analyses/demo", "out", ["csv", "sav"], lang="ja")    # doctest: +SKIP
    <Exported: 2 files>
    """
    plan = read_plan(study)
    _, responses = answers_of(plan)
    if responses is None:
        raise SurveykitError("E015", place=Place(file=str(plan.folder)))
    kept, told = without_names(responses)
    title = {str(one): text for one, text in plan.spec.title.items()}
    question = {str(one): text for one, text in (plan.spec.question or plan.spec.source or {}).items()}
    about = About(plan.spec.study, plan.spec.version, title, question)
    written = export_responses(kept, to, formats, lang, about)
    return dataclasses.replace(written, notes=(*told, *written.notes))


def without_names(responses: Responses) -> tuple[Responses, tuple[Note, ...]]:
    """The responses without columns beside the items that look like names or addresses."""
    items = {item.id for item in responses.instrument.items}
    named = [str(one) for one in responses.frame.columns if one not in items and PERSONAL.search(str(one))]
    if not named:
        return responses, ()
    kept = dataclasses.replace(responses, frame=responses.frame.drop(columns=named))
    return kept, (note("E025", columns=", ".join(named)),)
