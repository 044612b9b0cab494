"""Dates as workbooks and people write them; only those that can mean one day."""

from __future__ import annotations

import re
from datetime import date, timedelta

LAST_SERIAL = 2_958_465  # 9999-12-31
FAKE_LEAP_DAY = 60  # Excel counts a 29 February 1900
WRITTEN = re.compile(
    r"(\d{4})\s*[-/.年년]\s*(\d{1,2})\s*[-/.月월]\s*(\d{1,2})\s*[.日일]?(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?",
    re.ASCII,
)
COMPACT = re.compile(r"(19\d\d|20\d\d|21\d\d)(\d\d)(\d\d)", re.ASCII)


def date_of_serial(serial: float) -> date | None:
    """The day of an Excel serial number (1900 system); None where there is no such day."""
    day = int(serial)
    if not 1 <= day <= LAST_SERIAL or day == FAKE_LEAP_DAY:
        return None
    return date(1899, 12, 31 if day < FAKE_LEAP_DAY else 30) + timedelta(days=day)


def serial_of(day: date) -> int:
    """The serial number of a day."""
    plain = (day - date(1899, 12, 30)).days
    return plain if plain > FAKE_LEAP_DAY else plain - 1


def date_of_text(text: str) -> date | None:
    """The day of a text with the year first (2026-04-30, 2026年4月30日, 20260430); None for any other."""
    match = WRITTEN.fullmatch(text) or COMPACT.fullmatch(text)
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None
