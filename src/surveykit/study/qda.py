"""A study's codes to and from other programs for qualitative analysis (REFI-QDA)."""

from __future__ import annotations

from pathlib import Path

from surveykit.coding.codebook import read_codebook
from surveykit.coding.refi_qda import qda_project, write_qdc, write_qdpx
from surveykit.coding.refi_qda_read import read_qdpx
from surveykit.coding.segments import Segments, check_segments
from surveykit.errors import Note, Place
from surveykit.form.writing import made_beside
from surveykit.responses.read import read_responses
from surveykit.responses.store import store_folder
from surveykit.study.interviews import coded_segments, interview_step, material, write_segments
from surveykit.study.plan import read_plan

CODEBOOK = ".qdc"


def write_study_qda(study: str | Path, to: str | Path) -> tuple[Path, tuple[Note, ...]]:
    """A study's codebook, texts and codings as a project, or its codebook alone (``.qdc``).

    The project holds what respondents said: it is for the team, not for an archive.

    Parameters
    ----------
    study : path
        A folder with a `study.yaml` that has an interviews step.
    to : path
        ``.qdpx`` for NVivo, ATLAS.ti, MAXQDA or QualCoder; ``.qdc`` for the codes alone.

    Returns
    -------
    (Path, tuple of Note)
        C045, C046: what other programs have no place for.

    Raises
    ------
    SurveykitError
        T030 the study codes no interviews; T032 nothing is coded yet; F029 another file of this name is
        there; those of `read_codebook`.

    Examples
    --------
    >>> write_study_qda("analyses/my_study", "my_study.qdpx")        # doctest: +SKIP
    """
    plan = read_plan(study)
    step = interview_step(plan)
    book = read_codebook(plan.path(step.codebook))
    if Path(to).suffix.lower() == CODEBOOK:
        with made_beside(Path(to)) as partial:
            write_qdc(book, partial)
        return Path(to), ()
    collected = plan.instrument is not None and store_folder(plan.folder).is_dir()
    responses = read_responses(plan.folder) if collected else None
    found = material(plan, step, book, responses, plan.spec.languages[0])
    project = qda_project(book, coded_segments(plan, step, book, found), found.texts)
    with made_beside(Path(to)) as partial:
        write_qdpx(project, partial)
    return Path(to), project.notes


def read_study_qda(study: str | Path, path: str | Path, out: str | Path) -> Segments:
    """The codings of a project as a table of segments of this study, checked against its codebook.

    Parameters
    ----------
    study : path
    path : path
        A ``.qdpx`` file.
    out : path
        The table to write; name it under ``segments`` in the plan to use it.

    Returns
    -------
    Segments
        `notes`: what `read_qdpx` and `check_segments` find.

    Raises
    ------
    SurveykitError
        T030 the study codes no interviews; C040-C043 the project cannot be used; F029 another file of the
        name `out` is there.

    Examples
    --------
    >>> read_study_qda("analyses/my_study", "back.qdpx", "segments.csv")   # doctest: +SKIP
    """
    plan = read_plan(study)
    book = read_codebook(plan.path(interview_step(plan).codebook))
    project = read_qdpx(path)
    found = check_segments(project.segments, book, project.texts, file=str(path))
    with made_beside(Path(out)) as partial:
        write_segments(found, partial)
    notes = tuple(Note(one.code, one.fields, one.place or Place(file=str(path))) for one in project.notes)
    return Segments(found.frame, found.dropped, (*notes, *found.notes))
