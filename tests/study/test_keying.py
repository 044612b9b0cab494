"""Items that go against their scale are told with scale and group, once each, without a word of Python."""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from surveykit.analysis.reliability import AlphaResult, cronbach_alpha
from surveykit.errors import LANGUAGES, SurveykitWarning
from surveykit.instrument.reader import read_instrument
from surveykit.study.failure import NotComputed
from surveykit.study.keying import scale_alpha
from surveykit.study.run import run_study

INSTRUMENT = Path(__file__).parents[2] / "instruments" / "partnership.yaml"
ITEMS = ", ".join(f"{item.id}: {item.id}" for item in read_instrument(INSTRUMENT).items)
PLAN = f"""\
study: keyed
version: "1.0.0"
title: {{en: Keyed}}
instrument: {INSTRUMENT}
groups: {{column: country, order: [JP, KR]}}
data:
  kind: table
  path: answers.csv
  items: {{{ITEMS}}}
steps:
  - {{id: reliability, step: reliability, scales: [trust, mutuality]}}
"""


def against(group: str) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    common = rng.normal(size=80)
    frame = pd.DataFrame({f"t{at}": common + rng.normal(size=80) for at in range(4)})
    return frame.assign(t3=-frame["t3"]) if group else frame


@pytest.mark.parametrize("group", ["KR", ""])
def test_the_place_is_named_and_nothing_else_changes(group: str) -> None:
    items = against("KR")
    with pytest.warns(SurveykitWarning, match="S115") as told:
        result = scale_alpha(items, "trust", group)
    assert len(told) == 1
    (one,) = result.notes
    assert dict(one.fields) == {"scale": "trust", "group": group, "names": "t3"}
    for lang in LANGUAGES:
        assert ("KR" in one.text(lang)) == bool(group)
        assert "score_scales" not in one.full(lang)
    with pytest.warns(SurveykitWarning, match="S008"):
        assert result.cronbach_alpha == cronbach_alpha(items).cronbach_alpha


def test_nothing_is_said_of_items_that_agree() -> None:
    assert scale_alpha(against(""), "trust", "KR").notes == ()


def test_a_study_tells_each_once(tmp_path: Path) -> None:
    inst = read_instrument(INSTRUMENT)
    rng = np.random.default_rng(11)
    asked = [item for item in inst.items if item.type == "likert"]
    frame = pd.DataFrame({item.id: rng.integers(1, 6, size=30) for item in asked})
    frame = frame.reindex(columns=[item.id for item in inst.items])
    frame.insert(0, "respondent", [f"R{at}" for at in range(30)])
    frame["country"] = ["JP", "KR"] * 15
    frame.to_csv(tmp_path / "answers.csv", index=False)
    (tmp_path / "study.yaml").write_text(PLAN, "utf-8")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = run_study(tmp_path, tmp_path / "out")
    told = [str(one.message) for one in caught if "[S115]" in str(one.message)]
    assert not [one for one in caught if "[S008]" in str(one.message)]
    alphas = result.results["reliability"]
    assert not [one for one in alphas.values() if isinstance(one, NotComputed)]
    noted = [str(note) for one in alphas.values() if isinstance(one, AlphaResult) for note in one.notes]
    assert told == [one for one in noted if "[S115]" in one]
    assert len(told) == len(set(told)) >= 4  # two scales in two groups of random answers, if not in all
