"""What the schema refuses, said with a code and a place; and the refused parts set aside.

Setting aside lets the rules between parts (`checks.py`) run over the rest of
the file, so that a researcher sees every problem at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

from pydantic import BaseModel, ValidationError

from surveykit.errors import LANGUAGES, Note, Place, note
from surveykit.instrument.schema import (
    InstrumentSpec,
    ItemSpec,
    ResponseScaleSpec,
    ScaleSpec,
    SectionSpec,
    SourceSpec,
)
from surveykit.instrument.source import Source, short
from surveykit.instrument.texts import Path
from surveykit.instrument.yaml_tree import Node, Scalar, YamlList, YamlMap
from surveykit.options import nearest

MAX_PROBLEMS = 100
SIGNS = {"gt": ">", "ge": "≥", "lt": "<", "le": "≤"}


def validate(source: Source) -> tuple[InstrumentSpec | None, list[Note]]:
    """The file as a typed value, and everything the schema refuses.

    Where something is refused the value holds the rest of the file (None if
    too little remains); it serves to look for further problems only.
    """
    try:
        return InstrumentSpec.model_validate(source.tree), []
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)
    found = [
        _note(one["type"], tuple(one["loc"]), one.get("ctx", {}), source)
        for one in islice(errors, MAX_PROBLEMS)
    ]
    _set_aside([tuple(one["loc"]) for one in errors], source)
    try:
        return InstrumentSpec.model_validate(source.tree), found
    except ValidationError:
        return None, found


def _note(kind: str, loc: Path, ctx: Mapping[str, Any], source: Source) -> Note:
    """One of pydantic's errors in our words."""
    is_key = bool(loc) and loc[-1] == "[key]"
    path = loc[:-1] if is_key else loc
    where = source.where(path)
    place = source.place(path, key=is_key or kind == "extra_forbidden")
    value = source.node(path)
    found = short(value) if isinstance(value, Scalar) else "[…]" if isinstance(value, YamlList) else "{…}"
    if kind == "missing":
        return note("I020", place, key=str(path[-1]), where=source.where(path[:-1]))
    if kind == "extra_forbidden":
        return _unknown_key(path, place, source)
    if kind == "string_type":
        return note("I022", place, where=where, value=found)
    if kind == "list_type":
        return note("I023", place, where=where, value=found)
    if kind in ("dict_type", "model_type"):
        return note("I024", place, where=where, value=found)
    if kind == "too_short":
        return note("I056", place, where=where, least=ctx["min_length"])
    for bound, sign in SIGNS.items():
        if bound in ctx:
            return note("I035", place, where=where, value=found, allowed=f"{sign} {ctx[bound]}")
    if kind == "int_type":
        return note("I025", place, where=where, value=found)
    if kind == "float_type":
        return note("I026", place, where=where, value=found)
    if kind == "bool_type":
        return note("I027", place, where=where, value=found)
    return Note(kind, {**ctx, "where": where}, place)  # our own types raise our own codes


def _unknown_key(path: Path, place: Place, source: Source) -> Note:
    key, where, fields = str(path[-1]), source.where(path[:-1]), _spec_at(path[:-1]).model_fields
    allowed = ", ".join(fields)
    close = nearest(key[:60], fields)
    if close is None:
        return note("I059", place, key=short(key), where=where, allowed=allowed)
    return note("I021", place, key=short(key), where=where, allowed=allowed, nearest=close)


def _spec_at(path: Path) -> type[BaseModel]:
    """The part of the schema that describes the mapping at a path (a bare BaseModel for texts and labels)."""
    match path:
        case ():
            return InstrumentSpec
        case ("source",):
            return SourceSpec
        case ("response_scales", _):
            return ResponseScaleSpec
        case ("sections", int()):
            return SectionSpec
        case ("sections", int(), "items", int()):
            return ItemSpec
        case ("scales", _):
            return ScaleSpec
    return BaseModel


def _set_aside(locs: list[Path], source: Source) -> None:
    """Take out of the tree, or replace by a placeholder, the smallest part that holds each refusal."""
    gone: set[Path] = set()
    for loc in reversed(locs):  # the last entry of a list first, so that the others keep their index
        path = loc[:-1] if loc and loc[-1] == "[key]" else loc
        prefixes = [path[:depth] for depth in range(len(path), 0, -1)]
        if gone.isdisjoint(prefixes):
            gone.update(prefix for prefix in islice((one for one in prefixes if _mend(one, source)), 1))


def _mend(path: Path, source: Source) -> bool:
    """Whether the entry at the path could be taken out or replaced without causing further complaints."""
    parent, step = source.node(path[:-1]), path[-1]
    if path[0] == "languages":
        source.tree["languages"] = _all_languages(source)
        return True
    if isinstance(parent, YamlList) and isinstance(step, int):
        del parent[step]
        return True
    if not isinstance(parent, YamlMap):
        return False
    spec = _spec_at(path[:-1])
    known = spec.model_fields.get(str(step))
    if spec is BaseModel:
        removable = path[:-1] in (("propositions",), ("response_scales",), ("scales",))
    elif known is None or not known.is_required():
        removable = step != "response_scale"
    else:
        placeholder = _placeholder(str(step), source)
        if placeholder is not None:
            parent[str(step)] = placeholder
        return placeholder is not None
    if removable:
        parent.pop(str(step), None)
    return removable


def _all_languages(source: Source) -> YamlList:
    """Every language, the ones meant first: so that no text is called foreign because the list is wrong."""
    listed, title = source.tree.get("languages"), source.tree.get("title")
    meant = [
        *(listed if isinstance(listed, YamlList) else ()),
        *(title if isinstance(title, YamlMap) else ()),
    ]
    languages = YamlList(source.tree.mark)
    languages.extend(Scalar(one) for one in dict.fromkeys([*map(str, meant), *LANGUAGES]) if one in LANGUAGES)
    return languages


def _placeholder(key: str, source: Source) -> Node | None:
    """Something valid for a required key whose value no other rule looks at."""
    if key in ("title", "text", "note"):
        languages = source.node(("languages", 0))
        text = YamlMap(source.tree.mark)
        text[str(languages) if isinstance(languages, Scalar) else "en"] = Scalar("–")
        return text
    if key == "source":
        origin = YamlMap(source.tree.mark)
        note_text = _placeholder("note", source)
        origin.update(
            {"kind": Scalar("original"), "citation": Scalar("–")} | ({"note": note_text} if note_text else {})
        )
        return origin
    words = {"instrument": "unnamed", "version": "0.0.0", "kind": "original", "citation": "–"}
    return Scalar(words[key]) if key in words else None
