"""A structural model: causes left of effects, indicators on the outer sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from surveykit.report.paths.columns import Shapes, item_column, item_column_height
from surveykit.report.paths.drawing import ITEM_HEIGHT, Node, Placement, Shape
from surveykit.report.paths.geometry import Rect, union
from surveykit.report.paths.layers import Layering, heights, layering
from surveykit.report.paths.model import PathModel


def directed(model: PathModel) -> list[tuple[str, str]]:
    """Arrows from cause to effect among structural variables; a second-order loading is one."""
    return [(one.source, one.target) for one in model.paths if one.kind != "covariance"]


def sides(model: PathModel, found: Layering) -> dict[str, str] | None:
    """On which side of its factor each set of indicators stands; None where one would be hemmed in."""
    chosen: dict[str, str] = {}
    last = len(found.layers) - 1
    turn = 0
    for rank, layer in enumerate(found.layers):
        if rank in (0, last):
            side = "left" if rank == 0 else "right"
            chosen |= {name: side for name in layer if name in model.indicators}
            continue
        outer = {layer[0]: "above", layer[-1]: "below"}
        inside = [name for name in layer if name in model.indicators]
        if any(name not in outer for name in inside):
            return None
        if len(layer) == 1 and inside:
            outer[layer[0]] = ("above", "below")[turn % 2]
            turn += 1
        chosen |= {name: outer[name] for name in inside}
    return chosen


def layered_placement(
    model: PathModel,
    shapes: Shapes,
    r_squared: frozenset[str],
    gap: float,
    label: float,
    reach: float,
    *,
    items: bool,
) -> Placement | None:
    """Places of a model with arrows among its structural variables; None where indicators find no room.

    `label`: width of the widest label of an arrow, which must fit between two layers;
    `reach`: from a factor to its indicators.
    """
    found = layering(model.structural, directed(model))
    side = sides(model, found) if items else {}
    if side is None:
        return None
    y = _heights(model, found, shapes, side, gap)
    x = _across(model, found, shapes, side, gap, label)
    nodes = {
        name: Node(
            name,
            Rect.around((x[rank], y[name]), shapes[name].width, shapes[name].height),
            shapes[name].lines,
            name in model.latents,
            name in r_squared,
        )
        for rank, layer in enumerate(found.layers)
        for name in layer
        if name not in found.knots
    }
    rank_of = {name: rank for rank, layer in enumerate(found.layers) for name in layer}
    chains = {
        ends: tuple((x[rank_of[knot]], y[knot]) for knot in chain[1:-1])
        for ends, chain in found.chains.items()
        if len(chain) > 2
    }
    return Placement(nodes | _indicators(model, shapes, nodes, side, gap, reach), chains, layered=True)


def _heights(
    model: PathModel, found: Layering, shapes: Shapes, side: Mapping[str, str], gap: float
) -> dict[str, float]:
    above, below = {}, {}
    between = 26 if any(one.kind == "covariance" for one in model.paths) else 18
    for name in (one for layer in found.layers for one in layer):
        half = 16.0 * gap if name in found.knots else shapes[name].height / 2 + between * gap
        if side.get(name) in ("left", "right"):
            half = max(half, item_column_height(len(model.indicators[name]), gap) / 2 + 12)
        above[name] = below[name] = half
    return heights(found, above, below)


def _across(
    model: PathModel, found: Layering, shapes: Shapes, side: Mapping[str, str], gap: float, label: float
) -> list[float]:
    """The x of every layer: room for a label between layers, and for rows of indicators on the same side."""
    widths = [
        max((shapes[n].width for n in layer if n not in found.knots), default=0.0) for layer in found.layers
    ]
    x = [0.0]
    for rank in range(1, len(widths)):
        room = (label + 66) * gap
        x.append(x[-1] + widths[rank - 1] / 2 + room + widths[rank] / 2)
        for where in ("above", "below"):
            half = _row_half(model, found.layers[rank], shapes, side, where, gap)
            for before in range(rank):
                other = _row_half(model, found.layers[before], shapes, side, where, gap)
                if half and other:
                    x[rank] = max(x[rank], x[before] + other + half + 24)
    return x


def _row_half(
    model: PathModel, layer: Sequence[str], shapes: Shapes, side: Mapping[str, str], where: str, gap: float
) -> float:
    """Half the width of the row of indicators that a layer has above or below it; 0 without one."""
    rows = [model.indicators[name] for name in layer if side.get(name) == where]
    return max((_row_width(row, shapes, gap) / 2 for row in rows), default=0.0)


def _row_width(items: Sequence[str], shapes: Shapes, gap: float) -> float:
    return sum(_pitch(shapes[item], gap) for item in items)


def _pitch(shape: Shape, gap: float) -> float:
    return max(shape.width + 10, 70 * (1 + (gap - 1) / 3))


def _indicators(
    model: PathModel,
    shapes: Shapes,
    nodes: Mapping[str, Node],
    side: Mapping[str, str],
    gap: float,
    reach: float,
) -> dict[str, Node]:
    placed: dict[str, Node] = {}
    for name, where in side.items():
        box = nodes[name].box
        if where in ("left", "right"):
            x = box.x - reach * gap if where == "left" else box.right + reach * gap
            placed |= item_column(model.indicators[name], shapes, x, box.centre[1], where, gap)
    for name, where in side.items():
        if where in ("above", "below"):
            taken = [node.box for node in (*nodes.values(), *placed.values())]
            placed |= _item_row(model.indicators[name], shapes, nodes[name].box, where, taken, gap)
    return placed


def _item_row(
    items: tuple[str, ...], shapes: Shapes, factor: Rect, where: str, taken: list[Rect], gap: float
) -> dict[str, Node]:
    """Indicators beside each other, clear of everything that stands in the same columns."""
    width = _row_width(items, shapes, gap)
    left = factor.centre[0] - width / 2
    reach = [one for one in taken if one.x < left + width and one.right > left]
    everything = union([*reach, factor])
    if where == "above":
        y = min(factor.y - 84 * gap, everything.y - 26)
    else:
        y = max(factor.bottom + 84 * gap, everything.bottom + 26)
    nodes = {}
    for item in items:
        room = _pitch(shapes[item], gap)
        box = Rect.around((left + room / 2, y), shapes[item].width, ITEM_HEIGHT)
        nodes[item] = Node(item, box, shapes[item].lines, False, side=where)
        left += room
    return nodes
