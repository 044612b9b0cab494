"""One returned workbook, read: who answered what, where it stood, what is to be looked at."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

from surveykit.errors import Note, Place, SurveykitError, note
from surveykit.form.hidden import Identity, signature
from surveykit.form.layout import LISTS_SHEET, RESPONDENT_NAME, Layout, Slot, layout
from surveykit.instrument.model import Instrument, Item
from surveykit.instrument.show_if import Condition, parse_show_if
from surveykit.responses.anchors import Located, address, locate
from surveykit.responses.excel import RawCell, Workbook
from surveykit.responses.identity import identify
from surveykit.responses.parse import Parsed, Reading, Value, reading, shown, tidy
from surveykit.responses.snapshot import to_json

LISTED = 12
ID_LIMIT = 60
# Raised where the reader reads differently than before: stored readings are then made anew.
READER = 1


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
    """What a workbook holds. `respondent` is the id to file it under."""

    identity: Identity
    respondent: str
    modified: str
    cells: tuple[CellRecord, ...]
    findings: tuple[Note, ...]


@dataclass(frozen=True)
class Expected:
    """An instrument prepared for reading its forms."""

    inst: Instrument

    @cached_property
    def read_with(self) -> str:
        """What a reading depends on: the same word, the same reading."""
        return hashlib.sha256(f"{READER}{to_json(self.inst)}".encode()).hexdigest()[:16]

    @cached_property
    def layout(self) -> Layout:
        """Where the form of this very version has its cells."""
        return layout(self.inst)

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        """Every answer cell, in the order asked."""
        return tuple(self.layout.slots)

    @cached_property
    def readings(self) -> Mapping[str, Reading]:
        """How each item is read."""
        return {item.id: reading(self.layout.inst, item) for item in self.layout.inst.items}

    @cached_property
    def conditions(self) -> Mapping[str, Condition]:
        """When items are shown, for those that are not always."""
        items = self.layout.inst.items
        return {item.id: parse_show_if(item.show_if) for item in items if item.show_if is not None}


def read_returned(book: Workbook, instruments: Mapping[str, Expected], sha256: str) -> Returned:
    """Read a workbook of one of these instruments.

    Raises
    ------
    SurveykitError
        R020, R022, R024 it is not one of surveykit's forms, or contradicts itself; R021 a form of another
        instrument; R023 of a newer version than the study knows.
    """
    identity = identify(book)
    expected = instruments.get(identity.instrument)
    if expected is None:
        known = ", ".join(sorted(instruments))
        raise SurveykitError("R021", place=Place(file=book.file), instrument=identity.instrument, known=known)
    findings, form = _compare(book, identity, expected)
    respondent = _respondent(book, identity, sha256, findings)
    cells = _read_cells(book, expected, form, findings)
    _check_answers(expected, cells, form, findings)
    return Returned(identity, respondent, book.modified, tuple(cells), tuple(findings))


@dataclass(frozen=True)
class FormVersion:
    """How a form of another version or wording differs. `options`: what its own drop-downs show."""

    absent: frozenset[str] = frozenset()
    other_scale: frozenset[str] = frozenset()
    options: Mapping[str, int] = field(default_factory=dict)


def _compare(book: Workbook, identity: Identity, expected: Expected) -> tuple[list[Note], FormVersion]:
    inst = expected.layout.inst
    if identity.content_hash == inst.content_hash and identity.version == inst.version:
        return [], FormVersion()
    if version_key(identity.version) > version_key(inst.version):
        raise SurveykitError(
            "R023", place=Place(file=book.file), version=identity.version, known=inst.version,
            instrument=inst.instrument,
        )  # fmt: skip
    if identity.content_hash == inst.content_hash:
        older = note("R030", version=identity.version, known=inst.version, new="–", gone="–")
        return [older], FormVersion()
    signatures, options = _own_lists(book)
    items = {item.id: item for item in inst.items}
    absent = frozenset(items) - frozenset(signatures) if signatures else frozenset()
    gone = [name for name in signatures if name not in items]
    differing = frozenset(
        name
        for name, item in items.items()
        if name not in absent and not _same_scale(signatures.get(name), signature(inst, item), item)
    )
    fields: dict[str, Any] = {"new": _listed(sorted(absent)), "gone": _listed(gone), "known": inst.version}
    if identity.version == inst.version:
        return [note("R031", version=identity.version, **fields)], FormVersion(absent, differing, options)
    return [note("R030", version=identity.version, **fields)], FormVersion(absent, differing, options)


def _same_scale(found: str | None, known: str, item: Item) -> bool:
    """Whether answers on the form's scale mean what they mean now; unknown is no for scales."""
    if found is None:
        return item.response_scale is None
    return found == known


