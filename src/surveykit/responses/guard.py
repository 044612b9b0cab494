"""What stands between a returned file and every parser: size, kind and honesty of a workbook.

Nothing is parsed here. The zip directory is looked at by hand, then the XML
members are unfolded piece by piece under a limit, so that a bomb costs its
limit and no more. Afterwards the members can be handed to the standard
library's XML parser: there is no document type, so there are no entities.
"""

from __future__ import annotations

import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from surveykit.errors import Place, SurveykitError

FILE_LIMIT = 32 * 2**20
MEMBER_LIMIT = 8 * 2**20
TOTAL_LIMIT = 32 * 2**20
MEMBERS_LIMIT = 1_000
DIRECTORY_LIMIT = 256 * 2**10
TAGS_LIMIT, ALL_TAGS_LIMIT = 400_000, 800_000
PIECE = 2**18

END_OF_DIRECTORY, ZIP64_LOCATOR = b"PK\x05\x06", b"PK\x06\x07"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
# What else comes in the container of the old Microsoft formats, by the name of its stream.
OLD_KINDS = {"WordDocument": "Word (.doc)", "PowerPoint Document": "PowerPoint (.ppt)"}
# What the standard library raises where a zip file is damaged.
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    ValueError,
    OSError,
    OverflowError,
    RuntimeError,
)
PARSED = (".xml", ".rels", ".vml")
MACRO_PARTS, MACRO_FOLDERS = ("vbaproject.bin", "vbadata.xml"), ("basic/", "scripts/")
CONTENT_TYPES = "[Content_Types].xml"
MIMETYPE, MANIFEST = "mimetype", "META-INF/manifest.xml"
ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
MAIN_TYPE = re.compile(
    rb"application/vnd\.(openxmlformats-officedocument\.spreadsheetml\.sheet\.main\+xml"
    rb"|ms-excel\.(?P<other>[A-Za-z.]+)\.main\+xml|ms-excel\.sheet\.binary\.(?P<binary>[A-Za-z.]+))"
)
FORBIDDEN_XML = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
ENCODING = re.compile(rb"""^<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)["']""")
SIGNATURES = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"{\\rtf", "RTF"),
    (b"7z\xbc\xaf", "7z"),
    (b"Rar!", "RAR"),
    (b"\x1f\x8b", "gzip"),
    (b"<", "HTML/XML"),
)


@dataclass(frozen=True)
class Members:
    """The XML members of a workbook, unfolded, each known to be harmless to parse.

    `kind` is "xlsx" or "ods".
    """

    file: str
    xml: Mapping[str, bytes]
    kind: str = "xlsx"


def open_guarded(path: str | Path) -> Members:
    """Read a workbook's XML members, in bounded time and memory (`read_bytes`, then `guarded`)."""
    return guarded(read_bytes(path), str(path))


