"""Fits found by trying random models beside lavaan: what once differed, with lavaan's own numbers.

R: lavaan 0.7-2, ``fit <- function(...) sem(..., bad.marker.crit = 0, control = list(rel.tol = 1e-13),
optim.force.converged = TRUE)``; the R lines stand above the values. Numbers are printed to eight or nine
digits; lavaan's optimizer leaves about six of them, so does the tolerance.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

import surveykit as sk
from reference_data import dataset
from surveykit.errors import SurveykitError, SurveykitWarning

DATA = dataset("hs1939")
MISSING = dataset("hs1939_missing")
DIGITS = 2e-5


def cut(data: pd.DataFrame) -> pd.DataFrame:
    """d$u1 <- 1 + (d$x1 > 4) + (d$x1 > 6), and so on."""
    limits = {"x1": (4, 6), "x2": (5, 7), "x3": (2, 3.5), "x4": (2.5, 4)}
    items = {
        f"u{at}": 1 + (data[name] > low).astype(int) + (data[name] > high).astype(int)
        for at, (name, (low, high)) in enumerate(limits.items(), 1)
    }
    return data.assign(**items)


ITEMS = cut(DATA)
U = ["u1", "u2", "u3", "u4"]


def rows(fit: sk.SemFit, *names: str) -> dict[str, tuple[float, float]]:
    """Estimates and standard errors of the rows named "lhs op rhs"."""
    frame = fit.parameter_estimates()
    keys = [" ".join(key) for key in zip(frame["lhs"], frame["op"], frame["rhs"], strict=True)]
    found = dict(zip(keys, zip(frame["est"], frame["se"], strict=True), strict=True))
    return {name: found[name] for name in names}


def agree(fit: sk.SemFit, measures: dict[str, float], parameters: dict[str, tuple[float, float]]) -> None:
    ours = fit.fit_measures()
    assert {name: ours[name] for name in measures} == pytest.approx(measures, rel=DIGITS, abs=1e-7)
    for name, values in rows(fit, *parameters).items():
        assert values == pytest.approx(parameters[name], rel=DIGITS), name


@pytest.mark.parametrize(
    ("estimator", "rescale", "measures", "parameters"),
    [
        # fit("f =~ x1+x2+x3+x4", d, estimator = "MLM", sample.cov.rescale = FALSE)
        (
            "MLM",
            False,
            {"chisq": 11.7982198, "chisq_scaled": 10.0684402, "srmr": 0.0448775556, "logl": -1814.31779},
            {
                "f =~ x2": (0.54661796, 0.10988896),
                "x1 ~~ x1": (0.52885743, 0.16587955),
                "f ~~ f": (0.83404020, 0.19187262),
            },
        ),
        # fit("f =~ x1+x2+x3+x4", d, estimator = "ULS", sample.cov.rescale = TRUE)
        (
            "ULS",
            True,
            {"chisq": 10.696680152, "srmr": 0.043528753},
            {
                "f =~ x2": (0.57927313, 0.10942395),
                "x1 ~~ x1": (0.54766765, 0.12806512),
                "f ~~ f": (0.81070222, 0.15751797),
            },
        ),
    ],
)
def test_the_divisor_of_raw_moments_can_be_chosen(
    estimator: str, rescale: bool, measures: dict[str, float], parameters: dict[str, tuple[float, float]]
) -> None:
    fit = sk.sem("f =~ x1 + x2 + x3 + x4", DATA, estimator=estimator, sample_cov_rescale=rescale)
    agree(fit, measures, parameters)


def test_scales_given_covariates_have_their_own_errors() -> None:
    # s <- standardizedSolution(fit("f =~ u1+u2+u3\nf ~ ageyr + sex", d, ordered = u[1:3],
    #   parameterization = "theta"), type = "std.lv"); s[s$op == "~*~", ]
    model = "f =~ u1 + u2 + u3\nf ~ ageyr + sex"
    fit = sk.sem(model, ITEMS, ordered=U[:3], parameterization="theta")
    found = fit.standardized_solution("std.lv").query("op == '~*~'")
    assert found["est_std"].tolist() == pytest.approx([0.83492277, 0.86721102, 0.68374909], rel=DIGITS)
    assert found["se"].tolist() == pytest.approx([0.05227256, 0.046169585, 0.099212958], rel=DIGITS)


def test_robust_indices_of_ordered_items_count_nonlinear_equalities() -> None:
    # fit("f =~ u1+a*u2+b*u3+u4\nb == a^2", d, ordered = u), and the same without the constraint
    free = "f =~ u1 + a*u2 + b*u3 + u4"
    measures = sk.sem(free + "\nb == a^2", ITEMS, ordered=U).fit_measures()
    assert measures[["df", "cfi_robust", "rmsea_robust"]].tolist() == pytest.approx(
        [3, 0.865165810, 0.149115747], rel=1e-4
    )
    assert sk.sem(free, ITEMS, ordered=U).fit_measures()["cfi_robust"] == pytest.approx(0.913295699, rel=1e-4)


def test_thresholds_fixed_at_no_value_are_the_samples() -> None:
    # f <- fit("f =~ u1+u2+u3+u4", d, ordered = u, auto.th = FALSE); parameterEstimates(f), op "|"
    fit = sk.sem("f =~ u1 + u2 + u3 + u4", ITEMS, ordered=U, auto_th=False)
    thresholds = fit.parameter_estimates().query("op == '|'")["est"]
    wanted = [-0.78595528, 0.96964011, -0.91764646, 0.95639951]
    wanted += [-0.012491828, 0.91764646, -0.59552137, 0.95639951]
    assert thresholds.tolist() == pytest.approx(wanted, rel=1e-7)
    agree(fit, {"npar": 4, "df": 10, "chisq": 6.20867838}, {})


def test_a_composite_without_indicators() -> None:
    # fit("c =~ 0\nc ~ 1*x1 + w2*x2 + w3*x3\nc ~~ 0*c\ntextual =~ x4 + x5 + x6\ntextual ~ c\nx9 ~ c", d)
    model = "c =~ 0\nc ~ 1*x1 + w2*x2 + w3*x3\nc ~~ 0*c\ntextual =~ x4 + x5 + x6\ntextual ~ c\nx9 ~ c"
    agree(
        sk.sem(model, DATA),
        {"npar": 12, "df": 10, "chisq": 21.3245585, "logl": -1557.0144634},
        {
            "c ~ x2": (0.20409493, 0.13634959),
            "c ~ x3": (0.26986819, 0.16007486),
            "textual ~ c": (0.27359034, 0.048007558),
            "x9 ~ c": (0.29887545, 0.046369918),
        },
    )


def test_clusters_switch_the_outer_product_off() -> None:
    # fit("f =~ x1+x2+x3+x4", d, estimator = "MLF", cluster = "agemo")
    fit = sk.sem("f =~ x1 + x2 + x3 + x4", DATA, estimator="MLF", cluster="agemo")
    assert fit.options["information"] == ("expected", "observed")
    # ... estimator = "MLMV": se of f =~ x2 is the same
    other = sk.sem("f =~ x1 + x2 + x3 + x4", DATA, estimator="MLMV", cluster="agemo")
    assert rows(other, "f =~ x2") == rows(fit, "f =~ x2")
    agree(
        fit,
        {"chisq": 11.79821976, "chisq_scaled": 8.90026132},
        {
            "f =~ x2": (0.54661807, 0.12585149),
            "f =~ x3": (0.70427612, 0.16785428),
            "f =~ x4": (0.54018097, 0.16717509),
        },
    )


def test_errors_from_the_outer_product() -> None:
    # parameterEstimates(fit("f =~ x1+x2+x3+x4", d, se = "first.order"))
    fit = sk.sem("f =~ x1 + x2 + x3 + x4", DATA, se="first.order")
    wanted = [0.10571973, 0.11924532, 0.095839804, 0.10664293, 0.10334286, 0.10493356, 0.095548437]
    assert fit.parameter_estimates()["se"][1:8].tolist() == pytest.approx(wanted, rel=DIGITS)


@pytest.mark.parametrize("word", ["ml.x", "fiml.x", "direct.x"])
def test_rows_that_lack_a_fixed_x_may_stay(word: str) -> None:
    # fit("x9 ~ x7 + x4\nx7 ~ x4", m, missing = "ml.x", fixed.x = TRUE, em.h1.args = list(tol = 1e-10))
    # lavaan's baseline.chisq is 43.1726086 and not 2 (782.17633024 - 760.58785684), which its own
    # log-likelihoods of lav_object_independence(fit) give: it fixes x at two values (decisions, 14).
    fit = sk.sem("x9 ~ x7 + x4\nx7 ~ x4", MISSING, missing=word, fixed_x=True)
    assert fit.options["missing"] == "ml.x"
    agree(
        fit,
        {"ntotal": 301, "npar": 7, "logl": -760.5878568, "aic": 1535.1757137, "baseline_chisq": 43.1769468},
        {
            "x9 ~ x7": (0.26635497, 0.055656848),
            "x9 ~ x4": (0.13352169, 0.057269809),
            "x7 ~ x4": (0.18829237, 0.058978686),
        },
    )


@pytest.mark.parametrize(("word", "same"), [("direct", "ml"), ("available.cases", "pairwise")])
def test_lavaans_other_words_for_missing_values(word: str, same: str) -> None:
    fits = [sk.cfa("f =~ x1 + x2 + x3 + x4", MISSING, missing=one) for one in (word, same)]
    assert fits[0].options == fits[1].options
    assert fits[0].fit_measures()["chisq"] == fits[1].fit_measures()["chisq"]


def test_a_saturated_model_of_incomplete_rows_fits() -> None:
    # fit("x9 ~ x7 + x4\nx7 ~ x4", m, missing = "ml", fixed.x = FALSE): cfi.robust tli.robust rmsea.robust
    measures = sk.sem("x9 ~ x7 + x4\nx7 ~ x4", MISSING, missing="ml", fixed_x=False).fit_measures()
    found = measures[["cfi_robust", "tli_robust", "rmsea_robust", "rmsea_ci_upper_robust"]]
    assert found.tolist() == pytest.approx([1, 1, 0, 0], abs=1e-12)


def test_an_inactive_inequality_costs_no_degree_of_freedom() -> None:
    # lavaan: df 9 without the inequality and 8 with it, at the same chi-square 24.5140522. It then forgets
    # the nonlinear equality; the inequality leaves the model as it is, so 9 is right (decisions, 14).
    model = "visual =~ x1 + l2*x2 + l3*x3\ntextual =~ x4 + x5 + x6\nl2 == l3^2"
    for text in (model, model + "\nl3 > 0.1"):
        measures = sk.sem(text, DATA).fit_measures()
        assert measures["df"] == 9
        assert measures["chisq"] == pytest.approx(24.5140522, rel=1e-6)


def test_a_latent_variable_without_variance_is_standardized() -> None:
    # lavaan: std.lv and std.all of its loadings are 0, with error 0; its correlations have no value
    model = "i =~ 1*t1 + 1*t2 + 1*t3 + 1*t4\ns =~ 0*t1 + 1*t2 + 2*t3 + 3*t4\nq =~ 0*t1 + 1*t2 + 4*t3 + 9*t4"
    fit = sk.growth(model + "\nq ~~ 0*q + 0*i + 0*s", dataset("demo_growth"))
    for kind in ("std.all", "std.lv", "std.nox"):
        found = fit.standardized_solution(kind)
        loadings = found[(found["lhs"] == "q") & (found["op"] == "=~")]
        assert not loadings[["est_std", "se"]].to_numpy().any()
        correlations = found[(found["op"] == "~~") & (found["lhs"] != found["rhs"])]
        with_q = (correlations["lhs"] == "q") | (correlations["rhs"] == "q")
        assert correlations["est_std"][with_q].isna().all()
        assert np.isfinite(correlations["est_std"][~with_q]).all()


def test_a_singular_implied_correlation_matrix_has_a_reason() -> None:
    model = "f =~ 1*u1 + 1*u2 + 1*u3\nf ~~ 1*f"  # all correlations are 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SurveykitWarning)
        fit = sk.cfa(model, ITEMS, ordered=U[:3])
        measures = fit.fit_measures()
    assert math.isnan(measures["cfi_robust"])
    assert "eigenvalue" in str(fit.notes) + fit.summary()


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"estimator": "MLR", "information": "first.order"}, "se='robust.huber.white'"),
        ({"estimator": "MLM", "information": "first.order"}, "se='robust.sem'"),
        ({"information": ["expected", "first.order"], "test": "satorra.bentler"}, "test='satorra.bentler'"),
        ({"estimator": "MLR", "se": "first.order"}, "test='yuan.bentler.mplus'"),
        ({"estimator": "WLS", "test": "scaled.shifted"}, "scaled.shifted"),
        ({"estimator": "GLS", "test": "satorra.bentler"}, "satorra.bentler"),
        ({"cluster": "agemo", "test": "scaled.shifted"}, "cluster="),
    ],
)
def test_what_lavaan_refuses_too(options: dict[str, Any], named: str) -> None:
    with pytest.raises(SurveykitError) as refusal:
        sk.cfa("f =~ x1 + x2 + x3 + x4", DATA, **options)
    assert refusal.value.code == "M040"
    assert named in str(refusal.value)


def test_the_estimators_own_test_comes_first() -> None:
    # lavInspect(fit("f =~ x1+x2+x3+x4", d, estimator = "MLM", test = "browne.residual.adf"), "options")$test
    fit = sk.cfa("f =~ x1 + x2 + x3 + x4", DATA, estimator="MLM", test="browne.residual.adf")
    assert fit.options["test"] == ("standard", "satorra.bentler", "browne.residual.adf")


@pytest.mark.parametrize(
    "constraints",
    ["a > 2\na < 1", "a == b\na > 1\nb < 0.5", "a + b > 3\na < 1\nb < 1", "a*b > 1\na < 1\na > 2"],
)
def test_inequalities_that_contradict_one_another_are_named(constraints: str) -> None:
    with pytest.raises(SurveykitError) as refusal:
        sk.cfa("f =~ x1 + a*x2 + b*x3 + x4\n" + constraints, DATA)
    assert refusal.value.code == "M019"
    assert "a < 1" in str(refusal.value) or "b < 0.5" in str(refusal.value)


def test_a_negative_variance_is_no_constant() -> None:
    cov = pd.DataFrame([[-1, 0.5, 0.4], [0.5, 1, 0.3], [0.4, 0.3, 1]], index=list("abc"), columns=list("abc"))
    with pytest.raises(SurveykitError) as refusal:
        sk.cfa("f =~ a + b + c", sample_cov=cov, sample_nobs=100)
    assert refusal.value.code == "M045"
    assert refusal.value.fields["names"] == "a"
