"""What stands in a returned workbook and is no answer: kept whole, told as a finding, never taken for one.

Beside an answer, under the form, over a question, in a comment, in a text
box, on a sheet of its own: whatever was not printed on the form and does not
stand in an answer's cell is somebody's remark, or an answer in a wrong place.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from surveykit.errors import Note, Place, note
from surveykit.form.hidden import GROUP_PREFIX, ORDER_PREFIX, PRINTED, Identity
from surveykit.form.layout import (
    ANCHOR_COLUMN,
    ANCHOR_MARK,
    IDENTITY_SHEET,
    LISTS_SHEET,
    NUMBER_COLUMN,
    RESPONDENT_NAME,
    Slot,
    columns_of,
)
from surveykit.form.order import file_order
from surveykit.form.texts import languages_of, ui
from surveykit.responses.anchors import Located
from surveykit.responses.book import RawCell, Sheet, Workbook, column_number
from surveykit.responses.identity import told_of
from surveykit.responses.parse import plain, tidy
from surveykit.responses.printed import CODEBOOK, COVER, LISTS, QUESTIONNAIRE, Printed, PrintedSheet, evened
from surveykit.responses.printed_rows import Odd, odd_cells
from surveykit.responses.strays import KEPT, Remark, findings_on

# On the identity sheet of a marked copy: the SHA-256 of the workbook that it is a copy of, and its words.
REVISES, MARKS = "revises", "marks"
OWN_KEYS = frozenset((*Identity("", "", "", "", "").fields(), REVISES, MARKS, PRINTED))
# The last column of each sheet of a form whose own texts are not known.
LAST_COLUMNS = {COVER: "C", CODEBOOK: "F"}
Spot = tuple[int, str]


@dataclass(frozen=True)
class Looked:
    """A workbook whose answers have been found.

    `blank`: items without an answer; `reworded`: items of which is told that their question was changed;
    `id_is_read`: whether what stands in the cell of the respondent's id was taken as it is.
    """

    book: Workbook
    identity: Identity
    located: Mapping[Slot, Located]
    blank: frozenset[str]
    reworded: frozenset[str]
    printed: Printed | None
    id_is_read: bool


def marks_of(words: Iterable[str]) -> str:
    """The words of a marked copy as its identity sheet tells them: what else stands there is a reply."""
    lines = (line for text in words for line in text.split("\n") if line.strip())
    return " ".join(dict.fromkeys(_short(line) for line in lines))


def _short(line: str) -> str:
    return hashlib.sha256(evened(line).encode("utf-8", "replace")).hexdigest()[:8]


def find_remarks(looked: Looked) -> tuple[tuple[Remark, ...], list[Note]]:
    """Everything in a workbook that is neither printed on the form nor an answer, and the findings on it."""
    remarks = [*_in_cells(looked), *_in_conflict(looked), *_asides(looked)]
    notes = findings_on(remarks, looked.blank, looked.reworded)
    hidden = [*_hidden(looked)]
    remarks += [kept for one in hidden for kept in one.kept]
    return tuple(remarks[:KEPT]), [*notes, *(one.told for one in hidden)]


# ---- cells -------------------------------------------------------------------------------------------------


def _in_cells(looked: Looked) -> Iterator[Remark]:
    """Cells of every sheet, those of the form compared with what was printed."""
    book, roles = looked.book, _roles(looked)
    answers = _answers(looked)
    ours = frozenset(told_of(book).get(MARKS, "").split())
    for name in book.sheet_members:
        role = roles.get(name)
        skip = answers.get(name, frozenset())
        if name == IDENTITY_SHEET:
            found = _unknown_facts(book.sheet(name))
        elif role is None:
            found = _further(looked, name, skip)
        else:
            found = _of_form(looked, name, role, skip)
        for at, cell, kind, printed, item in found:
            if ours and cell is not None and _is_ours(cell.raw, ours):
                continue
            where = f"{at[1]}{at[0]}"
            yield Remark(kind, item, name, where, "" if cell is None else plain(cell), printed)


Found = tuple[Spot, RawCell | None, str, str, str]


def _is_ours(text: str, ours: frozenset[str]) -> bool:
    """Whether all of a text's lines are words of a marked copy."""
    return all(_short(line) in ours for line in text.split("\n") if line.strip())


