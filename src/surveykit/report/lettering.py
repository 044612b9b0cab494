"""What every form of a report does alike: number its tables and figures, letter the remarks of cells."""

from __future__ import annotations

from collections.abc import Mapping

from surveykit.report.document import Document, Figure, Table
from surveykit.wording import wording


def captions(document: Document) -> Mapping[tuple[int, int], str]:
    """ "Table 1", "Figure 1" … by (section, block), counted through the whole document."""
    counts = {"table": 0, "figure": 0}
    found: dict[tuple[int, int], str] = {}
    for place, section in enumerate(document.sections):
        for position, block in enumerate(section.blocks):
            if isinstance(block, Table | Figure):
                kind = "table" if isinstance(block, Table) else "figure"
                counts[kind] += 1
                found[place, position] = wording("report", kind, document.lang, number=counts[kind])
    return found


def remarks(table: Table) -> Mapping[str, str]:
    """The remarks of a table's cells -> their letters, in the order of reading; equal remarks share one."""
    texts = dict.fromkeys(cell.title for line in table.rows for cell in line if cell.title)
    return {text: _letter(place) for place, text in enumerate(texts)}


def _letter(place: int) -> str:
    """a … z, aa, ab …"""
    rest, last = divmod(place, 26)
    return (_letter(rest - 1) if rest else "") + chr(ord("a") + last)
