"""Commands of interview coding: coding-sheet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from surveykit.cli.output import say


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
