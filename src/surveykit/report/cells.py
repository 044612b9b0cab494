"""Numbers as table cells and as words in a sentence: fixed decimals, a true minus sign."""

from __future__ import annotations

from typing import Any

from surveykit import formatting
from surveykit.report.document import Cell

DASH = "–"


def _signed(text: str) -> str:
    return text.replace("-", "−")


def _float(value: Any) -> float | None:
    """A number of any kind; None, NA and NaN alike become None."""
    if value is None:
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def number(value: Any, decimals: int = 2) -> str:
    """A number that may be of any size.

    >>> number(-1.234), number(float("nan"))
    ('−1.23', '–')
    """
    return _signed(formatting.number(_float(value), decimals))


def share(value: Any, decimals: int = 2) -> str:
    """A number that cannot exceed 1 in size, without the leading zero.

    >>> share(-0.5)
    '−.50'
    """
    return _signed(formatting.share(_float(value), decimals))


def count(value: Any) -> str:
    """A whole number; degrees of freedom that are not whole keep two decimals.

    >>> count(12.0), count(38.257)
    ('12', '38.26')
    """
    found = _float(value)
    if found is None or found != found:
        return DASH
    return _signed(f"{found:.0f}" if abs(found - round(found)) < 1e-9 else f"{found:.2f}")


def probability(value: Any) -> str:
    """A p value for a table, without the equals sign.

    >>> probability(0.0321), probability(0.0000123)
    ('.032', '< .001')
    """
    return formatting.pvalue(_float(value)).removeprefix("= ")


def compared(value: Any) -> str:
    """A p value with its sign, for a sentence.

    >>> compared(0.0321), compared(0.0000123)
    ('= .032', '< .001')
    """
    return formatting.pvalue(_float(value))


def interval(lower: Any, upper: Any, decimals: int = 2, *, bounded: bool = False) -> str:
    """A confidence interval in brackets; `bounded` without leading zeros.

    >>> interval(0.1, 0.256, bounded=True), interval(-1, 2), interval(None, None)
    ('[.10, .26]', '[−1.00, 2.00]', '–')
    """
    write = share if bounded else number
    low, high = _float(lower), _float(upper)
    if (low is None or low != low) and (high is None or high != high):
        return DASH
    return f"[{write(low, decimals)}, {write(high, decimals)}]"


def level(conf_level: float) -> str:
    """A confidence level as a percentage: ``95%``."""
    return f"{100 * conf_level:g}%"


def row(*texts: str) -> tuple[Cell, ...]:
    """A table row of plain cells."""
    return tuple(Cell(text) for text in texts)


def heading(text: str) -> tuple[Cell, ...]:
    """A row that is a heading over the rows that follow."""
    return (Cell(text, strong=True),)


def any_value(value: Any, decimals: int = 2) -> str:
    """A value of a frame nobody has described: a number, or text as it is.

    >>> any_value(0.041, 3), any_value("x"), any_value(None)
    ('0.041', 'x', '–')
    """
    if isinstance(value, str):
        return value
    found = _float(value)
    if found is None:
        return DASH if value is None else str(value)
    return number(found, decimals)