def _roles(looked: Looked) -> dict[str, str]:
    """What each sheet of the form is for, by the name that it has now."""
    book, lang = looked.book, looked.identity.language
    roles = {one.spot[0]: QUESTIONNAIRE for one in looked.located.values() if one.spot is not None}
    cover = book.names.get(RESPONDENT_NAME)
    if cover is not None and cover[0] in book.sheet_members:
        roles.setdefault(cover[0], COVER)
    usual = {LISTS_SHEET: LISTS}
    try:
        first = languages_of(lang)[0]
        usual |= {ui("sheet_codebook", first): CODEBOOK, ui("sheet_cover", first): COVER}
    except KeyError:  # a language that no form is in
        pass
    for name, role in usual.items():
        if name in book.sheet_members and role not in roles.values():
            roles.setdefault(name, role)
    if looked.printed is not None:
        for role, printed in looked.printed.sheets.items():
            left = [name for name in book.sheet_members if name not in roles and name != IDENTITY_SHEET]
            if role not in roles.values() and left:
                alike = {name: _alike(book.sheet(name), printed) for name in left}
                best = max(left, key=alike.__getitem__)
                if 2 * alike[best] > len(printed.cells):
                    roles[best] = role
    return roles


def _alike(sheet: Sheet, printed: PrintedSheet) -> int:
    return sum(evened(cell.raw) in printed.rows_with for cell in sheet.cells.values())


def _answers(looked: Looked) -> dict[str, frozenset[Spot]]:
    """The cells of each sheet that are read as an answer, as the respondent's id, or told as in conflict."""
    found: dict[str, set[Spot]] = {}
    for one in looked.located.values():
        for sheet, column, row in (*((one.spot,) if one.spot is not None else ()), *one.others):
            found.setdefault(sheet, set()).add((row, column))
    spot = looked.book.names.get(RESPONDENT_NAME)
    if spot is not None and looked.id_is_read:
        found.setdefault(spot[0], set()).add((spot[2], spot[1]))
    return {sheet: frozenset(spots) for sheet, spots in found.items()}


def _of_form(looked: Looked, name: str, role: str, skip: frozenset[Spot]) -> Iterator[Found]:
    """A sheet of the form: what was not printed there, what was and is not any more."""
    printed = _printed(looked, role)
    if printed is None:
        yield from _beyond(looked, name, role, skip)
        return
    if printed.written and looked.book.written(name) == printed.written:
        return
    sheet = looked.book.sheet(name)
    for one in odd_cells(sheet, printed, skip, looked.identity.respondent):
        if one.kind == "changed" and one.at[1] == NUMBER_COLUMN and _in_unknown_order(looked):
            continue
        item = printed.items.get(one.row or 0, "")
        yield from _judged(looked, sheet, one, item, role)


def _in_unknown_order(looked: Looked) -> bool:
    """Whether the questions have numbers that nobody knows: their order stood on a sheet that is gone."""
    printed = looked.printed
    return not looked.identity.order and printed is not None and bool(file_order(printed.inst))


def _judged(looked: Looked, sheet: Sheet, one: Odd, item: str, role: str) -> Iterator[Found]:
    anchor = _slot_of(sheet, one.at[0]) if role == QUESTIONNAIRE else None
    answer = columns_of(looked.identity.language).answer
    if anchor is not None and anchor not in looked.located and one.kind == "beside" and one.at[1] == answer:
        yield one.at, one.cell, "other_item", "", anchor.item
        return
    yield one.at, one.cell, one.kind, one.printed, item


def _slot_of(sheet: Sheet, row: int) -> Slot | None:
    """The answer that a row's hidden word says it is for."""
    cell = sheet.cells.get((row, ANCHOR_COLUMN))
    return None if cell is None or cell.raw == ANCHOR_MARK else Slot.from_name(cell.raw)


def _printed(looked: Looked, role: str) -> PrintedSheet | None:
    """The sheet as it was sent out; of a form with other words than ours only the one that is filled in."""
    printed, identity = looked.printed, looked.identity
    if printed is None:
        return None
    if role == QUESTIONNAIRE:
        return printed.questionnaire(identity.order)
    return printed.sheets.get(role) if printed.digest == identity.printed else None


def _beyond(looked: Looked, name: str, role: str, skip: frozenset[Spot]) -> Iterator[Found]:
    """A sheet whose own texts are not known: cells to the right of the form, and those that are no text."""
    if role == LISTS:
        return
    columns = columns_of(looked.identity.language)
    last = column_number(LAST_COLUMNS.get(role, columns.remark))
    sheet = looked.book.sheet(name)
    for at, cell in sheet.cells.items():
        typed = column_number(at[1]) > last or cell.kind not in ("text", "formula")
        anchor = _slot_of(sheet, at[0]) if role == QUESTIONNAIRE else None
        if anchor is not None and anchor not in looked.located and at[1] == columns.answer:
            yield at, cell, "other_item", "", anchor.item
        elif typed and at not in skip and tidy(cell.raw):
            yield at, cell, "beside", "", "" if anchor is None else anchor.item


