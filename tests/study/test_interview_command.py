"""The interview study through the command line: what one segment changes, in the report and the verdict."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from surveykit.archive.claims import read_claims
from surveykit.archive.verdict import judge
from surveykit.coding.study import interview_results

ROOT = Path(__file__).parents[2]
STUDY = "lee_trim_interviews"


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A copy of the study with the guide it uses, where it stands in the project; its page in English."""
    (tmp_path / "instruments").mkdir()
    shutil.copy(ROOT / "instruments" / "interview_guide.yaml", tmp_path / "instruments")
    copy = tmp_path / "analyses" / STUDY
    shutil.copytree(ROOT / "analyses" / STUDY, copy)
    plan = copy / "study.yaml"
    text = plan.read_text(encoding="utf-8").replace("languages: [en, ja, ko]", "languages: [en]")
    plan.write_text(text, encoding="utf-8")
    return copy


def surveykit(*arguments: str) -> int:
    command = [sys.executable, "-m", "surveykit", *arguments]
    return subprocess.run(command, capture_output=True, check=False).returncode


def without(study: Path, segment: str) -> None:
    path = study / "segments.csv"
    lines = path.read_text(encoding="utf-8").split("\n")
    path.write_text("\n".join(one for one in lines if not one.startswith(segment)), encoding="utf-8")


def cell(report: Path) -> str:
    """The first cell of the table of propositions, as text."""
    page = (report / "index.html").read_text(encoding="utf-8")
    start = page.index("P1</strong>")
    return page[start : page.index("</td>", start)]


def test_a_run_writes_every_format_the_plan_asks_for(study: Path) -> None:
    pytest.importorskip("docx", reason="python-docx is an extra: pip install surveykit[word]")
    assert surveykit("run", str(study), "--out", str(study / "r")) == 0
    names = {path.name for path in (study / "r").iterdir() if path.is_file()}
    assert names >= {"index.html", "index.docx", "index.md", "index.xlsx"}


def test_one_segment_less_changes_the_cell_and_is_seen_by_the_verdict(study: Path) -> None:
    plan = study / "study.yaml"
    text = plan.read_text(encoding="utf-8").replace("[html, word, markdown, excel]", "[html]")
    plan.write_text(text, encoding="utf-8")
    assert surveykit("reproduce", str(study)) == 0
    assert surveykit("run", str(study), "--out", str(study / "before")) == 0
    without(study, "S02")
    assert surveykit("run", str(study), "--out", str(study / "after")) == 0
    assert surveykit("reproduce", str(study)) == 1
    before, after = cell(study / "before"), cell(study / "after")
    assert "Fully supported" in before
    assert "S01, S02" in before
    assert "Links to partner organisations" not in before
    assert "<strong>Supported" in after
    assert "Segments (1): S01<" in after
    assert "Nothing coded on: Links to partner organisations" in after
    results = json.loads((study / "after" / "results" / "results.json").read_text(encoding="utf-8"))
    assert results["propositions"]["matrix"]["frame"][0]["verdict"] == "supported"


@pytest.mark.parametrize("segment", [f"S{at:02d}" for at in range(1, 15)])
def test_no_segment_can_be_taken_away_unseen(study: Path, segment: str) -> None:
    results = {"propositions": interview_results(study / "codebook.yaml", study / "segments.csv")}
    claims = read_claims(study / "claims.yaml")
    whole = {name: one.to_dict() for name, one in results["propositions"].items()}
    assert judge(claims, {"propositions": whole}).as_expected
    without(study, segment)
    fewer = interview_results(study / "codebook.yaml", study / "segments.csv")
    verdict = judge(claims, {"propositions": {name: one.to_dict() for name, one in fewer.items()}})
    assert not verdict.as_expected
    changed = verdict.frame.loc[~verdict.frame["as_expected"].astype(bool), "id"]
    assert changed.str.startswith("cell_").sum() == 1


def test_an_archive_holds_everything_that_a_rerun_reads(study: Path) -> None:
    archive = study / "study.zip"
    assert surveykit("archive", str(study), "--to", str(archive)) == 0
    assert surveykit("reproduce", str(archive)) == 0


@pytest.mark.parametrize("named", ["", "displays.yaml"])
def test_check_tells_displays_that_do_not_fit_the_codebook(study: Path, named: str) -> None:
    assert surveykit("check", str(study / named)) == 0
    path = study / "displays.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("[trust]", "[trsut]"), encoding="utf-8")
    assert surveykit("check", str(study / named)) == 1
