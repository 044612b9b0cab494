"""Findings to send back: a table of all, and a marked copy of each workbook that its respondent can correct.

A marked copy says on its identity sheet which workbook it is a copy of. What
comes back is collected as a new revision of that one.
"""

from __future__ import annotations

import hashlib
import io
import re
import warnings
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from surveykit.errors import Note, Place, SurveykitError, SurveykitWarning, note
from surveykit.form.batch import make_template
from surveykit.form.cells import put
from surveykit.form.layout import IDENTITY_SHEET, Slot
from surveykit.form.look import BAND, ROW_LIMIT, height
from surveykit.form.zipped import replaced
from surveykit.instrument.model import Instrument
from surveykit.responses.anchors import locate
from surveykit.responses.book import Spot, Workbook
from surveykit.responses.excel import ExcelBook, read_workbook
from surveykit.responses.expected import Expected
from surveykit.responses.findings_file import TABLE, free_table, stamp
from surveykit.responses.guard import guarded
from surveykit.responses.identity import told_of
from surveykit.responses.paint import (
    CannotPaint,
    Mark,
    painted,
    printed_to,
    with_entries,
    with_rows,
    without_alarm,
)
from surveykit.responses.remarks import MARKS, REVISES, marks_of
from surveykit.responses.returned import Returned, read_returned
from surveykit.responses.store import Store
from surveykit.responses.tables import Found
from surveykit.wording import wording

# What a respondent cannot put right, or need not: another version, a long text, a question changed or hidden.
NOT_THEIRS = frozenset(("R047", "R053", "R058", "R097"))
# Remarks: for the researcher. They are marked too, but no copy goes back for their sake alone.
ASIDE = frozenset(("R090", "R092", "R093", "R094", "R095"))
INTRO_ROW, HEAD_ROW = 2, 4
COLUMNS = {
    "file": 34, "respondent": 14, "item": 16, "cell": 22, "code": 8, "text": 52, "remedy": 44,
    "text_local": 52, "remedy_local": 44, "marked": 34,
}  # fmt: skip
LETTERS = "ABCDEFGHIJ"
NUMBERS = ("number", "date")
# Excel takes texts of up to 255 characters in a formula.
LONGEST_IN_FORMULA = 120
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True)
class _Copy:
    """A workbook to mark: its bytes, where its answers stand, which of its members hold what."""

    data: bytes
    book: ExcelBook
    spots: Mapping[Slot, Spot]


def write_marked(
    store: Store, found: Sequence[Found], expected: Mapping[str, Expected], folder: Path
) -> dict[str, str]:
    """Write the marked copies; returns the path of each by the SHA-256 of its workbook.

    Raises
    ------
    SurveykitError
        F019 the folder cannot be written; R078 a file is there that says what was not collected yet.

    Warns
    -----
    SurveykitWarning
        R039 a workbook of which no marked copy can be made.
    """
    by_workbook: dict[str, list[Found]] = {}
    for one in found:
        place = one.note.place or Place()
        if one.current and place.cell is not None and one.note.code not in NOT_THEIRS:
            by_workbook.setdefault(one.sha256, []).append(one)
    by_workbook = {
        sha256: some
        for sha256, some in by_workbook.items()
        if any(one.note.code not in ASIDE for one in some)
    }
    written: dict[str, str] = {}
    taken: set[str] = set()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for sha256, some in by_workbook.items():
            file = some[0].note.place.file if some[0].note.place else None
            copy = marked_copy(store.original(sha256), file or "", sha256, some, expected)
            if copy is None:
                lost = note("R039", Place(file=file), file=PurePath(file or "").name)
                warnings.warn(str(lost), SurveykitWarning, stacklevel=3)
                continue
            path = folder / _free_name(PurePath(file or sha256).stem, taken)
            if path.exists() and path.read_bytes() != copy and _unread(store, path, expected):
                raise SurveykitError("R078", place=Place(file=str(path)), file=path.name)
            path.write_bytes(copy)
            written[sha256] = str(path)
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise SurveykitError("F019", place=Place(file=str(folder)), reason=reason) from None
    return written


