"""Workbooks made or damaged by script, for the tests of collection."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl

MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def zipped(members: Mapping[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip file of these members."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def members(data: bytes) -> dict[str, bytes]:
    """The members of a zip file."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def changed(data: bytes, **changes: Callable[[bytes], bytes]) -> bytes:
    """A zip file with members changed: the last part of a member's name (without .xml) -> a function."""
    parts = members(data)
    for short, change in changes.items():
        name = next(name for name in parts if name.split("/")[-1].removesuffix(".xml") == short)
        parts[name] = change(parts[name])
    return zipped(parts)


def tiny(
    sheet: str = "", *, content_type: str = MAIN, extra: Mapping[str, bytes | str] | None = None
) -> bytes:
    """The smallest workbook: one sheet with this XML inside <worksheet>."""
    types = f'<Override PartName="/xl/workbook.xml" ContentType="{content_type}"/>'
    relation = '<Relationship Id="rId1" Target="worksheets/sheet1.xml"/>'
    sheets = '<sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets>'
    return zipped(
        {
            "[Content_Types].xml": f"<Types>{types}</Types>",
            "xl/workbook.xml": f'<workbook xmlns="{SPACE}" xmlns:r="{RELATIONS}">{sheets}</workbook>',
            "xl/_rels/workbook.xml.rels": f"<Relationships>{relation}</Relationships>",
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{SPACE}">{sheet}</worksheet>',
            **(extra or {}),
        }
    )


def edited(path: Path, edit: Callable[[Any], None], out: Path | None = None) -> Path:
    """A workbook changed through openpyxl, as by a program that knows nothing of us."""
    book = openpyxl.load_workbook(path)
    edit(book)
    target = out or path
    book.save(target)
    return target


def renamed_target(data: bytes, name: str, target: str) -> bytes:
    """A workbook whose defined name points elsewhere, as after cutting and pasting its cell."""
    pattern = re.compile(rf'(<definedName name="{name}"[^>]*>)[^<]*'.encode())
    return changed(data, workbook=lambda xml: pattern.sub(rb"\g<1>" + target.encode(), xml))


ODS = "application/vnd.oasis.opendocument.spreadsheet"
ODS_SPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in (("office", "office"), ("table", "table"), ("text", "text"), ("meta", "meta"))
)
CALCEXT = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'


def tiny_ods(rows: str = "", names: str = "", *, extra: Mapping[str, bytes | str] | None = None) -> bytes:
    """The smallest OpenDocument spreadsheet: one sheet S with these rows."""
    table = f'<table:table table:name="S">{rows}</table:table>'
    sheets = f"<office:spreadsheet>{table}<table:named-expressions>{names}</table:named-expressions>"
    body = f"<office:body>{sheets}</office:spreadsheet></office:body>"
    content = f"<office:document-content {ODS_SPACES} {CALCEXT}>{body}</office:document-content>"
    return zipped({"mimetype": ODS, "content.xml": content, **(extra or {})})
