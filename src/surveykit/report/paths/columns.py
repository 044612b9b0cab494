"""A measurement model: factors in a column, indicators to their right, covariances to their left."""

from __future__ import annotations

from collections.abc import Mapping

from surveykit.report.paths.drawing import ITEM_PITCH, Node, Placement, Shape
from surveykit.report.paths.geometry import Rect
from surveykit.report.paths.model import PathModel

Shapes = Mapping[str, Shape]


def column_placement(
    model: PathModel, shapes: Shapes, r_squared: frozenset[str], gap: float, reach: float, *, items: bool
) -> Placement:
    """Places of a model in which no structural variable depends on another.

    `gap`: how roomy; `reach`: from a factor to its indicators.
    """
    main = [
        name
        for name in model.structural
        if not items or name in model.indicators or not _points_at_items(model, name)
    ]
    widest = max(shapes[name].width for name in main)
    nodes: dict[str, Node] = {}
    top = 0.0
    for name in main:
        own = model.indicators.get(name, ()) if items else ()
        shape = shapes[name]
        height = max(shape.height + 14 * gap, len(own) * ITEM_PITCH * _stretch(gap) + 12)
        box = Rect.around((0.0, top + height / 2), shape.width, shape.height)
        nodes[name] = Node(name, box, shape.lines, name in model.latents, name in r_squared)
        nodes |= item_column(own, shapes, widest / 2 + reach * gap, top + height / 2, "right", gap)
        top += height + 8 * gap
    return Placement(nodes | _general(model, shapes, nodes, gap, reach) if items else nodes)


def _stretch(gap: float) -> float:
    """Rows of indicators move apart more slowly than columns."""
    return 1 + (gap - 1) / 3


def item_column(
    items: tuple[str, ...], shapes: Shapes, x: float, middle: float, side: str, gap: float
) -> dict[str, Node]:
    """Indicators below each other, beginning at `x` (side right) or ending there (side left)."""
    pitch = ITEM_PITCH * _stretch(gap)
    width = max((shapes[item].width for item in items), default=0.0)
    left = x if side == "right" else x - width
    nodes = {}
    for place, item in enumerate(items):
        y = middle + (place - (len(items) - 1) / 2) * pitch
        box = Rect(left, y - shapes[item].height / 2, width, shapes[item].height)
        nodes[item] = Node(item, box, shapes[item].lines, False, side=side)
    return nodes


def item_column_height(count: int, gap: float) -> float:
    """The room that indicators below each other take."""
    return count * ITEM_PITCH * _stretch(gap)


def _points_at_items(model: PathModel, name: str) -> bool:
    return any(one.kind == "loading" and one.source == name for one in model.extra)


def _general(
    model: PathModel, shapes: Shapes, nodes: Mapping[str, Node], gap: float, reach: float
) -> dict[str, Node]:
    """Factors whose indicators all stand beside other factors (a bifactor model): on the far side."""
    found: dict[str, Node] = {}
    right = max(node.box.right for node in nodes.values())
    bottom = -1e9
    for name in model.structural:
        if name in nodes:
            continue
        targets = [nodes[one.target].box.centre[1] for one in model.extra if one.source == name]
        shape = shapes[name]
        y = max(sum(targets) / len(targets), bottom + shape.height / 2)
        box = Rect.around((right + (reach + 16) * gap + shape.width / 2, y), shape.width, shape.height)
        found[name] = Node(name, box, shape.lines, True)
        bottom = box.bottom + 20 * gap
    return found
