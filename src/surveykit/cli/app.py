"""The typer application: every command, in the order in which a study goes."""

import os
from collections.abc import Callable
from typing import Annotated

import typer

from surveykit.cli.coding import coding_sheet, qda
from surveykit.cli.field import convert, diff, disclosure, export, import_answers, pseudonyms, status
from surveykit.cli.help import Command, Group
from surveykit.cli.output import tell_unknown_language
from surveykit.cli.questionnaire import check, codebook, collect, form, simulate
from surveykit.cli.studies import archive, claims, consistency, demo, reproduce, run
from surveykit.cli.words import translation

app = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # one page for terminal and pipe; Rich alone would double the time of --help
)


def _version(wanted: bool) -> None:
    if wanted:
        from surveykit.version import __version__

        typer.echo(f"surveykit {__version__}")
        raise typer.Exit


def _language(asked: str | None) -> None:
    if asked:
        os.environ["SURVEYKIT_LANG"] = asked


@app.callback()
def root(
    lang: Annotated[str | None, typer.Option("--lang", callback=_language, is_eager=True)] = None,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True)] = False,
) -> None:
    """From a questionnaire in three languages to a result that a stranger can reproduce."""
    tell_unknown_language()


FIRST_STEPS: dict[str, Callable[..., None]] = {
    "check": check,
    "diff": diff,
    "translation": translation,
    "pseudonyms": pseudonyms,
    "form": form,
    "convert": convert,
    "collect": collect,
    "import": import_answers,
    "status": status,
    "codebook": codebook,
    "coding-sheet": coding_sheet,
    "qda": qda,
    "simulate": simulate,
}
RESULTS: dict[str, Callable[..., None]] = {
    "run": run,
    "export": export,
    "disclosure": disclosure,
    "archive": archive,
    "reproduce": reproduce,
    "claims": claims,
    "consistency": consistency,
    "demo": demo,
}
for name, command in (FIRST_STEPS | RESULTS).items():
    app.command(name, cls=Command)(command)
