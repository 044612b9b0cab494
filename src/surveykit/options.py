"""The options that several layers share, and their one check."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from difflib import get_close_matches
from functools import wraps
from math import isfinite
from numbers import Real
from typing import Any, ParamSpec, TypeVar

from surveykit.errors import LANGUAGES, SurveykitError

Arguments = ParamSpec("Arguments")
Returned = TypeVar("Returned")

LONGEST = 80  # characters of a value that a refusal shows


def nearest(name: str, allowed: Iterable[object]) -> str | None:
    """The allowed name that looks most like `name`, for "did you mean"."""
    close = get_close_matches(str(name), [str(one) for one in allowed], n=1, cutoff=0.5)
    return close[0] if close else None


def shown(value: object) -> str:
    """A value as a refusal shows it: one line, not too long, whatever it is."""
    try:
        text = " ".join(repr(value).split())
    except Exception:  # noqa: BLE001  its own repr may fail: a number of too many digits does
        text = type(value).__name__
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _among(value: object, choices: list[object]) -> bool:
    """Is it one of these? An array or a table would compare cell by cell, NA with NA."""
    try:
        return isinstance(value, Hashable) and bool(value in choices)
    except (TypeError, ValueError):
        return False


def check_choice(option: str, value: object, allowed: Iterable[object]) -> None:
    """Refuse (O001) a value that is not among the allowed ones."""
    choices = list(allowed)
    if not _among(value, choices):
        close = nearest(shown(value), choices)
        raise SurveykitError(
            "O001",
            option=option,
            value=shown(value),
            allowed=", ".join(repr(one) for one in choices),
            nearest=repr(close if close is not None else choices[0]),
        )


def check_share(option: str, value: float) -> None:
    """Refuse (O002) a number that is not strictly between 0 and 1, as a confidence level must be."""
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 < value < 1:
        raise SurveykitError("O002", option=option, value=shown(value))


def check_flags(**options: object) -> None:
    """Refuse (O001) what is neither True nor False."""
    for option, value in options.items():
        if value is not True and value is not False:
            check_choice(option, value, (True, False))


def _is_finite(value: object) -> bool:
    try:
        return isinstance(value, Real) and not isinstance(value, bool) and isfinite(value)
    except OverflowError:  # a whole number beyond the range of floating point
        return False


def check_numbers(**options: object) -> None:
    """Refuse (O004) what is no finite number."""
    for option, value in options.items():
        if not _is_finite(value):
            raise SurveykitError("O004", option=option, value=shown(value))


def check_language(lang: str, offered: Iterable[str] = LANGUAGES) -> None:
    """Refuse (O001) a language that is not offered."""
    check_choice("lang", lang, offered)


def checked_call(function: Callable[Arguments, Returned]) -> Callable[Arguments, Returned]:
    """The function, whose calls are refused in words where Python would only raise a TypeError.

    O005 an option that it does not have, O006 an argument that is missing, O007 options without their names.
    """

    @wraps(function)
    def call(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Returned:
        try:
            return function(*args, **kwargs)
        except TypeError:
            _refuse_unfit(function, args, kwargs)
            raise  # the call was right: the fault lies inside

    return call


def _refuse_unfit(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    from inspect import Parameter, signature

    everything = signature(function).parameters.values()
    kinds = {one.kind for one in everything}
    collecting = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
    parameters = {one.name: one for one in everything if one.kind not in collecting and one.name != "self"}
    args = args[1:] if any(one.name == "self" for one in everything) else args
    name = function.__name__
    for option in kwargs:
        if option not in parameters and Parameter.VAR_KEYWORD not in kinds:
            close, options = nearest(option, parameters), ", ".join(parameters)
            raise SurveykitError(
                "O005", function=name, option=option, nearest=close, options=options
            ) from None
    in_a_row = [one.name for one in parameters.values() if one.kind is one.POSITIONAL_OR_KEYWORD]
    named = [one for one in parameters if one not in in_a_row] or in_a_row
    listed = Parameter.VAR_POSITIONAL not in kinds
    if listed and (len(args) > len(in_a_row) or kwargs.keys() & in_a_row[: len(args)]):
        raise SurveykitError(
            "O007", function=name, first=", ".join(in_a_row), options=", ".join(named)
        ) from None
    missing = [
        one.name
        for one in parameters.values()
        if one.default is one.empty and one.name not in kwargs and one.name not in in_a_row[: len(args)]
    ]
    if missing:
        raise SurveykitError("O006", function=name, names=", ".join(missing)) from None
