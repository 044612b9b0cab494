"""Links inside a Word document: a bookmark at one cell, a hyperlink to it at another."""

from __future__ import annotations

import re
from typing import Any
from zlib import crc32

BLUE = "1F4F82"
LONGEST = 40  # letters that Word allows in the name of a bookmark


def bookmark(paragraph: Any, anchor: str) -> None:
    """Make the paragraph the place that `anchor` names."""
    from docx.oxml.ns import qn

    body = paragraph._p
    name = bookmark_name(anchor)
    number = str(crc32(name.encode()) >> 1)  # Word wants a number of its own for each, below 2 to the 31st
    start = body.makeelement(qn("w:bookmarkStart"), {qn("w:id"): number, qn("w:name"): name})
    end = body.makeelement(qn("w:bookmarkEnd"), {qn("w:id"): number})
    first = next(iter(body.findall(qn("w:r"))), None)
    if first is None:
        body.append(start)
    else:
        first.addprevious(start)
    body.append(end)


def link_to(paragraph: Any, anchor: str) -> None:
    """Make the runs of the paragraph lead to the place that `anchor` names."""
    from docx.oxml.ns import qn
    from docx.shared import RGBColor

    body = paragraph._p
    for run in paragraph.runs:
        run.underline, run.font.color.rgb = True, RGBColor.from_string(BLUE)
    runs = body.findall(qn("w:r"))
    link = body.makeelement(qn("w:hyperlink"), {qn("w:anchor"): bookmark_name(anchor), qn("w:history"): "1"})
    runs[0].addprevious(link)
    link.extend(runs)


def bookmark_name(anchor: str) -> str:
    """The end of an anchor as Word takes it: letters, digits and underscores, a letter first.

    >>> bookmark_name("propositions-matrix-P1-2")
    'to_propositions_matrix_P1_2'
    """
    return "to_" + re.sub(r"\W", "_", anchor)[-(LONGEST - 3) :]
