"""Scores by keys against psych::scoreItems."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from reference_data import case, dataset, matrix
from surveykit.analysis.reliability import cronbach_alpha
from surveykit.analysis.scale_scores import ScaleScoresResult, score_items
from surveykit.errors import SurveykitError

RECORD = case("rel-scoring-bfi")
KEYS = RECORD["results"]["keys"]
TOLERANCE = {"rtol": RECORD["tolerance"]["relative"], "atol": RECORD["tolerance"]["absolute"]}
OPTIONS: dict[str, dict[str, Any]] = {
    "impute_none": {},
    "impute_median": {"impute": "median"},
    "totals_impute_median": {"impute": "median", "totals": True},
}


def scored(name: str) -> ScaleScoresResult:
    return score_items(dataset("bfi"), KEYS, scale=(1, 6), **OPTIONS[name])


@pytest.mark.parametrize("name", OPTIONS)
def test_scores_equal_psych(name: str) -> None:
    expected, result = RECORD["results"][name], scored(name)
    assert np.allclose(
        result.scores.head(20), matrix(expected["scores_first20"]), **TOLERANCE, equal_nan=True
    )
    assert np.allclose(result.table["mean"], list(expected["scores_mean"].values()), **TOLERANCE)
    assert np.allclose(result.table["sd"], list(expected["scores_sd"].values()), **TOLERANCE)


@pytest.mark.parametrize("name", OPTIONS)
def test_scales_equal_psych(name: str) -> None:
    expected, result = RECORD["results"][name], scored(name)
    for theirs, ours in (("alpha", "alpha"), ("G6", "lambda6"), ("av_r", "average_r")):
        assert np.allclose(result.table[ours], matrix(expected[theirs]).iloc[0], **TOLERANCE), ours
    assert np.allclose(result.cor, matrix(expected["cor"]), **TOLERANCE)
    assert np.allclose(result.corrected, matrix(expected["corrected"]), **TOLERANCE)
    for field in ("item_cor", "item_corrected"):
        reference = matrix(expected[field])
        assert np.allclose(getattr(result, field).loc[reference.index], reference, **TOLERANCE), field


def test_alpha_is_that_of_the_keyed_items() -> None:
    ours = scored("impute_none").table.loc["agree", "alpha"]
    keyed = dataset("bfi_keyed")[[f"A{number}" for number in range(1, 6)]]
    assert abs(ours - cronbach_alpha(keyed, missing="pairwise").cronbach_alpha) < 1e-12


def test_a_respondent_without_answers_has_no_score() -> None:
    data = dataset("bfi_keyed")[["A1", "A2", "A3", "A4"]].head(40).reset_index(drop=True)
    data.loc[[0, 1], ["A1", "A2"]] = [[2, np.nan], [np.nan, np.nan]]
    data.loc[2, ["A1", "A2"]] = [2, 4]
    scores = score_items(data, {"s": ["A1", "-A2"], "t": ["A3", "A4"]}, scale=(1, 6)).scores
    assert scores.loc[0, "s"] == 2
    assert np.isnan(scores.loc[1, "s"])
    assert scores.loc[2, "s"] == (2 + 3) / 2


def test_gaps_that_break_the_covariances_are_refused() -> None:
    data = pd.DataFrame({"a": [1, 2, np.nan, 4], "b": [2, np.nan, np.nan, 5], "c": [1, 2, 3, 5]})
    with pytest.raises(SurveykitError, match="S022"):
        score_items(data, {"s": ["a", "-b"], "t": ["b", "c"]}, scale=(1, 5))


def two_units(unit: float, gaps: bool) -> pd.DataFrame:
    data = dataset("bfi_keyed")[["A1", "A2", "A3", "C1", "C2", "C3"]].head(300).reset_index(drop=True)
    data = data if gaps else data.dropna()
    return data.assign(**{name: data[name] * unit for name in ("C1", "C2", "C3")})


@pytest.mark.parametrize("gaps", [False, True])
def test_scales_in_different_units_stand_beside_each_other(gaps: bool) -> None:
    keys = {"agree": ["A1", "A2", "A3"], "money": ["C1", "C2", "C3"]}
    plain, mixed = (score_items(two_units(unit, gaps), keys) for unit in (1, 1e8))
    columns = ["alpha", "lambda6", "average_r"]
    assert np.allclose(plain.table[columns], mixed.table[columns], rtol=1e-9)
    assert np.allclose(plain.corrected, mixed.corrected, rtol=1e-9)
    assert np.allclose(plain.item_corrected, mixed.item_corrected, rtol=1e-9)


def test_items_that_cancel_are_named_with_their_scale() -> None:
    data = two_units(1e-8, gaps=False)
    data = data.assign(C2=-data["C1"])
    with pytest.raises(SurveykitError, match=r"S014.*: small \(C1, C2\)"):
        score_items(data, {"agree": ["A1", "A2", "A3"], "small": ["C1", "C2"]})


@pytest.mark.parametrize(
    ("code", "keys", "options"),
    [
        ("S001", {"s": ["A1"]}, {}),
        ("S029", {"s": ["A1", "-A9"]}, {}),
        ("O001", {"s": ["A1", "A2"]}, {"impute": "zero"}),
    ],
)
def test_refusals(code: str, keys: dict[str, list[str]], options: dict[str, Any]) -> None:
    with pytest.raises(SurveykitError, match=code):
        score_items(dataset("bfi"), keys, **options)
