"""An SPSS file as a table: numbers as codes, its labels and what it declares missing beside them."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from surveykit.errors import Place, SurveykitError
from surveykit.responses.book import RawCell
from surveykit.responses.guard import read_bytes
from surveykit.responses.incoming.tables import Table, TableRow


def read_sav(path: Path) -> Table:
    """An SPSS file (.sav, .zsav).

    A cell that holds a value which the file declares missing keeps it; the
    table's `user_missing` says which these are.

    Raises
    ------
    SurveykitError
        R001, R002 the file cannot be read; E020 pyreadstat is not installed; E050 it is no SPSS file.
    """
    place = Place(file=str(path))
    data = read_bytes(path)
    try:
        import pyreadstat
    except ImportError:
        raise SurveykitError("E020", place=place, format="sav", extra="spss") from None
    try:
        frame, meta = pyreadstat.read_sav(str(path), user_missing=True)
    except (pyreadstat.ReadstatError, ValueError, UnicodeDecodeError) as problem:
        raise SurveykitError("E050", place=place, reason=str(problem)) from None
    columns = tuple(str(one) for one in frame.columns)
    values = {name: list(frame[name]) for name in columns}
    rows = tuple(
        TableRow(case, {name: _cell(name, case, values[name][case - 1]) for name in columns})
        for case in range(1, len(frame) + 1)
    )
    labels = {
        name: {float(code): str(label) for code, label in by_code.items() if isinstance(code, int | float)}
        for name, by_code in meta.variable_value_labels.items()
    }
    missing = {
        name: frozenset(
            cell.raw for cell in (row.cells[name] for row in rows) if cell.raw and _declared(cell, ranges)
        )
        for name, ranges in meta.missing_ranges.items()
    }
    digest = hashlib.sha256(data).hexdigest()
    return Table(str(path), digest, data, columns, rows, (), labels, missing)


def _cell(name: str, case: int, value: Any) -> RawCell:
    """A value as a cell; days and texts as text, what is empty as an empty text."""
    where = f"{name}:{case}"
    if value is None or value != value:
        return RawCell("", where, "text", "")
    if isinstance(value, datetime):
        value = value.date() if value.time() == datetime.min.time() else value
    if isinstance(value, date):
        return RawCell("", where, "text", value.isoformat())
    if isinstance(value, str):
        return RawCell("", where, "text", value)
    number = float(value)
    return RawCell("", where, "number", f"{number:.15g}", number if math.isfinite(number) else None)


def _declared(cell: RawCell, ranges: Iterable[Any]) -> bool:
    """Whether a value lies in what the file declares missing."""
    for one in ranges:
        low, high = one["lo"], one["hi"]
        if isinstance(low, str):
            if cell.raw.rstrip() == low.rstrip():
                return True
        elif cell.number is not None and float(low) <= cell.number <= float(high):
            return True
    return False
