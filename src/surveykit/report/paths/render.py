"""A placed diagram as SVG, a panel for each group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from surveykit.report.cells import number, share
from surveykit.report.paths.drawing import ITEM_SIZE, LABEL_SIZE, LINE, NODE_SIZE, Drawing, Node
from surveykit.report.paths.geometry import Curve, Rect
from surveykit.report.paths.model import Arrow, GroupValues, Value

FONTS = {
    "en": "'Segoe UI','Helvetica Neue',Arial,'Noto Sans',sans-serif",
    "ja": "'Hiragino Sans','Yu Gothic',Meiryo,'Noto Sans CJK JP','Noto Sans JP',sans-serif",
    "ko": "'Apple SD Gothic Neo','Malgun Gothic','Noto Sans CJK KR','Noto Sans KR',sans-serif",
}
MARGIN, TITLE_HEIGHT, BETWEEN = 14.0, 30.0, 36.0
BESIDE_EACH_OTHER = 1280.0  # panels that are wider together than this stand below each other


def label_text(value: Value, decimals: int) -> str:
    """An arrow's label: the estimate, and the standardized one in brackets."""
    text = number(value.est, decimals)
    return text if value.std is None else f"{text} ({share(value.std, decimals)})"


def label_size(arrow: Arrow) -> float:
    """How tall the letters of an arrow's label are."""
    return ITEM_SIZE if arrow.kind == "loading" else LABEL_SIZE


def panels(
    drawing: Drawing, groups: Sequence[GroupValues]
) -> tuple[tuple[float, float], list[tuple[float, float]]]:
    """The size of the whole, and how far the drawing is moved for each group."""
    width, height = drawing.bounds.width + 2 * MARGIN, drawing.bounds.height + 2 * MARGIN
    head = TITLE_HEIGHT if any(group.title for group in groups) else 0.0
    n = len(groups)
    across = n * width + (n - 1) * BETWEEN <= BESIDE_EACH_OTHER
    step = (width + BETWEEN, 0.0) if across else (0.0, height + head + BETWEEN)
    left, top = MARGIN - drawing.bounds.x, head + MARGIN - drawing.bounds.y
    offsets = [(left + place * step[0], top + place * step[1]) for place in range(n)]
    return (width + (n - 1) * step[0], height + head + (n - 1) * step[1]), offsets


def render(
    drawing: Drawing, groups: Sequence[GroupValues], *, id: str, lang: str, decimals: int, conf_level: float
) -> str:
    """The whole SVG: the same drawing for each group, with that group's numbers."""
    (width, height), offsets = panels(drawing, groups)
    parts = [
        f'<g transform="translate({dx:.1f} {dy:.1f})">{_title(group, drawing)}'
        f"{_panel(drawing, group, id, decimals, conf_level)}</g>"
        for group, (dx, dy) in zip(groups, offsets, strict=True)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.1f} {height:.1f}" '
        f'width="{width:.0f}" height="{height:.0f}" lang="{lang}" font-family="{FONTS[lang]}" '
        f'fill="currentColor" stroke="none">{_head_marker(id)}{"".join(parts)}</svg>'
    )


def _head_marker(id: str) -> str:
    return (
        f'<defs><marker id="{escape(id)}-head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="9" '
        'markerHeight="9" markerUnits="userSpaceOnUse" orient="auto-start-reverse">'
        '<path d="M0 1 L10 5 L0 9 z"/></marker></defs>'
    )


def _title(group: GroupValues, drawing: Drawing) -> str:
    if not group.title:
        return ""
    x, y = drawing.bounds.centre[0], drawing.bounds.y - TITLE_HEIGHT / 2
    return _text(group.title, x, y, NODE_SIZE + 2, bold=True)


def _panel(drawing: Drawing, group: GroupValues, id: str, decimals: int, conf_level: float) -> str:
    parts = []
    for arrow, curves in drawing.wires.items():
        if arrow in group.values:
            parts.append(_wire(arrow, curves, group.values[arrow], id, conf_level))
    parts += [_node(node, group.r_squared, decimals) for node in drawing.nodes]
    for arrow, box in drawing.labels.items():
        if arrow in group.values:
            text = label_text(group.values[arrow], decimals)
            parts.append(_paper(box) + _text(text, *box.centre, label_size(arrow)))
    return "".join(parts)


def _wire(arrow: Arrow, curves: Sequence[Curve], value: Value, id: str, conf_level: float) -> str:
    """Full line: significant; dashed: not; thin: fixed."""
    start = curves[0].start
    path = f"M{start[0]:.1f} {start[1]:.1f}"
    for curve in curves:
        if curve.is_straight:
            path += f" L{curve.end[0]:.1f} {curve.end[1]:.1f}"
        else:
            points = (curve.first, curve.second, curve.end)
            path += " C" + " ".join(f"{x:.1f} {y:.1f}" for x, y in points)
    fixed, weak = value.pvalue is None, value.pvalue is not None and value.pvalue >= 1 - conf_level
    style = 'stroke-width="0.9"' if fixed else 'stroke-width="1.4"'
    style += ' stroke-dasharray="5 4"' if weak else ""
    both = f' marker-start="url(#{escape(id)}-head)"' if arrow.kind == "covariance" else ""
    return (
        f'<path d="{path}" fill="none" stroke="currentColor" {style}{both} '
        f'marker-end="url(#{escape(id)}-head)"/>'
    )


def _node(node: Node, r_squared: Mapping[str, float], decimals: int) -> str:
    box = node.box
    (cx, cy), frame = box.centre, 'fill="var(--paper,#fff)" stroke="currentColor" stroke-width="1.4"'
    if node.round_:
        size = f'cx="{cx:.1f}" cy="{cy:.1f}" rx="{box.width / 2:.1f}" ry="{box.height / 2:.1f}"'
        shape = f"<ellipse {size} {frame}/>"
    else:
        size = f'x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}"'
        shape = f"<rect {size} {frame}/>"
    lines = [(line, ITEM_SIZE if node.side else NODE_SIZE, not node.side) for line in node.lines]
    if node.r_squared and node.name in r_squared:
        lines.append((f"R² = {share(r_squared[node.name], decimals)}", LABEL_SIZE, False))
    pitch = NODE_SIZE * LINE
    top = cy - (len(lines) - 1) * pitch / 2
    texts = [
        _text(text, cx, top + place * pitch, size, bold) for place, (text, size, bold) in enumerate(lines)
    ]
    return shape + "".join(texts)


def _paper(box: Rect) -> str:
    return (
        f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" '
        'fill="var(--paper,#fff)"/>'
    )


def _text(text: str, x: float, y: float, size: float, bold: bool = False) -> str:
    """Text centred on a point; the shift by a third of its size centres it in every browser."""
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y + size * 0.35:.1f}" font-size="{size:g}" text-anchor="middle"{weight}>'
        f"{escape(text)}</text>"
    )
