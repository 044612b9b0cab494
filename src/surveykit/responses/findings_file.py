"""The file of the table of findings: not written over where somebody has worked in it."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from surveykit.errors import Place, SurveykitError, SurveykitWarning, note
from surveykit.form.cells import plain_text
from surveykit.responses.excel import read_workbook
from surveykit.responses.guard import guarded
from surveykit.responses.identity import SAYS
from surveykit.responses.printed import evened

TABLE = "findings.xlsx"


def stamp(book: Any) -> None:
    """Note down in a table what it says."""
    from openpyxl.packaging.custom import StringProperty

    texts = (
        f"{cell.coordinate}={evened(plain_text(str(cell.value)))}"
        for row in book.active.iter_rows()
        for cell in row
        if cell.value not in (None, "")
    )
    book.custom_doc_props.append(StringProperty(name=SAYS, value=_digest(texts)))


def free_table(folder: Path) -> Path:
    """Where the table is written.

    Warns
    -----
    SurveykitWarning
        R102 an earlier table was changed by hand: the new one gets another name.
    """
    path, number = folder / TABLE, 1
    while path.exists() and not _as_written(path):
        number += 1
        path = folder / TABLE.replace(".", f" ({number}).")
    if number > 1:
        told = note("R102", Place(file=str(path)), file=TABLE, other=path.name)
        warnings.warn(str(told), SurveykitWarning, stacklevel=5)
    return path


def _as_written(path: Path) -> bool:
    """Whether a table of findings says what it said when it was written."""
    try:
        book = read_workbook(guarded(path.read_bytes(), str(path)))
        (name,) = book.sheet_members
        cells = book.sheet(name).cells.values()
    except (SurveykitError, OSError, ValueError):
        return False
    texts = (f"{cell.address}={evened(cell.raw)}" for cell in cells if cell.raw)
    return not book.asides and book.properties.get(SAYS) == _digest(texts)


def _digest(texts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(texts)).encode("utf-8", "replace")).hexdigest()[:16]
