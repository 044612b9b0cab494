"""Where an answer stands: by its defined name and by the word in its row, and whether the two agree.

There is a third witness, the question printed in the row. It settles one
case: where the names still stand where the form was sent out with them and
the rows have moved (a sorted sheet; rows inserted by another program), the
rows are right. Everything else is a conflict.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from surveykit.form.layout import ANSWER_COLUMN, ANSWER_MARK, QUESTION_COLUMN, QUESTION_MARK, Slot
from surveykit.responses.book import RawCell, Sheet, Spot, Workbook

# Cover, questionnaire, codebook and the two hidden ones: only further sheets can be copies.
USUAL_SHEETS = 5
# How every row's word begins: quickly seen.
WORD = "sk"


@dataclass(frozen=True)
class Located:
    """Where an answer was found.

    `state`: "both" anchors agree; "moved" where the row was moved and the
    name was not; "name" or "row" where only that one is left; "conflict";
    "merged" where the cell is hidden under a neighbour; "gone". `spot` is
    None for the last three; `others` are the cells that a conflict points to,
    or the hidden one. `question` is what is printed in the row, `asked` the cell where it stands.
    """

    state: str
    spot: Spot | None = None
    cell: RawCell | None = None
    others: tuple[Spot, ...] = ()
    question: str | None = None
    asked: Spot | None = None


@dataclass(frozen=True)
class RowAnchor:
    """The word of a row: the answer cell it points to, the cell of the question and what stands there."""

    spot: Spot
    asked: Spot
    question: str | None


def address(spot: Spot) -> str:
    """A spot's address within its sheet."""
    return f"{spot[1]}{spot[2]}"


def locate(
    book: Workbook, homes: Mapping[Slot, int | None], answers: str = ANSWER_COLUMN
) -> dict[Slot, Located]:
    """Find each answer's cell.

    `homes`: its row in the form as sent out, None where that is not known;
    `answers`: the column in which such a form has its answers.
    """
    slots = tuple(homes)
    named = {slot: _named(book, slot) for slot in slots}
    sheets = {spot[0] for spot in named.values() if spot is not None}
    rows = _rows(book, sheets or set(book.sheet_members), answers)
    found = {slot: _located(book, spot, rows.get(slot.name, ()), homes[slot]) for slot, spot in named.items()}
    # A program that deletes a row without its name leaves the name on the next item's row.
    taken = {anchor.spot[::2]: word for word, anchors in rows.items() for anchor in anchors}
    found = {
        slot: Located("gone") if one.state == "name" and one.spot and one.spot[::2] in taken else one
        for slot, one in found.items()
    }
    if sheets and len(book.sheet_members) > USUAL_SHEETS:
        copies = _rows(book, set(book.sheet_members) - sheets, answers)
        found = {slot: _beside(book, one, copies.get(slot.name, ())) for slot, one in found.items()}
    return found


def _beside(book: Workbook, found: Located, copies: tuple[RowAnchor, ...]) -> Located:
    """What was found, unless a copy of the sheet has another answer to the same question."""
    here = "" if found.cell is None else found.cell.raw.strip()
    for spot in (copy.spot for copy in copies):
        there = book.sheet(spot[0]).cells.get((spot[2], spot[1]))
        if there is not None and there.raw.strip() not in ("", here):
            mine = found.others if found.spot is None else (found.spot,)
            return Located("conflict", others=(spot, *mine))
    return found


def _named(book: Workbook, slot: Slot) -> Spot | None:
    spot = book.names.get(slot.name)
    return spot if spot is not None and spot[0] in book.sheet_members else None


def _rows(book: Workbook, names: Iterable[str], answer_column: str) -> Mapping[str, tuple[RowAnchor, ...]]:
    """What the words in the rows point to, by word; `answer_column` where its mark is gone."""
    found: dict[str, tuple[RowAnchor, ...]] = {}
    for name in names:
        sheet = book.sheet(name)
        words = [
            (row, column, cell.raw)
            for (row, column), cell in sheet.cells.items()
            if cell.raw.startswith(WORD) and cell.kind == "text" and Slot.from_name(cell.raw) is not None
        ]
        if not words:
            continue
        # A respondent may type such a word into an answer: only the column of words counts.
        usual = Counter(column for _, column, _ in words).most_common(1)[0][0]
        answers = _marked(sheet, ANSWER_MARK, answer_column)
        questions = _marked(sheet, QUESTION_MARK, QUESTION_COLUMN)
        for row, column, word in words:
            if column == usual:
                asked = sheet.cells.get((row, questions))
                anchor = RowAnchor(
                    (name, answers, row), (name, questions, row), asked.raw if asked is not None else None
                )
                found[word] = (*found.get(word, ()), anchor)
    return found


def _marked(sheet: Sheet, mark: str, usual: str) -> str:
    """The column of a mark; where the mark is gone, where the form had it."""
    for (_, column), cell in sheet.cells.items():
        if cell.raw == mark and cell.kind == "text":
            return column
    return usual


def _located(book: Workbook, name: Spot | None, rows: tuple[RowAnchor, ...], home: int | None) -> Located:
    spots = tuple(dict.fromkeys((*((name,) if name is not None else ()), *(one.spot for one in rows))))
    if not spots:
        return Located("gone")
    state = "both" if name is not None and rows else "name" if name is not None else "row"
    spot, question = spots[0], rows[0].question if rows else None
    if len(rows) > 1 or len(spots) > 1:
        if len(rows) > 1 or name is None or home is None or name[2] != home or name[:2] != rows[0].spot[:2]:
            return Located("conflict", others=spots)
        state, spot = "moved", rows[0].spot
    sheet = book.sheet(spot[0])
    cell = sheet.cells.get((spot[2], spot[1]))
    # Excel empties the cells that it merges away; what still stands in one is an answer.
    if cell is None and (spot[2], spot[1]) in sheet.merged:
        return Located("merged", others=(spot,))
    return Located(state, spot, cell, question=question, asked=rows[0].asked if rows else None)
