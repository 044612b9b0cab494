"""A .qdpx file as bytes by name: read without trusting it, written the same each time."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from surveykit.errors import Place, SurveykitError
from surveykit.responses.guard import DAMAGE

EPOCH = (1980, 1, 1, 0, 0, 0)
LARGEST_MEMBER, LARGEST_FILE, MOST_MEMBERS = 100_000_000, 500_000_000, 20_000


def zip_bytes(files: Mapping[str, bytes]) -> bytes:
    """The same bytes for the same files, whenever and wherever they are written."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            member = zipfile.ZipInfo(name, EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            member.create_system = 3
            archive.writestr(member, content)
    return buffer.getvalue()


def zip_texts(path: Path) -> dict[str, bytes]:
    """The project file and the texts of a .qdpx by lower-case path; pictures and sound are not read.

    Raises
    ------
    SurveykitError
        C040 no zip file, a damaged one, one that is too large, or a path that leads out of it.
    """
    place = Place(file=str(path))
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            _check(infos, place)
            wanted = [info for info in infos if info.filename.lower().endswith((".qde", ".txt"))]
            return {info.filename.lower(): _content(archive, info, place) for info in wanted}
    except DAMAGE as error:
        raise SurveykitError("C040", place=place, reason=" ".join(str(error).split())[:200]) from error


def _check(infos: list[zipfile.ZipInfo], place: Place) -> None:
    if len(infos) > MOST_MEMBERS or sum(info.file_size for info in infos) > LARGEST_FILE:
        raise SurveykitError("C040", place=place, reason=f"> {LARGEST_FILE // 1_000_000} MB")
    seen: set[str] = set()
    for info in infos:
        name = info.filename.replace("\\", "/")
        mode = info.external_attr >> 16
        odd = bool(mode) and stat.S_IFMT(mode) not in (0, stat.S_IFREG)
        outside = name.startswith("/") or ":" in name or ".." in PurePosixPath(name).parts
        if odd or outside or name.lower() in seen:
            raise SurveykitError("C040", place=place, reason=info.filename[:200])
        seen.add(name.lower())


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, place: Place) -> bytes:
    """A size that the directory understates is noticed."""
    if info.file_size <= LARGEST_MEMBER:
        with archive.open(info) as stream:
            content = stream.read(info.file_size + 1)
        if len(content) == info.file_size:
            return content
    raise SurveykitError("C040", place=place, reason=info.filename[:200])
