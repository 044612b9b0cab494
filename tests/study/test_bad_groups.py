"""One group that cannot be fitted does not take the others' results away."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from surveykit.analysis.structural_comparison import compare_paths
from surveykit.errors import SurveykitWarning
from surveykit.study.failure import NotComputed
from surveykit.study.run import StudyResult, run_study

DATA = "data: {kind: frame, path: answers.csv}"
PLAN = f"""\
study: groups
version: "1.0.0"
title: {{en: Groups}}
languages: [en, ja, ko]
groups: {{column: country, labels: {{KR: {{en: Korea, ja: 韓国, ko: 한국}}}}}}
{DATA}
steps:
  - {{id: alike, step: paths, model: "m ~ x; y ~ m + x"}}
  - {{id: alone, step: sem, separately: true, model: "m ~ x; y ~ m + x"}}
"""


def answers(spoiled: tuple[str, ...], how: str) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    groups = [("JP", 60), ("KR", 50), ("US", 70)]
    frame = pd.DataFrame({"country": [name for name, n in groups for _ in range(n)]})
    frame["x"] = rng.normal(size=len(frame))
    frame["m"] = 0.5 * frame["x"] + rng.normal(size=len(frame))
    frame["y"] = 0.4 * frame["m"] + 0.2 * frame["x"] + rng.normal(size=len(frame))
    for name in spoiled:
        rows = frame["country"] == name
        if how == "constant":
            frame.loc[rows, "m"] = 3.0
        elif how == "tiny":
            frame = frame[~rows | (rows.cumsum() <= 3)]
        else:
            frame.loc[rows, "m"] = np.nan
    return frame


def run(folder: Path, frame: pd.DataFrame, plan: str = PLAN) -> StudyResult:
    (folder / "study.yaml").write_text(plan, encoding="utf-8")
    frame.to_csv(folder / "answers.csv", index=False)
    return run_study(folder, folder / "out")


@pytest.mark.parametrize("how", ["constant", "tiny", "missing"])
def test_the_bad_group_is_told_and_the_others_are_compared(tmp_path: Path, how: str) -> None:
    frame = answers(("KR",), how)
    with pytest.warns(SurveykitWarning, match=r"T048.*KR"):
        result = run(tmp_path, frame)
    assert not result.failed
    alike, alone = result.results["alike"], result.results["alone"]
    assert alike["paths"].group_labels == ("JP", "US")
    own = compare_paths("m ~ x; y ~ m + x", frame[frame["country"] != "KR"], group="country")
    pd.testing.assert_frame_equal(alike["paths"].equality, own.equality)
    assert alone["fits"].to_frame()["group"].tolist() == ["JP", "US"]
    for told in (alike["paths.KR"], alone["fits.KR"]):
        assert isinstance(told, NotComputed)
        assert told.notes
    code = alone["fits.KR"].notes[0].code
    for page, label in (("index.html", "Korea"), ("index.ja.html", "パス (韓国)"), ("index.ko.html", "한국")):
        text = (tmp_path / "out" / page).read_text(encoding="utf-8")
        assert f"[{code}]" in text
        assert label in text


def test_two_bad_groups_of_three_leave_nothing_to_compare(tmp_path: Path) -> None:
    with pytest.warns(SurveykitWarning, match=r"T042.*'alike'|T048"):
        result = run(tmp_path, answers(("KR", "US"), "constant"))
    assert [one.step for one in result.failed] == ["alike"]
    assert result.results["alone"]["fits"].to_frame()["group"].tolist() == ["JP"]


def test_where_no_group_can_be_fitted_the_step_fails(tmp_path: Path) -> None:
    with pytest.warns(SurveykitWarning, match="T042"):
        result = run(tmp_path, answers(("JP", "KR", "US"), "constant"))
    assert [one.step for one in result.failed] == ["alike", "alone"]


def test_a_model_that_is_wrong_everywhere_is_told_once_as_it_is(tmp_path: Path) -> None:
    with pytest.warns(SurveykitWarning, match="T042"):
        result = run(tmp_path, answers((), "constant"), PLAN.replace('"m ~ x; y ~ m + x"}', '"m ~ nosuch"}'))
    notes = result.failed[0].notes
    assert len(notes) == 1
    assert "nosuch" in notes[0].text()


def test_a_bad_group_of_printed_moments(tmp_path: Path) -> None:
    good, bad = [[2.0, 0.8], [0.8, 1.5]], [[1.0, 2.0], [2.0, 1.0]]
    told = [
        {"country": name, "n": 100, "cov": bad if name == "KR" else good, "mean": [1.0, 2.0]}
        for name in ("JP", "KR", "US")
    ]
    (tmp_path / "moments.json").write_text(json.dumps(told), encoding="utf-8")
    plan = PLAN.replace(DATA, 'data: {kind: moments, path: moments.json, names: ["y", "x"]}')
    with pytest.warns(SurveykitWarning, match=r"T048.*KR"):
        result = run(tmp_path, pd.DataFrame(), plan.replace('"m ~ x; y ~ m + x"}', '"y ~ x"}'))
    assert not result.failed
    assert result.results["alike"]["paths"].group_labels == ("JP", "US")
    assert result.results["alone"]["fits"].to_frame()["group"].tolist() == ["JP", "US"]
