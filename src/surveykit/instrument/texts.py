"""Every text of an instrument that stands in several languages, with its key and its place in the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from surveykit.instrument.model import Instrument, Item, Text

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class TextAt:
    """One text. `key` names it for people and logs; `path` leads to it in the YAML file.

    `key` survives re-ordering: items, sections and scales stand in it by id
    (``items.trust_1.text``), labels by code (``response_scales.agree7.labels.1``).
    """

    key: str
    path: Path
    text: Text
    item: str | None = None


def texts(instrument: Instrument) -> Iterator[TextAt]:
    """All texts in the order of the file."""
    yield TextAt("title", ("title",), instrument.title)
    yield TextAt("source.note", ("source", "note"), instrument.source.note)
    yield from _optional("instructions", ("instructions",), instrument.instructions)
    yield from _optional("consent", ("consent",), instrument.consent)
    for name, text in instrument.propositions.items():
        yield TextAt(f"propositions.{name}", ("propositions", name), text)
    for scale in instrument.response_scales.values():
        for part, labels in (("labels", scale.labels), ("missing_codes", scale.missing_codes)):
            for code, text in labels.items():
                path = ("response_scales", scale.id, part, code)
                yield TextAt(f"response_scales.{scale.id}.{part}.{code}", path, text)
    for index, section in enumerate(instrument.sections):
        start: Path = ("sections", index)
        key = f"sections.{section.id}"
        yield TextAt(f"{key}.title", (*start, "title"), section.title)
        yield from _optional(f"{key}.instructions", (*start, "instructions"), section.instructions)
        for at, item in enumerate(section.items):
            yield from item_texts(item, (*start, "items", at))
    for construct in instrument.scales.values():
        yield TextAt(f"scales.{construct.id}.title", ("scales", construct.id, "title"), construct.title)


def item_texts(item: Item, path: Path = ()) -> Iterator[TextAt]:
    """The texts of one item: question, probes, unit."""
    key = f"items.{item.id}"
    yield TextAt(f"{key}.text", (*path, "text"), item.text, item.id)
    for index, probe in enumerate(item.probes):
        yield TextAt(f"{key}.probes.{index + 1}", (*path, "probes", index), probe, item.id)
    if item.unit is not None:
        yield TextAt(f"{key}.unit", (*path, "unit"), item.unit, item.id)


def _optional(key: str, path: Path, text: Text | None) -> Iterator[TextAt]:
    if text is not None:
        yield TextAt(key, path, text)
