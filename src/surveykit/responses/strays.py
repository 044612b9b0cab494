"""Remarks: what they are, what is told of them, and how they are found where no form was printed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from surveykit.errors import Note, Place, note
from surveykit.form.layout import Slot
from surveykit.responses.book import Workbook
from surveykit.responses.parse import plain, shown, tidy

# Findings of one workbook, and remarks kept of it beside its original.
TOLD, KEPT = 20, 5_000


@dataclass(frozen=True)
class Remark:
    """Something in a returned workbook that is no answer.

    `kind`: "beside" (in a cell that is not for answers), "changed" or "removed" (a text of the form; what it
    was stands in `printed`), "comment", "drawing", "sheet" (on a sheet that the form does not have),
    "conflict" (in one of several cells that claim to be the answer), "other_item" (the answer to an item
    that the questionnaire does not have any more), "hidden" (a row or column of the questions, in `text` as
    ``9:9`` or ``C:C``; the question stands in `printed`).
    """

    kind: str
    item: str
    sheet: str
    cell: str | None
    text: str
    printed: str = ""


def findings_on(
    remarks: list[Remark], blank: frozenset[str] = frozenset(), reworded: frozenset[str] = frozenset()
) -> list[Note]:
    """What is told of remarks: first those that may be the answer to an item that has none."""
    told = [one for one in remarks if _is_told(one, reworded)]
    told.sort(key=lambda one: not _is_urgent(one, blank))
    notes = [_told(one, blank) for one in told[:TOLD]]
    if len(told) > TOLD:
        notes.append(note("R098", count=len(told) - TOLD))
    return [*notes, *_further_sheets(remarks)]


def _is_urgent(one: Remark, blank: frozenset[str]) -> bool:
    return one.kind == "beside" and one.item in blank


def _is_told(one: Remark, reworded: frozenset[str]) -> bool:
    if one.kind in ("changed", "removed"):
        # Of an item's own words and cells R058, R059 or R036 says it.
        return one.item not in reworded and Slot.from_name(one.printed) is None
    return one.kind in ("beside", "comment", "drawing")


def _told(one: Remark, blank: frozenset[str]) -> Note:
    place, text = Place(sheet=one.sheet, cell=one.cell), shown(one.text)
    if one.kind == "changed":
        return note("R092", place, item=one.item, text=text, printed=shown(one.printed))
    if one.kind == "removed":
        return note("R093", place, item=one.item, printed=shown(one.printed))
    if one.kind == "comment":
        return note("R094", place, item=one.item, text=text)
    if one.kind == "drawing":
        return note("R095", place, item=one.item, text=text)
    return note("R091" if _is_urgent(one, blank) else "R090", place, item=one.item, text=text)


def find_strays(
    book: Workbook, main: str, own: Collection[str], ours: Callable[[int, str], bool]
) -> tuple[tuple[Remark, ...], list[Note]]:
    """Remarks in a grid or a coding sheet.

    `main`: the sheet that is filled in, of which `ours` tells by row and column which cells are read or
    printed; `own`: the other sheets that were sent out.
    """
    remarks: list[Remark] = []
    for name in book.sheet_members:
        for (row, column), cell in book.sheet(name).cells.items() if name not in own else ():
            if tidy(cell.raw) and not (name == main and ours(row, column)):
                kind = "beside" if name == main else "sheet"
                remarks.append(Remark(kind, "", name, f"{column}{row}", plain(cell)))
    remarks += [Remark(one.kind, "", one.sheet, one.cell, one.text) for one in book.asides]
    return tuple(remarks[:KEPT]), findings_on(remarks)


def _further_sheets(remarks: Iterable[Remark]) -> Iterator[Note]:
    """One finding a sheet."""
    by_sheet: dict[str, list[Remark]] = {}
    for one in remarks:
        if one.kind == "sheet":
            by_sheet.setdefault(one.sheet, []).append(one)
    for sheet, some in by_sheet.items():
        yield note("R096", Place(sheet=sheet), sheet=sheet, count=len(some), text=shown(some[0].text))
