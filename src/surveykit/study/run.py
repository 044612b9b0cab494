"""Follow a plan from answers to report."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from surveykit.errors import Note, SurveykitWarning, note
from surveykit.report.formats import write_as
from surveykit.report.html import write_html
from surveykit.report.machine import write_results
from surveykit.results import Result
from surveykit.study.data import gather
from surveykit.study.failure import StepFailed, failed_step, failures, left_out
from surveykit.study.groups import ungrouped, without_bad_groups
from surveykit.study.moments import with_moments
from surveykit.study.page import document
from surveykit.study.plan import Plan, read_plan
from surveykit.study.schema import PathsStep, SemStep, Step
from surveykit.study.sealed import refuse_outside
from surveykit.study.separately import fit_separately
from surveykit.study.steps import Context, fit_alone, run_step

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class StudyResult(Result):
    """What a run computed and wrote.

    `results`: step id -> result name -> result; `report`: the page in the
    plan's first language; `files`: everything written; `failed`: the steps that
    could not be done, each with its notes (`report` and `results` say so too).
    """

    study: str
    simulated: bool
    report: Path
    files: tuple[Path, ...]
    results: Mapping[str, Mapping[str, Result]]
    notes: tuple[Note, ...] = ()
    failed: tuple[StepFailed, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """One row a result: `step name kind`."""
        rows = [
            (step, name, type(one).__name__)
            for step, by_name in self.results.items()
            for name, one in by_name.items()
        ]
        return pd.DataFrame(rows, columns=["step", "name", "kind"])


def run_study(
    study: str | Path,
    out: str | Path | None = None,
    progress: Progress | None = None,
    *,
    answers: str | Path | None = None,
    sealed: bool = False,
) -> StudyResult:
    """Run a study: collect, score, analyse, report.

    Parameters
    ----------
    study : path
        A folder with a `study.yaml`.
    out : path, optional
        Where the report goes; default ``reports/<folder of the study>`` beside the folder `analyses`
        (else `report/` inside the study).
    progress : callable, optional
        Called as ``progress(stage, done, total)``.
    answers : path, optional
        Archived answers (`responses.csv` of an archive) to analyse instead of gathering them again.
    sealed : bool, default False
        Refuse a plan that names a file outside its folder, as that of a stranger's archive must not.

    Returns
    -------
    StudyResult
        `.report` is the page to open.

    Raises
    ------
    SurveykitError
        T001-T009 the plan or its data; whatever the questionnaire refuses; T045 `sealed`.

    Warns
    -----
    SurveykitWarning
        T042 a step failed; the others were taken, and the report says which one was not and why. T048 one
        part of a step (a scale in a group, a model) could not be computed; the others were. T050 answers
        whose group the plan does not name are in no comparison.

    Examples
    --------
    >>> result = run_study("analyses/partnership_demo")      # doctest: +SKIP
    >>> result.report                                       # doctest: +SKIP
    PosixPath('reports/partnership_demo/index.html')
    """
    tell = progress or (lambda stage, done, total: None)
    if sealed:
        refuse_outside(Path(study))
    plan = read_plan(study)
    folder = Path(out) if out is not None else _default_out(plan)
    folder.mkdir(parents=True, exist_ok=True)
    context, results = follow(plan, folder, tell, Path(answers) if answers is not None else None)
    files = _write(plan, context, results, folder)
    tell("analyse", len(plan.spec.steps), len(plan.spec.steps))
    failed = failures(results)
    told = [note("T042", step=step, codes=_codes(one)) for step, one in failed.items()]
    notes = (*told, *left_out(results), *ungrouped(context))
    for one in notes:
        warnings.warn(str(one), SurveykitWarning, stacklevel=2)
    return StudyResult(
        plan.spec.study, context.simulated, files[0], tuple(files), results, notes, tuple(failed.values())
    )


def _codes(failed: StepFailed) -> str:
    return ", ".join(dict.fromkeys(one.code for one in failed.notes))


def follow(
    plan: Plan, folder: Path, tell: Progress, answers: Path | None = None
) -> tuple[Context, dict[str, Mapping[str, Result]]]:
    """Gather the answers and take every step; forms are written to `folder`, nothing else.

    A step that fails has a `StepFailed` in place of its results; those that do not rest on it go on.
    """
    plan = with_moments(plan)
    collected = gather(plan, tell, answers)
    context = Context(plan, folder, collected)
    results: dict[str, Mapping[str, Result]] = {"data": collected.results} if collected is not None else {}
    for done, step in enumerate(plan.spec.steps):
        tell("analyse", done, len(plan.spec.steps))
        try:
            results[step.id] = _taken(context, step)
        except Exception as error:  # noqa: BLE001  (whatever stops one step must not stop the others)
            results[step.id] = failed_step(step.id, error)
    return context, results


def _taken(context: Context, step: Step) -> Mapping[str, Result]:
    if isinstance(step, SemStep) and step.separately:
        return fit_separately(context, step)
    if isinstance(step, PathsStep):
        return without_bad_groups(
            context, "paths", lambda some: run_step(some, step)["paths"], lambda one: fit_alone(one, step)
        )
    return run_step(context, step)


def _default_out(plan: Plan) -> Path:
    """Named after the study's folder: two studies may have one name, never one folder."""
    folder = plan.folder.resolve()
    above = folder.parent
    return above.parent / "reports" / folder.name if above.name == "analyses" else plan.folder / "report"


def _write(
    plan: Plan, context: Context, results: Mapping[str, Mapping[str, Result]], folder: Path
) -> list[Path]:
    languages: list[str] = [*plan.spec.languages]
    names = {lang: "index.html" if lang == languages[0] else f"index.{lang}.html" for lang in languages}
    pages, others = [], []
    for lang in languages:
        elsewhere = {other: name for other, name in names.items() if other != lang}
        page = document(context, results, lang, elsewhere)
        pages.append(write_html(page, folder / names[lang]))
        others += [
            path
            for kind in plan.spec.formats
            if kind != "html" and (path := write_as(kind, page, folder / names[lang])) is not None
        ]
    return [*pages, *others, *write_results(results, folder / "results")]
