"""A zip file whose bytes depend on its contents alone, with the changing members last.

Everything before the changing members is made once; a further form costs only
the compression of a few small members.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

# 1980-01-01 00:00, the zip format's zero.
DATE, TIME = 0x21, 0
LOCAL, CENTRAL, END = 0x04034B50, 0x02014B50, 0x06054B50
VERSION, DEFLATED, UTF8 = 20, 8, 0x800
LEVEL = 6


@dataclass(frozen=True)
class Packed:
    """The unchanging beginning of a zip file."""

    body: bytes
    directory: bytes
    count: int


def pack(members: Mapping[str, bytes]) -> Packed:
    """Compress the members that never change."""
    body, directory = bytearray(), bytearray()
    for name, data in members.items():
        local, central = _member(name, data, len(body))
        body += local
        directory += central
    return Packed(bytes(body), bytes(directory), len(members))


def finish(packed: Packed, members: Mapping[str, bytes]) -> bytes:
    """The whole zip file: the unchanging beginning, these members, the directory."""
    rest, directory = bytearray(), bytearray(packed.directory)
    for name, data in members.items():
        local, central = _member(name, data, len(packed.body) + len(rest))
        rest += local
        directory += central
    count, start = packed.count + len(members), len(packed.body) + len(rest)
    end = struct.pack("<IHHHHIIH", END, 0, 0, count, count, len(directory), start, 0)
    return b"".join((packed.body, rest, directory, end))


def zip_bytes(members: Mapping[str, bytes]) -> bytes:
    """A zip file of these members."""
    return finish(pack(members), {})


def _member(name: str, data: bytes, offset: int) -> tuple[bytes, bytes]:
    """A member's local part and its entry in the directory."""
    deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, -15)
    return _entry(name, deflate.compress(data) + deflate.flush(), zlib.crc32(data), len(data), offset)


def _entry(name: str, packed: bytes, crc: int, size: int, offset: int) -> tuple[bytes, bytes]:
    encoded = name.encode()
    facts = (VERSION, UTF8, DEFLATED, TIME, DATE, crc, len(packed), size, len(encoded), 0)
    local = struct.pack("<IHHHHHIIIHH", LOCAL, *facts) + encoded + packed
    central = struct.pack("<IHHHHHHIIIHHHHHII", CENTRAL, VERSION, *facts, 0, 0, 0, 0, offset) + encoded
    return local, central


def replaced(data: bytes, changes: Mapping[str, bytes]) -> bytes:
    """A zip file with some members replaced; the others are copied as they are, still compressed."""
    body, directory, count = bytearray(), bytearray(), 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            if info.filename in changes:
                local, central = _member(info.filename, changes[info.filename], len(body))
            else:
                name_length, extra_length = struct.unpack_from("<HH", data, info.header_offset + 26)
                start = info.header_offset + 30 + name_length + extra_length
                packed = data[start : start + info.compress_size]
                local, central = _entry(info.filename, packed, info.CRC, info.file_size, len(body))
            body += local
            directory += central
            count += 1
    return finish(Packed(bytes(body), bytes(directory), count), {})
