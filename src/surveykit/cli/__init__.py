"""The command line: parse, call one function, print."""

import sys
import warnings


def main() -> None:
    """Entry point of `surveykit`: refusals in the reader's language, a traceback only with --debug."""
    debug = "--debug" in sys.argv
    sys.argv = [word for word in sys.argv if word != "--debug"]
    from surveykit.cli.app import app
    from surveykit.cli.told import show_warning
    from surveykit.errors import SurveykitError

    warnings.showwarning = lambda message, *where: show_warning(message)  # the words, not our code
    try:
        app()
    except SurveykitError as error:
        if debug:
            raise
        from surveykit.cli.output import complain, exit_status, reader_language

        complain(error.text(reader_language()))
        sys.exit(exit_status(error, sys.argv))
    except Exception as error:  # the last line of defence: a person reads this, not a traceback
        if debug:
            raise
        from surveykit.cli.output import complain, reader_language
        from surveykit.errors import note

        complain(note("K001", kind=type(error).__name__, detail=str(error)[:300]).full(reader_language()))
        sys.exit(1)
