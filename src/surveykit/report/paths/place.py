"""A model as a drawing in which no label touches another: roomier until it fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from surveykit.report.paths.columns import column_placement
from surveykit.report.paths.drawing import LINE, Drawing, Placement, Shape, item_shape, structural_shape
from surveykit.report.paths.geometry import Rect, text_width, union
from surveykit.report.paths.labels import place_labels
from surveykit.report.paths.layered import directed, layered_placement
from surveykit.report.paths.model import Arrow, GroupValues, PathModel
from surveykit.report.paths.render import label_size, label_text
from surveykit.report.paths.wires import wires

BARE = 50.0  # how much of an arrow to an indicator stays free of its label
GAPS = (1.0, 1.2, 1.45, 1.75, 2.1, 2.6, 3.2)


def place(
    model: PathModel, groups: Sequence[GroupValues], labels: Mapping[str, str], decimals: int, *, items: bool
) -> Drawing | None:
    """The drawing that all groups share; None where the indicators cannot be drawn.

    Parameters
    ----------
    labels : mapping of variable to what stands in its node
    items : bool
        Whether indicators are drawn, or only the structural variables.
    """
    explained = frozenset(
        name for name in model.structural if any(name in group.r_squared for group in groups)
    )
    shapes = _shapes(model, labels, explained)
    sizes = _label_sizes(model, groups, decimals)
    best: Drawing | None = None
    for gap in GAPS:
        placement = _placement(model, shapes, explained, gap, sizes, items=items)
        if placement is None:
            return None
        best, overlap = _with_labels(model, placement, sizes)
        if overlap == 0:
            break
    return best


def _shapes(model: PathModel, labels: Mapping[str, str], explained: frozenset[str]) -> dict[str, Shape]:
    shapes = {
        name: structural_shape(
            labels.get(name, name), round_=name in model.latents, r_squared=name in explained
        )
        for name in model.structural
    }
    return shapes | {item: item_shape(item) for own in model.indicators.values() for item in own}


def _label_sizes(
    model: PathModel, groups: Sequence[GroupValues], decimals: int
) -> dict[Arrow, tuple[float, float]]:
    """Width and height of each arrow's label: the widest of the groups."""
    sizes = {}
    for arrow in model.arrows:
        size = label_size(arrow)
        texts = [label_text(group.values[arrow], decimals) for group in groups if arrow in group.values]
        sizes[arrow] = (max((text_width(text, size) for text in texts), default=0.0) + 4, size * LINE)
    return sizes


def _placement(
    model: PathModel,
    shapes: Mapping[str, Shape],
    explained: frozenset[str],
    gap: float,
    sizes: Mapping[Arrow, tuple[float, float]],
    *,
    items: bool,
) -> Placement | None:
    loadings = [size[0] for arrow, size in sizes.items() if arrow.kind == "loading"]
    reach = max(loadings, default=0.0) + BARE
    if directed(model):
        widest = max(sizes[arrow][0] for arrow in model.paths)
        return layered_placement(model, shapes, explained, gap, widest, reach, items=items)
    return column_placement(model, shapes, explained, gap, reach, items=items)


def _with_labels(
    model: PathModel, placement: Placement, sizes: Mapping[Arrow, tuple[float, float]]
) -> tuple[Drawing, float]:
    lines = wires(model, placement)
    nodes = tuple(placement.nodes.values())
    labels, overlap = place_labels(lines, sizes, [node.box for node in nodes])
    points = [point for curves in lines.values() for curve in curves for point in curve.samples()]
    dots = [Rect.around(point, 2, 2) for point in points]
    bounds = union([*(node.box for node in nodes), *labels.values(), *dots])
    return Drawing(nodes, lines, labels, bounds), overlap
