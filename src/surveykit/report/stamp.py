"""The words "simulated data", drawn into a figure so that they go wherever the figure goes."""

from __future__ import annotations

import re
from html import escape

from surveykit.report.paths.geometry import text_width

_VIEW_BOX = re.compile(r'viewBox="([-\d.]+) ([-\d.]+) ([-\d.]+) ([-\d.]+)"')
_HEIGHT = re.compile(r'(<svg[^>]*?\sheight=")([\d.]+)', re.S)
RED = "#b3261e"
BAND, LETTERS = 30.0, 13.0  # room above the drawing, size of the words


def stamp_svg(svg: str, text: str) -> str:
    """The same drawing with a framed red label above it; a drawing without a viewBox is refused."""
    found = _VIEW_BOX.search(svg)
    if found is None:
        raise ValueError("an SVG without a viewBox cannot be stamped")
    left, top, width, height = (float(one) for one in found.groups())
    size = min(LETTERS, LETTERS * width / (text_width(text, LETTERS) + 20))
    box_w, box_h = text_width(text, size) * 1.08 + size, size * 1.6
    x, y = left + 1, top - BAND + 1
    mark = (
        f'<g class="simulated"><rect x="{x:g}" y="{y:g}" width="{box_w:g}" height="{box_h:g}" rx="3" '
        f'fill="#ffffff" stroke="{RED}" stroke-width="2"/>'
        f'<text x="{x + box_w / 2:g}" y="{y + box_h / 2 + size * 0.36:g}" text-anchor="middle" fill="{RED}" '
        f'font-family="sans-serif" font-weight="bold" font-size="{size:g}">{escape(text)}</text></g>'
    )
    grown = f'viewBox="{left:g} {top - BAND:g} {width:g} {height + BAND:g}"'
    body = svg[: found.start()] + grown + svg[found.end() :]
    taller = 1 + BAND / height
    body = _HEIGHT.sub(lambda stated: f"{stated.group(1)}{float(stated.group(2)) * taller:g}", body, count=1)
    end = body.rindex("</svg>")
    return body[:end] + mark + body[end:]
