"""Files that somebody may have filled in or changed are not written over."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from surveykit.errors import Place, SurveykitError

# At the end of a page that is made together with other files: what each said when it was written.
STAMP = re.compile(r"\n<!-- surveykit ([0-9a-f ]*) -->\n$")


def write_new(path: Path, data: bytes, *, replace: bool = False) -> None:
    """Write a form; the same bytes may be written again, and others where `replace` is said.

    Raises
    ------
    SurveykitError
        F025 another file of this name is there, perhaps filled in.
    """
    if not replace and _differs(path, data):
        raise SurveykitError("F025", place=Place(file=str(path)), file=path.name)
    path.write_bytes(data)


def write_made(path: Path, data: bytes, *, replace: bool = False) -> None:
    """Write a file that people go on working with in other programs.

    Raises
    ------
    SurveykitError
        F029 another file of this name is there, perhaps changed by hand.
    """
    if not replace and _differs(path, data):
        raise SurveykitError("F029", place=Place(file=str(path)), file=path.name)
    path.write_bytes(data)


@contextmanager
def made_beside(path: Path) -> Iterator[Path]:
    """A path to write to, whose file takes the place of `path` as `write_made` would.

    Raises
    ------
    SurveykitError
        F029 another file of this name is there, perhaps changed by hand.
    """
    if not path.exists():
        yield path
        return
    partial = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        yield partial
        if _differs(path, partial.read_bytes()):
            raise SurveykitError("F029", place=Place(file=str(path)), file=path.name)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def write_page_with(page: Path, text: str, beside: Mapping[Path, bytes]) -> None:
    """Write an HTML page and the files that are made with it; they may be made anew while nobody changed one.

    The page ends with a stamp of what each said.

    Raises
    ------
    SurveykitError
        F029 one of them was changed by hand, or is not from here.
    """
    files = {page: text.encode(), **beside}
    stamp = " ".join(_sha256(data) for data in files.values())
    files[page] += f"\n<!-- surveykit {stamp} -->\n".encode()
    if not _untouched(page, tuple(beside)):
        for path, data in files.items():
            if _differs(path, data):
                raise SurveykitError("F029", place=Place(file=str(path)), file=path.name)
    for path, data in files.items():
        path.write_bytes(data)


def _untouched(page: Path, beside: tuple[Path, ...]) -> bool:
    """Whether the page and its files are as they were written."""
    if not page.is_file():
        return False
    text = page.read_bytes().decode("utf-8", "replace")
    stamp = STAMP.search(text)
    if stamp is None or not all(path.is_file() for path in beside):
        return False
    now = [_sha256(text[: stamp.start()].encode()), *(_sha256(path.read_bytes()) for path in beside)]
    return stamp[1].split() == now


def _differs(path: Path, data: bytes) -> bool:
    return path.exists() and path.read_bytes() != data


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
