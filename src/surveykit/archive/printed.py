"""A number as a paper prints it: its decimals say in which interval the unrounded number lies."""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from surveykit.errors import SurveykitError

PRINTED = re.compile(
    r"\s*(?P<sign>[<>≤≥=]?)\s*(?P<number>[-−–]?(?:[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?|\d*[.,]?\d+(?:[eE][-+]?\d+)?))\s*(?P<percent>%?)\s*(?:\*{0,4})\s*"
)
THOUSANDS = re.compile(r"-?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?")


@dataclass(frozen=True)
class Interval:
    """All numbers from `lower` to `upper`."""

    lower: float
    upper: float

    def overlaps(self, other: Interval, slack: float = 1e-12) -> bool:
        """Whether the two have a number in common."""
        return self.lower <= other.upper + slack and other.lower <= self.upper + slack

    def __contains__(self, value: float) -> bool:
        return self.lower - 1e-12 <= value <= self.upper + 1e-12


@dataclass(frozen=True)
class Printed:
    """A printed number: ``".032"``, ``"< .001"``, ``"9.57"``, ``"12 %"``.

    `value` as a number, `decimals` printed (negative for trailing zeros is never assumed),
    `sign` one of ``"=" "<" ">"``.
    """

    text: str
    value: float
    decimals: int
    sign: str = "="

    @property
    def interval(self) -> Interval:
        """The numbers that round to what is printed, whichever way halves go."""
        if self.sign == "<":
            return Interval(-math.inf, self.value)
        if self.sign == ">":
            return Interval(self.value, math.inf)
        half = 0.5 * 10.0**-self.decimals
        return Interval(self.value - half, self.value + half)


def read_printed(text: str) -> Printed:
    """Read a printed number.

    Raises
    ------
    SurveykitError
        A001 it is no number.

    Examples
    --------
    >>> read_printed(".032").interval
    Interval(lower=0.0315, upper=0.0325)
    >>> read_printed("< .001").sign
    '<'
    """
    match = PRINTED.fullmatch(unicodedata.normalize("NFKC", text))
    if match is None:
        raise SurveykitError("A001", text=text)
    digits = match["number"].replace("−", "-").replace("–", "-")
    # "1,234" is a thousand in English, Japanese and Korean papers; "0,032" has a decimal comma.
    number = Decimal(digits.replace(",", "" if THOUSANDS.fullmatch(digits) else "."))
    exponent = number.as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) else 0
    value = float(number)
    if match["percent"]:
        value, decimals = value / 100, decimals + 2
    sign = {"≤": "<", "≥": ">", "": "="}.get(match["sign"], match["sign"])
    return Printed(text, value, decimals, sign)


def is_printed(text: str) -> bool:
    """Whether `read_printed` can read it."""
    return PRINTED.fullmatch(unicodedata.normalize("NFKC", text)) is not None


def implied_interval(function: Callable[..., float], given: Mapping[str, Interval]) -> Interval:
    """The values a monotone function takes while its inputs stay within what is printed.

    The function is evaluated at every corner and at the middle; an input that is
    a whole number has an interval of length 0.
    """
    corners = [(one.lower, one.upper) if one.lower != one.upper else (one.lower,) for one in given.values()]
    middle = tuple((one.lower + one.upper) / 2 for one in given.values())
    values = [
        function(**dict(zip(given, point, strict=True))) for point in [*itertools.product(*corners), middle]
    ]
    known = [value for value in values if not math.isnan(value)]
    return Interval(min(known), max(known)) if known else Interval(math.nan, math.nan)
