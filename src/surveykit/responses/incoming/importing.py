"""Tables of other systems into the study's store: a transaction a file; no row is filed twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from surveykit.errors import Note, SurveykitProblems
from surveykit.instrument.model import Instrument
from surveykit.options import check_choice
from surveykit.responses.expected import Expected
from surveykit.responses.filed import known_rows
from surveykit.responses.incoming.columns import ColumnMap, find_columns
from surveykit.responses.incoming.platforms import PLATFORMS
from surveykit.responses.incoming.take import Taker, label_conflicts
from surveykit.responses.store import Store, file_sha256, open_store, row_key
from surveykit.responses.tables import Found, findings_frame, found_in
from surveykit.results import Result

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class ImportReport(Result):
    """What became of a table.

    Attributes
    ----------
    file, sha256 : str
    rows, new : int
        Rows with answers, and those that were not in the store as they are.
    findings : DataFrame
        As of a collection: `code file respondent item sheet cell place text remedy …`; with the rows that
        were set apart since they do not fit the header (E066).
    notes : tuple of Note
        How the file was read, what of it was not.
    """

    file: str
    sha256: str
    rows: int
    new: int
    findings: pd.DataFrame
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """The findings."""
        return self.findings

    def summary(self, lang: str = "en") -> str:
        """How many rows and findings, each finding, how the file was read."""
        from surveykit.wording import wording

        counts = {"rows": self.rows, "new": self.new, "findings": len(self.findings), "file": self.file}
        lines = [wording("exchange", "import_totals", lang, **counts)]
        lines += [f"[{row.code}] {row.place}: {row.text}" for row in self.findings.itertuples()]
        return "\n".join([*lines, *(one.full(lang) for one in self.notes)])


def import_table(
    path: str | Path,
    study: str | Path,
    instrument: Instrument,
    columns: ColumnMap | None = None,
    lang: str = "en",
    progress: Callable[[int, int, str], None] | None = None,
) -> ImportReport:
    """Take a table of answers into a study's store.

    Values are parsed and checked as those of a returned form; `read_responses`
    gives the same frame, provenance and findings whatever the way in.

    Parameters
    ----------
    path : path
        A CSV file, a workbook or an SPSS file, as `columns.source` says.
    study : path
        The study's folder.
    instrument : Instrument
        What was asked.
    columns : ColumnMap, optional
        Where the items stand; by default found by their names.
    lang : {"en", "ja", "ko"}, default "en"
        Language of the findings.
    progress : callable, optional
        Called as ``progress(done, total, file)`` after each row.

    Raises
    ------
    SurveykitError
        R001-R013, E020, E050, E051, E070, E071 the file cannot be read; O001 no such source.
    SurveykitProblems
        E052-E055, E058, E059 the map and the table do not fit; E063 value labels that contradict the
        instrument's.
    """
    given = columns or ColumnMap()
    check_choice("source", given.source, PLATFORMS)
    platform = PLATFORMS[given.source]
    table = platform.read(Path(path), given.sheet)
    expected = Expected(instrument)
    found = find_columns(table, instrument, given, platform)
    problems = label_conflicts(table, expected, found, given)
    if problems:
        raise SurveykitProblems(tuple(problems))
    missing = frozenset((*platform.missing, *given.missing))
    taker = Taker(table, expected, found, given, missing)
    taken = []
    for done, row in enumerate(table.rows, 1):
        taken.append((row.number, taker.take(row)))
        if progress is not None:
            progress(done, len(table.rows), table.file)
    with open_store(study, create=True) as store:
        store.remember_instrument(instrument)
        known = known_rows(store, instrument.instrument, taken, expected.read_with)
        new = [(row, one) for row, one in taken if row not in known]
        store.add_table(table.file, table.sha256, table.data, Path(path).suffix, new, expected.read_with)
        files = {key: file for key, file in _files(store, instrument) if file_sha256(key) == table.sha256}
        store.set_rows_apart(table.file, table.sha256, table.apart)
        apart = [Found(row_key(table.sha256, row), said, "", lang, True) for row, said in table.apart.items()]
        findings = findings_frame([*found_in(store, files), *apart], lang)
    return ImportReport(
        table.file, table.sha256, len(taken), len(new), findings, (*table.notes, *found.notes)
    )


def _files(store: Store, instrument: Instrument) -> Iterable[tuple[str, str]]:
    return store.query("SELECT sha256, file FROM workbook WHERE instrument = ?", instrument.instrument)
