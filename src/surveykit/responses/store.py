"""The study's store: one SQLite file, one transaction a workbook, the originals beside it.

A workbook is known by its SHA-256, so collecting it again changes nothing.
The original is in its place before the transaction that speaks of it is
committed: whenever the program is killed, each workbook is wholly in or
wholly out.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from surveykit.errors import Note, Place, SurveykitError
from surveykit.instrument.model import Instrument
from surveykit.responses.returned import CellRecord, Returned
from surveykit.responses.snapshot import from_json, to_json

FOLDER, FILE, ORIGINALS, PARTIAL = "store", "responses.sqlite", "originals", ".partial"
WAIT_SECONDS = 60.0
SCHEMA_VERSION = 4
SCHEMA = """
CREATE TABLE IF NOT EXISTS instrument (
    instrument TEXT NOT NULL, version TEXT NOT NULL, content_hash TEXT NOT NULL, json TEXT NOT NULL,
    PRIMARY KEY (instrument, version, content_hash)
);
CREATE TABLE IF NOT EXISTS workbook (
    id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL UNIQUE, file TEXT NOT NULL, respondent TEXT NOT NULL,
    instrument TEXT NOT NULL, version TEXT NOT NULL, content_hash TEXT NOT NULL, language TEXT NOT NULL,
    form_id TEXT NOT NULL, groups TEXT NOT NULL, modified TEXT NOT NULL, read_with TEXT NOT NULL,
    collected TEXT NOT NULL DEFAULT '', revises TEXT NOT NULL DEFAULT ''
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
CREATE TABLE IF NOT EXISTS remark (
    workbook INTEGER NOT NULL REFERENCES workbook (id) ON DELETE CASCADE,
    kind TEXT NOT NULL, item TEXT NOT NULL, sheet TEXT NOT NULL, cell TEXT, text TEXT NOT NULL,
    printed TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS remark_workbook ON remark (workbook);
CREATE TABLE IF NOT EXISTS quarantine (
    file TEXT PRIMARY KEY, sha256 TEXT, code TEXT NOT NULL, fields TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS set_apart (
    file TEXT NOT NULL, sha256 TEXT NOT NULL, original TEXT NOT NULL, code TEXT NOT NULL,
    fields TEXT NOT NULL, collected TEXT NOT NULL, PRIMARY KEY (file, sha256, code)
);
"""
OF_A_WORKBOOK = ("cell", "finding", "asked", "remark")
# Columns that stores of earlier versions lack.
ADDED = ("collected", "revises")
SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,5}")
PIECE = 2**20
# Between the SHA-256 of a table and the number of a row.
ROW_MARK = "#"


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
        path = self.original_path(sha256)
        if path is None:
            raise FileNotFoundError(sha256)
        return path.read_bytes()

    def original_path(self, sha256: str) -> Path | None:
        """Where a collected file, taken or set apart, is kept as it came; None where it is not."""
        folder = self.folder / ORIGINALS / sha256[:2]
        kept = (path for path in sorted(folder.glob(f"{sha256}.*")) if path.suffix != PARTIAL)
        return next(kept, None) if sha256 else None

    def add(
        self, file: str, sha256: str, data: bytes, returned: Returned, read_with: str, suffix: str = ".xlsx"
    ) -> None:
        """File a workbook with its cells and findings; read anew, it replaces its former reading."""
        self.keep_original(sha256, data, suffix)
        with self.transaction() as db:
            _file(db, file, sha256, returned, read_with)
            db.execute("DELETE FROM quarantine WHERE file = ? OR sha256 = ?", (file, sha256))

    def add_table(
        self,
        file: str,
        sha256: str,
        data: bytes,
        suffix: str,
        rows: Iterable[tuple[int, Returned]],
        read_with: str,
    ) -> None:
        """File the rows of a table, all or none, each under the table's SHA-256 and its number."""
        self.keep_original(sha256, data, suffix)
        with self.transaction() as db:
            for number, returned in rows:
                _file(db, file, row_key(sha256, number), returned, read_with)
            db.execute("DELETE FROM quarantine WHERE file = ? OR sha256 = ?", (file, sha256))

    def quarantine(self, file: str, sha256: str | None, problem: Note) -> None:
        """Record a file that was not collected, and why.

        `quarantine` holds what is to be looked at now, `set_apart` everything that ever was.
        """
        kept = self.original_path(file_sha256(sha256 or ""))
        original = "" if kept is None else str(kept.relative_to(self.folder))
        fields = _json(dict(problem.fields))
        with self.transaction() as db:
            row = (file, sha256, problem.code, fields)
            db.execute("INSERT OR REPLACE INTO quarantine VALUES (?, ?, ?, ?)", row)
            ever = (file, sha256 or "", original, problem.code, fields, now())
            db.execute("INSERT OR IGNORE INTO set_apart VALUES (?, ?, ?, ?, ?, ?)", ever)

    def pass_over(self, file: str, sha256: str | None) -> None:
        """Nothing is to be looked at in a file, though an earlier version may have set it apart."""
        with self.transaction() as db:
            db.execute("DELETE FROM quarantine WHERE file = ? OR sha256 = ?", (file, sha256))

    def set_rows_apart(self, file: str, sha256: str, problems: Mapping[int, Note]) -> None:
        """Record the rows of a table that were not taken; what was recorded of an earlier state is over."""
        start = f"{file}{ROW_MARK}"
        with self.transaction() as db:
            db.execute(
                "DELETE FROM quarantine WHERE substr(file, 1, ?) = ? OR substr(sha256, 1, 65) = ?",
                (len(start), start, f"{sha256}{ROW_MARK}"),
            )
        for number, problem in problems.items():
            self.quarantine(f"{start}{number}", row_key(sha256, number), problem)

    def forget(self, sha256s: Collection[str]) -> None:
        """Take files away with all that was read from them: for what a run made itself, and makes anew."""
        keys = [(sha,) for sha in sha256s]
        with self.transaction() as db:
            for table in OF_A_WORKBOOK:
                which = f"DELETE FROM {table} WHERE workbook IN (SELECT id FROM workbook WHERE sha256 = ?)"
                db.executemany(which, keys)
            for table in ("workbook", "quarantine", "set_apart"):
                db.executemany(f"DELETE FROM {table} WHERE sha256 = ?", keys)
        for sha in sha256s:
            path = self.original_path(sha)
            if path is not None:
                path.unlink()

    def keep_original(self, sha256: str, data: bytes, suffix: str) -> None:
        """A file as it came, under its hash; whole or not there."""
        path = self._place_of(sha256, suffix)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_suffix(f".{os.getpid()}{PARTIAL}")
            try:
                partial.write_bytes(data)
                partial.replace(path)
            except OSError:
                partial.unlink(missing_ok=True)
                raise

    def keep_large(self, source: Path) -> str:
        """A file too large to be read at once, copied piece by piece; its SHA-256."""
        digest, partial = hashlib.sha256(), self.folder / ORIGINALS / f"{os.getpid()}{PARTIAL}"
        partial.parent.mkdir(parents=True, exist_ok=True)
        try:
            with source.open("rb") as come, partial.open("wb") as kept:
                while piece := come.read(PIECE):
                    digest.update(piece)
                    kept.write(piece)
            path = self._place_of(digest.hexdigest(), source.suffix)
            path.parent.mkdir(parents=True, exist_ok=True)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
        return digest.hexdigest()

    def _place_of(self, sha256: str, suffix: str) -> Path:
        ending = suffix.casefold() if SUFFIX.fullmatch(suffix) else ".bin"
        return self.folder / ORIGINALS / sha256[:2] / f"{sha256}{ending}"


def row_key(sha256: str, number: int) -> str:
    """What a row of a table is known by."""
    return f"{sha256}{ROW_MARK}{number}"


def file_sha256(key: str) -> str:
    """The SHA-256 of the file that a workbook or a row of a table came in."""
    return key.partition(ROW_MARK)[0]


def row_number(key: str) -> int:
    """The number of a row of a table; 0 for a workbook."""
    return int(key.partition(ROW_MARK)[2] or 0)


def now() -> str:
    """The time of collection, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


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
        connection.execute("BEGIN IMMEDIATE")
        for statement in SCHEMA.split(";")[:-1]:
            connection.execute(statement)
        present = {row[1] for row in connection.execute("PRAGMA table_info(workbook)")}
        for column in ADDED:
            if column not in present:
                connection.execute(f"ALTER TABLE workbook ADD COLUMN {column} TEXT NOT NULL DEFAULT ''")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _file(db: sqlite3.Connection, file: str, key: str, returned: Returned, read_with: str) -> None:
    """File what one respondent returned; read anew, it replaces its former reading."""
    identity = returned.identity
    rows = db.execute("SELECT id, collected FROM workbook WHERE sha256 = ?", (key,)).fetchall()
    number, collected = rows[0] if rows else (None, now())
    for table in OF_A_WORKBOOK:
        db.execute(f"DELETE FROM {table} WHERE workbook = ?", (number,))
    facts = (
        number, key, file, returned.respondent, identity.instrument, identity.version,
        identity.content_hash, identity.language, identity.form_id, _json(dict(identity.groups)),
        returned.modified, read_with, collected, returned.revises,
    )  # fmt: skip
    marks = ", ".join("?" * len(facts))
    number = db.execute(f"INSERT OR REPLACE INTO workbook VALUES ({marks})", facts).lastrowid
    cells = [_cell_row(number, cell) for cell in returned.cells]
    db.executemany("INSERT INTO cell VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", cells)
    findings = [_finding_row(number, finding) for finding in returned.findings]
    db.executemany("INSERT INTO finding VALUES (?, ?, ?, ?, ?)", findings)
    orders = [(number, section, " ".join(items)) for section, items in identity.order.items()]
    db.executemany("INSERT INTO asked VALUES (?, ?, ?)", orders)
    remarks = [
        (number, one.kind, one.item, one.sheet, one.cell, one.text, one.printed) for one in returned.remarks
    ]
    db.executemany("INSERT INTO remark VALUES (?, ?, ?, ?, ?, ?, ?)", remarks)


def _cell_row(workbook: int | None, cell: CellRecord) -> tuple[object, ...]:
    value = None if cell.value is None else _json(cell.value)
    return workbook, cell.item, cell.option, cell.sheet, cell.cell, cell.kind, cell.raw, value, cell.rule


def _finding_row(workbook: int | None, finding: Note) -> tuple[object, ...]:
    place = finding.place or Place()
    return workbook, finding.code, _json(dict(finding.fields)), place.sheet, place.cell
