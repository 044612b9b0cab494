"""Where an answer stands: by its defined name and by the word in its row, and whether the two agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from surveykit.form.layout import ANSWER_COLUMN, ANSWER_MARK, Slot
from surveykit.responses.excel import RawCell, Sheet, Workbook

Spot = tuple[str, str, int]


@dataclass(frozen=True)
class Located:
    """Where an answer was found.

    `state`: "both" anchors agree; "name" or "row" where only that one is
    left; "conflict"; "gone". `spot` is None for the last two; `others` are
    the cells that a conflict points to.
    """

    state: str
    spot: Spot | None = None
    cell: RawCell | None = None
    others: tuple[Spot, ...] = ()


def address(spot: Spot) -> str:
    """A spot's address within its sheet."""
    return f"{spot[1]}{spot[2]}"


def locate(book: Workbook, slots: Iterable[Slot]) -> dict[Slot, Located]:
    """Find each answer's cell."""
    named = {slot: _named(book, slot) for slot in slots}
    sheets = {spot[0] for spot in named.values() if spot is not None}
    rows = _rows(book, sheets or set(book.sheet_members))
    return {slot: _located(book, spot, rows.get(slot.name, ())) for slot, spot in named.items()}


def _named(book: Workbook, slot: Slot) -> Spot | None:
    spot = book.names.get(slot.name)
    return spot if spot is not None and spot[0] in book.sheet_members else None


def _rows(book: Workbook, names: Iterable[str]) -> Mapping[str, tuple[Spot, ...]]:
    """The answer cells that the words in the rows point to, by word."""
    found: dict[str, tuple[Spot, ...]] = {}
    for name in names:
        sheet = book.sheet(name)
        words = [
            (row, column, cell.raw)
            for (row, column), cell in sheet.cells.items()
            if cell.kind == "text" and Slot.from_name(cell.raw) is not None
        ]
        if not words:
            continue
        # A respondent may type such a word into an answer: only the column of words counts.
        usual = Counter(column for _, column, _ in words).most_common(1)[0][0]
        answers = _answer_column(sheet)
        for row, column, word in words:
            if column == usual:
                found[word] = (*found.get(word, ()), (name, answers, row))
    return found


def _answer_column(sheet: Sheet) -> str:
    for (_, column), cell in sheet.cells.items():
        if cell.raw == ANSWER_MARK and cell.kind == "text":
            return column
    return ANSWER_COLUMN


def _located(book: Workbook, name: Spot | None, rows: tuple[Spot, ...]) -> Located:
    spots = tuple(dict.fromkeys((*((name,) if name is not None else ()), *rows)))
    if len(spots) > 1 or len(rows) > 1:
        return Located("conflict", others=spots)
    if not spots:
        return Located("gone")
    state = "both" if name is not None and rows else "name" if name is not None else "row"
    sheet, column, row = spots[0]
    return Located(state, spots[0], book.sheet(sheet).cells.get((row, column)))
