"""What a report is made of, before anybody decides whether it becomes HTML, Word or Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Cell:
    """One cell of a printed table. `struck`: crossed through, the reason stands in `title`."""

    text: str
    title: str = ""
    struck: bool = False
    strong: bool = False


@dataclass(frozen=True)
class Table:
    """A printed table; numbers are already text. `id` names the CSV that holds the raw numbers."""

    id: str
    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Figure:
    """A drawing as SVG with real text. `alt` says in words what it shows."""

    id: str
    title: str
    svg: str
    alt: str


@dataclass(frozen=True)
class Paragraph:
    """A sentence or a few. `kind`: plain, warning or quote."""

    text: str
    kind: str = "plain"


@dataclass(frozen=True)
class Code:
    """Text that is shown as typed: a model's syntax, a command, a log."""

    title: str
    text: str


@dataclass(frozen=True)
class Facts:
    """Names and values side by side: provenance, versions, settings."""

    title: str
    facts: Mapping[str, str]


Block = Table | Figure | Paragraph | Code | Facts


@dataclass(frozen=True)
class Section:
    """A heading with what stands under it."""

    id: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Document:
    """A whole report in one language. `simulated`: the data were made up, and every page says so."""

    title: str
    subtitle: str
    lang: str
    simulated: bool
    sections: tuple[Section, ...]
    other_languages: Mapping[str, str] = field(default_factory=dict)
