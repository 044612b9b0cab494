"""`polychoric`: what a user sees of the correlations of ordinal items."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from reference_data import case, close, dataset, matrix
from surveykit.analysis.polychoric import polychoric
from surveykit.errors import SurveykitError, SurveykitWarning

ITEMS = [f"A{place}" for place in range(1, 6)] + [f"C{place}" for place in range(1, 6)]
REFERENCE = case("polychoric-bfi")["results"]


def same(found: pd.DataFrame, expected: pd.DataFrame, relative: float = 1e-6, absolute: float = 1e-7) -> None:
    """Every cell to the reference's tolerance, under the same names."""
    assert list(found.index) == list(expected.index)
    assert list(found.columns) == list(expected.columns)
    np.testing.assert_allclose(found.to_numpy(), expected.to_numpy(), rtol=relative, atol=absolute)


def test_polychoric_of_the_bfi() -> None:
    result = polychoric(dataset("bfi_keyed")[ITEMS].dropna())
    assert result.n == REFERENCE["n"]
    same(result.correlations, matrix(REFERENCE["lavaan_polychoric"]))
    same(result.correlations, matrix(REFERENCE["psych_polychoric"]), absolute=5e-5)
    thresholds = {
        f"{item}|{t}": value for item, row in result.thresholds.iterrows() for t, value in row.items()
    }
    assert thresholds == pytest.approx(REFERENCE["lavaan_thresholds"], abs=1e-10)
    psych = matrix(REFERENCE["psych_thresholds"])
    np.testing.assert_allclose(result.thresholds.to_numpy(), psych.to_numpy(), atol=5e-5)
    assert list(psych.index) == list(result.thresholds.index)


def test_standard_errors_of_the_bfi() -> None:
    found = polychoric(dataset("bfi_keyed")[ITEMS].dropna()).to_frame()
    expected = pd.DataFrame(REFERENCE["lavaan_se"])
    assert found[["lhs", "rhs"]].to_numpy().tolist() == expected[["lhs", "rhs"]].to_numpy().tolist()
    np.testing.assert_allclose(found["est"], expected["est"], rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(found["se"], expected["se"], rtol=1e-6)


def test_pairwise_takes_all_answers_of_a_pair() -> None:
    result = polychoric(dataset("bfi_keyed")[ITEMS], missing="pairwise")
    same(result.correlations, matrix(REFERENCE["lavaan_pairwise"]), absolute=1e-6)
    assert result.n == 2800
    assert result.to_frame()["n"].between(2740, 2790).all()
    assert [one.code for one in result.notes] == ["S010"]


def test_listwise_is_the_default_and_says_what_it_drops() -> None:
    data = dataset("bfi_keyed")[ITEMS]
    result = polychoric(data)
    same(result.correlations, polychoric(data.dropna()).correlations)
    assert [one.code for one in result.notes] == ["S007"]


def test_polyserial_and_pearson_where_variables_are_numeric() -> None:
    data = dataset("bfi_keyed")[["A2", "C3", "age", "O4"]].dropna()
    expected = matrix(REFERENCE["mixed"])
    data["logage"] = np.log(data["age"])
    result = polychoric(data[list(expected.index)], ordered=["A2", "C3", "O4"])
    assert result.n == REFERENCE["mixed_n"]
    same(result.correlations, expected)
    assert list(result.thresholds.index) == ["A2", "C3", "O4"]
    kinds = result.to_frame().groupby("type").size().to_dict()
    assert kinds == {"pearson": 1, "polychoric": 3, "polyserial": 6}


def test_tetrachoric_is_polychoric_of_two_categories() -> None:
    binary = (dataset("bfi_keyed")[ITEMS].dropna() > 4).astype(int)
    result = polychoric(binary)
    same(result.correlations, matrix(REFERENCE["tetrachoric_split_at_4"]))
    same(result.correlations, matrix(REFERENCE["psych_tetrachoric"]), absolute=5e-5)
    assert result.thresholds["t1"].to_dict() == pytest.approx(REFERENCE["psych_tetrachoric_tau"], abs=1e-10)


def test_the_correlations_behind_ordinal_reliability() -> None:
    expected = matrix(case("rel-ordinal")["results"]["polychoric"])
    same(polychoric(dataset("datcat")[list(expected.index)]).correlations, expected, 1e-5, 1e-6)


def test_a_threshold_that_an_item_has_not_is_empty() -> None:
    data = dataset("bfi_keyed")[["A1", "A2"]].dropna()
    result = polychoric(data.assign(A2=(data["A2"] > 3).astype(int)))
    assert result.thresholds.notna().sum(axis=1).to_dict() == {"A1": 5, "A2": 1}


def test_a_duplicated_item_is_bounded_and_told() -> None:
    data = dataset("datcat")[["u1", "u2"]].assign(again=lambda frame: frame["u1"])
    with pytest.warns(SurveykitWarning, match="u1 – again"):
        result = polychoric(data)
    assert result.correlations.loc["u1", "again"] == 0.999
    assert np.isnan(result.se.loc["u1", "again"])
    assert result.se.loc["u1", "u2"] > 0
    assert "S060" in {one.code for one in result.notes}


def test_a_matrix_that_is_not_positive_definite_is_told() -> None:
    rng = np.random.default_rng(3)
    answers = np.digitize(rng.normal(size=(25, 1)) + 0.7 * rng.normal(size=(25, 8)), [-0.5, 0.5])
    with pytest.warns(SurveykitWarning, match="S067"):
        result = polychoric(pd.DataFrame(answers).add_prefix("i"))
    assert np.linalg.eigvalsh(result.correlations)[0] < 0


@pytest.mark.parametrize(
    ("items", "more", "code"),
    [
        (pd.DataFrame({"a": [1, 2, 3]}), {}, "S001"),
        (pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]}), {}, "S002"),
        (pd.DataFrame({"a": [1, 2], "b": [2, 1]}), {}, "S003"),
        (pd.DataFrame({"a": [1, 2, 3], "b": [1, 1, 1]}), {}, "S004"),
        (pd.DataFrame({"a": [1, 2, 3], "b": [np.nan] * 3}), {}, "S005"),
        (pd.DataFrame({"a": range(200), "b": [1, 2] * 100}), {}, "S066"),
        (pd.DataFrame({"a": [1, 2, 1], "b": [2, 1, 1]}), {"missing": "fiml"}, "O001"),
        (pd.DataFrame({"a": [1, 2, 1], "b": [2, 1, 1]}), {"ordered": ["c"]}, "O001"),
    ],
)
def test_refusals(items: pd.DataFrame, more: dict[str, Any], code: str) -> None:
    with pytest.raises(SurveykitError) as refused:
        polychoric(items, **more)
    assert refused.value.code == code


