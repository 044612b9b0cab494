"""The line of every arrow, once the nodes have their places."""

from __future__ import annotations

import math

from surveykit.report.paths.drawing import Node, Placement
from surveykit.report.paths.geometry import Curve, Point, Rect, edge_of, union
from surveykit.report.paths.model import Arrow, PathModel

Curves = tuple[Curve, ...]


def wires(model: PathModel, placement: Placement) -> dict[Arrow, Curves]:
    """A curve, or several joined, for every arrow whose two ends are drawn."""
    nodes = placement.nodes
    drawn = [one for one in model.arrows if one.source in nodes and one.target in nodes]
    bounds = union([node.box for node in nodes.values()])
    return {one: _wire(one, placement, bounds) for one in drawn}


def _wire(arrow: Arrow, placement: Placement, bounds: Rect) -> Curves:
    start, end = placement.nodes[arrow.source], placement.nodes[arrow.target]
    if arrow.kind == "covariance" and {start.side, end.side} == {"left", "right"}:
        return _over(start, end, bounds)
    if arrow.kind == "covariance":
        return (_covariance(start, end, placement, bounds),)
    knots = placement.chains.get((arrow.source, arrow.target), ())
    if knots:
        return _through(start, knots, end)
    if end.side:
        return (_to_item(start, end),)
    back = end.box.centre[0] <= start.box.centre[0]
    if back and not start.side:
        return (_bowed(start, end, 46.0),)
    return (_line(start, end),)


def _line(start: Node, end: Node) -> Curve:
    first = edge_of(start.box, end.box.centre, round_=start.round_)
    return Curve.straight(first, edge_of(end.box, start.box.centre, round_=end.round_))


def _to_item(start: Node, item: Node) -> Curve:
    """From a factor to the side of an indicator that faces it."""
    box = item.box
    ports = {
        "left": (box.right, box.centre[1]),
        "right": (box.x, box.centre[1]),
        "above": (box.centre[0], box.bottom),
        "below": (box.centre[0], box.y),
    }
    port = ports[item.side]
    if item.side == "right" and start.box.centre[0] > box.centre[0]:
        port = (box.right, box.centre[1])  # the general factor of a bifactor model
    return Curve.straight(edge_of(start.box, port, round_=start.round_), port)


def _through(start: Node, knots: tuple[Point, ...], end: Node) -> Curves:
    """An arrow over several layers: straight where its knots allow, else smooth through them."""
    direct = _line(start, end)
    if all(abs(_height_at(direct, x) - y) < 14 for x, y in knots):
        return (direct,)
    points = [
        edge_of(start.box, knots[0], round_=start.round_),
        *knots,
        edge_of(end.box, knots[-1], round_=end.round_),
    ]
    curves = []
    for place in range(len(points) - 1):
        before, here = points[max(place - 1, 0)], points[place]
        there, after = points[place + 1], points[min(place + 2, len(points) - 1)]
        first = (here[0] + (there[0] - before[0]) / 6, here[1] + (there[1] - before[1]) / 6)
        second = (there[0] - (after[0] - here[0]) / 6, there[1] - (after[1] - here[1]) / 6)
        curves.append(Curve(here, first, second, there))
    return tuple(curves)


def _height_at(line: Curve, x: float) -> float:
    (x0, y0), (x1, y1) = line.start, line.end
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0) if x1 != x0 else y0


def _covariance(start: Node, end: Node, placement: Placement, bounds: Rect) -> Curve:
    """A double-headed curve: around the outside of a column or row, else bent away from the middle."""
    upper, lower = sorted((start, end), key=lambda node: (node.box.centre[1], node.box.centre[0]))
    if start.side and start.side == end.side:
        return _beside_items(upper, lower)
    if start.side and end.side:
        return _around_corner(start, end)
    if not start.side and not end.side and abs(upper.box.centre[0] - lower.box.centre[0]) < 1:
        return _beside_column(upper, lower, placement)
    return _bowed(start, end, 40.0, away=bounds.centre)


_OUT = {"left": (-1.0, 0.0), "right": (1.0, 0.0), "above": (0.0, -1.0), "below": (0.0, 1.0)}


