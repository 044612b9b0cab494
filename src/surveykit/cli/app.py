"""All commands on one typer application."""

import typer

app = typer.Typer(no_args_is_help=True, add_completion=True, pretty_exceptions_enable=False)


@app.callback()
def root() -> None:
    """From a questionnaire in three languages to a result that a stranger can reproduce."""


@app.command()
def version() -> None:
    """Print the version."""
    from surveykit import __version__

    typer.echo(__version__)
