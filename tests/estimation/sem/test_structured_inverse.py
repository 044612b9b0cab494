"""The inverse of an implied covariance matrix through its factors, against the whole matrix's."""

from typing import Any

import numpy as np
import pytest

from surveykit.estimation.sem import structured_inverse
from surveykit.estimation.sem.gathers import Model
from surveykit.estimation.sem.linalg import to_lanes
from surveykit.estimation.sem.structured_inverse import implied_inverse

P, M = 26, 3


def model(theta: np.ndarray, latent: np.ndarray, seed: int = 0) -> Model:
    """Implied moments of a factor model: `theta` (batch, p), `latent` (batch, m, m)."""
    batch = len(theta)
    loading = np.random.default_rng(seed).uniform(0.4, 1.2, size=(batch, P, M))
    sigma = loading @ latent @ loading.transpose(0, 2, 1)
    sigma[:, np.arange(P), np.arange(P)] += theta
    lanes: dict[str, Any] = {"sigma": sigma, "loading": loading, "latent_covariance": latent}
    return Model(
        mu=None,
        columns=np.zeros((P, 2 * M, batch)),
        total=np.zeros((M, M, batch)),
        latent_mean=np.zeros((M, batch)),
        theta=theta.T,
        **{name: np.ascontiguousarray(to_lanes(one)) for name, one in lanes.items()},
    )


def covariances(batch: int, correlation: float = 0.4) -> np.ndarray:
    one = np.full((M, M), correlation) + (1 - correlation) * np.eye(M)
    return np.repeat(one[None], batch, axis=0)


@pytest.mark.parametrize("batch", [1, 4])
def test_the_same_as_by_the_whole_matrix(batch: int) -> None:
    theta = np.random.default_rng(3).uniform(0.2, 2.0, size=(batch, P))
    one = model(theta, covariances(batch))
    found, logdet = implied_inverse(one)
    stack = one.sigma.transpose(2, 0, 1)
    np.testing.assert_allclose(found.transpose(2, 0, 1), np.linalg.inv(stack), rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(logdet, np.linalg.slogdet(stack)[1], rtol=1e-11)


def test_negative_latent_variances_do_not_matter_as_long_as_sigma_is_proper() -> None:
    latent = covariances(2)
    latent[0, 1, 1] = -0.01
    one = model(np.full((2, P), 1.0), latent)
    assert np.linalg.eigvalsh(one.sigma[:, :, 0])[0] > 0
    found, logdet = implied_inverse(one)
    np.testing.assert_allclose(found[:, :, 0], np.linalg.inv(one.sigma[:, :, 0]), atol=1e-10)
    assert np.isfinite(logdet).all()


def test_members_whose_sigma_is_not_positive_definite() -> None:
    latent = covariances(3)
    latent[1] -= 5 * np.eye(M)
    _, logdet = implied_inverse(model(np.full((3, P), 0.5), latent))
    assert np.isinf(logdet[1])
    assert np.isfinite(logdet[[0, 2]]).all()


@pytest.mark.parametrize("small", [0.0, -0.02, 1e-12])
def test_where_an_error_variance_is_not_positive_the_whole_matrix_is_inverted(small: float) -> None:
    theta = np.full((3, P), 0.6)
    theta[1, 4] = small
    one = model(theta, covariances(3))
    found, logdet = implied_inverse(one)
    stack = one.sigma.transpose(2, 0, 1)
    np.testing.assert_allclose(found.transpose(2, 0, 1), np.linalg.inv(stack), rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(logdet, np.linalg.slogdet(stack)[1], rtol=1e-10)


def test_infinite_parameters_are_reported_not_raised() -> None:
    theta = np.full((2, P), 0.6)
    latent = covariances(2)
    latent[0] = np.nan
    _, logdet = implied_inverse(model(theta, latent))
    assert not np.isfinite(logdet[0])
    assert np.isfinite(logdet[1])


def test_small_matrices_are_inverted_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(structured_inverse, "LEAST_IN_BATCH", P + 1)
    monkeypatch.setattr(structured_inverse, "_structured", None)
    assert np.isfinite(implied_inverse(model(np.ones((2, P)), covariances(2)))[1]).all()
