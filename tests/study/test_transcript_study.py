"""A study of transcripts: sheets from speaker turns, refused recordings, names, checks with their places."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from surveykit.cli.app import app
from surveykit.errors import SurveykitWarning
from surveykit.responses.coding_sheet import read_coding_sheet
from surveykit.responses.excel import read_workbook
from surveykit.responses.guard import open_guarded
from surveykit.study.interviews import check_interviews, write_study_sheet
from surveykit.study.plan import read_plan
from surveykit.study.run import run_study

GUIDE = Path(__file__).parents[2] / "instruments" / "interview_guide.yaml"
PLAN = f"""\
study: talks
version: "1.0.0"
title: {{en: Talks}}
instrument: {GUIDE}
data: {{kind: none}}
steps:
  - {{id: talks, step: interviews, codebook: codebook.yaml, segments: segments.csv, transcripts: said,
     names: ../key.csv}}
"""
CODEBOOK = """\
codebook: talks
version: "1.0.0"
codes:
  trust: {name: Trust, definition: d, when: w, when_not: n}
  price: {name: Price, definition: d, when: w, when_not: n}
respondents:
  - {id: A1, company: Alpha, country: JP, recorded: true, place: Tokyo, minutes: 120, language: ja}
  - {id: A2, company: Alpha, country: JP, recorded: false}
  - {id: B1, company: Beta, country: KR, recorded: true}
"""
SEGMENTS = """\
segment,respondent,item,start,end,code,coder,passage
s1,A1,q01,19,22,trust,X,信頼で
s2,B1,,4,6,price,X,価格
"""


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "talks"
    (folder / "said").mkdir(parents=True)
    for name, text in (("study.yaml", PLAN), ("codebook.yaml", CODEBOOK), ("segments.csv", SEGMENTS)):
        (folder / name).write_text(text, encoding="utf-8")
    (tmp_path / "key.csv").write_text("name,pseudonym\n鈴木,A1\n", encoding="utf-8")
    (folder / "said" / "A1.txt").write_text("I: [q01] Well?\nA1: 信頼です。鈴木さん。\n", encoding="utf-8")
    (folder / "said" / "A2.txt").write_text("I: Q1 Well?\nA2: No.\n", encoding="utf-8")
    (folder / "said" / "B1.srt").write_text(
        "1\n00:00:01,000 --> 00:00:02,000\nB1: 값이 먼저.\n", encoding="utf-8"
    )
    return folder


def test_transcripts_are_held_against_their_segments_and_their_permissions(study: Path) -> None:
    result = run_study(study, study / "out")
    contacts = result.results["talks"]["contacts"]
    assert contacts.refused == ("A2",)
    codes = [one.code for one in contacts.notes]
    assert "C085" in codes
    assert codes.count("C084") == 1
    assert {"C080", "C082"} <= set(codes)  # B1 was asked nothing that can be found
    segments = result.results["talks"]["segments"]
    assert [(one.code, one.fields["segment"]) for one in segments.notes] == [("C015", "s2")]
    page = result.report.read_text(encoding="utf-8")
    assert "[C085]" in page
    assert "鈴木" not in page


def test_sheets_hold_the_turns_of_respondents_with_the_question_beside_them(
    study: Path, tmp_path: Path
) -> None:
    plan = (study / "study.yaml").read_text(encoding="utf-8").replace("segments: segments.csv, ", "")
    (study / "study.yaml").write_text(plan, encoding="utf-8")
    path = write_study_sheet(study, "second", tmp_path / "s.xlsx", lang="ko")
    sheet = read_coding_sheet(read_workbook(open_guarded(path)))
    assert [(one.id, one.item, one.text) for one in sheet.units.values()] == [
        ("A1:2", "q01", "信頼です。鈴木さん。"),
        ("B1:1", "", "값이 먼저."),
    ]
    (study / "segments.csv").unlink()
    with pytest.warns(SurveykitWarning, match="T032"):
        run_study(study, study / "out")


def test_a_missing_folder_and_a_second_transcript_are_told(study: Path) -> None:
    (study / "said" / "A1.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nA1: x\n", encoding="utf-8")
    notes = run_study(study, study / "out").results["talks"]["contacts"].notes
    assert "C090" in [one.code for one in notes]
    (study / "said").rename(study / "elsewhere")
    result = run_study(study, study / "out").results["talks"]
    assert [one.code for one in result["contacts"].notes] == ["C089"]
    assert result["segments"].notes == ()


def test_check_tells_every_problem_of_codebook_and_segments_with_its_place(study: Path) -> None:
    bad = SEGMENTS.replace("19,22,trust", "19,22,trsut").replace("4,6,price", "6,4,price")
    (study / "segments.csv").write_text(bad, encoding="utf-8")
    found, _ = check_interviews(read_plan(study))
    assert [(one.code, str(one.place).rsplit("/", 1)[1]) for one in found] == [
        ("C012", "segments.csv:2:6"),
        ("C014", "segments.csv:3:4"),
    ]
    shown = CliRunner().invoke(app, ["check", str(study)])
    assert shown.exit_code == 1
    assert "segments.csv:2:6" in shown.stdout
    broken = CODEBOOK.replace("when_not: n}", "when_not: n, parent: trsut}", 1)
    (study / "codebook.yaml").write_text(broken, encoding="utf-8")
    ((one,), _) = check_interviews(read_plan(study))
    assert (one.code, str(one.place).rsplit("/", 1)[1]) == ("C001", "codebook.yaml:4:69")
    shown = CliRunner().invoke(app, ["check", str(study / "codebook.yaml")])
    assert "[C001]" in shown.stdout
