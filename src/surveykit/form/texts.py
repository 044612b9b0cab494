"""What a form says besides the instrument's own words, in the respondent's language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from surveykit.errors import LANGUAGES
from surveykit.instrument.model import Text


@cache
def _texts() -> Mapping[str, Text]:
    return tomllib.loads(files("surveykit.form").joinpath("texts.toml").read_text(encoding="utf-8"))


def ui(key: str, lang: str, **fields: object) -> str:
    """One text by its key, filled in; English where a language has no texts of its own."""
    by_language = _texts()[key]
    return (by_language.get(lang) or by_language["en"]).format_map(fields)


def ui_text(key: str, languages: tuple[str, ...] = LANGUAGES) -> Text:
    """The same text in every language, as an instrument would hold it."""
    return {lang: ui(key, lang) for lang in languages}
