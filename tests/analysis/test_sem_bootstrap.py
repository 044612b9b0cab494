"""The bootstrap on the public face, held to 200,000 replicates of R within its Monte Carlo error."""

import numpy as np
import pytest

from reference_data import case, dataset
from surveykit.analysis.sem import cfa, sem

DRAWS = 4000
TALOR = case("path-bootstrap-talor")
MEDIATION = TALOR["fits"][0]["model"]
# Errors of quantiles scale with sqrt(R_ref / R_ours); four of them, so one comparison in 16,000 fails.
SCALE = 4 * np.sqrt(TALOR["results"]["R"] / DRAWS)


@pytest.fixture(scope="module")
def fit():  # type: ignore[no-untyped-def]
    return sem(MEDIATION, dataset("tal_or"), se="bootstrap", bootstrap=DRAWS, seed=7)


def rows(fit, kind: str):  # type: ignore[no-untyped-def]
    frame = fit.parameter_estimates(boot_ci_type=kind)
    return frame.assign(name=frame["lhs"] + frame["op"] + frame["rhs"]).set_index("name")


@pytest.mark.parametrize("interval", TALOR["results"]["intervals"], ids=lambda one: one["parameter"])
def test_errors_and_intervals_are_rs(fit, interval: dict) -> None:  # type: ignore[no-untyped-def,type-arg]
    percentile, bca = rows(fit, "perc"), rows(fit, "bca")
    row = percentile.loc[interval["parameter"]]
    assert row["est"] == pytest.approx(interval["est"], rel=1e-6)
    assert abs(row["se"] - interval["boot_se"]) < SCALE * interval["boot_se_mc_error"]
    for frame, kind in ((percentile, "percentile"), (bca, "bca")):
        limits = frame.loc[interval["parameter"], ["ci_lower", "ci_upper"]].to_numpy(float)
        errors = np.array(interval[f"{kind}_mc_error"])
        assert np.all(np.abs(limits - interval[kind]) < SCALE * errors), kind


def test_the_other_intervals_hold_the_estimate(fit) -> None:  # type: ignore[no-untyped-def]
    for kind in ("norm", "basic", "bca.simple"):
        frame = rows(fit, kind)
        free = frame[frame["se"] > 0]
        assert ((free["ci_lower"] < free["est"]) & (free["est"] < free["ci_upper"])).all()


def test_replicates_have_a_row_each_and_a_column_a_parameter(fit) -> None:  # type: ignore[no-untyped-def]
    assert fit.bootstrap_estimates.shape == (DRAWS, len(fit.vcov()))
    assert np.allclose(np.cov(fit.bootstrap_estimates.T, bias=True), fit.vcov())


def test_the_numbers_do_not_depend_on_the_workers() -> None:
    data = dataset("tal_or")
    alone, two = (
        sem(MEDIATION, data, bootstrap=600, seed=11, n_jobs=jobs).bootstrap_estimates for jobs in (1, 2)
    )
    assert np.array_equal(alone, two)


def test_bollen_and_stine() -> None:
    reference = case("sem-bollen-stine")
    record, wanted = reference["fits"][0], reference["results"]
    fit = sem(record["model"], dataset(record["data"]), test="bollen.stine", bootstrap=2000, seed=5)
    tests = fit.tests().set_index("test")
    assert tests.loc["bollen.stine", "stat"] == pytest.approx(wanted["chisq"], rel=1e-6)
    # Both shares have their own Monte Carlo error; four standard deviations of their difference.
    error = wanted["mc_error"] * np.sqrt(1 + wanted["R_asked"] / 2000)
    assert abs(tests.loc["bollen.stine", "pvalue"] - wanted["p_bollen_stine"]) < 4 * error


def test_samples_that_fail_or_are_improper_are_counted() -> None:
    small = dataset("hs1939").head(25)
    fit = cfa("f =~ x1 + x2 + x3\ng =~ x4 + x5 + x6", small, bootstrap=200, seed=2)
    codes = {one.code for one in fit.notes}
    assert codes & {"M110", "M111"}
    assert len(fit.bootstrap_estimates) <= 200


def test_incomplete_and_ordered_data_are_resampled_too() -> None:
    data = dataset("hs1939_missing")
    model = "visual =~ x1 + x2 + x3"
    fit = cfa(model, data, missing="ml", bootstrap=30, seed=1)
    assert np.isfinite(fit.parameter_estimates().query("se > 0")["se"]).all()
    assert len(fit.bootstrap_estimates) > 25


@pytest.mark.slow
def test_a_dask_cluster_gives_the_same_numbers() -> None:
    distributed = pytest.importorskip("distributed", reason="the extra 'distributed' is not installed")
    import joblib

    data = dataset("tal_or")
    here = sem(MEDIATION, data, bootstrap=600, seed=11).bootstrap_estimates
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster),
        joblib.parallel_config(backend="dask"),
    ):
        there = sem(MEDIATION, data, bootstrap=600, seed=11, n_jobs=2).bootstrap_estimates
    assert np.array_equal(here, there)
