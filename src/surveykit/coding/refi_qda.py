"""REFI-QDA, the exchange format of NVivo, ATLAS.ti, MAXQDA and QualCoder: projects and codebooks, out."""

from __future__ import annotations

import uuid
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from surveykit.coding.codebook import Codebook
from surveykit.coding.qda_zip import zip_bytes
from surveykit.coding.segments import COLUMNS, Segments, without_na
from surveykit.errors import Note, note
from surveykit.results import Result, plain
from surveykit.version import __version__

PROJECT, CODEBOOK = "urn:QDA-XML:project:1.0", "urn:QDA-XML:codebook:1.0"
ORIGIN = "surveykit"
# Codings carry no date, but a program that reads notes may ask for one.
UNDATED = "2026-01-01T00:00:00Z"
FACTS = ("name", "level", "relation", "definition", "when", "when_not", "example", "memos")
# What a coding has beyond its place, its code and its coder.
REMARKS = ("segment", "item", "stance", "proposition", "summary", "passage")


@dataclass(frozen=True)
class QdaProject(Result):
    """What a .qdpx holds: `codes` as `Codebook.to_frame`, `segments` as `Segments.frame`, `texts` by name.

    `texts` has a key per transcript: the respondent, or respondent and item as in ``A1/q07``. Codes
    stand below their parents, segments in the order of their texts.
    """

    name: str
    codes: pd.DataFrame
    segments: pd.DataFrame
    texts: dict[str, str]
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.segments

    def to_dict(self) -> dict[str, Any]:
        return {**super().to_dict(), "segments": plain(without_na(self.segments))}


def qda_project(codebook: Codebook, segments: Segments, texts: Mapping[str, str] | None = None) -> QdaProject:
    """A study as a project to exchange.

    Parameters
    ----------
    codebook : Codebook
    segments : Segments
    texts : mapping, optional
        Transcripts by respondent, or by respondent and item (``"A1/q07"``). Segments without offsets
        are attached to the whole text of their respondent.

    Returns
    -------
    QdaProject
        `notes`: C045 rows without a code (REFI-QDA has no place for them) were left out; C046 a text
        has characters beyond the Basic Multilingual Plane, after which other programs may count otherwise.

    Examples
    --------
    >>> import tempfile
    >>> import surveykit as sk
    >>> book = sk.read_codebook("analyses/lee_trim_interviews/codebook.yaml")
    >>> coded = sk.read_segments("analyses/lee_trim_interviews/segments.csv", book)
    >>> project = sk.qda_project(book, coded)
    >>> path = sk.write_qdpx(project, Path(tempfile.mkdtemp()) / "study.qdpx")
    >>> len(sk.read_qdpx(path).segments) == len(coded.frame)
    True
    """
    texts = dict(texts or {})
    rows = segments.frame[segments.frame["code"] != ""]
    source = rows["respondent"] + "/" + rows["item"]
    source = source.where(source.isin(list(texts)), rows["respondent"])
    named = [*texts, *dict.fromkeys(name for name in source if name not in texts)]
    place = source.map({name: rank for rank, name in enumerate(named)})
    first = rows["segment"].map({id: rank for rank, id in enumerate(dict.fromkeys(rows["segment"]))})
    order = rows.assign(_place=place, _whole=rows["start"].isna(), _first=first)
    ordered = order.sort_values(["_place", "_whole", "_first"], kind="stable")[list(COLUMNS)]
    left = len(segments.frame) - len(rows)
    notes = [note("C045", dropped=left)] if left else []
    wide = [name for name, text in texts.items() if text and max(text) > "\uffff"]
    notes += [note("C046", texts=", ".join(wide))] if wide else []
    return QdaProject(
        codebook.codebook, _nested(codebook.to_frame()), ordered.reset_index(drop=True), texts, tuple(notes)
    )


def write_qdpx(project: QdaProject, path: str | Path) -> Path:
    """A project as a .qdpx file, valid against the REFI-QDA schema; the same bytes for the same project.

    Examples
    --------
    >>> write_qdpx(qda_project(codebook, segments, texts), "study.qdpx")  # doctest: +SKIP
    """
    root = ET.Element(
        "Project", {"xmlns": PROJECT, "name": project.name, "origin": f"{ORIGIN} {__version__}"}
    )
    coders = list(dict.fromkeys(project.segments["coder"]))
    if coders:
        users = ET.SubElement(root, "Users")
        for coder in coders:
            ET.SubElement(users, "User", guid=guid("user", coder), name=coder)
    _add_codes(ET.SubElement(root, "CodeBook"), project.codes)
    files, remarks = {}, ET.Element("Notes")
    sources = _by_source(project)
    if sources:
        holder = ET.SubElement(root, "Sources")
        for key, rows in sources.items():
            element = ET.SubElement(holder, "TextSource", guid=guid("source", key), name=file_name(key))
            told = {"text": key} if file_name(key) != key else {}
            told |= {} if key in project.texts else {"withheld": "yes"}
            if told:
                ET.SubElement(element, "Description").text = lines_of(told)
            # The standard asks for a text, and programs stop without one: what is withheld is an empty file.
            element.set("plainTextPath", f"internal://{guid('source', key)}.txt")
            files[f"sources/{guid('source', key)}.txt"] = project.texts.get(key, "").encode("utf-8")
            _add_codings(element, rows, remarks)
    if len(remarks):
        root.append(remarks)
    target = Path(path)
    target.write_bytes(zip_bytes({"project.qde": _xml(root), **files}))
    return target


