"""One part of a step that cannot be computed is told by name; the other parts, and the archive, stand."""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from surveykit.archive.reproduce import reproduce
from surveykit.errors import SurveykitProblems, SurveykitWarning
from surveykit.study.archiving import archive_study
from surveykit.study.run import run_study

ROOT = Path(__file__).parents[2]
PLAN = f"""\
study: panel
version: "1.0.0"
title: {{en: Panel}}
languages: [en, ja]
instrument: "{ROOT}/instruments/partnership.yaml"
groups: {{column: country, order: [JP, KR]}}
data: {{kind: import, source: csv, path: answers.csv, respondent: id}}
steps:
  - {{id: answers, step: describe}}
  - {{id: reliability, step: reliability, scales: [trust, mutuality]}}
"""


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """80 answers in Japan, two in Korea; of the scales trust alone was asked."""
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "study.yaml").write_text(PLAN, encoding="utf-8")
    random = np.random.default_rng(7)
    answers = random.normal(4, 1.2, (82, 1)) + random.normal(0, 1, (82, 8))
    answers[:, [3, 7]] = 8 - answers[:, [3, 7]]  # reversed in the questionnaire
    table = pd.DataFrame(answers.round().clip(1, 7).astype(int), columns=[f"trust_{n}" for n in range(1, 9)])
    table.insert(0, "country", ["JP"] * 80 + ["KR"] * 2)
    table.insert(0, "id", [f"R{n:02}" for n in range(82)])
    table.to_csv(folder / "answers.csv", index=False)
    return folder


def test_the_other_scales_and_groups_are_shown(study: Path) -> None:
    with pytest.warns(SurveykitWarning, match="T048"):
        result = run_study(study)
    assert result.failed == ()
    found = result.results["reliability"]
    kinds = {name: type(one).__name__ for name, one in found.items()}
    assert kinds["trust.JP"] == kinds["trust.all"] == "AlphaResult"
    assert kinds["trust.KR"] == kinds["mutuality.JP"] == kinds["mutuality.all"] == "NotComputed"
    assert found["trust.KR"].notes[0].code == "S003"
    told = {(one.fields["step"], one.fields["part"]) for one in result.notes if one.code == "T048"}
    assert ("reliability", "trust.KR") in told
    assert ("answers", "unanswered.all") in told
    described = result.results["answers"]
    assert described["JP"].table.index.tolist() == [f"trust_{n}" for n in range(1, 9)]
    page = result.report.read_text(encoding="utf-8")
    assert "(KR): [S003]" in page
    assert "[S005]" in page


def test_an_archive_of_it_is_made_and_reproduced(study: Path, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SurveykitWarning)
        archive_study(study, tmp_path / "a.zip")
    assert reproduce(tmp_path / "a.zip").as_expected


def test_where_no_part_can_be_computed_the_step_fails_and_nothing_is_archived(
    study: Path, tmp_path: Path
) -> None:
    plan = (study / "study.yaml").read_text(encoding="utf-8").replace("[trust, mutuality]", "[mutuality]")
    (study / "study.yaml").write_text(plan, encoding="utf-8")
    with pytest.raises(SurveykitProblems, match=r"T049.*reliability") as caught:
        archive_study(study, tmp_path / "a.zip")
    assert {one.code for one in caught.value.problems} == {"S005", "T049"}
    assert not (tmp_path / "a.zip").exists()
