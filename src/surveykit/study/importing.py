"""A study whose answers were given on another system: its table, by the plan's column map."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from surveykit.errors import Place, SurveykitError
from surveykit.responses.incoming.columns import ColumnMap
from surveykit.responses.incoming.importing import ImportReport, import_table
from surveykit.study.plan import PLAN, Plan, read_plan
from surveykit.wording import pick

Progress = Callable[[int, int, str], None]


def import_responses(study: str | Path, lang: str = "en", progress: Progress | None = None) -> ImportReport:
    """Take in the table of answers that a study names under ``data: {kind: import}``.

    Values are parsed and checked as those of returned forms; afterwards
    `read_responses` gives frame, provenance and findings whatever the way in.
    Taken in again, rows that are the same are not filed a second time.

    Parameters
    ----------
    study : path
        A folder with a `study.yaml`. Its `data` has `source` ("csv", "excel", "qualtrics", "limesurvey",
        "odk" for ODK and KoboToolbox, "spss"), `path`, and where names differ `respondent`, `items`,
        `options`, `recode`, `missing`, `keep`.
    lang : {"en", "ja", "ko"}, default "en"
        Language of the findings.
    progress : callable, optional
        Called as ``progress(done, total, file)``.

    Returns
    -------
    ImportReport
        `.rows`, `.new`, `.findings`, `.notes`.

    Raises
    ------
    SurveykitError
        T001-T007 the plan or its file; E064 the study imports nothing; and what `import_table` refuses.

    Examples
    --------
    >>> print(import_responses("analyses/panel").summary())        # doctest: +SKIP
    analyses/panel/export.csv: 412 rows, 412 new, 3 findings
    """
    plan = read_plan(study)
    if plan.spec.data.kind != "import":
        raise SurveykitError("E064", place=Place(file=str(plan.folder / PLAN)), kind=plan.spec.data.kind)
    return take_in(plan, lang, progress)


def take_in(plan: Plan, lang: str = "en", progress: Progress | None = None) -> ImportReport:
    """The table that a plan names into its store."""
    data = plan.spec.data
    path = plan.path(data.path or "")
    if not path.is_file():
        obtain = pick(data.obtain, lang) or "Change 'path' under 'data' in study.yaml."
        raise SurveykitError(
            "T007", place=Place(file=str(plan.folder / PLAN)), path=str(data.path), obtain=obtain
        )
    return import_table(path, plan.folder, plan.questionnaire, column_map(plan), lang, progress)


def column_map(plan: Plan) -> ColumnMap:
    """What the plan says of the table."""
    data = plan.spec.data
    return ColumnMap(
        source=data.source,
        sheet=data.sheet,
        respondent=data.respondent if "respondent" in data.model_fields_set else None,
        language=data.language,
        items=data.items,
        options=data.options,
        recode=data.recode,
        missing=tuple(data.missing),
        keep=tuple(data.keep),
        group=plan.spec.groups.column,
    )
