"""Resamples by L-BFGS from one shared Hessian: Newton's optima, and nothing called converged that is not."""

import numpy as np
import pytest
from engine_fits import ready, solution

from reference_data import fit_record
from surveykit.estimation.sem.batch import fit_stacks, shared_inverse, stacked_discrepancy, weighted_moments
from surveykit.estimation.sem.newton import BATCH
from surveykit.estimation.sem.prepared import Prepared
from surveykit.estimation.sem.problem import Problem
from surveykit.estimation.sem.quasi_newton import approach

MODELS = [
    ("sem-poldem", "sem-mean"),
    ("cfa-hs-marker", "cfa"),
    ("mg-hs-ml", "scalar"),
    ("growth-demo", "covariates"),
    ("estimators-hs", "GLS-mean"),
    ("estimators-hs", "ULS"),
]


def resampled(case_id: str, name: str, count: int) -> tuple[Prepared, list, np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    """The model, stacks of resampled moments, sizes, and the estimates from the sample."""
    inputs = ready(fit_record(case_id, name))
    rng = np.random.default_rng(11)
    prepared = Prepared(inputs.table, inputs.settings)
    stacks = [
        weighted_moments(
            one, rng.multinomial(one.n, np.full(one.n, 1 / one.n), size=count).astype(float), True
        )
        for one in inputs.moments
    ]
    sizes = np.array([one.n for one in inputs.moments], dtype=float)
    return prepared, stacks, sizes, solution(case_id, name).x


@pytest.mark.parametrize(("case_id", "name"), MODELS)
def test_the_same_optima_as_newton_s_method(case_id: str, name: str) -> None:
    prepared, stacks, sizes, start = resampled(case_id, name, 40)
    inverse = shared_inverse(prepared, ready(fit_record(case_id, name)).moments, start)
    assert inverse is not None
    fast = fit_stacks(prepared, stacks, sizes, start, inverse=inverse)
    slow = fit_stacks(prepared, stacks, sizes, start)
    np.testing.assert_array_equal(fast.converged, slow.converged)
    np.testing.assert_array_equal(fast.admissible, slow.admissible)
    good = slow.converged
    assert good.mean() > 0.9
    spread = np.nanstd(slow.x[good], axis=0).max()
    np.testing.assert_allclose(fast.x[good], slow.x[good], rtol=1e-4, atol=1e-4 * spread)
    values = [one.objective[good] @ sizes / sizes.sum() for one in (fast, slow)]
    np.testing.assert_allclose(*values, rtol=1e-9, atol=1e-9)


def problem_of(prepared: Prepared, stacks: list, sizes: np.ndarray) -> Problem:  # type: ignore[type-arg]
    return prepared.problem([stacked_discrepancy(prepared, at, one) for at, one in enumerate(stacks)], sizes)


def test_what_has_converged_has_no_gradient() -> None:
    prepared, stacks, sizes, start = resampled("sem-poldem", "sem-mean", 30)
    problem = problem_of(prepared, stacks, sizes)
    z = problem.reduce(np.repeat(start[:, None], 30, axis=1))
    inverse = np.eye(problem.n_z)  # a bad guess: some members run out of steps
    end = approach(problem, z, BATCH, inverse)
    assert not end.converged.all()
    if end.converged.any():
        part = problem.take(np.flatnonzero(end.converged))
        assert np.abs(part.point(end.z[:, end.converged]).gradient).max() <= BATCH.gradient


def test_members_that_start_outside_are_left_to_others() -> None:
    prepared, stacks, sizes, start = resampled("cfa-hs-marker", "cfa", 3)
    problem = problem_of(prepared, stacks, sizes)
    z = problem.reduce(np.repeat(start[:, None], 3, axis=1))
    z[:, 1] *= -1
    inverse = shared_inverse(prepared, ready(fit_record("cfa-hs-marker", "cfa")).moments, start)
    assert inverse is not None
    assert approach(problem, z, BATCH, inverse).converged.tolist() == [True, False, True]


@pytest.mark.parametrize(("case_id", "name"), MODELS[:4])
def test_expected_curvature_is_the_diagonal_of_the_expected_hessian(case_id: str, name: str) -> None:
    prepared, stacks, sizes, start = resampled(case_id, name, 3)
    problem = problem_of(prepared, stacks, sizes)
    point = problem.point(problem.reduce(np.repeat(start[:, None], 3, axis=1)))
    wanted = np.einsum("iib->ib", problem.hessian(point, observed=False))
    found = problem.expected_diagonal(point)
    # Groups that share a parameter through equality constraints leave out what is not on the diagonal.
    if problem.basis is None:
        np.testing.assert_allclose(found, wanted, rtol=1e-9)
    assert (found > 0).all()


def test_no_shared_hessian_where_it_is_not_positive_definite() -> None:
    inputs = ready(fit_record("cfa-hs-marker", "cfa"))
    prepared = Prepared(inputs.table, inputs.settings)
    x = solution("cfa-hs-marker", "cfa").x.copy()
    x[:6] *= 3
    assert shared_inverse(prepared, inputs.moments, x) is None
