"""What describes a CSV file to other programs: Frictionless' datapackage.json, and a Psych-DS data set.

Written with the standard library; the tests hold them against frictionless
and against what Psych-DS asks for.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from surveykit.instrument.model import Instrument
from surveykit.responses.export.table import CSV_NAME, About, Column, csv_text, pick_text
from surveykit.wording import wording

PACKAGE_NAME = "datapackage.json"
PSYCH_DS = "psych-ds"
NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9]", re.ASCII)


def datapackage(
    columns: tuple[Column, ...], instrument: Instrument, about: About, data: bytes, lang: str
) -> str:
    """The datapackage.json of the CSV file whose bytes are `data`."""
    resource = {
        "name": "responses",
        "path": CSV_NAME,
        "type": "table",
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(data),
        "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "doubleQuote": True},
        "schema": {
            "fields": [_field(one, lang) for one in columns],
            "missingValues": [""],
            "primaryKey": "respondent",
        },
    }
    remarks = (about.description.get(lang, ""), wording("exchange", "neutralised", lang))
    package = {
        "name": about.name.replace("_", "-"),
        "version": about.version,
        "title": pick_text(about.title, lang),
        "description": "\n\n".join(one for one in remarks if one),
        "profile": "tabular-data-package",
        "keywords": [instrument.instrument, *instrument.scales],
        "sources": [{"title": instrument.source.citation}],
        "instrument": f"{instrument.instrument} {instrument.version} ({instrument.content_hash})",
        "resources": [resource],
    }
    return _json(package)


def _field(one: Column, lang: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": one.name,
        "type": one.type,
        "title": pick_text(one.label, lang),
        "titles": dict(one.label),
    }
    if one.name == "respondent":
        found["constraints"] = {"required": True, "unique": True}
    if one.item is None:
        return found
    if one.values and one.type == "integer":
        found["constraints"] = {"enum": [*one.values]}
    elif one.type in ("integer", "number"):
        bounds = {"minimum": _bound(one.item.minimum), "maximum": _bound(one.item.maximum)}
        found["constraints"] = {key: value for key, value in bounds.items() if value is not None}
    if one.values:
        found["categories"] = [
            {"value": code, "label": pick_text(text, lang), "labels": dict(text)}
            for code, text in one.values.items()
        ]
    if one.item.reverse:
        found["reverse_keyed"] = True
    return found


def _bound(value: float | None) -> int | float | None:
    return int(value) if value is not None and float(value).is_integer() else value


def psych_ds(
    columns: tuple[Column, ...], instrument: Instrument, about: About, lang: str
) -> dict[str, bytes]:
    """A Psych-DS data set: path inside its folder -> bytes. Texts in its CSV stand as they were typed."""
    word = NOT_ALPHANUMERIC.sub("", about.name.casefold()) or "study"
    table = csv_text(columns, spreadsheet=False).encode()
    description = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": pick_text(about.title, lang),
        "alternateName": [text for key, text in about.title.items() if key != lang],
        "description": about.description.get(lang) or pick_text(about.title, lang),
        "schemaVersion": "Psych-DS 1.0.0",
        "version": about.version,
        "identifier": about.name,
        "inLanguage": [*instrument.languages],
        "citation": instrument.source.citation,
        "encodingFormat": "text/csv",
        "measurementTechnique": f"{instrument.instrument} {instrument.version} ({instrument.content_hash})",
        "variableMeasured": [_variable_measured(one, lang) for one in columns],
    }
    readme = wording("exchange", "psych_ds_readme", lang, title=pick_text(about.title, lang))
    return {
        "dataset_description.json": _json(description).encode(),
        f"data/study-{word}_data.csv": table,
        "README.md": readme.encode(),
    }


def _variable_measured(one: Column, lang: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "@type": "PropertyValue",
        "name": one.name,
        "description": pick_text(one.label, lang),
        "alternateName": [text for key, text in one.label.items() if key != lang],
    }
    if one.values:
        found["valueReference"] = [
            {"@type": "PropertyValue", "value": code, "name": pick_text(text, lang)}
            for code, text in one.values.items()
        ]
    if one.item is not None and one.type in ("integer", "number") and not one.values:
        bounds: Mapping[str, float | None] = {"minValue": one.item.minimum, "maxValue": one.item.maximum}
        found |= {key: _bound(value) for key, value in bounds.items() if value is not None}
        if one.item.unit:
            found["unitText"] = pick_text(one.item.unit, lang)
    return found


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
