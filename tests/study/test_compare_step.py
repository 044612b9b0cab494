"""The step `compare` of a study: its gate, an override, weights, ladders wherever they stand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from surveykit.errors import SurveykitProblems
from surveykit.study.plan import read_plan
from surveykit.study.run import run_study

ITEMS = [f"t{k}" for k in range(1, 6)]
PLAN = """\
study: pilot
version: "1.0.0"
title: {en: Pilot, ja: 予備調査, ko: 예비 조사}
languages: [en, ja, ko]
groups: {order: [JP, KR]}
data: {kind: frame, path: answers.csv}
steps:
"""
LADDER = "  - {id: ladder, step: invariance, models: {trust: 'trust =~ t1 + t2 + t3 + t4 + t5'}}\n"
COMPARE = "  - {id: means, step: compare, outcomes: [trust, age]MORE}\n"


def answers(folder: Path, shift: float) -> None:
    rng = np.random.default_rng(5)
    frames = []
    for place, country in enumerate(("KR", "JP")):
        level = 0.3 * place + rng.normal(size=(300, 1))
        values = 3 + 0.9 * level + 0.6 * rng.normal(size=(300, 5))
        values[:, 1] += shift * place
        frames.append(pd.DataFrame(values, columns=ITEMS).assign(country=country))
    frame = pd.concat(frames).assign(age=rng.normal(40, 9, 600), weight=rng.uniform(1, 3, 600))
    frame.assign(trust=frame[ITEMS].mean(axis=1)).to_csv(folder / "answers.csv", index=False)


def run(folder: Path, steps: str, shift: float = 1.0) -> tuple[dict, dict[str, str]]:
    answers(folder, shift)
    (folder / "study.yaml").write_text(PLAN + steps, encoding="utf-8")
    result = run_study(folder)
    pages = {name: (folder / "report" / name).read_text("utf-8") for name in
             ("index.html", "index.ja.html", "index.ko.html")}  # fmt: skip
    return result.results["means"], pages


@pytest.mark.parametrize("steps", [LADDER + COMPARE, COMPARE + LADDER])
def test_a_difference_that_scalar_does_not_allow_is_struck(tmp_path: Path, steps: str) -> None:
    found, pages = run(tmp_path, steps.replace("MORE", ""))
    verdict = found["gate"]["trust"]
    assert (verdict.stands, verdict.reason.code) == (False, "V022")
    assert verdict.latent is not None
    assert found["gate"]["age"].reason.code == "V021"
    assert found["groups"].groups == ("JP", "KR")
    for page, word in zip(
        pages.values(), ("takes its place", "潜在平均の差を示し", "잠재평균의 차이를 제시"), strict=True
    ):
        assert word in page
        assert "<s>" in page or "<del>" in page or "struck" in page


def test_an_override_is_said(tmp_path: Path) -> None:
    found, pages = run(tmp_path, (LADDER + COMPARE).replace("MORE", ", override_invariance: true"))
    verdict = found["gate"]["trust"]
    assert (verdict.stands, verdict.overridden, verdict.reason.code) == (True, True, "V025")
    words = ("Shown at the researcher", "研究者の指定", "연구자의 지정")
    for page, word in zip(pages.values(), words, strict=True):
        assert word in page
        assert "override_invariance" in page


def test_an_invariant_scale_stands(tmp_path: Path) -> None:
    found, _ = run(tmp_path, (LADDER + COMPARE).replace("MORE", ""), shift=0.0)
    verdict = found["gate"]["trust"]
    assert (verdict.level, verdict.stands, verdict.reason) == ("strict", True, None)


def test_without_a_ladder_a_warning_stands_below(tmp_path: Path) -> None:
    found, pages = run(tmp_path, COMPARE.replace("MORE", ""))
    assert set(found) == {"groups"}
    assert "Measurement invariance was not tested for this comparison" in pages["index.html"]


def test_weights_add_weighted_means_under_the_same_gate(tmp_path: Path) -> None:
    found, pages = run(tmp_path, (LADDER + COMPARE).replace("MORE", ", weights: weight"))
    assert set(found) == {"groups", "weighted", "gate"}
    data = pd.read_csv(tmp_path / "answers.csv").query("country == 'JP'")
    wanted = np.average(data["age"], weights=data["weight"])
    assert found["weighted"].to_frame().set_index("outcome").loc["age", "mean_1"] == pytest.approx(wanted)
    for page, word in zip(pages.values(), ("Weighted means", "重み付き平均", "가중 평균"), strict=True):
        assert word in page


def test_items_that_work_differently_as_a_step(tmp_path: Path) -> None:
    step = "  - {id: means, step: item_bias, models: {trust: 'trust =~ t1 + t2 + t3 + t4 + t5'}}\n"
    found, pages = run(tmp_path, step)
    assert "t2" in found["trust"].flagged
    for page, word in zip(
        pages.values(), ("Invariance model", "測定不変性モデル", "측정불변성 모형"), strict=True
    ):
        assert word in page


@pytest.mark.parametrize(
    "step", ["step: item_bias, scales: [trust]", "step: invariance, scales: [trust]", "step: compare"]
)
def test_scales_without_a_questionnaire_are_refused(tmp_path: Path, step: str) -> None:
    answers(tmp_path, 0.0)
    (tmp_path / "study.yaml").write_text(f"{PLAN}  - {{id: s, {step}}}\n", encoding="utf-8")
    with pytest.raises(SurveykitProblems) as caught:
        read_plan(tmp_path)
    assert [one.code for one in caught.value.problems] == ["T010"]
