"""Files that somebody may have filled in are not written over."""

from __future__ import annotations

from pathlib import Path

from surveykit.errors import Place, SurveykitError


def write_new(path: Path, data: bytes, *, replace: bool = False) -> None:
    """Write a file; the same bytes may be written again, and others where `replace` is said.

    Raises
    ------
    SurveykitError
        F025 another file of this name is there.
    """
    if not replace and path.exists() and path.read_bytes() != data:
        raise SurveykitError("F025", place=Place(file=str(path)), file=path.name)
    path.write_bytes(data)
