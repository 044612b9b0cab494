"""An instrument as JSON: kept in the store beside the answers that were given on it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from surveykit.instrument.model import Instrument, Item, ResponseScale, Scale, Section, Source


def to_json(inst: Instrument) -> str:
    """The instrument as JSON; `from_json` gives an equal one."""
    return json.dumps(dataclasses.asdict(inst), ensure_ascii=False, separators=(",", ":"))


def from_json(text: str) -> Instrument:
    """The instrument that `to_json` wrote."""
    facts: dict[str, Any] = json.loads(text)
    facts["languages"] = tuple(facts["languages"])
    facts["quasi_identifiers"] = tuple(facts["quasi_identifiers"])
    facts["source"] = Source(**facts["source"])
    facts["sections"] = tuple(_section(one) for one in facts["sections"])
    facts["response_scales"] = {key: _response_scale(one) for key, one in facts["response_scales"].items()}
    facts["scales"] = {
        key: Scale(**(one | {"items": tuple(one["items"])})) for key, one in facts["scales"].items()
    }
    return Instrument(**facts)


def _section(facts: Mapping[str, Any]) -> Section:
    return Section(**{**facts, "items": tuple(_item(one) for one in facts["items"])})


def _item(facts: Mapping[str, Any]) -> Item:
    lists = {key: tuple(facts[key]) for key in ("probes", "proposition", "missing_codes")}
    return Item(**{**facts, **lists})


def _response_scale(facts: Mapping[str, Any]) -> ResponseScale:
    labels, missing = (
        {int(code): text for code, text in facts[key].items()} for key in ("labels", "missing_codes")
    )
    return ResponseScale(facts["id"], labels, missing)
