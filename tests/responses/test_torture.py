"""The torture folder: what must become of each damaged, odd or hostile file, and that nothing is lost."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from torture import Case
from torture_folder import cases
from torture_office import OFFICE, office_cases

from hand_made import ANSWERS, sample
from surveykit.responses.collect import collect
from surveykit.responses.read import read_responses

CASES = cases()
# Half a second each to make; the others are made and collected in a few hundredths.
LARGE = (
    "hostile: all rows styled",
    "hostile: 120,000 rows styled",
    "hostile: zip bomb",
    "sheet: hundreds of sheets",
    "hostile: fifty thousand names",
    "program: a picture inside",
)
# The limit asked for; the whole folder in one process stays far below it.
MEMORY_LIMIT_MB = 300


def marked(case: Case) -> Any:
    slow = (pytest.mark.slow,) if case.name in LARGE else ()
    return pytest.param(case, id=case.name, marks=slow)


def outcome(path: Path, study: Path) -> tuple[str, tuple[str, ...], dict[str, Any]]:
    """The code a file is set apart with, else the codes of its findings and the answers that changed."""
    report = collect(path, study, instruments=sample())
    assert len(report.accepted) + len(report.quarantined) == 1
    if len(report.quarantined):
        return str(report.quarantined["code"][0]), (), {}
    row = read_responses(study).frame.iloc[0]
    values = {name: None if pd.isna(row[name]) else row[name] for name in ANSWERS}
    changed = {name: value for name, value in values.items() if value != ANSWERS[name]}
    return "", tuple(sorted(report.findings["code"])), changed


def check(case: Case, folder: Path) -> None:
    path = case.write(folder / "returned")
    found = outcome(path, folder / "study")
    assert found == (case.apart, tuple(sorted(case.findings)), dict(case.answers))
    kept = [one.read_bytes() for one in (folder / "study/store/originals").rglob("*") if one.is_file()]
    # A file that cannot be opened at all, and the mark of an open workbook (it names a person), are not kept.
    assert kept == ([] if case.apart in ("R001", "R025") else [path.read_bytes()])
    assert not list(folder.parent.rglob("surveykit_was_here*"))


def test_there_are_many_cases_and_no_name_stands_twice() -> None:
    assert len({case.name for case in CASES}) == len(CASES) > 150


@pytest.mark.parametrize("case", [marked(case) for case in CASES])
def test_what_becomes_of_a_file(case: Case, tmp_path: Path) -> None:
    check(case, tmp_path)


@pytest.mark.slow
@pytest.mark.skipif(not OFFICE, reason="LibreOffice with its Python bridge is not installed")
def test_what_becomes_of_files_changed_in_libreoffice(tmp_path: Path) -> None:
    made = office_cases(tmp_path / "office")
    assert len(made) > 20
    for number, case in enumerate(made):
        check(case, tmp_path / str(number))


WHOLE_FOLDER = """
import json, sys
sys.path.insert(0, sys.argv[1])
from hand_made import sample
from surveykit.responses.collect import collect
report = collect(sys.argv[2], sys.argv[3], instruments=sample())
# getrusage tells a child the peak of the process that started it; the kernel's own mark does not.
with open("/proc/self/status", encoding="ascii") as status:
    peak = int(next(line.split()[1] for line in status if line.startswith("VmHWM"))) // 1024
print(json.dumps({"files": len(report.to_frame()), "peak": peak, "text": len(report.summary())}))
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="measured as Linux tells it")
def test_the_whole_folder_at_once_in_little_memory(tmp_path: Path) -> None:
    for number, case in enumerate(CASES):
        case.write(tmp_path / "returned" / str(number))
    tests = str(Path(__file__).parent.parent)
    command = [sys.executable, "-c", WHOLE_FOLDER, tests, str(tmp_path / "returned"), str(tmp_path / "study")]
    shown = subprocess.run(command, check=True, capture_output=True, text=True)
    told = json.loads(shown.stdout)
    assert told["files"] == len(CASES)
    assert told["peak"] < MEMORY_LIMIT_MB
    assert told["text"] > 10_000


# ---- folders and links -------------------------------------------------------------------------------------


def test_a_folder_named_like_a_workbook_is_gone_through(tmp_path: Path) -> None:
    case = next(one for one in CASES if one.name == "program: inline strings")
    case.write(tmp_path / "returned" / "folder.xlsx")
    (tmp_path / "returned" / "empty.xlsx").mkdir()
    report = collect(tmp_path / "returned", tmp_path / "study", instruments=sample())
    assert list(report.to_frame()["outcome"]) == ["accepted"]


def test_a_link_to_a_form_is_the_form(tmp_path: Path) -> None:
    case = next(one for one in CASES if one.name == "program: inline strings")
    path = case.write(tmp_path / "elsewhere")
    (tmp_path / "returned").mkdir()
    (tmp_path / "returned" / "link.xlsx").symlink_to(path)
    (tmp_path / "returned" / "round.xlsx").symlink_to(tmp_path / "returned")
    report = collect(tmp_path / "returned", tmp_path / "study", instruments=sample())
    outcomes = {Path(file).name: code for file, code in report.to_frame()[["file", "code"]].to_numpy()}
    assert outcomes == {"link.xlsx": ""}
