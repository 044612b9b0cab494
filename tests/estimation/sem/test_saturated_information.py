"""Information about unrestricted moments, against the formulas and numerical derivatives."""

from __future__ import annotations

import numpy as np
import pytest
from engine_fits import solution
from numpy.typing import NDArray

from surveykit.estimation.moments import lower_triangle, vech
from surveykit.estimation.sem.saturated_information import normal_weight, sample_acov, weight_matrix

FloatArray = NDArray[np.float64]


def duplication(p: int) -> FloatArray:
    row, column = lower_triangle(p)
    full = np.zeros((p, p, len(row)))
    full[row, column, np.arange(len(row))] = full[column, row, np.arange(len(row))] = 1
    return full.reshape(p * p, -1)


def test_expected_information_is_half_of_the_kronecker_product() -> None:
    rng = np.random.default_rng(1)
    cov = np.cov(rng.normal(size=(4, 50)))
    weight, turn = np.linalg.inv(cov), duplication(4)
    square = 0.5 * turn.T @ np.kron(weight, weight) @ turn
    assert np.allclose(normal_weight(cov, False), square)
    assert np.allclose(normal_weight(cov, True)[4:, 4:], square)
    assert np.allclose(normal_weight(cov, True)[:4, :4], weight)


def test_observed_information_is_the_hessian_at_the_implied_moments() -> None:
    fitted = solution("sem-poldem", "sem-mean")
    sample, implied = fitted.moments[0], fitted.implied[0]
    p = len(sample.names)
    row, column = lower_triangle(p)

    def value(moments: FloatArray) -> float:
        sigma = np.zeros((p, p))
        sigma[row, column] = sigma[column, row] = moments[p:]
        rest = sample.mean - moments[:p]
        second = sample.cov + np.outer(rest, rest)
        return float(0.5 * (np.linalg.slogdet(sigma)[1] + np.sum(np.linalg.inv(sigma) * second)))

    assert implied.mu is not None
    at = np.concatenate([implied.mu[0], vech(implied.sigma[0])])
    weight = weight_matrix(fitted, 0, "observed")
    step = 1e-3
    rng = np.random.default_rng(2)
    for one, other in rng.choice(len(at), (10, 2)):
        ends = []
        for left, right in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
            moved = at.copy()
            moved[one] += left * step
            moved[other] += right * step
            ends.append(left * right * value(moved))
        # Truncation of step^2 = 1e-6 relative to the fourth derivatives.
        assert weight[one, other] == pytest.approx(sum(ends) / (4 * step**2), rel=1e-4, abs=1e-5)


@pytest.mark.parametrize(("case_id", "name"), [("robust-hs", "MLF"), ("fiml-hs-missing", "fiml-mlf")])
def test_first_order_information_is_close_to_the_expected_one(case_id: str, name: str) -> None:
    # Both estimate the same matrix; 301 cases leave about a fifth of its scale.
    fitted = solution(case_id, name) if case_id == "robust-hs" else incomplete(case_id, name)
    first, expected = (weight_matrix(fitted, 0, kind) for kind in ("first.order", "expected"))
    size = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
    keep = np.diag(expected) > 0
    difference = ((first - expected) / np.where(size > 0, size, 1))[np.ix_(keep, keep)]
    assert np.sqrt(np.mean(difference**2)) < 0.2


def incomplete(case_id: str, name: str):  # type: ignore[no-untyped-def]
    from incomplete_fits import solution as incomplete_solution

    return incomplete_solution(case_id, name)


def test_moments_of_incomplete_rows_vary_more_than_those_of_complete_ones() -> None:
    fitted = incomplete("fiml-hs-missing", "fiml-ml")
    complete = np.linalg.inv(normal_weight(fitted.moments[0].cov, True)) / fitted.ntotal
    acov = sample_acov(fitted, 0)
    assert (np.linalg.eigvalsh(acov - complete) > -1e-9).all()


def test_fixed_x_do_not_vary() -> None:
    fitted = solution("mimic-hs", "ml")
    names = list(fitted.moments[0].names)
    x = [names.index(name) for name in ("sex", "ageyr", "grade")]
    row, column = lower_triangle(len(names))
    fixed = np.isin(row, x) & np.isin(column, x)
    for matrix in (sample_acov(fitted, 0), weight_matrix(fitted, 0)):
        assert np.abs(matrix[fixed]).max() < 1e-15  # rounding
        assert (np.diag(matrix)[~fixed] > 0).all()
