"""The command line: parse, call one function, print."""


def main() -> None:
    """Entry point of the `surveykit` command."""
    from surveykit.cli.app import app

    app()
