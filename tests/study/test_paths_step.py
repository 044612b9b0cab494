"""The step `paths` of a study: from printed moments and from answers."""

from pathlib import Path

import pytest

from surveykit.errors import SurveykitProblems
from surveykit.study.plan import read_plan
from surveykit.study.run import run_study

ROOT = Path(__file__).parents[2]
WVS = (ROOT / "analyses" / "wvs1994_job" / "study.yaml").read_text("utf-8")
HEAD = WVS.split("steps:")[0]
STEP = """\
steps:
  - {id: alike, step: paths, model: "JS ~ JA; LS ~ JS + JA", bootstrap: 50, paths: ["LS ~ JS"]}
"""


def write(folder: Path, text: str) -> Path:
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    return folder


def test_printed_moments_are_enough(tmp_path: Path) -> None:
    found = run_study(write(tmp_path, HEAD + STEP)).results["alike"]["paths"]
    assert found.group_labels == ("JP", "KR")
    assert found.equality["path"].tolist() == ["LS ~ JS", "all"]
    assert found.bootstrap == 50
    page = (tmp_path / "report" / "index.ja.html").read_text("utf-8")
    assert "日本 − 韓国" in page
    assert "群ごとのパス" in page


def test_the_shipped_study_gives_the_recomputed_numbers(tmp_path: Path) -> None:
    """README.md of the data: unstandardized paths, ab and its difference, equal paths; printed decimals."""
    found = run_study(ROOT / "analyses" / "wvs1994_job", tmp_path).results["paths"]["paths"]
    rows = found.to_frame()
    printed = {
        ("JA → JS", "JP"): (0.736, 0.020),
        ("JS → LS", "JP"): (0.300, 0.037),
        ("JA → JS", "KR"): (0.509, 0.027),
        ("JS → LS", "KR"): (0.460, 0.030),
        ("JA → JS → LS", "JP"): (0.2207, 0.0281),
        ("JA → JS → LS", "KR"): (0.2345, 0.0197),
        ("JA → JS → LS", "JP - KR"): (-0.0138, 0.034),
    }
    for key, (est, se) in printed.items():
        own = rows[(rows["path"] == key[0]) & (rows["group"] == key[1])].iloc[0]
        digits = 4 if "→ JS →" in key[0] else 3
        assert float(own["est"]) == pytest.approx(est, abs=0.51 * 10**-digits), key
        assert float(own["se"]) == pytest.approx(se, abs=0.51e-3), key
    direct = found.to_frame().query("effect == 'path' and path == 'JA → LS'").set_index("group")
    assert direct["est"].round(3).tolist()[:2] == [-0.091, 0.127]
    assert direct["se"].round(3).tolist()[:2] == [0.036, 0.029]
    difference = rows[(rows["path"] == "JA → JS → LS") & (rows["group"] == "JP - KR")].iloc[0]
    assert difference["z"] == pytest.approx(-0.40, abs=0.51e-2)
    last = found.equality.iloc[-1]
    assert (round(last["chisq_diff"], 2), last["df_diff"]) == (142.79, 3)


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ("{id: p, step: paths}", "I020"),
        ("{id: p, step: paths, model: 'JS ~ JA', bootstrap: -1}", "I035"),
        ("{id: p, step: paths, model: 'JS ~ JA', measurement: [trust]}", "T010"),
        ("{id: p, step: paths, model: 'JS ~ JA', estimator: MLX}", "I033"),
    ],
)
def test_a_wrong_step_is_told(tmp_path: Path, step: str, code: str) -> None:
    with pytest.raises(SurveykitProblems) as caught:
        read_plan(write(tmp_path, f"{HEAD}steps:\n  - {step}\n"))
    assert code in [one.code for one in caught.value.problems]
