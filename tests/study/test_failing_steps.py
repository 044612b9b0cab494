"""A step that fails is named with its code in report, results and exit status; the others go on."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from surveykit.archive.reproduce import reproduce
from surveykit.errors import SurveykitError, SurveykitWarning
from surveykit.study.archiving import archive_study
from surveykit.study.run import run_study

PLAN = """\
study: three_steps
version: "1.0.0"
title: {en: Three steps, ja: 三つの手順, ko: 세 단계}
languages: [en, ja, ko]
data:
  kind: moments
  moments:
    - {n: 100, names: [a, b, c], cor: [[1], [0.5, 1], [0.4, 0.3, 1]], sd: [1.0, 1.0, 1.0]}
steps:
  - {id: first, step: sem, model: a ~ b}
  - {id: broken, step: sem, model: a ~ nosuch}
  - {id: last, step: sem, model: a ~ b + c}
"""
CLAIM = (
    '{id: paths, where: p, kind: path, printed: "0.50", compute: "first.fit.parameter_estimates[op=~].est"}'
)
CLAIMS = f'claims: c\nversion: "1.0.0"\ncitation: c\nnumbers:\n  - {CLAIM}\n'


def study(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.yaml").write_text(PLAN, encoding="utf-8")
    (folder / "claims.yaml").write_text(CLAIMS, encoding="utf-8")
    return folder


def test_the_other_steps_are_taken_and_the_report_says_what_failed(tmp_path: Path) -> None:
    with pytest.warns(SurveykitWarning, match=r"T042.*'broken'"):
        result = run_study(study(tmp_path))
    assert [one.step for one in result.failed] == ["broken"]
    code = result.failed[0].notes[0].code
    results = json.loads((tmp_path / "report" / "results" / "results.json").read_text(encoding="utf-8"))
    assert results["broken"]["failed"]["notes"][0]["code"] == code
    for step in ("first", "last"):
        assert results[step]["fit"]["fit_measures"]["npar"] > 0
    assert (tmp_path / "report" / "results" / "broken.failed.csv").is_file()
    for name in ("index.html", "index.ja.html", "index.ko.html"):
        page = (tmp_path / "report" / name).read_text(encoding="utf-8")
        assert f"[{code}]" in page
        assert "nosuch" in page


@pytest.mark.parametrize(("lang", "word"), [("en", "failed"), ("ja", "失敗"), ("ko", "실패")])
def test_the_command_names_step_and_code_and_does_not_end_well(tmp_path: Path, lang: str, word: str) -> None:
    command = [sys.executable, "-c", f"import os; os.environ['SURVEYKIT_LANG'] = '{lang}'; "
               "from surveykit.cli import main; main()", "run", str(study(tmp_path))]  # fmt: skip
    shown = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert shown.returncode == 1
    assert {"en": "Report: ", "ja": "レポート：", "ko": "보고서: "}[lang] in shown.stdout
    assert "[T042]" in shown.stderr
    assert word in shown.stderr
    assert "nosuch" in shown.stderr
    assert "Traceback" not in shown.stderr
    assert "Warning" not in shown.stderr


def test_a_step_that_breaks_off_in_an_unforeseen_way_is_told_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import surveykit.study.run as module

    def breaks(context: object, step: object) -> dict[str, object]:
        if step.id == "broken":  # type: ignore[attr-defined]
            raise ZeroDivisionError("by nothing")
        return {}

    monkeypatch.setattr(module, "run_step", breaks)
    with pytest.warns(SurveykitWarning, match="T042"):
        result = run_study(study(tmp_path))
    note = result.failed[0].notes[0]
    assert (note.code, note.fields["kind"]) == ("T044", "ZeroDivisionError")


def test_a_study_with_a_failing_step_is_not_archived_nor_called_irreproducible(tmp_path: Path) -> None:
    with pytest.raises(SurveykitError, match="nosuch"):
        archive_study(study(tmp_path), tmp_path / "a.zip")
    assert not (tmp_path / "a.zip").exists()
    verdict = reproduce(tmp_path)
    assert (verdict.outcome, verdict.run) == ("could not be run", "errored")
    assert "nosuch" in verdict.summary()


def test_two_studies_of_one_name_have_reports_of_their_own(tmp_path: Path) -> None:
    plan = PLAN.replace("a ~ nosuch", "b ~ c")
    for name in ("one", "two"):
        folder = study(tmp_path / "analyses" / name)
        (folder / "study.yaml").write_text(plan, encoding="utf-8")
        assert run_study(folder).report == tmp_path / "reports" / name / "index.html"
