"""The typer application: every command, in the order in which a study goes."""

import sys

import typer

from surveykit.cli.coding import coding_sheet, qda
from surveykit.cli.field import convert, diff, disclosure, export, import_answers, pseudonyms, status
from surveykit.cli.output import tell_unknown_language
from surveykit.cli.questionnaire import check, codebook, collect, form, simulate
from surveykit.cli.studies import archive, claims, consistency, demo, reproduce, run
from surveykit.cli.words import translation

app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    # Boxes and colour on a terminal only; the plain help also starts twice as fast.
    rich_markup_mode="rich" if sys.stdout.isatty() else None,
    epilog="Messages are in English, Japanese or Korean: set SURVEYKIT_LANG to en, ja or ko. "
    "Add --debug to any command to see where it failed.",
)


def _version(wanted: bool) -> None:
    if wanted:
        from surveykit.version import __version__

        typer.echo(f"surveykit {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """From a questionnaire in three languages to a result that a stranger can reproduce."""
    tell_unknown_language()


FIRST_STEPS = (
    check,
    diff,
    translation,
    pseudonyms,
    form,
    convert,
    collect,
    status,
    codebook,
    coding_sheet,
    qda,
    simulate,
)
RESULTS = (run, export, disclosure, archive, reproduce, claims, consistency, demo)
for command in (*FIRST_STEPS, *RESULTS):
    app.command()(command)
app.command("import")(import_answers)
