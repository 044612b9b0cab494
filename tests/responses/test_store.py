"""The store: whole or not at all, whoever is killed and whoever else is collecting."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hand_made import ANSWERS, guide, sample
from surveykit.errors import SurveykitError
from surveykit.form.excel import write_forms
from surveykit.form.fill import fill_form
from surveykit.responses.collect import collect
from surveykit.responses.read import read_responses
from surveykit.responses.snapshot import from_json, to_json
from surveykit.responses.store import open_store

COLLECT = """
import sys, time
sys.path.insert(0, sys.argv[1])
from hand_made import sample
from surveykit.responses.collect import collect

def progress(done, total, file):
    print(done, flush=True)
    time.sleep(0.01)

print("ready", flush=True)
collect(sys.argv[2], sys.argv[3], instruments=sample(), progress=progress)
"""


def returned(tmp_path: Path, count: int) -> Path:
    import pandas as pd

    frame = pd.DataFrame({"respondent": [f"R-{number:03d}" for number in range(count)]})
    for number, path in enumerate(write_forms(sample(), tmp_path / "returned", "ja", frame)):
        fill_form(sample(), path, {**ANSWERS, "staff": number + 1}, path)
    return tmp_path / "returned"


def start(tmp_path: Path, folder: Path) -> subprocess.Popen[str]:
    tests = str(Path(__file__).parent.parent)
    command = [sys.executable, "-c", COLLECT, tests, str(folder), str(tmp_path / "study")]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ))


@pytest.mark.parametrize("inst", [sample(), guide()], ids=["sample", "guide"])
def test_an_instrument_is_kept_as_it_was(inst: object) -> None:
    assert from_json(to_json(inst)) == inst  # type: ignore[arg-type]


def test_killed_in_the_middle_every_workbook_is_wholly_in_or_wholly_out(tmp_path: Path) -> None:
    folder = returned(tmp_path, 60)
    process = start(tmp_path, folder)
    assert process.stdout is not None
    while process.stdout.readline().strip() != "10":
        pass
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    with open_store(tmp_path / "study", create=False) as store:
        cells = store.query(
            "SELECT w.id, count(c.item) FROM workbook w LEFT JOIN cell c ON c.workbook = w.id GROUP BY 1"
        )
        assert 10 <= len(cells) < 60
        assert {count for _, count in cells} == {14}
        assert store.query("PRAGMA integrity_check") == [("ok",)]
        kept = {sha for (sha,) in store.query("SELECT sha256 FROM workbook")}
    originals = {path.stem for path in (tmp_path / "study/store/originals").rglob("*.xlsx")}
    assert kept <= originals
    report = collect(folder, tmp_path / "study", instruments=sample())
    assert len(report.accepted) == 60
    assert (report.accepted["status"] == "known").sum() == len(cells)
    assert sorted(read_responses(tmp_path / "study").frame["staff"]) == list(range(1, 61))


def test_two_collectors_at_once(tmp_path: Path) -> None:
    folder = returned(tmp_path, 40)
    processes = [start(tmp_path, folder) for _ in range(2)]
    for process in processes:
        process.communicate(timeout=60)
    assert [process.returncode for process in processes] == [0, 0]
    with open_store(tmp_path / "study", create=False) as store:
        assert store.query("SELECT count(*) FROM workbook") == [(40,)]
        assert store.query("SELECT count(*) FROM cell") == [(40 * 14,)]


def test_a_collector_waits_for_another_to_finish_its_workbook(tmp_path: Path) -> None:
    folder = returned(tmp_path, 1)
    collect([], tmp_path / "study", instruments=sample())
    other = sqlite3.connect(tmp_path / "study/store/responses.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    process = start(tmp_path, folder)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "ready"
    time.sleep(0.5)
    assert process.poll() is None
    other.execute("COMMIT")
    other.close()
    process.communicate(timeout=60)
    assert process.returncode == 0


def test_a_full_disk_is_told_and_harms_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = returned(tmp_path, 3)
    write = Path.write_bytes
    calls: list[Path] = []

    def full_at_the_second(path: Path, data: bytes) -> int:
        calls.append(path)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", full_at_the_second)
    with pytest.raises(SurveykitError, match=r"\[R061\].*No space left"):
        collect(folder, tmp_path / "study", instruments=sample())
    monkeypatch.undo()
    assert len(read_responses(tmp_path / "study").frame) == 1
    assert len(collect(folder, tmp_path / "study", instruments=sample()).accepted) == 3


def test_a_store_that_is_no_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "responses.sqlite").write_bytes(b"not a database at all" * 100)
    with pytest.raises(SurveykitError, match=r"\[R061\].*not a database"):
        collect([], tmp_path, instruments=sample())


def test_the_store_itself_is_never_collected(tmp_path: Path) -> None:
    folder = returned(tmp_path, 2)
    (tmp_path / "study").mkdir()
    folder.rename(tmp_path / "study" / "returned")
    for _ in range(2):
        assert len(collect(tmp_path / "study", tmp_path / "study", instruments=sample()).to_frame()) == 2
