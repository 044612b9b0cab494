"""Answers written into forms as a respondent would: for round trips, pilots and tests."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from numbers import Real
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from surveykit.errors import Place, SurveykitError
from surveykit.form.cells import cell_text
from surveykit.form.layout import TICK, Layout, Slot, layout, option_text
from surveykit.form.zipped import replaced
from surveykit.instrument.model import Instrument, Item

Answer = Any
QUESTIONNAIRE_MEMBER, WORKBOOK_MEMBER = "xl/worksheets/sheet2.xml", "xl/workbook.xml"
CORE_MEMBER, PROPERTIES_MEMBER = "docProps/core.xml", "docProps/custom.xml"
CELL = re.compile(r'<c r="([A-Z]+\d+)"( s="\d+")?[^>]*?(?:/>|>.*?</c>)', re.DOTALL)
NAME = re.compile(r'<definedName name="(skx?[^"]*)">[^<]*\$([A-Z]+)\$(\d+)</definedName>')
HASH = re.compile(r'name="surveykit_content_hash".*?<vt:lpwstr[^>]*>([^<]*)<', re.DOTALL)
LANGUAGE = re.compile(r'name="surveykit_language".*?<vt:lpwstr[^>]*>([^<]*)<', re.DOTALL)
MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")
DAY_ZERO = date(1899, 12, 30)


def fill_form(
    inst: Instrument,
    form: str | Path | bytes,
    answers: Mapping[str, Answer],
    out: str | Path | None = None,
    *,
    saved: str | None = None,
) -> bytes:
    """Write answers into a form of this instrument, as a respondent would.

    Parameters
    ----------
    inst : Instrument
        The one the form was made of.
    form : path or bytes
        A workbook of `write_forms`, as it was written.
    answers : mapping item id -> answer
        For rating and single-choice items a code, entered as the drop-down enters it (``5 – Agree``), any
        other number or text as if typed or pasted; several codes for several-choice items; a number; a date
        or ``"2026-04-30"``; a text. None and NaN leave the cell blank.
    out : path, optional
        Where to write the filled workbook.
    saved : str, optional
        When the respondent saved it, ISO 8601; a form says 2026-01-01T00:00:00Z otherwise.

    Returns
    -------
    bytes
        The filled workbook.

    Raises
    ------
    SurveykitError
        F030 an item that the instrument does not have; F031 not a form of this instrument as written.

    Examples
    --------
    >>> fill_form(inst, "forms/partnership_JP-001.xlsx", {"trust_1": 6}, "JP-001.xlsx")   # doctest: +SKIP
    """
    place = Place(file=None if isinstance(form, bytes) else str(form))
    data = form if isinstance(form, bytes) else Path(form).read_bytes()
    grid = layout(inst)
    unknown = [name for name in answers if all(item.id != name for item in grid.inst.items)]
    if unknown:
        raise SurveykitError("F030", items=", ".join(unknown[:10]), instrument=inst.instrument)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        about = archive.read(PROPERTIES_MEMBER).decode() if PROPERTIES_MEMBER in archive.namelist() else ""
        made_of, language = HASH.search(about), LANGUAGE.search(about)
        if made_of is None or language is None or made_of[1] != inst.content_hash:
            raise SurveykitError("F031", place=place, instrument=inst.instrument, version=inst.version)
        sheet = archive.read(QUESTIONNAIRE_MEMBER).decode()
        addresses = _addresses(archive.read(WORKBOOK_MEMBER))
        core = archive.read(CORE_MEMBER)
    entries = {addresses[slot]: text for slot, text in _entries(grid, answers, language[1])}
    changes = {QUESTIONNAIRE_MEMBER: _filled(sheet, entries).encode()}
    if saved is not None:
        changes[CORE_MEMBER] = MODIFIED.sub(rb"\g<1>" + saved.encode(), core)
    filled = replaced(data, changes)
    if out is not None:
        Path(out).write_bytes(filled)
    return filled


def _filled(sheet: str, entries: Mapping[str, str]) -> str:
    """The sheet with these cells (address -> what stands in it)."""
    pieces = list(_pieces(sheet))
    for index in range(1, len(pieces), 2):
        address, style, blank = pieces[index]
        content = entries.get(address)
        pieces[index] = blank if content is None else f'<c r="{address}"{style}{content}</c>'
    return "".join(pieces)


@lru_cache(maxsize=8)
def _addresses(workbook: bytes) -> Mapping[Slot, str]:
    """Where the form has its answer cells: in an order and in columns of its own."""
    found = {Slot.from_name(name): f"{column}{row}" for name, column, row in NAME.findall(workbook.decode())}
    return {slot: address for slot, address in found.items() if slot is not None}


@lru_cache(maxsize=8)
def _pieces(sheet: str) -> tuple[Any, ...]:
    """The sheet cut at its cells: text, (address, style, the cell), text, and so on."""
    pieces: list[Any] = []
    last = 0
    for match in CELL.finditer(sheet):
        pieces += [sheet[last : match.start()], (match[1], match[2] or "", match[0])]
        last = match.end()
    return (*pieces, sheet[last:])


def _entries(grid: Layout, answers: Mapping[str, Answer], lang: str) -> Iterator[tuple[Slot, str]]:
    """What is entered in each answer cell."""
    for item in grid.inst.items:
        answer = answers.get(item.id)
        if answer is None or answer != answer:  # NaN
            continue
        for slot, value in _values(grid, item, answer, lang):
            yield slot, _content(value)


def _values(grid: Layout, item: Item, answer: Answer, lang: str) -> Iterator[tuple[Slot, float | str]]:
    """The cells that an answer fills and what is entered."""
    slots = grid.slots_of(item.id)
    scale = grid.inst.response_scale_of(item)
    if item.type == "multiple":
        chosen = _codes(answer)
        yield from ((slot, TICK) for slot in slots if slot.option in chosen)
    elif item.type == "date" and isinstance(answer, str | date):
        yield slots[0], _serial(answer)
    elif scale is not None and isinstance(answer, Real) and answer in {*scale.labels, *scale.missing_codes}:
        yield slots[0], option_text(scale, int(float(answer)), lang)
    elif isinstance(answer, Real) and item.type not in ("text", "open"):
        yield slots[0], float(answer)
    else:
        yield slots[0], str(answer)


def _codes(answer: Answer) -> set[int]:
    if isinstance(answer, str):
        return {int(code) for code in answer.split(";") if code.strip()}
    return {int(code) for code in (answer if isinstance(answer, Iterable) else [answer])}


def _serial(day: str | date) -> float | str:
    """The serial number that Excel makes of a typed date; other text stays text."""
    try:
        as_date = date.fromisoformat(day) if isinstance(day, str) else day
    except ValueError:
        return str(day)
    return float((date(as_date.year, as_date.month, as_date.day) - DAY_ZERO).days)


def _content(value: float | str) -> str:
    """The rest of a cell's tag and its content."""
    if isinstance(value, float):
        return f"><v>{value:.17g}</v>"
    text = escape(cell_text(value))
    return f' t="inlineStr"><is><t xml:space="preserve">{text}</t></is>'
