"""Numbers as the APA manual prints them; shared by summaries and reports."""

from __future__ import annotations

import math


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
