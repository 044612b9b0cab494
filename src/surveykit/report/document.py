"""What a report is made of, before anybody decides whether it becomes HTML, Word or Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Cell:
    """One cell of a printed table. `title`: a remark of its own, printed as a lettered note.

    `struck`: crossed through; the reason stands in `title`. `under`: further lines
    below the first. `href` leads to the cell of the same document whose `anchor` it names.
    """

    text: str
    title: str = ""
    struck: bool = False
    strong: bool = False
    href: str = ""
    anchor: str = ""
    under: tuple[Cell, ...] = ()

    @property
    def lines(self) -> tuple[Cell, ...]:
        """The cell's first line and those below it."""
        return (self, *self.under)


@dataclass(frozen=True)
class Table:
    """A printed table; numbers are already text. `id` names the CSV that holds the raw numbers.

    A row of a single cell is a heading over the rows that follow. `spanners`: a
    line above the header, each text with the number of columns it stands over
    (empty text: nothing above them). `align`: "left" or "right" for each column;
    left out, the first stands left and the others right. `data`: address of the CSV.
    `widths`: for tables of words, the share of the page that each column takes.
    `sheet`: a name for its sheet in a workbook; left out, its number.
    """

    id: str
    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    align: tuple[str, ...] = ()
    spanners: tuple[tuple[str, int], ...] = ()
    data: str = ""
    widths: tuple[float, ...] = ()
    sheet: str = ""

    def __post_init__(self) -> None:
        widths = {len(row) for row in self.rows} - {1, len(self.header)}
        if widths:
            raise ValueError(
                f"table {self.id}: rows of {sorted(widths)} cells under {len(self.header)} columns"
            )
        if self.align and len(self.align) != len(self.header):
            raise ValueError(f"table {self.id}: {len(self.align)} alignments for {len(self.header)} columns")
        if self.widths and len(self.widths) != len(self.header):
            raise ValueError(f"table {self.id}: {len(self.widths)} widths for {len(self.header)} columns")
        if self.spanners and sum(span for _, span in self.spanners) != len(self.header):
            raise ValueError(f"table {self.id}: spanners do not cover {len(self.header)} columns")

    @property
    def alignment(self) -> tuple[str, ...]:
        """One word a column, also where `align` was left out."""
        return self.align or ("left", *("right" for _ in self.header[1:]))


@dataclass(frozen=True)
class Figure:
    """A drawing as SVG with real text. `alt` says in words what it shows.

    `png`: draws the same as a bitmap, for Word; called only where it is needed.
    """

    id: str
    title: str
    svg: str
    alt: str
    notes: tuple[str, ...] = ()
    png: Callable[[], bytes] | None = field(default=None, repr=False, compare=False)


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
