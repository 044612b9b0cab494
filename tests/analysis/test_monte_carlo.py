"""Monte Carlo power: the batch gives what single fits give, and what theory says of many samples."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

import surveykit as sk
from surveykit.analysis.monte_carlo import _at_population, _plan
from surveykit.analysis.simulate_data import population
from surveykit.errors import SurveykitError

TRUTH = """f1 =~ .7*i1 + .7*i2 + .7*i3
f2 =~ .7*i4 + .6*i5 + .8*i6
f3 =~ .7*i7 + .7*i8 + .7*i9
f2 ~ .5*f1
f3 ~ .4*f2 + .2*f1"""
MODEL = """f1 =~ i1 + i2 + i3
f2 =~ i4 + i5 + i6
f3 =~ i7 + i8 + i9
f2 ~ a*f1
f3 ~ b*f2 + f1
ab := a*b"""
TWO = "f =~ c(.7, .7)*x1 + c(.6, .6)*x2 + c(.8, .8)*x3 + c(.7, .7)*x4\nf ~~ c(1, 1.3)*f\nx1 ~ c(0, .3)*1"


@pytest.mark.parametrize(
    ("model", "truth", "sizes", "options"),
    [
        (MODEL, TRUTH, [200], {}),
        (MODEL, TRUTH, [200], {"std_lv": True, "information": "observed"}),
        (MODEL, TRUTH, [150], {"likelihood": "wishart"}),
        ("i1 ~ i2 + i3\ni4 ~ i1", TRUTH, [120], {}),
        ("f =~ x1 + x2 + x3 + x4", TWO, [150, 220], {"group_equal": ["loadings"]}),
        ("f =~ x1 + x2 + x3 + x4", TWO, [150, 220], {"group_equal": ["loadings", "intercepts"]}),
    ],
)
def test_each_replication_is_the_single_fit(
    model: str, truth: str, sizes: list[int], options: dict[str, Any]
) -> None:
    made = population(truth, len(sizes))
    fit = _at_population(model, made, sizes, options)
    plan = _plan(fit, made, sizes, seed=3)
    found = plan.run(0, 4)
    rng = np.random.default_rng(np.random.SeedSequence(3, spawn_key=(0,)))
    stacks = [plan._drawn(rng, group, 4) for group in range(len(sizes))]
    labels = [f"Group {at}" for at in range(1, len(sizes) + 1)]
    for draw in range(4):
        covs, means = {}, {}
        for label, stack, layout in zip(labels, stacks, fit._solution.representation.groups, strict=True):
            names = list(layout.ov)
            covs[label] = pd.DataFrame(stack.cov[..., draw], index=names, columns=names)
            means[label] = pd.Series(stack.mean[:, draw], index=names)
        with_means = len(sizes) > 1
        single = sk.sem(
            model,
            sample_cov=covs,
            sample_mean=means if with_means else None,
            sample_nobs=dict(zip(labels, sizes, strict=True)),
            sample_cov_rescale=False,
            **options,
        )
        free = single._solution.x
        # The batch stops where the next step would be below 1e-3 of a standard error.
        errors = np.sqrt(np.diag(single.vcov()))
        assert np.abs(found.estimates[draw, : len(free)] - free) == pytest.approx(0, abs=2e-3 * errors.max())
        assert found.errors[draw, : len(free)] == pytest.approx(errors, rel=5e-3)
        assert found.chisq[draw] == pytest.approx(single._solution.tests[0].stat, rel=1e-4, abs=1e-4)
        if ":=" in model:
            row = single.parameter_estimates().iloc[-1]
            assert found.estimates[draw, -1] == pytest.approx(row["est"], rel=5e-3, abs=1e-4)
            assert found.errors[draw, -1] == pytest.approx(row["se"], rel=5e-3)


def test_many_samples_behave_as_theory_says() -> None:
    found = sk.power_monte_carlo(MODEL, TRUTH, 300, draws=2000, seed=2)
    frame = found.frame
    assert found.failed == 0
    # Four standard errors of a share of .95 in 2000 draws are .0195; intervals of variances are short.
    assert frame["coverage"].between(0.92, 0.97).all()
    assert (frame["mean_se"] / frame["sd"]).between(0.93, 1.07).all()
    assert (frame["bias"].abs() < 0.15 * frame["sd"]).all()
    assert found.chisq == pytest.approx(found.df, rel=0.05)
    assert list(frame["label"])[-1] == "ab"
    assert frame.iloc[-1]["population"] == pytest.approx(0.5 * 0.4, rel=1e-3)


def test_a_path_that_is_not_there_is_found_as_often_as_alpha_says() -> None:
    found = sk.power_monte_carlo(MODEL, TRUTH.replace(" + .2*f1", " + 0*f1"), 300, draws=2000, alpha=0.05)
    rows = found.frame.set_index(["lhs", "op", "rhs"])
    assert rows.loc[("f3", "~", "f1"), "power"] == pytest.approx(0.05, abs=0.02)


def test_workers_change_nothing() -> None:
    one, two = (sk.power_monte_carlo(MODEL, TRUTH, 150, draws=500, seed=7, n_jobs=jobs) for jobs in (1, 2))
    pd.testing.assert_frame_equal(one.frame, two.frame, rtol=1e-12)
    assert one.frame["power"].equals(two.frame["power"])


def test_other_estimators_are_fitted_one_by_one_and_agree() -> None:
    fast = sk.power_monte_carlo(MODEL, TRUTH, 400, draws=600, seed=1).frame
    slow = sk.power_monte_carlo(MODEL, TRUTH, 400, draws=60, seed=1, estimator="MLR").frame
    assert np.abs(fast["mean_se"] / slow["mean_se"] - 1).max() < 0.06
    two = sk.power_monte_carlo("f =~ x1 + x2 + x3 + x4", TWO, [60, 80], draws=10, estimator="MLR")
    assert two.n == (60, 80)
    assert set(two.frame["group"]) == {1, 2}


def test_what_failed_is_counted_and_said() -> None:
    weak = "f =~ .25*x1 + .25*x2 + .25*x3"
    found = sk.power_monte_carlo("f =~ x1 + x2 + x3", weak, 20, draws=300, seed=1)
    assert found.failed + len(found.frame) > 0
    assert found.inadmissible > 0
    assert (found.failed > 0) == ("M146" in [one.code for one in found.notes])
    assert f"{found.draws - found.failed} of 300" in found.summary()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"n": 5}, "M117"),
        ({"n": 100.5}, "M117"),
        ({"draws": 1}, "M117"),
        ({"alpha": 1.5}, "O002"),
        ({"seed": -1}, "M117"),
        ({"n_jobs": 0}, "M117"),
        ({"population_model": "f1 =~ i1 + i2"}, "M120"),
        ({"model": "g =~ z1 + z2 + z3"}, "M081"),
        ({"estimatr": "ML"}, "O003"),
    ],
)
def test_bad_calls_have_a_code(changes: dict[str, Any], code: str) -> None:
    call: dict[str, Any] = {"model": MODEL, "population_model": TRUTH, "n": 100} | changes
    with pytest.raises(SurveykitError) as caught:
        sk.power_monte_carlo(**call)
    assert caught.value.code == code


def test_no_sample_that_fits_is_a_refusal() -> None:
    # Ten respondents and nine ordered items of one answer each: no sample can be fitted.
    with pytest.raises(SurveykitError) as caught:
        sk.power_monte_carlo(MODEL, TRUTH, 10, draws=5, estimator="WLS")
    assert caught.value.code == "M145"
