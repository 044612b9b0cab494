"""A document as one HTML page that needs nothing else: styles and drawings inside, no script, no address."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from surveykit import __version__
from surveykit.report.document import Block, Document, Figure, Section, Table
from surveykit.report.inline import Run, header_runs, sentence_runs
from surveykit.report.lettering import captions, remarks
from surveykit.report.stamp import stamp_svg
from surveykit.wording import wording

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

WIDE = 9  # columns from which a table is set smaller on paper
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
    numbers = captions(document)
    sections = [
        {"id": _anchor(section), "title": section.title, "blocks": _section_blocks(document, place, numbers)}
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
    environment.filters["sentence"] = lambda text: _marked(sentence_runs(text))
    return environment


def _marked(runs: list[Run]) -> Markup:
    from markupsafe import Markup, escape

    return Markup("").join(
        Markup("<i>{}</i>").format(text) if italic else escape(text) for text, italic in runs
    )


def _anchor(section: Section) -> str:
    return f"section-{section.id}"


def _section_blocks(document: Document, place: int, numbers: Any) -> list[dict[str, Any]]:
    return [
        _view(block, numbers.get((place, position), ""), document)
        for position, block in enumerate(document.sections[place].blocks)
    ]


def _view(block: Block, caption: str, document: Document) -> dict[str, Any]:
    """What the template needs of a block, beside the block itself."""
    view: dict[str, Any] = {"kind": type(block).__name__, "block": block, "caption": caption}
    if isinstance(block, Table):
        view |= {"marks": remarks(block), "wide": len(block.header) >= WIDE}
    if isinstance(block, Figure):
        view |= {"svg": _drawing(block, document), "broad": _width(block.svg) > BROAD}
    return view


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
