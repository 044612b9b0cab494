"""Drop-downs, checks while typing, and the colours that show what is wrong or does not apply.

A list never blocks typing: who knows the numbers types 5, and what is read
back is the same. What is not among the answers turns red, typed or pasted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Font
from openpyxl.worksheet.datavalidation import DataValidation

from surveykit.form.condition import excel_condition
from surveykit.form.layout import NUMBER_COLUMN, Layout, Row
from surveykit.form.look import HIDDEN_FILL, HIDDEN_INK, WRONG_FILL, WRONG_INK, fill
from surveykit.form.texts import ui
from surveykit.instrument.model import Item


def write_guards(sheet: Any, form: Layout, lang: str, ranges: Mapping[str, str]) -> None:
    """Everything on the sheet that reacts to what is entered."""
    _greys(sheet, form)
    _lists(sheet, form, ranges)
    for row in form.rows:
        if row.slot is not None and row.item is not None:
            check = typing_check(row.item, lang)
            if check is not None:
                check.add(f"{form.columns.answer}{row.row}")
                sheet.add_data_validation(check)


def range_hint(item: Item, lang: str) -> str:
    """Which numbers are allowed, in words; empty where any is."""
    low, high = (None if bound is None else f"{bound:.15g}" for bound in (item.minimum, item.maximum))
    if low is not None and high is not None:
        return ui("range_hint", lang, minimum=low, maximum=high)
    if low is not None:
        return ui("minimum_hint", lang, minimum=low)
    return ui("maximum_hint", lang, maximum=high) if high is not None else ""


def _lists(sheet: Any, form: Layout, ranges: Mapping[str, str]) -> None:
    """One drop-down a response scale, over all its cells; red where something else stands."""
    cells: dict[str, list[str]] = {}
    for row in form.rows:
        if row.slot is not None and row.scale is not None:
            key = row.scale.id if row.slot.option is None else ""
            cells.setdefault(key, []).append(f"{form.columns.answer}{row.row}")
    for key, addresses in cells.items():
        choices = DataValidation(
            type="list",
            formula1=ranges[key],
            allow_blank=True,
            showErrorMessage=False,
            showInputMessage=False,
        )
        for address in addresses:
            choices.add(address)
        sheet.add_data_validation(choices)
        if key:
            _redden(sheet, addresses, ranges[key])


def wrong_answer(cell: str, texts: str) -> str:
    """Whether a cell holds no answer of the list, nor its number (full width or half), as a formula."""
    column = texts.rsplit("!", 1)[1].split("$")[1]
    codes = texts.replace(f"${column}$", f"${_column_before(column)}$")
    return f"AND(LEN(TRIM({cell}))>0,COUNTIF({texts},{cell})=0,COUNTIF({codes},ASC({cell}))=0)"


def _redden(sheet: Any, addresses: list[str], texts: str) -> None:
    """Red where a cell holds what is no answer."""
    wrong = wrong_answer(addresses[0], texts)
    rule = FormulaRule(formula=[wrong], fill=fill(WRONG_FILL), font=Font(color=WRONG_INK))
    sheet.conditional_formatting.add(" ".join(addresses), rule)


def _column_before(column: str) -> str:
    from openpyxl.utils import column_index_from_string, get_column_letter

    return str(get_column_letter(column_index_from_string(column) - 1))


def _greys(sheet: Any, form: Layout) -> None:
    """Grey over the rows of an item that does not apply."""
    for item in form.inst.items:
        if item.show_if is not None:
            rows: list[Row] = [row for row in form.rows if row.item is not None and row.item.id == item.id]
            span = f"{NUMBER_COLUMN}{rows[0].row}:{form.columns.remark}{rows[-1].row}"
            rule = FormulaRule(
                formula=[f"NOT({excel_condition(item.show_if, form)})"],
                fill=fill(HIDDEN_FILL),
                font=Font(color=HIDDEN_INK),
                stopIfTrue=True,
            )
            sheet.conditional_formatting.add(span, rule)


def typing_check(item: Item, lang: str) -> DataValidation | None:
    """The check of a number, a date or the length of a text, with its message."""
    if item.type == "number":
        return _number_check(item, lang)
    if item.type == "date":
        return _check("date", "greaterThanOrEqual", "1", None, ui("error_date", lang), lang)
    if item.max_length is not None:
        text = ui("error_length", lang, max_length=item.max_length)
        return _check("textLength", "lessThanOrEqual", str(item.max_length), None, text, lang)
    return None


def _number_check(item: Item, lang: str) -> DataValidation:
    hint = range_hint(item, lang)
    text = ui("error_range", lang, range=hint) if hint else ui("error_number", lang)
    low, high = item.minimum, item.maximum
    if low is not None and high is not None:
        return _check("decimal", "between", f"{low:.15g}", f"{high:.15g}", text, lang)
    if low is not None:
        return _check("decimal", "greaterThanOrEqual", f"{low:.15g}", None, text, lang)
    if high is not None:
        return _check("decimal", "lessThanOrEqual", f"{high:.15g}", None, text, lang)
    return _check("decimal", "between", "-1E+300", "1E+300", text, lang)


def _check(kind: str, operator: str, low: str, high: str | None, text: str, lang: str) -> DataValidation:
    return DataValidation(
        type=kind,
        operator=operator,
        formula1=low,
        formula2=high,
        allow_blank=True,
        showErrorMessage=True,
        showInputMessage=False,
        errorTitle=ui("error_title", lang),
        error=text,
    )
