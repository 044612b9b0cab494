"""How the fieldwork stands: counted against the sampling frame, reminders by the plan's days."""

import re
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from surveykit.errors import SurveykitError, SurveykitProblems
from surveykit.form.excel import write_forms
from surveykit.form.fill import fill_form
from surveykit.instrument.reader import read_instrument
from surveykit.responses.collect import collect
from surveykit.study.plan import read_plan
from surveykit.study.status import study_status

ROOT = Path(__file__).parents[2]
INSTRUMENT = ROOT / "instruments" / "partnership.yaml"
PLAN = f"""\
study: pilot
version: "1.0.0"
title: {{en: Pilot}}
instrument: "{INSTRUMENT}"
groups: {{column: country, order: [JP, KR]}}
data: {{kind: returned}}
fieldwork:
  respondents: frame.csv
  sent: 2026-10-01
  remind_after: [14, 28]
  closes: 2026-11-30
steps:
  - {{id: answers, step: describe}}
"""
ANSWERS = {"trust_1": 5, "trust_2": 6}


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Five were asked; one in Japan answered cleanly, one in Korea pasted 99; a stranger answered, too."""
    (tmp_path / "study.yaml").write_text(PLAN, encoding="utf-8")
    frame = pd.DataFrame(
        {
            "respondent": ["JP-1", "JP-2", "KR-1", "KR-2", "KR-3"],
            "language": ["ja", "ja", "ko", "ko", "ko"],
            "country": ["JP", "JP", "KR", "KR", "KR"],
            "name": ["佐藤", "鈴木", "김", "이", "박"],
        }
    )
    frame.to_csv(tmp_path / "frame.csv", index=False)
    inst = read_instrument(INSTRUMENT)
    roster = pd.concat([frame.drop(columns="name").iloc[[0, 2]], pd.DataFrame([["X-9", "ja", "JP"]],
                       columns=["respondent", "language", "country"])])  # fmt: skip
    (tmp_path / "returned").mkdir()
    for path, bad in zip(
        write_forms(inst, tmp_path / "forms", respondents=roster), (False, True, False), strict=True
    ):
        answers = ANSWERS | ({"trust_3": 99} if bad else {})
        fill_form(inst, path, answers, tmp_path / "returned" / path.name)
    (tmp_path / "returned" / "letter.xlsx").write_text("Sorry.")
    collect(tmp_path / "returned", tmp_path)
    return tmp_path


def test_the_frame_is_counted_against_what_came_back(study: Path) -> None:
    found = study_status(study, today=date(2026, 10, 20))
    assert (found.expected, found.returned) == (5, 3)
    assert found.by_group.to_dict("records") == [
        {"group": "JP", "expected": 2, "returned": 2, "missing": 1, "with_findings": 0},
        {"group": "KR", "expected": 3, "returned": 1, "missing": 2, "with_findings": 1},
    ]
    assert list(found.missing["respondent"]) == ["JP-2", "KR-2", "KR-3"]
    assert list(found.findings["code"]) == ["R041"]
    assert list(found.quarantined["code"]) == ["R003"]
    assert [one.code for one in found.notes] == ["E011"]
    assert "X-9" in found.notes[0].text()  # as it was entered


def test_forms_that_came_back_empty_are_missing_still(study: Path) -> None:
    frame = pd.DataFrame({"respondent": ["JP-2", "KR-2"], "language": ["ja", "ko"], "country": ["JP", "KR"]})
    write_forms(read_instrument(INSTRUMENT), study / "blank", respondents=frame)
    collect(study / "blank", study)
    found = study_status(study, today=date(2026, 10, 20))
    assert (found.returned, found.empty, found.strangers) == (3, 2, 1)
    assert list(found.missing["respondent"]) == ["JP-2", "KR-2", "KR-3"]
    assert list(found.missing["reminder"]) == [1, 1, 1]
    assert [group["returned"] for group in found.by_group.to_dict("records")] == [2, 1]


def test_the_text_says_what_stands_under_which_heading(study: Path) -> None:
    lines = study_status(study, today=date(2026, 10, 20)).summary().splitlines()
    assert lines[0] == "Expected 5, returned 2, missing 3"
    assert lines[1] == "Besides, 1 that are not in the sampling frame"
    place = lines.index("Findings open:")
    assert lines[place + 1].strip().startswith("[R041]")
    assert lines[place + 2] == "Files set apart:"
    assert "letter.xlsx" in lines[place + 3]


def test_findings_of_one_kind_are_counted_without_repeating_the_first(study: Path) -> None:
    frame = pd.DataFrame({"respondent": ["KR-2"], "language": ["ko"], "country": ["KR"]})
    inst = read_instrument(INSTRUMENT)
    path = write_forms(inst, study / "more", respondents=frame)[0]
    fill_form(inst, path, {"trust_1": 98, "trust_2": 97}, path)
    collect(study / "more", study)
    assert "[R041] 3 like this, first: Item 'trust_3' has 99" in study_status(study).summary()


@pytest.mark.parametrize(
    ("today", "reminder", "due"),
    [
        (date(2026, 10, 10), 0, "2026-10-15"),
        (date(2026, 10, 15), 1, "2026-10-15"),
        (date(2026, 10, 28), 1, "2026-10-15"),
        (date(2026, 10, 29), 2, "2026-10-29"),
        (date(2026, 12, 1), 0, ""),
    ],
)
def test_reminders_fall_due_by_the_plan(study: Path, today: date, reminder: int, due: str) -> None:
    found = study_status(study, today=today)
    assert set(zip(found.missing["reminder"], found.missing["due"], strict=True)) == {(reminder, due)}
    assert ("E013" in {one.code for one in found.notes}) == (today > date(2026, 11, 30))


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "Reminders due: 3"), ("ja", "督促の時期：3 名"), ("ko", "독촉할 응답자: 3명")]
)
def test_the_summary_is_in_the_readers_language_and_names_nobody(study: Path, lang: str, words: str) -> None:
    shown = study_status(study, today=date(2026, 11, 1), lang=lang).summary(lang)
    assert words in shown
    assert "KR-3" in shown
    assert not any(name in shown for name in ("佐藤", "鈴木", "김", "박"))


def test_before_anything_came_back_everybody_is_missing(tmp_path: Path, study: Path) -> None:
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    (fresh / "study.yaml").write_text(PLAN, encoding="utf-8")
    found = study_status(fresh, respondents=study / "frame.csv", today=date(2026, 10, 1))
    assert "E014" not in found.summary()
    assert "frame.csv" not in str(found.notes)
    assert (found.expected, found.returned, len(found.missing)) == (5, 0, 5)


def test_without_a_frame_it_is_said_that_nobody_is_known_to_be_missing(study: Path) -> None:
    plan = (study / "study.yaml").read_text(encoding="utf-8").replace("  respondents: frame.csv\n", "")
    (study / "study.yaml").write_text(plan, encoding="utf-8")
    found = study_status(study)
    assert found.expected is None
    assert found.notes[0].code == "E010"
    assert "{respondents: frame.csv}" in found.notes[0].full()
    assert "–" in found.summary()


def test_a_day_that_is_none_is_refused_with_its_place(study: Path) -> None:
    plan = (study / "study.yaml").read_text(encoding="utf-8").replace("2026-10-01", "1 October")
    (study / "study.yaml").write_text(plan, encoding="utf-8")
    with pytest.raises(SurveykitProblems, match=r"\[E012\].*study.yaml:9:"):
        read_plan(study)


def test_the_readme_s_plan_and_fieldwork_work_as_they_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    plan, fieldwork = (
        next(one for one in re.findall(r"```yaml\n(.*?)```", readme, re.DOTALL) if one.startswith(start))
        for start in ("study: my_study", "fieldwork:")
    )
    study = tmp_path / "analyses" / "my_study"
    study.mkdir(parents=True)
    (study / "study.yaml").write_text(plan + fieldwork, encoding="utf-8")
    (tmp_path / "instruments").symlink_to(ROOT / "instruments")
    (tmp_path / "frame.csv").write_text("respondent,language,country\nJ01,ja,JP\nK01,ko,KR\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    assert study_status("analyses/my_study", today=date(2026, 10, 20)).expected == 2
    (tmp_path / "frame.csv").unlink()
    with pytest.raises(SurveykitError, match=r"F016.*no file 'frame\.csv'.*counts from the study's folder"):
        study_status("analyses/my_study")
