"""The hidden sheets: who and what a form is, and the lists behind its drop-downs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from openpyxl.packaging.custom import StringProperty

from surveykit.form.cells import put, put_number
from surveykit.form.layout import (
    FORMAT,
    IDENTITY_SHEET,
    LISTS_SHEET,
    TICK,
    Layout,
    all_codes,
    option_text,
)
from surveykit.form.order import Order
from surveykit.instrument.model import Instrument, Item

PROPERTY_PREFIX = "surveykit_"
GROUP_PREFIX = "group:"
ORDER_PREFIX = "order:"
PRINTED = "printed"


@dataclass(frozen=True)
class Identity:
    """What a form says it is.

    `respondent` is empty on a form that was not made for one person; `order` is that of the items in
    randomised sections; `printed` tells one set of printed texts from another (see `printed_digest`).
    """

    instrument: str
    version: str
    content_hash: str
    form_id: str
    language: str
    respondent: str = ""
    groups: Mapping[str, str] = field(default_factory=dict)
    order: Order = field(default_factory=dict)
    printed: str = ""

    def fields(self) -> dict[str, str]:
        """The rows of the identity sheet, and (without the groups) the document's properties."""
        return {
            "format": FORMAT,
            "instrument": self.instrument,
            "version": self.version,
            "content_hash": self.content_hash,
            "form_id": self.form_id,
            "language": self.language,
            "respondent": self.respondent,
        }


def identity_of(
    inst: Instrument, lang: str, respondent: str, groups: Mapping[str, str], order: Order
) -> Identity:
    """The identity of one form; its form id is the same whenever the same form is made."""
    facts = (inst.instrument, inst.version, inst.content_hash, lang, respondent)
    asked = [f"{section}:{' '.join(items)}" for section, items in order.items()]
    form_id = hashlib.sha256("|".join((*facts, *asked)).encode()).hexdigest()[:16]
    return Identity(
        inst.instrument, inst.version, inst.content_hash, form_id, lang, respondent, groups, order
    )


def printed_digest(sheets: Iterable[Any]) -> str:
    """What a form's sheets say, in one word: another release of this software may print other words."""
    lines = (
        f"{sheet.title}!{cell.coordinate}={cell.value}"
        for sheet in sheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    )
    return hashlib.sha256("\n".join(lines).encode("utf-8", "replace")).hexdigest()[:16]


def signature(inst: Instrument, item: Item) -> str:
    """How an item is answered, in one word: two versions with the same one have comparable answers.

    Its kind with the valid codes and, after a bar, the missing ones:
    ``likert 1,2,3,4,5|99``.
    """
    scale = inst.response_scale_of(item)
    if scale is None:
        return item.type
    valid = ",".join(str(code) for code in scale.labels)
    missing = ",".join(str(code) for code in sorted({*scale.missing_codes, *item.missing_codes}))
    return f"{item.type} {valid}|{missing}"


def write_identity(book: Any, identity: Identity) -> None:
    """The identity sheet, and the same facts as document properties."""
    sheet = book.create_sheet(IDENTITY_SHEET)
    rows = identity.fields() | {GROUP_PREFIX + name: value for name, value in identity.groups.items()}
    rows |= {ORDER_PREFIX + section: " ".join(items) for section, items in identity.order.items()}
    rows[PRINTED] = identity.printed
    for row, (key, value) in enumerate(rows.items(), 1):
        put(sheet, f"A{row}", key)
        put(sheet, f"B{row}", value)
    for key, value in identity.fields().items():
        book.custom_doc_props.append(StringProperty(name=PROPERTY_PREFIX + key, value=value))
    hide(sheet)


def write_lists(book: Any, form: Layout, lang: str) -> dict[str, str]:
    """The lists sheet; returns the range of each drop-down: by response scale, and "" for the tick."""
    sheet = book.create_sheet(LISTS_SHEET)
    for row, item in enumerate(form.inst.items, 1):
        put(sheet, f"A{row}", item.id)
        put(sheet, f"B{row}", signature(form.inst, item))
    put(sheet, "C1", TICK)
    ranges = {"": f"'{LISTS_SHEET}'!$C$1:$C$1"}
    scales = form.inst.response_scales
    for column, scale_id in zip(_columns(len(scales)), scales, strict=True):
        scale = scales[scale_id]
        codes = all_codes(scale)
        for row, code in enumerate(codes, 1):
            put_number(sheet, f"{column[0]}{row}", code)
            put(sheet, f"{column[1]}{row}", option_text(scale, code, lang))
        ranges[scale_id] = f"'{LISTS_SHEET}'!${column[1]}$1:${column[1]}${len(codes)}"
    hide(sheet)
    return ranges


def _columns(count: int) -> Iterator[tuple[str, str]]:
    """Pairs of columns from D on: codes, and what the drop-down shows."""
    from openpyxl.utils import get_column_letter

    for index in range(count):
        yield get_column_letter(4 + 2 * index), get_column_letter(5 + 2 * index)


def hide(sheet: Any) -> None:
    """Hidden and locked."""
    sheet.sheet_state = "hidden"
    protect(sheet)


def protect(sheet: Any) -> None:
    """Lock the sheet except its open cells; rows and columns may still be made larger. Not security."""
    sheet.protection.sheet = True
    sheet.protection.formatColumns = False
    sheet.protection.formatRows = False
