"""The objectives of factor extraction, their derivatives, and where the search ends."""

from typing import Any

import numpy as np
import pytest

from surveykit.estimation import factor_extraction as extraction
from surveykit.estimation.factor_extraction import degrees_of_freedom, extract
from surveykit.estimation.factor_rotation import (
    geomin_criterion,
    oblimin,
    promax,
    quartimin_criterion,
    varimax,
)
from surveykit.estimation.item_moments import FloatArray


def correlations(p: int = 8, n: int = 200, m: int = 2, seed: int = 1) -> FloatArray:
    rng = np.random.default_rng(seed)
    latent = rng.normal(size=(n, m)) @ rng.normal(size=(m, p))
    return np.corrcoef((latent + rng.normal(size=(n, p))).T)


def numeric(function: Any, x: FloatArray, step: float = 1e-5) -> FloatArray:
    """Central differences of a function of a vector, one column a coordinate."""
    columns = []
    for i in range(x.size):
        e = np.zeros(x.size)
        e[i] = step
        columns.append((function(x + e) - function(x - e)) / (2 * step))
    return np.stack(columns, axis=-1)


@pytest.mark.parametrize("m", [1, 2, 3])
@pytest.mark.parametrize(
    ("objective", "place"),
    [
        (extraction._uls_objective, np.linspace(0.3, 0.8, 8)),
        (extraction._ml_objective, np.log(np.linspace(0.3, 0.8, 8))),
    ],
)
def test_derivatives(objective: Any, place: FloatArray, m: int) -> None:
    R = correlations()
    _, gradient, hessian = objective(R, m, place)
    # Central differences with a step of 1e-5 are good to about 1e-8 of the function's scale.
    assert np.allclose(gradient, numeric(lambda x: objective(R, m, x)[0], place), atol=1e-6)
    assert np.allclose(hessian, numeric(lambda x: objective(R, m, x)[1], place), atol=1e-5)


@pytest.mark.parametrize("method", ["minres", "ml"])
def test_factors_that_are_there_are_found(method: str) -> None:
    rng = np.random.default_rng(2)
    loadings = np.where(np.arange(10)[:, None] % 2 == np.arange(2), rng.uniform(0.4, 0.8, (10, 2)), 0)
    R = loadings @ loadings.T
    np.fill_diagonal(R, 1)
    found = extract(R, 2, method)
    assert found.converged
    assert not found.heywood.any()
    # 1e-10 of gradient, over a Hessian whose smallest eigenvalue is about .1.
    assert np.allclose(found.uniqueness, 1 - np.sum(loadings**2, axis=1), atol=1e-7)
    assert np.allclose(found.loadings @ found.loadings.T, loadings @ loadings.T, atol=1e-7)
    assert (found.loadings.sum(axis=0) > 0).all()


def test_principal_axis_run_to_the_end_is_minres(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extraction, "PRINCIPAL_AXIS_LIMIT", 1e-13)
    monkeypatch.setattr(extraction, "PRINCIPAL_AXIS_STEPS", 5000)
    R = correlations()
    assert np.allclose(extract(R, 2, "pa").uniqueness, extract(R, 2, "minres").uniqueness, atol=1e-6)


def test_a_uniqueness_stops_at_its_bound() -> None:
    R = correlations(6, 60, 1, seed=3)
    R[0, 1] = R[1, 0] = 0.9999
    found = extract(R, 2, "minres")
    assert found.heywood.any()


@pytest.mark.parametrize(("p", "m", "dof"), [(9, 3, 12), (6, 3, 0), (5, 3, -2), (3, 1, 0)])
def test_degrees_of_freedom(p: int, m: int, dof: int) -> None:
    assert degrees_of_freedom(p, m) == dof


@pytest.mark.parametrize("turn", [varimax, promax, oblimin])
def test_a_rotation_keeps_what_the_factors_explain(turn: Any) -> None:
    loadings = extract(correlations(m=3, p=10), 3, "minres").loadings
    turned = turn(loadings)
    assert np.allclose(turned.loadings @ turned.phi @ turned.loadings.T, loadings @ loadings.T, atol=1e-10)
    assert np.allclose(loadings @ turned.matrix, turned.loadings, atol=1e-10)
    assert np.allclose(np.diag(turned.phi), 1, atol=1e-10)


@pytest.mark.parametrize("criterion", [quartimin_criterion, lambda L: geomin_criterion(L, 0.01)])
def test_gradients_of_rotation_criteria(criterion: Any) -> None:
    L = np.random.default_rng(4).uniform(-0.8, 0.8, (6, 3))
    value = lambda x: criterion(x.reshape(6, 3))[0]  # noqa: E731
    assert np.allclose(criterion(L)[1].ravel(), numeric(value, L.ravel()), atol=1e-7)
