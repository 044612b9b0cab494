"""REFI-QDA in: projects and codebooks that NVivo, ATLAS.ti, MAXQDA, QualCoder or surveykit wrote."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from surveykit.coding.qda_zip import LARGEST_MEMBER, zip_texts
from surveykit.coding.refi_qda import CODEBOOK, FACTS, ORIGIN, PROJECT, REMARKS, QdaProject, facts_of
from surveykit.coding.segments import COLUMNS
from surveykit.errors import Place, SurveykitError, note

UNREAD = ("PictureSource", "PDFSource", "AudioSource", "VideoSource", "Set", "Graph", "Link")


def read_qdpx(path: str | Path) -> QdaProject:
    """The codes, texts and coded passages of a .qdpx file.

    Returns
    -------
    QdaProject
        What `write_qdpx` wrote, identically; its remarks also after another program has passed them on.
        From another program: a text's name becomes the respondent, a selection's guid the segment, a code's
        name the code (as an id). `notes`: C044 what was not read; C047 texts with Windows line ends,
        which programs count differently.

    Raises
    ------
    SurveykitError
        C040 no usable zip file; C041 no REFI-QDA project in it; C042 a code, coder, note or text that is
        pointed to is not there; C043 a passage that leaves its text.

    Examples
    --------
    >>> read_qdpx("study.qdpx").segments                  # doctest: +SKIP
    """
    place = Place(file=str(path))
    files = zip_texts(Path(path))
    inside = next((name for name in files if name.endswith(".qde")), None)
    if inside is None:
        raise SurveykitError("C041", place=place, what="project", reason=".qde")
    root = _root(files[inside], f"{{{PROJECT}}}Project", "project", place)
    ours = root.get("origin", "").startswith(ORIGIN)
    codes, by_guid = _codes(root, PROJECT, place)
    users = {one.get("guid"): one.get("name", "") for one in root.iter(f"{{{PROJECT}}}User")}
    remarks = {
        one.get("guid"): one.findtext(f"{{{PROJECT}}}PlainTextContent") or ""
        for one in root.iterfind(f"{{{PROJECT}}}Notes/{{{PROJECT}}}Note")
    }
    known = {"code": by_guid, "user": users, "note": remarks}
    texts: dict[str, str] = {}
    windows: list[str] = []
    rows: list[dict[str, Any]] = []
    for source in root.iterfind(f"{{{PROJECT}}}Sources/{{{PROJECT}}}TextSource"):
        described = source.findtext(f"{{{PROJECT}}}Description") or ""
        # What surveykit wrote is known by its first word, also after another program has passed it on.
        told = facts_of(described) if described.startswith(("text: ", "withheld: ")) else {}
        name = told.get("text") or str(source.get("name") or source.get("guid"))
        text = None if "withheld" in told else _text(source, files, "utf-8" if ours else "utf-8-sig", place)
        if text is not None and not ours and "\r\n" in text:
            windows.append(name)
            # ATLAS.ti counts a line end as one character, whatever stands in the file.
            text = text.replace("\r\n", "\n") if "ATLAS" in root.get("origin", "") else text
        if text is not None:
            texts[name] = text
        rows += _rows(source, name, text, known, ours, place)
    segments = pd.DataFrame(rows, columns=list(COLUMNS))
    offsets = {key: segments[key].astype("Int64") for key in ("start", "end")}
    unread = [one for one in UNREAD if root.find(f".//{{{PROJECT}}}{one}") is not None]
    notes = [note("C044", parts=", ".join(unread))] if unread else []
    notes += [note("C047", texts=", ".join(windows[:30]))] if windows else []
    return QdaProject(root.get("name", ""), codes, segments.assign(**offsets), texts, tuple(notes))


def read_qdc(path: str | Path) -> pd.DataFrame:
    """The codes of a .qdc file, as `Codebook.to_frame` has them, parents first.

    Raises
    ------
    SurveykitError
        C041 it cannot be read or is no REFI-QDA codebook.

    Examples
    --------
    >>> read_qdc("codes.qdc")[["code", "parent"]]         # doctest: +SKIP
    """
    place = Place(file=str(path))
    try:
        with Path(path).open("rb") as stream:
            data = stream.read(LARGEST_MEMBER)
    except (OSError, ValueError) as error:
        raise SurveykitError("C041", place=place, what="codebook", reason=str(error)[:200]) from error
    root = _root(data, f"{{{CODEBOOK}}}CodeBook", "codebook", place)
    return _codes(root, CODEBOOK, place)[0]


def _root(data: bytes, tag: str, what: str, place: Place) -> ET.Element:
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root: ET.Element = fromstring(data, forbid_dtd=True)
    except (ET.ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise SurveykitError("C041", place=place, what=what, reason=str(error)[:200]) from error
    if root.tag != tag:
        raise SurveykitError("C041", place=place, what=what, reason=root.tag[:200])
    return root


def _codes(root: ET.Element, space: str, place: Place) -> tuple[pd.DataFrame, dict[str | None, str]]:
    """Codes parents first, and their ids by guid."""
    start = root.find(f".//{{{space}}}Codes")
    waiting: list[tuple[ET.Element, str | None]] = [
        (one, None) for one in reversed(list(start if start is not None else []))
    ]
    rows, by_guid, used = [], dict[str | None, str](), set[str]()
    while waiting:
        element, parent = waiting.pop()
        described = element.findtext(f"{{{space}}}Description") or ""
        facts = facts_of(described) if described.startswith("code: ") else {}
        name = element.get("name", "")
        id = facts.get("code") or _id(name, used)
        if id in used or element.get("guid") in by_guid:
            raise SurveykitError("C042", place=place, what="code", id=id)
        used.add(id)
        by_guid[element.get("guid")] = id
        told = facts or {"name": name, "level": "open", "definition": described or name}
        # The name may have been changed in the other program.
        row = {key: told.get(key) for key in FACTS} | {"name": name, "memos": told.get("memos", "")}
        rows.append({"code": id, "parent": parent, **row})
        below = element.findall(f"{{{space}}}Code")
        waiting += [(one, id) for one in reversed(below)]
    columns = ["code", "name", "level", "parent", *[key for key in FACTS if key not in ("name", "level")]]
    frame = pd.DataFrame(rows, columns=columns).astype(object)
    return frame.where(frame.notna(), None), by_guid


def _id(name: str, used: set[str]) -> str:
    """An id from another program's name; names that have no Latin letters are numbered."""
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:50]
    plain = plain if plain[:1].isalpha() else f"code_{plain or len(used) + 1}"
    id, count = plain, 1
    while id in used:
        count += 1
        id = f"{plain}_{count}"
    return id


