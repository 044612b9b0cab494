"""Number of factors against psych: KMO, Bartlett, parallel analysis, MAP, very simple structure."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from reference_data import case, close, dataset
from surveykit.analysis.dimensionality import bartlett_sphericity, kmo, map_test, vss
from surveykit.analysis.parallel_analysis import parallel_analysis
from surveykit.errors import SurveykitError
from surveykit.estimation.factor_extraction import extract
from surveykit.estimation.item_moments import squared_multiple_correlations
from surveykit.estimation.parallel_analysis import factor_eigenvalues, normal_correlations

NINE = [f"x{number}" for number in range(1, 10)]
BIG_FIVE = [f"{scale}{number}" for scale in "ACENO" for number in range(1, 6)]
DATA = {"bfi": lambda: dataset("bfi")[BIG_FIVE].dropna(), "hs": lambda: dataset("hs1939")[NINE]}


@pytest.mark.parametrize(
    ("name", "items", "missing"),
    [
        ("complete", dataset("bfi")[BIG_FIVE].dropna(), "listwise"),
        ("complete", dataset("bfi")[BIG_FIVE], "listwise"),
        ("pairwise", dataset("bfi")[BIG_FIVE], "pairwise"),
        ("hs", dataset("hs1939")[NINE], "listwise"),
    ],
)
def test_kmo_and_bartlett_equal_psych(name: str, items: pd.DataFrame, missing: str) -> None:
    record = case("kmo-bartlett-bfi")
    expected = record["results"][name]
    tolerance = (record["tolerance"]["relative"], record["tolerance"]["absolute"])
    adequacy, test = kmo(items, missing=missing), bartlett_sphericity(items, missing=missing)
    assert adequacy.n == test.n == expected["n"]
    assert close(adequacy.msa, expected["MSA"], *tolerance)
    for item, value in expected["MSAi"].items():
        assert close(adequacy.msa_items[item], value, *tolerance)
    assert close(test.chisq, expected["bartlett"]["chisq"], *tolerance)
    assert test.df == expected["bartlett"]["df"]
    # A p value of 1e-166 has lost digits in either program's tail function.
    assert close(test.pvalue, expected["bartlett"]["p"], 1e-6, 1e-12)
    assert close(test.determinant, expected["determinant"], *tolerance)
    R = items.corr().to_numpy() if missing == "pairwise" else items.dropna().corr().to_numpy()
    assert np.allclose(squared_multiple_correlations(R), list(expected["smc"].values()), *tolerance)
    assert np.allclose(np.linalg.eigvalsh(R)[::-1], expected["eigenvalues"], *tolerance)


@pytest.mark.parametrize("name", DATA)
def test_parallel_analysis_equals_psych(name: str) -> None:
    record = case("nfactors-bfi")
    expected, tolerance = record["results"][name], record["tolerance"]
    result = parallel_analysis(DATA[name](), n_iter=200, seed=1)
    table = result.eigenvalues
    exact = (tolerance["relative"], tolerance["absolute"])
    assert np.allclose(table["pc"], expected["pc_eigenvalues"], *exact)
    # These rest on psych's minres, which stops at about 1e-5.
    assert np.allclose(table["fa"], expected["fa_eigenvalues"], rtol=1e-5, atol=1e-5)
    simulated = {
        "pc_simulated_mean": "pc_normal_mean",
        "pc_resampled_mean": "pc_resample_mean",
        "fa_simulated_mean": "fa_normal_mean",
        "fa_resampled_mean": "fa_resample_mean",
    }
    for theirs, ours in simulated.items():
        # The first factor eigenvalue has a long tail (Heywood cases among noise): psych's own mean
        # over 500 draws moves between .544 and .587 with the seed.
        loose = np.full(len(table), tolerance["simulated_absolute"])
        loose[0] = 0.05
        assert np.all(np.abs(table[ours] - expected[theirs]) < loose), ours
    assert (result.n_factors, result.n_components) == (expected["nfact"], expected["ncomp"])
    assert result.n == expected["n"]


@pytest.mark.parametrize("name", DATA)
def test_map_and_vss_equal_psych(name: str) -> None:
    record = case("nfactors-bfi")
    expected, tolerance = record["results"][name], record["tolerance"]
    most = len(expected["map"])
    result = map_test(DATA[name](), max_factors=most)
    assert np.allclose(result.map, expected["map"], rtol=tolerance["relative"], atol=tolerance["absolute"])
    assert result.n_components == expected["map_min_at"]
    structure = vss(DATA[name](), max_factors=most)
    loose = tolerance["vss_absolute"]
    assert np.allclose(structure.vss1, expected["vss1"], atol=loose)
    assert np.allclose(np.nan_to_num(structure.vss2), expected["vss2"], atol=loose)
    names = {"prob": "pvalue", "RMSEA": "rmsea", "BIC": "bic", "SABIC": "sabic", "complex": "complexity"}
    for place, row in enumerate(expected["stats"]):
        ours = structure.table.iloc[place]
        for theirs, value in row.items():
            assert close(ours[names.get(theirs, theirs)], value, loose, loose), (place, theirs)


def noise(n: int = 120, p: int = 6, seed: int = 1) -> pd.DataFrame:
    return pd.DataFrame(np.random.default_rng(seed).normal(size=(n, p)))


def test_noise_has_no_factors() -> None:
    result = parallel_analysis(noise(2000), n_iter=100, quantile=0.99, seed=2)
    assert result.n_components == 0
    assert [one.code for one in map_test(noise(2000)).notes] == ["S027"]


def test_a_seed_makes_it_repeatable() -> None:
    first, again, other = (parallel_analysis(noise(), n_iter=20, seed=seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first.eigenvalues, again.eigenvalues)
    assert not first.eigenvalues.equals(other.eigenvalues)


@pytest.mark.parametrize("simulation", ["normal", "resample"])
def test_one_kind_of_draws_alone(simulation: str) -> None:
    columns = parallel_analysis(noise(), n_iter=20, seed=1, simulation=simulation).eigenvalues.columns
    assert [name for name in columns if "_" in name] == [
        f"{what}_{simulation}_{value}" for what in ("pc", "fa") for value in ("mean", "quantile")
    ]


def test_fewer_respondents_than_items_still_draw() -> None:
    stack = normal_correlations(np.random.default_rng(1), 10, 5, 8)
    assert stack.shape == (10, 8, 8)
    assert np.allclose(np.diagonal(stack, axis1=1, axis2=2), 1)


def test_wishart_draws_have_the_moments_of_correlations() -> None:
    n = 50
    stack = normal_correlations(np.random.default_rng(1), 20_000, n, 3)
    r = stack[:, 0, 1]
    # A null correlation has mean 0 and variance 1 / (n - 1); 20,000 draws give the variance to 1 percent.
    assert abs(r.mean()) < 4 / np.sqrt(20_000 * (n - 1))
    assert close(r.var(), 1 / (n - 1), 0.04, 0)


@pytest.mark.parametrize(("p", "n"), [(5, 60), (9, 301), (20, 400)])
def test_one_factor_of_many_matrices_equals_one_by_one(p: int, n: int) -> None:
    stack = normal_correlations(np.random.default_rng(p), 60, n, p)
    together = factor_eigenvalues(stack)
    alone = np.array([extract(one, 1, "minres").eigenvalues for one in stack])
    # The batch stops at a gradient of 1e-6; where pure noise has several minima the two may differ.
    same = np.abs(together - alone).max(axis=1) < 1e-4
    assert same.mean() > 0.97


def test_an_item_correlated_by_rounding_alone_has_no_adequacy() -> None:
    items = noise(n=60)
    # What the others do not predict of one more, twice over: correlations of 1e-17.
    known, left = np.column_stack([np.ones(60), items]), np.random.default_rng(3).normal(size=60)
    for _ in range(2):
        left = left - known @ np.linalg.lstsq(known, left, rcond=None)[0]
    result = kmo(items.assign(left=left))
    assert np.isnan(result.msa_items["left"])
    assert [one.code for one in result.notes] == ["S110"]
    assert np.allclose(result.msa_items.drop("left"), kmo(items).msa_items, rtol=1e-12)
    assert result.msa == pytest.approx(kmo(items).msa, rel=1e-12)


@pytest.mark.parametrize(
    ("code", "function", "items", "options"),
    [
        ("S001", kmo, noise(p=1), {}),
        ("S001", parallel_analysis, noise(p=2), {}),
        ("S001", map_test, noise(p=2), {}),
        ("S001", vss, noise(p=2), {}),
        ("S003", bartlett_sphericity, noise(n=2), {}),
        ("S022", kmo, noise().assign(copy=noise()[0]), {}),
        ("S022", bartlett_sphericity, noise(n=5, p=8), {}),
        ("S022", vss, noise().assign(copy=noise()[0]), {"method": "ml"}),
        ("S015", vss, noise(), {"max_factors": 0}),
        ("S028", parallel_analysis, noise(), {"n_iter": 0}),
        ("S028", map_test, noise(), {"max_factors": 2.5}),
        ("O001", parallel_analysis, noise(), {"simulation": "poisson"}),
        ("O001", map_test, noise(), {"correlation": "kendall"}),
        ("O002", parallel_analysis, noise(), {"quantile": 95}),
    ],
)
def test_refusals(code: str, function: Any, items: pd.DataFrame, options: dict[str, Any]) -> None:
    with pytest.raises(SurveykitError) as caught:
        function(items, **options)
    assert caught.value.code == code


def test_polychoric_parallel_analysis() -> None:
    items = dataset("datcat")[[f"u{number}" for number in range(1, 9)]]
    result = parallel_analysis(items, n_iter=5, correlation="polychoric", seed=1)
    assert result.n_factors == 2
