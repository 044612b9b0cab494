"""The text of a Word document (.docx), read from its zip without trusting it.

Paragraphs become lines. A table row of a short first cell and further cells
becomes ``first: rest``, as transcripts in two columns are meant. Deleted text,
phonetic readings (furigana) and fallback copies of drawings are passed over.
"""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator

from surveykit.errors import Place, SurveykitError
from surveykit.responses.guard import DAMAGE

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
DOCUMENT = "word/document.xml"
LARGEST, MOST_MEMBERS = 20_000_000, 5_000
SPEAKER_LENGTH = 30
PASSED = {f"{WORD}del", f"{WORD}moveFrom", f"{WORD}rt", FALLBACK}
BROKEN = (*DAMAGE, KeyError)  # KeyError: a zip without the part that holds the text


def word_text(data: bytes, place: Place) -> str:
    """The lines of a document.

    Raises
    ------
    SurveykitError
        C055 no Word document, a damaged one, one that is locked or unfolds to more than 20 MB.
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if len(archive.infolist()) > MOST_MEMBERS:
                raise SurveykitError("C055", place=place, reason=f"> {MOST_MEMBERS}")
            with archive.open(DOCUMENT) as member:
                xml = member.read(LARGEST + 1)
        if len(xml) > LARGEST:
            raise SurveykitError("C055", place=place, reason=f"> {LARGEST // 1_000_000} MB")
        root: ET.Element = fromstring(xml, forbid_dtd=True)
    except (*BROKEN, ET.ParseError, DefusedXmlException) as error:
        raise SurveykitError("C055", place=place, reason=" ".join(str(error).split())[:200]) from error
    body = root.find(f"{WORD}body")
    return "\n".join(_lines(body)) if body is not None else ""


def _lines(holder: ET.Element) -> Iterator[str]:
    for element in holder:
        if element.tag == f"{WORD}p":
            yield _said(element)
        elif element.tag == f"{WORD}tbl":
            for row in element.iter(f"{WORD}tr"):
                yield from _row(row)
        elif element.tag not in PASSED:
            yield from _lines(element)


def _row(row: ET.Element) -> Iterator[str]:
    cells = ["\n".join(_lines(cell)).strip() for cell in row.findall(f"{WORD}tc")]
    first, rest = (cells[0], [cell for cell in cells[1:] if cell]) if cells else ("", [])
    if rest and 0 < len(first) <= SPEAKER_LENGTH and "\n" not in first:
        yield f"{first.rstrip(' :：')}: " + " ".join(rest)
    else:
        yield from (cell for cell in cells if cell)


def _said(element: ET.Element) -> str:
    """The text of a paragraph; a line break in it is one here."""
    parts = []
    waiting = [element]
    while waiting:
        one = waiting.pop()
        if one.tag in PASSED:
            continue
        if one.tag == f"{WORD}t":
            parts.append(one.text or "")
        elif one.tag in (f"{WORD}br", f"{WORD}cr"):
            parts.append("\n")
        elif one.tag == f"{WORD}tab":
            parts.append("\t")
        if one.tag != f"{WORD}t":
            waiting += list(one)[::-1]
    return "".join(parts)
