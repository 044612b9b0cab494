"""What can be asked of a fit, in which form it comes, and what it says when there is no answer."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

import surveykit as sk
from reference_data import dataset
from surveykit.errors import SurveykitError

HS = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
MEDIATION = """
    visual =~ x1 + x2 + x3
    textual =~ x4 + x5 + x6
    textual ~ a*visual + sex
    x9 ~ b*textual + c*sex
    ab := a*b
"""
NEVER = "f =~ x1 + x2 + x3\ng =~ x1 + x2 + x4\nh =~ x5 + x6 + x4"
DATA = dataset("hs1939")
ESTIMATES = [
    "lhs",
    "op",
    "rhs",
    "group",
    "label",
    "est",
    "se",
    "z",
    "pvalue",
    "ci_lower",
    "ci_upper",
    "std_lv",
    "std_all",
]


@pytest.fixture(scope="module")
def fit() -> Any:
    return sk.cfa(HS, DATA)


@pytest.fixture(scope="module")
def schools() -> Any:
    return sk.cfa(HS, DATA, group="school", group_equal="loadings")


def refused(ask: Any) -> str:
    with pytest.raises(SurveykitError) as caught:
        ask()
    return caught.value.code


# --- form ----------------------------------------------------------------------------------


def test_columns_are_those_of_the_manual(fit: Any) -> None:
    assert list(fit.parameter_estimates()) == ESTIMATES
    standardized = ["lhs", "op", "rhs", "group", "est_std", "se", "z", "pvalue", "ci_lower", "ci_upper"]
    assert list(fit.standardized_solution()) == standardized
    indices = ["lhs", "op", "rhs", "group", "mi", "epc", "sepc_lv", "sepc_all", "sepc_nox"]
    assert list(fit.modification_indices()) == indices
    assert fit.fit_measures().dtype == float
    assert {"gfi", "agfi", "cfi", "srmr", "rmsea_ci_lower", "bic2"} <= set(fit.fit_measures().index)


def test_a_fixed_parameter_has_no_test(fit: Any) -> None:
    marker = fit.parameter_estimates().iloc[0]
    assert (marker["est"], marker["se"], marker["ci_lower"], marker["ci_upper"]) == (1, 0, 1, 1)
    assert math.isnan(marker["z"])
    assert math.isnan(marker["pvalue"])


def test_groups_are_numbered_in_rows_and_named_in_parts(schools: Any) -> None:
    assert set(schools.parameter_estimates()["group"]) == {1, 2}
    assert schools.group_labels == ("Pasteur", "Grant-White")
    for part in (schools.implied(), schools.residuals(), schools.r_squared(), schools.sample_moments()):
        assert list(part) == ["Pasteur", "Grant-White"]
    implied, residual = schools.implied()["Pasteur"], schools.residuals()["Pasteur"]
    observed = schools.sample_moments()["Pasteur"]
    pd.testing.assert_frame_equal(observed["cov"] - implied["cov"], residual["cov"])
    pd.testing.assert_series_equal(observed["mean"] - implied["mean"], residual["mean"])


def test_a_single_group_comes_without_a_label(fit: Any) -> None:
    assert fit.group_labels == ()
    assert list(fit.implied()) == ["cov"]
    assert list(fit.implied()["cov"]) == [f"x{number}" for number in range(1, 10)]
    assert fit.r_squared().name == "r_squared"


def test_scores_stand_under_the_labels_of_the_cases() -> None:
    data = DATA.set_index("id").drop(index=2)
    scores = sk.cfa(HS, data).factor_scores()
    assert list(scores.index) == list(data.index)
    assert list(scores) == ["visual", "textual", "speed"]
    several = sk.cfa(HS, data, group="school").factor_scores(se=True)
    assert list(several)[-1] == "group"
    assert set(several.index) == set(data.index)
    assert (several.loc[several["group"] == "Pasteur", "visual_se"].nunique()) == 1


def test_effects_add_up() -> None:
    found = sk.sem(MEDIATION, DATA).effects().set_index(["lhs", "rhs", "effect"])
    parts = [found.loc["x9", "sex", kind] for kind in ("direct", "indirect", "total")]
    assert parts[0]["est"] + parts[1]["est"] == pytest.approx(parts[2]["est"], rel=1e-10)
    defined = sk.sem(MEDIATION, DATA).parameter_estimates().set_index("lhs").loc["ab"]
    indirect = found.loc["x9", "visual", "indirect"]
    assert (indirect["est"], indirect["se"]) == pytest.approx((defined["est"], defined["se"]), rel=1e-8)


def test_intervals_have_the_level_asked_for() -> None:
    wide, narrow = (sk.cfa(HS, DATA, conf_level=level).parameter_estimates() for level in (0.99, 0.9))
    free = wide["se"] > 0
    assert (wide["ci_lower"] < narrow["ci_lower"])[free].all()
    half = (wide["ci_upper"] - wide["est"])[free] / wide["se"][free]
    assert np.allclose(half, 2.5758293035489)


def test_modification_indices_can_be_narrowed_down(fit: Any) -> None:
    everything = fit.modification_indices()
    assert everything["mi"].is_monotonic_decreasing
    assert len(fit.modification_indices(maximum=5)) == 5
    assert set(fit.modification_indices(op="~~")["op"]) == {"~~"}
    assert (fit.modification_indices(minimum=10)["mi"] >= 10).all()
    unsorted = fit.modification_indices(sort=False)
    assert sorted(unsorted["mi"]) == sorted(everything["mi"])


def test_a_modification_index_is_what_freeing_gains(fit: Any) -> None:
    # A score test is the chi-square difference to first order: here within an eighth.
    best = fit.modification_indices(maximum=1).iloc[0]
    freed = sk.cfa(f"{HS}\n{best['lhs']} {best['op']} {best['rhs']}", DATA)
    gain = fit.fit_measures()["chisq"] - freed.fit_measures()["chisq"]
    assert best["mi"] == pytest.approx(gain, rel=0.125)


def test_options_say_what_the_defaults_became(fit: Any) -> None:
    assert fit.options["se"] == "standard"
    assert fit.options["information"] == ("expected", "expected")
    robust = sk.cfa(HS, DATA, estimator="MLR").options
    assert (robust["se"], robust["information"][0]) == ("robust.huber.white", "observed")


def test_plain_values_can_be_written_as_json() -> None:
    plain = sk.sem(MEDIATION, DATA, estimator="MLR").to_dict()
    assert {"parameter_estimates", "fit_measures", "notes", "converged"} <= set(plain)
    assert json.loads(json.dumps(plain, allow_nan=False))["function"] == "sem"


def test_a_fit_shows_itself_in_a_line(fit: Any) -> None:
    assert repr(fit) == ("<SemFit: ML, chi-square(24) = 85.31, p < .001, CFI = .931, RMSEA = .092, n = 301>")
    assert fit.loglik == pytest.approx(-3737.74492, rel=1e-8)


# --- no answer -----------------------------------------------------------------------------


def test_a_fit_that_was_not_found_answers_with_a_refusal() -> None:
    lost = sk.cfa(NEVER, DATA)
    assert not lost.converged
    assert not lost.admissible
    assert "not converged" in repr(lost)
    for ask in (
        lost.fit_measures,
        lost.modification_indices,
        lost.score_test,
        lambda: lost.wald_test("f~~g == 0"),
    ):
        assert refused(ask) == "M097"
    assert "did NOT converge" in lost.summary()
    assert lost.to_dict()["fit_measures"] is None


def test_questions_without_an_answer_are_refused(fit: Any) -> None:
    assert refused(fit.score_test) == "M099"
    assert refused(sk.sem("x1 ~ x2", DATA).factor_scores) == "M098"
    summary = sk.cfa("f =~ x1 + x2 + x3", sample_cov=DATA[["x1", "x2", "x3"]].cov(), sample_nobs=301)
    assert refused(summary.factor_scores) == "M094"
    without = sk.cfa(HS, DATA, se="none")
    assert refused(without.vcov) == "M115"
    assert refused(lambda: without.wald_test("visual~~speed == 0")) == "M115"
    given_x = sk.sem("x1 ~ sex", DATA, conditional_x=True)
    assert refused(lambda: given_x.residuals("standardized")) == "M115"
    bounded = sk.cfa("f =~ x1 + a*x2 + b*x3 + x4\na > b", DATA)
    assert refused(bounded.score_test) == "M115"
    assert refused(lambda: fit.wald_test("")) == "M003"


@pytest.mark.parametrize(
    "ask",
    [
        lambda fit: fit.residuals("studentized"),
        lambda fit: fit.factor_scores("mean"),
        lambda fit: fit.standardized_solution("std.ov"),
        lambda fit: fit.modification_indices(op="=="),
        lambda fit: fit.parameter_estimates(boot_ci_type="bc"),
    ],
)
def test_unknown_words_are_refused(fit: Any, ask: Any) -> None:
    assert refused(lambda: ask(fit)) == "O001"


def test_without_errors_or_tests_there_are_none() -> None:
    without = sk.cfa(HS, DATA, se="none", test="none")
    assert without.parameter_estimates()["z"].isna().all()
    assert math.isnan(without.fit_measures()["chisq"])
    assert "Latent Variables:" in without.summary()


@pytest.mark.parametrize(
    ("model", "data", "options", "measure", "reason"),
    [
        ("f =~ x1 + x2 + x3", "hs1939", {}, "pvalue", "df = 0"),
        (HS, "hs1939", {"test": "none"}, "chisq", "test='none'"),
        ("f =~ u1 + u2 + u3 + u4", "datcat", {"ordered": True}, "pvalue", "estimator='WLSMV'"),
        ("f =~ u1 + u2 + u3 + u4", "datcat", {"ordered": ["u1"]}, "cfi_robust", "numeric: u2, u3, u4"),
        (
            "f =~ u1 + u2 + u3 + u4",
            "datcat",
            {"ordered": True, "group": "g", "group_equal": ["thresholds"]},
            "cfi_robust",
            "~*~, parameterization='delta'",
        ),
    ],
)
def test_a_measure_without_a_value_has_a_reason(
    model: str, data: str, options: dict[str, Any], measure: str, reason: str
) -> None:
    fit = sk.cfa(model, dataset(data), **options)
    measures = fit.fit_measures()
    assert math.isnan(measures[measure])
    told = next(one for one in measures.attrs["notes"] if f" {measure}" in one)
    assert told.startswith("[M114]")
    assert reason in told
    listed = " ".join(measures.attrs["notes"])
    assert all(name in listed for name in measures.index[measures.isna()])
    assert (told in fit.summary()) == measure.endswith("_robust")


# --- shortcomings --------------------------------------------------------------------------


def test_a_negative_variance_is_named() -> None:
    fit = sk.cfa("f =~ x3 + x4 + x5", DATA)
    (note,) = fit.notes
    assert (note.code, note.fields["names"], fit.admissible) == ("M107", "x4", False)
    by_group = sk.cfa("f =~ x3 + x4 + x5", DATA, group="school").notes
    assert [one.code for one in by_group] == ["M107"]
    assert "(" in by_group[0].fields["names"]


def test_factors_that_are_one_are_told() -> None:
    fit = sk.cfa("f =~ x1 + x2 + x3\ng =~ x9 + x4", DATA)
    (note,) = fit.notes
    assert (note.code, fit.admissible) == ("M108", False)
    assert float(note.fields["largest"]) >= 1


def test_impossible_residual_covariances_are_told() -> None:
    fit = sk.sem(
        "ind60 =~ x1 + x2 + x3\ndem60 =~ y1 + y2 + y3 + y4\ndem65 =~ y5 + y6 + y7 + y8\ndem60 ~ ind60\n"
        "dem65 ~ ind60 + dem60\ny1 ~~ y5\ny2 ~~ y4 + y6\ny3 ~~ y7\ny4 ~~ y8\ny6 ~~ y8",
        dataset("poldem20"),
    )
    assert [one.code for one in fit.notes] == ["M107", "M109"]


def test_lavaans_options_given_x() -> None:
    model = "visual =~ x1 + x2 + x3\nvisual ~ sex + ageyr"
    fixed, given = sk.sem(model, DATA), sk.sem(model, DATA, conditional_x=True)
    assert given.options["conditional_x"]
    assert given.fit_measures()["chisq"] == pytest.approx(fixed.fit_measures()["chisq"], rel=1e-9)
    parts = given.sample_moments()
    assert list(parts) == ["cov", "mean", "slopes", "cov_x", "mean_x"]
    assert list(parts["slopes"].columns) == ["sex", "ageyr"]
    again = sk.sem(given.parameter_table(), DATA, conditional_x=True)
    assert again.fit_measures()["cfi"] == pytest.approx(given.fit_measures()["cfi"], rel=1e-9)
    assert refused(lambda: sk.sem(model, DATA, conditional_x=True, estimator="GLS")) == "M040"
    assert refused(lambda: sk.sem(model, DATA, conditional_x=True, fixed_x=False)) == "M038"


@pytest.mark.parametrize(
    "model",
    ["u1 ~ x + c", "f =~ u1 + u2 + u3\nf ~ x", "f =~ u1 + u2 + u3\nu4 ~ f + x", "u1 ~ x\nu2 ~ u1 + c"],
)
def test_standardized_errors_of_ordered_outcomes_do_not_depend_on_the_parameterization(model: str) -> None:
    """The same model in other parameters: what is standardized has one value and one error."""
    rng = np.random.default_rng(5)
    x, c, f = rng.normal(size=(3, 500))
    f = 0.5 * x + f
    latent = {f"u{at}": 0.8 * f + 0.3 * c + rng.normal(size=500) for at in range(1, 5)}
    data = pd.DataFrame({name: np.digitize(one, [-0.8, 0.5]) for name, one in latent.items()})
    ordered = list(data)
    data["x"], data["c"] = x, c
    delta, theta = (
        sk.sem(model, data, ordered=ordered, parameterization=one).standardized_solution()
        for one in ("delta", "theta")
    )
    rows = ~delta["op"].isin(["~*~"])
    # The errors under delta come from central differences, good to about nine digits.
    for column in ("est_std", "se"):
        np.testing.assert_allclose(delta.loc[rows, column], theta.loc[rows, column], rtol=2e-6, atol=2e-7)
