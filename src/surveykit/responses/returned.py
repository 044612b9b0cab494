"""One returned workbook, read: who answered what, where it stood, what is to be looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from surveykit.errors import Note, Place, SurveykitError, note
from surveykit.form.hidden import Identity
from surveykit.form.layout import RESPONDENT_NAME, Slot, columns_of
from surveykit.responses.anchors import Located, address, locate
from surveykit.responses.book import RawCell, Workbook
from surveykit.responses.expected import Expected, plain_words
from surveykit.responses.identity import identify, told_of
from surveykit.responses.parse import Parsed, Reading, Value, seen, shown, tidy
from surveykit.responses.remarks import REVISES, Looked, find_remarks
from surveykit.responses.strays import Remark
from surveykit.responses.versions import FormVersion, compare_version, listed

ID_LIMIT = 60


@dataclass(frozen=True)
class CellRecord:
    """The provenance of one cell."""

    item: str
    option: int | None
    sheet: str | None
    cell: str | None
    kind: str | None
    raw: str | None
    value: Value
    rule: str


@dataclass(frozen=True)
class Returned:
    """What a workbook holds.

    `respondent` is the id to file it under; `revises` the SHA-256 of the
    workbook that it corrects, where it is a marked copy come back; `remarks`
    what else stands in it.
    """

    identity: Identity
    respondent: str
    modified: str
    cells: tuple[CellRecord, ...]
    findings: tuple[Note, ...]
    revises: str = ""
    remarks: tuple[Remark, ...] = ()


def read_returned(book: Workbook, instruments: Mapping[str, Expected], sha256: str) -> Returned:
    """Read a workbook of one of these instruments.

    Raises
    ------
    SurveykitError
        R020, R022, R024 it is not one of surveykit's forms, or contradicts itself; R021 a form of another
        instrument; R023 of a newer version than the study knows; R026 no answer cell is left.
    """
    identity, told = identify(book)
    expected = instruments.get(identity.instrument)
    if expected is None:
        known = ", ".join(sorted(instruments))
        raise SurveykitError("R021", place=Place(file=book.file), instrument=identity.instrument, known=known)
    findings, form = compare_version(book, identity, expected)
    findings += told
    respondent = _respondent(book, identity, sha256, findings)
    cells, located = _read_cells(book, expected, form, findings)
    check_answers(expected, cells, form, findings)
    reworded = frozenset(str(one.fields["item"]) for one in findings if one.code in ("R058", "R059"))
    id_is_read = 0 < len(_entered(book)) <= ID_LIMIT
    printed = expected.printed(identity)
    looked = Looked(book, identity, located, _blank(cells), reworded, printed, id_is_read)
    remarks, told = find_remarks(looked)
    revises = told_of(book).get(REVISES, "")
    return Returned(identity, respondent, book.modified, tuple(cells), (*findings, *told), revises, remarks)


def _blank(cells: list[CellRecord]) -> frozenset[str]:
    """The items in whose cells nothing stands."""
    return frozenset(one.item for one in cells) - {one.item for one in cells if one.rule != "blank"}


def _entered(book: Workbook) -> str:
    """What stands in the cell of the respondent's id."""
    spot = book.names.get(RESPONDENT_NAME)
    if spot is None or spot[0] not in book.sheet_members:
        return ""
    cell = book.sheet(spot[0]).cells.get((spot[2], spot[1]))
    return tidy(cell.raw) if cell is not None and cell.kind in ("text", "number") else ""


def _respondent(book: Workbook, identity: Identity, sha256: str, findings: list[Note]) -> str:
    """The id the form was made for, or the one entered on the cover, or one made from the file."""
    spot = book.names.get(RESPONDENT_NAME)
    place = Place(sheet=spot[0], cell=address(spot)) if spot is not None else None
    entered = _entered(book)[:ID_LIMIT]
    if identity.respondent:
        if entered and entered != tidy(identity.respondent):
            findings.append(note("R035", place, respondent=identity.respondent, entered=entered))
        return identity.respondent
    if entered:
        return entered
    made = f"file-{sha256[:12]}"
    findings.append(note("R032", place, respondent=made))
    return made


def _read_cells(
    book: Workbook, expected: Expected, form: FormVersion, findings: list[Note]
) -> tuple[list[CellRecord], Mapping[Slot, Located]]:
    homes = {
        slot: row if form.same else None
        for slot, row in expected.homes(form.order).items()
        if slot.item not in form.absent
    }
    located = locate(book, homes, columns_of(form.language).answer)
    if all(found.spot is None for found in located.values()):
        raise SurveykitError("R026", place=Place(file=book.file))
    alone = [slot.name for slot, found in located.items() if found.state in ("name", "row")]
    if alone:
        findings.append(note("R036", count=len(alone), names=listed(alone)))
    moved = [slot.name for slot, found in located.items() if found.state == "moved"]
    if moved:
        findings.append(note("R037", count=len(moved), names=listed(moved)))
    asked = expected.questions(form.language) if form.same else {}
    return [_record(expected, form, slot, located[slot], asked, findings) for slot in homes], located


