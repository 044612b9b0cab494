"""A study whose answers lack the column of groups, or have other groups than the plan: said, step by step."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from surveykit.errors import SurveykitWarning
from surveykit.study.importing import import_responses
from surveykit.study.run import run_study

ROOT = Path(__file__).parents[2]
PLAN = """\
study: panel
version: "1.0.0"
title: {{en: Panel}}
instrument: "{root}/instruments/partnership.yaml"
groups: {{column: {column}, order: [{order}]}}
data: {{kind: import, source: csv, path: answers.csv, respondent: id}}
steps:
  - {{id: answers, step: describe, items: [trust_1, trust_2]}}
  - {{id: reliability, step: reliability, scales: [trust]}}
  - {{id: countries, step: compare, outcomes: [trust]}}
  - {{id: ladder, step: invariance, scales: [trust]}}
  - {{id: together, step: sem, model: trust_1 ~ trust_2}}
"""


def study(folder: Path, column: str, order: str) -> Path:
    (folder / "study.yaml").write_text(PLAN.format(root=ROOT, column=column, order=order), encoding="utf-8")
    random = np.random.default_rng(7)
    answers = random.normal(4, 1.2, (80, 1)) + random.normal(0, 1, (80, 8))
    answers[:, [3, 7]] = 8 - answers[:, [3, 7]]  # reversed in the questionnaire
    table = pd.DataFrame(answers.round().clip(1, 7).astype(int), columns=[f"trust_{n}" for n in range(1, 9)])
    table.insert(0, "国", ["日本", "韓国"] * 40)
    table.insert(0, "id", [f"R{n:02}" for n in range(80)])
    table.to_csv(folder / "answers.csv", index=False)
    return folder


@pytest.mark.parametrize(
    ("column", "order", "code", "says"),
    [("country", "JP, KR", "T046", "Columns there: respondent"), ("国", "JP, KR", "T047", "日本")],
)
def test_every_step_that_needs_groups_names_what_is_there(
    tmp_path: Path, column: str, order: str, code: str, says: str
) -> None:
    with pytest.warns(SurveykitWarning, match="T042"):
        result = run_study(study(tmp_path, column, order))
    failed = {one.step: [(told.code, told.text()) for told in one.notes] for one in result.failed}
    for step in ("answers", "reliability", "countries", "ladder"):
        assert [found for found, _ in failed[step]] == [code]
        assert says in failed[step][0][1]
        assert f"'{column}'" in failed[step][0][1]
    assert ("together" in failed) == (code == "T047")


def test_the_import_says_that_the_column_is_absent_and_how_to_name_it(tmp_path: Path) -> None:
    report = import_responses(study(tmp_path, "country", "JP, KR"))
    told = next(one for one in report.notes if one.code == "E065")
    assert "国" in told.text()
    assert "groups: {column: 国" in told.remedy()
    assert "[E065]" in report.summary("ja")


def test_the_table_s_own_name_of_the_column_is_taken(tmp_path: Path) -> None:
    folder = study(tmp_path, "国", "日本, 韓国")
    assert "E065" not in {one.code for one in import_responses(folder).notes}
    result = run_study(folder)
    assert result.failed == ()
    assert "trust.日本" in result.results["reliability"]


def test_brackets_without_a_field_are_the_words_own() -> None:
    from surveykit.errors import note

    for lang in ("en", "ja", "ko"):
        assert 'frame[["trust_1", "trust_2"]]' in note("S012", found="list").remedy(lang)


@pytest.mark.parametrize(
    ("order", "told", "total"),
    [
        ("日本, 韓国", "'Japan' (1), '' (1)", 2),  # one mistyped, one left empty
        ("", "'' (1)", 1),  # the groups of the data
    ],
)
def test_answers_of_no_group_of_the_plan_are_told_in_run_and_report(
    tmp_path: Path, order: str, told: str, total: int
) -> None:
    folder = study(tmp_path, "国", order)
    answers = pd.read_csv(folder / "answers.csv")
    answers.loc[[0, 3], "国"] = ["Japan", None] if order else ["日本", None]
    answers.to_csv(folder / "answers.csv", index=False)
    plan = folder / "study.yaml"
    plan.write_text(plan.read_text("utf-8").replace("title:", "languages: [en, ja, ko]\ntitle:"), "utf-8")
    with pytest.warns(SurveykitWarning, match="T050"):
        result = run_study(folder)
    said = next(one for one in result.notes if one.code == "T050")
    assert (said.fields["values"], said.fields["count"], said.fields["total"]) == (told, total, 80)
    assert "日本, 韓国" in said.remedy()
    for page in ("index.html", "index.ja.html", "index.ko.html"):
        assert "[T050]" in (result.report.parent / page).read_text("utf-8")


def test_answers_that_all_have_a_group_of_the_plan_are_not_told_of(tmp_path: Path) -> None:
    result = run_study(study(tmp_path, "国", "日本, 韓国"))
    assert result.notes == ()
    assert "T050" not in result.report.read_text("utf-8")
