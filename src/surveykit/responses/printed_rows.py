"""A sheet beside the one that was printed, row by row: rows and columns may have moved, texts may not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from surveykit.form.batch import RESPONDENT_TOKEN
from surveykit.form.layout import ANCHOR_COLUMN, Slot
from surveykit.responses.book import RawCell, Sheet
from surveykit.responses.parse import tidy
from surveykit.responses.printed import PrintedSheet, evened

# A row's own word says more than all its texts together.
WORD_WEIGHT, COLUMN_WEIGHT, PLACE_WEIGHT = 3.0, 0.5, 0.01
Spot = tuple[int, str]


@dataclass(frozen=True)
class Odd:
    """A cell that is not as printed.

    `kind`: "beside", "changed", "removed"; `row`: the printed row that it belongs to, None for none;
    `printed`: what was printed there; `cell` is None where it was removed.
    """

    kind: str
    at: Spot
    cell: RawCell | None
    row: int | None
    printed: str = ""


def odd_cells(sheet: Sheet, printed: PrintedSheet, skip: frozenset[Spot], respondent: str) -> list[Odd]:
    """The cells that are not as printed, but for those to skip; `respondent`: who stands on the form."""
    wanted, same, odd = printed.cells, 0, False
    for at, cell in sheet.cells.items():
        text = wanted.get(at)
        if text == cell.raw or (text == RESPONDENT_TOKEN and (at in skip or cell.raw == respondent)):
            same += 1
        elif at not in skip and not odd:
            odd = bool(tidy(cell.raw))
    if not odd and same == len(wanted):
        return []
    return list(_by_rows(sheet, printed, skip, respondent))


def _by_rows(sheet: Sheet, printed: PrintedSheet, skip: frozenset[Spot], respondent: str) -> Iterator[Odd]:
    rows: dict[int, dict[str, RawCell]] = {}
    for (row, column), cell in sheet.cells.items():
        if (row, column) not in skip and tidy(cell.raw):
            rows.setdefault(row, {})[column] = cell
    pairs = {row: _meant(row, cells, printed) for row, cells in rows.items()}
    often = Counter(pairs.values())
    for row, cells in rows.items():
        meant = pairs[row]
        # A row whose one text was written over is known by its place alone.
        if meant is None and row in printed.rows and row not in often and printed.rows[row].keys() & cells:
            meant = row
        for one in _row(row, cells, meant, printed, skip, respondent):
            # Of a row that stands there twice the other may have it.
            if one.kind != "removed" or often[meant] < 2:
                yield one


def _meant(row: int, cells: Mapping[str, RawCell], printed: PrintedSheet) -> int | None:
    """The printed row that most of a row's texts are from."""
    votes: dict[int, float] = {}
    for column, cell in cells.items():
        text = evened(cell.raw)
        found = printed.rows_with.get(text, ())
        weight = WORD_WEIGHT if column == ANCHOR_COLUMN and Slot.from_name(cell.raw) is not None else 1.0
        for one in found:
            near = COLUMN_WEIGHT * (printed.rows[one].get(column) == text) + PLACE_WEIGHT * (one == row)
            votes[one] = votes.get(one, 0.0) + weight / len(found) + near
    return max(votes, key=votes.__getitem__) if votes else None


def _row(
    row: int,
    cells: Mapping[str, RawCell],
    meant: int | None,
    printed: PrintedSheet,
    skip: frozenset[Spot],
    respondent: str,
) -> Iterator[Odd]:
    """The cells of one row against the texts of the printed one: first column by column, then any."""
    wanted = dict(printed.rows[meant]) if meant is not None else {}
    left: dict[str, RawCell] = {}
    for column, cell in cells.items():
        if column in wanted and _is(cell, wanted[column], respondent):
            del wanted[column]
        else:
            left[column] = cell
    for column, cell in list(left.items()):
        moved = next((one for one, text in wanted.items() if _is(cell, text, respondent)), None)
        if moved is not None:
            del wanted[moved], left[column]
    for column, cell in left.items():
        if column in wanted:
            yield Odd("changed", (row, column), cell, meant, wanted.pop(column))
        else:
            yield Odd("beside", (row, column), cell, meant)
    for column, text in wanted.items():
        if (
            column != ANCHOR_COLUMN
            and (row, column) not in skip
            and text[:1] != "="
            and text != RESPONDENT_TOKEN
        ):
            yield Odd("removed", (row, column), None, meant, text)


def _is(cell: RawCell, printed: str, respondent: str) -> bool:
    """Whether a cell says what was printed; of a formula it is enough that it is one, or what it shows."""
    text = evened(cell.raw)
    if text == printed or (printed == RESPONDENT_TOKEN and text == evened(respondent)):
        return True
    shows = printed.split('"')[1:2] if printed.startswith("=") else []
    return bool(shows) and (cell.kind == "formula" or text.startswith(shows[0].strip()))
