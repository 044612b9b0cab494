"""Outcomes given x: regressions, their information, and the baseline model."""

from __future__ import annotations

import numpy as np
import pytest

from reference_data import dataset, fit_record
from surveykit.analysis.sem import sem
from surveykit.estimation.sem.conditional import (
    Regression,
    Weight,
    conditional_independence,
    conditional_moments,
    given,
    residual_tests_given_x,
)
from surveykit.estimation.sem.engine import Solution, fit


@pytest.fixture(scope="module")
def fitted() -> Solution:
    return sem(fit_record("mimic-hs", "ml")["model"], dataset("hs1939"), meanstructure=True)._solution


def test_moments_given_x_are_those_of_least_squares() -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=(200, 2))
    y = x @ rng.normal(size=(2, 3)) + rng.normal(size=(200, 3)) + 1
    both = np.concatenate([y[:, :2], x, y[:, 2:]], axis=1)
    found = given(np.cov(both.T, bias=True), both.mean(axis=0), np.array([0, 1, 4]), np.array([2, 3]))
    design = np.column_stack([np.ones(200), x])
    slopes = np.linalg.lstsq(design, y, rcond=None)[0]
    assert np.allclose(found.mean, slopes[0])
    assert np.allclose(found.slopes, slopes[1:].T)
    rest = y - design @ slopes
    assert np.allclose(found.cov, rest.T @ rest / 200)


def test_the_weight_is_the_information_of_a_regression(fitted: Solution) -> None:
    # vec of slopes: Sigma^-1 x M; covariances: half of Sigma^-1 x Sigma^-1
    (one,) = conditional_moments(fitted)
    weight, sample = Weight.of(one, structured=False), Regression.of(one.observed)
    only = Regression(np.zeros_like(sample.cov), sample.slopes)
    wanted = sample.slopes.ravel() @ np.kron(weight.inverse, weight.second) @ sample.slopes.ravel()
    assert float(weight.products(only, only)) == pytest.approx(wanted, rel=1e-12)
    spread = Regression(sample.cov, np.zeros_like(sample.slopes))
    assert float(weight.products(spread, spread)) == pytest.approx(len(sample.cov) / 2, rel=1e-9)


def test_the_baseline_keeps_the_slopes(fitted: Solution) -> None:
    baseline = fit(conditional_independence(fitted), fitted.moments, fitted.settings)
    (one,) = conditional_moments(fitted)
    rest = one.observed.cov
    value = np.log(np.diag(rest)).sum() - np.linalg.slogdet(rest)[1]
    assert baseline.tests[0].stat == pytest.approx(fitted.ntotal * value, rel=1e-9)
    assert baseline.df == 9 * 8 // 2


def test_only_residual_based_tests_change(fitted: Solution) -> None:
    before, after = (
        {one.test: one for one in fitted.tests},
        {one.test: one for one in residual_tests_given_x(fitted)},
    )
    assert list(before) == list(after)
    assert before["standard"] == after["standard"]
    # lavaan, conditional.x = TRUE
    assert after["browne.residual.nt.model"].stat == pytest.approx(149.356198094126, rel=1e-8)
