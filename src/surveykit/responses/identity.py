"""Which form a workbook is: instrument, version, language, respondent."""

from __future__ import annotations

from collections.abc import Mapping

from surveykit.errors import Note, Place, SurveykitError, note
from surveykit.form.hidden import GROUP_PREFIX, ORDER_PREFIX, PRINTED, PROPERTY_PREFIX, Identity
from surveykit.form.layout import FORMAT, IDENTITY_SHEET
from surveykit.responses.book import Workbook

NEEDED = ("instrument", "version", "content_hash", "language")
# The property in which a table of findings says what it said when it was written.
SAYS = PROPERTY_PREFIX + "says"


def identify(book: Workbook, known: str = FORMAT) -> tuple[Identity, list[Note]]:
    """What the workbook says it is, on its hidden sheet and in its properties; `known` is its format.

    The properties alone are enough to read it, but the groups stand on the sheet only: a finding (R034).

    Raises
    ------
    SurveykitError
        R020 neither is there: not one of surveykit's forms; R022 the two contradict each other;
        R024 a form of another make; R103 our own table of findings.
    """
    place = Place(file=book.file)
    sheet, properties = _from_sheet(book), _from_properties(book)
    told = told_of(book)
    if not told:
        raise SurveykitError("R020", place=place)
    if SAYS in book.properties and not sheet:
        raise SurveykitError("R103", place=place)
    if told.get("format", "") != known:
        raise SurveykitError("R024", place=place, found=told.get("format", "")[:60] or "–", known=known)
    differing = [key for key in properties if sheet and sheet.get(key, "") != properties[key]]
    if differing:
        raise SurveykitError("R022", place=place, fields=", ".join(sorted(differing)))
    if any(not told.get(key) for key in NEEDED):
        raise SurveykitError("R020", place=place)
    groups = {
        key.removeprefix(GROUP_PREFIX): value for key, value in told.items() if key.startswith(GROUP_PREFIX)
    }
    order = {
        key.removeprefix(ORDER_PREFIX): tuple(value.split())
        for key, value in told.items()
        if key.startswith(ORDER_PREFIX)
    }
    identity = Identity(
        instrument=told["instrument"],
        version=told["version"],
        content_hash=told["content_hash"],
        form_id=told.get("form_id", ""),
        language=told["language"],
        respondent=told.get("respondent", ""),
        groups=groups,
        order=order,
        printed=told.get(PRINTED, ""),
    )
    return identity, [] if sheet else [note("R034")]


def told_of(book: Workbook) -> Mapping[str, str]:
    """What a workbook says of itself, key by key: on its hidden sheet, else in its properties."""
    return _from_sheet(book) or _from_properties(book)


def _from_sheet(book: Workbook) -> Mapping[str, str]:
    """Column A against column B of the identity sheet; empty where there is none."""
    if IDENTITY_SHEET not in book.sheet_members:
        return {}
    cells = book.sheet(IDENTITY_SHEET).cells
    return {
        cell.raw: cells[row, "B"].raw if (row, "B") in cells else ""
        for (row, column), cell in cells.items()
        if column == "A"
    }


def _from_properties(book: Workbook) -> Mapping[str, str]:
    return {
        name.removeprefix(PROPERTY_PREFIX): value
        for name, value in book.properties.items()
        if name.startswith(PROPERTY_PREFIX)
    }
