"""Files that are no forms and need no one's care are named, not set apart; where nothing came, it is said."""

from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from surveykit.cli.app import app
from surveykit.errors import note
from surveykit.form.excel import write_forms
from surveykit.form.fill import fill_form
from surveykit.instrument.reader import read_instrument
from surveykit.responses.collect import collect, collected
from surveykit.responses.store import open_store

INSTRUMENT = Path(__file__).parents[2] / "instruments" / "kam_coordination.yaml"
MAC = b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        "


@pytest.fixture
def returned(tmp_path: Path) -> Path:
    inst = read_instrument(INSTRUMENT)
    frame = pd.DataFrame({"respondent": ["A1"], "language": ["ja"], "country": ["JP"]})
    (form,) = write_forms(inst, tmp_path / "forms", respondents=frame)
    folder = tmp_path / "returned"
    folder.mkdir()
    rated = next(one.id for one in inst.items if one.type == "likert")
    fill_form(inst, form, {rated: 77}, folder / "A1.xlsx")
    return folder


@pytest.mark.parametrize("saved_again", [False, True])
def test_our_own_table_is_no_form(returned: Path, tmp_path: Path, saved_again: bool) -> None:
    sent = tmp_path / "to_correct"
    collect(returned, tmp_path, instruments=INSTRUMENT, marked=sent)
    if saved_again:
        book = load_workbook(sent / "findings.xlsx")
        book.active["L2"] = "done"
        book.save(sent / "findings (2).xlsx")
    report = collect(sent, tmp_path, instruments=INSTRUMENT)
    assert len(report.quarantined) == 0
    assert {one.code for one in report.passed_over} == {"R103"}
    assert len(report.passed_over) == 1 + saved_again
    assert f"{sent / 'findings.xlsx'}: passed over\n  [R103] This is a table of findings" in report.summary()
    outcomes = report.to_frame().set_index("file")["outcome"]
    assert outcomes[str(sent / "findings.xlsx")] == "passed over"


def test_an_earlier_quarantine_of_it_is_over(returned: Path, tmp_path: Path) -> None:
    sent = tmp_path / "to_correct"
    collect(returned, tmp_path, instruments=INSTRUMENT, marked=sent)
    with open_store(tmp_path, create=False) as store:
        store.quarantine(str(sent / "findings.xlsx"), "0" * 64, note("R024", found="–", known="x"))
    collect(sent, tmp_path, instruments=INSTRUMENT)
    assert len(collected(tmp_path).quarantined) == 0


@pytest.mark.parametrize("name", [".DS_Store", "Thumbs.db", "desktop.ini", "._A1.xlsx", "THUMBS.DB"])
def test_files_of_the_system(returned: Path, tmp_path: Path, name: str) -> None:
    (returned / name).write_bytes(MAC)
    report = collect(returned, tmp_path, instruments=INSTRUMENT)
    assert [one.code for one in report.passed_over] == ["R104"]
    assert (len(report.accepted), len(report.quarantined)) == (1, 0)


def test_a_form_that_is_called_like_one_is_read(returned: Path, tmp_path: Path) -> None:
    (returned / "A1.xlsx").rename(returned / "._A1.xlsx")
    assert len(collect(returned, tmp_path, instruments=INSTRUMENT).accepted) == 1


@pytest.mark.parametrize(("file", "told"), [(None, "[R105]"), (".DS_Store", "[R104]"), ("a.txt", "[R0")])
def test_nothing_could_be_taken(tmp_path: Path, file: str | None, told: str) -> None:
    study, folder = tmp_path / "study", tmp_path / "empty"
    study.mkdir()
    folder.mkdir()
    (study / "study.yaml").write_text(f"instrument: {INSTRUMENT}\n", "utf-8")
    if file is not None:
        (folder / file).write_bytes(MAC)
    shown = CliRunner().invoke(app, ["collect", str(folder), "--study", str(study)])
    assert shown.exit_code == 1
    assert told in shown.output


def test_a_column_that_only_some_forms_lack(tmp_path: Path) -> None:
    inst = read_instrument(INSTRUMENT)
    study, folder = tmp_path / "study", tmp_path / "returned"
    study.mkdir()
    folder.mkdir()
    plan = f"instrument: {INSTRUMENT}\nsteps:\n  - {{id: a, step: describe}}\n"
    (study / "study.yaml").write_text(plan, "utf-8")
    for who, columns in (("A1", {"country": ["JP"]}), ("A2", {})):
        frame = pd.DataFrame({"respondent": [who], "language": ["ja"]} | columns)
        (form,) = write_forms(inst, tmp_path / who, respondents=frame)
        fill_form(inst, form, {}, folder / f"{who}.xlsx")
    (told,) = collect(folder, study).notes
    assert told.code == "R079"
    assert told.text().endswith("absent or empty in 1 of 2 collected forms.")