def guarded(data: bytes, file: str) -> Members:
    """Unfold a workbook's XML members.

    Raises
    ------
    SurveykitError
        R003 not a zip file, so no .xlsx or .ods; R004 an .xls file of old; R005 locked with a password; R006
        damaged or cut short; R007 unfolds to more than 8 MB a member, 32 MB in all, or has more than 1,000
        members; R008 a document type or entities in its XML; R009 macros; R010 links to other workbooks;
        R011 a zip file that is no workbook; R012 more cells than a questionnaire can have; R013 XML in
        another encoding than UTF-8.
    """
    place = Place(file=file)
    _check_kind(data, place)
    _check_directory(data, place)
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            _check_names(archive, place)
            xml = _unfold(archive, place)
    except DAMAGE as bad:
        raise SurveykitError("R006", place=place, reason=str(bad) or type(bad).__name__) from None
    kind = "ods" if xml.pop(MIMETYPE, b"").startswith(ODS_TYPE) else "xlsx"
    if kind == "ods" and (b"encryption-data" in xml.get(MANIFEST, b"") or "encrypted-package" in xml):
        raise SurveykitError("R005", place=place)
    if kind == "xlsx":
        _check_workbook(xml, place)
    tags = 0
    for name, member in xml.items():
        tags += _check_xml(name, member, place)
        if tags > ALL_TAGS_LIMIT:
            raise SurveykitError("R012", place=place, member=name, limit=ALL_TAGS_LIMIT // 4)
    return Members(file, xml, kind)


def read_bytes(path: str | Path) -> bytes:
    """A returned file as it is.

    Raises
    ------
    SurveykitError
        R001 not a file that can be read; R002 larger than 32 MB.
    """
    place = Place(file=str(path))
    try:
        about = Path(path).stat()
        if not stat.S_ISREG(about.st_mode):
            raise SurveykitError("R001", place=place, reason="not a regular file")
        if about.st_size > FILE_LIMIT:
            raise SurveykitError("R002", place=place, size=about.st_size, limit=FILE_LIMIT // 2**20)
        with Path(path).open("rb") as file:
            return file.read(FILE_LIMIT + 1)
    except OSError as problem:
        raise SurveykitError("R001", place=place, reason=problem.strerror or str(problem)) from None


def _check_kind(data: bytes, place: Place) -> None:
    """By the first bytes, never by the name."""
    if data.startswith(OLE):
        if ENCRYPTED_STREAM in data:
            raise SurveykitError("R005", place=place)
        for stream, kind in OLD_KINDS.items():
            if stream.encode("utf-16-le") in data:
                raise SurveykitError("R003", place=place, kind=kind)
        raise SurveykitError("R004", place=place)
    if not data.startswith(b"PK"):
        known = next((name for start, name in SIGNATURES if data.lstrip().startswith(start)), None)
        raise SurveykitError("R003", place=place, kind=known or _unknown(data))


def _unknown(data: bytes) -> str:
    """What can be said of a file of no known kind, in words of no language: text, or how it begins."""
    if not data.strip():
        return "0 bytes"
    begin = data[:4096].decode("utf-8", "ignore")
    if len(begin.encode()) > min(len(data), 4096) - 4 and all(c.isprintable() or c.isspace() for c in begin):
        return ".txt"
    return data[:4].hex(" ").upper() + " …"


def _check_directory(data: bytes, place: Place) -> None:
    """The zip's own count of its members, before a directory of any length is read."""
    end = data.rfind(END_OF_DIRECTORY, max(0, len(data) - 65_557))
    if end < 0 or len(data) < end + 22:
        raise SurveykitError("R006", place=place, reason="no end of the zip directory")
    count, size, _ = struct.unpack("<HII", data[end + 10 : end + 20])
    huge = data[max(0, end - 20) : end].startswith(ZIP64_LOCATOR)
    if huge or count > MEMBERS_LIMIT or size > DIRECTORY_LIMIT:
        raise SurveykitError("R007", place=place, **_limits())


def plain_name(name: str) -> str:
    """A member's name; some programs on Windows write it with backslashes."""
    return name.replace("\\", "/")


def _limits() -> dict[str, int]:
    return {"member": MEMBER_LIMIT // 2**20, "total": TOTAL_LIMIT // 2**20, "members": MEMBERS_LIMIT}


def _check_names(archive: zipfile.ZipFile, place: Place) -> None:
    names = [plain_name(name) for name in archive.namelist()]
    if len(names) > MEMBERS_LIMIT:
        raise SurveykitError("R007", place=place, **_limits())
    if any(name.startswith("/") or ".." in name.split("/") or name[1:2] == ":" for name in names):
        raise SurveykitError("R006", place=place, reason="a member's name leads out of the workbook")
    if len({name.casefold() for name in names}) < len(names):
        raise SurveykitError("R006", place=place, reason="a member stands twice")
    if any(info.flag_bits & 1 for info in archive.infolist()):
        raise SurveykitError("R005", place=place)
    lower = [name.casefold() for name in names]
    if any(name.endswith(MACRO_PARTS) or name.startswith(MACRO_FOLDERS) for name in lower):
        raise SurveykitError("R009", place=place)
    if any(name.startswith("xl/externallinks/") for name in lower):
        raise SurveykitError("R010", place=place)


def _unfold(archive: zipfile.ZipFile, place: Place) -> dict[str, bytes]:
    """The XML members, each read in pieces under the limits; pictures and the like stay folded."""
    unfolded: dict[str, bytes] = {}
    total = 0
    for info in archive.infolist():
        if not info.filename.casefold().endswith(PARSED) and info.filename != MIMETYPE:
            continue
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise SurveykitError("R006", place=place, reason=f"compression method {info.compress_type}")
        room = min(MEMBER_LIMIT, TOTAL_LIMIT - total)
        pieces, size = [], 0
        with archive.open(info) as member:
            while piece := member.read(PIECE):
                size += len(piece)
                if size > room:
                    raise SurveykitError("R007", place=place, **_limits())
                pieces.append(piece)
        total += size
        unfolded[plain_name(info.filename)] = pieces[0] if len(pieces) == 1 else b"".join(pieces)
    return unfolded


def _check_workbook(xml: Mapping[str, bytes], place: Place) -> None:
    """That the zip is an Excel workbook without macros."""
    types = xml.get(CONTENT_TYPES)
    main = MAIN_TYPE.search(types) if types is not None else None
    if main is None:
        raise SurveykitError("R011", place=place)
    if main["binary"] or b"binary" in (main["other"] or b""):
        raise SurveykitError("R011", place=place)
    if main["other"]:
        raise SurveykitError("R009", place=place)


def _check_xml(name: str, member: bytes, place: Place) -> int:
    """That a member may be parsed; how many tags it has."""
    encoding = ENCODING.match(member.removeprefix(b"\xef\xbb\xbf")[:200])
    declared = encoding[1].decode("ascii", "replace").casefold() if encoding else "utf-8"
    if b"\0" in member or declared not in ("utf-8", "utf8", "us-ascii", "ascii"):
        raise SurveykitError("R013", place=place, member=name)
    if b"<!" in member and FORBIDDEN_XML.search(member):
        raise SurveykitError("R008", place=place, member=name)
    tags = member.count(b"<")
    if tags > TAGS_LIMIT:
        raise SurveykitError("R012", place=place, member=name, limit=TAGS_LIMIT // 4)
    return tags