def _record(
    expected: Expected,
    form: FormVersion,
    slot: Slot,
    found: Located,
    asked: Mapping[Slot, str],
    findings: list[Note],
) -> CellRecord:
    if found.state == "conflict":
        places = ", ".join(f"{sheet}!{column}{row}" for sheet, column, row in found.others)
        sheet, column, row = found.others[-1]
        findings.append(
            note("R045", Place(sheet=sheet, cell=f"{column}{row}"), item=slot.item, places=places)
        )
        return CellRecord(slot.item, slot.option, None, None, None, None, None, "conflict")
    if found.state == "merged":
        ((sheet, column, row),) = found.others
        findings.append(note("R070", Place(sheet=sheet, cell=f"{column}{row}"), item=slot.item))
        return CellRecord(slot.item, slot.option, sheet, f"{column}{row}", None, None, None, "merged")
    if found.spot is None:
        findings.append(note("R046", item=slot.item))
        return CellRecord(slot.item, slot.option, None, None, None, None, None, "gone")
    cell = found.cell
    parsed = parse_cell(expected.readings[slot.item], form, slot, cell)
    witness = _witness(slot, found, asked)
    if witness is not None:
        findings.append(witness)
        parsed = Parsed(None, "other_question") if witness.code == "R059" else parsed
    if parsed.finding is not None:
        findings.append(parsed.finding)
    kind, raw = (cell.kind, cell.raw) if cell is not None else (None, None)
    where = address(found.spot)
    return CellRecord(slot.item, slot.option, found.spot[0], where, kind, raw, parsed.value, parsed.rule)


def _witness(slot: Slot, found: Located, asked: Mapping[Slot, str]) -> Note | None:
    """What is wrong with the question printed in the row: another item's (R059), or reworded (R058)."""
    shows = None if found.question is None else plain_words(found.question)
    if shows is None or not asked or shows == asked[slot] or found.spot is None:
        return None
    place = Place(sheet=found.spot[0], cell=address(found.spot))
    for other, text in asked.items():
        if text == shows and other.item != slot.item:
            return note("R059", place, item=slot.item, other=other.item)
    if found.asked is not None:
        place = Place(sheet=found.asked[0], cell=address(found.asked))
    return note("R058", place, item=slot.item, shows=shown(shows))


def parse_cell(how: Reading, form: FormVersion, slot: Slot, cell: RawCell | None) -> Parsed:
    """Read one answer cell by the rules of its item and of the form's version."""
    if slot.item in form.other_scale and cell is not None and tidy(cell.raw):
        finding = note("R047", how.place(cell), item=slot.item, raw=seen(cell))
        return Parsed(None, "other_scale", finding)
    other = form.relabelled.get(slot.item)
    if other is not None and cell is not None and tidy(cell.raw):
        return other.parse(how, cell)
    if slot.option is not None:
        return how.parse_mark(cell, slot.option)
    if cell is not None and cell.kind == "text" and form.options and how.scale is not None:
        code = form.options.get(tidy(cell.raw).casefold())
        if code is not None and code in how.codes:
            return Parsed(code, "option")
    return how.parse(cell)


def values_of(cells: list[CellRecord] | tuple[CellRecord, ...]) -> dict[str, Value]:
    """Each item's answer: its value, or the chosen codes as a tuple; None where it is blank or unclear."""
    values: dict[str, Value] = {}
    unclear: set[str] = set()
    for cell in cells:
        if cell.option is None:
            values[cell.item] = cell.value
            continue
        chosen = values.setdefault(cell.item, ())
        if cell.value is None:
            unclear.add(cell.item)
        elif cell.value and isinstance(chosen, tuple):
            values[cell.item] = (*chosen, cell.option)
    return {item: None if item in unclear or value == () else value for item, value in values.items()}


def check_answers(
    expected: Expected, cells: list[CellRecord], form: FormVersion, findings: list[Note]
) -> None:
    """What can only be seen in the whole form: required, not applicable, chosen together."""
    if all(one.rule == "blank" for one in cells):
        findings.append(note("R038"))
        return
    answers = values_of(cells)
    places = {one.item: Place(sheet=one.sheet, cell=one.cell) for one in reversed(cells)}
    flagged = {str(one.fields.get("item")) for one in findings}
    for item in expected.layout.inst.items:
        if item.id in form.absent:
            continue
        value = answers.get(item.id)
        condition = expected.conditions.get(item.id)
        applies = condition is None or condition.evaluate(answers)
        if value is None and item.required and applies and item.id not in flagged:
            findings.append(note("R054", places[item.id], item=item.id))
        if value is not None and not applies:
            findings.append(note("R055", places[item.id], item=item.id, condition=item.show_if))
        if isinstance(value, tuple) and len(value) > 1:
            findings += _chosen_together(expected.readings[item.id], value, places[item.id])


def _chosen_together(how: Reading, value: tuple[int, ...], place: Place) -> Iterator[Note]:
    missing = ", ".join(str(code) for code in value if code in how.missing)
    if missing:
        others = ", ".join(str(code) for code in value if code not in how.missing) or "–"
        yield note("R057", place, item=how.item.id, missing=missing, codes=others)
