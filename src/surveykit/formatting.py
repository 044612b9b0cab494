"""Numbers as the APA manual prints them; shared by summaries and reports."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any


def number(value: float | None, decimals: int = 3) -> str:
    """A number with fixed decimals; a dash where there is none.

    >>> number(1.23456), number(-0.0001, 2), number(None)
    ('1.235', '0.00', '–')
    """
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = f"{value:.{decimals}f}"
    return text.lstrip("-") if float(text) == 0 else text


def share(value: float | None, decimals: int = 3) -> str:
    """A number that cannot exceed 1 in size (a correlation, alpha), without the leading zero.

    >>> share(0.8567), share(-0.3), share(1.0)
    ('.857', '-.300', '1.000')
    """
    text = number(value, decimals)
    if text.startswith("0."):
        return text[1:]
    if text.startswith("-0."):
        return "-" + text[2:]
    return text


def pvalue(value: float | None, decimals: int = 3) -> str:
    """A p value with its sign: ``= .032``, ``< .001``.

    >>> pvalue(0.0321), pvalue(0.00002)
    ('= .032', '< .001')
    """
    if value is None or math.isnan(value):
        return "–"
    smallest = 10.0**-decimals
    return f"< {share(smallest, decimals)}" if value < smallest else f"= {share(value, decimals)}"


def interval(lower: float | None, upper: float | None, decimals: int = 2) -> str:
    """A confidence interval in brackets.

    >>> interval(0.1, 0.256)
    '[0.10, 0.26]'
    """
    return f"[{number(lower, decimals)}, {number(upper, decimals)}]"


# What spreadsheets take for the beginning of a formula, full-width signs of Japanese keyboards included.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def spreadsheet_text(text: str) -> str:
    """A text that no spreadsheet computes: an apostrophe in front where it looks like a formula.

    >>> spreadsheet_text("=1+1"), spreadsheet_text("1+1")
    ("'=1+1", '1+1')
    """
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


LINE = 100  # columns of a terminal that tables are folded to


def text_width(text: str) -> int:
    """Columns that a text takes on a terminal: Chinese, Japanese and Korean letters take two.

    >>> text_width("trust"), text_width("信頼")
    (5, 4)
    """
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def text_table(columns: Sequence[tuple[str, Sequence[Any]]], line: int = LINE) -> str:
    """Named columns as text: three decimals, texts to the left, folded where a line is full.

    The leading columns of text that fill no more than a third of a line, at least the first, are repeated
    where the table is folded.

    >>> print(text_table([("item", ["x1", "x2"]), ("n", [301.0, 299.0]), ("pvalue", [0.0321, 0.00002])]))
    item    n  pvalue
    x1    301   0.032
    x2    299  < .001
    """
    cells = [_aligned(name, list(values)) for name, values in columns]
    widths = [text_width(one[0]) + 2 for one in cells]
    texts = [_is_text(values) for _, values in columns]
    lead = min(1, len(cells))
    while lead < len(cells) and texts[lead] and sum(widths[: lead + 1]) <= line / 3:
        lead += 1
    blocks, block, used = [], cells[:lead], 0
    room = line - sum(widths[:lead])
    for column, size in zip(cells[lead:], widths[lead:], strict=True):
        if used and used + size > room:
            blocks.append(block)
            block, used = cells[:lead], 0
        block = [*block, column]
        used += size
    blocks.append(block)
    return "\n\n".join("\n".join("  ".join(row).rstrip() for row in zip(*one, strict=True)) for one in blocks)


def _is_text(values: Sequence[Any]) -> bool:
    return any(isinstance(one, str) for one in values)


def _aligned(name: str, values: Sequence[Any]) -> list[str]:
    """Head and cells of one column, equally wide."""
    texts = [name, *table_cells(name, values)]
    wide = max(text_width(one) for one in texts)
    left = _is_text(values)
    return [
        one + " " * (wide - text_width(one)) if left else " " * (wide - text_width(one)) + one
        for one in texts
    ]


def table_cells(name: str, values: Sequence[Any]) -> list[str]:
    """One column as text: whole numbers plain, others with three decimals (three digits if all are small).

    >>> table_cells("df", [1.0, float("nan")]), table_cells("pvalue", [0.0321, 0.00002])
    (['1', '–'], ['0.032', '< .001'])
    """
    numbers = [float(one) for one in values if _is_number(one) and math.isfinite(one)]
    largest = max(map(abs, numbers), default=0.0)
    if "pvalue" in name:
        shown = _pvalue
    elif all(one.is_integer() for one in numbers):
        shown = partial(number, decimals=0)
    elif largest < 1e-6:
        shown = "{:.2e}".format
    else:
        decimals = 3 if largest >= 0.005 else 2 - math.floor(math.log10(largest))
        shown = partial(number, decimals=decimals)
    return [_cell(one, shown) for one in values]


def _pvalue(value: float) -> str:
    return "< .001" if value < 0.001 else number(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _cell(value: Any, shown: Callable[[float], str]) -> str:
    if _is_number(value):
        return shown(float(value)) if math.isfinite(value) else number(value)
    text = str(value)
    return "–" if text in ("None", "<NA>", "NaT") else text  # missing values, those of pandas too
