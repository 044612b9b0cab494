"""Warnings as a person reads them: the sentence alone, in the reader's language."""

from __future__ import annotations

from surveykit.errors import Told


def show_warning(message: Warning | str) -> None:
    """Print a warning without the place in our code that it came from."""
    from surveykit.cli.output import complain, reader_language

    words = message.args[0] if isinstance(message, Warning) and message.args else message
    complain(words.note.full(reader_language()) if isinstance(words, Told) else str(message))
