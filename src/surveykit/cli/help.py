"""Help in the reader's language: one page for every command, laid out for wide characters."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from surveykit.cli.misuse import MissingParameter, argument_name, is_misuse, misuse, value_type
from surveykit.cli.output import complain, reader_language
from surveykit.formatting import text_width
from surveykit.wording import has_wording, wording

WIDEST, LEFT_MOST = 80, 30
# A line of Japanese breaks between any two letters, but not before a closing sign nor after an opening one.
KANA_KANJI = "\u3040-\u30ff\u3400-\u9fff々"
OPEN, CLOSE = "（「『", "、。，．）」』：；！？・ー…ぁぃぅぇぉっゃゅょァィゥェォッャュョ"
UNIT = re.compile(rf"[{OPEN}]*(?:[{KANA_KANJI}]|[^\s{KANA_KANJI}{OPEN}{CLOSE}]+)[{CLOSE}]*|[{OPEN}{CLOSE}]+")
TYPES = {Path: "type_path", int: "type_whole", float: "type_number"}


class Page:
    """What `Command` and `Group` share: help from `texts/help.toml` instead of from the code."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        formatter.write(page(self, ctx))

    def get_short_help_str(self, limit: int = 45) -> str:
        return summary(self, reader_language())

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        try:
            rest = list(super().parse_args(ctx, args))  # type: ignore[misc]
        except Exception as error:
            if is_misuse(error) and getattr(error, "ctx", ctx) is None:
                error.ctx = ctx  # type: ignore[attr-defined]  # so that the command can be named
            raise
        for param in self.params:  # type: ignore[attr-defined]
            if param.required and not ctx.params.get(param.name) and not ctx.resilient_parsing:
                raise MissingParameter(param, ctx)
        return rest

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        for param in self.get_params(ctx):  # type: ignore[attr-defined]
            param.help = explained(self, param, reader_language())
        return super().shell_complete(ctx, incomplete)  # type: ignore[misc]


class Command(Page, TyperCommand):
    """A command whose help and usage errors come in the reader's language."""


class Group(Page, TyperGroup):
    """The program itself; usage errors of all commands end here, with exit status 2."""

    def main(self, *args: Any, **extra: Any) -> Any:
        if not extra.get("standalone_mode", True):
            return super().main(*args, **extra)
        try:
            status = super().main(*args, **extra | {"standalone_mode": False})
        except typer.Abort:
            complain(wording("cli", "aborted", reader_language()))
            status = 1
        except Exception as error:
            if not is_misuse(error):
                raise
            status = _told(error)
        sys.exit(status if isinstance(status, int) else 0)


def _told(error: Any) -> int:
    """Print what was wrong with the command line, the usage, and where the help is."""
    if type(error).__name__ == "NoArgsIsHelpError":
        complain(error.ctx.get_help())
    else:
        lang = reader_language()
        complain(misuse(error).full(lang))
        if getattr(error, "ctx", None) is not None:
            complain(_usage(error.ctx.command, error.ctx, lang))
    return int(error.exit_code)


def key_of(command: Any) -> str:
    """The key of a command in `texts/help.toml`."""
    return "surveykit" if isinstance(command, TyperGroup) else str(command.name)


def summary(command: Any, lang: str) -> str:
    """What a command does."""
    return wording("help", key_of(command), lang)


def explained(command: Any, param: Any, lang: str) -> str:
    """What a parameter is: the command's own words for it, or those that several commands share."""
    name = "help" if "--help" in param.opts else param.name  # older versions call it otherwise
    own = f"{key_of(command)}.{name}"
    return wording("help", own if has_wording("help", own) else name, lang)


def page(command: Any, ctx: Any) -> str:
    """The whole help page of a command."""
    lang = reader_language()
    width = max(min(shutil.get_terminal_size().columns, WIDEST) - 2, 50)
    parts = [_usage(command, ctx, lang), filled(summary(command, lang), width, 2)]
    params = [one for one in command.get_params(ctx) if not getattr(one, "hidden", False)]
    for kind in ("argument", "option"):
        rows = [
            (_name(command, one, lang), _meaning(command, one, lang))
            for one in params
            if one.param_type_name == kind
        ]
        parts.append(_listed(wording("help", f"{kind}s", lang), rows, width))
    if isinstance(command, TyperGroup):
        rows = [(name, summary(one, lang)) for name, one in command.commands.items()]
        parts += [
            _listed(wording("help", "commands", lang), rows, width),
            filled(wording("help", "epilog", lang), width, 2),
        ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _usage(command: Any, ctx: Any, lang: str) -> str:
    words = [wording("help", "usage", lang), ctx.command_path, wording("help", "some_options", lang)]
    words += [_argument(one, lang) for one in command.params if one.param_type_name == "argument"]
    if isinstance(command, TyperGroup):
        words.append(wording("help", "some_command", lang))
    return " ".join(words)


def _argument(param: Any, lang: str) -> str:
    return argument_name(param, lang) + ("..." if param.nargs == -1 else "")


def _name(command: Any, param: Any, lang: str) -> str:
    """The left column: the option with what it takes."""
    if param.param_type_name == "argument":
        return _argument(param, lang)
    kind = value_type(command.callback, param)
    takes = "" if kind is bool else " " + wording("help", TYPES.get(kind, "type_text"), lang)
    return ", ".join(param.opts) + takes


def _meaning(command: Any, param: Any, lang: str) -> str:
    """The right column: what it is, whether it must be given, what it is otherwise."""
    said = explained(command, param, lang)
    if param.required:
        return f"{said} {wording('help', 'is_required', lang)}"
    default = param.default
    if default is None or isinstance(default, bool) or str(default) == "" or callable(default):
        return said
    return f"{said} {wording('help', 'by_default', lang, value=default)}"


def _listed(heading: str, rows: list[tuple[str, str]], width: int) -> str:
    """A list of names with their meanings beside them; below them where a name is long."""
    if not rows:
        return ""
    left = min(max(text_width(name) for name, _ in rows), LEFT_MOST) + 4
    lines = [typer.style(heading, bold=True) if sys.stdout.isatty() else heading]
    for name, meaning in rows:
        text = filled(meaning, width, left)
        start = f"  {name}"
        beside = text_width(start) + 2 <= left
        lines.append(
            start + " " * (left - text_width(start)) + text.lstrip() if beside else f"{start}\n{text}"
        )
    return "\n".join(lines)


def filled(text: str, width: int, indent: int) -> str:
    """A paragraph broken into lines: between words, in Japanese between letters.

    >>> print(filled("日本語の文は、どこででも折れます。", 17, 2))
      日本語の文は、
      どこででも折れ
      ます。
    """
    lines, line, end = [], "", 0
    for found in UNIT.finditer(text):
        gap = " " if found.start() > end else ""
        end = found.end()
        if line and indent + text_width(line + gap + found[0]) > width:
            lines.append(line)
            line = found[0]
        else:
            line += gap * bool(line) + found[0]
    return "\n".join(" " * indent + one for one in [*lines, line])
