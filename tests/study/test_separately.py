"""A model for every group on its own, and moments that stand in a file."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from surveykit.analysis.sem import sem
from surveykit.errors import SurveykitError, SurveykitProblems
from surveykit.study.archiving import archive_study
from surveykit.study.plan import read_plan
from surveykit.study.run import run_study

COV = {"JP": [[2.0, 0.8], [0.8, 1.5]], "KR": [[3.0, 0.5], [0.5, 1.0]]}
DATA = 'data: {kind: moments, path: moments.json, names: ["y", "x"]}'
PLAN = f"""\
study: two
version: "1.0.0"
title: {{en: Two}}
groups: {{column: country}}
{DATA}
steps:
  - id: alone
    step: sem
    separately: true
    model: |
      y ~ b*x
      twice := 2*b
"""


def study(folder: Path, plan: str = PLAN, records: object = None) -> Path:
    (folder / "study.yaml").write_text(plan, encoding="utf-8")
    mean = {"y": 1.0, "x": 2.0}
    told = [{"country": name, "n": 100, "cov": cov, "mean": mean} for name, cov in COV.items()]
    (folder / "moments.json").write_text(json.dumps(records or told), encoding="utf-8")
    return folder


def test_each_group_of_a_file_of_moments_is_fitted_alone(tmp_path: Path) -> None:
    result = run_study(study(tmp_path), tmp_path / "out").results["alone"]["fits"]
    table = result.to_frame().set_index("group")
    # The slope is cov(x, y) / var(x).
    assert table["twice"].to_dict() == pytest.approx({"JP": 2 * 0.8 / 1.5, "KR": 2 * 0.5 / 1.0}, abs=1e-8)
    assert {row["group"] for row in result.to_dict()["frame"]} == {"JP", "KR"}
    assert "SeparateFits" not in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")


def test_each_group_of_a_table_is_fitted_alone(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"x": rng.normal(size=60), "country": ["KR"] * 25 + ["JP"] * 35})
    frame["y"] = frame["x"] * 0.5 + rng.normal(size=60)
    frame.to_csv(tmp_path / "answers.csv", index=False)
    plan = PLAN.replace(DATA, "data: {kind: frame, path: answers.csv}").replace("twice := 2*b", "")
    table = run_study(study(tmp_path, plan), tmp_path / "out").results["alone"]["fits"].to_frame()
    assert table["group"].tolist() == ["KR", "JP"]
    for row in table.to_dict("records"):
        own = sem("y ~ x", frame[frame["country"] == row["group"]]).parameter_estimates()
        assert row["y ~ x"] == pytest.approx(own["est"][0], abs=1e-10)
        assert row["n"] == (frame["country"] == row["group"]).sum()


def test_an_archive_carries_the_file_of_moments(tmp_path: Path) -> None:
    archived = archive_study(study(tmp_path), tmp_path / "two.zip")
    assert "files/moments.json" in archived.files


@pytest.mark.parametrize(
    "records",
    [
        {"JP": 1},
        [{"country": "JP", "n": 9}],
        [{"country": "JP", "n": 9, "cov": [[1.0]]}],
        [{"country": "JP", "n": "many", "cov": COV["JP"]}],
        [{"country": "JP", "n": 9, "cov": [[1, 2], [3, 4]]}],
    ],
)
def test_a_file_that_holds_no_moments_is_refused(tmp_path: Path, records: object) -> None:
    with pytest.raises(SurveykitError, match="T040"):
        run_study(study(tmp_path, records=records), tmp_path / "out")


def test_a_missing_file_of_moments_is_refused_with_the_way_to_get_it(tmp_path: Path) -> None:
    plan = PLAN.replace("moments.json,", 'nowhere.json, obtain: {en: "Ask metaSEM."},')
    with pytest.raises(SurveykitError, match=r"T007[\s\S]*Ask metaSEM"):
        run_study(study(tmp_path, plan), tmp_path / "out")


@pytest.mark.parametrize("data", ["data: {kind: moments}", "data: {kind: moments, path: moments.json}"])
def test_moments_without_numbers_or_names_are_refused(tmp_path: Path, data: str) -> None:
    with pytest.raises(SurveykitProblems, match="T004"):
        read_plan(study(tmp_path, PLAN.replace(DATA, data)))


GROUPS = """\
study: printed
version: "1.0.0"
title: {en: Printed moments of two countries}
data:
  kind: moments
  moments:
    - {group: JP, n: 200, names: [a, b, c, d], sd: [1.10, 0.95, 1.20, 1.05], mean: [3.1, 3.4, 2.9, 3.0],
       cor: [[1], [0.52, 1], [0.47, 0.55, 1], [0.44, 0.49, 0.51, 1]]}
    - {group: KR, n: 260, names: [a, b, c, d], sd: [1.02, 1.00, 1.15, 0.98], mean: [3.3, 3.5, 3.2, 3.1],
       cor: [[1], [0.48, 1], [0.50, 0.58, 1], [0.41, 0.52, 0.55, 1]]}
steps:
  - {id: equal, step: sem, by_group: true, model: "f =~ a + b + c + d", group_equal: [loadings]}
  - {id: spread, step: rounding, model: "f =~ a + b + c + d", group_equal: [loadings], draws: 300}
"""


def test_what_the_rounding_of_two_groups_leaves_open(tmp_path: Path) -> None:
    (tmp_path / "study.yaml").write_text(GROUPS, encoding="utf-8")
    results = run_study(tmp_path, tmp_path / "out").results
    frame = results["spread"]["spread"].to_frame()
    loading = frame[(frame["op"] == "=~") & (frame["rhs"] == "b")]
    assert loading["group"].tolist() == [1, 2]
    assert loading["lowest"].nunique() == loading["highest"].nunique() == 1  # equal in every draw
    fit = results["equal"]["fit"]
    estimates = fit.parameter_estimates()  # type: ignore[attr-defined]
    for row in frame[frame["op"] == "=~"].to_dict("records"):
        same = estimates[(estimates["rhs"] == row["rhs"]) & (estimates["group"] == row["group"])]
        assert row["lowest"] <= same["est"].iloc[0] <= row["highest"]
    chisq = frame[frame["lhs"] == "chisq"].iloc[0]
    assert chisq["lowest"] < fit.fit_measures()["chisq"] < chisq["highest"]  # type: ignore[attr-defined]
