"""What lies on an Excel workbook's sheets beside its cells: comments of both kinds, text boxes, shapes."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from posixpath import dirname, join, normpath
from urllib.parse import unquote

from surveykit.errors import SurveykitError
from surveykit.responses.book import Aside, column_letters, local, parse_xml, sound_text

# Parts with these in their names are the only ones that matter here; most forms have none.
WORDS_OF_PARTS = ("comment", "drawing")
COMMENTS, THREADED, DRAWING, VML = "comments", "threadedComment", "drawing", "vmlDrawing"
ANCHORS = ("twoCellAnchor", "oneCellAnchor", "absoluteAnchor")
# A comment is a shape of this kind in the old drawings; the others are buttons, boxes and the like.
OLD_SHAPE = re.compile(rb'ObjectType\s*=\s*"(\w+)"')
NOTE = b"Note"
# Longer numbers count nothing on a sheet, and Python refuses to read the longest.
MOST_DIGITS = 8


def asides_of(xml: Mapping[str, bytes], sheets: Mapping[str, str]) -> tuple[Aside, ...]:
    """The comments and drawings of these sheets (name -> member)."""
    if not any(word in name.casefold() for name in xml for word in WORDS_OF_PARTS):
        return ()
    return tuple(aside for sheet, member in sheets.items() for aside in _of_sheet(xml, sheet, member))


def _of_sheet(xml: Mapping[str, bytes], sheet: str, member: str) -> Iterator[Aside]:
    parts: dict[str, list[str]] = {}
    for relation in _tree(xml, rels_of(member)):
        kind = relation.get("Type", "").rsplit("/", 1)[-1]
        parts.setdefault(kind, []).append(target_of(member, relation))
    threaded = [one for part in parts.get(THREADED, ()) for one in _threaded(xml, sheet, part)]
    yield from threaded
    # Beside each threaded comment Excel leaves a copy for programs that know the old kind alone.
    told = {one.cell for one in threaded}
    for part in parts.get(COMMENTS, ()):
        yield from (one for one in _comments(xml, sheet, part) if one.cell not in told)
    for part in parts.get(DRAWING, ()):
        yield from _drawings(xml, sheet, part)
    for part in parts.get(VML, ()):
        others = [kind for kind in OLD_SHAPE.findall(xml.get(part, b"")) if kind != NOTE]
        yield from (Aside("drawing", sheet, None, "") for _ in others)


def _tree(xml: Mapping[str, bytes], member: str) -> ET.Element:
    """A part; where it is damaged nothing, since the answers do not depend on it."""
    try:
        return parse_xml(xml[member], member) if xml.get(member) else ET.Element("none")
    except SurveykitError:
        return ET.Element("none")


def _threaded(xml: Mapping[str, bytes], sheet: str, part: str) -> Iterator[Aside]:
    """Comments with their replies, each for itself."""
    for one in _tree(xml, part):
        words = next((child.text or "" for child in one if local(child.tag) == "text"), "")
        if words.strip():
            yield Aside("comment", sheet, one.get("ref"), sound_text(words).strip())


def _comments(xml: Mapping[str, bytes], sheet: str, part: str) -> Iterator[Aside]:
    """The comments of old; Excel writes its user's name in front, which nobody asked for."""
    root = _tree(xml, part)
    names = [one.text or "" for one in root.iter() if local(one.tag) == "author"]
    for one in root.iter():
        if local(one.tag) != "comment":
            continue
        words = "".join(rich_text(child) for child in one if local(child.tag) == "text").strip()
        who = one.get("authorId", "")
        known = who.isdecimal() and len(who) < MOST_DIGITS and int(who) < len(names)
        name = names[int(who)] if known else ""
        words = words.removeprefix(f"{name}:").strip() if name else words
        if words:
            yield Aside("comment", sheet, one.get("ref"), words)


def _drawings(xml: Mapping[str, bytes], sheet: str, part: str) -> Iterator[Aside]:
    """Text boxes, shapes and pictures, each with the text that stands in it."""
    for anchor in _tree(xml, part).iter():
        if local(anchor.tag) in ANCHORS:
            paragraphs = [_paragraph(one) for one in anchor.iter() if local(one.tag) == "p"]
            text = "\n".join(one for one in paragraphs if one).strip()
            yield Aside("drawing", sheet, _fastened(anchor), text)


def _paragraph(paragraph: ET.Element) -> str:
    return sound_text("".join(one.text or "" for one in paragraph.iter() if local(one.tag) == "t"))


def _fastened(anchor: ET.Element) -> str | None:
    """The cell under a drawing's upper left corner."""
    corner = next((one for one in anchor if local(one.tag) == "from"), None)
    at = {local(one.tag): one.text or "" for one in corner} if corner is not None else {}
    row, column = at.get("row", ""), at.get("col", "")
    if row.isdecimal() and column.isdecimal() and len(row) < MOST_DIGITS and len(column) < 6:
        return f"{column_letters(int(column) + 1)}{int(row) + 1}"
    return None


def rels_of(part: str) -> str:
    """The member that holds a part's relationships."""
    return join(dirname(part), "_rels", part.rsplit("/", 1)[-1] + ".rels")


def target_of(part: str, relation: ET.Element) -> str:
    """The member that a relationship means, seen from the part that has it."""
    target = unquote(relation.get("Target", ""))
    return target.lstrip("/") if target.startswith("/") else normpath(join(dirname(part), target))


def rich_text(element: ET.Element) -> str:
    """The text of a shared or inline string; phonetic readings (furigana) are not part of it."""
    if len(element) == 1 and local(element[0].tag) == "t":
        return sound_text(element[0].text or "")
    parts = []
    for child in element:
        tag = local(child.tag)
        if tag == "t":
            parts.append(child.text or "")
        elif tag == "r":
            parts += [one.text or "" for one in child if local(one.tag) == "t"]
    return sound_text("".join(parts))
