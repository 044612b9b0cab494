"""Model matrices and implied moments: definition, lanes against stacks, phantoms of observed variables."""

import numpy as np
import pytest
from engine_fits import ready, solution

from reference_data import fit_record
from surveykit.estimation.sem.layout import BETA, LAMBDA, PSI, THETA
from surveykit.estimation.sem.matrices import Representation, common_covariance, total_effects
from surveykit.estimation.sem.model_lanes import GroupModel
from surveykit.estimation.sem.parameter_table import build_table
from surveykit.estimation.sem.start_values import with_starts
from surveykit.estimation.sem.table_options import TableOptions

MODELS = [
    ("sem-poldem", "sem-mean"),
    ("growth-demo", "covariates"),
    ("path-observed", "nonrecursive"),
    ("higher-order-hs", "std.lv"),
    ("mg-hs-ml", "scalar"),
]


@pytest.mark.parametrize(("case_id", "name"), MODELS)
def test_lanes_and_stacks_are_the_same_moments(case_id: str, name: str) -> None:
    inputs, fit = ready(fit_record(case_id, name)), solution(case_id, name)
    representation = fit.representation
    noise = 1 + 0.02 * np.random.default_rng(5).normal(size=(4, len(fit.x)))
    x = fit.x * noise
    for group, (layout, sample) in enumerate(zip(representation.groups, inputs.moments, strict=True)):
        stacked = representation.implied(x, group)
        cov = np.repeat(sample.cov[:, :, None], 4, axis=2)
        mean = np.repeat(sample.mean[:, None], 4, axis=1)
        lanes = GroupModel(layout, representation.meanstructure).evaluate(x.T, cov, mean)
        np.testing.assert_allclose(lanes.sigma.transpose(2, 0, 1), stacked.sigma, rtol=1e-12)
        if stacked.mu is not None:
            assert lanes.mu is not None
            np.testing.assert_allclose(lanes.mu.T, stacked.mu, rtol=1e-12)


@pytest.mark.parametrize(("case_id", "name"), MODELS)
def test_columns_of_the_lanes_are_lambda_a_and_lambda_c(case_id: str, name: str) -> None:
    inputs, fit = ready(fit_record(case_id, name)), solution(case_id, name)
    for group, (layout, sample) in enumerate(zip(fit.representation.groups, inputs.moments, strict=True)):
        matrices = fit.representation.fill(fit.x, group)
        total = total_effects(matrices)[0]
        covariance = total @ matrices["psi"][0] @ total.T
        wanted = matrices["lambda"][0] @ np.concatenate([total, covariance], axis=1)
        model = GroupModel(layout, fit.representation.meanstructure)
        lanes = model.evaluate(fit.x[:, None], sample.cov[:, :, None], sample.mean[:, None])
        np.testing.assert_allclose(lanes.columns[:, :, 0], wanted, atol=1e-12)
        if lanes.theta is not None:
            np.testing.assert_allclose(np.diag(lanes.theta[:, 0]), matrices["theta"][0])


def test_sigma_by_its_definition() -> None:
    fit = solution("sem-poldem", "sem")
    one = {name: matrix[0] for name, matrix in fit.matrices[0].items()}
    a = np.linalg.inv(np.eye(len(one["beta"])) - one["beta"])
    sigma = one["lambda"] @ a @ one["psi"] @ a.T @ one["lambda"].T + one["theta"]
    np.testing.assert_allclose(fit.implied[0].sigma[0], sigma, rtol=1e-13)
    np.testing.assert_allclose(common_covariance(fit.matrices[0])[0] + one["theta"], sigma, rtol=1e-13)


def test_an_observed_variable_in_a_regression_gets_a_phantom() -> None:
    table = build_table("f =~ a + b + c\ny ~ f + z\nw ~~ y\nu ~~ v", TableOptions())
    layout = Representation.from_table(table).groups[0]
    phantoms = layout.lv[layout.n_latent :]
    assert layout.lv[: layout.n_latent] == ("f",)
    assert set(phantoms) == {"y", "z", "w"}  # w by its covariance with y; u and v stay outside
    assert [layout.ov[at] for at in layout.phantom_of[layout.n_latent :]] == list(phantoms)
    by_place = dict(zip(layout.cells.row.tolist(), layout.cells.matrix.tolist(), strict=True))
    kinds = {f"{table.lhs[row]} {table.op[row]} {table.rhs[row]}": code for row, code in by_place.items()}
    assert (kinds["f =~ a"], kinds["y ~ f"], kinds["y ~~ w"]) == (LAMBDA, BETA, PSI)
    assert (kinds["u ~~ v"], kinds["a ~~ a"]) == (THETA, THETA)


def test_latent_moments_of_a_growth_model() -> None:
    fit = solution("growth-demo", "linear")
    covariance, mean = fit.representation.latent_moments(fit.x)
    table = fit.table
    for row in range(len(table)):
        if table.op[row] == "~1" and table.lhs[row] in ("i", "s"):
            place = fit.representation.groups[0].lv.index(table.lhs[row])
            assert mean[0, place] == pytest.approx(fit.estimates[row])
    np.testing.assert_allclose(covariance, covariance.transpose(0, 2, 1))


def test_an_indicator_of_a_higher_order_factor_stands_in_beta() -> None:
    layout = solution("higher-order-hs", "std.lv").representation.groups[0]
    assert layout.has_beta
    inner = layout.cells.where((layout.cells.matrix == BETA) & layout.measures)
    assert len(inner.row) == 3


def test_free_start_values_do_not_change_the_representation() -> None:
    inputs = ready(fit_record("growth-demo", "covariates"))
    table = with_starts(inputs.table, inputs.moments)
    one, other = (
        Representation.from_table(now).groups[0]
        for now in (table, table.with_start(np.where(table.free > 0, 7.0, table.start)))
    )
    for name, base in one.base.items():
        np.testing.assert_array_equal(base, other.base[name])
