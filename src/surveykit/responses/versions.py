"""Forms of another version: what may be taken over, and what no longer means the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from surveykit.errors import Note, Place, SurveykitError, note
from surveykit.form.hidden import Identity, signature
from surveykit.form.layout import LISTS_SHEET
from surveykit.form.order import Order
from surveykit.instrument.model import Item
from surveykit.responses.book import RawCell, Workbook
from surveykit.responses.expected import Expected
from surveykit.responses.parse import tidy
from surveykit.responses.relabelled import Relabelled, relabelled

LISTED = 12


@dataclass(frozen=True)
class FormVersion:
    """How the form differs from the instrument.

    `same`: not at all; `options`: what its own lists offer; `order`: of the items in randomised sections;
    `relabelled`: items with the same codes, but other labels on them.
    """

    same: bool
    language: str
    absent: frozenset[str] = frozenset()
    other_scale: frozenset[str] = frozenset()
    options: Mapping[str, int] = field(default_factory=dict)
    order: Order = field(default_factory=dict)
    relabelled: Mapping[str, Relabelled] = field(default_factory=dict)


def compare_version(book: Workbook, identity: Identity, expected: Expected) -> tuple[list[Note], FormVersion]:
    inst = expected.layout.inst
    if identity.content_hash == inst.content_hash and identity.version == inst.version:
        return [], FormVersion(True, identity.language, order=identity.order)
    if version_key(identity.version) > version_key(inst.version):
        raise SurveykitError(
            "R023", place=Place(file=book.file), version=identity.version, known=inst.version,
            instrument=inst.instrument,
        )  # fmt: skip
    if identity.content_hash == inst.content_hash:
        older = note("R030", version=identity.version, known=inst.version, new="–", gone="–")
        return [older], FormVersion(True, identity.language, order=identity.order)
    signatures, options = _own_lists(book)
    items = {item.id: item for item in inst.items}
    absent = frozenset(items) - frozenset(signatures) if signatures else frozenset()
    gone = [name for name in signatures if name not in items]
    differing = frozenset(
        name
        for name, item in items.items()
        if name not in absent and not _same_scale(signatures.get(name), signature(inst, item), item)
    )
    known, new, old = inst.version, listed(sorted(absent)), listed(gone)
    code = "R031" if identity.version == inst.version else "R030"
    found = [Note(code, {"version": identity.version, "known": known, "new": new, "gone": old})]
    there = [item for name, item in items.items() if name not in absent and name not in differing]
    other = relabelled(book, there, expected, identity.language)
    changed = [name for name in items if name in differing or name in other]
    if changed:
        found.append(note("R077", count=len(changed), items=listed(changed)))
    return found, FormVersion(False, identity.language, absent, differing, options, relabelled=other)


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


def listed(names: list[str]) -> str:
    return ", ".join(names[:LISTED]) + (" …" if len(names) > LISTED else "") if names else "–"


def version_key(version: str) -> tuple[tuple[int, ...], bool]:
    """A version's place in the order: 1.2.0 before 1.10.0, 1.0.0-rc before 1.0.0."""
    core, _, pre = version.partition("-")
    numbers = tuple(int(part) for part in re.findall(r"\d{1,9}", core))
    return (*numbers, 0, 0, 0)[:3], not pre
