"""What every command shares: how refusals are printed, JSON, progress, the reader's language."""

from __future__ import annotations

import json
import locale
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from surveykit.errors import LANGUAGES, Note, SurveykitError, note
from surveykit.wording import wording

# Refusals of options: a group's number, an export that says neither whither nor whence, a file for a folder.
USAGE = frozenset(("K002", "K003", "K021"))
FILE_ENDINGS = frozenset(
    (".xlsx", ".xls", ".ods", ".csv", ".html", ".htm", ".docx", ".pdf", ".json", ".sav", ".zip")
)
Progress = Callable[[int, int], None]


def reader_language() -> str:
    """The language of messages: SURVEYKIT_LANG (`surveykit --lang` sets it), the system's, else English."""
    asked = os.environ.get("SURVEYKIT_LANG") or (locale.getlocale()[0] or "")
    code = asked[:2].lower()  # Windows says Japanese_Japan
    return code if code in LANGUAGES else "en"


def tell_unknown_language() -> None:
    """Say so where SURVEYKIT_LANG is none of the three: jp, kr."""
    asked = os.environ.get("SURVEYKIT_LANG", "")
    if asked and asked[:2].lower() not in LANGUAGES:
        complain(note("K090", value=asked).full(reader_language()))


def say(text: str) -> None:
    """A line on standard output."""
    typer.echo(text)


def say_json(value: Any) -> None:
    """A value as JSON on standard output, with Japanese and Korean readable."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def complain(text: str) -> None:
    """A line on standard error."""
    typer.echo(text, err=True)


def refuse(error: SurveykitError) -> None:
    """Print a refusal and end with exit status 1."""
    complain(error.text(reader_language()))
    raise typer.Exit(1)


def check_folder(path: Path, option: str) -> None:
    """Refuse (K021) what is a file, or is called like one, where files are to be written into a folder."""
    if path.is_file() or (path.suffix.casefold() in FILE_ENDINGS and not path.is_dir()):
        raise SurveykitError("K021", option=option, value=str(path))


def exit_status(error: SurveykitError, typed: list[str]) -> int:
    """2 where what was typed after an option cannot be, 1 where what it was to work on is refused."""
    option = error.fields.get("option")
    named = error.code.startswith("O") and any(
        word == f"--{option}" or word.startswith(f"--{option}=") for word in typed
    )
    return 2 if named or error.code in USAGE else 1


def note_record(one: Note) -> dict[str, Any]:
    """A note as the JSON output shows it."""
    lang = reader_language()
    place = one.place
    return {
        "code": one.code,
        "place": str(place) if place is not None else None,
        "text": one.text(lang),
        "remedy": one.remedy(lang),
    }


@contextmanager
def progress(stage: str) -> Iterator[Progress]:
    """A progress bar of a stage on a terminal; silence elsewhere. Yields ``advance(done, total)``."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    from rich.console import Console

    with Bar(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(_stage(stage), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _stage(stage: str) -> str:
    return wording("cli", f"stage_{stage}", reader_language())


@contextmanager
def stages() -> Iterator[Callable[[str, int, int], None]]:
    """Progress over several stages; on a terminal a bar each, elsewhere a line when a stage ends."""
    if not sys.stderr.isatty():
        yield _say_when_done
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True)) as bar:
        tasks: dict[str, Any] = {}

        def tell(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(_stage(stage), total=total)
            bar.update(tasks[stage], completed=done, total=total)

        yield tell


def _say_when_done(stage: str, done: int, total: int) -> None:
    if done == total:
        complain(wording("cli", "stage_done", reader_language(), stage=_stage(stage), total=total))
