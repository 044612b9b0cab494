"""The translation log as a file, and finished translations taken into the instrument's YAML."""

from __future__ import annotations

import dataclasses
import io
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from pydantic import BaseModel, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from surveykit.errors import Note, SurveykitError, SurveykitProblems, note
from surveykit.instrument.model import Instrument
from surveykit.instrument.reader import instrument_from_bytes, read_instrument
from surveykit.instrument.refusal import refusal
from surveykit.instrument.schema import Id, Lang, Spec, Str
from surveykit.instrument.source import Source, short
from surveykit.instrument.texts import Path, texts
from surveykit.instrument.translations import (
    STEPS,
    LogEntry,
    TranslatedText,
    TranslationLog,
    TranslationReport,
    log_path,
    source_hash,
    translation_report,
)
from surveykit.instrument.yaml_tree import read_yaml


class EntrySpec(Spec):
    """One text in one language."""

    key: Str
    language: Lang
    source_hash: Str
    translation_1: Str = ""
    translation_2: Str = ""
    review: Str = ""
    adjudication: Str = ""
    back_translation: Str = ""
    reason: Str = ""


class LogSpec(Spec):
    """A translation log."""

    instrument: Id
    entries: list[EntrySpec] = Field(default_factory=list)


@dataclass(frozen=True)
class TakenIn:
    """What became of returned rows: texts put into the instrument, rows only logged, rows not taken."""

    texts: tuple[tuple[str, str], ...]
    logged: tuple[tuple[str, str], ...]
    notes: tuple[Note, ...]


def read_log(path: str | FilePath, instrument: Instrument | None = None) -> TranslationLog:
    """The log of a file.

    Raises
    ------
    SurveykitError
        I001-I016 the file cannot be read; I071 it is the log of another instrument.
    SurveykitProblems
        I020-I059 what the schema refuses; I072 a text twice in one language.
    """
    source = Source(read_yaml(path), str(path))
    try:
        spec = LogSpec.model_validate(source.tree)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        raise SurveykitProblems(tuple(refusal(one, source, _keys_at) for one in found[:100])) from error
    if instrument is not None and spec.instrument != instrument.instrument:
        place = source.place(("instrument",))
        raise SurveykitError("I071", place=place, value=spec.instrument, instrument=instrument.instrument)
    entries: dict[tuple[str, str], LogEntry] = {}
    problems = []
    for index, one in enumerate(spec.entries):
        entry = LogEntry(**one.model_dump())
        if (entry.key, entry.language) in entries:
            place = source.place(("entries", index, "key"))
            problems.append(note("I072", place, key=short(entry.key), language=entry.language))
        entries[entry.key, entry.language] = entry
    if problems:
        raise SurveykitProblems(tuple(problems))
    return TranslationLog(spec.instrument, entries)


def report_of(instrument_path: str | FilePath) -> TranslationReport:
    """The state of every translation of an instrument file, by its log where it has one."""
    instrument = read_instrument(instrument_path)
    log_file = log_path(instrument_path)
    return translation_report(instrument, read_log(log_file, instrument) if log_file.exists() else None)


def _keys_at(path: Path) -> Iterable[str]:
    spec: type[BaseModel] = EntrySpec if path[:1] == ("entries",) else LogSpec
    return spec.model_fields


def take_in(instrument_path: str | FilePath, rows: Iterable[TranslatedText]) -> TakenIn:
    """Returned translations into the instrument's file and its log; comments and layout are kept.

    A row's adjudicated text (`row.log.adjudication`) becomes the text of the
    instrument, where it is not that already; a row with other steps only is logged. A row whose source
    has changed since it went out is not taken (I074): its translation
    belongs to another sentence.

    Parameters
    ----------
    instrument_path : path
    rows : iterable of TranslatedText
        As `translation_report` gave them, with the steps of `log` filled in.

    Raises
    ------
    SurveykitProblems
        What `read_instrument` refuses, before or after the texts are put in; nothing is written then.
    """
    path = FilePath(instrument_path)
    instrument = read_instrument(path)
    log_file = log_path(path)
    log = read_log(log_file, instrument) if log_file.exists() else TranslationLog(instrument.instrument)
    notes: list[Note] = []
    finished: dict[tuple[str, str], str] = {}
    entries: dict[tuple[str, str], LogEntry] = {}
    sources = {at.key: source_hash(at.text[instrument.languages[0]]) for at in texts(instrument)}
    for row in rows:
        problem = _refused(row, instrument, sources)
        if problem is not None:
            notes.append(problem)
        elif any(getattr(row.log, step) for step in STEPS):
            known = {"key": row.key, "language": row.language, "source_hash": row.source_hash}
            entries[row.key, row.language] = dataclasses.replace(row.log, **known)
            if row.log.adjudication and row.log.adjudication != row.text:
                finished[row.key, row.language] = row.log.adjudication
    if finished:
        data = with_texts(path.read_bytes(), finished, instrument)
        _check_others(instrument, instrument_from_bytes(data, str(path)), finished)
        _replace(path, data)
    if entries:
        log_file.parent.mkdir(exist_ok=True)
        _replace(log_file, _log_bytes(instrument.instrument, {**log.entries, **entries}))
    return TakenIn(tuple(finished), tuple(key for key in entries if key not in finished), tuple(notes))


def _refused(row: TranslatedText, instrument: Instrument, sources: Mapping[str, str]) -> Note | None:
    if row.key not in sources:
        return note("I073", key=short(row.key), instrument=instrument.instrument)
    if row.language not in instrument.languages[1:]:
        languages = ", ".join(instrument.languages[1:])
        return note("I075", key=short(row.key), language=short(row.language), languages=languages)
    if row.source_hash != sources[row.key]:
        return note("I074", key=row.key, language=row.language)
    return None


def with_texts(data: bytes, finished: Mapping[tuple[str, str], str], instrument: Instrument) -> bytes:
    """The YAML file with texts put in, by key and language; everything else as it was."""
    yaml = _round_trip()
    tree = yaml.load(data.decode("utf-8-sig"))
    paths = {at.key: at.path for at in texts(instrument)}
    for (key, language), text in finished.items():
        node = tree
        for step in paths[key]:
            node = node[str(step)] if str(step) in node else node[step]  # codes may stand in quotes
        node[language] = LiteralScalarString(text) if "\n" in text else text
    stream = io.StringIO()
    yaml.dump(tree, stream)
    return stream.getvalue().encode("utf-8")


def _check_others(before: Instrument, after: Instrument, finished: Mapping[tuple[str, str], str]) -> None:
    """Refuse (I076) an edit that would change further texts, as a shared alias makes it do."""
    new = {(at.key, language): text for at in texts(after) for language, text in at.text.items()}
    for at in texts(before):
        for language, text in at.text.items():
            if (at.key, language) not in finished and new[at.key, language] != text:
                raise SurveykitError("I076", key=at.key, language=language)


def _log_bytes(instrument: str, entries: Mapping[tuple[str, str], LogEntry]) -> bytes:
    facts = [
        {name: value for name, value in vars(entry).items() if value} for _, entry in sorted(entries.items())
    ]
    stream = io.StringIO()
    _round_trip().dump({"instrument": instrument, "entries": facts}, stream)
    return stream.getvalue().encode("utf-8")


def _round_trip() -> Any:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 1_000_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _replace(path: FilePath, data: bytes) -> None:
    """All of the new file or all of the old one, whatever happens meanwhile."""
    temporary = path.with_name(path.name + ".part")
    temporary.write_bytes(data)
    os.replace(temporary, path)
