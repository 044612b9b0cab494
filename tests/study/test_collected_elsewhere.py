"""The README's way: returned files lie outside the study, are collected, and the study is run."""

import json
from pathlib import Path

import pandas as pd
import pytest

from surveykit.form.excel import write_forms
from surveykit.form.fill import fill_form
from surveykit.instrument.reader import read_instrument
from surveykit.responses.collect import collect, collected
from surveykit.study.run import run_study

INSTRUMENT = Path(__file__).parents[2] / "instruments" / "partnership.yaml"
PLAN = f"""\
study: pilot
version: "1.0.0"
title: {{en: Pilot}}
instrument: "{INSTRUMENT}"
languages: [en]
groups: {{column: country, order: [JP, KR]}}
data: {{kind: returned}}
steps:
  - {{id: answers, step: describe}}
"""


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Three returned a workbook, one of them with 99; a letter came as well."""
    folder, returned = tmp_path / "study", tmp_path / "returned"
    folder.mkdir()
    returned.mkdir()
    (folder / "study.yaml").write_text(PLAN, encoding="utf-8")
    frame = pd.DataFrame({"respondent": ["A", "B", "C"], "language": "en", "country": ["JP", "JP", "KR"]})
    inst = read_instrument(INSTRUMENT)
    paths = write_forms(inst, tmp_path / "forms", respondents=frame)
    for path, value in zip(paths, (5, 4, 99), strict=True):
        fill_form(inst, path, {"trust_1": value}, returned / path.name)
    (returned / "letter.xlsx").write_text("Sorry.")
    collect(returned, folder)
    return folder


# Three respondents are too few for the step; it is the report on the files that matters here.
@pytest.mark.filterwarnings("ignore:.*T04[28]")
def test_the_report_tells_what_became_of_every_collected_file(study: Path) -> None:
    run_study(study)
    results = json.loads((study / "report" / "results" / "results.json").read_text(encoding="utf-8"))
    collection = results["data"]["collection"]
    assert sorted(one["respondent"] for one in collection["accepted"]) == ["A", "B", "C"]
    assert [one["code"] for one in collection["quarantined"]] == ["R003"]
    assert [one["code"] for one in collection["findings"]] == ["R041"]


def test_all_collections_are_told_as_one(study: Path) -> None:
    first = collected(study)
    assert first.quarantined["original"].str.len().gt(0).all()
    assert (len(first.accepted), len(first.quarantined), len(first.findings)) == (3, 1, 1)
    collect(study.parent / "returned", study)
    assert collected(study).to_dict() == first.to_dict()
