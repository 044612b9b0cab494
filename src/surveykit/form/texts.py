"""What a form says besides the instrument's own words, in the respondent's language."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from functools import cache
from importlib.resources import files

from surveykit.errors import LANGUAGES
from surveykit.instrument.model import Text
from surveykit.options import check_language

# A bilingual form has two languages side by side; more do not fit on paper.
BESIDE = 2


@cache
def _texts() -> Mapping[str, Text]:
    return tomllib.loads(files("surveykit.form").joinpath("texts.toml").read_text(encoding="utf-8"))


def languages_of(lang: str) -> tuple[str, ...]:
    """The languages of a form: one, or the two of a bilingual one (``ja+en``), the first on the left."""
    return tuple(lang.split("+"))


def is_form_language(lang: str, offered: Collection[str]) -> bool:
    """Whether forms can be written in a language, or in these two: ``ja+en``."""
    languages = languages_of(lang)
    return len(languages) == len(set(languages)) <= BESIDE and all(one in offered for one in languages)


def check_form_language(lang: str, offered: Collection[str]) -> None:
    """Refuse (O001) what is neither a language of the instrument nor two of them."""
    if not is_form_language(lang, offered):
        check_language(lang, tuple(offered))


def said(text: Text, lang: str, between: str = "\n") -> str:
    """A text in the languages of a form."""
    return between.join(text[one] for one in languages_of(lang))


def ui(key: str, lang: str, *, between: str = " / ", **fields: object) -> str:
    """One text by its key, filled in; English where a language has no texts of its own."""
    by_language = _texts()[key]
    texts = [by_language.get(one) or by_language["en"] for one in languages_of(lang)]
    return between.join(text.format_map(fields) for text in texts)


def ui_text(key: str, languages: tuple[str, ...] = LANGUAGES) -> Text:
    """The same text in every language, as an instrument would hold it."""
    return {lang: ui(key, lang) for lang in languages}
