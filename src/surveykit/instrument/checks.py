"""What must hold between the parts of an instrument beyond the type of each: one function a rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from surveykit.errors import SurveykitError
from surveykit.instrument.model import Instrument, Item
from surveykit.instrument.show_if import (
    AllOf,
    Answered,
    AnyOf,
    Comparison,
    Condition,
    Membership,
    Not,
    parse_show_if,
)
from surveykit.instrument.texts import Path, texts
from surveykit.options import nearest

WITH_RESPONSE_SCALE = ("likert", "single", "multiple")
SCORED = ("likert", "single", "number")
FEWEST_ANSWERS = 2
# A key that only some types of item can have.
KEYS_OF_TYPES: Mapping[str, tuple[str, ...]] = {
    "response_scale": WITH_RESPONSE_SCALE,
    "reverse": ("likert",),
    "minimum": ("number",),
    "maximum": ("number",),
    "unit": ("number",),
    "max_length": ("text", "open"),
    "probes": ("open",),
    "missing_codes": ("likert", "single", "multiple", "number"),
}


@dataclass(frozen=True)
class Problem:
    """A code, the path in the file that it concerns, and its facts."""

    code: str
    path: Path
    fields: Mapping[str, Any]


@dataclass(frozen=True)
class Known:
    """Ids that the file gives, also those whose definition was refused: no second complaint about them."""

    items: frozenset[str] = field(default_factory=frozenset)
    response_scales: frozenset[str] = field(default_factory=frozenset)
    propositions: frozenset[str] = field(default_factory=frozenset)


def problem(code: str, path: Path, **fields: object) -> Problem:
    return Problem(code, path, fields)


def problems(instrument: Instrument, known: Known) -> Iterator[Problem]:
    """Every rule that the instrument breaks."""
    yield from _languages(instrument)
    yield from _ids(instrument)
    yield from _response_scales(instrument)
    for path, item in located_items(instrument):
        yield from _item(item, path, instrument, known)
    yield from _conditions(instrument, known)
    yield from _scales(instrument, known)
    yield from _references(("quasi_identifiers",), instrument.quasi_identifiers, known.items)


def located_items(instrument: Instrument) -> Iterator[tuple[Path, Item]]:
    """Every item with its path in the file."""
    for index, section in enumerate(instrument.sections):
        for at, item in enumerate(section.items):
            yield ("sections", index, "items", at), item


def _languages(instrument: Instrument) -> Iterator[Problem]:
    yield from _twice(("languages",), instrument.languages)
    source = instrument.languages[0]
    for one in texts(instrument):
        for language in one.text:
            if language not in instrument.languages:
                yield problem(
                    "I036",
                    (*one.path, language),
                    language=language,
                    languages=", ".join(instrument.languages),
                )
        if source not in one.text:
            yield problem("I037", one.path, language=source)


def _ids(instrument: Instrument) -> Iterator[Problem]:
    seen: set[str] = set()
    for path, item in located_items(instrument):
        if item.id in seen:
            yield problem("I038", (*path, "id"), id=item.id)
        seen.add(item.id)
    sections: set[str] = set()
    for index, section in enumerate(instrument.sections):
        if section.id in sections:
            yield problem("I038", ("sections", index, "id"), id=section.id)
        sections.add(section.id)
    for name in instrument.scales:
        if name in seen:
            yield problem("I039", ("scales", name), id=name)


def _response_scales(instrument: Instrument) -> Iterator[Problem]:
    likert = {item.response_scale for item in instrument.items if item.type == "likert"}
    for scale in instrument.response_scales.values():
        for code in scale.missing_codes:
            if code in scale.labels:
                yield problem("I040", ("response_scales", scale.id, "missing_codes", code), value=code)
        steps = {after - before for before, after in zip(scale.codes, scale.codes[1:], strict=False)}
        if scale.id in likert and steps not in ({1}, {-1}):
            codes = ", ".join(str(code) for code in scale.codes)
            yield problem("I044", ("response_scales", scale.id, "labels"), scale=scale.id, codes=codes)


def _item(item: Item, path: Path, instrument: Instrument, known: Known) -> Iterator[Problem]:
    for key, types in KEYS_OF_TYPES.items():
        if item.type not in types and getattr(item, key) not in (None, False, ()):
            yield problem("I045", (*path, key), key=key, type=item.type, types=", ".join(types))
    if item.type in WITH_RESPONSE_SCALE:
        if item.response_scale is None:
            yield problem("I046", path, type=item.type)
        elif item.response_scale not in known.response_scales:
            yield problem(
                "I047",
                (*path, "response_scale"),
                value=item.response_scale,
                known=_some(known.response_scales, item.response_scale),
            )
        elif item.response_scale in instrument.response_scales:
            codes = set(instrument.response_scales[item.response_scale].codes) - set(item.missing_codes)
            if len(codes) < FEWEST_ANSWERS:
                yield problem("I017", (*path, "missing_codes"), least=FEWEST_ANSWERS)
    if item.minimum is not None and item.maximum is not None and item.minimum > item.maximum:
        yield problem("I048", (*path, "minimum"), minimum=item.minimum, maximum=item.maximum)
    yield from _twice((*path, "missing_codes"), item.missing_codes)
    yield from _twice((*path, "proposition"), item.proposition)
    for at, name in enumerate(item.proposition):
        if name not in known.propositions:
            yield problem(
                "I049", (*path, "proposition", at), value=name, known=_some(known.propositions, name)
            )


def _scales(instrument: Instrument, known: Known) -> Iterator[Problem]:
    items = {item.id: item for item in instrument.items}
    for scale in instrument.scales.values():
        path = ("scales", scale.id, "items")
        yield from _references(path, scale.items, known.items)
        for at, name in enumerate(scale.items):
            if name in items and items[name].type not in SCORED:
                yield problem("I051", (*path, at), item=name, type=items[name].type, types=", ".join(SCORED))


def _conditions(instrument: Instrument, known: Known) -> Iterator[Problem]:
    """`show_if` must parse and look back at items whose answers it can compare."""
    everywhere = {item.id for item in instrument.items}
    before: dict[str, Item] = {}
    for index, section in enumerate(instrument.sections):
        here: dict[str, Item] = {}
        for at, item in enumerate(section.items):
            path: Path = ("sections", index, "items", at, "show_if")
            if item.show_if is not None:
                try:
                    condition = parse_show_if(item.show_if)
                except SurveykitError as error:
                    yield Problem(error.code, path, error.fields)
                else:
                    allowed = before if section.randomize else before | here
                    for name in condition.items:
                        if name not in known.items:
                            yield problem("I050", path, value=name, known=_some(known.items, name))
                        elif name in everywhere and name not in allowed:
                            yield problem("I052", path, item=name)
                    yield from _comparable(condition, path, allowed, instrument)
            here[item.id] = item
        before |= here


def _comparable(
    condition: Condition, path: Path, items: Mapping[str, Item], instrument: Instrument
) -> Iterator[Problem]:
    for leaf in _leaves(condition):
        item = items.get(leaf.item)
        if item is None or isinstance(leaf, Answered):
            continue
        if item.type not in SCORED and not (item.type == "multiple" and isinstance(leaf, Membership)):
            yield problem("I053", path, item=item.id, type=item.type)
            continue
        scale = instrument.response_scales.get(item.response_scale or "")
        exact = isinstance(leaf, Membership) or leaf.operator in ("==", "!=")
        values = leaf.values if isinstance(leaf, Membership) else (leaf.value,)
        if scale is None or not exact:
            continue
        codes = (*scale.codes, *scale.missing_codes, *item.missing_codes)
        for value in values:
            if value not in codes:
                yield problem(
                    "I054", path, item=item.id, value=value, codes=", ".join(str(code) for code in codes)
                )


def _leaves(condition: Condition) -> Iterator[Comparison | Membership | Answered]:
    if isinstance(condition, Not):
        yield from _leaves(condition.condition)
    elif isinstance(condition, AllOf | AnyOf):
        for one in condition.conditions:
            yield from _leaves(one)
    else:
        yield condition


def _references(path: Path, names: Iterable[str], known: frozenset[str]) -> Iterator[Problem]:
    names = tuple(names)
    yield from _twice(path, names)
    for at, name in enumerate(names):
        if name not in known:
            yield problem("I050", (*path, at), value=name, known=_some(known, name))


def _twice(path: Path, values: Iterable[object]) -> Iterator[Problem]:
    seen: set[object] = set()
    for at, value in enumerate(values):
        if value in seen:
            yield problem("I055", (*path, at), value=value)
        seen.add(value)


def _some(known: Iterable[str], name: str) -> str:
    """Names that exist, the most similar first; not more than a line of them."""
    names = sorted(known)
    close = nearest(name, names)
    ordered = [*([close] if close else []), *(one for one in names if one != close)]
    return ", ".join(ordered[:8]) + (", …" if len(ordered) > 8 else "") or "–"
