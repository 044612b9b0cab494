"""Returned files into the study's store: each accepted, accepted with findings, or set apart with a code."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from surveykit.errors import Note, Place, SurveykitError
from surveykit.form.coding_layout import FORMAT
from surveykit.instrument.model import Instrument
from surveykit.instrument.reader import read_instrument
from surveykit.instrument.yaml_tree import YamlList, read_yaml
from surveykit.responses.coding_sheet import as_returned, is_coding_sheet
from surveykit.responses.excel import read_workbook
from surveykit.responses.expected import Expected
from surveykit.responses.guard import guarded, read_bytes
from surveykit.responses.returned import read_returned
from surveykit.responses.store import Store, open_store, store_folder
from surveykit.responses.tables import findings_of
from surveykit.results import Result

if TYPE_CHECKING:
    import pandas as pd

PLAN = "study.yaml"
ACCEPTED = "SELECT sha256, respondent, instrument, version, language FROM workbook"
TEMPORARY = "~$"
Instruments = Instrument | str | Path | Iterable[Instrument | str | Path]


@dataclass(frozen=True)
class CollectReport(Result):
    """What became of each file.

    Attributes
    ----------
    accepted : DataFrame
        A row a workbook: `file respondent instrument version language status findings sha256`; `status` is
        "new", or "known" where the very same workbook was collected before.
    findings : DataFrame
        A row a finding: `code file respondent item sheet cell place text remedy`.
    quarantined : DataFrame
        A row a file that was not taken: `file code text remedy sha256`.
    notes : tuple of Note
    """

    accepted: pd.DataFrame
    findings: pd.DataFrame
    quarantined: pd.DataFrame
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """Every file with what became of it: `file outcome code respondent findings`."""
        import pandas as pd

        taken = self.accepted.assign(code="")
        taken["outcome"] = ["accepted with findings" if count else "accepted" for count in taken["findings"]]
        apart = self.quarantined.assign(outcome="quarantined", respondent="", findings=0)
        columns = ["file", "outcome", "code", "respondent", "findings"]
        both = pd.concat([taken[columns], apart[columns]], ignore_index=True)
        return both.sort_values("file", kind="stable", ignore_index=True)

    def summary(self) -> str:
        """How many of each, then every file set apart and every finding, with what to do."""
        clean = int((self.accepted["findings"] == 0).sum()) if len(self.accepted) else 0
        lines = [
            f"{clean} accepted, {len(self.accepted) - clean} accepted with findings, "
            f"{len(self.quarantined)} quarantined"
        ]
        lines += [f"[{row.code}] {row.file}: {row.text}" for row in self.quarantined.itertuples()]
        lines += [f"[{row.code}] {row.place}: {row.text}" for row in self.findings.itertuples()]
        return "\n".join(lines)


def collect(
    paths: str | Path | Iterable[str | Path],
    study: str | Path,
    instruments: Instruments | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> CollectReport:
    """Collect returned workbooks, filled forms and coding sheets, into a study.

    Every file ends up accepted, accepted with findings, or quarantined with a
    code; collecting again changes nothing. Where a respondent returned more
    than one workbook all are kept, and the one saved last counts.

    Parameters
    ----------
    paths : path or paths
        Workbooks, or folders that are gone through with their subfolders.
    study : path
        The study's folder. What is collected goes to its `store/` (SQLite, and each original under its
        SHA-256).
    instruments : Instrument, path of a YAML file, or several, optional
        Whose forms to expect. By default what `study.yaml` names under `instrument`, else those that the
        store knows from an earlier collection.
    progress : callable, optional
        Called as ``progress(done, total, file)`` after each file.

    Raises
    ------
    SurveykitError
        R062 a path does not exist; R063 no instrument is named; R061 the store cannot be written; I... the
        instrument cannot be read. A bad workbook never raises.

    Examples
    --------
    >>> report = collect("returned/", study="analyses/demo")     # doctest: +SKIP
    >>> print(report.summary())                                  # doctest: +SKIP
    27 accepted, 2 accepted with findings, 1 quarantined
    """
    files = _files(paths, store_folder(study))
    with open_store(study, create=True) as store:
        expected = {one.instrument: Expected(one) for one in find_instruments(study, store, instruments)}
        for one in expected.values():
            store.remember_instrument(one.inst)
        outcomes: list[Outcome] = []
        for done, path in enumerate(files, 1):
            outcomes.append(_take(store, path, expected))
            if progress is not None:
                progress(done, len(files), str(path))
        return _report(store, outcomes)


@dataclass(frozen=True)
class Outcome:
    """What became of one file. `problem` is why it was set apart."""

    file: str
    sha256: str | None
    status: str
    problem: Note | None = None


def _files(paths: str | Path | Iterable[str | Path], own: Path) -> list[Path]:
    """Every file under the paths, in order, each once; the store itself is never collected."""
    found: dict[Path, None] = {}
    for path in [Path(paths)] if isinstance(paths, str | Path) else [Path(one) for one in paths]:
        if path.is_dir():
            for folder, folders, names in os.walk(path):
                folders.sort()
                if Path(folder).resolve() == own.resolve():
                    folders.clear()
                    continue
                found.update(dict.fromkeys(Path(folder) / name for name in sorted(names)))
        elif path.exists() or path.is_symlink():
            found[path] = None
        else:
            raise SurveykitError("R062", place=Place(file=str(path)))
    return list(found)


def find_instruments(
    study: str | Path, store: Store, instruments: Instruments | None = None
) -> list[Instrument]:
    """The instruments of a study: those given, else those of study.yaml, else those the store knows.

    Raises
    ------
    SurveykitError
        R063 there is none.
    """
    if instruments is not None:
        several = [instruments] if isinstance(instruments, Instrument | str | Path) else list(instruments)
        return [one if isinstance(one, Instrument) else read_instrument(one) for one in several]
    plan = Path(study) / PLAN
    named = _named_in(plan) if plan.is_file() else []
    if named:
        return [read_instrument(plan.parent / name) for name in named]
    latest = {one.instrument: one for one in store.instruments()}
    if not latest:
        raise SurveykitError("R063", place=Place(file=str(plan)))
    return list(latest.values())


def _named_in(plan: Path) -> list[str]:
    """The value of `instrument` in study.yaml: a path, or a list of paths."""
    value = read_yaml(plan).get("instrument")
    if isinstance(value, YamlList):
        return [str(one) for one in value if isinstance(one, str)]
    return [str(value)] if isinstance(value, str) and value.strip() else []


def _take(store: Store, path: Path, expected: Mapping[str, Expected]) -> Outcome:
    """Take one file in, or set it apart."""
    file, sha256 = str(path), None
    try:
        if path.name.startswith(TEMPORARY):
            raise SurveykitError("R025", place=Place(file=file))
        data = read_bytes(path)
        sha256 = hashlib.sha256(data).hexdigest()
        read_with = {name: one.read_with for name, one in expected.items()}
        if store.is_known(sha256, read_with | store.coding_sheets()):
            return Outcome(file, sha256, "known")
        book = read_workbook(guarded(data, file))
        returned = as_returned(book) if is_coding_sheet(book) else read_returned(book, expected, sha256)
    except SurveykitError as problem:
        store.quarantine(file, sha256, problem.note)
        return Outcome(file, sha256, "quarantined", problem.note)
    name = returned.identity.instrument
    store.add(file, sha256, data, returned, read_with.get(name, FORMAT))
    return Outcome(file, sha256, "new")


def _report(store: Store, outcomes: list[Outcome]) -> CollectReport:
    import pandas as pd

    taken = [one for one in outcomes if one.problem is None]
    apart = [
        (one.file, one.problem.code, one.problem.text(), one.problem.remedy(), one.sha256)
        for one in outcomes
        if one.problem is not None
    ]
    findings = findings_of(store, {one.sha256: one.file for one in taken if one.sha256})
    about = {row[0]: row[1:] for row in store.query(ACCEPTED)}
    counts = findings["file"].value_counts()
    rows = [
        (one.file, *about[one.sha256], one.status, int(counts.get(one.file, 0)), one.sha256) for one in taken
    ]
    columns = ["file", "respondent", "instrument", "version", "language", "status", "findings", "sha256"]
    return CollectReport(
        accepted=pd.DataFrame(rows, columns=columns),
        findings=findings,
        quarantined=pd.DataFrame(apart, columns=["file", "code", "text", "remedy", "sha256"]),
    )
