"""A claims.yaml as typed values: every problem at once, each with its place."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from surveykit.archive.printed import is_printed
from surveykit.archive.schema import CheckSpec, ClaimSpec, ClaimsSpec
from surveykit.errors import Note, SurveykitProblems, note
from surveykit.instrument.refusal import refusal
from surveykit.instrument.source import Source
from surveykit.instrument.texts import Path as KeyPath
from surveykit.instrument.yaml_tree import read_yaml

# Kinds whose published value is a word.
WORDS = ("verdict", "other")


def read_claims(path: str | Path) -> ClaimsSpec:
    """The claims of a paper.

    Raises
    ------
    SurveykitError
        I001-I016 the file cannot be read.
    SurveykitProblems
        I020-I056 what the schema refuses; A001 a number or a tolerance that is none; A002 a tolerance
        without a reason; A004 an id twice; A048 a convention that is not stated, or without its path;
        A068 a check that names a number which is not there.
    """
    source = Source(read_yaml(path), str(path))
    try:
        spec = ClaimsSpec.model_validate(source.tree)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        raise SurveykitProblems(tuple(refusal(one, source, _keys_at) for one in found)) from error
    problems = tuple(_problems(spec, source))
    if problems:
        raise SurveykitProblems(problems)
    return spec


def _keys_at(path: KeyPath) -> Iterable[str]:
    match path:
        case ():
            return ClaimsSpec.model_fields
        case ("numbers", int()):
            return ClaimSpec.model_fields
        case ("checks", int()):
            return CheckSpec.model_fields
    return ()


def _problems(spec: ClaimsSpec, source: Source) -> Iterable[Note]:
    seen: set[str] = set()
    places: list[tuple[KeyPath, str]] = [
        (("numbers", at, "id"), one.id) for at, one in enumerate(spec.numbers)
    ]
    places += [(("checks", at, "id"), one.id) for at, one in enumerate(spec.checks)]
    for place, name in places:
        if name in seen:
            yield note("A004", source.place(place), id=name)
        seen.add(name)
    known = {one.id for one in spec.numbers}
    for index, check in enumerate(spec.checks):
        for name, number in check.numbers.items():
            if number not in known:
                yield note(
                    "A068", source.place(("checks", index, "numbers", name)), id=number, check=check.id
                )
    for index, claim in enumerate(spec.numbers):
        if claim.tolerance is not None and not claim.reason:
            yield note("A002", source.place(("numbers", index, "tolerance")), id=claim.id)
        named, computed = claim.convention is not None, claim.by_convention is not None
        if named != computed or (named and claim.convention not in spec.conventions):
            stated = ", ".join(spec.conventions) or "–"
            yield note("A048", source.place(("numbers", index)), id=claim.id, stated=stated)
        for key, text in _numbers_of(claim):
            if not is_printed(text):
                yield note("A001", source.place(("numbers", index, key)), text=text)


def _numbers_of(claim: ClaimSpec) -> Iterable[tuple[str, str]]:
    """What a claim must print as a number."""
    if claim.kind not in WORDS:
        yield "printed", claim.printed
    if claim.tolerance is not None:
        yield "tolerance", claim.tolerance
