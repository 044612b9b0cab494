"""Full information maximum likelihood and two-stage fits: every one of the reference; derivatives."""

from typing import Any

import numpy as np
import pytest
from engine_fits import Ready
from hypothesis import given, settings
from hypothesis import strategies as st
from incomplete_fits import baseline, incomplete_fits, prepare, ready, solution
from test_estimators import FIELDS, rows, tolerance

from reference_data import dataset, fit_record, matrix
from surveykit.estimation.sem.engine import fit
from surveykit.estimation.sem.newton import BATCH, minimise
from surveykit.estimation.sem.prepared import Prepared
from surveykit.estimation.sem.problem import Problem
from surveykit.estimation.sem.start_values import with_starts

FITS = [pytest.param(*one, id=":".join(one)) for one in incomplete_fits()]
HS = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"


@pytest.mark.parametrize(("case_id", "name"), FITS)
def test_estimates_and_standard_errors(case_id: str, name: str) -> None:
    record, found = fit_record(case_id, name), solution(case_id, name)
    relative, absolute, se_relative = tolerance(case_id)
    assert found.converged
    assert found.nobs == tuple(record["n"]["nobs"])
    assert [row for _, row in rows(record, found)]
    for one, at in rows(record, found):
        assert found.estimates[at] == pytest.approx(one["est"], rel=relative, abs=absolute), one
        if one["se"] is not None:
            assert found.standard_errors[at] == pytest.approx(one["se"], rel=se_relative, abs=absolute), one


@pytest.mark.parametrize(("case_id", "name"), FITS)
def test_test_statistics(case_id: str, name: str) -> None:
    record, found = fit_record(case_id, name), solution(case_id, name)
    relative = tolerance(case_id)[0]
    assert [one.test for one in found.tests] == [one["test"] for one in record["tests"]]
    for mine, theirs in zip(found.tests, record["tests"], strict=True):
        for field, attribute in FIELDS.items():
            if theirs.get(field) is not None:
                expected = pytest.approx(theirs[field], rel=relative, abs=1e-7)
                assert getattr(mine, attribute) == expected, (mine.test, field)
        np.testing.assert_allclose(mine.stat_group, theirs["stat.group"], rtol=relative)


@pytest.mark.parametrize(("case_id", "name"), FITS)
def test_the_baseline_model(case_id: str, name: str) -> None:
    expected, found = fit_record(case_id, name)["fit"], baseline(case_id, name)
    assert found.tests[0].stat == pytest.approx(expected["baseline.chisq"], rel=1e-6)
    assert found.df == expected["baseline.df"]
    if "baseline.chisq.scaled" in expected:
        robust = found.tests[-1]
        # R stops its EM algorithm at 1e-10 in the moments; what it scales with follows only to 1e-6.
        assert robust.stat == pytest.approx(expected["baseline.chisq.scaled"], rel=1e-5)
        assert robust.scaling_factor == pytest.approx(expected["baseline.chisq.scaling.factor"], rel=1e-5)


def test_the_covariance_matrix_of_the_estimates() -> None:
    record, found = fit_record("fiml-hs-missing", "fiml-ml"), solution("fiml-hs-missing", "fiml-ml")
    assert found.vcov is not None
    np.testing.assert_allclose(found.vcov, matrix(record["vcov"]), rtol=1e-5, atol=1e-8)


# One model of each kind: fixed and free covariates with latent regressions, groups with equalities.
MODELS = [
    ("fiml-hs-missing", "fiml-ml"),
    ("fiml-hs-covariate", "fixed.x"),
    ("fiml-hs-covariate", "random.x"),
    ("mg-bfi-fiml-mlr", "scalar"),
]


def problem_of(inputs: Ready) -> tuple[Prepared, Problem]:
    prepared = Prepared(with_starts(inputs.table, inputs.moments), inputs.settings)
    groups = [prepared.discrepancy(at, one) for at, one in enumerate(inputs.moments)]
    return prepared, prepared.problem(groups, np.array([one.n for one in inputs.moments], dtype=float))


@pytest.mark.parametrize(("case_id", "name"), MODELS)
@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=3, deadline=None)
def test_gradient_and_hessian_equal_numerical_ones(case_id: str, name: str, seed: int) -> None:
    prepared, problem = problem_of(ready(fit_record(case_id, name)))
    start = problem.reduce(prepared.start[:, None])
    z = start * (1 + 0.03 * np.random.default_rng(seed).normal(size=start.shape))
    point = problem.point(z)
    hessian = problem.hessian(point)
    slopes, bends = [], []
    for at in range(len(z)):
        shift = np.zeros_like(z)
        shift[at] = 1e-5
        above, below = problem.point(z + shift), problem.point(z - shift)
        slopes.append((above.value - below.value) / 2e-5)
        bends.append((above.gradient - below.gradient) / 2e-5)
    # Central differences with a step of 1e-5 are good to about 1e-10 of the third derivatives.
    np.testing.assert_allclose(point.gradient, slopes, rtol=1e-6, atol=1e-6 * np.abs(slopes).max())
    np.testing.assert_allclose(hessian, bends, rtol=1e-5, atol=1e-6 * np.abs(bends).max())


