"""What a typed schema refuses, in our words: one of pydantic's errors as a note with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from surveykit.errors import Note, catalogue, note
from surveykit.instrument.source import Source, short
from surveykit.instrument.texts import Path
from surveykit.instrument.yaml_tree import Scalar, YamlList
from surveykit.options import nearest

SIGNS = {"gt": ">", "ge": "≥", "lt": "<", "le": "≤"}
WRONG_TYPE = {
    "string_type": "I022",
    "literal_error": "I022",  # a list or a mapping where one of some words belongs
    "list_type": "I023",
    "dict_type": "I024",
    "model_type": "I024",
    "model_attributes_type": "I024",
    "int_type": "I025",
    "float_type": "I026",
    "bool_type": "I027",
}


def refusal(error: Mapping[str, Any], source: Source, keys_at: Callable[[Path], Iterable[str]]) -> Note:
    """One entry of ``ValidationError.errors()``; `keys_at` names the keys that a mapping may have."""
    kind, loc, ctx = error["type"], tuple(error["loc"]), error.get("ctx", {})
    is_key = bool(loc) and loc[-1] == "[key]"
    path = loc[:-1] if is_key else loc
    where, above = source.where(path), source.where(path[:-1])
    place = source.place(path, key=is_key or kind == "extra_forbidden")
    value = source.node(path)
    found = short(value) if isinstance(value, Scalar) else "[…]" if isinstance(value, YamlList) else "{…}"
    if kind == "missing":
        return note("I020", place, key=str(path[-1]), where=above)
    if kind == "extra_forbidden":
        keys, key = list(keys_at(path[:-1])), str(path[-1])
        facts = {"key": short(key), "where": above, "allowed": ", ".join(keys)}
        close = nearest(key[:60], keys)
        return note("I059", place, **facts) if close is None else note("I021", place, nearest=close, **facts)
    if kind == "too_short":
        return note("I056", place, where=where, least=ctx["min_length"])
    for bound, sign in SIGNS.items():
        if bound in ctx:
            return note("I035", place, where=where, value=found, allowed=f"{sign} {ctx[bound]}")
    if kind in catalogue():  # our own types raise our own codes
        return Note(kind, {**ctx, "where": where}, place)
    return Note(WRONG_TYPE.get(kind, "I022"), {"where": where, "value": found}, place)
