"""An instrument as an XLSForm, in all its languages: what ODK, KoboToolbox and SurveyCTO make forms from.

Names are the instrument's ids, so that exports come back to the same items
(`surveykit.responses.incoming.odk`). Rating items that stand together on one
response scale become a table; conditions become XPath with the meaning that
`show_if` defines.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from surveykit.errors import Note, Place, SurveykitError, SurveykitProblems, SurveykitWarning, note
from surveykit.form.batch import CORE
from surveykit.form.cells import put
from surveykit.form.guards import range_hint
from surveykit.form.interview import is_interview
from surveykit.form.layout import all_codes, label_text
from surveykit.form.limits import excel_problems, texts_of
from surveykit.form.texts import ui
from surveykit.form.writing import write_made
from surveykit.form.xpath import xpath_condition
from surveykit.form.zipped import zip_bytes
from surveykit.instrument.missing_conditions import met_by_missing
from surveykit.instrument.model import Instrument, Item, Section, Text
from surveykit.wording import wording

LANGUAGE_NAMES = {"en": "English (en)", "ja": "日本語 (ja)", "ko": "한국어 (ko)"}
SURVEY = (
    "type", "name", "label", "hint", "required", "relevant", "constraint", "constraint_message", "appearance",
    "calculation",
)  # fmt: skip
TRANSLATED = ("label", "hint", "constraint_message")
CORE_MEMBER = "docProps/core.xml"
# pyxform reads ${...} anywhere as the value of a question.
REFERENCE = re.compile(r"\$\{")
FORM_ID_LIMIT = 64
Row = dict[str, str | Text]


def write_xlsform(inst: Instrument, out: str | Path, *, replace: bool = False) -> Path:
    """Write an instrument as an XLSForm.

    Parameters
    ----------
    inst : Instrument
    out : path
        The workbook to write. The same instrument gives the same bytes.
    replace : bool, default False
        Write over another file of this name that is there.

    Returns
    -------
    Path

    Raises
    ------
    SurveykitProblems
        F001, F004, F005 texts that a workbook cannot hold or that miss a language.
    SurveykitError
        E030 a text contains ``${``, which XLSForm takes for a reference; F019 the file cannot be written;
        F029 another file of this name is there.

    Warns
    -----
    SurveykitWarning
        E031 a section asks for a random order of items, which XLSForm does not have; F032 a condition that a
        missing code fulfils by its number.

    Examples
    --------
    >>> write_xlsform(read_instrument("instruments/partnership.yaml"), "partnership.xlsx")  # doctest: +SKIP
    PosixPath('partnership.xlsx')
    """
    _check(inst)
    drawn = [section.id for section in inst.sections if section.randomize]
    if drawn:
        warnings.warn(str(note("E031", sections=", ".join(drawn))), SurveykitWarning, stacklevel=2)
    for one in met_by_missing(inst):
        warnings.warn(str(Note("F032", one.facts)), SurveykitWarning, stacklevel=2)
    path = Path(out)
    data = xlsform_bytes(inst)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_made(path, data, replace=replace)
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise SurveykitError("F019", place=Place(file=str(path)), reason=reason) from None
    return path


def _check(inst: Instrument) -> None:
    problems: list[Note] = [one for lang in inst.languages for one in excel_problems(inst, lang)]
    # What is too long for Excel's drop-downs and formulas is not too long here.
    problems = [one for one in problems if one.code in ("F001", "F004", "F005", "F018")]
    if problems:
        raise SurveykitProblems(tuple(problems))
    for place, text in texts_of(inst):
        if any(REFERENCE.search(one) for one in text.values()):
            raise SurveykitError("E030", item=place)


def xlsform_bytes(inst: Instrument) -> bytes:
    """The workbook: sheets survey, choices, settings."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    _sheet(book, "survey", SURVEY, _survey(inst), inst.languages)
    _sheet(book, "choices", ("list_name", "name", "label"), _choices(inst), inst.languages)
    _sheet(book, "settings", tuple(_settings(inst)), [dict(_settings(inst))], ())
    saved = io.BytesIO()
    book.save(saved)
    with zipfile.ZipFile(saved) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    return zip_bytes({**members, CORE_MEMBER: CORE})


def _sheet(
    book: object, name: str, columns: tuple[str, ...], rows: Iterable[Row], languages: tuple[str, ...]
) -> None:
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(name)  # type: ignore[attr-defined]
    heads: list[tuple[str, str]] = []
    for column in columns:
        heads += (
            [(column, lang) for lang in languages] if column in TRANSLATED and languages else [(column, "")]
        )
    for number, (column, lang) in enumerate(heads, 1):
        letter = get_column_letter(number)
        put(sheet, f"{letter}1", f"{column}::{LANGUAGE_NAMES[lang]}" if lang else column)
        sheet.column_dimensions[letter].width = 44 if lang else 20
    for place, row in enumerate(rows, 2):
        for number, (column, lang) in enumerate(heads, 1):
            value = row.get(column, "")
            text = value if isinstance(value, str) else value.get(lang, "")
            put(sheet, f"{get_column_letter(number)}{place}", text)
    sheet.freeze_panes = "A2"


def _settings(inst: Instrument) -> dict[str, str]:
    first = inst.languages[0]
    return {
        "form_title": " ".join(inst.title[first].split()),
        "form_id": inst.instrument[:FORM_ID_LIMIT],
        "version": inst.version,
        "default_language": LANGUAGE_NAMES[first],
    }


def _choices(inst: Instrument) -> Iterator[Row]:
    for scale in inst.response_scales.values():
        for code in all_codes(scale):
            label = {lang: label_text(scale, code, lang) for lang in inst.languages}
            yield {"list_name": scale.id, "name": str(code), "label": label}


def free_name(inst: Instrument, wanted: str) -> str:
    """A name for a question of ours that no item has."""
    taken = {item.id for item in inst.items}
    while wanted in taken:
        wanted += "_"
    return wanted


def _ours(inst: Instrument, key: str) -> Text:
    return {lang: ui(key, lang) for lang in inst.languages}


def _survey(inst: Instrument) -> Iterator[Row]:
    """Every row of the survey sheet."""
    yield {"type": "start", "name": free_name(inst, "form_start")}
    yield {"type": "end", "name": free_name(inst, "form_end")}
    for name, value in (("form_version", inst.version), ("content_hash", inst.content_hash)):
        yield {"type": "calculate", "name": free_name(inst, name), "calculation": f"'{value}'"}
    for key, text in (("instructions", inst.instructions), ("consent", inst.consent)):
        if text is not None:
            yield {"type": "note", "name": free_name(inst, f"form_{key}"), "label": text}
    respondent = free_name(inst, "respondent")
    yield {"type": "text", "name": respondent, "label": _ours(inst, "respondent"), "required": "yes"}
    for section in inst.sections:
        yield from _section(inst, section)


def _section(inst: Instrument, section: Section) -> Iterator[Row]:
    name = free_name(inst, f"section_{section.id}")
    yield {"type": "begin_group", "name": name, "label": section.title}
    if section.instructions is not None:
        note_name = free_name(inst, f"section_{section.id}_note")
        yield {"type": "note", "name": note_name, "label": section.instructions}
    for number, block in enumerate(_blocks(section), 1):
        if len(block) == 1:
            yield _question(inst, block[0])
            continue
        table = free_name(inst, f"section_{section.id}_table_{number}")
        yield {"type": "begin_group", "name": table, "label": section.title, "appearance": "table-list"}
        yield from (_question(inst, item) for item in block)
        yield {"type": "end_group", "name": table}
    yield {"type": "end_group", "name": name}


def _blocks(section: Section) -> Iterator[list[Item]]:
    """Items that are shown together: neighbouring rating items on one response scale, else one by one.

    An item with a condition stands alone: a table is shown or hidden as a whole.
    """
    for key, together in groupby(section.items, lambda item: _table_of(item)):
        items = list(together)
        if key is None:
            yield from ([item] for item in items)
        else:
            yield items


def _table_of(item: Item) -> str | None:
    return item.response_scale if item.type == "likert" and item.show_if is None else None


def _question(inst: Instrument, item: Item) -> Row:
    row: Row = {"type": _type(item), "name": item.id, "label": item.text}
    if item.required:
        row["required"] = "yes"
    if item.show_if is not None:
        row["relevant"] = xpath_condition(item.show_if, inst)
    if item.type == "open":
        row["appearance"] = "multiline"
    hint = {lang: _hint(inst, item, lang) for lang in inst.languages}
    if any(hint.values()):
        row["hint"] = hint
    return row | _constraint(inst, item)


def _type(item: Item) -> str:
    if item.type in ("likert", "single"):
        return f"select_one {item.response_scale}"
    if item.type == "multiple":
        return f"select_multiple {item.response_scale}"
    return {"number": "decimal", "date": "date"}.get(item.type, "text")


def _hint(inst: Instrument, item: Item, lang: str) -> str:
    parts = [item.unit[lang]] if item.unit is not None else []
    if item.type == "number" and range_hint(item, lang):
        parts.append(range_hint(item, lang))
    if item.max_length is not None:
        parts.append(ui("length_hint", lang, max_length=item.max_length))
    if is_interview(inst):
        parts += [f"• {probe[lang]}" for probe in item.probes]
    return "\n".join(parts)


def _constraint(inst: Instrument, item: Item) -> Row:
    """What an answer must satisfy, and what is said where it does not."""
    if item.type == "number":
        bounds = [
            f". {sign} {bound:.15g}"
            for sign, bound in ((">=", item.minimum), ("<=", item.maximum))
            if bound is not None
        ]
        message = {lang: ui("error_range", lang, range=range_hint(item, lang)) for lang in inst.languages}
        within = " and ".join(bounds)
        if bounds and item.missing_codes:
            within = " or ".join([f"({within})", *(f". = {code}" for code in item.missing_codes)])
        return {"constraint": within, "constraint_message": message} if bounds else {}
    if item.max_length is not None:
        message = {lang: ui("error_length", lang, max_length=item.max_length) for lang in inst.languages}
        return {"constraint": f"string-length(.) <= {item.max_length}", "constraint_message": message}
    scale = inst.response_scale_of(item)
    if item.type == "multiple" and scale is not None:
        alone = [code for code in all_codes(scale) if code in {*scale.missing_codes, *item.missing_codes}]
        if alone:
            together = " or ".join(f"selected(., '{code}')" for code in alone)
            message = {lang: _alone(inst, item, alone, lang) for lang in inst.languages}
            return {
                "constraint": f"not(count-selected(.) > 1 and ({together}))",
                "constraint_message": message,
            }
    return {}


def _alone(inst: Instrument, item: Item, codes: list[int], lang: str) -> str:
    scale = inst.response_scale_of(item)
    assert scale is not None
    labels = ", ".join(label_text(scale, code, lang) for code in codes)
    return wording("exchange", "answer_alone", lang, labels=labels)
