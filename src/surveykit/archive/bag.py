"""A BagIt bag as a zip file: payload, manifests with SHA-256, the same bytes each time (RFC 8493)."""

from __future__ import annotations

import hashlib
import io
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from surveykit.errors import Place, SurveykitError
from surveykit.responses.guard import DAMAGE

DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
MANIFEST, TAG_MANIFEST = "manifest-sha256.txt", "tagmanifest-sha256.txt"
PAYLOAD = "data/"
EPOCH = (1980, 1, 1, 0, 0, 0)
LARGEST_MEMBER, LARGEST_BAG, MOST_MEMBERS = 200_000_000, 1_000_000_000, 100_000


def bag_bytes(
    name: str, payload: Mapping[str, bytes], tags: Mapping[str, bytes], info: Mapping[str, str]
) -> bytes:
    """A bag of these payload files (their paths below `data/`) and tag files, as the bytes of a zip file."""
    data = {f"data/{path}": content for path, content in sorted(payload.items())}
    octets = sum(len(content) for content in data.values())
    facts = {**info, "Payload-Oxum": f"{octets}.{len(data)}"}
    meta = dict(sorted(tags.items()))
    meta["bagit.txt"] = DECLARATION
    meta["bag-info.txt"] = "".join(f"{key}: {value}\n" for key, value in facts.items()).encode()
    meta[MANIFEST] = _manifest(data)
    meta[TAG_MANIFEST] = _manifest(meta)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path, content in sorted((meta | data).items()):
            member = zipfile.ZipInfo(f"{name}/{path}", EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            member.create_system = 3
            archive.writestr(member, content)
    return buffer.getvalue()


def _manifest(files: Mapping[str, bytes]) -> bytes:
    lines = [f"{hashlib.sha256(content).hexdigest()}  {path}\n" for path, content in sorted(files.items())]
    return "".join(lines).encode()


def digest_of(path: Path) -> str:
    """SHA-256 of a file, in small hexadecimal letters."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_bag(path: Path) -> dict[str, bytes]:
    """The files of a bag by their path inside it, after every check; nothing is written anywhere.

    Raises
    ------
    SurveykitError
        A040 no zip file; A041 a member whose path leads out, or that is no plain file; A042 too large;
        A043 no bag (declaration or manifest missing); A044 a file that its manifest does not know, or
        one that is missing; A045 a file whose content is not what its manifest says; A075 a manifest
        that lists a file twice, or one that is not its to list.
    """
    place = Place(file=str(path))
    try:
        with zipfile.ZipFile(path) as archive:
            members = _checked(archive, place)
            files = {name: _content(archive, member, place) for name, member in members.items()}
    except DAMAGE as error:
        raise SurveykitError("A040", place=place, reason=str(error)[:200]) from error
    _verify(files, place)
    return files


def _checked(archive: zipfile.ZipFile, place: Place) -> dict[str, zipfile.ZipInfo]:
    """Members by their path below the bag's folder."""
    members: dict[str, zipfile.ZipInfo] = {}
    infos = [info for info in archive.infolist() if not info.is_dir()]
    if len(infos) > MOST_MEMBERS or sum(info.file_size for info in infos) > LARGEST_BAG:
        raise SurveykitError("A042", place=place, limit=LARGEST_BAG // 1_000_000)
    for info in infos:
        parts = PurePosixPath(info.filename.replace("\\", "/")).parts
        mode = info.external_attr >> 16
        outside = info.filename.startswith(("/", "\\")) or ".." in parts or ":" in info.filename
        odd = bool(mode) and not stat.S_ISREG(mode) and stat.S_IFMT(mode) != 0
        below = "/".join(parts[1:])
        if outside or odd or not below or below in members:
            raise SurveykitError("A041", place=place, member=info.filename[:200])
        members[below] = info
    return members


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo, place: Place) -> bytes:
    """A member's bytes; a size that the directory understates is noticed."""
    if member.file_size > LARGEST_MEMBER:
        raise SurveykitError("A042", place=place, limit=LARGEST_MEMBER // 1_000_000)
    with archive.open(member) as stream:
        content = stream.read(member.file_size + 1)
    if len(content) != member.file_size:
        raise SurveykitError("A042", place=place, limit=LARGEST_MEMBER // 1_000_000)
    return content


def _verify(files: Mapping[str, bytes], place: Place) -> None:
    for name in ("bagit.txt", MANIFEST, TAG_MANIFEST):
        if name not in files:
            raise SurveykitError("A043", place=place, missing=name)
    payload = {name for name in files if name.startswith(PAYLOAD)}
    _held_to(MANIFEST, payload, files, place)
    _held_to(TAG_MANIFEST, set(files) - payload - {TAG_MANIFEST}, files, place)


def _held_to(manifest: str, own: set[str], files: Mapping[str, bytes], place: Place) -> None:
    """Each manifest speaks for its own files alone: neither can overrule what the other says."""
    listed = _listed(manifest, files[manifest], place)
    for name in sorted(listed):
        if name.startswith(PAYLOAD) != (manifest == MANIFEST):
            raise SurveykitError("A075", place=place, member=name[:200], manifest=manifest)
    for name in sorted(own ^ set(listed)):
        raise SurveykitError("A044", place=place, member=name)
    for name, digest in sorted(listed.items()):
        if hashlib.sha256(files[name]).hexdigest() != digest.lower():
            raise SurveykitError("A045", place=place, member=name)


def _listed(manifest: str, content: bytes, place: Place) -> dict[str, str]:
    listed: dict[str, str] = {}
    for line in content.decode("utf-8", "replace").splitlines():
        digest, _, name = line.partition("  ")
        if name in listed:
            raise SurveykitError("A075", place=place, member=name[:200], manifest=manifest)
        if name:
            listed[name] = digest
    return listed
