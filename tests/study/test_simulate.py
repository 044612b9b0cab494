"""Simulated answers: reproducible, in range, reverse items answered the other way round."""

from pathlib import Path

import numpy as np
import pytest

from surveykit.instrument.reader import read_instrument
from surveykit.study.returns import damaged, sheets_of
from surveykit.study.schema import DirtSpec
from surveykit.study.simulate import default_population, simulate_answers

ROOT = Path(__file__).parents[2]
INSTRUMENTS = sorted((ROOT / "instruments").glob("*.yaml"))
PARTNERSHIP = read_instrument(ROOT / "instruments" / "partnership.yaml")


@pytest.mark.parametrize("path", INSTRUMENTS, ids=lambda path: path.stem)
def test_every_instrument_can_be_piloted(path: Path) -> None:
    instrument = read_instrument(path)
    answers = simulate_answers(instrument, {"JP": 20, "KR": 15}, seed=3)
    assert answers["group"].value_counts().to_dict() == {"JP": 20, "KR": 15}
    for item in instrument.items:
        scale = instrument.response_scale_of(item)
        if scale is not None and item.id in answers:
            assert set(answers[item.id]) <= set(scale.codes)


def test_reverse_items_correlate_negatively_until_they_are_keyed() -> None:
    answers = simulate_answers(PARTNERSHIP, {"JP": 400}, seed=1)
    # Population: .49 before cutting; 400 draws put .25 more than five standard errors below it.
    assert answers["trust_1"].corr(answers["trust_2"]) > 0.25
    assert answers["trust_1"].corr(answers["trust_4"]) < -0.25


def test_a_facet_is_not_simulated_twice() -> None:
    assert "trust_credibility" not in default_population(PARTNERSHIP)


def test_simulated_respondents_are_labelled() -> None:
    answers = simulate_answers(PARTNERSHIP, {"JP": 2}, seed=1)
    assert list(answers["respondent"]) == ["SIM-JP-0001", "SIM-JP-0002"]


def test_damage_is_planted_where_the_log_says() -> None:
    answers = simulate_answers(PARTNERSHIP, {"JP": 40}, seed=1)
    items = [name for name in answers if name.startswith("trust")]
    dirt = DirtSpec(full_width=3, blank_items=2, pasted_99=1, duplicates=1, older_version=2)
    sheets, damage = damaged(sheets_of(answers, items), PARTNERSHIP, dirt.model_copy(), 5)
    log = damage.to_frame()
    assert log["kind"].value_counts().to_dict() == {
        "full_width": 3, "blank_items": 2, "older_version": 2, "pasted_99": 1, "duplicates": 1,
    }  # fmt: skip
    pasted = log[log["kind"] == "pasted_99"].iloc[0]
    assert any(one.respondent == pasted["respondent"] and one.answers[pasted["item"]] == 99 for one in sheets)
    assert sum(one.older for one in sheets) >= 2
    assert len(sheets) == 41
    assert np.isfinite(answers["trust_1"]).all()
