"""A placed diagram drawn on a matplotlib canvas, for formats that take no SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from surveykit.report.cells import share
from surveykit.report.paths.drawing import ITEM_SIZE, LABEL_SIZE, LINE, NODE_SIZE, Drawing, Node
from surveykit.report.paths.geometry import Curve
from surveykit.report.paths.model import Arrow, GroupValues, Value
from surveykit.report.paths.render import label_size, label_text, panels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas


def draw_panels(
    canvas: Canvas, drawing: Drawing, groups: Sequence[GroupValues], decimals: int, conf_level: float
) -> None:
    """The same panels as in the SVG, in the same places."""
    whole, offsets = panels(drawing, groups)
    axes = canvas.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, whole[0])
    axes.set_ylim(whole[1], 0)
    for group, (dx, dy) in zip(groups, offsets, strict=True):
        if group.title:
            centre = drawing.bounds.centre[0] + dx
            _write(axes, group.title, centre, drawing.bounds.y + dy - 15, NODE_SIZE + 2, bold=True)
        for arrow, curves in drawing.wires.items():
            if arrow in group.values:
                moved = [curve.moved(dx, dy) for curve in curves]
                _wire(axes, arrow, moved, group.values[arrow], conf_level)
        for node in drawing.nodes:
            _node(axes, node.moved(dx, dy), group.r_squared, decimals)
        for arrow, box in drawing.labels.items():
            if arrow in group.values:
                x, y = box.moved(dx, dy).centre
                patch = {"fc": "white", "ec": "none", "pad": 1.0}
                _write(axes, label_text(group.values[arrow], decimals), x, y, label_size(arrow), bbox=patch)


def _write(
    axes: Axes, text: str, x: float, y: float, size: float, *, bold: bool = False, **more: Any
) -> None:
    weight = "bold" if bold else "normal"
    axes.text(x, y, text, fontsize=size, ha="center", va="center", fontweight=weight, zorder=4, **more)


def _wire(axes: Axes, arrow: Arrow, curves: Sequence[Curve], value: Value, conf_level: float) -> None:
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    points, codes = [curves[0].start], [Path.MOVETO]
    for curve in curves:
        points += [curve.first, curve.second, curve.end]
        codes += [Path.CURVE4] * 3
    weak = value.pvalue is not None and value.pvalue >= 1 - conf_level
    head = "<|-|>" if arrow.kind == "covariance" else "-|>"
    axes.add_patch(
        FancyArrowPatch(
            path=Path(points, codes),
            arrowstyle=f"{head},head_length=4.5,head_width=2.2",
            lw=0.9 if value.pvalue is None else 1.3,
            ls=(0, (4, 3)) if weak else "-",
            color="#1d2125",
            shrinkA=0,
            shrinkB=0,
            zorder=2,
        )
    )


def _node(axes: Axes, node: Node, r_squared: Mapping[str, float], decimals: int) -> None:
    from matplotlib.patches import Ellipse, Rectangle

    box = node.box
    style: dict[str, Any] = {"fc": "white", "ec": "#1d2125", "lw": 1.3, "zorder": 3}
    if node.round_:
        axes.add_patch(Ellipse(box.centre, box.width, box.height, **style))
    else:
        axes.add_patch(Rectangle((box.x, box.y), box.width, box.height, **style))
    lines = [(line, ITEM_SIZE if node.side else NODE_SIZE, not node.side) for line in node.lines]
    if node.r_squared and node.name in r_squared:
        lines.append((f"R² = {share(r_squared[node.name], decimals)}", LABEL_SIZE, False))
    x, y = box.centre
    for place, (text, size, bold) in enumerate(lines):
        _write(axes, text, x, y + (place - (len(lines) - 1) / 2) * NODE_SIZE * LINE, size, bold=bold)
