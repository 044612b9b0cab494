"""Returned files into the study's store: each accepted, accepted with findings, or set apart with a code."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from surveykit.errors import LANGUAGES, Note, Place, SurveykitError, note
from surveykit.form.coding_layout import FORMAT
from surveykit.form.roster import SIMULATED
from surveykit.instrument.model import Instrument
from surveykit.instrument.reader import read_instrument
from surveykit.options import check_choice
from surveykit.responses.collect_report import CollectReport as CollectReport
from surveykit.responses.collect_report import Outcome, report_of
from surveykit.responses.expected import Expected
from surveykit.responses.filed import known_rows
from surveykit.responses.intake import PASSED_OVER, Arrived, Judged, arrive, judge, name_of
from surveykit.responses.marked import write_marked, write_table
from surveykit.responses.planned import PLAN, planned_group, planned_instruments, planned_order, unnamed
from surveykit.responses.remarks_table import write_remarks
from surveykit.responses.store import FILE, Store, file_sha256, open_store, row_key, store_folder
from surveykit.responses.tables import Found, found_in

TAKEN = "SELECT sha256, file FROM workbook ORDER BY file, id"
APART = "SELECT file, sha256, code, fields FROM quarantine ORDER BY file"
WHO = "SELECT sha256, respondent FROM workbook"
GROUPS = "SELECT groups FROM workbook WHERE instrument = ?"
Instruments = Instrument | str | Path | Iterable[Instrument | str | Path]


def collect(
    paths: str | Path | Iterable[str | Path],
    study: str | Path,
    instruments: Instruments | None = None,
    progress: Callable[[int, int, str], None] | None = None,
    lang: str = "en",
    marked: str | Path | None = None,
) -> CollectReport:
    """Collect returned workbooks, filled forms and coding sheets, into a study.

    Every file ends up accepted, accepted with findings, or quarantined with a
    code; files of the system and our own tables of findings are passed over.
    Collecting again changes nothing. Where a respondent returned more
    than one workbook all are kept, and the one saved last counts. What stands
    in a workbook beside its answers (a text in the margin, a comment, a sheet
    of its own) is a finding, and is kept in full in `store/remarks.csv`.

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
    lang : {"en", "ja", "ko"}, default "en"
        Language of the report.
    marked : path, optional
        A folder for what is to be sent back: the findings as a table (`findings.xlsx`), in English and in
        each respondent's language, and of each workbook with findings a copy in which they are marked. The
        corrected copy is collected like any other workbook; it then takes the place of the first one.

    Raises
    ------
    SurveykitError
        R062 a path does not exist; R063 no instrument is named; R061 the store cannot be written; F019 the
        folder of marked copies cannot be written; I... the instrument cannot be read. A bad workbook never
        raises.

    Warns
    -----
    SurveykitWarning
        R039 a workbook of which no marked copy can be made; R102 the table of findings was changed by hand;
        R099 the remarks cannot be written as a table.

    Examples
    --------
    >>> report = collect("returned/", study="analyses/demo")     # doctest: +SKIP
    >>> print(report.summary())                                  # doctest: +SKIP
    27 accepted, 2 accepted with findings, 1 quarantined
    """
    check_choice("lang", lang, LANGUAGES)
    paths = _asked(paths)
    files = _files(paths, store_folder(study), None if marked is None else Path(marked))
    if instruments is None and not (store_folder(study) / FILE).is_file() and not planned_instruments(study):
        # Before a folder is made for a study that is not there.
        raise SurveykitError("R063", place=Place(file=str(Path(study) / PLAN)))
    with open_store(study, create=True) as store:
        expected = {one.inst.instrument: one for one in _expected(study, store, instruments)}
        for one in expected.values():
            store.remember_instrument(one.inst)
        outcomes: list[Outcome] = []
        for done, path in enumerate(files, 1):
            outcomes += _take(store, path, expected)
            if progress is not None:
                progress(done, len(files), name_of(path))
        write_remarks(store)
        # The same workbook may lie there twice: its findings are told once.
        names = {one.sha256 or "": one.file for one in reversed(outcomes) if one.problem is None}
        found = found_in(store, names)
        copies = {} if marked is None else write_marked(store, _of_forms(found), expected, Path(marked))
        if marked is not None:
            apart = [
                (one.file, one.problem) for one in outcomes if one.problem and one.status == "quarantined"
            ]
            write_table(found, apart, copies, Path(marked), lang)
        told = [note("R105", Place(file=", ".join(map(str, _asked(paths)))))] if not files else []
        told += [*_simulated(store, outcomes), *_without_group(store, study, expected)]
        return report_of(store, outcomes, found, lang, tuple(copies.values()), tuple(told))


def collected(study: str | Path, lang: str = "en") -> CollectReport:
    """What became of every file that was ever collected into a study, whenever and from wherever it came.

    Raises
    ------
    SurveykitError
        R060 nothing was collected yet; R061 the store cannot be read.
    """
    with open_store(study, create=False) as store:
        outcomes = [Outcome(file, sha256, "known") for sha256, file in store.query(TAKEN)]
        outcomes += [
            Outcome(file, sha256, "quarantined", Note(code, json.loads(fields), Place(file=file)))
            for file, sha256, code, fields in store.query(APART)
        ]
        found = found_in(store, {one.sha256 or "": one.file for one in outcomes if one.problem is None})
        return report_of(store, outcomes, found, lang, ())


def _of_forms(found: list[Found]) -> list[Found]:
    """Findings in workbooks that can go back to a respondent: not those in a row of a grid or table."""
    return [one for one in found if file_sha256(one.sha256) == one.sha256]


def _files(paths: str | Path | Iterable[str | Path], store: Path, marked: Path | None) -> list[Path]:
    """Every file under the paths, in order, each once.

    The store is never collected; marked copies only where their folder itself is given.
    """
    asked_for = _asked(paths)
    ours = {store.resolve()}
    if marked is not None and marked not in asked_for:
        ours.add(marked.resolve())
    found: dict[Path, None] = {}
    for path in asked_for:
        if path.is_dir():
            # A folder that may not be opened is told like a file that cannot be read.
            for folder, folders, names in os.walk(
                path, onerror=lambda bad: found.update({Path(bad.filename): None})
            ):
                folders.sort()
                if Path(folder).resolve() in ours:
                    folders.clear()
                    continue
                found.update(dict.fromkeys(Path(folder) / name for name in sorted(names)))
        elif path.exists() or path.is_symlink():
            found[path] = None
        else:
            raise SurveykitError("R062", place=Place(file=str(path)))
    return list(found)


def _asked(paths: str | Path | Iterable[str | Path]) -> list[Path]:
    return [Path(paths)] if isinstance(paths, str | Path) else [Path(one) for one in paths]


def _simulated(store: Store, outcomes: Iterable[Outcome]) -> Iterator[Note]:
    """How many of the workbooks that were taken nobody filled in."""
    who = dict(store.query(WHO))
    taken = [who[one.sha256] for one in outcomes if one.problem is None and one.sha256 in who]
    made = sum(one.startswith(SIMULATED) for one in taken)
    if made:
        yield note("R106", count=made, total=len(taken))


def _without_group(store: Store, study: str | Path, expected: Iterable[str]) -> Iterator[Note]:
    """That the plan parts the answers by a column, or into groups, that collected forms do not have."""
    column = planned_group(study)
    if column is None:
        return
    rows = [row for name in expected for row in store.query(GROUPS, name)]
    values = [str(json.loads(groups).get(column) or "").strip() for (groups,) in rows]
    order = planned_order(study)
    count, others = unnamed((one for one in values if one), order)
    if order and count:
        facts = {"values": others, "order": ", ".join(order)}
        yield note(
            "R107", Place(file=str(Path(study) / PLAN)), column=column, count=count, total=len(rows), **facts
        )
    without = [row for row in rows if not str(json.loads(row[0]).get(column) or "").strip()]
    if without:
        offered = ", ".join(sorted({name for (groups,) in rows for name in json.loads(groups)} - {column}))
        place = Place(file=str(Path(study) / PLAN))
        yield note("R079", place, column=column, count=len(without), total=len(rows), offered=offered)


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
    named = planned_instruments(study)
    if named:
        return [read_instrument(plan.parent / name) for name in named]
    latest = {one.instrument: one for one in store.instruments()}
    if not latest:
        raise SurveykitError("R063", place=Place(file=str(plan)))
    return list(latest.values())


def _expected(study: str | Path, store: Store, instruments: Instruments | None) -> Iterator[Expected]:
    """The instruments whose forms are expected, each with the versions of it that were ever collected."""
    earlier: dict[str, dict[str, Instrument]] = {}
    for one in store.instruments():
        earlier.setdefault(one.instrument, {})[one.content_hash] = one
    for one in find_instruments(study, store, instruments):
        yield Expected(one, earlier.get(one.instrument, {}))


def _take(store: Store, path: Path, expected: Mapping[str, Expected]) -> list[Outcome]:
    """Take one file in, or set it apart; of a data-entry grid each row is told."""
    came = arrive(path)
    if came.problem is not None or came.sha256 is None:
        return [_set_apart(store, came, came.problem or note("R001"))]
    read_with = {name: one.read_with for name, one in expected.items()}
    if store.is_known(came.sha256, read_with | store.coding_sheets()):
        return [Outcome(came.file, came.sha256, "known")]
    judged = judge(came.data, came.file, came.sha256, expected)
    if judged.rows:
        return _take_rows(store, came, came.sha256, judged, read_with)
    if judged.returned is None:
        return [_set_apart(store, came, judged.problem or note("R001"))]
    how = read_with.get(judged.returned.identity.instrument, FORMAT)
    store.add(came.file, came.sha256, came.data, judged.returned, how, judged.suffix)
    return [Outcome(came.file, came.sha256, "new")]


def _take_rows(
    store: Store, came: Arrived, sha256: str, judged: Judged, read_with: Mapping[str, str]
) -> list[Outcome]:
    """File the rows of a grid that say anything new: the same grid comes again with every batch keyed."""
    instrument = judged.rows[0][1].identity.instrument
    how = read_with[instrument]
    known = known_rows(store, instrument, judged.rows, how)
    fresh = [(row, one) for row, one in judged.rows if row not in known]
    store.add_table(came.file, sha256, came.data, judged.suffix, fresh, how)
    return [
        Outcome(came.file, known.get(row, row_key(sha256, row)), "known" if row in known else "new")
        for row, _ in judged.rows
    ]


def _set_apart(store: Store, came: Arrived, problem: Note) -> Outcome:
    """Keep the file as it came, and say why it was not taken; what is passed over is only named."""
    sha256 = came.sha256
    if problem.code in PASSED_OVER:
        store.pass_over(came.file, sha256)
        return Outcome(came.file, sha256, "passed over", problem)
    if sha256 is not None:
        store.keep_original(sha256, came.data, came.path.suffix)
    elif problem.code == "R002":
        sha256 = store.keep_large(came.path)
    store.quarantine(came.file, sha256, problem)
    return Outcome(came.file, sha256, "quarantined", problem)
