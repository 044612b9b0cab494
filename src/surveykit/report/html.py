"""A document as one HTML page that needs nothing else: styles and drawings inside, no script, no address."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from surveykit.report.document import Block, Document, Figure, Table
from surveykit.report.inline import Run, header_runs, sentence_runs
from surveykit.report.lettering import captions, remarks
from surveykit.report.stamp import stamp_svg
from surveykit.version import __version__
from surveykit.wording import wording

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

WIDE = 9  # columns from which a table is set smaller on paper
SHORT = 18  # rows up to which a table is kept on one sheet
BROAD = 912.0  # width of a drawing, in pixels, from which it may reach beyond the text


def write_html(document: Document, path: Path) -> Path:
    """Write the page to `path` (UTF-8); folders above it are created.

    Returns
    -------
    Path
        The file written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(to_html(document), encoding="utf-8", newline="\n")
    return path


def to_html(document: Document) -> str:
    """The page as text. The same document gives the same bytes."""
    environment = _environment()
    views = _views(document)
    sections = [
        {"id": f"section-{section.id}", "title": section.title, "blocks": views[place]}
        for place, section in enumerate(document.sections)
    ]
    return environment.get_template("page.html.j2").render(
        document=document,
        sections=sections,
        version=__version__,
        say=lambda key, **fields: wording("report", key, document.lang, **fields),
    )


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("surveykit.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["header"] = lambda text: _marked(header_runs(text))
    environment.filters["sentence"] = lambda text: _marked(sentence_runs(text), together=True)
    environment.filters["stub"] = _with_id
    return environment


def _with_id(text: str) -> Markup:
    """An item's id set apart from its wording (`Names.item` leaves two spaces between them)."""
    from markupsafe import Markup, escape

    id, gap, wording = text.partition("  ")
    return Markup('<span class="id">{}</span> {}').format(id, wording) if gap else escape(text)


def _marked(runs: list[Run], *, together: bool = False) -> Markup:
    """Italic symbols as markup; `together`: a statistic and its value never stand on two lines."""
    from markupsafe import Markup, escape

    pieces = [(_unbroken(text) if together else text, italic) for text, italic in runs]
    return Markup("").join(
        Markup("<i>{}</i>").format(text) if italic else escape(text) for text, italic in pieces
    )


def _unbroken(text: str) -> str:
    """No-break spaces around relation signs and inside an interval's brackets."""
    text = text.replace("CI [", "CI\u00a0[")
    text = re.sub(r" ([=<>]) (?=[\d.−<\[])", "\u00a0\\1\u00a0", text)
    return re.sub(r"\[([^\[\]]*), ([^\[\]]*)\]", "[\\1,\u00a0\\2]", text)


def _views(document: Document) -> list[list[dict[str, Any]]]:
    """What the template needs of every block, section by section; an id that comes twice gets a number."""
    numbers = captions(document)
    seen: Counter[str] = Counter()
    views: list[list[dict[str, Any]]] = []
    for place, section in enumerate(document.sections):
        views.append([])
        for position, block in enumerate(section.blocks):
            view = _view(block, numbers.get((place, position), ""), document)
            if isinstance(block, Table | Figure):
                seen[block.id] += 1
                view["id"] = block.id if seen[block.id] == 1 else f"{block.id}-{seen[block.id]}"
            views[-1].append(view)
    return views


def _view(block: Block, caption: str, document: Document) -> dict[str, Any]:
    """What the template needs of a block, beside the block itself."""
    view: dict[str, Any] = {"kind": type(block).__name__, "block": block, "caption": caption}
    if isinstance(block, Table):
        view |= {"marks": remarks(block), "starts": _starts(block)}
        view |= {"wide": len(block.header) >= WIDE, "short": len(block.rows) <= SHORT}
    if isinstance(block, Figure):
        view |= {"svg": _drawing(block, document), "broad": _width(block.svg) > BROAD}
    return view


def _starts(table: Table) -> set[int]:
    """The columns at which a spanner begins: a little room is left before them."""
    ends = list(itertools.accumulate(span for _, span in table.spanners))
    return set(ends[:-1])


def _width(svg: str) -> float:
    found = re.search(r'viewBox="[-\d.]+ [-\d.]+ ([\d.]+)', svg)
    return float(found.group(1)) if found else 0.0


def _drawing(figure: Figure, document: Document) -> Markup:
    """The SVG as part of the page; figures are made by surveykit, which escapes what it draws."""
    from markupsafe import Markup

    svg = figure.svg[figure.svg.index("<svg") :]
    if document.simulated:
        svg = stamp_svg(svg, wording("report", "simulated", document.lang))
    return Markup(svg)
