"""The bivariate normal and the polychoric correlations of tables."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.stats import norm

from reference_data import case, dataset, matrix
from surveykit.estimation.bivariate_normal import cdf, density
from surveykit.estimation.ordinal_tables import TableSteps
from surveykit.estimation.polychoric import BOUND, Polychorics, encode

ITEMS = [f"A{place}" for place in range(1, 6)] + [f"C{place}" for place in range(1, 6)]


def fit(values: np.ndarray) -> Polychorics:
    return TableSteps(encode(np.asarray(values, dtype=float))[0]).fit


def table(counts: list[list[int]]) -> np.ndarray:
    """Two columns of answers with these two-way counts."""
    cells = [(a, b) for a, row in enumerate(counts) for b, number in enumerate(row) for _ in range(number)]
    return np.array(cells, dtype=float)


# --- the bivariate normal ------------------------------------------------------------------------


@pytest.mark.parametrize("rho", [-1.0, -0.999999, -0.93, -0.8, -0.3, 0.0, 0.5, 0.75, 0.92, 0.95, 0.9999, 1.0])
def test_the_distribution_at_the_origin_is_known(rho: float) -> None:
    value = cdf(np.zeros(1), np.zeros(1), np.array([rho]))[0]
    assert value == pytest.approx(0.25 + np.arcsin(rho) / (2 * np.pi), abs=2e-15)


# mpmath, 30 digits, by quadrature of the density over the arcsine of the correlation.
@pytest.mark.parametrize(
    ("h", "k", "rho", "expected"),
    [
        (-1.5, 0.3, 0.4, 0.05855537678579182),
        (-1.5, 0.3, 0.97, 0.066807201268856985),
        (-2.0, 2.0, -0.9, 0.009388875821159921),
        (0.0, 1.2, -0.99, 0.38493032977829173),
        (-3.1, -2.9, 0.6, 0.00013708271833717288),
        (0.7, 0.71, 0.9999, 0.7574151415678027),
        (-0.4, 0.5, -0.75, 0.12245262491407419),
    ],
)
def test_the_distribution_equals_an_exact_one(h: float, k: float, rho: float, expected: float) -> None:
    assert cdf(np.array([h]), np.array([k]), np.array([rho]))[0] == pytest.approx(expected, abs=1e-14)


@given(st.floats(-5, 5), st.floats(-5, 5), st.floats(-0.9999, 0.9999))
@example(0.0, 5.8e-245, 0.9375)
def test_the_distribution_keeps_its_identities(h: float, k: float, rho: float) -> None:
    one, other, r = np.array([h]), np.array([k]), np.array([rho])
    value = cdf(one, other, r)[0]
    # 1e-14: both sides are sums of a few terms, each good to 1e-15.
    assert value == pytest.approx(cdf(other, one, r)[0], abs=1e-14)
    assert value + cdf(one, -other, -r)[0] == pytest.approx(norm.cdf(h), abs=1e-14)
    assert cdf(one, np.array([np.inf]), r)[0] == pytest.approx(norm.cdf(h), abs=1e-15)
    assert cdf(one, np.array([-np.inf]), r)[0] == 0


def test_the_density_is_the_derivative_in_the_correlation() -> None:
    h, k, rho = np.array([-0.7]), np.array([0.4]), np.array([0.55])
    step = 1e-5
    slope = (cdf(h, k, rho + step) - cdf(h, k, rho - step)) / (2 * step)
    assert density(h, k, rho)[0] == pytest.approx(slope[0], rel=1e-9)


def test_lanes_of_every_size_are_computed_together_as_alone() -> None:
    rng = np.random.default_rng(1)
    h, k, rho = rng.normal(size=(3, 1, 40)), rng.normal(size=(1, 4, 40)), np.linspace(-1, 1, 40)
    together = cdf(h, k, rho)
    alone = np.stack([cdf(h[..., [j]], k[..., [j]], rho[[j]])[..., 0] for j in range(40)], axis=-1)
    np.testing.assert_allclose(together, alone, rtol=0, atol=1e-15)


# --- correlations --------------------------------------------------------------------------------


def test_the_bfi_correlations_are_lavaans_and_psychs() -> None:
    results = case("polychoric-bfi")["results"]
    found = fit(dataset("bfi_keyed")[ITEMS].dropna().to_numpy())
    first, second = np.triu_indices(10, 1)
    # lavaan's one-dimensional search stops within 3e-8 of the maximum, psych's within 2e-5.
    np.testing.assert_allclose(
        found.rho, matrix(results["lavaan_polychoric"]).to_numpy()[first, second], atol=1e-7
    )
    np.testing.assert_allclose(
        found.rho, matrix(results["psych_polychoric"]).to_numpy()[first, second], atol=5e-5
    )


def test_the_slope_vanishes_at_every_maximum() -> None:
    found = fit(dataset("bfi_keyed")[ITEMS].dropna().to_numpy())
    h, k = found.row[:, None], found.column[None]
    margins = norm.cdf(found.row), norm.cdf(found.column)
    probability = _cells(cdf(h, k, found.rho), *margins, 1.0)
    none = np.zeros_like(found.row)
    slope = found.counts * _cells(density(h, k, found.rho), none, none, 0.0) / probability
    information = (found.counts * found.score**2).sum(axis=(0, 1))
    # What Newton's method would still add: rounding error.
    assert np.abs(slope.sum(axis=(0, 1)) / information).max() < 1e-13


def _cells(grid: np.ndarray, row: np.ndarray, column: np.ndarray, corner: float) -> np.ndarray:
    whole = np.zeros((grid.shape[0] + 2, grid.shape[1] + 2, grid.shape[2]))
    whole[1:-1, 1:-1], whole[1:-1, -1], whole[-1, 1:-1], whole[-1, -1] = grid, row, column, corner
    return np.diff(np.diff(whole, axis=0), axis=1)


# Each from lavCor(ordered = TRUE) of lavaan 0.7-2 on the same answers.
@pytest.mark.parametrize(
    ("counts", "expected", "empty"),
    [
        ([[10, 5], [4, 12]], 0.6122101546, 0),
        ([[10, 0], [6, 14]], 0.8704816893, 1),  # one empty cell: half an answer moved there
        ([[0, 9], [8, 13]], -0.6169994508, 1),
        ([[10, 0], [0, 14]], 1.0, 2),
        ([[0, 10], [14, 0]], -1.0, 2),
        ([[5, 5], [5, 5]], 0.0, 0),
        ([[8, 1, 0], [3, 6, 2], [0, 3, 7]], 0.8888355143, 2),  # larger tables: as they are
        ([[9, 0, 0], [0, 9, 0], [0, 0, 9]], BOUND, 6),
        ([[0, 0, 9], [0, 9, 0], [9, 0, 0]], -BOUND, 6),
        ([[6, 4, 0, 0], [0, 0, 4, 6]], BOUND, 4),
    ],
)
def test_small_tables_follow_lavaans_rules(counts: list[list[int]], expected: float, empty: int) -> None:
    found = fit(table(counts))
    assert found.rho[0] == pytest.approx(expected, abs=1e-7)
    assert found.empty[0] == empty
    assert found.perfect[0] == (abs(expected) >= BOUND)


def test_eleven_categories_and_thirty_respondents_and_a_binary_item() -> None:
    rng = np.random.default_rng(7)
    common = rng.normal(size=(30, 1))
    values = common + rng.normal(size=(30, 3))
    answers = np.column_stack([np.round(np.clip(5 + 2 * values[:, :2], 0, 10)), values[:, 2] > 0])
    found = fit(answers)
    assert np.all(np.abs(found.rho) < 1)
    # The maximum: no neighbouring correlation is likelier.
    for pair in range(3):
        best = _log_likelihood(found, pair, found.rho[pair])
        assert best > _log_likelihood(found, pair, found.rho[pair] + 1e-3)
        assert best > _log_likelihood(found, pair, found.rho[pair] - 1e-3)


def _log_likelihood(found: Polychorics, pair: int, rho: float) -> float:
    row = np.concatenate([[-np.inf], found.row[:, pair], [np.inf]])
    column = np.concatenate([[-np.inf], found.column[:, pair], [np.inf]])
    grid = cdf(row[:, None, None], column[None, :, None], np.array([rho]))[..., 0]
    cells = np.diff(np.diff(grid, axis=0), axis=1)
    return float((found.counts[..., pair] * np.log(np.maximum(cells, 1e-300))).sum())


@given(st.integers(0, 10_000), st.sampled_from([2, 3, 5, 7]))
def test_codes_order_and_direction(seed: int, k: int) -> None:
    """Only the order of categories counts; reversing an item turns the sign; respondents may be shuffled."""
    rng = np.random.default_rng(seed)
    latent = rng.normal(size=(60, 1)) + rng.normal(size=(60, 3))
    answers = np.floor(k * norm.cdf(latent / 1.5))
    answers = np.vstack([answers, np.tile(np.arange(k)[:, None], 3)])
    plain = fit(answers).rho
    # Two maxima within rounding of each other cannot be told apart; 1e-7 is far below any use.
    np.testing.assert_allclose(fit(np.exp(answers) + 3).rho, plain, atol=1e-12)
    np.testing.assert_allclose(fit(rng.permutation(answers)).rho, plain, atol=1e-12)
    turned = answers.copy()
    turned[:, 0] *= -1
    np.testing.assert_allclose(fit(turned).rho, plain * [-1, -1, 1], atol=1e-7)


def test_simulated_items_recover_the_population() -> None:
    rng = np.random.default_rng(11)
    population = np.array([[1, 0.6, -0.3], [0.6, 1, 0.1], [-0.3, 0.1, 1]])
    latent = rng.multivariate_normal(np.zeros(3), population, size=40_000)
    answers = np.column_stack(
        [np.digitize(latent[:, 0], [-1, 0, 1.5]), latent[:, 1] > 0.8, np.digitize(latent[:, 2], [-0.5, 0.5])]
    )
    # Standard errors are below .01 at this size; four of them.
    np.testing.assert_allclose(fit(answers).rho, population[np.triu_indices(3, 1)], atol=0.04)
