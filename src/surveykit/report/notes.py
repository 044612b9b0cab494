"""Notes of results as lines under a table, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from surveykit.errors import Note
from surveykit.report.document import Table
from surveykit.report.names import Names


def note_lines(notes: Iterable[Note], names: Names) -> tuple[str, ...]:
    """Each note once, in the order found, with its code at the end so that it can be looked up."""
    lines = (f"{one.text(names.lang)} [{one.code}]" for one in notes)
    return tuple(dict.fromkeys(lines))


def with_notes(table: Table, notes: Iterable[Note], names: Names) -> Table:
    """The table with a result's notes below its own."""
    return replace(table, notes=(*table.notes, *note_lines(notes, names)))
