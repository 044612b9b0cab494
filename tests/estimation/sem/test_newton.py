"""Derivatives of every discrepancy against numerical ones; the minimiser, alone and in batches."""

import numpy as np
import pytest
from engine_fits import Ready, ready
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_data import fit_record
from surveykit.estimation.sem.newton import BATCH, minimise
from surveykit.estimation.sem.prepared import Prepared
from surveykit.estimation.sem.problem import Problem
from surveykit.estimation.sem.start_values import with_starts

# One model of each kind: latent regressions, means, fixed x, loops, groups with equalities, every estimator.
MODELS = [
    ("sem-poldem", "sem-mean"),
    ("growth-demo", "covariates"),
    ("path-observed", "nonrecursive"),
    ("higher-order-hs", "std.lv"),
    ("mg-hs-ml", "scalar"),
    ("estimators-hs", "GLS-mean"),
    ("estimators-hs", "ULS"),
    ("estimators-hs", "DWLS"),
    ("estimators-hs", "WLS-mean"),
    ("estimators-mg", "WLS"),
]


def problem_of(inputs: Ready) -> tuple[Prepared, Problem]:
    prepared = Prepared(with_starts(inputs.table, inputs.moments), inputs.settings)
    groups = [prepared.discrepancy(at, one) for at, one in enumerate(inputs.moments)]
    return prepared, prepared.problem(groups, np.array([one.n for one in inputs.moments], dtype=float))


def numerical(problem: Problem, z: np.ndarray, step: float = 1e-5) -> tuple[np.ndarray, np.ndarray]:
    """Gradient and Hessian by central differences."""
    slopes, bends = [], []
    for at in range(len(z)):
        shift = np.zeros_like(z)
        shift[at] = step
        above, below = problem.point(z + shift), problem.point(z - shift)
        slopes.append((above.value - below.value) / (2 * step))
        bends.append((above.gradient - below.gradient) / (2 * step))
    return np.array(slopes), np.array(bends)


@pytest.mark.parametrize(("case_id", "name"), MODELS)
@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=4, deadline=None)
def test_gradient_and_hessian_equal_numerical_ones(case_id: str, name: str, seed: int) -> None:
    prepared, problem = problem_of(ready(fit_record(case_id, name)))
    start = problem.reduce(prepared.start[:, None])
    z = start * (1 + 0.03 * np.random.default_rng(seed).normal(size=start.shape))
    point = problem.point(z)
    hessian = problem.hessian(point)
    slopes, bends = numerical(problem, z)
    # Central differences with a step of 1e-5 are good to about 1e-10 of the third derivatives.
    np.testing.assert_allclose(point.gradient, slopes, rtol=1e-6, atol=1e-6 * np.abs(slopes).max())
    np.testing.assert_allclose(hessian, bends, rtol=1e-5, atol=1e-6 * np.abs(bends).max())


@pytest.mark.parametrize(("case_id", "name"), MODELS)
def test_a_batch_gives_each_member_what_it_gets_alone(case_id: str, name: str) -> None:
    prepared, problem = problem_of(ready(fit_record(case_id, name)))
    z = problem.reduce(prepared.start[:, None])
    alone = minimise(problem, z)
    copies = problem.take(np.zeros(5, dtype=np.int64))
    shifts = np.array([1.0, 0.97, 1.02, 1.0, 0.99])
    together = minimise(copies, z * shifts, BATCH)
    assert alone.converged.all()
    assert together.converged.all()
    # The batch stops at a gradient of 1e-6, one quadratic step before rounding error.
    np.testing.assert_allclose(together.z, np.repeat(alone.z, 5, axis=1), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(together.value, np.repeat(alone.value, 5), rtol=1e-9, atol=1e-9)


def test_the_expected_hessian_is_the_observed_one_where_the_model_holds() -> None:
    inputs = ready(fit_record("path-observed", "regression"))
    prepared, problem = problem_of(inputs)
    end = minimise(problem, problem.reduce(prepared.start[:, None]))
    point = problem.point(end.z)
    np.testing.assert_allclose(problem.hessian(point), problem.hessian(point, observed=False), atol=1e-10)


def test_a_start_where_sigma_is_not_positive_definite_is_reported_not_raised() -> None:
    prepared, problem = problem_of(ready(fit_record("cfa-hs-marker", "cfa")))
    z = problem.reduce(prepared.start[:, None])
    end = minimise(problem, -z)
    assert not end.converged[0]
    assert np.isinf(end.value[0])


def test_a_flat_valley_has_a_bottom() -> None:
    """Newton's step along the valley is bounded although the Hessian is singular there."""
    prepared, problem = problem_of(ready(fit_record("messages", "not-identified-loadings")))
    end = minimise(problem, problem.reduce(prepared.start[:, None]))
    assert end.converged[0]
    assert end.value[0] * 301 == pytest.approx(
        fit_record("messages", "not-identified-loadings")["fit"]["chisq"], rel=1e-8
    )
