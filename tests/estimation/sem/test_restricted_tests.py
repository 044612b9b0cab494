"""Wald and score tests: identities that hold for every normal linear model."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveykit.estimation.sem.restricted import constrained_inverse, robust_versions
from surveykit.estimation.sem.score_test import score_test
from surveykit.estimation.sem.wald import independent_rows, wald_test


def quadratic(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Information, restrictions and the unrestricted estimate of a quadratic log-likelihood."""
    generator = np.random.default_rng(seed)
    root = generator.normal(size=(5, 5))
    return root @ root.T + np.eye(5), generator.normal(size=(2, 5)), generator.normal(size=5)


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_wald_and_score_agree_where_the_likelihood_is_quadratic(seed: int) -> None:
    information, rows, estimate = quadratic(seed)
    n = 200.0
    vcov = np.linalg.inv(information) / n
    wald = wald_test(rows @ estimate, rows, vcov)
    shift = vcov @ rows.T @ np.linalg.solve(rows @ vcov @ rows.T, rows @ estimate)
    gradient = information @ shift  # at the restricted estimate, per observation
    score = score_test(gradient, information, rows, n)
    # linear algebra on 5 x 5 matrices
    np.testing.assert_allclose(wald.test.stat, score.total.stat, rtol=1e-7)
    assert wald.test.df == score.total.df == 2
    assert sum(one.stat for one in score.univariate) >= 0


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_one_release_is_never_worth_more_than_all(seed: int) -> None:
    information, rows, estimate = quadratic(seed)
    basis_inverse = constrained_inverse(information, rows)
    gradient = information @ (estimate - basis_inverse @ information @ estimate)
    result = score_test(gradient, information, rows, 100.0)
    assert max(one.stat for one in result.univariate) <= result.total.stat * (1 + 1e-9)


def test_robust_versions_without_robustness_change_nothing() -> None:
    information, rows, estimate = quadratic(7)
    vcov = np.linalg.inv(information) / 50
    got = wald_test(rows @ estimate, rows, vcov, vcov)
    assert got.standard is not None
    assert got.versions is not None
    for one in (got.standard, got.versions.scaled, got.versions.adjusted, got.versions.robust):
        assert one.stat == pytest.approx(got.test.stat, rel=1e-9)
        assert one.df == pytest.approx(2, rel=1e-9)
    score = score_test(information @ estimate, information, rows, 50, information)
    assert score.versions is not None
    assert score.versions.scaled.stat == pytest.approx(score.total.stat, rel=1e-9)
    assert score.univariate_scaled is not None
    assert [one.stat for one in score.univariate_scaled] == pytest.approx(
        [one.stat for one in score.univariate], rel=1e-9
    )


def test_scaled_matches_the_mean_and_adjusted_mean_and_variance() -> None:
    bread = np.eye(3)
    sandwich = np.diag([1.0, 2.0, 3.0])
    got = robust_versions(12.0, 3, bread, sandwich, np.array([1.0, 1.0, 1.0]))
    assert got.scaling_factor == pytest.approx(2.0)
    assert got.scaled.stat == pytest.approx(6.0)
    assert got.adjusted.df == pytest.approx(36 / 14)
    assert got.robust.stat == pytest.approx(1 + 1 / 2 + 1 / 3)


def test_redundant_restrictions_are_left_out() -> None:
    rows = np.array([[1.0, -1, 0], [0, 1, -1], [1, 0, -1]])
    assert independent_rows(rows) == [0, 1]
    got = wald_test(np.array([0.1, 0.2, 0.3]), rows, np.eye(3))
    assert got.test.df == 2


def test_a_model_that_only_the_constraints_identify() -> None:
    information = np.array([[1.0, 1, 0], [1, 1, 0], [0, 0, 2]])  # x1 and x2 only through their sum
    row = np.array([[1.0, -1, 0]])
    inverse = constrained_inverse(information, row)
    np.testing.assert_allclose(inverse @ information @ inverse, inverse, atol=1e-12)
    kept = np.array([[1.0, 0, 0], [0, 1, 0]])
    singular = constrained_inverse(np.zeros((3, 3)), kept)
    np.testing.assert_array_equal(singular, np.zeros((3, 3)))
