"""A study of open answers goes the whole way: forms, coding sheets for two coders, segments, propositions."""

import shutil
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from surveykit.cli.app import app
from surveykit.coding.agreement import coder_agreement
from surveykit.coding.codebook import read_codebook
from surveykit.coding.segments import read_segments
from surveykit.errors import SurveykitError, SurveykitWarning
from surveykit.responses.coding_sheet import read_coding_sheet
from surveykit.responses.collect import collect
from surveykit.responses.excel import read_workbook
from surveykit.responses.guard import open_guarded
from surveykit.study.archiving import archive_study
from surveykit.study.interviews import write_study_sheet
from surveykit.study.run import run_study

SHIPPED = Path(__file__).parents[2] / "analyses" / "trim_lee_learning"
FILES = ("study.yaml", "questionnaire.yaml", "codebook.yaml", "answers.csv", "coding_first.csv",
         "coding_second.csv", "README.md")  # fmt: skip


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean copy, as in a fresh clone: nothing generated."""
    folder = tmp_path_factory.mktemp("clone") / "analyses" / "trim_lee_learning"
    folder.mkdir(parents=True)
    for name in FILES:
        shutil.copy(SHIPPED / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def result(study: Path) -> Any:
    return run_study(study)


def test_every_answer_comes_back_as_it_was_sent_in_three_languages(result: Any) -> None:
    data = result.results["data"]
    trip = data["round_trip"].to_frame().iloc[0]
    assert (trip["n_workbooks"], trip["n_cells"], trip["n_different"]) == (15, 210, 0)
    assert sorted(data["collection"].accepted["language"].unique()) == ["en", "ja", "ko"]
    assert result.simulated
    assert "SIMULATED" in result.report.read_text(encoding="utf-8")


def test_the_codes_are_those_that_the_coders_entered(study: Path, result: Any) -> None:
    found = result.results["propositions"]
    assert found["sheets"].accepted["respondent"].tolist() == ["first", "second"]
    assert found["sheets"].findings.empty
    coded = found["segments"]
    assert coded.notes == ()
    texts = pd.read_csv(study / "answers.csv", dtype=str).set_index("respondent")
    for coder in ("first", "second"):
        entered = pd.read_csv(study / f"coding_{coder}.csv", dtype=str, keep_default_na=False)
        rows = coded.frame[coded.frame["coder"] == coder]
        assert len(rows) == len(entered)
        for sent, read in zip(entered.to_dict("records"), rows.to_dict("records"), strict=True):
            assert read["code"] == sent["code"].replace("-", "")
            assert read["passage"] == (sent["words"] or texts.at[sent["respondent"], sent["item"]])
            assert (read["proposition"], read["stance"]) == (sent["proposition"], sent["stance"])


def test_the_table_of_segments_that_a_run_writes_reads_back(study: Path, result: Any) -> None:
    book = read_codebook(study / "codebook.yaml")
    again = read_segments(result.report.parent / "segments.csv", book)
    pd.testing.assert_frame_equal(again.frame, result.results["propositions"]["segments"].frame)


def test_every_kind_of_result_is_there(result: Any) -> None:
    found = result.results["propositions"]
    matrix = found["matrix"].frame
    assert len(matrix) == 12
    assert set(matrix["n_cases"]) == {5}
    assert found["saturation"].saturated_at is not None
    overall = found["agreement"].frame.set_index("code").loc["overall"]
    assert 0.5 < overall["ci_lower"] < overall["alpha"] < overall["ci_upper"] < 1
    assert len(found["agreement"].disagreements) > 5


def test_sheets_for_a_real_coder_and_for_adjudication(study: Path, result: Any, tmp_path: Path) -> None:
    command = [
        "coding-sheet",
        str(study),
        "--coder",
        "third",
        "--lang",
        "ko",
        "--out",
        str(tmp_path / "c.xlsx"),
    ]
    shown = CliRunner().invoke(app, command)
    assert shown.exit_code == 0
    sheet = read_coding_sheet(read_workbook(open_guarded(tmp_path / "c.xlsx")))
    answered = pd.read_csv(study / "answers.csv", dtype=str).filter(regex="^q").notna().to_numpy().sum()
    assert (sheet.coder, sheet.language, len(sheet.units)) == ("third", "ko", answered)
    path = write_study_sheet(study, "adjudicated", tmp_path / "a.xlsx", adjudicate=True)
    open_ones = read_coding_sheet(read_workbook(open_guarded(path)))
    assert len(open_ones.units) == len(result.results["propositions"]["agreement"].disagreements)
    report = collect(path, study)
    assert [*report.findings["code"]] == ["C063"]  # nothing decided yet


def test_an_archive_holds_the_codes_but_not_the_answers_and_runs_again(
    study: Path, result: Any, tmp_path: Path
) -> None:
    archived = archive_study(study, tmp_path / "a.zip")
    with zipfile.ZipFile(archived.path) as bag:
        texts = {name: bag.read(name).decode() for name in bag.namelist()}
        bag.extractall(tmp_path)
    answers = pd.read_csv(study / "answers.csv", dtype=str).filter(regex="^q").stack().dropna()
    assert not [name for name, text in texts.items() if any(one in text for one in answers)]
    home = next(tmp_path.rglob("study.yaml")).parent
    again = run_study(home, tmp_path / "out", answers=home / "responses.csv")
    old, new = (one.results["propositions"] for one in (result, again))
    for name in ("matrix", "codes", "agreement", "saturation"):
        pd.testing.assert_frame_equal(old[name].frame, new[name].frame)


def test_codes_go_to_other_programs_and_come_back(study: Path, result: Any, tmp_path: Path) -> None:
    project, table = tmp_path / "a.qdpx", tmp_path / "segments.csv"
    shown = CliRunner().invoke(app, ["qda", str(study), "--to", str(project)])
    assert shown.exit_code == 0
    assert "[C045]" in shown.output  # passages without a code have no place there
    shown = CliRunner().invoke(app, ["qda", str(study), "--read", str(project), "--out", str(table)])
    assert shown.exit_code == 0
    sent = result.results["propositions"]["segments"].frame
    read = read_segments(table, read_codebook(study / "codebook.yaml")).frame
    keys = ["segment", "code", "coder", "proposition"]
    wanted = sent[sent["code"] != ""].sort_values(keys).reset_index(drop=True)
    pd.testing.assert_frame_equal(read.sort_values(keys).reset_index(drop=True), wanted)
    assert CliRunner().invoke(app, ["qda", str(study), "--to", str(tmp_path / "a.qdc")]).exit_code == 0
    with pytest.raises(SurveykitError, match="K003"):
        CliRunner().invoke(app, ["qda", str(study)], catch_exceptions=False)


def test_a_plan_without_interviews_and_tables_that_do_not_fit_are_refused(
    study: Path, tmp_path: Path
) -> None:
    with pytest.raises(SurveykitError, match="T030"):
        write_study_sheet(SHIPPED.parent / "political_democracy", "x", tmp_path / "a.xlsx")
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in FILES:
        shutil.copy(SHIPPED / name, copy / name)
    table = copy / "coding_first.csv"
    whole = table.read_text(encoding="utf-8")
    for text in (whole.replace("stance", "view"), whole.replace("SIM-A1", "SIM-Z9"), None):
        table.write_text(text, encoding="utf-8") if text is not None else table.unlink()
        with pytest.warns(SurveykitWarning, match="T031"):
            run_study(copy, tmp_path / "out")


def test_agreement_is_that_of_the_passages(study: Path, result: Any) -> None:
    found = result.results["propositions"]
    book = read_codebook(study / "codebook.yaml")
    by_hand = coder_agreement(found["segments"], book, bootstrap=0).frame
    assert by_hand["alpha"].tolist() == found["agreement"].frame["alpha"].tolist()
