"""A reviewer's one command: run a study again and hold every published number against it."""

from __future__ import annotations

import json
import re
import tempfile
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from surveykit.archive.bag import digest_of, read_bag
from surveykit.archive.certificate import write_certificate
from surveykit.archive.claims import read_claims
from surveykit.archive.drift import compared, drift
from surveykit.archive.inputs import INPUTS, RESULTS, changed_inputs, missing_records
from surveykit.archive.metadata import environment, environment_differences
from surveykit.archive.rerun import rerun
from surveykit.archive.schema import ClaimsSpec
from surveykit.archive.verdict import OUTCOMES, Verdict, could_not_run, judge, judge_results
from surveykit.errors import Note, Place, SurveykitError, note
from surveykit.options import check_language

CLAIMS, ANSWERS = "claims.yaml", "responses.csv"
TIMEOUT = 600.0
TOLD = 50  # differences between archived and recomputed results, one by one


def reproduce(
    study: str | Path,
    *,
    timeout: float = TIMEOUT,
    certificate: str | Path | None = None,
    lang: str = "en",
    sha256: str | None = None,
) -> Verdict:
    """Recompute every published number of a study, in a clean process.

    Parameters
    ----------
    study : path
        An archive made by `archive_study`, or a study folder with `study.yaml` and `claims.yaml`. Of an
        archive without claims the results are recomputed and compared, value by value (A063).
        An archive is opened only after its paths, sizes and hashes are checked, into a folder that is
        removed afterwards. No script of the archive is run: a plan is data. The rerun can write nowhere
        else, has no network and limited memory, where the platform allows it (Linux); A056 tells what
        could not be had.
    timeout : float, default 600
        Seconds that the rerun may take.
    certificate : path, optional
        A folder to which `certificate.html` (in `lang`), `verdict.json` and `codecheck.yml` are written.
    lang : {"en", "ja", "ko"}, default "en"
        Language of the certificate and of the remarks in the verdict's table.
    sha256 : str, optional
        The archive's SHA-256 as its author published it elsewhere (`archive_study` prints it). Whoever
        rewrites data, records and manifests of an archive consistently leaves no trace inside it: only
        this shows that the file is the author's.

    Returns
    -------
    Verdict
        `.outcome`, and `.to_frame()` with a row per published number. Notes tell where this machine
        differs from the author's, and where archived results differ from the rerun's.

    Raises
    ------
    SurveykitError
        A062 no such file or folder; A012 a folder without claims.yaml, A061 without numbers; A040-A045,
        A057, A075 the archive is damaged, changed or hostile; A077 its SHA-256 is not the one given, A078
        what is given is no SHA-256, A079 it is given for a folder; and what `read_claims` refuses. A run that
        fails raises nothing: the verdict says so.

    Examples
    --------
    >>> reproduce("analyses/smith_sivo_2012").outcome        # doctest: +SKIP
    'full reproduction'
    """
    check_language(lang)
    path = Path(study)
    if not path.exists():
        raise SurveykitError("A062", place=Place(file=str(path)))
    digest = _digest(path, sha256)
    with tempfile.TemporaryDirectory(prefix="surveykit-") as scratch:
        if path.is_file():
            folder = Path(scratch) / "study"
            archived = _unpack(read_bag(path), folder) | {"sealed": True}
            path = folder
        else:
            archived = {}
        claims = _claims(path) if CLAIMS in _names(path) or "results" not in archived else _none(Path(study))
        (Path(scratch) / "run").mkdir()
        verdict = _reproduced(path, claims, Path(scratch), timeout, archived, lang)
    verdict = replace(verdict, sha256=digest, sha256_given=sha256 is not None)
    if certificate is not None:
        write_certificate(verdict, claims, Path(certificate), lang)
    return verdict


