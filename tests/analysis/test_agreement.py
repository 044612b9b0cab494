"""Kappa against psych and statsmodels, Krippendorff's alpha against his own example."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_data import case, close, dataset, matrix
from surveykit.analysis.kappa import cohen_kappa, fleiss_kappa
from surveykit.analysis.krippendorff import krippendorff_alpha
from surveykit.errors import SurveykitError, SurveykitWarning
from surveykit.estimation.agreement import weighted_kappa
from surveykit.results import plain

KAPPA = case("kappa")
TOLERANCE = (KAPPA["tolerance"]["relative"], KAPPA["tolerance"]["absolute"])
NONE = np.nan
# Krippendorff (2011): four observers, twelve units, here a row per observer.
EXAMPLE = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NONE, NONE, NONE],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NONE, 3],
        [NONE, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NONE],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NONE],
    ]
)


def check(result: Any, expected: dict[str, Any]) -> None:
    for name in ("kappa", "se", "se_null", "z"):
        assert close(getattr(result, name), expected[name], *TOLERANCE), name


@pytest.mark.parametrize(("weights", "name"), [("quadratic", "u1_u2_quadratic"), ("linear", "u1_u2_linear")])
def test_kappa_equals_psych(weights: str, name: str) -> None:
    data, expected = dataset("datcat"), KAPPA["results"][name]
    plain, weighted = cohen_kappa(data["u1"], data["u2"]), cohen_kappa(data["u1"], data["u2"], weights)
    assert close(plain.kappa, expected["kappa"], *TOLERANCE)
    assert close(weighted.kappa, expected["weighted_kappa"], *TOLERANCE)
    assert close(plain.se**2, expected["psych_var_kappa"], *TOLERANCE)
    assert np.allclose(
        [plain.ci_lower, plain.kappa, plain.ci_upper], matrix(expected["psych_ci"]).iloc[0], *TOLERANCE
    )
    check(plain, expected["fce_unweighted"])
    check(weighted, expected["fce_weighted"])
    assert np.allclose([weighted.ci_lower, weighted.ci_upper], expected["fce_weighted"]["ci95"], *TOLERANCE)
    assert np.allclose(plain.table / plain.n, matrix(expected["agreement"]), *TOLERANCE)
    assert plain.n == expected["n"]


def test_the_crosstab_has_the_first_rater_in_rows() -> None:
    data = dataset("datcat")
    assert np.array_equal(cohen_kappa(data["u1"], data["u2"]).table, KAPPA["results"]["crosstab_u1_u2"])


def test_cohens_own_table() -> None:
    record = KAPPA["results"]["cohen1968_table"]
    table, n = np.array(record["table"]), record["n"]
    plain = weighted_kappa(table, np.eye(3), n)
    assert close(plain.kappa, record["unweighted"]["kappa"], *TOLERANCE)
    check(plain, record["unweighted"]["fce_unweighted"])
    quadratic = weighted_kappa(table, matrix(record["unweighted"]["weights"]).to_numpy(), n)
    assert close(quadratic.kappa, record["unweighted"]["weighted_kappa"], *TOLERANCE)
    check(quadratic, record["unweighted"]["fce_weighted"])
    costs = weighted_kappa(table, np.array(record["cost_weights"], dtype=float), n)
    assert close(costs.kappa, record["cost_weighted"]["weighted_kappa"], *TOLERANCE)
    check(costs, record["cost_weighted"]["fce_weighted"])


def test_a_weight_matrix_may_be_given() -> None:
    data = dataset("datcat")
    linear = 1 - np.abs(np.subtract.outer(range(5), range(5))) / 4
    ours = cohen_kappa(data["u1"], data["u2"], linear)
    assert ours.weights == "custom"
    assert ours.kappa == cohen_kappa(data["u1"], data["u2"], "linear").kappa
    costs = cohen_kappa(data["u1"], data["u2"], 1 - linear)
    assert close(costs.kappa, ours.kappa, 1e-12, 1e-12)


def test_levels_put_text_in_order() -> None:
    first, second = ["low", "mid", "high", "mid", "low"], ["low", "high", "high", "mid", "mid"]
    levels = ["low", "mid", "high"]
    codes = [[levels.index(value) for value in rater] for rater in (first, second)]
    ours = cohen_kappa(first, second, "quadratic", levels=levels)
    assert ours.kappa == cohen_kappa(*codes, "quadratic").kappa
    assert list(ours.table.columns) == levels


def test_fleiss_kappa_equals_statsmodels() -> None:
    from statsmodels.stats.inter_rater import aggregate_raters
    from statsmodels.stats.inter_rater import fleiss_kappa as theirs

    ratings = dataset("datcat")[["u1", "u2", "u3", "u4"]]
    counts, _ = aggregate_raters(ratings.to_numpy())
    ours = fleiss_kappa(ratings)
    assert close(ours.kappa, theirs(counts), 1e-12, 1e-12)
    assert close(ours.kappa, (ours.observed - ours.expected) / (1 - ours.expected), 1e-12, 1e-12)


def test_fleiss_kappa_of_the_published_diagnoses() -> None:
    # Fleiss (1971), table 1: 30 patients, 6 psychiatrists, 5 diagnoses; printed kappa .430.
    rows = (
        "00006 03003 01401 00006 03003 20400 00402 20310 20040 00006 10050 11040 03300 10005 02022 "
        "00510 30021 51000 02040 00204 10005 00600 30300 30003 00033 06000 00303 04200 42000 00510"
    )
    counts = np.array([[int(digit) for digit in row] for row in rows.split()])
    ratings = pd.DataFrame([np.repeat(np.arange(5), row) for row in counts])
    result = fleiss_kappa(ratings)
    n, m = counts.sum(axis=1).size, 6
    p = counts.sum(axis=0) / counts.sum()
    observed = (np.sum(counts**2) - n * m) / (n * m * (m - 1))
    assert close(result.kappa, (observed - p @ p) / (1 - p @ p), 1e-12, 1e-12)
    assert (result.n, result.n_raters) == (30, 6)
    # Kappa is the mean of the categories' kappas weighted by p (1 - p).
    share = result.table["share"]
    assert close(np.average(result.table["kappa"], weights=share * (1 - share)), result.kappa, 1e-12, 1e-12)


@pytest.mark.parametrize(
    ("level", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_krippendorffs_example(level: str, published: float) -> None:
    import krippendorff

    result = krippendorff_alpha(EXAMPLE.T, level)
    assert round(result.alpha, 3) == published
    theirs = krippendorff.alpha(EXAMPLE, level_of_measurement=level)
    assert close(result.alpha, theirs, 1e-12, 1e-12)
    assert (result.n_units, result.n_raters, result.n_pairable) == (11, 4, 40)
    assert result.ci_lower < result.alpha < result.ci_upper


def test_the_wrong_way_round_is_warned_of() -> None:
    with pytest.warns(SurveykitWarning, match="S035"):
        wrong = krippendorff_alpha(EXAMPLE, bootstrap=0)
    right = krippendorff_alpha(EXAMPLE, raters="rows", bootstrap=0)
    assert round(right.alpha, 3) == 0.743
    assert abs(wrong.alpha - right.alpha) > 0.1


def test_text_codes_are_nominal() -> None:
    words = pd.DataFrame(EXAMPLE.T).replace({1: "a", 2: "b", 3: "c", 4: "d", 5: "e"})
    assert krippendorff_alpha(words, bootstrap=0).alpha == krippendorff_alpha(EXAMPLE.T, bootstrap=0).alpha
    assert set(krippendorff_alpha(words, bootstrap=0).coincidences.index) == set("abcde")
    with pytest.raises(SurveykitError, match="S002"):
        krippendorff_alpha(words, "interval")


def test_the_bootstrap_has_a_seed() -> None:
    first, again, other = (krippendorff_alpha(EXAMPLE.T, "interval", seed=seed) for seed in (1, 1, 2))
    assert (first.ci_lower, first.ci_upper) == (again.ci_lower, again.ci_upper)
    assert (first.ci_lower, first.ci_upper) != (other.ci_lower, other.ci_upper)


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), min_size=3, max_size=40))
def test_two_raters_nominal_alpha_is_scotts_pi_with_a_small_sample_step(pairs: list[tuple[int, int]]) -> None:
    ratings = np.array(pairs, dtype=float)
    if len(np.unique(ratings)) < 2:
        return
    n = ratings.size
    p = np.array([np.mean(ratings == value) for value in np.unique(ratings)])
    observed, expected = np.mean(ratings[:, 0] == ratings[:, 1]), p @ p
    pi = (observed - expected) / (1 - expected)
    assert close(krippendorff_alpha(ratings, bootstrap=0).alpha, 1 - (1 - pi) * (n - 1) / n, 1e-9, 1e-9)


@pytest.mark.parametrize(
    ("code", "call"),
    [
        ("S034", lambda: cohen_kappa([1, 2, 3], [1, 2])),
        ("S003", lambda: cohen_kappa([1, None], [None, 2])),
        ("S033", lambda: cohen_kappa([1, 1, 1], [1, 1, 1])),
        ("S033", lambda: cohen_kappa([1, 1, 1], [1, 1, 1], levels=[1, 2])),
        ("S037", lambda: cohen_kappa([1, 2, 1], [1, 2, 2], np.eye(3))),
        ("S037", lambda: cohen_kappa([1, 2, 1], [1, 2, 2], np.full((2, 2), 0.5))),
        ("S041", lambda: cohen_kappa(["a", "b"], ["a", "b"], "linear")),
        ("S042", lambda: cohen_kappa([1, 2], [1, 7], levels=[1, 2, 3])),
        ("O001", lambda: cohen_kappa([1, 2], [1, 2], "cubic")),
        ("O002", lambda: cohen_kappa([1, 2], [1, 2], conf_level=95)),
        ("S001", lambda: fleiss_kappa(pd.DataFrame({"A": [1, 2]}))),
        ("S003", lambda: fleiss_kappa(pd.DataFrame({"A": [1, 2], "B": [1, None]}))),
        ("S033", lambda: fleiss_kappa(pd.DataFrame({"A": [1, 1], "B": [1, 1]}))),
        ("S001", lambda: krippendorff_alpha(np.ones((3, 1)), "interval")),
        ("S033", lambda: krippendorff_alpha(np.ones((3, 2)))),
        ("S043", lambda: krippendorff_alpha(np.array([[1, NONE], [NONE, 2]]))),
        ("S043", lambda: krippendorff_alpha(np.full((2, 2), NONE))),
        ("S046", lambda: krippendorff_alpha(np.array([[-1, 1], [2, 2.0]]), "ratio")),
        ("S028", lambda: krippendorff_alpha(EXAMPLE.T, bootstrap=-1)),
        ("O001", lambda: krippendorff_alpha(EXAMPLE.T, "cardinal")),
        ("O001", lambda: krippendorff_alpha(EXAMPLE.T, raters="sideways")),
    ],
)
def test_refusals(code: str, call: Any) -> None:
    with pytest.raises(SurveykitError) as caught:
        call()
    assert caught.value.code == code


def test_units_left_open_are_noted() -> None:
    assert [one.code for one in cohen_kappa([1, 2, None, 2], [1, 2, 1, 1]).notes] == ["S007"]
    few = fleiss_kappa(pd.DataFrame({"A": [1, 2, 2], "B": [1, 2, None]}))
    assert [one.code for one in few.notes] == ["S007", "S048"]
    assert np.isnan(few.ci_lower)


def test_codes_of_extended_precision_are_numbers_too() -> None:
    first, second = np.array([1, 2, 3, 2, 2]), np.array([1, 2, 2, 2, 3])
    wide = pd.DataFrame({"a": first, "b": second})
    for weights in (None, "linear"):
        found = cohen_kappa(first.astype(np.longdouble), second.astype(np.longdouble), weights)
        assert found.to_dict() == cohen_kappa(first.astype(float), second.astype(float), weights).to_dict()
    assert fleiss_kappa(wide.astype(np.longdouble)).to_dict() == fleiss_kappa(wide.astype(float)).to_dict()
    assert plain([np.longdouble(1.5), np.array([np.longdouble("inf"), 2])]) == [1.5, [None, 2.0]]
    assert plain(np.clongdouble(1.5)) == str(np.clongdouble(1.5))
