"""A study run again in a confined process with a time limit; what the machine did, in one word."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from surveykit.archive.confine import PROTECTIONS, confined, protections
from surveykit.errors import Note, note

# Refusals that mean "something is missing here", not "the numbers are wrong".
MISSING_INPUT = "[T007]"
MISSING_MODULE = ("ModuleNotFoundError", "ImportError")
SHOWN = 600
KEPT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "OPENBLAS_CORETYPE")


@dataclass(frozen=True)
class Rerun:
    """`run`: "ran_ok" "errored" "timed_out" "skipped_missing_inputs" or "dependency_unavailable".

    `missing`: the protections that this machine could not give.
    """

    run: str
    results: Any
    notes: tuple[Note, ...] = ()
    missing: tuple[str, ...] = ()


def rerun(
    study: Path,
    scratch: Path,
    timeout: float,
    answers: Path | None = None,
    *,
    sealed: bool = False,
    lang: str = "en",
) -> Rerun:
    """Run a study in `scratch` and read its results.

    The process gets no standard input, a plain environment without the caller's
    Python settings and home, and one BLAS thread, so that a rerun depends on the
    study alone. It may write to `scratch` and to the study's own folder; where
    `sealed`, the plan may name no file outside the study. Why it failed is told in `lang`.
    """
    out = scratch / "report"
    command = [sys.executable, "-I", "-m", "surveykit", "run", str(study), "--out", str(out)]
    command += ["--sealed"] if sealed else []
    command += ["--answers", str(answers)] if answers is not None else []
    told = scratch / "protections.json"
    finished = run_confined(command, [scratch, study], timeout, told, lang)
    missing = tuple(name for name in PROTECTIONS if name not in protections(told))
    if finished is None:
        return Rerun("timed_out", None, (note("A015", seconds=round(timeout)),), missing)
    code, said = finished
    if code != 0:
        return Rerun(_why(said), None, (note("A016", said=_end_of(said)),), missing)
    results = json.loads((out / "results" / "results.json").read_text(encoding="utf-8"))
    return Rerun("ran_ok", results, (), missing)


def run_confined(
    command: Sequence[str], writable: Sequence[Path], timeout: float, told: Path, lang: str = "en"
) -> tuple[int, str] | None:
    """Exit status and standard error of a command; None if it had to be stopped, with all it had started."""
    process = subprocess.Popen(
        confined(command, writable, timeout, told),
        env=_environment(writable[0], lang),
        cwd=writable[0],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        _, said = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        _stop(process)
        return None
    return process.returncode, said.decode("utf-8", "replace").strip()


def _environment(home: Path, lang: str) -> Mapping[str, str]:
    own = {name: str(home) for name in ("HOME", "TMPDIR", "TEMP", "TMP", "MPLCONFIGDIR")}
    settings = {"PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return kept | own | settings | {"SURVEYKIT_LANG": lang, "PYTHONDONTWRITEBYTECODE": "1"}


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the process and whatever it has started."""
    if sys.platform == "win32":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def _end_of(said: str) -> str:
    """The last lines that fit; of one long line its end."""
    lines = said.splitlines()
    while len(lines) > 1 and len("\n".join(lines)) > SHOWN:
        del lines[0]
    return "\n".join(lines)[-SHOWN:]


def _why(said: str) -> str:
    if MISSING_INPUT in said:
        return "skipped_missing_inputs"
    return "dependency_unavailable" if any(word in said for word in MISSING_MODULE) else "errored"
