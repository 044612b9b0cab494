"""The table that is exported: each column with its type, its labels and its values; and the table as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from surveykit.errors import LANGUAGES
from surveykit.formatting import spreadsheet_text
from surveykit.instrument.model import Instrument, Item, Text
from surveykit.instrument.show_if import is_answered
from surveykit.instrument.variables import Variable, codebook
from surveykit.responses.read import Responses
from surveykit.wording import has_wording, wording

CSV_NAME = "responses.csv"
CODED = ("likert", "single")


@dataclass(frozen=True)
class About:
    """What a data set is called and where it comes from, by language."""

    name: str
    version: str
    title: Text
    description: Text


@dataclass(frozen=True)
class Column:
    """One column.

    `type` is "string", "integer", "number" or "date"; `cells` has None where
    there is no answer or one that counts as missing. `values` and `missing`
    are the codes with their labels; `variable` is the item in the codebook.
    """

    name: str
    type: str
    label: Text
    cells: tuple[Any, ...]
    values: Mapping[int, Text] = field(default_factory=dict)
    missing: Mapping[int, Text] = field(default_factory=dict)
    item: Item | None = None
    variable: Variable | None = None


def columns_of(responses: Responses) -> tuple[Column, ...]:
    """Every column of the responses, in their order."""
    inst = responses.instrument
    variables = {one.name: one for one in codebook(inst, responses).rows}
    return tuple(
        _item_column(inst, name, cells, variables)
        if name in variables
        else Column(name, "string", _system_label(name), tuple(_text(one) for one in cells))
        for name, cells in ((str(name), list(responses.frame[name])) for name in responses.frame.columns)
    )


def _system_label(name: str) -> Text:
    """What a column around the items holds; a group column goes by its own name."""
    key = f"column_{name}"
    return {
        lang: wording("exchange", key, lang) if has_wording("exchange", key) else name for lang in LANGUAGES
    }


def _item_column(inst: Instrument, name: str, cells: list[Any], variables: Mapping[str, Variable]) -> Column:
    item, variable = inst.item(name), variables[name]
    given = [one if is_answered(one) else None for one in cells]
    kind = "string"
    if item.type in (*CODED, "number"):
        numbers = [None if one is None else float(one) for one in given]
        whole = item.type in CODED or all(one is None or one.is_integer() for one in numbers)
        kind = "integer" if whole else "number"
        given = [None if one is None else int(one) if whole else one for one in numbers]
    elif item.type == "date":
        kind = "date"
    return Column(
        name, kind, item.text, tuple(given), variable.values, variable.missing_values, item, variable
    )


def _text(value: Any) -> str | None:
    return str(value) if is_answered(value) else None


def csv_text(columns: tuple[Column, ...], *, spreadsheet: bool) -> str:
    """The table as CSV.

    `spreadsheet`: texts that a spreadsheet would take for a formula get an
    apostrophe in front; without it every text stands as it was typed.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([one.name for one in columns])
    for row in zip(*(one.cells for one in columns), strict=True):
        writer.writerow([_cell(value, spreadsheet) for value in row])
    return stream.getvalue()


def _cell(value: Any, spreadsheet: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, str) and spreadsheet:
        return spreadsheet_text(value)
    return str(value)


def pick_text(text: Text, lang: str) -> str:
    """A text on one line in `lang`, else in the first language that it has."""
    return " ".join((text.get(lang) or next(iter(text.values()), "")).split())
