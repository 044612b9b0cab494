"""The words "simulated data", drawn into a figure so that they go wherever the figure goes."""

from __future__ import annotations

import re
from html import escape

_VIEW_BOX = re.compile(r'viewBox="([-\d.]+) ([-\d.]+) ([-\d.]+) ([-\d.]+)"')
RED = "#b3261e"


def stamp_svg(svg: str, text: str) -> str:
    """The same drawing with a red band of text above it; a drawing without a viewBox is refused."""
    found = _VIEW_BOX.search(svg)
    if found is None:
        raise ValueError("an SVG without a viewBox cannot be stamped")
    left, top, width, height = (float(one) for one in found.groups())
    band = max(width, height) * 0.035
    grown = f'viewBox="{left:g} {top - band * 1.4:g} {width:g} {height + band * 1.4:g}"'
    mark = (
        f'<g class="simulated"><rect x="{left:g}" y="{top - band * 1.4:g}" width="{width:g}" '
        f'height="{band:g}" fill="{RED}"/>'
        f'<text x="{left + width / 2:g}" y="{top - band * 0.68:g}" text-anchor="middle" fill="#ffffff" '
        f'font-family="sans-serif" font-weight="bold" font-size="{band * 0.68:g}" '
        f'letter-spacing="{band * 0.06:g}">{escape(text)}</text></g>'
    )
    body = svg[: found.start()] + grown + svg[found.end() :]
    body = _taller(body, 1 + band * 1.4 / height)
    end = body.rindex("</svg>")
    return body[:end] + mark + body[end:]


def _taller(svg: str, factor: float) -> str:
    """The root element's height, where it is stated, in proportion to the grown viewBox."""
    head, bracket, rest = svg.partition(">")
    while "<svg" not in head:
        more, bracket, rest = rest.partition(">")
        head = f"{head}>{more}"
    grown = re.sub(
        r'(\sheight=")([\d.]+)', lambda found: f"{found.group(1)}{float(found.group(2)) * factor:g}", head
    )
    return grown + bracket + rest
