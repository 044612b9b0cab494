"""A document's tables as a workbook: a sheet a table, its links kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from surveykit.report.document import Cell, Document, Table
from surveykit.report.lettering import captions, remarks
from surveykit.wording import wording

if TYPE_CHECKING:
    from surveykit.form.table_book import BookCell, BookTable


def write_excel(document: Document, path: Path) -> Path:
    """Write the tables of a report to a workbook; folders above it are created.

    A sheet a table, in the order of the report, behind a sheet that lists them. Numbers
    are numbers with the decimals they are printed with. A cell that leads to another
    in the report leads there in the workbook.

    Returns
    -------
    Path
        The file written.
    """
    # openpyxl is slow to load and only needed here.
    from surveykit.form.table_book import write_table_book

    numbers = captions(document)
    tables = [
        (block, numbers[place, position])
        for place, section in enumerate(document.sections)
        for position, block in enumerate(section.blocks)
        if isinstance(block, Table)
    ]
    title = document.title
    if document.simulated:
        title += f" [{wording('report', 'simulated', document.lang)}]"
    contents = wording("report", "contents", document.lang)
    sheets = [_sheet(table, caption, document) for table, caption in tables]
    return write_table_book(sheets, path, document.lang, contents, title)


def _sheet(table: Table, caption: str, document: Document) -> BookTable:
    from surveykit.form.table_book import BookTable

    marks = remarks(table)
    stamp = (wording("report", "simulated", document.lang),) if document.simulated else ()
    letters = tuple(f"({letter}) {text}" for text, letter in marks.items())
    over = [text for text, span in table.spanners for _ in range(span)] or [""] * len(table.header)
    header = [f"{above}: {text}" if above else text for above, text in zip(over, table.header, strict=True)]
    rows = [line for row in table.rows for line in _lines(row, marks)]
    return BookTable(
        table.sheet or caption, caption, table.title, header, rows, (*stamp, *table.notes, *letters)
    )


def _lines(row: tuple[Cell, ...], marks: Mapping[str, str]) -> Iterator[list[BookCell]]:
    """A row of the workbook for each line of its cells, so that each line can lead somewhere of its own."""
    from surveykit.form.table_book import BookCell

    height = max(len(cell.lines) for cell in row)
    for place in range(height):
        last = place == height - 1
        line = [_line(cell, place, marks) for cell in row]
        yield [BookCell(text, one.strong, one.href, one.anchor, last) for text, one in line]


def _line(cell: Cell, place: int, marks: Mapping[str, str]) -> tuple[str, Cell]:
    if place >= len(cell.lines):
        return "", Cell("")
    one = cell.lines[place]
    text = f"[{one.text}]" if one.struck else one.text
    return text + (f" ({marks[one.title]})" if one.title in marks else ""), one
