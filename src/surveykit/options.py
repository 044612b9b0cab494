"""The options that several layers share, and their one check."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from difflib import get_close_matches
from math import isfinite
from numbers import Real

from surveykit.errors import LANGUAGES, SurveykitError


def nearest(name: str, allowed: Iterable[object]) -> str | None:
    """The allowed name that looks most like `name`, for "did you mean"."""
    close = get_close_matches(str(name), [str(one) for one in allowed], n=1, cutoff=0.5)
    return close[0] if close else None


def check_choice(option: str, value: object, allowed: Iterable[object]) -> None:
    """Refuse (O001) a value that is not among the allowed ones."""
    choices = list(allowed)
    # An array or a table compares cell by cell, which is no answer to "is it one of these?".
    if not isinstance(value, Hashable) or value not in choices:
        close = nearest(str(value), choices)
        raise SurveykitError(
            "O001",
            option=option,
            value=repr(value),
            allowed=", ".join(repr(one) for one in choices),
            nearest=repr(close if close is not None else choices[0]),
        )


def check_share(option: str, value: float) -> None:
    """Refuse (O002) a number that is not strictly between 0 and 1, as a confidence level must be."""
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 < value < 1:
        raise SurveykitError("O002", option=option, value=value)


def check_numbers(**options: object) -> None:
    """Refuse (O004) what is no finite number."""
    for option, value in options.items():
        if isinstance(value, bool) or not isinstance(value, Real) or not isfinite(value):
            raise SurveykitError("O004", option=option, value=repr(value))


def check_language(lang: str, offered: Iterable[str] = LANGUAGES) -> None:
    """Refuse (O001) a language that is not offered."""
    check_choice("lang", lang, offered)
