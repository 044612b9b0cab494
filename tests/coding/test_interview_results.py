"""All of it in one call."""

import json
from pathlib import Path

from surveykit.coding.study import interview_results
from surveykit.results import plain

STUDY = Path(__file__).parents[2] / "analyses" / "lee_trim_interviews"


def test_a_study_in_one_call_is_plain_json() -> None:
    found = interview_results(STUDY / "codebook.yaml", STUDY / "segments.csv")
    assert list(found) == ["codebook", "segments", "respondents", "codes", "cases", "together", "saturation",
                           "comparison", "matrix"]  # fmt: skip
    again = json.loads(json.dumps(plain(found), ensure_ascii=False))
    assert again["respondents"]["frame"][1]["n_respondents"] == 3
    assert again["codebook"]["codes"]["trust"]["level"] == "axial"
    assert again["segments"]["frame"][0]["start"] is None
    assert again["matrix"]["evidence"][0]["start"] is None
    for result in found.values():
        assert result.summary()
        assert "<table" in result._repr_html_()


def test_a_second_coder_adds_agreement(tmp_path: Path) -> None:
    table = (STUDY / "segments.csv").read_text(encoding="utf-8")
    both = tmp_path / "segments.csv"
    second = table.partition("\n")[2].replace(",digest,", ",second,").replace("common_aim", "getting_on")
    both.write_text(table + second, encoding="utf-8")
    found = interview_results(STUDY / "codebook.yaml", both)
    frame = plain(found["agreement"])["disagreements"]
    assert frame == [{"segment": "S10", "respondent": "B1", "digest": "common_aim", "second": "getting_on"}]