def write_qdc(codebook: Codebook, path: str | Path) -> Path:
    """A codebook as a .qdc file, codes nested under their parents.

    Examples
    --------
    >>> import tempfile
    >>> import surveykit as sk
    >>> book = sk.read_codebook("analyses/lee_trim_interviews/codebook.yaml")
    >>> path = sk.write_qdc(book, Path(tempfile.mkdtemp()) / "codes.qdc")
    >>> len(sk.read_qdc(path)) == len(book.codes)
    True
    """
    root = ET.Element("CodeBook", {"xmlns": CODEBOOK, "origin": f"{ORIGIN} {__version__}"})
    _add_codes(root, _nested(codebook.to_frame()))
    target = Path(path)
    target.write_bytes(_xml(root))
    return target


def guid(kind: str, name: str) -> str:
    """The same id for the same thing, in every run."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{ORIGIN}:{kind}:{name}"))


def _xml(root: ET.Element) -> bytes:
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _nested(codes: pd.DataFrame) -> pd.DataFrame:
    """Codes in the order of a tree: each parent before its children."""
    codes = codes.astype(object).where(codes.notna(), None)
    below: dict[str, list[int]] = {}
    for row, parent in enumerate(codes["parent"]):
        below.setdefault(parent or "", []).append(row)
    order: list[int] = []
    waiting = below.get("", [])[::-1]
    while waiting:
        row = waiting.pop()
        order.append(row)
        waiting += below.get(str(codes["code"].iloc[row]), [])[::-1]
    return codes.iloc[order].reset_index(drop=True)


def _add_codes(parent: ET.Element, codes: pd.DataFrame) -> None:
    """Nested codes, parents first in `codes`."""
    top = ET.SubElement(parent, "Codes")
    elements: dict[str, ET.Element] = {}
    for row in codes.to_dict("records"):
        holder = elements[row["parent"]] if row["parent"] else top
        id = str(row["code"])
        facts = {"guid": guid("code", id), "name": str(row["name"]), "isCodable": "true"}
        elements[id] = ET.SubElement(holder, "Code", facts)
        told = {"code": id, **{key: row[key] for key in FACTS if row[key]}}
        ET.SubElement(elements[id], "Description").text = lines_of(told)


def _by_source(project: QdaProject) -> dict[str, pd.DataFrame]:
    rows = project.segments
    source = rows["respondent"] + "/" + rows["item"]
    source = source.where(source.isin(list(project.texts)), rows["respondent"])
    return {name: rows[source == name] for name in dict.fromkeys([*project.texts, *source])}


def file_name(key: str) -> str:
    """A text's name: other programs make a file of it, so the slash of ``A1/q07`` cannot stand there."""
    return key.replace("/", "_")


def _add_codings(source: ET.Element, rows: pd.DataFrame, remarks: ET.Element) -> None:
    """A selection for each placed row, with its coder and what else is known; then codings of the whole text.

    Other programs take the coder and the remark from the selection, so no two rows share one.
    """
    for row in rows.to_dict("records"):
        key = "\x1f".join(str(row[name]) for name in ("segment", "code", "coder", "proposition"))
        told = lines_of({name: row[name] for name in REMARKS if row[name]})
        user = guid("user", row["coder"])
        holder = source
        if not pd.isna(row["start"]):
            places = {"startPosition": str(row["start"]), "endPosition": str(row["end"])}
            own = {
                "guid": guid("selection", key),
                "name": str(row["segment"]),
                **places,
                "creatingUser": user,
            }
            holder = ET.SubElement(source, "PlainTextSelection", own)
            ET.SubElement(holder, "Description").text = told
        coding = ET.SubElement(holder, "Coding", guid=guid("coding", key), creatingUser=user)
        ET.SubElement(coding, "CodeRef", targetGUID=guid("code", row["code"]))
        if holder is source:
            ET.SubElement(coding, "NoteRef", targetGUID=guid("note", key))
            about = {"guid": guid("note", key), "name": str(row["segment"]), "creationDateTime": UNDATED}
            remark = ET.SubElement(remarks, "Note", about)
            ET.SubElement(remark, "PlainTextContent").text = told


def lines_of(facts: Mapping[str, Any]) -> str:
    """``key: value`` a line, so that a reader of another program can use it; further lines are indented."""
    return "\n".join(f"{key}: " + str(value).replace("\n", "\n  ") for key, value in facts.items())


def facts_of(text: str) -> dict[str, str]:
    """What `lines_of` wrote."""
    facts: dict[str, str] = {}
    key = ""
    for line in text.split("\n"):
        if line.startswith("  ") and key:
            facts[key] += "\n" + line[2:]
        else:
            key, _, value = line.partition(": ")
            facts[key] = value
    return facts