def test_the_expected_hessian_is_the_observed_one_where_rows_are_complete_and_the_model_holds() -> None:
    inputs = prepare("x1 ~~ x2 + x3\nx2 ~~ x3", dataset("hs1939"), "sem", missing="ml")
    prepared, problem = problem_of(inputs)
    end = minimise(problem, problem.reduce(prepared.start[:, None]))
    point = problem.point(end.z)
    expected = problem.hessian(point, observed=False)
    np.testing.assert_allclose(problem.hessian(point), expected, atol=1e-10)
    (group,) = problem.groups
    diagonal = group.expected_diagonal(point.groups[0])  # type: ignore[attr-defined]
    np.testing.assert_allclose(diagonal[:, 0], np.diag(expected[:, :, 0]), rtol=1e-12)


def test_a_batch_gives_each_member_what_it_gets_alone() -> None:
    prepared, problem = problem_of(ready(fit_record("fiml-hs-covariate", "fixed.x")))
    z = problem.reduce(prepared.start[:, None])
    alone = minimise(problem, z)
    together = minimise(problem.take(np.zeros(3, dtype=np.int64)), z * np.array([1.0, 0.98, 1.02]), BATCH)
    assert together.converged.all()
    # The batch stops at a gradient of 1e-6, one quadratic step before rounding error.
    np.testing.assert_allclose(together.z, np.repeat(alone.z, 3, axis=1), rtol=1e-5, atol=1e-5)


def test_complete_data_give_what_complete_data_give() -> None:
    """With means, and the observed information as the default of missing='ml'."""
    from surveykit.estimation.moments import moments_of_cases
    from surveykit.estimation.sem.settings import resolve

    data = dataset("hs1939")
    table, moments, chosen = prepare(HS, data, missing="ml", estimator="MLR")
    complete = moments_of_cases(moments[0].cases, moments[0].names)
    expected = fit(table, (complete,), resolve("MLR", information="observed"))
    found = fit(table, moments, chosen)
    np.testing.assert_allclose(found.x, expected.x, rtol=1e-9)
    np.testing.assert_allclose(found.standard_errors, expected.standard_errors, rtol=1e-9)
    for mine, theirs in zip(found.tests, expected.tests, strict=True):
        assert mine.stat == pytest.approx(theirs.stat, rel=1e-9)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=5, deadline=None)
def test_order_of_rows_and_items_changes_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    data = dataset("hs1939_missing")
    shuffled = data.iloc[rng.permutation(len(data))]
    other = "textual =~ x6 + x4 + x5\nspeed =~ x9 + x7 + x8\nvisual =~ x1 + x3 + x2"
    one = fit(*prepare(HS, data, missing="ml", std_lv=True))
    two = fit(*prepare(other, shuffled, missing="ml", std_lv=True))
    assert one.tests[0].stat == pytest.approx(two.tests[0].stat, rel=1e-9)
    np.testing.assert_allclose(
        np.sort(one.standard_errors), np.sort(two.standard_errors), rtol=1e-6, atol=1e-9
    )


def test_marker_and_unit_variance_fit_alike() -> None:
    data = dataset("hs1939_missing")
    one, two = (fit(*prepare(HS, data, missing="ml", std_lv=std_lv)) for std_lv in (False, True))
    assert one.tests[0].stat == pytest.approx(two.tests[0].stat, rel=1e-10)


def test_a_saturated_model_reproduces_the_unrestricted_moments() -> None:
    model = "x1 ~~ x2 + x3\nx2 ~~ x3"
    found = fit(*prepare(model, dataset("hs1939_missing"), "sem", missing="ml"))
    assert found.df == 0
    assert found.tests[0].stat == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(found.implied[0].sigma[0], found.moments[0].cov, rtol=1e-8)


def test_estimates_recover_the_population() -> None:
    """20,000 rows, values lost depending on a value that is seen (at random): listwise would be biased."""
    import pandas as pd

    rng = np.random.default_rng(11)
    factor = rng.normal(size=20_000)
    data = pd.DataFrame({f"y{at}": at + 0.8 * factor + 0.6 * rng.normal(size=len(factor)) for at in range(4)})
    data.loc[data["y0"] > 0.3, ["y1", "y2"]] = np.nan
    found = fit(*prepare("f =~ y0 + y1 + y2 + y3", data, missing="ml", std_lv=True))
    table = found.table
    for at in range(len(table)):
        truth: Any = {"=~": 0.8, "~1": None}.get(table.op[at], 0.36 if table.lhs[at] != "f" else 1.0)
        if table.op[at] == "~1":
            truth = 0.0 if table.lhs[at] == "f" else float(table.lhs[at][1:])
        assert abs(found.estimates[at] - truth) <= 4 * found.standard_errors[at] + 1e-12
