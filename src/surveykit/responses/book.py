"""A workbook as it was returned, whichever program wrote it: cells as they stand, names, properties."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from abc import ABC, abstractmethod
from collections.abc import Container, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import ClassVar

from surveykit.errors import SurveykitError
from surveykit.form.cells import plain_text

LONE = re.compile("[\ud800-\udfff]")
Spot = tuple[str, str, int]


@dataclass(frozen=True)
class RawCell:
    """A cell as it stands.

    `kind`: "text", "number", "date" (a number shown as a date), "boolean",
    "error", "formula" (whatever its last value). `raw`: what stands in the
    file, as text; `number` where it is one.
    """

    sheet: str
    address: str
    kind: str
    raw: str
    number: float | None = None


@dataclass(frozen=True)
class Sheet:
    """One sheet: its cells by (row, column letters), only those that hold something.

    `merged`: the cells that are hidden under a neighbour they were merged with (of an .ods only empty ones).
    `hidden_rows`, `hidden_columns`: by number, 1 is the first.
    """

    name: str
    cells: Mapping[tuple[int, str], RawCell]
    merged: Container[tuple[int, str]] = frozenset()
    hidden_rows: tuple[range, ...] = ()
    hidden_columns: tuple[range, ...] = ()


@dataclass(frozen=True)
class Aside:
    """What lies on a sheet and in no cell.

    `kind`: "comment" or "drawing" (a text box, a shape, a picture); `cell`: where it is fastened, if told.
    """

    kind: str
    sheet: str
    cell: str | None
    text: str


@dataclass(frozen=True)
class Workbook(ABC):
    """A returned workbook.

    `names`: defined name (lower case) -> (sheet, column, row), None where it
    points nowhere. `sheet_members`: sheet -> the member of the zip it stands in.
    """

    suffix: ClassVar[str]

    file: str
    sheet_members: Mapping[str, str]
    names: Mapping[str, Spot | None]

    def sheet(self, name: str) -> Sheet:
        """The cells of one sheet, parsed at the first call."""
        if name not in self._sheets:
            self._sheets[name] = self._read(name)
        return self._sheets[name]

    @cached_property
    def _sheets(self) -> dict[str, Sheet]:
        return {}

    @abstractmethod
    def _read(self, name: str) -> Sheet:
        """Parse one sheet."""

    def written(self, name: str) -> bytes:
        """A sheet as it stands in the file; empty where sheets are not kept apart there."""
        return b""

    @cached_property
    @abstractmethod
    def asides(self) -> tuple[Aside, ...]:
        """Comments and drawings, sheet by sheet."""

    @property
    @abstractmethod
    def properties(self) -> Mapping[str, str]:
        """The custom document properties, as text."""

    @property
    @abstractmethod
    def modified(self) -> str:
        """When the workbook was last saved, as it says itself (ISO 8601); empty where it does not say."""


def parse_xml(data: bytes, member: str) -> ET.Element:
    """A guarded member as a tree.

    Raises
    ------
    SurveykitError
        R006 it is not well-formed.
    """
    try:
        return ET.fromstring(data)
    except ET.ParseError as problem:
        raise SurveykitError("R006", reason=f"{member}: {problem}") from None


@lru_cache(maxsize=2**10)
def local(tag: str) -> str:
    """A tag without its namespace."""
    return tag.rsplit("}", 1)[-1]


def column_number(letters: str) -> int:
    """A column's number, A is 1."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """A column's letters, 1 is A."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def sound_text(stored: str) -> str:
    """The text that a stored one stands for; halves of a character become whole, or the mark for damage."""
    if "_x" not in stored:  # nothing is written by its number
        return stored
    text = plain_text(stored)
    if LONE.search(text) is None:
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