def _text(source: ET.Element, files: Mapping[str, bytes], encoding: str, place: Place) -> str | None:
    """The text of a source; other programs put a byte order mark in front, which is no character of it."""
    where = source.get("plainTextPath")
    if not where:
        inline = source.find(f"{{{PROJECT}}}PlainTextContent")
        return None if inline is None else inline.text or ""
    name = where.removeprefix("internal://").lower()
    found = next((files[one] for one in (f"sources/{name}", name) if one in files), None)
    if found is None:
        raise SurveykitError("C042", place=place, what="text", id=where[:200])
    try:
        return found.decode(encoding)
    except UnicodeDecodeError as error:
        raise SurveykitError("C041", place=place, what="text", reason=str(error)[:200]) from error


def _rows(
    source: ET.Element,
    name: str,
    text: str | None,
    known: Mapping[str, Mapping[str | None, str]],
    ours: bool,
    place: Place,
) -> Iterator[dict[str, Any]]:
    """A row per coding of a text: those of its passages, then those of the whole."""
    for selection in source.iterfind(f"{{{PROJECT}}}PlainTextSelection"):
        start, end = _offsets(selection, name, text, place)
        passage = "" if ours or text is None else text[start:end]
        base = {"segment": selection.get("guid"), "start": start, "end": end, "passage": passage}
        told = selection.findtext(f"{{{PROJECT}}}Description") or ""
        for coding in selection.iterfind(f"{{{PROJECT}}}Coding"):
            yield _coding(coding, {**base, "respondent": name}, told, known, ours, place)
    for coding in source.iterfind(f"{{{PROJECT}}}Coding"):
        base = {"segment": coding.get("guid"), "start": None, "end": None, "passage": ""}
        yield _coding(coding, {**base, "respondent": name}, "", known, ours, place)


def _coding(
    coding: ET.Element,
    base: dict[str, Any],
    told: str,
    known: Mapping[str, Mapping[str | None, str]],
    ours: bool,
    place: Place,
) -> dict[str, Any]:
    code = _pointed(coding.find(f"{{{PROJECT}}}CodeRef"), "code", known, place)
    user = coding.get("creatingUser")
    if user is not None and user not in known["user"]:
        raise SurveykitError("C042", place=place, what="user", id=user[:200])
    row: dict[str, Any] = dict.fromkeys(COLUMNS, "")
    row |= {**base, "code": code, "coder": known["user"][user] if user is not None else ""}
    remark = coding.find(f"{{{PROJECT}}}NoteRef")
    told = told if remark is None else _pointed(remark, "note", known, place)
    if not ours and not told.startswith("segment: "):
        return {**row, "summary": told}
    row |= {key: value for key, value in facts_of(told).items() if key in REMARKS}
    row["respondent"] = (
        row["respondent"].removesuffix(f"/{row['item']}") if row["item"] else row["respondent"]
    )
    return row


def _pointed(
    element: ET.Element | None, what: str, known: Mapping[str, Mapping[str | None, str]], place: Place
) -> str:
    target = None if element is None else element.get("targetGUID")
    if target not in known[what]:
        raise SurveykitError("C042", place=place, what=what, id=str(target)[:200])
    return known[what][target]


def _offsets(selection: ET.Element, name: str, text: str | None, place: Place) -> tuple[int, int]:
    start, end = selection.get("startPosition", ""), selection.get("endPosition", "")
    number = re.compile(r"[0-9]{1,9}")
    length = len(text) if text is not None else 10**9
    if number.fullmatch(start) and number.fullmatch(end) and int(start) <= int(end) <= length:
        return int(start), int(end)
    facts = {"start": start[:20], "end": end[:20], "text": name[:60], "length": length}
    raise SurveykitError("C043", place=place, **facts)
