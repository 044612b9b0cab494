"""Inverses of many matrices at once, by every route, against NumPy's own."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveykit.estimation.sem.linalg import logdet, product, spd_inverse, spd_solve, to_lanes, to_stack


def matrices(rows: int, batch: int, seed: int) -> np.ndarray:
    """Covariance matrices in lanes, with variables of very different scale."""
    rng = np.random.default_rng(seed)
    half = rng.normal(size=(batch, rows, 2 * rows + 2)) * 10 ** rng.uniform(-1, 1, size=(1, rows, 1))
    return np.ascontiguousarray(to_lanes(half @ half.transpose(0, 2, 1)))


# One matrix, a stack for LAPACK, a batch that is swept in lanes; the rows on both sides of the limit.
@given(rows=st.integers(1, 14), batch=st.sampled_from([1, 5, 70]), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_inverse_and_log_determinant(rows: int, batch: int, seed: int) -> None:
    lanes = matrices(rows, batch, seed)
    found, log = spd_inverse(lanes)
    wanted = np.linalg.inv(to_stack(lanes))
    scale = np.sqrt(np.einsum("bii->bi", wanted))
    error = (to_stack(found) - wanted) / (scale[:, :, None] * scale[:, None])
    assert np.abs(error).max() < 1e-8
    np.testing.assert_allclose(log, np.linalg.slogdet(to_stack(lanes))[1], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(logdet(lanes), log, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("batch", [1, 5, 70])
def test_a_matrix_that_is_not_positive_definite_fails_alone(batch: int) -> None:
    lanes = matrices(4, batch, 1)
    lanes[:, :, 0] = np.diag([1.0, -1.0, 2.0, -3.0])
    _, log = spd_inverse(lanes)
    assert np.isinf(log[0])
    assert np.isfinite(log[1:]).all()
    assert np.isinf(logdet(lanes)[0])
    right, before = np.ones((4, batch)), lanes.copy()
    step, good = spd_solve(lanes, right)
    assert (right == 1).all(), "LAPACK wrote into what it was given"
    assert np.array_equal(lanes, before), "LAPACK wrote into what it was given"
    assert good.tolist() == [False] + [True] * (batch - 1)
    wanted = np.linalg.solve(to_stack(lanes)[1:], np.ones((batch - 1, 4, 1)))[:, :, 0]
    np.testing.assert_allclose(step[:, 1:].T, wanted, rtol=1e-8)


@pytest.mark.parametrize("batch", [1, 3])
def test_matrices_without_rows(batch: int) -> None:
    found, log = spd_inverse(np.empty((0, 0, batch)))
    assert found.shape == (0, 0, batch)
    assert log.tolist() == [0.0] * batch
    step, good = spd_solve(np.empty((0, 0, batch)), np.empty((0, batch)))
    assert step.shape == (0, batch)
    assert good.all()


@pytest.mark.parametrize("batch", [1, 7])
def test_products(batch: int) -> None:
    rng = np.random.default_rng(0)
    left, right = rng.normal(size=(3, 4, batch)), rng.normal(size=(4, 2, batch))
    np.testing.assert_allclose(product(left, right), np.einsum("ikb,kjb->ijb", left, right))
