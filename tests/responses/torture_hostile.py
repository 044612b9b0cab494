"""The second half of the torture folder: hostile files, and files whose name or kind is odd."""

from __future__ import annotations

import io
import re
import struct
import unicodedata
import warnings
import zipfile
import zlib
from pathlib import Path
from typing import Any

from torture import LAST, MB, OLE, SHEET, Case, cell, form, with_member

from workbooks import MAIN, ODS_SPACES, changed, members, tiny_ods, zipped

# ---- files that are no forms -------------------------------------------------------------------------------


def bomb(name: str, piece: bytes, times: int) -> bytes:
    """The form with one member that unfolds to `times` pieces, never unfolded here."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"".join([*(deflate.compress(piece) for _ in range(times)), deflate.flush()])
    stream = io.BytesIO(zipped({key: data for key, data in members(form()).items() if key != name}))
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr(name, b"x")
    data = stream.getvalue()
    start, directory = data.rfind(b"PK\x03\x04"), data.rfind(b"PK\x01\x02")
    facts = struct.pack("<III", 0, len(packed), len(piece) * times)
    local, central = (
        bytearray(data[start : start + 30 + len(name)]),
        bytearray(data[directory : data.rfind(b"PK\x05\x06")]),
    )
    local[8:10] = central[10:12] = struct.pack("<H", 8)
    local[14:26] = central[16:28] = facts
    whole = data[data.find(b"PK\x01\x02") : directory] + bytes(central)
    body, count = data[:start] + bytes(local) + packed, whole.count(b"PK\x01\x02")
    return body + whole + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, count, count, len(whole), len(body), 0)


def entities(declared: str, used: str) -> bytes:
    """The form with entities declared in its shared part."""
    row = f'<row><c t="inlineStr"><is><t>{used}</t></is></c></row>'
    sheet = f"<worksheet><sheetData>{row}</sheetData></worksheet>"
    return with_member("xl/worksheets/sheet9.xml", f"<!DOCTYPE x [{declared}]>{sheet}".encode())


LONG_ENTITY = f'<!ENTITY a "{"x" * 50_000}">'
FILE_ENTITY = '<!ENTITY a SYSTEM "file:///etc/passwd">'
NET_ENTITY = '<!ENTITY % a SYSTEM "http://localhost/x">%a;'
MANY = {f"m{number}.xml": b"<m/>" for number in range(1001)}
BEYOND = (
    b'<row r="99999999"><c r="XFD99999999"><v>1</v></c></row>'
    b'<row r="-1"><c r="A0"><v>1</v></c></row></sheetData>'
)
LAUGHS = '<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def twice(data: bytes, name: str) -> bytes:
    """The form with one more member at the end, whatever its name."""
    stream = io.BytesIO(data)
    with zipfile.ZipFile(stream, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr(name, b"<worksheet/>")
    return stream.getvalue()


def locked() -> bytes:
    """The form with the mark of an encrypted zip on its members."""
    data = bytearray(form())
    for signature, at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        start = 0
        while (start := data.find(signature, start)) >= 0:
            data[start + at] |= 1
            start += 4
    return bytes(data)


def styled_rows(count: int) -> bytes:
    rows = (f'<row r="{n}" s="1" customFormat="1"><c r="D{n}" s="1"/></row>' for n in range(LAST + 1, count))
    return changed(
        form(), sheet2=lambda xml: xml.replace(b"</sheetData>", "".join(rows).encode() + b"</sheetData>")
    )


def types(data: bytes, old: bytes, new: bytes) -> bytes:
    return changed(data, **{"[Content_Types]": lambda xml: xml.replace(old, new)})


def hostile() -> list[Case]:
    macro = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    old = {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"}
    word = {"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"}
    cut = [
        (f"hostile: cut at {part} of 10", lambda part=part: form()[: len(form()) * part // 10])
        for part in (1, 5, 9)
    ]
    return [
        *(Case(name, make, "R006") for name, make in cut),
        Case("hostile: 0 bytes", lambda: b"", "R003"),
        Case("hostile: blanks only", lambda: b" \r\n" * 50, "R003"),
        Case("hostile: a .csv renamed", lambda: "回答者,Q1\nR-1,5\n".encode("cp932"), "R003"),
        Case("hostile: HTML renamed", lambda: b"<html><table><tr><td>5</td></tr></table></html>", "R003"),
        Case("hostile: PDF renamed", lambda: b"%PDF-1.7\n%\xe2\xe3", "R003"),
        Case("hostile: a .docx renamed", lambda: zipped(word), "R011"),
        Case("hostile: an .odt renamed", lambda: zipped(old), "R011"),
        Case("hostile: a .numbers file", lambda: zipped({"Index/Document.iwa": b"x"}), "R011"),
        Case("hostile: a zip of forms", lambda: zipped({"a.xlsx": form(), "b.xlsx": form()}), "R011"),
        Case("hostile: an old .xls", lambda: OLE + bytes(8000), "R004", file="form.xls"),
        Case(
            "hostile: locked with a password",
            lambda: OLE + bytes(8000) + "EncryptedPackage".encode("utf-16-le"),
            "R005",
        ),
        Case("hostile: members locked with a password", locked, "R005"),
        Case("hostile: macros", lambda: types(form(), MAIN.encode(), macro), "R009", file="form.xlsm"),
        Case("hostile: macros under another name", lambda: with_member("xl/vbaProject.bin", b"x"), "R009"),
        Case(
            "hostile: links to other workbooks",
            lambda: with_member("xl/externalLinks/externalLink1.xml", b"<externalLink/>"),
            "R010",
        ),
        Case("hostile: no content type", lambda: types(form(), MAIN.encode(), b"text/plain"), "R011"),
        Case("hostile: binary workbook", lambda: types(form(), MAIN.encode(), BINARY), "R011"),
        Case("hostile: zip bomb", lambda: bomb("xl/sharedStrings.xml", bytes(MB), 1024), "R007"),
        Case(
            "hostile: zip bomb in the answers",
            lambda: bomb("xl/worksheets/sheet2.xml", b" " * MB, 300),
            "R007",
        ),
        Case("hostile: a thousand members", lambda: zipped(members(form()) | MANY), "R007"),
        Case("hostile: billion laughs", lambda: entities(LAUGHS, "&i;"), "R008"),
        Case("hostile: quadratic blow-up", lambda: entities(LONG_ENTITY, "&a;" * 5_000), "R008"),
        Case("hostile: external entity", lambda: entities(FILE_ENTITY, "&a;"), "R008"),
        Case("hostile: external entity by net", lambda: entities(NET_ENTITY, ""), "R008"),
        Case(
            "hostile: a path that leads out",
            lambda: with_member("../../surveykit_was_here.xml", b"<x/>"),
            "R006",
        ),
        Case(
            "hostile: an absolute path", lambda: with_member("/tmp/surveykit_was_here.xml", b"<x/>"), "R006"
        ),
        Case("hostile: a drive letter", lambda: with_member("C:\\surveykit.xml", b"<x/>"), "R006"),
        Case("hostile: a member twice", lambda: twice(form(), "xl/worksheets/sheet2.xml"), "R006"),
        Case(
            "hostile: a member twice in another case",
            lambda: twice(form(), "XL/Worksheets/Sheet2.xml"),
            "R006",
        ),
        Case("hostile: a cell twice", lambda: swapped_in(b"</row>", b'<c r="D7"><v>2</v></c></row>'), "R006"),
        Case("hostile: a wrong checksum", wrong_checksum, "R006"),
        Case("hostile: a control character in the XML", lambda: swapped_in(b"Agree", b"\x07gree"), "R006"),
        Case("hostile: broken XML", lambda: swapped_in(b"</row>", b""), "R006"),
        Case("hostile: sheet missing", sheet_missing, "R006"),
        Case("hostile: all rows styled", lambda: styled_rows(1_048_577), "R007"),
        Case("hostile: 120,000 rows styled", lambda: styled_rows(120_000)),
        Case(
            "hostile: a shared string that is missing",
            lambda: cell("sk_trust_1", ' t="s"><v>9999</v>'),
            "R006",
        ),
        Case("hostile: rows beyond the last", lambda: swapped_in(b"</sheetData>", BEYOND)),
        Case("hostile: nested a hundred thousand deep", lambda: with_deep(100_000)),
        Case("hostile: fifty thousand names", many_names),
        Case("hostile: .ods that stands for billions of cells", ods_bomb, "R012", file="form.ods"),
    ]


BINARY = b"application/vnd.ms-excel.sheet.binary.macroEnabled.main"


def swapped_in(old: bytes, new: bytes) -> bytes:
    """The form with one piece of its questionnaire sheet changed."""
    return changed(form(), sheet2=lambda xml: xml.replace(old, new, 1))


def sheet_missing() -> bytes:
    parts = members(form())
    del parts["xl/worksheets/sheet2.xml"]
    return zipped(parts)


def wrong_checksum() -> bytes:
    data = bytearray(form())
    at = data.find(b"PK\x01\x02")
    data[at + 16] ^= 0xFF
    return bytes(data)


def with_deep(depth: int) -> bytes:
    deep = b"<x>" * depth + b"</x>" * depth
    return changed(form(), sheet2=lambda xml: xml.replace(b"</worksheet>", deep + b"</worksheet>"))


def many_names() -> bytes:
    more = "".join(f'<definedName name="n{n}">{SHEET}!$A${n + 1}</definedName>' for n in range(50_000))
    return changed(
        form(),
        workbook=lambda xml: xml.replace(b"</definedNames>", more.encode() + b"</definedNames>"),
    )


def ods_bomb() -> bytes:
    row = (
        '<table:table-row table:number-rows-repeated="1048576"><table:table-cell '
        'table:number-columns-repeated="16384" office:value-type="string"><text:p>x</text:p>'
        "</table:table-cell></table:table-row>"
    )
    told = re.findall(
        rb'name="(surveykit_\w+)".*?<vt:lpwstr[^>]*>([^<]*)<', members(form())["docProps/custom.xml"]
    )
    facts = "".join(
        f'<meta:user-defined meta:name="{name.decode()}">{value.decode()}</meta:user-defined>'
        for name, value in told
    )
    meta = f"<office:document-meta {ODS_SPACES}><office:meta>{facts}</office:meta></office:document-meta>"
    name = '<table:named-range table:name="sk_trust_1" table:cell-range-address="$S.$D$7"/>'
    return tiny_ods(row, name, extra={"meta.xml": meta})


# ---- files whose name or kind is odd -----------------------------------------------------------------------


def looped(path: Path) -> None:
    path.symlink_to(path)


def pipe(path: Path) -> None:
    import os

    os.mkfifo(path)


def huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(33 * MB)


def odd_files() -> list[Case]:
    def named(what: str, file: str, **more: Any) -> Case:
        return Case(f"file: {what}", form, file=file, **more)

    return [
        named("a conflict copy", "form (1).xlsx"),
        named("a conflict copy in Japanese", "form - コピー.xlsx"),
        named("a conflict copy in Korean", "form - 복사본.xlsx"),
        named("a workbook saved as .tmp", "8A2F41D0.tmp"),
        named("without an extension", "form"),
        named("a line break in its name", "form\nform.xlsx"),
        named("a name like a formula", "=cmd.xlsx"),
        named("a name of bytes that are no UTF-8", "form\udc93\udcfa.xlsx"),
        named("a name in NFD", unicodedata.normalize("NFD", "회수.xlsx")),
        named("a workbook whose name says it is a mark", "~$form.xlsx"),
        Case(
            "file: Excel's mark of an open workbook",
            lambda: b"\x05Kim  " + bytes(160),
            "R025",
            file="~$form.xlsx",
        ),
        Case(
            "file: LibreOffice's mark of an open workbook",
            lambda: b",me,host,22.11.2026;",
            "R025",
            file=".~lock.form.xlsx#",
        ),
        Case("file: a link to nowhere", looped, "R001", writes=True),
        Case("file: a pipe", pipe, "R001", writes=True),
        Case("file: larger than any form", huge, "R002", writes=True),
    ]