def _outer_port(node: Node) -> Point:
    """The middle of an indicator's outer side."""
    (x, y), (dx, dy) = node.box.centre, _OUT[node.side]
    return (x + dx * node.box.width / 2, y + dy * node.box.height / 2)


def _beside_items(one: Node, two: Node) -> Curve:
    """Around the outer side of a column or row of indicators; the more it spans, the further out."""
    start, end = _outer_port(one), _outer_port(two)
    return _swung(start, end, one.side, two.side, 14 + 0.42 * math.dist(start, end))


def _around_corner(one: Node, two: Node) -> Curve:
    """Between indicators on two sides of the diagram: out of one, into the other."""
    start, end = _outer_port(one), _outer_port(two)
    return _swung(start, end, one.side, two.side, 20 + 0.4 * math.dist(start, end))


def _over(one: Node, two: Node, bounds: Rect) -> Curves:
    """Between the left and the right side: over everything, or under it where that is nearer."""
    left, right = sorted((_outer_port(one), _outer_port(two)))
    middle = (left[1] + right[1]) / 2
    above = middle <= bounds.centre[1]
    edge = bounds.y if above else bounds.bottom
    # The further from the edge, the wider the arch: arches lie inside each other.
    away = 0.5 * abs(middle - edge)
    peak = edge - 24 - away if above else edge + 24 + away
    out = 16 + away
    start, end = (left[0] + 30, peak), (right[0] - 30, peak)
    return (
        Curve(left, (left[0] - out, left[1]), (left[0] - out, peak), start),
        Curve.straight(start, end),
        Curve(end, (right[0] + out, peak), (right[0] + out, right[1]), right),
    )


def _swung(start: Point, end: Point, side: str, other: str, depth: float) -> Curve:
    (ax, ay), (bx, by) = _OUT[side], _OUT[other]
    return Curve(
        start, (start[0] + ax * depth, start[1] + ay * depth), (end[0] + bx * depth, end[1] + by * depth), end
    )


def _beside_column(upper: Node, lower: Node, placement: Placement) -> Curve:
    """Straight down between neighbours of a layer, else left of the column."""
    x, between_y = upper.box.centre[0], (upper.box.centre[1], lower.box.centre[1])
    passed = [
        node.box
        for node in placement.nodes.values()
        if not node.side
        and abs(node.box.centre[0] - x) < 1
        and between_y[0] < node.box.centre[1] < between_y[1]
    ]
    if placement.layered and not passed:
        return Curve.straight((x, upper.box.bottom), (x, lower.box.y))
    depth = 46 + 70 * len(passed)
    outermost = min(box.x for box in (upper.box, lower.box, *passed)) - depth
    knee = (outermost + 0.25 * depth, sum(between_y) / 2)
    start = edge_of(upper.box, knee, round_=upper.round_)
    end = edge_of(lower.box, knee, round_=lower.round_)
    return Curve(start, (outermost, start[1]), (outermost, end[1]), end)


def _bowed(start: Node, end: Node, depth: float, *, away: Point | None = None) -> Curve:
    """A curve between two nodes, bent to one side: away from a point, or to the left of its direction."""
    (x0, y0), (x1, y1) = start.box.centre, end.box.centre
    length = math.hypot(x1 - x0, y1 - y0) or 1.0
    normal = ((y1 - y0) / length, (x0 - x1) / length)
    middle = ((x0 + x1) / 2, (y0 + y1) / 2)
    if away is not None:
        out = (middle[0] - away[0], middle[1] - away[1])
        if normal[0] * out[0] + normal[1] * out[1] < 0:
            normal = (-normal[0], -normal[1])
    bend = depth + 0.12 * length
    knee = (middle[0] + bend * normal[0], middle[1] + bend * normal[1])
    first = edge_of(start.box, knee, round_=start.round_)
    last = edge_of(end.box, knee, round_=end.round_)
    return Curve(
        first,
        (first[0] + 0.6 * (knee[0] - first[0]), first[1] + 0.6 * (knee[1] - first[1])),
        (last[0] + 0.6 * (knee[0] - last[0]), last[1] + 0.6 * (knee[1] - last[1])),
        last,
    )
