"""Wrong use of the command line, told with a code in the reader's language instead of in Typer's words."""

from __future__ import annotations

import re
import typing
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any, cast

from surveykit.cli.output import reader_language
from surveykit.errors import Note, note
from surveykit.wording import wording


class MissingParameter(Exception):
    """A required parameter without a value: Typer 0.15 under a newer Click lets it pass, and "" always."""

    exit_code = 2
    message = ""

    def __init__(self, param: Any, ctx: Any) -> None:
        super().__init__(param.name)
        self.param, self.ctx = param, ctx

    def format_message(self) -> str:
        return str(self)


def is_misuse(error: Exception) -> bool:
    """Whether Typer raised this for what the user typed (its class moves between versions)."""
    return hasattr(error, "format_message") and hasattr(error, "exit_code")


def misuse(error: Any) -> Note:
    """What was wrong, as a note; Typer's own sentence only where it is none of the known kinds."""
    ctx = getattr(error, "ctx", None)
    path = ctx.command_path if ctx is not None else "surveykit"
    kind = type(error).__name__
    if kind == "MissingParameter" and error.param is not None:
        return _missing(error.param, path)
    if kind == "NoSuchOption":
        near = ", ".join(sorted(error.possibilities or ()))
        return note("K012", option=error.option_name, near=near, path=path)
    if kind == "BadOptionUsage":
        if "requires" in str(error.message):
            return note("K013", option=error.option_name, path=path)
        return note("K014", option=error.option_name, path=path)
    if kind == "BadParameter" and error.param is not None:
        return _not_a_number(error, ctx, path)
    return _other(str(error.message), path, tuple(getattr(getattr(ctx, "command", None), "commands", ())))


def _missing(param: Any, path: str) -> Note:
    if param.param_type_name == "argument":
        return note("K010", name=argument_name(param, reader_language()), path=path)
    return note("K011", option=param.opts[0], path=path)


def argument_name(param: Any, lang: str) -> str:
    """What stands for an argument in usage and help: a word of the reader's language."""
    return wording("help", f"name_{param.name}", lang)


def value_type(callback: Callable[..., Any] | None, param: Any) -> type:
    """What a parameter is, from the annotation of the command's function; bool where it takes no value."""
    hints = typing.get_type_hints(callback) if callback is not None else {}
    hint = hints.get(param.name, bool)
    inner = [one for one in typing.get_args(hint) if one is not type(None)]
    return cast("type", inner[0] if inner else hint)


def _not_a_number(error: Any, ctx: Any, path: str) -> Note:
    """Numbers are the only values that Typer judges."""
    kind = value_type(ctx.command.callback, error.param) if ctx is not None else str
    if kind is int:
        return note("K015", option=error.param.opts[0], path=path)
    if kind is float:
        return note("K017", option=error.param.opts[0], path=path)
    return _other(str(error.message), path)


def _other(message: str, path: str, commands: tuple[str, ...] = ()) -> Note:
    named = re.match(r"No such command (['\"])(.*?)\1", message)
    if named:
        near = ", ".join(get_close_matches(named[2], commands))
        return note("K016", name=named[2], near=near, path=path)
    extra = re.match(r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)$", message, re.DOTALL)
    if extra:
        return note("K018", words=extra[1], path=path)
    if message.startswith("Missing command"):
        return note("K019", path=path)
    return note("K020", message=message, path=path)
