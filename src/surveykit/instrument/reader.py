"""An instrument from its YAML file: everything that is wrong at once, or the frozen value."""

from __future__ import annotations

import dataclasses
from itertools import islice
from pathlib import Path as FilePath

from surveykit.errors import Note, Place, SurveykitProblems, note
from surveykit.instrument.build import build
from surveykit.instrument.checks import Known, Problem, problems
from surveykit.instrument.content_hash import content_hash
from surveykit.instrument.model import Instrument
from surveykit.instrument.schema_problems import MAX_PROBLEMS, validate
from surveykit.instrument.source import Source
from surveykit.instrument.yaml_tree import Node, Scalar, YamlList, YamlMap, parse_yaml, read_yaml


def read_instrument(path: str | FilePath) -> Instrument:
    """An instrument from its YAML file.

    Parameters
    ----------
    path : str or Path
        A UTF-8 file of at most 2 MB, as docs/schema/instrument.schema.json describes it.

    Returns
    -------
    Instrument
        Frozen; texts are mappings language -> text, in the order of `languages`.

    Raises
    ------
    SurveykitError
        I001-I016: the file cannot be read or is not the YAML that is understood.
    SurveykitProblems
        I020-I059: every problem of the content at once, each with file, line and column.

    Examples
    --------
    >>> inst = read_instrument("instruments/partnership.yaml")
    >>> inst.instrument
    'partnership'
    """
    return instrument_from(Source(read_yaml(path), str(path)))


def instrument_from_bytes(data: bytes, file: str) -> Instrument:
    """An instrument from the bytes of a YAML file (as archives hold them); `file` names it in refusals."""
    return instrument_from(Source(parse_yaml(data, file), file))


def instrument_from(source: Source) -> Instrument:
    """An instrument from a parsed file, or `SurveykitProblems` with all that is wrong."""
    instrument, found = examine(source)
    if found or instrument is None:
        raise SurveykitProblems(tuple(found))
    return instrument


def examine(source: Source) -> tuple[Instrument | None, list[Note]]:
    """The instrument as far as it can be understood, and every refusal (in the order of the file)."""
    known = _known(source.tree)
    spec, found = validate(source)
    instrument = None
    if spec is not None:
        instrument = build(spec)
        found += [located(one, source) for one in islice(problems(instrument, known), MAX_PROBLEMS)]
        if not found:
            instrument = dataclasses.replace(instrument, content_hash=content_hash(instrument))
    found.sort(key=_position)
    if len(found) >= MAX_PROBLEMS:
        found = [*found[:MAX_PROBLEMS], note("I057", Place(file=source.file), limit=MAX_PROBLEMS)]
    return instrument, found


def _position(found: Note) -> tuple[int, int]:
    place = found.place or Place()
    return (place.line or 0, place.column or 0)


def located(problem: Problem, source: Source) -> Note:
    """A broken rule with its place; in a one-line `show_if`, the very character."""
    place = source.place(problem.path)
    position = problem.fields.get("position")
    written = source.node(problem.path)
    if isinstance(position, int) and isinstance(written, Scalar) and "\n" not in written and place.column:
        column = place.column + position - (1 if written.plain else 0)
        place = dataclasses.replace(place, column=column)
    return Note(problem.code, {"where": source.where(problem.path), **problem.fields}, place)


def _known(tree: YamlMap) -> Known:
    """Every id that the file gives, also in parts that the schema refuses."""
    sections = tree.get("sections")
    items = [
        str(item["id"])
        for section in (sections if isinstance(sections, YamlList) else ())
        for item in _entries(section)
        if isinstance(item, YamlMap) and isinstance(item.get("id"), Scalar)
    ]
    return Known(frozenset(items), _keys(tree.get("response_scales")), _keys(tree.get("propositions")))


def _entries(section: Node) -> YamlList | tuple[()]:
    items = section.get("items") if isinstance(section, YamlMap) else None
    return items if isinstance(items, YamlList) else ()


def _keys(node: Node | None) -> frozenset[str]:
    return frozenset(node if isinstance(node, YamlMap) else ())
