"""A study as one file that a stranger can check and run again."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from surveykit.archive.bag import bag_bytes, digest_of
from surveykit.archive.claims import read_claims
from surveykit.archive.inputs import INPUTS, recorded_inputs
from surveykit.archive.metadata import About, codecheck, environment, lock, ro_crate
from surveykit.errors import Note, Place, SurveykitError, SurveykitProblems, note
from surveykit.instrument.codebook import codebook_csv, codebook_html
from surveykit.report.machine import write_results
from surveykit.results import Result, plain
from surveykit.study.data import Collected
from surveykit.study.disclosure import Disclosure, disclosed
from surveykit.study.failure import failures
from surveykit.study.interviews import SEGMENTS, without_passages
from surveykit.study.plan import PLAN, Plan, read_plan
from surveykit.study.run import follow
from surveykit.study.schema import InterviewsStep, LookupStep
from surveykit.study.sealed import leads_out, outside
from surveykit.wording import pick, wording

ANSWERS = "responses.csv"
CLAIMS = "claims.yaml"
BESIDE = (CLAIMS, "README.md")
# Kinds of data whose file stays at home: the archive has the answers themselves.
ANSWERED = ("table", "import", "frame")


@dataclass(frozen=True)
class Archived(Result):
    """An archive: where it is, what is in it, what it gives away (None without answers).

    `sha256` is the digest of the file. Published where nobody can change it (the paper, a registry), it
    lets `reproduce(..., sha256=...)` tell this archive from one that was rewritten consistently.
    """

    path: Path
    files: tuple[str, ...]
    disclosure: Disclosure | None
    notes: tuple[Note, ...] = ()
    sha256: str = ""

    def to_frame(self) -> pd.DataFrame:
        return pd.DataFrame({"file": self.files})

    def summary(self, lang: str = "en") -> str:
        """How many files, the digest to publish, what the answers give away."""
        lines = [
            wording("archive", "archived", lang, count=len(self.files), path=self.path),
            wording("archive", "archived_digest", lang, digest=self.sha256),
        ]
        if self.disclosure is not None:
            lines += self.disclosure.in_short(lang)
        return "\n".join([*lines, *(one.full(lang) for one in self.notes)])


def archive_study(study: str | Path, to: str | Path) -> Archived:
    """Run a study and pack everything a stranger needs to run it again.

    Parameters
    ----------
    study : path
        The study's folder.
    to : path
        The archive, a zip file: a BagIt bag with the plan, the questionnaire, the answers (without
        raw text), the results, the environment, RO-Crate and CODECHECK metadata. The same study on
        the same machine gives the same bytes.

    Returns
    -------
    Archived

    Raises
    ------
    SurveykitError
        T020 the answers hold a column that looks like a name or an address; what `run_study` refuses,
        and what any step refuses: an archive has the results of all its steps (T049); T045 a file that the
        plan names lies outside the study's folder and cannot be packed (a coding sheet, say).

    Examples
    --------
    >>> archive_study("analyses/smith_sivo_2012", "smith.zip")      # doctest: +SKIP
    """
    plan = read_plan(study)
    payload = _plan_files(plan) | _codebook(plan)
    report: Disclosure | None = None
    with tempfile.TemporaryDirectory(prefix="surveykit-") as scratch:
        _check_seal(payload[PLAN], Path(scratch) / PLAN, plan)
        context, results = follow(plan, Path(scratch), lambda stage, done, total: None)
        failed = failures(results)
        if failed:
            reasons = (one for step in failed.values() for one in step.notes)
            raise SurveykitProblems((*reasons, note("T049", steps=", ".join(failed))))
        results = without_passages(results)
        for path in write_results(results, Path(scratch) / "results"):
            payload[f"results/{path.name}"] = path.read_bytes()
        payload |= _coded(plan, results)
        if context.collected is not None:
            answers, report = _answers(context.collected, plan, plan.spec.groups.column)
            payload |= answers
    payload[INPUTS] = _json(recorded_inputs(payload))
    payload["environment.json"] = _json(environment())
    payload["environment.lock"] = lock()
    files = sorted(payload)
    about = _about(plan)
    payload["ro-crate-metadata.json"] = ro_crate(about, files)
    checked = [f"data/{name}" for name in files if name.startswith("results/")]
    tags = {"codecheck.yml": codecheck(about, checked)}
    target = Path(to)
    target.write_bytes(bag_bytes(plan.spec.study, payload, tags, {"External-Identifier": plan.spec.study}))
    notes = report.notes if report is not None else ()
    if CLAIMS not in payload:
        notes = (*notes, note("T043", Place(file=str(plan.folder / CLAIMS))))
    return Archived(target, tuple(sorted(payload)), report, notes, digest_of(target))


def _about(plan: Plan) -> About:
    spec = plan.spec
    path = plan.folder / CLAIMS
    return About(
        study=spec.study,
        title=pick(spec.title, "en"),
        description=pick(spec.source, "en"),
        authors={one.name: one.orcid for one in spec.authors},
        license=spec.license,
        published=spec.published,
        reference=read_claims(path).citation if path.is_file() else "",
    )


def _plan_files(plan: Plan) -> dict[str, bytes]:
    """The plan, and what it names, under paths that stay right inside the archive."""
    text = (plan.folder / PLAN).read_text(encoding="utf-8")
    payload = {}
    for named in _named_files(plan):
        path = plan.path(named)
        inside = f"files/{path.name}"
        payload[inside] = path.read_bytes()
        text = text.replace(named, inside)
    answers = plan.spec.data.path
    if plan.spec.data.kind in ANSWERED and answers is not None and leads_out(plan.folder, answers):
        text = text.replace(answers, ANSWERS)
    payload[PLAN] = text.encode()
    for name in BESIDE:
        if (plan.folder / name).is_file():
            payload[name] = (plan.folder / name).read_bytes()
    return payload


def _check_seal(packed: bytes, copy: Path, plan: Plan) -> None:
    """What `reproduce` would refuse is not archived."""
    copy.write_bytes(packed)
    for path in outside(copy):
        raise SurveykitError("T045", place=Place(file=str(plan.folder / PLAN)), path=path[:200])
    copy.unlink()


def _answers(collected: Collected, plan: Plan, group: str) -> tuple[dict[str, bytes], Disclosure]:
    """The answers without raw text, how each was read, and what they give away."""
    kept, report = disclosed(collected.frame, plan.instrument, group)
    payload = {ANSWERS: _csv(kept), "disclosure.json": _json(report.to_dict())}
    if collected.responses is not None:
        read = collected.responses.provenance
        # Names of files and what was typed can name a person: the hash of the file and the cell do not.
        shown = read[~read["item"].isin(report.withheld)].drop(columns=["file", "raw"])
        payload["provenance.csv"] = _csv(shown)
    return payload, report


def _codebook(plan: Plan) -> dict[str, bytes]:
    """Every item with its text, codes and labels, for a reader without surveykit."""
    inst = plan.instrument
    if inst is None:
        return {}
    name = f"codebook/{inst.instrument}"
    return {f"{name}.csv": codebook_csv(inst).encode(), f"{name}.html": codebook_html(inst).encode()}


def _coded(plan: Plan, results: Mapping[str, Mapping[str, Result]]) -> dict[str, bytes]:
    """What came back in coding sheets, as the table that a rerun reads in their place."""
    for step in plan.spec.steps:
        coded = results.get(step.id, {}).get("segments")
        if isinstance(step, InterviewsStep) and step.segments is None and coded is not None:
            return {SEGMENTS: coded.to_frame().to_csv(index=False, lineterminator="\n").encode()}
    return {}


def _named_files(plan: Plan) -> list[str]:
    """Files that a rerun reads: questionnaire, lookup tables, a plain frame. Answers are archived apart."""
    named = [plan.spec.instrument] if plan.spec.instrument is not None else []
    named += [step.path for step in plan.spec.steps if isinstance(step, LookupStep)]
    if plan.spec.data.kind == "moments" and plan.spec.data.path is not None:
        named.append(plan.spec.data.path)
    coded = [step for step in plan.spec.steps if isinstance(step, InterviewsStep)]
    for step in coded:
        named += [path for path in (step.codebook, step.segments, step.displays) if path is not None]
    return named


def _csv(frame: pd.DataFrame) -> bytes:
    return bytes(frame.to_csv(index=False, lineterminator="\n"), "utf-8")


def _json(value: object) -> bytes:
    return (json.dumps(plain(value), ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
