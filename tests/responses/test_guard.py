"""Hostile and wrong files: each refused with its code, in bounded time and memory."""

import io
import struct
import time
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hand_made import sample
from surveykit.errors import SurveykitError
from surveykit.form.excel import write_forms
from surveykit.responses.excel import read_workbook
from surveykit.responses.guard import open_guarded
from workbooks import MAIN, SPACE, tiny, zipped

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENTITIES = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    f'<worksheet xmlns="{SPACE}"><sheetData><row><c t="inlineStr"><is><t>&b;</t></is></c></row>'
    "</sheetData></worksheet>"
)
SHEET1 = "xl/worksheets/sheet1.xml"


def deflated(piece: bytes, times: int) -> bytes:
    """A piece many times over, compressed without ever being unfolded here."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    parts = [deflate.compress(piece) for _ in range(times)]
    return b"".join([*parts, deflate.flush()])


def bomb(name: str, piece: bytes, times: int, declared: int | None = None) -> bytes:
    """A workbook with one member that unfolds to `times` pieces; its sizes may lie."""
    stream = io.BytesIO(tiny())
    packed = deflated(piece, times)
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr(name, b"x")
    data = stream.getvalue()
    # Put the folded bytes in place of the small member, by hand.
    start = data.rfind(b"PK\x03\x04")
    directory = data.rfind(b"PK\x01\x02")
    size = len(piece) * times if declared is None else declared
    facts = struct.pack("<III", 0, len(packed), size)
    local = bytearray(data[start : start + 30 + len(name)])
    local[8:10] = struct.pack("<H", 8)
    local[14:26] = facts
    central = bytearray(data[directory : data.rfind(b"PK\x05\x06")])
    central[10:12] = struct.pack("<H", 8)
    central[16:28] = facts
    old = data[data.find(b"PK\x01\x02") : directory]
    body = data[:start] + bytes(local) + packed
    count = old.count(b"PK\x01\x02") + 1
    whole = old + bytes(central)
    return body + whole + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, count, count, len(whole), len(body), 0)


def encrypted_member() -> bytes:
    data = bytearray(tiny())
    for signature, at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        start = 0
        while (start := data.find(signature, start)) >= 0:
            data[start + at] |= 1
            start += 4
    return bytes(data)


ODS = "application/vnd.oasis.opendocument.spreadsheet"
FORM_PARTS = {"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"}
HOSTILE = {
    "empty": (b"", "R003"),
    "text": ("氏名,回答\n".encode(), "R003"),
    "html saved as xlsx": (b"<html><table><tr><td>5</td></tr></table></html>", "R003"),
    "pdf": (b"%PDF-1.7 ...", "R003"),
    "old xls": (OLE + bytes(600), "R004"),
    "locked with a password": (OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "R005"),
    "encrypted members": (encrypted_member(), "R005"),
    "cut short": (tiny()[:-30], "R006"),
    "half a file": (tiny()[: len(tiny()) // 2], "R006"),
    "two bytes": (b"PK", "R006"),
    "an empty zip": (zipped({}), "R011"),
    "a member twice": (tiny(extra={"XL/workbook.xml": "<workbook/>"}), "R006"),
    "an odd compression": (zipped({"[Content_Types].xml": MAIN}, zipfile.ZIP_LZMA), "R006"),
    "bomb of zeros": (bomb("xl/sharedStrings.xml", bytes(2**20), 1024), "R007"),
    "bomb that lies about its size": (bomb("xl/sharedStrings.xml", b" " * 2**20, 300, declared=10), "R006"),
    "many members": (tiny(extra={f"xl/m{number}.xml": "<m/>" for number in range(1001)}), "R007"),
    "many members of 7 MB": (tiny(extra={f"xl/m{n}.xml": bytes(7 * 2**20) for n in range(5)}), "R007"),
    "entities": (tiny(extra={"xl/worksheets/sheet2.xml": ENTITIES}), "R008"),
    "a document type": (tiny(extra={"xl/styles.xml": "<!doctype x><styleSheet/>"}), "R008"),
    "entities hidden in UTF-16": (tiny(extra={"xl/styles.xml": ENTITIES.encode("utf-16")}), "R013"),
    "another encoding": (
        tiny(extra={"xl/styles.xml": '<?xml version="1.0" encoding="cp037"?><styleSheet/>'}),
        "R013",
    ),
    "xlsm": (tiny(content_type="application/vnd.ms-excel.sheet.macroEnabled.main+xml"), "R009"),
    "xlsm renamed to xlsx": (tiny(extra={"xl/vbaProject.bin": b"x"}), "R009"),
    "xlsb": (tiny(content_type="application/vnd.ms-excel.sheet.binary.macroEnabled.main"), "R011"),
    "links to other workbooks": (tiny(extra={"xl/externalLinks/externalLink1.xml": "<x/>"}), "R010"),
    "docx": (zipped(FORM_PARTS), "R011"),
    "odt": (zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"}), "R011"),
    "an .ods with macros": (zipped({"mimetype": ODS, "Basic/Standard/Module1.xml": "<x/>"}), "R009"),
    "an .ods with a password": (
        zipped({"mimetype": ODS, "META-INF/manifest.xml": "<m><encryption-data/></m>"}),
        "R005",
    ),
    "an .ods with entities": (zipped({"mimetype": ODS, "content.xml": ENTITIES}), "R008"),
    "old Word": (OLE + bytes(600) + "WordDocument".encode("utf-16-le"), "R003"),
    "many sheets, each with a hundred thousand cells": (
        tiny(
            extra={
                f"xl/worksheets/s{n}.xml": "<worksheet>" + "<c/>" * 390_000 + "</worksheet>" for n in range(3)
            }
        ),
        "R012",
    ),
    "a zip of forms": (zipped({"one.xlsx": tiny(), "two.xlsx": tiny()}), "R011"),
    "ten million cells": (bomb("xl/worksheets/sheet9.xml", b"<c><v>1</v></c>" * 1000, 10_000), "R007"),
    "half a million cells": (tiny("<sheetData><row>" + "<c/>" * 500_000 + "</row></sheetData>"), "R012"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_its_code(name: str, tmp_path: Path) -> None:
    data, code = HOSTILE[name]
    path = tmp_path / "form.xlsx"
    path.write_bytes(data)
    tracemalloc.start()
    start = time.process_time()
    with pytest.raises(SurveykitError) as refusal:
        open_guarded(path)
    seconds, peak = time.process_time() - start, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert refusal.value.code == code
    assert refusal.value.place is not None
    assert refusal.value.place.file == str(path)
    # The limits are 32 MB folded and 32 MB unfolded: far more than that would mean a bomb went off.
    assert peak < 100 * 2**20
    assert seconds < 2


def test_a_gigabyte_in_one_string_is_small_on_disk() -> None:
    assert len(HOSTILE["bomb of zeros"][0]) < 2 * 2**20


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "film.xlsx").open("wb") as file:
        file.truncate(33 * 2**20)
    with pytest.raises(SurveykitError, match=r"\[R002\].*32 MB"):
        open_guarded(tmp_path / "film.xlsx")


def test_what_is_not_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "dangling.xlsx").symlink_to(tmp_path / "nowhere.xlsx")
    for path in (tmp_path / "missing.xlsx", tmp_path / "dangling.xlsx", tmp_path):
        with pytest.raises(SurveykitError, match=r"\[R001\]"):
            open_guarded(path)


def test_a_form_of_ours_passes(tmp_path: Path) -> None:
    path = write_forms(sample(), tmp_path)[0]
    assert read_workbook(open_guarded(path)).sheet_members["Questionnaire"] == "xl/worksheets/sheet2.xml"


def test_a_picture_in_the_workbook_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    path.write_bytes(tiny(extra={"xl/media/photo.png": bytes(12 * 2**20)}))
    assert "xl/media/photo.png" not in open_guarded(path).xml


# Any bytes as a workbook, from nothing to nearly one of ours: a refusal with a code, or a workbook.
BYTES = st.one_of(
    st.binary(max_size=300),
    st.binary(max_size=200).map(lambda tail: tiny() + tail),
    st.tuples(st.integers(0, len(tiny()) - 1), st.binary(min_size=1, max_size=8)).map(
        lambda change: tiny()[: change[0]] + change[1] + tiny()[change[0] + len(change[1]) :]
    ),
    st.binary(max_size=400).map(lambda data: tiny(extra={"xl/sharedStrings.xml": data})),
    st.binary(max_size=400).map(lambda data: tiny(extra={SHEET1.replace("1", "2"): data})),
    st.text(max_size=100).map(lambda text: tiny(f"<sheetData><row>{text}</row></sheetData>")),
)


@settings(max_examples=300, deadline=None)
@given(BYTES)
def test_any_bytes_give_a_code_or_a_workbook(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.xlsx"
    path.write_bytes(data)
    try:
        book = read_workbook(open_guarded(path))
        read = [book.sheet(name).name for name in book.sheet_members]
        code = None
    except SurveykitError as refusal:
        read, code = [], refusal.code
    assert read == ["S"] or (code is not None and code.startswith("R0"))


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"Sorry.", ".txt"),
        ("申し訳ありません".encode(), ".txt"),
        (b" ", "0 bytes"),
        (b"\x01\x02\x03", "01 02 03"),
    ],
)
def test_an_unknown_file_is_described_by_what_can_be_seen(data: bytes, kind: str, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(data)
    with pytest.raises(SurveykitError, match=r"\[R003\].*It looks like: " + kind):
        open_guarded(tmp_path / "a.xlsx")