def _further(looked: Looked, name: str, skip: frozenset[Spot]) -> Iterator[Found]:
    """A sheet that the form does not have; of a copy of one of its own only what is different there."""
    book = looked.book
    sheet = book.sheet(name)
    originals = [book.sheet(one) for one in {one.spot[0] for one in looked.located.values() if one.spot}]
    copy = any(_slot_of(sheet, row) is not None for row, _ in sheet.cells)
    known: Mapping[str, object] = {}
    if copy and looked.printed is not None:
        known = looked.printed.questionnaire(looked.identity.order).rows_with
    for at, cell in sheet.cells.items():
        same = copy and any(one.cells.get(at, cell).raw == cell.raw and at in one.cells for one in originals)
        if at not in skip and not same and tidy(cell.raw) and evened(cell.raw) not in known:
            yield at, cell, "sheet", "", ""


def _unknown_facts(sheet: Sheet) -> Iterator[Found]:
    """What nobody but a person can have written on the hidden sheet that says which form it is."""
    for (row, column), cell in sheet.cells.items():
        key = sheet.cells.get((row, "A"))
        ours = key is not None and (key.raw in OWN_KEYS or key.raw.startswith((GROUP_PREFIX, ORDER_PREFIX)))
        if tidy(cell.raw) and not (ours and column in "AB"):
            yield (row, column), cell, "beside", "", ""


# ---- what is in no cell ------------------------------------------------------------------------------------


def _in_conflict(looked: Looked) -> Iterator[Remark]:
    """Of an answer for which several cells stand, what stands in each."""
    for slot, one in looked.located.items():
        if one.state == "conflict":
            for sheet, column, row in one.others:
                cell = looked.book.sheet(sheet).cells.get((row, column))
                if cell is not None and tidy(cell.raw):
                    yield Remark("conflict", slot.item, sheet, f"{column}{row}", plain(cell))


def _asides(looked: Looked) -> Iterator[Remark]:
    """Comments and drawings, with the item in whose answer cell they are fastened."""
    asides = looked.book.asides
    if asides:
        spots = {one.spot: slot.item for slot, one in looked.located.items() if one.spot is not None}
        at = {(sheet, f"{column}{row}"): item for (sheet, column, row), item in spots.items()}
        for one in asides:
            yield Remark(one.kind, at.get((one.sheet, one.cell or ""), ""), one.sheet, one.cell, one.text)


@dataclass(frozen=True)
class _Hidden:
    """What is hidden on a sheet: told once, kept row by row and column by column."""

    told: Note
    kept: tuple[Remark, ...]


def _hidden(looked: Looked) -> Iterator[_Hidden]:
    """Rows and columns of the questions that were hidden: nobody can have answered what is not seen."""
    by_sheet: dict[str, dict[Slot, tuple[str, int]]] = {}
    for slot, one in looked.located.items():
        if one.spot is not None:
            by_sheet.setdefault(one.spot[0], {})[slot] = one.spot[1], one.spot[2]
    for name, spots in by_sheet.items():
        sheet = looked.book.sheet(name)
        if not sheet.hidden_columns and len(sheet.hidden_rows) == 1 and sheet.hidden_rows[0] == range(1, 2):
            continue
        rows = {row for _, row in spots.values() if any(row in some for some in sheet.hidden_rows)}
        items = dict.fromkeys(slot.item for slot, (_, row) in spots.items() if row in rows)
        columns = {*(column for column, _ in spots.values()), *columns_of(looked.identity.language).questions}
        gone = [one for one in columns if any(column_number(one) in some for some in sheet.hidden_columns)]
        if rows or gone:
            places = ", ".join((*_spans(sorted(rows)), *sorted(gone)))
            kept = (*_hidden_rows(looked, name, rows), *_hidden_columns(name, spots, gone))
            place = Place(sheet=name, cell=kept[0].cell)
            yield _Hidden(note("R097", place, places=places, items=", ".join([*items][:12])), kept)


def _hidden_rows(looked: Looked, sheet: str, rows: set[int]) -> Iterator[Remark]:
    """Each answer's cell in a hidden row, with the question that stands there."""
    found = {(one.spot[2], slot): one for slot, one in looked.located.items() if one.spot is not None}
    for (row, slot), one in sorted(found.items(), key=lambda pair: pair[0][0]):
        if one.spot is not None and one.spot[0] == sheet and row in rows:
            cell, asked = f"{one.spot[1]}{row}", one.question or ""
            yield Remark("hidden", slot.item, sheet, cell, f"{row}:{row}", asked)


def _hidden_columns(
    sheet: str, spots: Mapping[Slot, tuple[str, int]], columns: list[str]
) -> Iterator[Remark]:
    first = min(row for _, row in spots.values())
    for column in sorted(columns):
        yield Remark("hidden", "", sheet, f"{column}{first}", f"{column}:{column}")


def _spans(rows: list[int]) -> Iterator[str]:
    """Rows as ``7, 9-12``."""
    start = 0
    for number, row in enumerate(rows):
        if number + 1 == len(rows) or rows[number + 1] > row + 1:
            yield str(row) if rows[start] == row else f"{rows[start]}-{row}"
            start = number + 1
