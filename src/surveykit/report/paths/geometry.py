"""Boxes, curves, and how much room a text takes."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True)
class Rect:
    """A box by its left upper corner."""

    x: float
    y: float
    width: float
    height: float

    @classmethod
    def around(cls, centre: Point, width: float, height: float) -> Rect:
        return cls(centre[0] - width / 2, centre[1] - height / 2, width, height)

    @property
    def centre(self) -> Point:
        return (self.x + self.width / 2, self.y + self.height / 2)

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    def overlap(self, other: Rect) -> float:
        """The area that two boxes share; 0 where they do not touch."""
        wide = min(self.right, other.right) - max(self.x, other.x)
        high = min(self.bottom, other.bottom) - max(self.y, other.y)
        return wide * high if wide > 0 and high > 0 else 0.0

    def grown(self, by: float) -> Rect:
        return Rect(self.x - by, self.y - by, self.width + 2 * by, self.height + 2 * by)

    def holds(self, point: Point) -> bool:
        return self.x <= point[0] <= self.right and self.y <= point[1] <= self.bottom

    def moved(self, dx: float, dy: float) -> Rect:
        return Rect(self.x + dx, self.y + dy, self.width, self.height)


def union(boxes: list[Rect]) -> Rect:
    """The smallest box around all."""
    left, top = min(one.x for one in boxes), min(one.y for one in boxes)
    return Rect(left, top, max(one.right for one in boxes) - left, max(one.bottom for one in boxes) - top)


def text_width(text: str, size: float) -> float:
    """An upper guess of a text's width; the reader's font is unknown, so each letter is taken wide."""
    ems = 0.0
    for letter in text:
        if unicodedata.east_asian_width(letter) in "WF":
            ems += 1.02
        elif letter in "mwMW@%":
            ems += 0.95
        elif letter in "−+=<>≥≤±→←↔":
            ems += 0.86
        elif letter.isupper():
            ems += 0.72
        elif letter in " .,:;|!'()[]il-":
            ems += 0.38
        else:
            ems += 0.64
    return ems * size


@dataclass(frozen=True)
class Curve:
    """A cubic Bézier curve; a straight line is one whose control points lie on it."""

    start: Point
    first: Point
    second: Point
    end: Point

    @classmethod
    def straight(cls, start: Point, end: Point) -> Curve:
        return cls(start, between(start, end, 1 / 3), between(start, end, 2 / 3), end)

    @property
    def is_straight(self) -> bool:
        return self.first == between(self.start, self.end, 1 / 3)

    def at(self, t: float) -> Point:
        a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
        points = (self.start, self.first, self.second, self.end)
        x, y = (sum(k * p[axis] for k, p in zip((a, b, c, d), points, strict=True)) for axis in (0, 1))
        return (x, y)

    def normal(self, t: float) -> Point:
        """The direction at right angles to the curve at `t`, of length 1."""
        (x0, y0), (x1, y1) = self.at(max(t - 0.01, 0)), self.at(min(t + 0.01, 1))
        length = math.hypot(x1 - x0, y1 - y0) or 1.0
        return ((y0 - y1) / length, (x1 - x0) / length)

    def samples(self, n: int = 24) -> list[Point]:
        return [self.at(step / n) for step in range(n + 1)]

    def moved(self, dx: float, dy: float) -> Curve:
        points = (self.start, self.first, self.second, self.end)
        return Curve(*((x + dx, y + dy) for x, y in points))


def between(start: Point, end: Point, share: float) -> Point:
    """The point at a share of the way."""
    return (start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1]))


def edge_of(box: Rect, towards: Point, *, round_: bool) -> Point:
    """Where the line from a shape's centre to a point leaves the shape (an ellipse or a rectangle)."""
    cx, cy = box.centre
    dx, dy = towards[0] - cx, towards[1] - cy
    if dx == 0 and dy == 0:
        return (cx, cy)
    half_w, half_h = box.width / 2, box.height / 2
    if round_:
        scale = 1 / math.hypot(dx / half_w, dy / half_h)
    else:
        scale = min(half_w / abs(dx) if dx else math.inf, half_h / abs(dy) if dy else math.inf)
    return (cx + dx * scale, cy + dy * scale)
