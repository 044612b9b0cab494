"""Bootstrap replicates, how they are divided, and the intervals made of them."""

import pickle
from typing import Any

import numpy as np
import pytest
from engine_fits import ready, solution

from reference_data import case, fit_record
from surveykit.errors import SurveykitError
from surveykit.estimation.sem.batch import BatchFit, Stack, fit_stacks, weighted_moments
from surveykit.estimation.sem.bootstrap import Bootstrap, bootstrap, fit_alone, jackknife, join
from surveykit.estimation.sem.bootstrap_intervals import (
    acceleration_of,
    intervals,
    quantiles,
    standard_errors,
)
from surveykit.estimation.sem.engine import fit
from surveykit.estimation.sem.prepared import Prepared

RESULTS: dict[str, Any] = case("path-bootstrap-talor")["results"]
ROWS = RESULTS["intervals"]
DRAWS = 20_000
# Monte Carlo error of DRAWS replicates beside that of R's 200,000; four standard errors.
WIDER = 4 * np.sqrt(1 + RESULTS["R"] / DRAWS)


@pytest.fixture(scope="module")
def talor() -> tuple[np.ndarray, np.ndarray]:
    """Replicates and estimates of the free and the defined parameters of the mediation model."""
    found = solution("path-bootstrap-talor", "ml")
    drawn = bootstrap(found, seed=7).run(0, DRAWS)
    assert drawn.failed == drawn.inadmissible == 0
    defined = found.constraints.defined
    return np.hstack([drawn.x, defined(drawn.x)]), np.concatenate([found.x, defined(found.x)])


def test_standard_errors_are_those_of_r(talor: tuple[np.ndarray, np.ndarray]) -> None:
    replicates, _ = talor
    for mine, theirs in zip(standard_errors(replicates), ROWS, strict=True):
        assert mine == pytest.approx(theirs["boot_se"], abs=WIDER * theirs["boot_se_mc_error"])


KINDS = [("perc", "percentile"), ("bca.simple", "bias_corrected"), ("bca", "bca")]


@pytest.mark.parametrize(("kind", "name"), KINDS)
def test_intervals_are_those_of_r(talor: tuple[np.ndarray, np.ndarray], kind: str, name: str) -> None:
    replicates, estimates = talor
    rates = np.array([one["acceleration"] for one in ROWS])
    found = intervals(replicates, estimates, kind, acceleration=rates)
    for mine, theirs in zip(found, ROWS, strict=True):
        for at in range(2):
            error = theirs["percentile_mc_error" if kind == "perc" else "bca_mc_error"][at]
            assert mine[at] == pytest.approx(theirs[name][at], abs=WIDER * error), theirs["parameter"]


def test_the_jackknife_accelerates_as_in_r() -> None:
    found = solution("path-bootstrap-talor", "ml")
    left_out = jackknife(found)
    assert left_out.shape == (found.ntotal, len(found.x))
    both = np.hstack([left_out, found.constraints.defined(left_out)])
    # Each estimate is good to about 1e-9 of its standard error, and is cubed.
    np.testing.assert_allclose(
        acceleration_of(both), [one["acceleration"] for one in ROWS], rtol=1e-4, atol=1e-7
    )


def test_leaving_a_case_out_is_fitting_the_others() -> None:
    inputs = ready(fit_record("path-bootstrap-talor", "ml"))
    one = inputs.moments[0]
    others = one.drawn(np.arange(1, one.n), divide_by_n=True)
    alone = fit(inputs.table, (others,), inputs.settings)
    np.testing.assert_allclose(jackknife(solution("path-bootstrap-talor", "ml"))[0], alone.x, rtol=1e-7)


def test_bollen_and_stine_s_p_value() -> None:
    result = case("sem-bollen-stine")["results"]
    found = solution("sem-bollen-stine", "ml")
    drawn = bootstrap(found, "bollen.stine", seed=4).run(0, result["R_asked"])
    assert drawn.failed == 0
    share = np.mean(drawn.chisq > result["chisq"])
    # Two independent runs of the same size: four standard errors of the difference.
    assert share == pytest.approx(result["p_bollen_stine"], abs=4 * np.sqrt(2) * result["mc_error"])
    error = result["boot_chisq_mean_mc_error"]
    assert drawn.chisq.mean() == pytest.approx(result["boot_chisq_mean"], abs=4 * np.sqrt(2) * error)


def test_the_transformed_cases_fit_the_model_exactly() -> None:
    found = solution("sem-bollen-stine", "ml")
    turned = bootstrap(found, "bollen.stine", seed=1).moments[0]
    np.testing.assert_allclose(turned.cov, found.implied[0].sigma[0], rtol=1e-9, atol=1e-12)


def test_numbers_do_not_depend_on_how_the_work_is_divided() -> None:
    plan: Bootstrap = pickle.loads(pickle.dumps(bootstrap(solution("sem-poldem", "sem"), seed=11)))
    whole = plan.run(0, 70)
    parts = join([plan.run(0, 13), plan.run(13, 50), plan.run(50, 70)])
    # Other chunks, other order of additions: the last digits of a solution good to 1e-6 in the gradient.
    np.testing.assert_allclose(parts.x, whole.x, rtol=1e-6, atol=1e-8)
    assert parts.failed == whole.failed == 0
    assert not np.array_equal(whole.x, bootstrap(solution("sem-poldem", "sem"), seed=12).run(0, 70).x)


