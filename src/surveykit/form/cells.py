"""Writing cells: text as text, whatever it begins with."""

from __future__ import annotations

import re
from typing import Any

from surveykit.form.look import Style

# Excel reads _x0041_ in a cell as the character A; the escape keeps such text as it was typed.
ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
ENCODED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def cell_text(text: str) -> str:
    """A text as a workbook stores it."""
    return ESCAPED.sub("_x005F_", text).replace("\r", "_x000D_")


def plain_text(stored: str) -> str:
    """The text that a stored one stands for."""
    if "_x" not in stored:
        return stored
    return ENCODED.sub(lambda match: chr(int(match[1], 16)), stored)


def style_cell(cell: Any, style: Style) -> None:
    """Give a cell its look."""
    cell.font = style.font
    cell.alignment = style.alignment
    cell.protection = style.protection
    cell.number_format = style.number_format
    if style.fill is not None:
        cell.fill = style.fill
    if style.border is not None:
        cell.border = style.border


def put(sheet: Any, address: str, text: str, style: Style | None = None) -> Any:
    """Write a text, never a formula, an error or a number; returns the cell."""
    cell = sheet[address]
    if text:
        cell.value = cell_text(text)
        cell.data_type = "s"
    if style is not None:
        style_cell(cell, style)
    return cell


def put_number(sheet: Any, address: str, value: float, style: Style | None = None) -> Any:
    """Write a number; returns the cell."""
    cell = sheet[address]
    cell.value = value
    if style is not None:
        style_cell(cell, style)
    return cell


def put_formula(sheet: Any, address: str, formula: str, style: Style | None = None) -> Any:
    """Write a formula of ours (beginning with =); returns the cell."""
    cell = sheet[address]
    cell.value = formula
    cell.data_type = "f"
    if style is not None:
        style_cell(cell, style)
    return cell
