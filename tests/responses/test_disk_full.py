"""No room left: a code, and nothing lost. A limit on the size of files takes the room away for real."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from hand_made import ANSWERS, sample
from surveykit.form.excel import write_forms
from surveykit.form.fill import fill_form
from surveykit.responses.collect import collect
from surveykit.responses.export.write import FORMATS
from surveykit.responses.incoming.importing import import_table
from surveykit.responses.read import read_responses
from surveykit.responses.store import open_store

resource = pytest.importorskip("resource", reason="limits on files are a matter of Unix")

COUNT = 40
# A process whose files may not grow beyond so many bytes; Python turns the signal into an OSError.
LIMITED = """
import resource, sys
sys.path.insert(0, sys.argv[1])
from hand_made import sample
from surveykit.errors import SurveykitError
from surveykit.responses.collect import collect
from surveykit.responses.export.write import export_responses
from surveykit.responses.incoming.importing import import_table
from surveykit.responses.read import read_responses

limit = int(sys.argv[5])
responses = None if sys.argv[2] in ("collect", "import") else read_responses(sys.argv[3])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    if sys.argv[2] == "collect":
        collect(sys.argv[3], sys.argv[4], instruments=sample())
    elif sys.argv[2] == "import":
        import_table(sys.argv[3], sys.argv[4], sample())
    else:
        export_responses(responses, sys.argv[4], [sys.argv[2]])
except SurveykitError as problem:
    print(problem.code)
else:
    print("done")
"""


def limited(what: str, source: Path, study: Path, limit: int) -> str:
    tests = str(Path(__file__).parent.parent)
    command = [sys.executable, "-c", LIMITED, tests, what, str(source), str(study), str(limit)]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Traceback" not in shown.stderr, shown.stderr
    return shown.stdout.strip()


@pytest.fixture(scope="module")
def returned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("forms") / "returned"
    frame = pd.DataFrame({"respondent": [f"R-{number:03d}" for number in range(COUNT)]})
    for number, path in enumerate(write_forms(sample(), folder, "ja", frame)):
        fill_form(sample(), path, {**ANSWERS, "staff": number + 1}, path)
    return folder


def test_the_limit_does_not_hinder_where_there_is_room(returned: Path, tmp_path: Path) -> None:
    assert limited("collect", returned, tmp_path, 50_000_000) == "done"


@pytest.mark.parametrize("limit", [100, 20_000, 70_000, 150_000])
def test_a_collection_that_runs_out_of_room_goes_on_where_it_stopped(
    returned: Path, tmp_path: Path, limit: int
) -> None:
    assert limited("collect", returned, tmp_path, limit) == "R061"
    report = collect(returned, tmp_path, instruments=sample())
    assert len(report.accepted) == COUNT
    assert report.quarantined.empty
    found = read_responses(tmp_path)
    assert sorted(found.frame["staff"]) == list(range(1, COUNT + 1))
    with open_store(tmp_path, create=False) as store:
        assert store.query("PRAGMA integrity_check") == [("ok",)]
        cells = store.query("SELECT workbook, count(*) FROM cell GROUP BY workbook")
        assert {count for _, count in cells} == {14}
        kept = {path.name for path in (tmp_path / "store" / "originals").rglob("*.xlsx")}
        assert kept == {f"{sha}.xlsx" for (sha,) in store.query("SELECT sha256 FROM workbook")}
    assert not list((tmp_path / "store").rglob("*.partial"))


def test_what_was_collected_before_is_whole(returned: Path, tmp_path: Path) -> None:
    """The disk fills up in the middle: what is in the store then is the beginning, workbook by workbook."""
    assert limited("collect", returned, tmp_path, 150_000) == "R061"
    with open_store(tmp_path, create=False) as store:
        cells = store.query(
            "SELECT w.id, count(c.item) FROM workbook w LEFT JOIN cell c ON c.workbook = w.id GROUP BY 1"
        )
        assert store.query("PRAGMA integrity_check") == [("ok",)]
    assert 0 < len(cells) < COUNT
    assert {count for _, count in cells} == {14}
    assert len(read_responses(tmp_path).frame) == len(cells)


def test_a_table_is_wholly_in_or_wholly_out(tmp_path: Path) -> None:
    rows = pd.DataFrame({"respondent": [f"R{n}" for n in range(500)], "trust_1": 4, "trust_2": 2})
    rows.to_csv(tmp_path / "answers.csv", index=False)
    assert limited("import", tmp_path / "answers.csv", tmp_path, 60_000) == "R061"
    with open_store(tmp_path, create=False) as store:
        assert store.query("SELECT count(*) FROM workbook") == [(0,)]
    assert import_table(tmp_path / "answers.csv", tmp_path, sample()).new == 500
    assert len(read_responses(tmp_path).frame) == 500


@pytest.mark.parametrize("name", FORMATS)
def test_an_export_is_never_half_of_one(returned: Path, tmp_path: Path, name: str) -> None:
    collect(sorted(returned.iterdir())[:3], tmp_path, instruments=sample())
    (tmp_path / "out").mkdir()
    assert limited(name, tmp_path, tmp_path / "out", 300) == "E021"
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == []
