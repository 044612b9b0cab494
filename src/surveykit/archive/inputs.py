"""What a run was made of, by SHA-256: a second witness beside the bag's manifests.

Whoever changes a file of an archive and makes the manifests anew leaves this
record as it was: then the file is named.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

INPUTS, RESULTS = "inputs.json", "results/results.json"
# Written after the record.
UNRECORDED = frozenset({INPUTS, "environment.json", "environment.lock", "ro-crate-metadata.json"})


def recorded_inputs(payload: Mapping[str, bytes]) -> dict[str, str]:
    """Path -> SHA-256 of every file of an archive's payload."""
    return {path: hashlib.sha256(content).hexdigest() for path, content in sorted(payload.items())}


def changed_inputs(recorded: Mapping[str, str], files: Mapping[str, bytes]) -> list[str]:
    """The recorded files that are missing or have another content now, and files that were not there."""
    changed = [
        path
        for path, digest in recorded.items()
        if hashlib.sha256(files.get(f"data/{path}", b"")).hexdigest() != digest
    ]
    payload = (name.removeprefix("data/") for name in files if name.startswith("data/"))
    return changed + sorted(set(payload) - set(recorded) - UNRECORDED)


def missing_records(files: Mapping[str, bytes]) -> list[str]:
    """The records without which nobody can see whether an archive was changed."""
    return [path for path in (INPUTS, RESULTS) if f"data/{path}" not in files]
