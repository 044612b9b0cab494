"""Texts that people see, in English, Japanese and Korean; one TOML file an area under `texts/`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from surveykit.errors import filled


@cache
def _area(area: str) -> Mapping[str, Mapping[str, str]]:
    source = files("surveykit").joinpath("texts", f"{area}.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))


def wording(area: str, key: str, lang: str = "en", **fields: Any) -> str:
    """The text `key` of an area in one language, with its fields filled in.

    >>> wording("countries", "JP", "ja")
    '日本'
    """
    return filled(_area(area)[key][lang], lang, fields)


def has_wording(area: str, key: str) -> bool:
    """Whether the area has a text of this key."""
    return key in _area(area)


def told(area: str, kind: str, value: str, lang: str = "en") -> str:
    """A word that results hold in English (a status, a reason) in the reader's language, if it has one."""
    key = f"{kind}_{value.replace(' ', '_')}"
    return wording(area, key, lang) if lang != "en" and has_wording(area, key) else value


def pick(text: Mapping[Any, str] | None, lang: str) -> str:
    """A text of an instrument or a plan in `lang`; the first language it has where that is missing."""
    if not text:
        return ""
    return text.get(lang) or next(iter(text.values()))
