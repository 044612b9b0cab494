"""Commands of interview coding: coding-sheet, qda."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from surveykit.cli.output import reader_language, say
from surveykit.errors import SurveykitError


def coding_sheet(
    study: Annotated[Path, typer.Argument(help="A folder with a study.yaml that has an interviews step.")],
    coder: Annotated[str, typer.Option(help="Who codes: a name or a pseudonym.")],
    out: Annotated[Path, typer.Option(help="The workbook to write.")],
    lang: Annotated[str | None, typer.Option(help="Language of the sheet: en, ja or ko.")] = None,
    adjudicate: Annotated[
        bool, typer.Option("--adjudicate", help="Only what coders disagree on, with what each gave.")
    ] = False,
) -> None:
    """Write the passages of a study beside drop-downs of codes, for one coder; `collect` takes it back."""
    from surveykit.study.interviews import write_study_sheet

    say(str(write_study_sheet(study, coder, out, lang, adjudicate)))


def qda(
    study: Annotated[Path, typer.Argument(help="A folder with a study.yaml that has an interviews step.")],
    to: Annotated[Path | None, typer.Option(help="Write the project (.qdpx) or the codebook (.qdc).")] = None,
    read: Annotated[Path | None, typer.Option(help="Read the codings of a .qdpx file.")] = None,
    out: Annotated[Path, typer.Option(help="With --read: the table of segments to write.")] = Path(
        "segments.csv"
    ),
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
        say("\n".join([f"{len(found.frame)} segments in {out}", *(one.full(lang) for one in found.notes)]))
