"""An instrument as a REDCap data dictionary: its eighteen columns, in one language.

REDCap knows one language a dictionary; write one for each, or use its
Multi-Language Management on the first. Texts stand as they are, since REDCap
shows what the file says: it is made to be uploaded, not to be opened in Excel.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from surveykit.errors import Note, Place, SurveykitError, SurveykitWarning, note
from surveykit.form.guards import range_hint
from surveykit.form.layout import all_codes, label_text, question_text
from surveykit.form.limits import texts_of
from surveykit.form.texts import ui
from surveykit.form.writing import write_made
from surveykit.form.xpath import redcap_condition
from surveykit.instrument.missing_conditions import met_by_missing
from surveykit.instrument.model import Instrument, Item, ResponseScale, Section
from surveykit.options import check_language

COLUMNS = (
    "Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label",
    "Choices, Calculations, OR Slider Labels", "Field Note", "Text Validation Type OR Show Slider Number",
    "Text Validation Min", "Text Validation Max", "Identifier?",
    "Branching Logic (Show field only if...)", "Required Field?", "Custom Alignment",
    "Question Number (surveys only)", "Matrix Group Name", "Matrix Ranking?", "Field Annotation",
)  # fmt: skip
NAME, FORM, HEADER, TYPE, LABEL, CHOICES, FIELD_NOTE, VALIDATION, LOW, HIGH = COLUMNS[:10]
LOGIC, REQUIRED, MATRIX = COLUMNS[11], COLUMNS[12], COLUMNS[15]
RECORD_ID = "record_id"
# What REDCap takes as a variable's name; it drops doubled underscores and one at the end without a word.
NOT_A_NAME = re.compile(r"__|_$|^redcap_|^record_id$")
FIELD_TYPES = {"likert": "radio", "single": "radio", "multiple": "checkbox", "open": "notes"}
VALIDATIONS = {"number": "number", "date": "date_ymd"}


def write_redcap(
    inst: Instrument, out: str | Path, lang: str | None = None, *, replace: bool = False
) -> Path:
    """Write an instrument as a REDCap data dictionary (CSV, UTF-8).

    Parameters
    ----------
    inst : Instrument
    out : path
        The file to write. The same instrument gives the same bytes.
    lang : {"en", "ja", "ko"}, optional
        The instrument's first language by default.
    replace : bool, default False
        Write over another file of this name that is there.

    Returns
    -------
    Path

    Raises
    ------
    SurveykitError
        O001 a language that the instrument does not have; F005 it has no text there; E032 items with names
        that REDCap does not take; E033 an answer with a ``|``, which parts REDCap's choices; F019 the file
        cannot be written; F029 another file of this name is there.

    Warns
    -----
    SurveykitWarning
        E031 a section asks for a random order of items, which REDCap does not have; E034 ranges that were
        widened to take missing codes; F032 a condition that a missing code fulfils by its number.

    Examples
    --------
    >>> inst = read_instrument("instruments/partnership.yaml")
    >>> write_redcap(inst, "partnership.csv", "ja")                         # doctest: +SKIP
    PosixPath('partnership.csv')
    """
    chosen = inst.languages[0] if lang is None else lang
    check_language(chosen, inst.languages)
    _check(inst, chosen)
    drawn = [section.id for section in inst.sections if section.randomize]
    if drawn:
        warnings.warn(str(note("E031", sections=", ".join(drawn))), SurveykitWarning, stacklevel=2)
    for one in met_by_missing(inst):
        warnings.warn(str(Note("F032", one.facts)), SurveykitWarning, stacklevel=2)
    widened = ", ".join(item.id for item in inst.items if _range(item) != (item.minimum, item.maximum))
    if widened:
        warnings.warn(str(note("E034", items=widened)), SurveykitWarning, stacklevel=2)
    path = Path(out)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_made(path, redcap_csv(inst, chosen).encode(), replace=replace)
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise SurveykitError("F019", place=Place(file=str(path)), reason=reason) from None
    return path


def _check(inst: Instrument, lang: str) -> None:
    absent = [place for place, text in texts_of(inst) if lang not in text]
    if absent:
        raise SurveykitError(
            "F005", instrument=inst.instrument, lang=lang, count=len(absent), places=", ".join(absent[:10])
        )
    names = [item.id for item in inst.items if NOT_A_NAME.search(item.id)]
    if names:
        raise SurveykitError("E032", items=", ".join(names))
    for scale in inst.response_scales.values():
        for code in all_codes(scale):
            if "|" in label_text(scale, code, lang):
                raise SurveykitError("E033", scale=scale.id, value=code)


def redcap_csv(inst: Instrument, lang: str) -> str:
    """The data dictionary as text."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, fieldnames=COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    first = {NAME: RECORD_ID, TYPE: "text", LABEL: ui("respondent", lang), REQUIRED: "y"}
    for row in (first, *(row for section in inst.sections for row in _section(inst, section, lang))):
        writer.writerow({FORM: inst.instrument, **row})
    return stream.getvalue()


def _section(inst: Instrument, section: Section, lang: str) -> Iterator[dict[str, str]]:
    parts = [section.title, *([section.instructions] if section.instructions is not None else [])]
    header = "\n".join(text[lang] for text in parts)
    for number, (key, together) in enumerate(groupby(section.items, _table_of), 1):
        items = list(together)
        matrix = f"{section.id}_{number}" if key is not None and len(items) > 1 else ""
        for item in items:
            yield {HEADER: header, **_field(inst, item, lang), MATRIX: matrix}
            header = ""


def _table_of(item: Item) -> str | None:
    """Neighbouring rating items on one response scale are shown as a matrix."""
    return item.response_scale if item.type == "likert" else None


def _field(inst: Instrument, item: Item, lang: str) -> dict[str, str]:
    scale = inst.response_scale_of(item)
    low, high = _range(item)
    return {
        NAME: item.id,
        TYPE: FIELD_TYPES.get(item.type, "text"),
        LABEL: question_text(item, lang),
        CHOICES: _choices(scale, lang) if scale is not None else "",
        FIELD_NOTE: _remark(item, lang),
        VALIDATION: VALIDATIONS.get(item.type, ""),
        LOW: "" if low is None else f"{low:.15g}",
        HIGH: "" if high is None else f"{high:.15g}",
        LOGIC: "" if item.show_if is None else redcap_condition(item.show_if, inst),
        REQUIRED: "y" if item.required else "",
    }


def _range(item: Item) -> tuple[float | None, float | None]:
    """A number's limits, so wide that its missing codes can be entered: REDCap knows no exceptions."""
    low, high = item.minimum, item.maximum
    if item.type == "number" and item.missing_codes:
        low = None if low is None else min(low, *item.missing_codes)
        high = None if high is None else max(high, *item.missing_codes)
    return low, high


def _choices(scale: ResponseScale, lang: str) -> str:
    return " | ".join(f"{code}, {label_text(scale, code, lang)}" for code in all_codes(scale))


def _remark(item: Item, lang: str) -> str:
    parts = [item.unit[lang]] if item.unit is not None else []
    if item.type == "number" and range_hint(item, lang):
        parts.append(range_hint(item, lang))
    if item.max_length is not None:
        parts.append(ui("length_hint", lang, max_length=item.max_length))
    return ", ".join(parts)
