"""What people collected into a study that makes its own answers is kept by every run, and counts."""

import hashlib
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from surveykit.responses.collect import collect
from surveykit.responses.store import ORIGINALS, open_store
from surveykit.study.interviews import write_study_sheet
from surveykit.study.made import MARK
from surveykit.study.run import run_study

SHIPPED = Path(__file__).parents[2] / "analyses" / "trim_lee_learning"
FILES = ("study.yaml", "questionnaire.yaml", "codebook.yaml", "answers.csv", "coding_first.csv",
         "coding_second.csv")  # fmt: skip
LAST = 3


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A copy with few respondents: every run writes and reads their forms."""
    folder = tmp_path / "analyses" / "learning"
    folder.mkdir(parents=True)
    for name in FILES:
        shutil.copy(SHIPPED / name, folder / name)
    answers = pd.read_csv(folder / "answers.csv", dtype=str)
    few = answers.groupby("company").head(1)
    few.to_csv(folder / "answers.csv", index=False)
    for coder in ("first", "second"):
        path = folder / f"coding_{coder}.csv"
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        table[table["respondent"].isin(few["respondent"])].to_csv(path, index=False)
    return folder


def coded_by_hand(study: Path, coder: str, out: Path) -> Path:
    """A sheet that a person fills in: the first code for every passage."""
    import openpyxl

    path = write_study_sheet(study, coder, out, "en")
    book = openpyxl.load_workbook(path)
    main = book.worksheets[0]
    shown = book["_surveykit_lists"]["B3"].value
    for row in range(6, main.max_row + 1):
        if str(main[f"A{row}"].value).endswith("|1"):
            main[f"D{row}"] = shown
    book.save(path)
    return path


def coders(result: Any) -> list[str]:
    return sorted(result.results["propositions"]["segments"].frame["coder"].unique())


def test_a_coder_whose_sheet_was_collected_counts_in_every_later_run(study: Path, tmp_path: Path) -> None:
    assert coders(run_study(study)) == ["first", "second"]
    made = {path.name for path in (study / "store" / ORIGINALS).rglob("*.xlsx")}
    sheet = coded_by_hand(study, "third", tmp_path / "third_back.xlsx")
    report = collect(sheet, study)
    assert len(report.accepted) == 1
    sha = hashlib.sha256(sheet.read_bytes()).hexdigest()
    for _ in range(2):
        result = run_study(study)
        assert coders(result) == ["first", "second", "third"]
        assert result.results["propositions"]["agreement"].coders == ("first", "second", "third")
        assert "third" in result.report.read_text(encoding="utf-8")
        kept = {path.name for path in (study / "store" / ORIGINALS).rglob("*.xlsx")}
        # What the run made it made again, byte for byte; beside it only what was collected by hand.
        assert kept == made | {f"{sha}.xlsx"}
        with open_store(study, create=False) as store:
            assert store.original(sha) == sheet.read_bytes()
            assert store.query("SELECT count(*) FROM workbook") == [(len(kept),)]


def test_what_was_set_apart_and_what_was_put_into_returned_is_kept_too(study: Path, tmp_path: Path) -> None:
    run_study(study)
    odd = tmp_path / "notes.xlsx"
    odd.write_text("Sorry, I could not open it.", encoding="utf-8")
    assert len(collect(odd, study).quarantined) == 1
    own = study / "returned" / "from_third.xlsx"
    coded_by_hand(study, "third", own)
    before = own.read_bytes()
    result = run_study(study)
    assert own.read_bytes() == before
    assert coders(result) == ["first", "second", "third"]
    with open_store(study, create=False) as store:
        assert store.query("SELECT file FROM quarantine") == [(str(odd),)]
        assert store.original(hashlib.sha256(odd.read_bytes()).hexdigest()) == odd.read_bytes()
    # A run that was stopped before it could say what it had made still knows what it had found there.
    for name in ("returned", "store"):
        mark = study / name / MARK
        lines = mark.read_text(encoding="utf-8").splitlines(keepends=True)
        mark.write_text("".join(line for line in lines if not line.startswith("made ")), encoding="utf-8")
    assert coders(run_study(study)) == ["first", "second", "third"]
    assert own.read_bytes() == before


def test_a_store_of_an_earlier_surveykit_without_a_list_keeps_what_was_collected(
    study: Path, tmp_path: Path
) -> None:
    run_study(study)
    for name in ("returned", "store"):
        (study / name / MARK).write_text("Made by `surveykit run`.\n", encoding="utf-8")
    collect(coded_by_hand(study, "third", tmp_path / "third.xlsx"), study)
    assert coders(run_study(study)) == ["first", "second", "third"]


def test_other_answers_take_the_place_of_those_made_before(study: Path, tmp_path: Path) -> None:
    run_study(study)
    collect(coded_by_hand(study, "third", tmp_path / "third.xlsx"), study)
    answers = pd.read_csv(study / "answers.csv", dtype=str)
    gone = answers["respondent"].iloc[LAST - 1]
    answers.iloc[: LAST - 1].to_csv(study / "answers.csv", index=False)
    for coder in ("first", "second"):
        path = study / f"coding_{coder}.csv"
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        table[table["respondent"] != gone].to_csv(path, index=False)
    shutil.rmtree(study / "returned")  # what was made is known all the same
    result = run_study(study)
    assert gone not in set(result.results["data"]["collection"].accepted["respondent"])
    with open_store(study, create=False) as store:
        assert not store.query("SELECT 1 FROM workbook WHERE respondent = ?", gone)
        assert store.query("SELECT 1 FROM workbook WHERE respondent = 'third'")