def _digest(path: Path, given: str | None) -> str:
    """The archive's SHA-256, which is the given one; "" of a folder."""
    if path.is_dir():
        if given is not None:
            raise SurveykitError("A079", place=Place(file=str(path)))
        return ""
    found = digest_of(path)
    if given is not None:
        wanted = given.strip().lower().removeprefix("sha256:").strip()
        if re.fullmatch("[0-9a-f]{64}", wanted) is None:
            raise SurveykitError("A078", value=given[:100])
        if wanted != found:
            raise SurveykitError("A077", place=Place(file=str(path)), wanted=wanted, found=found)
    return found


def _names(folder: Path) -> set[str]:
    return {one.name for one in folder.iterdir()}


def _none(archive: Path) -> ClaimsSpec:
    """What stands for the claims of an archive that has none."""
    return ClaimsSpec(claims="no_claims", version="1.0.0", citation=archive.name)


def _claims(folder: Path) -> ClaimsSpec:
    path = folder / CLAIMS
    if not path.is_file():
        raise SurveykitError("A012", place=Place(file=str(path)))
    claims = read_claims(path)
    if not claims.numbers:
        raise SurveykitError("A061", place=Place(file=str(path)))
    return claims


def _unpack(files: dict[str, bytes], folder: Path) -> dict[str, Any]:
    """The payload of a checked bag, written below `folder`; what it recorded of its own run."""
    for name, content in files.items():
        if name.startswith("data/"):
            target = folder.joinpath(*PurePosixPath(name).parts[1:])
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    recorded = {
        "environment": "data/environment.json",
        "results": f"data/{RESULTS}",
        "inputs": f"data/{INPUTS}",
    }
    found = {key: _record(name, files[name]) for key, name in recorded.items() if name in files}
    unrecorded = missing_records(files)
    changed = changed_inputs(found["inputs"], files) if "inputs" in found else []
    return found | {"changed": changed, "unrecorded": unrecorded}


def _record(name: str, content: bytes) -> dict[str, Any]:
    """What an archive recorded of itself; whatever a stranger put there, it is an object or refused."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise SurveykitError("A057", member=name) from error
    if not isinstance(found, dict):
        raise SurveykitError("A057", member=name)
    return found


def _reproduced(
    folder: Path, claims: ClaimsSpec, scratch: Path, timeout: float, archived: dict[str, Any], lang: str
) -> Verdict:
    answers = folder / ANSWERS
    changed = tuple(archived.get("changed", ()))
    given = answers.resolve() if answers.is_file() else None
    sealed = bool(archived.get("sealed"))
    again = rerun(folder.resolve(), scratch / "run", timeout, given, sealed=sealed, lang=lang)
    notes: list[Note] = [
        note("A017", what=what, then=then, now=now)
        for what, then, now in environment_differences(archived.get("environment", {}), environment())
        if archived.get("environment")
    ]
    notes += [note("A055", member=name) for name in changed]
    unrecorded = tuple(archived.get("unrecorded", ()))
    if unrecorded:
        notes.append(note("A076", missing=", ".join(unrecorded)))
    if sealed and again.missing:
        notes.append(note("A056", missing=", ".join(again.missing)))
    if again.run != "ran_ok":
        return could_not_run(again.run, (*again.notes, *notes))
    differences = drift(archived.get("results"), again.results)
    if claims.numbers:
        verdict = judge(claims, again.results, notes=notes, lang=lang)
    else:
        verdict = judge_results(compared(archived["results"]), len(differences), notes)
    moved = [note("A018", path=one.path, archived=one.archived, now=one.now) for one in differences[:TOLD]]
    changed = tuple(dict.fromkeys((*changed, *unrecorded)))
    verdict = replace(verdict, notes=(*verdict.notes, *moved), drifted=len(differences), changed=changed)
    return _without_witness(verdict) if unrecorded else verdict


def _without_witness(verdict: Verdict) -> Verdict:
    """Numbers that agree with claims which anybody may have changed are no full reproduction."""
    full, minor = OUTCOMES[:2]
    outcome = minor if verdict.outcome == full else verdict.outcome
    return replace(verdict, outcome=outcome, reasons=(*verdict.reasons, "record_missing"))
