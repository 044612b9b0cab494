"""One returned file, read and judged: nothing here writes, so many can be read at once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from surveykit.errors import Note, Place, SurveykitError, note
from surveykit.responses.coding_sheet import as_returned, is_coding_sheet
from surveykit.responses.entry_grid import is_entry_grid, read_entry_grid
from surveykit.responses.excel import read_workbook
from surveykit.responses.expected import Expected
from surveykit.responses.guard import guarded, read_bytes
from surveykit.responses.returned import Returned, read_returned

# What Excel and LibreOffice leave beside a workbook that is open: small, and no workbook.
MARKS = ("~$", ".~lock.")
MARK_LIMIT = 1024
# What macOS and Windows put into folders by themselves.
SYSTEM_FILES = frozenset((".ds_store", "thumbs.db", "desktop.ini"))
SYSTEM_START = "._"
# How every workbook begins: one that is called so is read all the same.
ZIPPED = b"PK"
# What is named and needs no one's care: files of the system, our own tables of findings.
PASSED_OVER = frozenset(("R103", "R104"))


@dataclass(frozen=True)
class Arrived:
    """A file as it came: its name as text, its bytes and their SHA-256, or why it could not be read."""

    path: Path
    file: str
    data: bytes = b""
    sha256: str | None = None
    problem: Note | None = None


@dataclass(frozen=True)
class Judged:
    """What a file holds, or why it is set apart.

    `suffix`: what it is kept as; `rows`: of a data-entry grid, each by the
    number of its row, in place of `returned`.
    """

    returned: Returned | None = None
    suffix: str = ".xlsx"
    problem: Note | None = None
    rows: tuple[tuple[int, Returned], ...] = ()


def arrive(path: Path) -> Arrived:
    """Read a file's bytes."""
    file = name_of(path)
    try:
        data = read_bytes(path)
    except SurveykitError as problem:
        return Arrived(path, file, problem=problem.note)
    if path.name.startswith(MARKS) and len(data) < MARK_LIMIT:
        return Arrived(path, file, problem=note("R025", Place(file=file)))
    if _is_of_system(path.name) and not data.startswith(ZIPPED):
        return Arrived(path, file, problem=note("R104", Place(file=file)))
    return Arrived(path, file, data, hashlib.sha256(data).hexdigest())


def _is_of_system(name: str) -> bool:
    return name.startswith(SYSTEM_START) or name.casefold() in SYSTEM_FILES


def name_of(path: Path) -> str:
    """A path as text that can be stored and printed, also where its bytes are no UTF-8."""
    return os.fsencode(path).decode("utf-8", "replace")


def judge(data: bytes, file: str, sha256: str, expected: Mapping[str, Expected]) -> Judged:
    """Read a workbook; whatever is wrong with it comes back as a code, never as an exception."""
    try:
        book = read_workbook(guarded(data, file))
        if is_entry_grid(book):
            return Judged(suffix=book.suffix, rows=read_entry_grid(book, expected, sha256))
        taken = as_returned(book) if is_coding_sheet(book) else read_returned(book, expected, sha256)
        return Judged(taken, book.suffix)
    except SurveykitError as problem:
        return Judged(problem=problem.note)
    except Exception as problem:  # noqa: BLE001 (one odd file must never stop a collection)
        reason = f"{type(problem).__name__}: {problem}"[:200]
        return Judged(problem=note("R014", Place(file=file), reason=reason))
