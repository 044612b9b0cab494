"""A study's answers written out: never with names, never without a questionnaire."""

import dataclasses
from pathlib import Path

import pandas as pd
import pytest

from hand_made import sample
from surveykit.errors import SurveykitError
from surveykit.responses.read import PROVENANCE_COLUMNS, Responses
from surveykit.study.export import export_study, without_names

PLAN = """\
study: plain
version: "1.0.0"
title: {en: Plain}
data: {kind: frame, path: data.csv}
steps:
  - {id: model, step: sem, model: "y ~ x"}
"""


def responses(**columns: object) -> Responses:
    frame = pd.DataFrame({"respondent": ["a"], **{name: [value] for name, value in columns.items()}})
    return Responses(frame, pd.DataFrame(columns=PROVENANCE_COLUMNS), pd.DataFrame(), sample())


def test_columns_with_names_stay_behind() -> None:
    given = responses(country="JP", 氏名="佐藤", email="a@b.jp", city="大阪")
    kept, told = without_names(given)
    assert list(kept.frame.columns) == ["respondent", "country", "city"]
    assert [one.code for one in told] == ["E025"]
    clean = dataclasses.replace(given, frame=given.frame[["respondent", "country"]])
    assert without_names(clean) == (clean, ())


def test_a_plain_table_has_no_labels_to_export(tmp_path: Path) -> None:
    (tmp_path / "study.yaml").write_text(PLAN, encoding="utf-8")
    (tmp_path / "data.csv").write_text("x,y\n1,2\n", encoding="utf-8")
    with pytest.raises(SurveykitError, match="E015") as caught:
        export_study(tmp_path, tmp_path / "out")
    assert "{kind: import}" in str(caught.value)
