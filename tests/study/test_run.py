"""A small study from questionnaire to report, and real answers through the project's own forms."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from surveykit.errors import SurveykitError
from surveykit.study.made import MARK
from surveykit.study.run import run_study

ROOT = Path(__file__).parents[2]
PISA = ROOT / "analyses" / "school_leadership"
DATA = ROOT.parent / "shared" / "data" / "pisa2012_principals"
PILOT = f"""\
study: pilot
version: "1.0.0"
title: {{en: Pilot, ja: 予備調査, ko: 예비 조사}}
instrument: "{ROOT}/instruments/partnership.yaml"
languages: [en, ja, ko]
seed: 4
groups: {{order: [JP, KR], labels: {{JP: {{en: Japan, ja: 日本, ko: 일본}}}}}}
data:
  kind: simulated
  n: {{JP: 60, KR: 60}}
  dirt: {{full_width: 2, pasted_99: 1, duplicates: 1, not_a_workbook: 1}}
steps:
  - {{id: alpha, step: reliability, scales: [trust, mutuality]}}
  - {{id: means, step: compare, outcomes: [trust, mutuality]}}
  - id: path
    step: sem
    measurement: [trust, mutuality]
    model: mutuality ~ trust
"""


@pytest.fixture(scope="module")
def pilot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    (folder / "study.yaml").write_text(PILOT, encoding="utf-8")
    run_study(folder)
    return folder


def test_the_report_is_written_in_every_language_and_says_that_it_is_simulated(pilot: Path) -> None:
    for name, word in (("index.html", "SIMULATED"), ("index.ja.html", "模擬"), ("index.ko.html", "모의")):
        assert word in (pilot / "report" / name).read_text(encoding="utf-8")


def test_results_stand_in_json_under_step_and_name(pilot: Path) -> None:
    results = json.loads((pilot / "report" / "results" / "results.json").read_text(encoding="utf-8"))
    # The population has loadings of .7 on eight items: alpha of .88 before cutting into seven points.
    assert 0.75 < results["alpha"]["trust.JP"]["cronbach_alpha"] < 0.95
    assert results["means"]["groups"]["frame"][0]["outcome"] == "trust"


def test_a_second_run_gives_the_same_bytes(pilot: Path) -> None:
    before = (pilot / "report" / "results" / "results.json").read_bytes()
    run_study(pilot)
    assert (pilot / "report" / "results" / "results.json").read_bytes() == before


def test_files_that_no_run_made_are_never_taken_away(tmp_path: Path) -> None:
    (tmp_path / "study.yaml").write_text(PILOT, encoding="utf-8")
    (tmp_path / "returned").mkdir()
    (tmp_path / "returned" / "real.xlsx").write_bytes(b"somebody's answers")
    with pytest.raises(SurveykitError, match="T009"):
        run_study(tmp_path)
    assert (tmp_path / "returned" / "real.xlsx").read_bytes() == b"somebody's answers"
    assert not (tmp_path / "returned" / MARK).exists()


def test_a_study_without_returned_workbooks_says_so(tmp_path: Path) -> None:
    text = PILOT.replace("kind: simulated", "kind: returned")
    text = text[: text.index("  n:")] + text[text.index("steps:") :]
    (tmp_path / "study.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SurveykitError, match="T013"):
        run_study(tmp_path)


def test_simulated_answers_stay_simulated_when_they_are_collected_like_any_others(
    tmp_path: Path, pilot: Path
) -> None:
    text = PILOT.replace("kind: simulated", "kind: returned")
    text = text[: text.index("  n:")] + text[text.index("steps:") :]
    (tmp_path / "study.yaml").write_text(text, encoding="utf-8")
    shutil.copytree(pilot / "returned", tmp_path / "returned")
    result = run_study(tmp_path)
    assert result.simulated
    assert "SIMULATED" in result.report.read_text(encoding="utf-8")


def table_study(folder: Path, path: str) -> None:
    text = PILOT.replace("kind: simulated", f"kind: table\n  path: {path}")
    text = text[: text.index("  n:")] + text[text.index("steps:") :]
    (folder / "study.yaml").write_text(text, encoding="utf-8")


def test_a_missing_data_file_is_refused_with_the_remedy(tmp_path: Path) -> None:
    table_study(tmp_path, "nowhere.csv")
    with pytest.raises(SurveykitError, match="T007"):
        run_study(tmp_path)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    table_study(tmp_path, "answers.csv")
    pd.DataFrame({"respondent": ["a"], "country": ["JP"]}).to_csv(tmp_path / "answers.csv", index=False)
    with pytest.raises(SurveykitError, match="T008"):
        run_study(tmp_path)


@pytest.mark.skipif(not DATA.exists(), reason="the PISA data are not beside the project (../shared/data)")
def test_real_principals_come_back_cell_for_cell_with_the_official_scores(tmp_path: Path) -> None:
    text = (PISA / "study.yaml").read_text(encoding="utf-8")
    text = text.replace("../../../shared/data", str(DATA.parent)).replace(
        "../../instruments", f"{ROOT}/instruments"
    )
    (tmp_path / "study.yaml").write_text(text, encoding="utf-8")
    results = run_study(tmp_path).results
    trip = results["data"]["round_trip"].to_frame().iloc[0]
    assert (trip["n_workbooks"], trip["n_cells"], trip["n_different"]) == (347, 347 * 59, 0)
    assert results["official"]["scores"].to_frame()["max_difference"].max() == 0
    assert len(results["official"]["scores"].to_frame()) == 10
    _equal_published(results)


# The data's published.md, all printed digits.
ALPHAS = {
    "leadcom": (0.6788, 0.8275), "leadinst": (0.7084, 0.8182), "leadpd": (0.7577, 0.8324),
    "leadtch": (0.6948, 0.8408), "tcmorale": (0.7819, 0.8228), "studclim": (0.8916, 0.9038),
    "teacclim": (0.8461, 0.8974), "tcshort": (0.8482, 0.9369), "scmatedu": (0.8226, 0.8753),
    "scmatbui": (0.6863, 0.8019),
}  # fmt: skip
# mean (sd) Japan; Korea; Welch t (df)
MEANS = {
    "LEADCOM": (-1.0291, 0.8888, -0.1913, 1.0923, -7.718, 297.1),
    "LEADINST": (-1.0936, 0.8486, -0.2488, 0.9387, -8.704, 316.1),
    "LEADPD": (-0.6435, 0.9007, -0.3488, 0.9174, -3.001, 328.9),
    "LEADTCH": (-0.3842, 0.9633, 0.0498, 1.0380, -3.995, 318.4),
    "TCMORALE": (-0.4858, 0.9487, -0.3056, 1.0482, -1.662, 316.3),
    "STUDCLIM": (0.2918, 0.9658, 0.0562, 1.1203, 2.072, 307.8),
    # published.md prints t = -3.308; R's t.test on the same file gives -3.30747, as here.
    "TEACCLIM": (-0.3010, 0.8260, 0.0610, 1.1155, -3.307, 261.9),
}


def _equal_published(results: object) -> None:
    alphas = results["reliability"]  # type: ignore[index]
    for scale, published in ALPHAS.items():
        for group, value in zip(("JP", "KR"), published, strict=True):
            assert round(alphas[f"{scale}.{group}"].cronbach_alpha, 4) == value, (scale, group)
    frame = results["countries"]["groups"].to_frame().set_index("outcome")  # type: ignore[index]
    for outcome, published in MEANS.items():
        row = frame.loc[outcome, ["mean_1", "sd_1", "mean_2", "sd_2", "t", "df"]]
        rounded = [round(value, digits) for value, digits in zip(row, (4, 4, 4, 4, 3, 1), strict=True)]
        assert rounded == list(published), outcome
