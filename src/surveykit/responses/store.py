"""The study's store: one SQLite file, one transaction a workbook, the originals beside it.

A workbook is known by its SHA-256, so collecting it again changes nothing.
The original is in its place before the transaction that speaks of it is
committed: whenever the program is killed, each workbook is wholly in or
wholly out.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from surveykit.errors import Note, Place, SurveykitError
from surveykit.instrument.model import Instrument
from surveykit.responses.returned import CellRecord, Returned
from surveykit.responses.snapshot import from_json, to_json

FOLDER, FILE, ORIGINALS = "store", "responses.sqlite", "originals"
WAIT_SECONDS = 60.0
SCHEMA_VERSION = 2
SCHEMA = """
CREATE TABLE IF NOT EXISTS instrument (
    instrument TEXT NOT NULL, version TEXT NOT NULL, content_hash TEXT NOT NULL, json TEXT NOT NULL,
    PRIMARY KEY (instrument, version, content_hash)
);
CREATE TABLE IF NOT EXISTS workbook (
    id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL UNIQUE, file TEXT NOT NULL, respondent TEXT NOT NULL,
    instrument TEXT NOT NULL, version TEXT NOT NULL, content_hash TEXT NOT NULL, language TEXT NOT NULL,
    form_id TEXT NOT NULL, groups TEXT NOT NULL, modified TEXT NOT NULL, read_with TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS workbook_respondent ON workbook (instrument, respondent);
CREATE TABLE IF NOT EXISTS cell (
    workbook INTEGER NOT NULL REFERENCES workbook (id) ON DELETE CASCADE,
    item TEXT NOT NULL, option INTEGER, sheet TEXT, cell TEXT, kind TEXT, raw TEXT, value TEXT,
    rule TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS cell_workbook ON cell (workbook);
CREATE TABLE IF NOT EXISTS finding (
    workbook INTEGER NOT NULL REFERENCES workbook (id) ON DELETE CASCADE,
    code TEXT NOT NULL, fields TEXT NOT NULL, sheet TEXT, cell TEXT
);
CREATE INDEX IF NOT EXISTS finding_workbook ON finding (workbook);
CREATE TABLE IF NOT EXISTS asked (
    workbook INTEGER NOT NULL REFERENCES workbook (id) ON DELETE CASCADE,
    section TEXT NOT NULL, items TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS asked_workbook ON asked (workbook);
CREATE TABLE IF NOT EXISTS quarantine (
    file TEXT PRIMARY KEY, sha256 TEXT, code TEXT NOT NULL, fields TEXT NOT NULL
);
"""


class Store:
    """An open store. Use `open_store`."""

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self.folder = folder
        self._db = connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield self._db
        except BaseException:
            self._db.rollback()
            raise
        self._db.commit()

    def query(self, sql: str, *values: object) -> list[Any]:
        """The rows of a query."""
        return self._db.execute(sql, values).fetchall()

    def remember_instrument(self, inst: Instrument) -> None:
        """Keep the definition that answers are read with."""
        row = (inst.instrument, inst.version, inst.content_hash, to_json(inst))
        with self.transaction() as db:
            db.execute("INSERT OR REPLACE INTO instrument VALUES (?, ?, ?, ?)", row)

    def instruments(self) -> list[Instrument]:
        """The definitions kept, in the order in which they came."""
        return [from_json(text) for (text,) in self.query("SELECT json FROM instrument ORDER BY rowid")]

    def is_known(self, sha256: str, read_with: Mapping[str, str]) -> bool:
        """Whether the workbook is in the store, read with the definition that holds now."""
        rows = self.query("SELECT instrument, read_with FROM workbook WHERE sha256 = ?", sha256)
        return bool(rows) and read_with.get(rows[0][0]) == rows[0][1]

    def coding_sheets(self) -> dict[str, str]:
        """The coding sheets in the store, by the name under which they are filed: how they were read."""
        rows = self.query(
            "SELECT DISTINCT instrument, read_with FROM workbook WHERE instrument GLOB 'coding:*'"
        )
        return dict(rows)

    def original(self, sha256: str) -> bytes:
        """A collected workbook as it came."""
        folder = self.folder / ORIGINALS / sha256[:2]
        return next(path for path in folder.glob(f"{sha256}.*") if path.suffix != ".partial").read_bytes()

    def add(self, file: str, sha256: str, data: bytes, returned: Returned, read_with: str) -> None:
        """File a workbook with its cells and findings; read anew, it replaces its former reading."""
        self._keep_original(sha256, data)
        identity = returned.identity
        with self.transaction() as db:
            rows = db.execute("SELECT id FROM workbook WHERE sha256 = ?", (sha256,)).fetchall()
            number = rows[0][0] if rows else None
            for table in ("cell", "finding", "asked"):
                db.execute(f"DELETE FROM {table} WHERE workbook = ?", (number,))
            facts = (
                number, sha256, file, returned.respondent, identity.instrument, identity.version,
                identity.content_hash, identity.language, identity.form_id, _json(dict(identity.groups)),
                returned.modified, read_with,
            )  # fmt: skip
            marks = ", ".join("?" * len(facts))
            number = db.execute(f"INSERT OR REPLACE INTO workbook VALUES ({marks})", facts).lastrowid
            db.executemany(
                "INSERT INTO cell VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [_cell_row(number, cell) for cell in returned.cells],
            )
            db.executemany(
                "INSERT INTO finding VALUES (?, ?, ?, ?, ?)",
                [_finding_row(number, finding) for finding in returned.findings],
            )
            db.executemany(
                "INSERT INTO asked VALUES (?, ?, ?)",
                [(number, section, " ".join(items)) for section, items in identity.order.items()],
            )
            db.execute("DELETE FROM quarantine WHERE file = ? OR sha256 = ?", (file, sha256))

    def quarantine(self, file: str, sha256: str | None, problem: Note) -> None:
        """Record a file that was not collected, and why."""
        with self.transaction() as db:
            row = (file, sha256, problem.code, _json(dict(problem.fields)))
            db.execute("INSERT OR REPLACE INTO quarantine VALUES (?, ?, ?, ?)", row)

    def _keep_original(self, sha256: str, data: bytes) -> None:
        """The workbook as it came, under its hash; whole or not there."""
        path = self.folder / ORIGINALS / sha256[:2] / f"{sha256}.xlsx"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_suffix(f".{os.getpid()}.partial")
            try:
                partial.write_bytes(data)
                partial.replace(path)
            except OSError:
                partial.unlink(missing_ok=True)
                raise


def store_folder(study: str | Path) -> Path:
    """Where a study keeps what was collected."""
    return Path(study) / FOLDER


@contextmanager
def open_store(study: str | Path, *, create: bool) -> Iterator[Store]:
    """Open a study's store.

    Raises
    ------
    SurveykitError
        R060 nothing was collected yet (with `create=False`); R061 the store cannot be read or written.
    """
    folder = store_folder(study)
    path = folder / FILE
    place = Place(file=str(path))
    if not create and not path.is_file():
        raise SurveykitError("R060", place=Place(file=str(study)))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)
    except (OSError, sqlite3.Error) as problem:
        raise SurveykitError("R061", place=place, reason=str(problem)) from None
    try:
        _prepare(connection)
        yield Store(folder, connection)
    except (OSError, sqlite3.Error) as problem:
        raise SurveykitError("R061", place=place, reason=str(problem)) from None
    finally:
        connection.close()


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    if connection.execute("PRAGMA user_version").fetchone()[0] < SCHEMA_VERSION:
        connection.executescript(f"BEGIN IMMEDIATE;{SCHEMA}PRAGMA user_version = {SCHEMA_VERSION};COMMIT;")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _cell_row(workbook: int | None, cell: CellRecord) -> tuple[object, ...]:
    value = None if cell.value is None else _json(cell.value)
    return workbook, cell.item, cell.option, cell.sheet, cell.cell, cell.kind, cell.raw, value, cell.rule


def _finding_row(workbook: int | None, finding: Note) -> tuple[object, ...]:
    place = finding.place or Place()
    return workbook, finding.code, _json(dict(finding.fields)), place.sheet, place.cell
