"""A study run again in a process of its own, with a time limit; what the machine did, in one word."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from surveykit.errors import Note, note

# Refusals that mean "something is missing here", not "the numbers are wrong".
MISSING_INPUT = "[T007]"
MISSING_MODULE = ("ModuleNotFoundError", "ImportError")
SHOWN = 600


@dataclass(frozen=True)
class Rerun:
    """`run`: "ran_ok" "errored" "timed_out" "skipped_missing_inputs" or "dependency_unavailable"."""

    run: str
    results: Any
    notes: tuple[Note, ...] = ()


def rerun(study: Path, out: Path, timeout: float, answers: Path | None = None) -> Rerun:
    """Run a study into `out` and read its results.

    The process gets no standard input, a plain environment without the caller's
    Python settings, and one BLAS thread, so that a rerun depends on the study alone.
    """
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "OPENBLAS_CORETYPE")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    environment |= {
        "PYTHONHASHSEED": "0",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "SURVEYKIT_LANG": "en",
    }
    command = [sys.executable, "-I", "-m", "surveykit", "run", str(study), "--out", str(out)]
    if answers is not None:
        command += ["--answers", str(answers)]
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Rerun("timed_out", None, (note("A015", seconds=round(timeout)),))
    said = done.stderr.decode("utf-8", "replace").strip()
    if done.returncode != 0:
        return Rerun(_why(said), None, (note("A016", said=said[-SHOWN:]),))
    path = out / "results" / "results.json"
    return Rerun("ran_ok", json.loads(path.read_text(encoding="utf-8")))


def _why(said: str) -> str:
    if MISSING_INPUT in said:
        return "skipped_missing_inputs"
    return "dependency_unavailable" if any(word in said for word in MISSING_MODULE) else "errored"
