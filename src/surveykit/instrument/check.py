"""Everything there is to say about an instrument file, without refusing it."""

from __future__ import annotations

from pathlib import Path as FilePath

from surveykit.errors import Note, Place, SurveykitError, SurveykitProblems, note
from surveykit.instrument.advice import advice
from surveykit.instrument.model import Instrument
from surveykit.instrument.reader import examine, located
from surveykit.instrument.source import Source
from surveykit.instrument.texts import texts
from surveykit.instrument.translation_log import read_log
from surveykit.instrument.translations import TranslationLog, log_path
from surveykit.instrument.yaml_tree import read_yaml


def check_instrument(path: str | FilePath) -> tuple[list[Note], list[Note]]:
    """Every problem of an instrument file and of its translation log, and hints.

    Parameters
    ----------
    path : str or Path
        The instrument's YAML file; its translation log is looked for in ``translations/`` beside it.

    Returns
    -------
    problems, hints : list of Note
        Problems (I001-I059, I071, I072) keep the instrument from being read; hints (I060-I070) do not: scales
        without a reversed item or with fewer than 3, missing and stale translations, texts over Excel's
        limits. Each with file, line and column, in the order of the file.

    Examples
    --------
    >>> problems, hints = check_instrument("instruments/partnership.yaml")
    >>> problems
    []
    """
    try:
        source = Source(read_yaml(path), str(path))
    except SurveykitError as error:
        return [error.note], []
    instrument, problems = examine(source)
    if problems or instrument is None:
        return problems, []
    log = None
    log_file = log_path(path)
    if log_file.exists():
        try:
            log = read_log(log_file, instrument)
        except SurveykitProblems as error:
            problems = list(error.problems)
        except SurveykitError as error:
            problems = [error.note]
    hints = [located(one, source) for one in advice(instrument, log)]
    return problems, sorted(hints, key=_position) + _forgotten(instrument, log, str(log_file))


def _forgotten(instrument: Instrument, log: TranslationLog | None, file: str) -> list[Note]:
    """Entries of the log whose text the instrument no longer has."""
    keys = {at.key for at in texts(instrument)}
    entries = log.entries if log is not None else ()
    return [
        note("I070", Place(file=file), key=key, language=lang) for key, lang in entries if key not in keys
    ]


def _position(hint: Note) -> tuple[int, int]:
    place = hint.place
    return (0, 0) if place is None else (place.line or 0, place.column or 0)
