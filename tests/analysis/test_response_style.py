"""Response styles: shares counted by hand, and a difference that is all style."""

import numpy as np
import pandas as pd
import pytest

from surveykit.analysis.response_style import response_styles
from surveykit.errors import SurveykitError


def answers() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    yea = np.repeat([0.0, 1.0], 60)
    raw = {f"q{i}": np.clip(np.round(3 + yea + rng.normal(0, 1, 120)), 1, 5) for i in range(10)}
    frame = pd.DataFrame(raw | {"country": np.repeat(["JP", "KR"], 60)})
    return frame.assign(trust=frame[["q0", "q1", "q2"]].mean(axis=1))


ITEMS = [f"q{i}" for i in range(10)]


def test_shares_are_counted() -> None:
    frame = pd.DataFrame(
        {"g": list("aabb"), "x": [1, 3, 5, np.nan], "y": [5, 3, 4, np.nan], "z": [2, 4, 3, np.nan]}
    )
    persons = response_styles(frame, ["x", "y", "z"], "g", (1, 5)).persons
    wanted = [
        [1 / 3, 2 / 3, -1 / 3, 2 / 3, 0],
        [1 / 3, 0, 1 / 3, 0, 2 / 3],
        [2 / 3, 0, 2 / 3, 1 / 3, 1 / 3],
        [np.nan] * 5,
    ]
    assert np.allclose(persons.to_numpy(), wanted, equal_nan=True)


def test_a_difference_made_of_style_goes_when_styles_are_equal() -> None:
    result = response_styles(answers(), ITEMS, "country", (1, 5), outcomes="trust")
    effect = result.effect.iloc[0]
    assert effect["pvalue"] < 0.001
    assert abs(effect["mean_diff_adjusted"]) < 0.4 * abs(effect["mean_diff"])
    assert np.isclose(effect["share"], 1 - effect["mean_diff_adjusted"] / effect["mean_diff"])
    row = result.to_frame().set_index("style").loc["net_acquiescence"]
    assert row["mean_diff"] < 0
    assert result.notes == ()
    assert "with styles held equal" in result.summary()


def test_a_scale_without_middle_has_no_midpoint_style() -> None:
    result = response_styles(answers().assign(**dict.fromkeys(ITEMS[:2], 2.0)), ITEMS, "country", (0, 5))
    assert "midpoint" not in set(result.to_frame()["style"])
    assert result.persons["midpoint"].isna().all()


def test_bad_input_is_refused_and_few_items_told() -> None:
    with pytest.raises(SurveykitError, match="G029"):
        response_styles(answers(), ITEMS, "country", (1, 4))
    result = response_styles(answers(), ITEMS[:4], "country", (1, 5))
    assert "G030" in [note.code for note in result.notes]
