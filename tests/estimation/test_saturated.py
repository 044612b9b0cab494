"""Rows by pattern; the likelihood of incomplete rows; unrestricted moments."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_data import dataset, fit_record, matrix
from surveykit.errors import SurveykitError
from surveykit.estimation.incomplete_normal import (
    accumulate,
    expected_information,
    gradient,
    loglik,
    observed_information,
    row_scores,
)
from surveykit.estimation.moments import lower_triangle, vech
from surveykit.estimation.patterns import group_rows
from surveykit.estimation.saturated import available_moments, moments_of_incomplete_cases

ITEMS = [f"x{number}" for number in range(1, 10)]


def incomplete(seed: int, n: int = 60, p: int = 5, share: float = 0.3, times: int = 1) -> np.ndarray:
    """Correlated cases with holes; with `times` above 1, that many different rows for each pattern."""
    rng = np.random.default_rng(seed)
    holes = np.repeat(rng.random((n, p)) < share, times, axis=0)
    data = rng.normal(size=(n * times, 1)) + rng.normal(size=(n * times, p)) + np.arange(p)
    data[holes] = np.nan
    return data[~np.isnan(data).all(axis=1)]


def matrix_of(moments: np.ndarray, p: int) -> np.ndarray:
    full = np.empty((p, p))
    row, column = lower_triangle(p)
    full[row, column] = full[column, row] = moments[p:]
    return full


def density(data: np.ndarray, mu: np.ndarray, sigma: np.ndarray) -> float:
    """The log-likelihood row by row, as in a textbook."""
    total = 0.0
    for row in data:
        seen = ~np.isnan(row)
        part, rest = sigma[np.ix_(seen, seen)], row[seen] - mu[seen]
        total -= 0.5 * (
            seen.sum() * np.log(2 * np.pi) + np.linalg.slogdet(part)[1] + rest @ np.linalg.solve(part, rest)
        )
    return total


@given(
    seed=st.integers(0, 2**32 - 1), share=st.sampled_from([0.0, 0.2, 0.7]), times=st.sampled_from([1, 2, 9])
)
@settings(max_examples=25, deadline=None)
def test_the_likelihood_is_that_of_every_row(seed: int, share: float, times: int) -> None:
    data = incomplete(seed, n=12, share=share, times=times)
    rng = np.random.default_rng(seed)
    half = rng.normal(size=(5, 5))
    mu, sigma = rng.normal(size=5), half @ half.T + np.eye(5)
    patterns = group_rows(data)
    found = accumulate(patterns, mu, sigma)
    assert found is not None
    assert loglik(patterns, found.value) == pytest.approx(density(data, mu, sigma), rel=1e-10)
    scores = row_scores(found, data, mu)
    np.testing.assert_allclose(scores.mean(axis=0), -gradient(found), atol=1e-10)


@given(seed=st.integers(0, 2**32 - 1), times=st.sampled_from([1, 3]))
@settings(max_examples=10, deadline=None)
def test_slopes_and_information_equal_numerical_ones(seed: int, times: int) -> None:
    data = incomplete(seed, times=times)
    patterns, p = group_rows(data), data.shape[1]
    at = np.concatenate([np.arange(p) + 0.1, vech(1.3 * np.eye(p) + 0.8)])

    def sums(moments: np.ndarray):  # type: ignore[no-untyped-def]
        return accumulate(patterns, moments[:p], matrix_of(moments, p))

    step = 1e-5 * np.eye(len(at))
    slopes = [(sums(at + one).value - sums(at - one).value) / 4e-5 for one in step]
    bends = [(gradient(sums(at + one)) - gradient(sums(at - one))) / 2e-5 for one in step]
    # Central differences: rounding error of 1e-15 over the step leaves about 1e-10.
    np.testing.assert_allclose(gradient(sums(at)), slopes, atol=1e-8)
    np.testing.assert_allclose(observed_information(sums(at)), bends, atol=1e-7)


def test_the_expected_information_is_the_observed_one_on_average() -> None:
    """At the population's moments, over many samples that lose values completely at random."""
    p = 4
    mu, sigma = np.arange(p, dtype=float), np.ones((p, p)) + np.eye(p)
    observed, expected = [], []
    for seed in range(40):
        found = accumulate(group_rows(incomplete(seed, n=2000, p=p)), mu, sigma)
        assert found is not None
        observed.append(observed_information(found))
        expected.append(expected_information(found))
    spread = np.std(observed, axis=0) / np.sqrt(40) + 1e-4
    assert (np.abs(np.mean(observed, axis=0) - np.mean(expected, axis=0)) < 5 * spread).all()


