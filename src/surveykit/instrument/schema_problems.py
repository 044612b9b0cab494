"""What the schema refuses, said with a code and a place; and the refused parts set aside.

Setting aside lets the rules between parts (`checks.py`) run over the rest of
the file, so that a researcher sees every problem at once.
"""

from __future__ import annotations

from itertools import islice

from pydantic import BaseModel, ValidationError

from surveykit.errors import LANGUAGES, Note
from surveykit.instrument.refusal import refusal
from surveykit.instrument.schema import (
    InstrumentSpec,
    ItemSpec,
    ResponseScaleSpec,
    ScaleSpec,
    SectionSpec,
    SourceSpec,
)
from surveykit.instrument.source import Source
from surveykit.instrument.texts import Path
from surveykit.instrument.yaml_tree import Node, Scalar, YamlList, YamlMap

MAX_PROBLEMS = 100


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
        refusal(one, source, lambda path: _spec_at(path).model_fields) for one in islice(errors, MAX_PROBLEMS)
    ]
    _set_aside([tuple(one["loc"]) for one in errors], source)
    try:
        return InstrumentSpec.model_validate(source.tree), found
    except ValidationError:
        return None, found


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
