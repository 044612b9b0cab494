"""What keeps an instrument from being a form, said with its place in the YAML file."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from surveykit.errors import Note, SurveykitError, SurveykitProblems
from surveykit.form.batch import make_template
from surveykit.form.limits import excel_problems
from surveykit.instrument.check import check_instrument
from surveykit.instrument.missing_conditions import met_by_missing
from surveykit.instrument.model import Instrument
from surveykit.instrument.reader import examine
from surveykit.instrument.source import Source
from surveykit.instrument.texts import Path as YamlPath
from surveykit.instrument.yaml_tree import read_yaml

# The instrument's own checks say these already: texts and answers that are too long, missing translations.
SAID_BEFORE = frozenset({"F001", "F002", "F005"})
# The key of an item that a problem is about, where it is not its text.
KEYS = {"F017": "show_if", "F018": "id", "F032": "show_if"}


def check_questionnaire(path: str | Path) -> tuple[list[Note], list[Note]]:
    """Every problem of an instrument file, and hints: those of `check_instrument`, and those of its forms.

    Parameters
    ----------
    path : str or Path
        The instrument's YAML file.

    Returns
    -------
    problems, hints : list of Note
        As `check_instrument`; the hints also say what cannot be written as an Excel form in one of the
        languages: F003 a text too long to be shown, F004 a character that a workbook cannot hold, F017 a
        condition too long, F018 and F020 ids that every table of responses or interview record has, F032 a
        condition that a missing code fulfils by its number.

    Examples
    --------
    >>> problems, hints = check_questionnaire("instruments/partnership.yaml")
    >>> problems
    []
    """
    problems, hints = check_instrument(path)
    if problems:
        return problems, hints
    source = Source(read_yaml(path), str(path))
    instrument, _ = examine(source)
    found = (
        [] if instrument is None else [_placed(one, instrument, source) for one in _form_problems(instrument)]
    )
    return problems, [*hints, *found]


def _form_problems(inst: Instrument) -> Iterator[Note]:
    """What a form in any of the languages cannot have, each once."""
    seen: set[tuple[str, str]] = set()
    yield from (Note("F032", one.facts) for one in met_by_missing(inst))
    for lang in inst.languages:
        for one in _in_language(inst, lang):
            key = (one.code, str(one.fields.get("item", "")))
            if key not in seen and one.code not in SAID_BEFORE:
                seen.add(key)
                yield one


def _in_language(inst: Instrument, lang: str) -> tuple[Note, ...]:
    try:
        found = excel_problems(inst, lang)
        if not found:
            make_template(inst, lang)
    except SurveykitProblems as error:
        return error.problems
    except SurveykitError as error:
        return (error.note,)
    return found


def _placed(problem: Note, inst: Instrument, source: Source) -> Note:
    """A problem with the place of the item, section or text that it names."""
    path = _path(str(problem.fields.get("item", "")), inst, KEYS.get(problem.code, "text"))
    return dataclasses.replace(problem, place=source.place(path))


def _path(name: str, inst: Instrument, key: str) -> YamlPath:
    """Where in the file what a form's problem names stands; the top where it names nothing there."""
    first, _, rest = name.partition(".")
    for index, section in enumerate(inst.sections):
        start: YamlPath = ("sections", index)
        if name.startswith(f"sections.{section.id}"):
            return (*start, rest.partition(".")[2] or "title")
        for at, item in enumerate(section.items):
            if item.id == first:
                return (*start, "items", at, rest.split(".")[0] if rest else key)
    if first == "response_scales":
        scale, _, code = rest.partition(".")
        return ("response_scales", scale, "labels", code)
    return (first,)
