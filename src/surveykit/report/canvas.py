"""A matplotlib figure as SVG that belongs to its page: real text, the page's ink, ids of its own.

Sizes are pixels: a figure of 640 has a viewBox of 640, and letters of 12 are 12 pixels tall.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from surveykit.report.paths.render import FONTS

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

    Draw = Callable[[Canvas], None]

# Printed as they are; in a page they become the page's colours, so that a figure is legible on dark too.
INK, HAIR, PAPER = "#1d2125", "#d9dde1", "#fefefe"
_PAGE = {INK: "currentColor", HAIR: "var(--hair,#d8dce0)", PAPER: "var(--paper,#ffffff)"}
# What a reader's machine may have, tried in this order where a bitmap is drawn.
_CJK = {
    "ja": ("Noto Sans CJK JP", "Noto Sans JP", "Hiragino Sans", "Yu Gothic", "Meiryo", "IPAexGothic"),
    "ko": ("Noto Sans CJK KR", "Noto Sans KR", "Apple SD Gothic Neo", "Malgun Gothic", "NanumGothic"),
}

# Okabe and Ito (2008): told apart by readers with any kind of colour vision; with markers besides.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
MARKERS = ("o", "s", "^", "D", "v", "P")
LETTERS = 12.0
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "surveykit",
    "font.size": LETTERS,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "axes.axisbelow": True,
    "axes.linewidth": 0.9,
    "grid.color": HAIR,
    "grid.linewidth": 0.9,
}


@contextmanager
def _drawing(width: float, height: float, fonts: Sequence[str]) -> Iterator[Canvas]:
    """A blank figure of a size in pixels, under the report's style; nothing of it outlives the block."""
    import matplotlib
    from matplotlib.figure import Figure

    # The reader's browser has the glyphs that the machine of the run may lack.
    with matplotlib.rc_context({**_STYLE, "font.family": fonts}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield Figure(figsize=(width / 72, height / 72))


def svg_of(draw: Draw, width: float, height: float, *, id: str, lang: str) -> str:
    """What a function draws, as SVG. `id` goes before every id inside, which must be unique in a page."""
    text = io.StringIO()
    with _drawing(width, height, ["DejaVu Sans"]) as canvas:
        draw(canvas)
        canvas.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return _for_page(text.getvalue(), id, lang)


def png_of(draw: Draw, width: float, height: float, *, lang: str) -> bytes:
    """What a function draws, as a bitmap of three dots a pixel, in fonts of this machine."""
    from matplotlib.font_manager import fontManager

    known = {font.name for font in fontManager.ttflist}
    wanted = [*_CJK.get(lang, ()), *(name for names in _CJK.values() for name in names)]
    found = next((name for name in wanted if name in known), None)
    pixels = io.BytesIO()
    with _drawing(width, height, ["DejaVu Sans", *([found] if found else [])]) as canvas:
        draw(canvas)
        canvas.savefig(pixels, format="png", dpi=216, facecolor="white", metadata={"Software": None})
    return pixels.getvalue()


def _for_page(svg: str, id: str, lang: str) -> str:
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.S)
    svg = re.sub(r' (width|height)="([\d.]+)pt"', r' \1="\2"', svg, count=2)
    safe = re.sub(r"[^\w-]", "_", id)
    for mark in (' id="', 'href="#', "url(#"):
        svg = svg.replace(mark, f"{mark}{safe}-")
    svg = svg.replace("'DejaVu Sans'", FONTS[lang])
    for stand_in, colour in _PAGE.items():
        svg = svg.replace(stand_in, colour)
    return svg.strip()