def test_a_result_can_be_printed_saved_and_shown() -> None:
    data = dataset("bfi_keyed_600")[["A1", "A2", "age"]]
    result = polychoric(data, ordered=["A1", "A2"])
    text = result.summary()
    assert "Polychoric, polyserial correlations of 3 variables" in text
    assert "Thresholds" in text
    plain = json.loads(json.dumps(result.to_dict()))
    assert close(plain["correlations"][0]["A2"], result.correlations.loc["A1", "A2"])
    assert "<table" in result._repr_html_()


def test_half_an_answer_in_an_empty_cell_is_told() -> None:
    # f <- c(16, 10, 4); lavCor(data.frame(a = ordered(rep(c(0, 1, 1), f)), b = ordered(rep(c(0, 0, 1), f))))
    items = pd.DataFrame({"a": [0] * 16 + [1] * 14, "b": [0] * 26 + [1] * 4})
    result = polychoric(items)
    assert result.correlations.loc["a", "b"] == pytest.approx(0.63407476396, abs=1e-6)
    (told,) = [one for one in result.notes if one.code == "S104"]
    assert "a-b" in told.text()


def test_a_likelihood_that_only_rises_ends_at_the_bound() -> None:
    # lavaan 0.6-14 stops at -.9514, where it is flat: log L is -91.820279633 there, ...632 from -.97 on.
    items = pd.DataFrame({"a": [1] * 53 + [2] * 18 + [3] * 7 + [4] * 2, "b": [1] * 47 + [2] * 6 + [1] * 27})
    with pytest.warns(SurveykitWarning, match="a – b"):
        result = polychoric(items)
    assert result.correlations.loc["a", "b"] == -0.999
    assert "S060" in {one.code for one in result.notes}
