"""From the validated file (pydantic) to the frozen values that everything else uses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from surveykit.instrument.model import Instrument, Item, ResponseScale, Scale, Section, Source, Text
from surveykit.instrument.schema import InstrumentSpec, ItemSpec, ScaleSpec, SectionSpec

Order = tuple[str, ...]


def build(spec: InstrumentSpec) -> Instrument:
    """The instrument, texts in the order of its languages; `content_hash` still empty."""
    order = tuple(spec.languages)
    return Instrument(
        instrument=spec.instrument,
        version=spec.version,
        languages=order,
        title=_text(spec.title, order),
        source=Source(spec.source.kind, spec.source.citation, _text(spec.source.note, order)),
        sections=tuple(_section(one, order) for one in spec.sections),
        response_scales={
            name: ResponseScale(name, _labels(one.labels, order), _labels(one.missing_codes, order))
            for name, one in spec.response_scales.items()
        },
        scales={name: _scale(name, one, order) for name, one in spec.scales.items()},
        content_hash="",
        instructions=_optional(spec.instructions, order),
        consent=_optional(spec.consent, order),
        propositions={name: _text(one, order) for name, one in spec.propositions.items()},
        quasi_identifiers=tuple(spec.quasi_identifiers),
    )


def _section(spec: SectionSpec, order: Order) -> Section:
    return Section(
        id=spec.id,
        title=_text(spec.title, order),
        items=tuple(_item(one, order) for one in spec.items),
        instructions=_optional(spec.instructions, order),
        randomize=spec.randomize,
    )


def _item(spec: ItemSpec, order: Order) -> Item:
    return Item(
        id=spec.id,
        type=spec.type,
        text=_text(spec.text, order),
        response_scale=spec.response_scale,
        required=spec.required,
        reverse=spec.reverse,
        show_if=spec.show_if,
        probes=tuple(_text(one, order) for one in spec.probes),
        proposition=tuple(spec.proposition),
        note=spec.note,
        minimum=spec.minimum,
        maximum=spec.maximum,
        max_length=spec.max_length,
        unit=_optional(spec.unit, order),
        missing_codes=tuple(spec.missing_codes),
    )


def _scale(name: str, spec: ScaleSpec, order: Order) -> Scale:
    return Scale(
        id=name,
        title=_text(spec.title, order),
        items=tuple(spec.items),
        score=spec.score,
        min_valid=spec.min_valid,
    )


def _labels(labels: Mapping[int, Mapping[Any, str]], order: Order) -> dict[int, Text]:
    return {code: _text(text, order) for code, text in labels.items()}


def _text(text: Mapping[Any, str], order: Order) -> Text:
    """Languages in the instrument's order, any others (a problem of their own) behind."""
    return {language: text[language] for language in (*order, *text) if language in text}


def _optional(text: Mapping[Any, str] | None, order: Order) -> Text | None:
    return None if text is None else _text(text, order)