def _own_lists(book: Workbook) -> tuple[dict[str, str], dict[str, int]]:
    """What the form itself says: each item's signature, and the code of each answer it offers."""
    if LISTS_SHEET not in book.sheet_members:
        return {}, {}
    cells = book.sheet(LISTS_SHEET).cells
    signatures = {
        cell.raw: cells[row, "B"].raw
        for (row, column), cell in cells.items()
        if column == "A" and (row, "B") in cells
    }
    options: dict[str, int] = {}
    by_row: dict[int, list[RawCell]] = {}
    for (row, column), cell in cells.items():
        if column not in ("A", "B", "C"):
            by_row.setdefault(row, []).append(cell)
    for line in by_row.values():
        for code, text in pairwise(line):
            if code.kind == "number" and code.number is not None and text.kind == "text":
                options[tidy(text.raw).casefold()] = int(code.number)
    return signatures, options


def _listed(names: list[str]) -> str:
    return ", ".join(names[:LISTED]) + (" …" if len(names) > LISTED else "") if names else "–"


def version_key(version: str) -> tuple[tuple[int, ...], bool]:
    """A version's place in the order: 1.2.0 before 1.10.0, 1.0.0-rc before 1.0.0."""
    core, _, pre = version.partition("-")
    numbers = tuple(int(part) for part in re.findall(r"\d{1,9}", core))
    return (*numbers, 0, 0, 0)[:3], not pre


def _respondent(book: Workbook, identity: Identity, sha256: str, findings: list[Note]) -> str:
    """The id the form was made for, or the one entered on the cover, or one made from the file."""
    if identity.respondent:
        return identity.respondent
    spot = book.names.get(RESPONDENT_NAME)
    if spot is not None and spot[0] in book.sheet_members:
        cell = book.sheet(spot[0]).cells.get((spot[2], spot[1]))
        entered = tidy(cell.raw) if cell is not None and cell.kind in ("text", "number") else ""
        if entered:
            return entered[:ID_LIMIT]
    made = f"file-{sha256[:12]}"
    findings.append(note("R032", respondent=made))
    return made


def _read_cells(
    book: Workbook, expected: Expected, form: FormVersion, findings: list[Note]
) -> list[CellRecord]:
    slots = [slot for slot in expected.slots if slot.item not in form.absent]
    located = locate(book, slots)
    alone = [slot.name for slot, found in located.items() if found.state in ("name", "row")]
    if alone:
        findings.append(note("R036", count=len(alone), names=_listed(alone)))
    return [_record(expected, form, slot, located[slot], findings) for slot in slots]


def _record(
    expected: Expected, form: FormVersion, slot: Slot, found: Located, findings: list[Note]
) -> CellRecord:
    if found.state == "conflict":
        places = ", ".join(f"{sheet}!{column}{row}" for sheet, column, row in found.others)
        findings.append(note("R045", item=slot.item, places=places))
        return CellRecord(slot.item, slot.option, None, None, None, None, None, "conflict")
    if found.spot is None:
        findings.append(note("R046", item=slot.item))
        return CellRecord(slot.item, slot.option, None, None, None, None, None, "gone")
    cell = found.cell
    parsed = _parsed(expected.readings[slot.item], form, slot, cell)
    if parsed.finding is not None:
        findings.append(parsed.finding)
    kind, raw = (cell.kind, cell.raw) if cell is not None else (None, None)
    where = address(found.spot)
    return CellRecord(slot.item, slot.option, found.spot[0], where, kind, raw, parsed.value, parsed.rule)


def _parsed(how: Reading, form: FormVersion, slot: Slot, cell: RawCell | None) -> Parsed:
    if slot.item in form.other_scale and cell is not None and tidy(cell.raw):
        finding = note("R047", how.place(cell), item=slot.item, raw=shown(cell.raw))
        return Parsed(None, "other_scale", finding)
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


def _check_answers(
    expected: Expected, cells: list[CellRecord], form: FormVersion, findings: list[Note]
) -> None:
    """What can only be seen in the whole form: required, not applicable, chosen together."""
    answers = values_of(cells)
    flagged = {str(one.fields.get("item")) for one in findings}
    for item in expected.layout.inst.items:
        if item.id in form.absent:
            continue
        value = answers.get(item.id)
        condition = expected.conditions.get(item.id)
        applies = condition is None or condition.evaluate(answers)
        if value is None and item.required and applies and item.id not in flagged:
            findings.append(note("R054", item=item.id))
        if value is not None and not applies:
            findings.append(note("R055", item=item.id, condition=item.show_if))
        if isinstance(value, tuple) and len(value) > 1:
            findings += _chosen_together(expected.readings[item.id], value)


def _chosen_together(how: Reading, value: tuple[int, ...]) -> Iterator[Note]:
    missing = [code for code in value if code in how.missing]
    if missing:
        others = [code for code in value if code not in how.missing]
        listed = ", ".join(str(code) for code in others)
        yield note("R057", item=how.item.id, missing=", ".join(str(code) for code in missing), codes=listed)
