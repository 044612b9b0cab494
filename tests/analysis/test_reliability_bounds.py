"""Guttman's bounds and split halves against psych::guttman and psych::splitHalf."""

import numpy as np
import pandas as pd
import pytest

from reference_data import case, close, dataset
from surveykit.analysis.reliability_bounds import guttman, split_half
from surveykit.errors import SurveykitError, SurveykitWarning

ITEMS = [f"{scale}{number}" for scale in "ACENO" for number in range(1, 6)]
SETS = {"agree": ITEMS[:5], "neuro": ITEMS[15:20], "ac": ITEMS[:10]}
RECORD = case("rel-guttman-splithalf")
TOLERANCE = (RECORD["tolerance"]["relative"], RECORD["tolerance"]["absolute"])


def complete() -> pd.DataFrame:
    return dataset("bfi_keyed")[ITEMS].dropna()


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize(("key", "standardized"), [("from_correlations", True), ("from_covariances", False)])
def test_splits_equal_psych(name: str, key: str, standardized: bool) -> None:
    expected = RECORD["results"][name][key]
    result = split_half(complete()[SETS[name]], standardized=standardized)
    assert close(result.psych["maximum"], expected["max_lambda4"], *TOLERANCE)
    assert close(result.psych["minimum"], expected["min_beta"], *TOLERANCE)
    assert close(result.psych["mean"], expected["mean"], *TOLERANCE)
    assert result.psych["n_splits"] == expected["n_splits"]
    ours = np.sort(result.splits[: expected["n_splits"]])
    assert np.allclose(ours, expected["all_splits_sorted"], rtol=TOLERANCE[0], atol=TOLERANCE[1])
    bounds = guttman(complete()[SETS[name]], standardized=standardized)
    assert close(bounds.lambda2, expected["lambda2"], *TOLERANCE)
    assert close(bounds.lambda3, expected["alpha"], *TOLERANCE)
    assert close(bounds.lambda6, expected["lambda6"], *TOLERANCE)
    pairs = (np.corrcoef if standardized else np.cov)(complete()[SETS[name]].T)[
        np.tril_indices(len(SETS[name]), -1)
    ]
    assert close(pairs.mean(), expected["average_r"], *TOLERANCE)
    assert close(np.median(pairs), expected["median_r"], *TOLERANCE)


@pytest.mark.parametrize("name", SETS)
def test_bounds_equal_psych(name: str) -> None:
    expected = RECORD["results"][name]["guttman"]
    result = guttman(complete()[SETS[name]])
    names = {
        "lambda.1": "lambda1",
        "lambda.2": "lambda2",
        "lambda.3": "lambda3",
        "lambda.4": "lambda4",
        "lambda.5": "lambda5",
        "lambda.5p": "lambda5_plus",
        "lambda.6": "lambda6",
        "alpha.pc": "alpha_pc",
    }
    for theirs, ours in names.items():
        assert close(getattr(result, ours), expected[theirs], *TOLERANCE), ours
    for theirs in ("mu0", "mu1", "mu2", "mu3"):
        assert close(getattr(result, theirs), RECORD["results"][name]["tenberge"][theirs], *TOLERANCE)
    # psych's heuristic rests on a minres that stops at 1e-5.
    assert close(result.glb_fa, expected["glb"], 0, 1e-5)
    assert close(result.glb_fa, RECORD["results"][name]["glb_fa"], 0, 1e-5)


@pytest.mark.parametrize("scale", ["agree", "consc", "extra", "neuro", "open"])
def test_odd_against_even_items(scale: str) -> None:
    expected = RECORD["results"]["odd_even"][scale]
    place = 5 * ["agree", "consc", "extra", "neuro", "open"].index(scale)
    result = split_half(complete()[ITEMS[place : place + 5]])
    assert close(result.odd_even_r, expected["r"], *TOLERANCE)
    assert close(result.spearman_brown, expected["spearman_brown"], *TOLERANCE)
    assert close(result.guttman_rulon, expected["guttman_rulon"], *TOLERANCE)


def test_an_odd_number_of_items_has_all_its_splits_counted() -> None:
    result = split_half(complete()[SETS["neuro"]])
    assert (result.n_splits, result.psych["n_splits"]) == (10, 5)
    # The mean of all splits of an odd number of items follows from alpha (k = 5, halves of 2 and 3).
    alpha = guttman(complete()[SETS["neuro"]]).lambda3
    assert close(result.mean, alpha * 4 / 5 * 6 / 5, 1e-12, 1e-12)
    assert [one.code for one in result.notes] == ["S024"]


def test_psych_divides_by_half_a_split() -> None:
    # psych::splitHalf(x, brute = TRUE) of seven items: choose(7, 3) / 2 = 17.5, so it takes 18 splits and
    # divides their sum by 17.5.
    result = split_half(complete()[ITEMS[:7]])
    assert (result.n_splits, result.psych["n_splits"]) == (35, 18)
    assert close(result.psych["mean"], result.splits[:18].sum() / 17.5, 1e-12, 0)
    assert close(result.psych["mean"], 0.677711129116284, 1e-9, 0)


@pytest.mark.parametrize("name", SETS)
def test_the_greatest_lower_bound_is_optimal(name: str) -> None:
    from surveykit.estimation.guttman import greatest_lower_bound

    R = complete()[SETS[name]].corr().to_numpy()
    bound, theta = greatest_lower_bound(R)
    smallest = np.linalg.eigvalsh(R - np.diag(theta))
    assert smallest[0] > -1e-12  # feasible
    # Duality: with U the null space of R - Theta, diag(U X U') = 1 has a solution X >= 0.
    values, vectors = np.linalg.eigh(R - np.diag(theta))
    null = vectors[:, values < 1e-6]
    design = np.einsum("ia,ib->iab", null, null).reshape(len(R), -1)
    X, *_ = np.linalg.lstsq(design, np.ones(len(R)), rcond=None)
    assert np.allclose(design @ X, 1, atol=1e-4)
    assert np.linalg.eigvalsh(X.reshape(null.shape[1], -1))[0] > -1e-6
    assert guttman(complete()[SETS[name]]).lambda4 <= bound + 1e-9


def test_many_items_are_split_at_random_with_a_seed() -> None:
    rng = np.random.default_rng(3)
    items = pd.DataFrame(rng.normal(size=(50, 22)) + rng.normal(size=(50, 1)))
    first, again = split_half(items, seed=1), split_half(items, seed=1)
    assert first.maximum == again.maximum
    assert [one.code for one in first.notes] == ["S025"]


def test_refusals_and_warnings() -> None:
    items = complete()[SETS["agree"]]
    for code, table in (("S001", items[["A1"]]), ("S004", items.assign(A1=3)), ("S003", items.iloc[:2])):
        for function in (guttman, split_half):
            with pytest.raises(SurveykitError, match=code):
                function(table)
    with pytest.raises(SurveykitError, match="S014"):
        split_half(pd.DataFrame({"a": [1, 2, 3, 4], "b": [4, 3, 2, 1]}))
    with pytest.warns(SurveykitWarning, match="S008"):
        guttman(items.assign(A1=7 - items["A1"]))
