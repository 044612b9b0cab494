"""Commands of interview coding: coding-sheet, qda."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from surveykit.cli.output import reader_language, say
from surveykit.errors import SurveykitError
from surveykit.wording import wording


def coding_sheet(
    study: Path,
    coder: Annotated[str, typer.Option()],
    out: Annotated[Path, typer.Option()],
    lang: str | None = None,
    adjudicate: Annotated[bool, typer.Option("--adjudicate")] = False,
) -> None:
    """Write the passages of a study beside drop-downs of codes, for one coder; `collect` takes it back."""
    from surveykit.study.interviews import write_study_sheet

    say(str(write_study_sheet(study, coder, out, lang, adjudicate)))


def qda(
    study: Path,
    to: Path | None = None,
    read: Path | None = None,
    out: Path = Path("segments.csv"),
) -> None:
    """Exchange codes and codings with NVivo, ATLAS.ti, MAXQDA or QualCoder (REFI-QDA)."""
    from surveykit.study.qda import read_study_qda, write_study_qda

    lang = reader_language()
    if to is None and read is None:
        raise SurveykitError("K003")
    if to is not None:
        path, notes = write_study_qda(study, to)
        say("\n".join([str(path), *(one.full(lang) for one in notes)]))
    if read is not None:
        found = read_study_qda(study, read, out)
        say(
            "\n".join(
                [
                    wording("cli", "segments", lang, count=len(found.frame), file=out),
                    *(one.full(lang) for one in found.notes),
                ]
            )
        )