def test_a_replicate_is_the_fit_of_its_cases() -> None:
    found = solution("mg-hs-ml", "scalar")
    plan = bootstrap(found, seed=5)
    drawn = plan.run(0, 3)
    prepared = Prepared(plan.table, plan.settings)
    for number in range(3):
        seed = np.random.SeedSequence(np.random.SeedSequence(5).entropy, spawn_key=(number,))
        rows = list(plan._draw(seed))
        samples = tuple(one.drawn(row, True) for one, row in zip(plan.moments, rows, strict=True))
        alone = fit_alone(prepared, samples, found.x)
        np.testing.assert_allclose(drawn.x[number], alone.x[0], rtol=1e-5, atol=1e-5)


def test_normal_samples_from_the_model_have_its_expected_chi_square() -> None:
    found = solution("cfa-hs-marker", "cfa")
    drawn = bootstrap(found, "parametric", seed=2).run(0, 400)
    assert drawn.failed == 0
    # Chi-square with 24 df in samples of 301: mean slightly above 24, standard error .35.
    assert drawn.chisq.mean() == pytest.approx(24.3, abs=1.5)
    spread = np.abs(standard_errors(drawn.x) / found.standard_errors[found.table.free > 0] - 1)
    assert spread.max() < 0.2


def test_clusters_are_drawn_whole() -> None:
    found = solution("cluster-lq2002", "path-cluster")
    drawn = bootstrap(found, seed=3).run(0, 60)
    assert drawn.failed == 0
    assert np.isfinite(drawn.x).all()
    with pytest.raises(SurveykitError, match="M053"):
        bootstrap(found, "parametric", seed=3)


def test_weights_that_come_from_the_cases_are_estimated_again() -> None:
    found = solution("estimators-hs", "WLS")
    drawn = bootstrap(found, seed=3).run(0, 5)
    assert drawn.failed == 0
    assert np.all(np.abs(drawn.x - found.x).max(axis=1) > 0.01)


def test_inequalities_hold_in_every_replicate() -> None:
    found = solution("constraints-tutorial", "nonlinear-and-inequality")
    drawn = bootstrap(found, seed=3).run(0, 30)
    assert drawn.failed == 0
    assert found.constraints.g(drawn.x).min() >= -1e-8
    assert np.abs(found.constraints.h(drawn.x)).max() <= 1e-8


def stacks_of(case_id: str, name: str, counts: np.ndarray) -> tuple[Prepared, BatchFit]:
    found = solution(case_id, name)
    prepared = Prepared(found.table, found.settings)
    stacks = [weighted_moments(found.moments[0], counts, True)]
    return prepared, fit_stacks(prepared, stacks, np.array([301.0]), found.x)


def test_a_member_without_inverse_fails_alone() -> None:
    counts = np.ones((4, 301))
    counts[2] = 0
    counts[2, :5] = 60
    _, found = stacks_of("cfa-hs-marker", "cfa", counts)
    assert found.converged.tolist() == [True, True, False, True]
    assert np.isnan(found.x[2]).all()


def test_weighted_moments_are_those_of_the_drawn_cases() -> None:
    sample = solution("cfa-hs-marker", "cfa").moments[0]
    rows = np.random.default_rng(0).integers(0, sample.n, sample.n)
    counts = np.bincount(rows, minlength=sample.n)[None].astype(float)
    for divide in (True, False):
        stack: Stack = weighted_moments(sample, counts, divide)
        drawn = sample.drawn(rows, divide)
        np.testing.assert_allclose(stack.cov[..., 0], drawn.cov, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(stack.mean[..., 0], drawn.mean, rtol=1e-12)


def test_more_resamples_converge_than_in_lavaan() -> None:
    """Samples of 40 pupils: warm Newton steps alone find 251 of 300, lavaan 0.6-14 256, all means 270."""
    found = solution("cfa-hs-marker", "cfa")
    prepared = Prepared(found.table, found.settings)
    rng = np.random.default_rng(1)
    counts = np.array([np.bincount(rng.integers(0, 301, 40), minlength=301) for _ in range(40)])
    stack = weighted_moments(found.moments[0], counts.astype(float), True)
    fits = fit_stacks(prepared, [stack], np.array([40.0]), found.x)
    assert fits.converged.sum() >= 34
    assert (fits.admissible <= fits.converged).all()
    assert not fits.admissible.all()


def test_quantiles_interpolate_on_the_normal_scale() -> None:
    values = np.array([3.0, 1.0, 2.0, np.nan, 4.0])
    # boot::norm.inter in R: 2.5 % and 97.5 % are the ends, the median lies half-way.
    np.testing.assert_allclose(quantiles(values, np.array([0.025, 0.5, 0.975])), [1, 2.5, 4])
    np.testing.assert_allclose(quantiles(values, np.array([0.4])), [2.0])


def test_a_basic_interval_mirrors_the_percentile_one() -> None:
    draws = np.random.default_rng(0).gamma(2, size=(999, 1))
    low, high = intervals(draws, np.array([2.0]), "perc")[0]
    np.testing.assert_allclose(intervals(draws, np.array([2.0]), "basic")[0], [4 - high, 4 - low])


def test_a_quantity_that_does_not_vary_keeps_its_estimate() -> None:
    assert intervals(np.ones((50, 1)), np.array([1.0]), "bca").tolist() == [[1.0, 1.0]]
