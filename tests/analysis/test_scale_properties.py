"""What must hold of scales, raters and latent correlations, whatever the data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from surveykit.analysis.congruence import factor_congruence
from surveykit.analysis.factor import efa
from surveykit.analysis.intraclass import icc, icc_groups
from surveykit.analysis.kappa import cohen_kappa, fleiss_kappa
from surveykit.analysis.krippendorff import krippendorff_alpha
from surveykit.analysis.omega import omega
from surveykit.analysis.ordinal_alpha import ordinal_alpha
from surveykit.analysis.polychoric import polychoric
from surveykit.analysis.reliability import cronbach_alpha
from surveykit.analysis.reliability_bounds import guttman, split_half
from surveykit.analysis.validity import htmt

pytestmark = pytest.mark.filterwarnings("ignore::surveykit.errors.SurveykitWarning")
SEEDS = st.integers(0, 100_000)
# Sums in another order differ by rounding alone.
MODEL = "x =~ a + b + c; y =~ d + e + f"
ROUNDING = {"rtol": 1e-9, "atol": 1e-9}


def scale(seed: int, n: int = 60, k: int = 5, points: int = 5, weight: float = 1.0) -> pd.DataFrame:
    """Answers to k items of one trait."""
    rng = np.random.default_rng(seed)
    latent = weight * rng.normal(size=(n, 1)) + rng.normal(size=(n, k))
    items = pd.DataFrame(
        np.clip(np.round((points + 1) / 2 + latent), 1, points), columns=list("abcdefgh")[:k]
    )
    assume((items.nunique() > 1).all())
    return items


@given(SEEDS, st.sampled_from("abcde"))
@settings(max_examples=40, deadline=None)
def test_an_item_asked_the_other_way_and_keyed_back_changes_nothing(seed: int, name: str) -> None:
    items = scale(seed)
    asked = items.assign(**{name: 6 - items[name]})
    keyed = asked.assign(**{name: 6 - asked[name]})
    a, b = cronbach_alpha(items), cronbach_alpha(keyed)
    pd.testing.assert_frame_equal(a.item_statistics, b.item_statistics)
    # Omega reflects such an item itself: the coefficients of the whole stay.
    before, after = omega(items, 1), omega(asked, 1)
    assert np.isclose(before.alpha, after.alpha, **ROUNDING)
    assert np.isclose(before.omega_total, after.omega_total, rtol=1e-6, atol=1e-6)


@given(SEEDS)
@settings(max_examples=30, deadline=None)
def test_the_order_of_respondents_and_items_does_not_matter(seed: int) -> None:
    items = scale(seed, k=6)
    rng = np.random.default_rng(seed)
    mixed = items.sample(frac=1, random_state=seed)[list(rng.permutation(items.columns))]
    a, b = cronbach_alpha(items), cronbach_alpha(mixed)
    numbers = a.item_statistics.drop(columns="item").loc[list(mixed.columns)]
    assert np.allclose(b.item_statistics.drop(columns="item"), numbers, **ROUNDING, equal_nan=True)
    for field in ("cronbach_alpha", "standardized_alpha", "lambda6", "ci_lower", "ci_upper", "sem", "unidim"):
        assert np.isclose(getattr(a, field), getattr(b, field), **ROUNDING)
    one, other = guttman(items), guttman(mixed)
    for field in ("lambda1", "lambda2", "lambda3", "lambda4", "lambda5", "lambda6", "mu3"):
        assert np.isclose(getattr(one, field), getattr(other, field), **ROUNDING)
    assert np.isclose(one.glb, other.glb, atol=1e-5)
    assert np.allclose(np.sort(split_half(items).splits), np.sort(split_half(mixed).splits), **ROUNDING)
    r = polychoric(mixed).correlations.loc[list(items.columns), list(items.columns)]
    assert np.allclose(r, polychoric(items).correlations, atol=1e-6)


@given(SEEDS, st.integers(3, 8))
@settings(max_examples=40, deadline=None)
def test_the_bounds_stand_in_their_order(seed: int, k: int) -> None:
    """Guttman's and ten Berge & Zegers' inequalities hold of any covariance matrix."""
    found = guttman(scale(seed, k=k), standardized=False)
    assert found.lambda1 <= found.lambda3 <= found.lambda2 + 1e-12
    assert found.mu0 <= found.mu1 + 1e-12
    assert found.mu1 <= found.mu2 + 1e-12
    assert found.mu2 <= found.mu3 + 1e-12
    # The greatest lower bound is none of them undercut.
    for bound in (found.lambda2, found.lambda4, found.lambda5, found.lambda6, found.mu3):
        assert bound <= found.glb + 1e-6
    assert found.glb <= 1 + 1e-9


@given(SEEDS, st.floats(0.3, 3))
@settings(max_examples=40, deadline=None)
def test_coefficients_of_a_one_trait_scale_lie_between_0_and_1(seed: int, weight: float) -> None:
    items = scale(seed, n=150, k=6, weight=weight)
    found = omega(items, 3)
    assert 0 <= found.omega_hierarchical <= found.omega_total + 1e-9
    assert found.omega_total <= 1 + 1e-9
    assert 0 <= found.explained_common_variance <= 1 + 1e-9
    assert 0 < ordinal_alpha(items).ordinal_alpha < 1
    result = cronbach_alpha(items)
    for lower, upper in result.intervals.values():
        assert lower < result.cronbach_alpha < upper <= 1 + 1e-9 or upper > 1  # Duhachek's is symmetric
    wider = cronbach_alpha(items, conf_level=0.99)
    assert wider.ci_lower < result.ci_lower
    assert wider.ci_upper > result.ci_upper


@given(SEEDS)
@settings(max_examples=30, deadline=None)
def test_standardized_alpha_of_two_items_is_spearman_and_brown_s(seed: int) -> None:
    items = scale(seed, k=2)
    r = float(np.corrcoef(items.T)[0, 1])
    assume(r > -0.9)
    assert np.isclose(cronbach_alpha(items).standardized_alpha, 2 * r / (1 + r), **ROUNDING)


CODES = st.lists(st.tuples(*[st.integers(1, 4)] * 3), min_size=6, max_size=40)


@given(CODES)
@example([(2, 1, 1)] * 5 + [(3, 2, 2)])  # the variance of kappa is 0, of which rounding left 1e-16
@settings(max_examples=60, deadline=None)
def test_raters_are_interchangeable(rows: list[tuple[int, int, int]]) -> None:
    a, b, c = np.array(rows).T
    assume(all(np.unique(one).size > 1 for one in (a, b, c)))
    for weights in (None, "linear", "quadratic"):
        levels = [1, 2, 3, 4]
        first, second = cohen_kappa(a, b, weights, levels=levels), cohen_kappa(b, a, weights, levels=levels)
        assert np.isclose(first.kappa, second.kappa, **ROUNDING)
        assert np.isclose(first.se, second.se, **ROUNDING)
        assert first.kappa <= 1
    ratings = pd.DataFrame({"a": a, "b": b, "c": c})
    turned = ratings[["c", "a", "b"]].sample(frac=1, random_state=1)
    assert np.isclose(fleiss_kappa(ratings).kappa, fleiss_kappa(turned).kappa, **ROUNDING)
    for level in ("nominal", "ordinal", "interval", "ratio"):
        x, y = (krippendorff_alpha(one, level, bootstrap=0) for one in (ratings, turned))
        assert np.isclose(x.alpha, y.alpha, **ROUNDING)
        assert x.alpha <= 1


@given(CODES)
@settings(max_examples=40, deadline=None)
def test_names_of_categories_mean_nothing_to_nominal_agreement(rows: list[tuple[int, int, int]]) -> None:
    ratings = pd.DataFrame(rows, columns=["a", "b", "c"])
    assume((ratings.nunique() > 1).all())
    renamed = ratings.replace({1: 7, 2: 1, 3: 9, 4: 2})
    assert np.isclose(fleiss_kappa(ratings).kappa, fleiss_kappa(renamed).kappa, **ROUNDING)
    assert np.isclose(
        cohen_kappa(ratings["a"], ratings["b"]).kappa,
        cohen_kappa(renamed["a"], renamed["b"]).kappa,
        **ROUNDING,
    )
    x, y = (krippendorff_alpha(one, bootstrap=0).alpha for one in (ratings, renamed))
    assert np.isclose(x, y, **ROUNDING)
    # Interval alpha knows neither origin nor unit.
    x, y = (krippendorff_alpha(one, "interval", bootstrap=0).alpha for one in (ratings, 10 - 2.5 * ratings))
    assert np.isclose(x, y, **ROUNDING)


@given(SEEDS, st.integers(2, 5))
@settings(max_examples=40, deadline=None)
def test_intraclass_correlations_stand_in_their_order(seed: int, k: int) -> None:
    wide = scale(seed, n=20, k=k).reset_index(names="target")
    result = icc(wide.melt(id_vars="target", var_name="rater", value_name="y"), "target", "rater", "y")
    table, squares = result.table, result.mean_squares
    single = table["icc"]
    # Where raters' means differ by more than error, consistency leaves that out and agreement counts it.
    differ = squares["raters"] >= squares["residual"]
    ordered = ["ICC1", "ICC2", "ICC3"] if differ else ["ICC3", "ICC2", "ICC1"]
    if single["ICC3"] > 0:
        assert np.diff(single[ordered].to_numpy()).min() >= -1e-9
        for form in ordered:
            stepped = k * single[form] / (1 + (k - 1) * single[form])  # Spearman-Brown
            assert np.isclose(single[f"{form}k"], stepped, **ROUNDING)
    assert (table["ci_lower"] <= table["icc"] + 1e-9).all()
    assert (table["icc"] <= table["ci_upper"] + 1e-9).all()
    assert (single <= 1).all()
    # Consistency of k raters is alpha.
    alpha = cronbach_alpha(wide.drop(columns="target")).cronbach_alpha
    assert np.isclose(single["ICC3k"], alpha, **ROUNDING)


@given(SEEDS)
@settings(max_examples=30, deadline=None)
def test_group_icc_ignores_unit_origin_and_names_of_groups(seed: int) -> None:
    rng = np.random.default_rng(seed)
    data = pd.DataFrame({"firm": rng.integers(0, 6, 60), "y": rng.normal(size=60)})
    data["y"] += data["firm"]
    other = data.assign(y=3 - 7 * data["y"], firm=data["firm"].map(lambda code: f"firm {9 - code}"))
    a, b = icc_groups(data, "firm").table.iloc[0], icc_groups(other, "firm").table.iloc[0]
    for column in ("icc1", "icc2", "F", "eta_squared", "icc1_reml"):
        assert np.isclose(a[column], b[column], rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("rho", [-0.8, -0.3, 0.0, 0.45, 0.9])
@pytest.mark.parametrize("cuts", [[0.0], [-1.0, 0.5], [-1.5, -0.5, 0.5, 1.5], list(np.linspace(-2, 2, 10))])
def test_polychoric_recovers_the_correlation_behind(rho: float, cuts: list[float]) -> None:
    rng = np.random.default_rng(7)
    latent = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], size=20_000)
    items = pd.DataFrame(np.digitize(latent, cuts), columns=["a", "b"])
    found = polychoric(items).to_frame().iloc[0]
    # Within four of its own standard errors, which shrink with more categories.
    assert abs(found["est"] - rho) < 4 * found["se"]
    assert found["se"] < 0.02
    mixed = polychoric(items.assign(b=latent[:, 1]), ordered=["a"]).to_frame().iloc[0]
    assert abs(mixed["est"] - rho) < 4 * mixed["se"]


@given(SEEDS, st.integers(2, 11))
@settings(max_examples=40, deadline=None)
def test_polychoric_of_small_and_sparse_samples_is_a_correlation(seed: int, points: int) -> None:
    items = scale(seed, n=30, k=4, points=points)
    result = polychoric(items)
    r = result.correlations.to_numpy()
    assert np.allclose(r, r.T)
    assert np.all(np.abs(r) <= 1)
    assert np.isfinite(r).all()
    # Turning an item around turns its correlations around.
    turned = polychoric(items.assign(a=points + 1 - items["a"])).correlations
    assert np.allclose(
        turned.loc["a", ["b", "c", "d"]], -result.correlations.loc["a", ["b", "c", "d"]], atol=1e-6
    )
    # Categories are an order, not numbers.
    stretched = polychoric(items**3).correlations
    assert np.allclose(stretched, r, atol=1e-9)


@given(SEEDS)
@settings(max_examples=20, deadline=None)
def test_factor_solutions_reproduce_the_same_correlations_however_turned(seed: int) -> None:
    rng = np.random.default_rng(seed)
    f = rng.normal(size=(200, 2)).repeat(4, axis=1)
    items = pd.DataFrame(f + rng.normal(size=(200, 8)))
    plain = efa(items, 2, rotation="none")
    for rotation in ("varimax", "promax", "oblimin", "geomin", "quartimin"):
        turned = efa(items, 2, rotation=rotation)
        assert np.allclose(turned.communality, plain.communality, atol=1e-9)
        assert np.allclose(turned.residuals(), plain.residuals(), atol=1e-9)
        assert np.allclose(np.diag(turned.phi), 1)
        congruence = factor_congruence(plain, turned, procrustes=True)
        assert np.abs(congruence.phi.to_numpy()).max() <= 1 + 1e-9
    assert np.isclose(efa(items, 2, method="ml").fit_measures()["n"], 200)


@given(SEEDS)
@settings(max_examples=20, deadline=None)
def test_htmt_does_not_mind_which_factor_comes_first(seed: int) -> None:
    rng = np.random.default_rng(seed)
    f = rng.normal(size=(150, 1)) + rng.normal(size=(150, 2)).repeat(3, axis=1)
    items = pd.DataFrame(f + rng.normal(size=(150, 6)), columns=list("abcdef"))
    for htmt2 in (False, True):
        there, back = (htmt(items, model, htmt2) for model in (MODEL, "y =~ f + e + d; x =~ b + c + a"))
        assert np.isclose(there.htmt.loc["x", "y"], back.htmt.loc["x", "y"], **ROUNDING)
        assert np.allclose(np.diag(there.htmt), 1)
        # Another unit of an item is another covariance, but the same correlation.
        scaled = htmt(items * [1, 10, 0.1, 3, 5, 7], MODEL, htmt2)
        assert np.isclose(there.htmt.loc["x", "y"], scaled.htmt.loc["x", "y"], **ROUNDING)