def _unread(store: Store, path: Path, expected: Mapping[str, Expected]) -> bool:
    """Whether a file says anything that the store does not have: not so an earlier copy as it was sent."""
    data = path.read_bytes()
    if store.original_path(hashlib.sha256(data).hexdigest()) is not None:
        return False
    try:
        found = read_returned(read_workbook(guarded(data, str(path))), expected, "")
        original = store.original(found.revises)
        return _has_replies(original, found, expected) or not _says_the_same(
            original, path.name, found, expected
        )
    except (SurveykitError, OSError):
        return True


def _has_replies(original: bytes, found: Returned, expected: Mapping[str, Expected]) -> bool:
    """Whether a marked copy says anything beside its answers that its original does not."""
    if not found.remarks:
        return False
    sent = read_returned(read_workbook(guarded(original, "")), expected, "")
    return not {one.text for one in found.remarks} <= {one.text for one in sent.remarks}


def _free_name(stem: str, taken: set[str]) -> str:
    """A file name that is not taken; nothing that a shell or a spreadsheet could take for more."""
    plain = "".join(char if char.isprintable() and char not in '\\/:*?"<>|' else "_" for char in stem)
    plain = plain.lstrip("=+-@~$. ") or "form"
    name, number = f"{plain}.xlsx", 1
    while name.casefold() in taken:
        number += 1
        name = f"{plain} ({number}).xlsx"
    taken.add(name.casefold())
    return name


def marked_copy(
    data: bytes, file: str, sha256: str, found: Sequence[Found], expected: Mapping[str, Expected]
) -> bytes | None:
    """A workbook with its findings marked; None where that cannot be done.

    An .xlsx keeps everything else as it came. Of an .ods, of a workbook whose
    XML cannot be edited, and of a marked copy that came back, a new form is
    filled with the same answers.
    """
    book = read_workbook(guarded(data, file))
    form = expected.get(told_of(book).get("instrument", ""))
    if form is None:
        return None
    returned = read_returned(book, expected, sha256)
    own = {(one.sheet, one.cell): Slot(one.item, one.option) for one in returned.cells}
    ways: list[Callable[[], _Copy | None]] = [lambda: _filled_anew(returned, form.inst, file)]
    if isinstance(book, ExcelBook) and not returned.revises:
        spots = {slot: (at[0] or "", *_split(at[1] or "")) for at, slot in own.items() if at[1]}
        ways.insert(0, lambda: _Copy(data, book, spots))
    for way in ways:
        try:
            copy = way()
            made = None if copy is None else _marked(copy, own, found, sha256, _understood(returned, form))
            if made is not None and _says_the_same(made, file, returned, expected):
                return made
        except (CannotPaint, SurveykitError):
            continue
    return None


def _understood(returned: Returned, form: Expected) -> dict[Slot, str]:
    """The answers that were read though no list offers them in these words: nothing is to be corrected."""
    return {
        Slot(one.item, one.option): one.raw
        for one in returned.cells
        if one.option is None
        and one.value is not None
        and one.raw is not None
        and one.rule != "option"
        and len(one.raw) <= LONGEST_IN_FORMULA
        and form.readings[one.item].scale is not None
    }


def _says_the_same(made: bytes, file: str, returned: Returned, expected: Mapping[str, Expected]) -> bool:
    """Whether a copy reads as the workbook that it is a copy of: none is sent out that does not."""
    again = read_returned(read_workbook(guarded(made, file)), expected, "")
    values = [{(one.item, one.option): one.value for one in cells} for cells in (returned.cells, again.cells)]
    return values[0] == values[1]


def _split(address: str) -> tuple[str, int]:
    letters = address.rstrip("0123456789")
    return letters, int(address[len(letters) :])


