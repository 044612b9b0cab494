"""Modification indices: the extended model's slopes, and what freeing a parameter really gains."""

from __future__ import annotations

import numpy as np
import pytest
from engine_fits import solution

import surveykit as sk
from surveykit.estimation.sem.extended import candidate_rows, extended_table
from surveykit.estimation.sem.modification import ExtendedModel, modification_indices

FITS = [
    ("cfa-hs-marker", "cfa"),
    ("sem-poldem", "sem-mean"),
    ("mg-hs-ml", "metric"),
    ("estimators-hs", "GLS"),
    ("ord-datcat", "WLSMV"),
]


@pytest.mark.parametrize(("case_id", "name"), FITS)
def test_slopes_of_the_extended_model_are_numerical_ones(case_id: str, name: str) -> None:
    extended = ExtendedModel(solution(case_id, name))
    prepared, sizes = extended._prepared, np.array(extended.solution.nobs, dtype=float)
    moments = extended.solution.moments
    problem = prepared.problem([prepared.discrepancy(*one) for one in enumerate(moments)], sizes)
    rng = np.random.default_rng(3)
    for place in rng.choice(len(extended.x), 12, replace=False):
        step = np.zeros(len(extended.x))
        step[place] = 1e-5
        ends = [float(problem.point((extended.x + sign * step)[:, None]).value[0]) for sign in (1, -1)]
        # Central differences of second order: truncation about step^2, rounding about 1e-16 / step.
        numerical = -0.5 * (ends[0] - ends[1]) / 2e-5
        assert extended.gradient[place] == pytest.approx(numerical, rel=1e-5, abs=1e-7)


@pytest.mark.parametrize(("case_id", "name"), FITS)
def test_the_models_own_parameters_come_first_and_stay(case_id: str, name: str) -> None:
    fitted = solution(case_id, name)
    extended = ExtendedModel(fitted)
    assert np.allclose(extended.x[: fitted.table.n_free], fitted.x)
    implied = [extended.representation.implied(extended.x, group) for group in range(len(fitted.moments))]
    for one, other in zip(implied, fitted.implied, strict=True):
        assert np.allclose(one.sigma, other.sigma)


def test_candidates_are_everything_that_is_not_free() -> None:
    table = solution("cfa-hs-marker", "cfa").table
    rows = candidate_rows(table)
    assert len(rows) == len(set(rows))
    free = extended_table(table)
    # 27 loadings, 45 covariances of items and 6 of factors: 21 are free already.
    assert int((free.user == 10).sum()) == 27 + 45 + 6 - table.n_free
    assert sorted(free.free[free.free > 0]) == list(range(1, free.n_free + 1))


@pytest.mark.parametrize("estimator", ["ML", "GLS", "WLS"])
def test_an_index_is_the_gain_where_the_misfit_is_small(estimator: str) -> None:
    population = "f =~ 0.8*a + 0.7*b + 0.6*c + 0.7*d\na ~~ 0.03*b"
    data = sk.simulate_data(population, 20_000, seed=1)
    fit = sk.cfa("f =~ a + b + c + d", data, estimator=estimator)
    for row in fit.modification_indices(op="~~", maximum=4).itertuples():
        freed = sk.cfa(f"f =~ a + b + c + d\n{row.lhs} ~~ {row.rhs}", data, estimator=estimator)
        gain = fit._solution.tests[0].stat - freed._solution.tests[0].stat
        change = freed.parameter_estimates().set_index(["lhs", "op", "rhs"])["est"][row.lhs, "~~", row.rhs]
        # First order in a misfit of a twentieth of a standard deviation.
        assert row.mi == pytest.approx(gain, rel=0.1, abs=0.05)
        assert row.epc == pytest.approx(change, rel=0.1, abs=0.005)


def test_standardized_changes_are_correlations() -> None:
    found = modification_indices(solution("cfa-hs-marker", "cfa"))
    table, rows = found.table, found.rows
    covariances = [at for at, row in enumerate(rows.tolist()) if table.op[row] == "~~"]
    size = np.abs(found.standardized["std.all"][covariances])
    assert (size < 2).all()  # expected changes may overshoot, correlations of this order may not
