"""Commands of whole studies: run, demo."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from surveykit.cli.output import complain, note_record, reader_language, say, say_json, stages
from surveykit.cli.questionnaire import Json
from surveykit.errors import Place, SurveykitError, SurveykitWarning
from surveykit.wording import wording

if TYPE_CHECKING:
    from surveykit.study.run import StudyResult

DEMO = ("partnership_demo", "lee_trim_interviews", "school_leadership")
PAPER = "smith_sivo_2012"


def run(
    study: Path,
    out: Path | None = None,
    answers: Path | None = None,
    sealed: Annotated[bool, typer.Option("--sealed")] = False,
    json: Json = False,
) -> None:
    """Follow a study's plan: collect, score, analyse, write the report."""
    from surveykit.study.run import run_study

    with stages() as tell, quiet():
        result = run_study(study, out, tell, answers=answers, sealed=sealed)
    if json:
        failed = {one.step: [note_record(told) for told in one.notes] for one in result.failed}
        shown = {
            "study": result.study,
            "simulated": result.simulated,
            "report": result.report,
            "files": result.files,
            "failed": failed,
        }
        say_json(shown)
    else:
        if result.simulated:
            say(wording("cli", "simulated", reader_language()))
        say(wording("cli", "report", reader_language(), path=result.report))
    _tell_failures(result)


def _tell_failures(result: StudyResult) -> None:
    """Name the steps that failed, and end with exit status 1 if there are any."""
    lang = reader_language()
    for one in result.notes[len(result.failed) :]:
        complain(one.full(lang))
    for one, failed in zip(result.notes, result.failed, strict=False):
        complain(one.full(lang))
        for told in failed.notes:
            complain("  " + told.full(lang).replace("\n", "\n  "))
    if result.failed:
        raise typer.Exit(1)


@contextmanager
def quiet() -> Iterator[None]:
    """Failed steps are told once, in the reader's language, not as a warning besides."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"\[T04[28]\]", category=SurveykitWarning)
        yield


def demo(analyses: Path = Path("analyses")) -> None:
    """See the main job done: questionnaire, forms, collection, analysis, report."""
    from surveykit.study.run import run_study

    done, lang = 0, reader_language()
    for name in DEMO:
        say("\n" + wording("cli", "demo_study", lang, name=name))
        try:
            with stages() as tell, quiet():
                result = run_study(analyses / name, None, tell)
        except SurveykitError as error:
            if error.code != "T007":
                raise
            complain(error.text(lang))  # data that may not be shipped: said, and gone on
            continue
        if result.simulated:
            say(wording("study", "simulated_line", lang))
        say(wording("cli", "report", lang, path=result.report))
        _tell_failures(result)
        done += 1
    say("\n" + wording("cli", "demo_paper", lang, name=PAPER))
    from surveykit.archive.reproduce import reproduce as reproduce_study

    verdict = reproduce_study(analyses / PAPER, lang=lang)
    say(verdict.summary(lang))
    say("\n" + wording("cli", "demo_done", lang, count=done))
    if not verdict.as_expected:
        raise typer.Exit(1)


def archive(
    study: Path,
    to: Annotated[Path, typer.Option()],
    json: Json = False,
) -> None:
    """Pack a study so that a stranger can check it and run it again."""
    from surveykit.study.archiving import archive_study

    archived = archive_study(study, to)
    if json:
        say_json(archived.to_dict())
    else:
        say(archived.summary(reader_language()))


def reproduce(
    study: Path,
    timeout: float = 600.0,
    certificate: Path | None = None,
    sha256: str | None = None,
    json: Json = False,
) -> None:
    """Recompute every published number; exit status 0 only if all came out as their claims say."""
    from surveykit.archive.reproduce import reproduce as reproduce_study

    verdict = reproduce_study(
        study, timeout=timeout, certificate=certificate, lang=reader_language(), sha256=sha256
    )
    if json:
        say_json(verdict.to_dict())
    else:
        say(verdict.summary(reader_language()))
    if not verdict.as_expected:
        raise typer.Exit(1)


def consistency(claims: Path, json: Json = False) -> None:
    """Hold a paper's printed numbers against one another, without any data."""
    from surveykit.archive.consistency import check_consistency

    result = check_consistency(claims, reader_language())
    if json:
        say_json(result.to_dict())
    else:
        say(result.summary(reader_language()))
    if not result.consistent:
        raise typer.Exit(1)


def claims(
    source: Path,
    to: Annotated[Path, typer.Option()],
    citation: str = "",
    only: str = "",
    json: Json = False,
) -> None:
    """Make a claims.yaml from a table kept in Excel, or the table itself from a study's results."""
    from surveykit.archive.claim_table import write_claims
    from surveykit.archive.claim_template import write_template

    if to.exists():
        raise SurveykitError("A054", place=Place(file=str(to)))
    made = write_template(source, to, only) if source.is_dir() else write_claims(source, to, citation)
    if json:
        say_json({"file": str(to), "rows": made.count, "notes": [note_record(one) for one in made.notes]})
    else:
        for one in made.notes:
            complain(one.full(reader_language()))
        say(wording("cli", "claims", reader_language(), file=to, count=made.count))
