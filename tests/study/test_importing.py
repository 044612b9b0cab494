"""Studies whose answers come from another system: plan, command, report, and what is refused."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from surveykit.errors import SurveykitError, SurveykitProblems
from surveykit.responses.read import read_responses
from surveykit.study.importing import column_map, import_responses
from surveykit.study.plan import read_plan
from surveykit.study.run import run_study
from surveykit.study.status import study_status

ROOT = Path(__file__).parents[2]
PLAN = f"""\
study: panel
version: "1.0.0"
title: {{en: Panel, ja: パネル調査, ko: 패널 조사}}
instrument: "{ROOT}/instruments/partnership.yaml"
languages: [en, ja, ko]
groups: {{column: country, order: [JP, KR]}}
data:
  kind: import
  source: qualtrics
  path: export.csv
  items: {{trust_1: Q1_1, trust_2: Q1_2}}
  recode: {{agree7: {{A5: 5}}}}
  missing: ["-1"]
  keep: [wave]
steps:
  - {{id: answers, step: describe, items: [trust_1, trust_2]}}
"""


@pytest.fixture
def study(tmp_path: Path) -> Path:
    (tmp_path / "study.yaml").write_text(PLAN, encoding="utf-8")
    names = ["RecordedDate", "ResponseId", "UserLanguage", "country", "wave", "Q1_1", "Q1_2", "trust_3"]
    rows = [
        names,
        names,
        [f'{{"ImportId":"QID{number}"}}' for number in range(8)],
        *(
            ["2026-10-01 09:00:00", f"R_{n}", "JA", "JP" if n % 2 else "KR", "2", "A5", str(n % 7 + 1), "-1"]
            for n in range(20)
        ),
        ["2026-10-01 09:00:00", "R_x", "KO", "KR", "2", "9", "3", "4"],
    ]
    pd.DataFrame(rows).to_csv(tmp_path / "export.csv", index=False, header=False)
    return tmp_path


def test_the_plan_is_the_column_map(study: Path) -> None:
    given = column_map(read_plan(study))
    assert given.respondent is None
    assert given.items == {"trust_1": "Q1_1", "trust_2": "Q1_2"}
    assert given.recode == {"agree7": {"A5": 5}}
    assert (given.missing, given.keep, given.group) == (("-1",), ("wave",), "country")


def test_imported_answers_are_read_as_any(study: Path) -> None:
    report = import_responses(study)
    assert (report.rows, report.new) == (21, 21)
    assert report.findings[["code", "respondent", "item"]].values.tolist() == [["R041", "R_x", "trust_1"]]
    found = read_responses(study)
    assert found.frame["trust_1"].dropna().unique().tolist() == [5]
    assert found.frame["trust_3"].dropna().tolist() == [4]
    assert set(found.frame["country"]) == {"JP", "KR"}
    assert set(found.frame["wave"]) == {"2"}
    status = study_status(study)
    assert (status.returned, list(status.findings["code"])) == (21, ["R041"])


def test_a_run_imports_and_reports_in_three_languages(study: Path) -> None:
    result = run_study(study, study / "report")
    assert result.results["data"]["import"].rows == 21  # type: ignore[attr-defined]
    pages = {path.name: path.read_text(encoding="utf-8") for path in result.files if path.suffix == ".html"}
    assert "Answers taken in from another system" in pages["index.html"]
    assert "他のシステムから取り込んだ回答" in pages["index.ja.html"]
    assert "다른 시스템에서 가져온 응답" in pages["index.ko.html"]
    again = run_study(study, study / "report")
    assert again.results["data"]["import"].new == 0  # type: ignore[attr-defined]


def surveykit(*words: object, lang: str = "en") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from surveykit.cli import main; main()", *map(str, words)]
    environment = {**os.environ, "SURVEYKIT_LANG": lang}
    return subprocess.run(command, capture_output=True, text=True, env=environment, encoding="utf-8")


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "21 rows, 21 new, 1 findings"), ("ja", "21 行"), ("ko", "21행, 새로 21")]
)
def test_the_command(study: Path, lang: str, words: str) -> None:
    shown = surveykit("import", study, lang=lang)
    assert shown.returncode == 0, shown.stderr
    assert words in shown.stdout
    assert "[R041]" in shown.stdout
    assert "[E062]" in shown.stdout
    machine = json.loads(surveykit("import", study, "--json").stdout)
    assert (machine["rows"], machine["new"]) == (21, 0)


def test_a_missing_file_or_another_kind_of_study_is_refused(study: Path) -> None:
    (study / "export.csv").unlink()
    with pytest.raises(SurveykitError, match="T007"):
        import_responses(study)
    plan = PLAN.replace("kind: import", "kind: returned")
    (study / "study.yaml").write_text(plan, encoding="utf-8")
    with pytest.raises(SurveykitError, match=r"(?s)E064.*\{kind: import"):
        import_responses(study)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("source: qualtrics", "source: qualtrix", "I033"),
        ("  path: export.csv\n", "", "T004"),
        ('missing: ["-1"]', "missing: [-1]", "I032"),
        ("A5: 5", "A5: five", "I025"),
        ("keep: [wave]", "options: {partner_type: {one: Q}}", "I025"),
    ],
)
def test_a_wrong_map_is_told_with_its_place(study: Path, old: str, new: str, code: str) -> None:
    assert old in PLAN
    (study / "study.yaml").write_text(PLAN.replace(old, new), encoding="utf-8")
    with pytest.raises(SurveykitProblems, match=rf"\[{code}\].*study.yaml:\d+:\d+"):
        read_plan(study)