@pytest.mark.parametrize("share", [0.05, 0.3, 0.5])
def test_unrestricted_moments_maximise_the_likelihood(share: float) -> None:
    data = incomplete(3, n=300, share=share)
    found = moments_of_incomplete_cases(data, list("abcde"))
    assert found.settled
    assert np.abs(gradient(found.at_moments)).max() < 1e-12
    np.linalg.cholesky(found.observed_information)


def test_complete_rows_have_their_own_moments() -> None:
    data = incomplete(1, share=0.0)
    found = moments_of_incomplete_cases(data, list("abcde"))
    for mean, cov in ((found.mean, found.cov), (found.available_mean, found.available_cov)):
        np.testing.assert_allclose(mean, data.mean(axis=0), rtol=1e-12)
        np.testing.assert_allclose(cov, np.cov(data.T, bias=True), rtol=1e-12)
    assert found.logl() == pytest.approx(density(data, found.mean, found.cov), rel=1e-12)
    some = np.array([0, 3])
    part = density(data[:, some], found.mean[some], found.cov[np.ix_(some, some)])
    assert found.logl(some) == pytest.approx(part, rel=1e-12)


def test_moments_of_the_reference() -> None:
    record = fit_record("fiml-hs-missing", "fiml-ml")
    found = moments_of_incomplete_cases(dataset("hs1939_missing")[ITEMS].to_numpy(), ITEMS)
    given_ = record["sampstat"][0] if isinstance(record["sampstat"], list) else record["sampstat"]
    np.testing.assert_allclose(found.cov, matrix(given_["cov"]).loc[ITEMS, ITEMS], rtol=1e-8)
    assert found.logl() == pytest.approx(record["fit"]["unrestricted.logl"], rel=1e-10)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=10, deadline=None)
def test_order_of_rows_and_variables_changes_nothing(seed: int) -> None:
    data = incomplete(seed, n=150)
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(len(data)), rng.permutation(5)
    one = moments_of_incomplete_cases(data, list("abcde"))
    other = moments_of_incomplete_cases(data[rows][:, columns], list("abcde"))
    np.testing.assert_allclose(one.cov[np.ix_(columns, columns)], other.cov, atol=1e-9)
    np.testing.assert_allclose(one.mean[columns], other.mean, atol=1e-9)


def test_scales_of_variables_do_not_matter() -> None:
    data = incomplete(5, n=200)
    scale = np.array([1e-4, 1.0, 1e5, 3.0, 1e2])
    one = moments_of_incomplete_cases(data, list("abcde"))
    other = moments_of_incomplete_cases(data * scale, list("abcde"))
    assert other.settled
    np.testing.assert_allclose(one.cov * np.outer(scale, scale), other.cov, rtol=1e-8)


def test_available_moments_are_those_of_each_pair_of_columns() -> None:
    data = incomplete(2)
    mean, cov = available_moments(data)
    for i in range(5):
        for j in range(5):
            both = ~np.isnan(data[:, i]) & ~np.isnan(data[:, j])
            expected = np.cov(data[both, i], data[both, j])[0, 1] * (len(data) - 1) / len(data)
            assert cov[i, j] == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(mean, np.nanmean(data, axis=0))


def test_a_variable_without_values_is_named() -> None:
    data = incomplete(1)
    data[:, 2] = np.nan
    with pytest.raises(SurveykitError, match=r"\[M130\].*in group 'KR': c\.") as caught:
        moments_of_incomplete_cases(data, list("abcde"), label="KR")
    assert caught.value.code == "M130"


def test_sums_do_not_exist_without_a_covariance_matrix() -> None:
    assert accumulate(group_rows(incomplete(1)), np.zeros(5), np.ones((5, 5))) is None
