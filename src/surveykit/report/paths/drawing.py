"""The parts of a placed diagram, and how large each kind of node is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from surveykit.report.paths.geometry import Curve, Rect, text_width
from surveykit.report.paths.model import Arrow

NODE_SIZE, LABEL_SIZE, ITEM_SIZE = 13.0, 12.0, 11.0  # letters: node, arrow, indicator and its loading
ITEM_HEIGHT, ITEM_PITCH = 21.0, 25.0
LINE = 1.25  # height of a line of text, in letters


@dataclass(frozen=True)
class Node:
    """A variable with its place. `round_`: latent. `side`: where an indicator stands beside its factor.

    `lines`: its label; `r_squared`: a line is kept for R².
    """

    name: str
    box: Rect
    lines: tuple[str, ...]
    round_: bool
    r_squared: bool = False
    side: str = ""

    def moved(self, dx: float, dy: float) -> Node:
        return Node(self.name, self.box.moved(dx, dy), self.lines, self.round_, self.r_squared, self.side)


@dataclass(frozen=True)
class Placement:
    """Where every node is, and the knots through which long arrows pass. `layered`: arrows run rightwards."""

    nodes: Mapping[str, Node]
    chains: Mapping[tuple[str, str], tuple[tuple[float, float], ...]] = field(default_factory=dict)
    layered: bool = False


@dataclass(frozen=True)
class Drawing:
    """A diagram whose every part has its place; the same for all groups."""

    nodes: tuple[Node, ...]
    wires: Mapping[Arrow, tuple[Curve, ...]]
    labels: Mapping[Arrow, Rect]
    bounds: Rect


@dataclass(frozen=True)
class Shape:
    """How large a node is and what stands in it, before it has a place."""

    width: float
    height: float
    lines: tuple[str, ...]


def structural_shape(label: str, *, round_: bool, r_squared: bool) -> Shape:
    """The size of a latent or observed variable of the structural part."""
    lines = wrapped(label, 120.0, NODE_SIZE)
    width = max(text_width(line, NODE_SIZE) for line in lines)
    count = len(lines) + r_squared
    if r_squared:
        width = max(width, text_width("R² = −0.00", LABEL_SIZE))
    height = count * NODE_SIZE * LINE
    if round_:
        return Shape(max(92.0, width * 1.22 + 22), max(44.0, height * 1.3 + 12), lines)
    return Shape(max(80.0, width + 20), max(34.0, height + 12), lines)


def item_shape(label: str) -> Shape:
    """The size of an indicator's box."""
    return Shape(max(40.0, text_width(label, ITEM_SIZE) + 12), ITEM_HEIGHT, (label,))


def wrapped(text: str, width: float, size: float) -> tuple[str, ...]:
    """A label in at most three lines: broken at spaces, or anywhere in Chinese characters and kana."""
    pieces = text.split(" ") if " " in text else _pieces(text)
    glue = " " if " " in text else ""
    lines: list[str] = []
    for piece in pieces:
        longer = f"{lines[-1]}{glue}{piece}" if lines else piece
        if lines and text_width(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(piece)
    if len(lines) > 3:
        lines = [*lines[:2], lines[2] + "…"]
    return tuple(lines) or ("",)


def _pieces(text: str) -> Sequence[str]:
    """Where a word without spaces may be broken: between any two full-width letters."""
    return list(text) if any(ord(letter) > 0x2E7F for letter in text) else [text]