def _filled_anew(returned: Returned, inst: Instrument, file: str) -> _Copy | None:
    """A new form for the same respondent with the same entries; None of another version than is known."""
    identity = returned.identity
    if identity.content_hash != inst.content_hash or not {*identity.language.split("+")} <= {*inst.languages}:
        return None
    template = make_template(inst, identity.language, tuple(identity.groups))
    data = template.form(returned.respondent, identity.groups, identity.order)
    book = read_workbook(guarded(data, file))
    slots = {Slot(one.item, one.option): None for one in returned.cells}
    spots = {slot: at.spot for slot, at in locate(book, slots).items() if at.spot is not None}
    if not isinstance(book, ExcelBook) or len(spots) < len(slots):
        return None
    kinds = {item.id: item.type for item in inst.items}
    entries: dict[str, dict[str, tuple[str, bool]]] = {}
    for one in returned.cells:
        sheet, column, row = spots[Slot(one.item, one.option)]
        if one.raw is not None and one.raw.strip():
            number = one.kind in NUMBERS and kinds.get(one.item) in NUMBERS and _plain_number(one.raw)
            entries.setdefault(book.sheet_members[sheet], {})[f"{column}{row}"] = one.raw, number
    members = {name: with_entries(book.xml[name], some) for name, some in entries.items()}
    filled = replaced(data, members)
    return _Copy(filled, _as_excel(filled, file), spots)


def _plain_number(raw: str) -> bool:
    try:
        return float(raw) == float(raw)
    except ValueError:
        return False


def _as_excel(data: bytes, file: str) -> ExcelBook:
    book = read_workbook(guarded(data, file))
    if not isinstance(book, ExcelBook):
        raise CannotPaint(file)
    return book


def _marked(
    copy: _Copy,
    own: Mapping[tuple[str | None, str | None], Slot],
    found: Iterable[Found],
    sha256: str,
    understood: Mapping[Slot, str],
) -> bytes:
    """The copy with its marks and the word of what it is a copy of."""
    book, sheets = copy.book, dict[str, list[Mark]]()
    lang = "en"
    for one in found:
        place = one.note.place or Place()
        slot = own.get((place.sheet, place.cell)) or _first(copy.spots, str(one.note.fields.get("item", "")))
        aside = one.note.code in ASIDE or slot is None
        spot = _as_spot(book, place) if aside or slot is None else copy.spots.get(slot)
        if spot is not None and spot[0] in book.sheet_members:
            lang = one.language
            sheets.setdefault(spot[0], []).append(Mark(spot[2], spot[1], _both(one.note, lang)))
    if not sheets:
        raise CannotPaint("no cell")
    marks = {book.sheet_members[name]: [*_heads(book, name, lang), *some] for name, some in sheets.items()}
    changes, columns = painted(book.xml, _part(book, "styles.xml"), marks, lang)
    for name in sheets:
        at = {slot: copy.spots[slot] for slot in understood if slot in copy.spots}
        plain = {f"{spot[1]}{spot[2]}": understood[slot] for slot, spot in at.items() if spot[0] == name}
        changes[book.sheet_members[name]] = without_alarm(changes[book.sheet_members[name]], plain)
    main = _part(book, "workbook.xml")
    changes[main] = book.xml[main]
    for name in sheets:
        changes[main] = printed_to(changes[main], name, columns[book.sheet_members[name]])
    if IDENTITY_SHEET in book.sheet_members:
        name = book.sheet_members[IDENTITY_SHEET]
        said = marks_of(mark.words for some in marks.values() for mark in some)
        changes[name] = with_rows(book.xml[name], {REVISES: sha256, MARKS: said})
    return _rezipped(copy.data, changes)


def _first(spots: Mapping[Slot, Spot], item: str) -> Slot | None:
    return next((slot for slot in spots if slot.item == item), None)


def _as_spot(book: Workbook, place: Place) -> Spot | None:
    """The place of a finding about no answer (the id on the cover)."""
    if place.sheet is None or place.cell is None or place.sheet not in book.sheet_members:
        return None
    return place.sheet, *_split(place.cell)


