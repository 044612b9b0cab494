"""What a run was made of, by SHA-256: a second witness beside the bag's manifests.

Whoever changes a file of an archive and makes the manifests anew leaves this
record as it was: then the file is named.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

INPUTS = "inputs.json"


def recorded_inputs(payload: Mapping[str, bytes]) -> dict[str, str]:
    """Path -> SHA-256 of every file of an archive's payload."""
    return {path: hashlib.sha256(content).hexdigest() for path, content in sorted(payload.items())}


def changed_inputs(recorded: Mapping[str, str], files: Mapping[str, bytes]) -> list[str]:
    """The recorded files that are missing or have another content now."""
    return [
        path
        for path, digest in recorded.items()
        if hashlib.sha256(files.get(f"data/{path}", b"")).hexdigest() != digest
    ]
