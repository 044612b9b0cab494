"""The fingerprint of what a respondent sees."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from typing import Any

from surveykit.instrument.model import Instrument, Item, ResponseScale, Text
from surveykit.instrument.show_if import parse_show_if


def content_hash(instrument: Instrument) -> str:
    """SHA-256 (64 hexadecimal digits) over everything that a respondent or interviewer meets.

    Two files have the same hash exactly if they ask the same: same
    instrument id, languages, title, instructions, consent; the same sections
    in the same order, with title, instructions and randomisation; the same
    items in the same order, with id, type, text, answer labels (codes,
    order, missing codes), `required`, `show_if`, limits, unit and probes.

    What only the researcher sees does not enter: `version`, `source`,
    notes, propositions, reverse keying, scales and their scoring, an item's
    extra `missing_codes`, quasi-identifiers, unused response scales. Nor do
    comments, key order, quotes, line ends, or whether a letter is written
    composed or decomposed (NFC is hashed).
    """
    content = {
        "instrument": instrument.instrument,
        "languages": sorted(instrument.languages),
        "title": _text(instrument.title),
        "instructions": _text(instrument.instructions),
        "consent": _text(instrument.consent),
        "sections": [
            {
                "title": _text(section.title),
                "instructions": _text(section.instructions),
                "randomize": section.randomize,
                "items": [_item(item, instrument.response_scale_of(item)) for item in section.items],
            }
            for section in instrument.sections
        ],
    }
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()


def _item(item: Item, scale: ResponseScale | None) -> dict[str, Any]:
    return {
        "id": item.id,
        "type": item.type,
        "text": _text(item.text),
        "labels": _labels(scale.labels if scale else {}),
        "missing_labels": _labels(scale.missing_codes if scale else {}),
        "required": item.required,
        "show_if": None if item.show_if is None else str(parse_show_if(item.show_if)),
        "minimum": item.minimum,
        "maximum": item.maximum,
        "max_length": item.max_length,
        "unit": _text(item.unit),
        "probes": [_text(probe) for probe in item.probes],
    }


def _labels(labels: Any) -> list[list[Any]]:
    return [[code, _text(text)] for code, text in labels.items()]


def _text(text: Text | None) -> dict[str, str] | None:
    if text is None:
        return None
    return {language: unicodedata.normalize("NFC", words) for language, words in text.items()}