def _heads(book: Workbook, sheet: str, lang: str) -> list[Mark]:
    """What the column of marks says at its head: that something is to be checked, and what to do."""
    rows = {row for row, _ in book.sheet(sheet).cells}
    words = {HEAD_ROW: wording("collect", "mark_head", lang), INTRO_ROW: _twice("mark_intro", lang)}
    return [Mark(row, None, text) for row, text in words.items() if row in rows]


def _twice(key: str, lang: str) -> str:
    both = dict.fromkeys((wording("collect", key, lang), wording("collect", key, "en")))
    return "\n".join(both)


def _both(said: Note, lang: str) -> str:
    """A finding in the respondent's language and in English."""
    return "\n".join(dict.fromkeys((said.text(lang), said.text("en"))))


def _part(book: ExcelBook, ending: str) -> str:
    name = next((name for name in book.xml if name.casefold().endswith(f"/{ending}")), None)
    if name is None:
        raise CannotPaint(ending)
    return name


def _rezipped(data: bytes, changes: Mapping[str, bytes]) -> bytes:
    """The workbook with these members changed, whatever way their names were written."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = {name.replace("\\", "/"): name for name in archive.namelist()}
    return replaced(data, {names[name]: xml for name, xml in changes.items()})


def write_table(
    found: Iterable[Found],
    apart: Iterable[tuple[str, Note]],
    marked: Mapping[str, str],
    folder: Path,
    lang: str,
) -> Path:
    """All findings as a workbook: in English and in each respondent's language, with the marked copies.

    `apart`: the files that were not taken, and why. `lang`: the language of the heads.
    """
    from openpyxl import Workbook as Book
    from openpyxl.styles import Alignment, Font, PatternFill

    book = Book()
    sheet = book.active
    sheet.title = wording("collect", "sheet", lang)
    for letter, (key, width) in zip(LETTERS, COLUMNS.items(), strict=True):
        head = put(sheet, f"{letter}1", wording("collect", f"column_{key}", lang))
        head.font, head.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor=BAND)
        sheet.column_dimensions[letter].width = width
    rows = [*(_finding_line(one, marked) for one in found), *(_apart_line(*one, lang) for one in apart)]
    for number, values in enumerate(rows, 2):
        for letter, value in zip(LETTERS, values, strict=True):
            put(sheet, f"{letter}{number}", value).alignment = Alignment(wrap_text=True, vertical="top")
        # Japanese counts every character as two digits: room for the longest language of all.
        high = max(height(value, wide, "ja") for value, wide in zip(values, COLUMNS.values(), strict=True))
        sheet.row_dimensions[number].height = min(high, ROW_LIMIT)
    sheet.freeze_panes = "A2"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.sheet_properties.pageSetUpPr.fitToPage, sheet.page_setup.fitToHeight = True, 0
    sheet.auto_filter.ref = f"A1:{LETTERS[-1]}{len(rows) + 1}"
    path = folder / TABLE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = free_table(folder)
        stamp(book)
        book.save(path)
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise SurveykitError("F019", place=Place(file=str(path)), reason=reason) from None
    return path


def _finding_line(one: Found, marked: Mapping[str, str]) -> tuple[str, ...]:
    said, place = one.note, one.note.place or Place()
    cell = f"{place.sheet}!{place.cell}" if place.sheet and place.cell else ""
    copy = PurePath(marked.get(one.sha256, "")).name
    head = PurePath(place.file or "").name, one.respondent, str(said.fields.get("item", "")), cell, said.code
    texts = (said.text("en"), said.remedy("en"), said.text(one.language), said.remedy(one.language))
    return tuple(_plain(text) for text in (*head, *texts, copy))


def _apart_line(file: str, problem: Note, lang: str) -> tuple[str, ...]:
    texts = (problem.text("en"), problem.remedy("en"), problem.text(lang), problem.remedy(lang))
    return tuple(_plain(text) for text in (PurePath(file).name, "", "", "", problem.code, *texts, ""))


def _plain(text: str) -> str:
    """Without what a workbook cannot hold."""
    return NOT_IN_XML.sub("\ufffd", text)
