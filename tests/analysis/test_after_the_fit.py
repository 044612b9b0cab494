"""What is asked of a fitted model, beyond the reference's cases: numbers typed in, with the R that made them.

lavaan 0.7-2; ``d`` is the data set of the reference that the test names, options as in the test.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from reference_data import dataset
from surveykit.analysis.sem import cfa, sem
from surveykit.errors import SurveykitError
from surveykit.estimation.sem import score_test as score_test_module
from surveykit.estimation.sem.restricted import constrained_inverse

CURVED = "visual =~ x1 + l2*x2 + l3*x3\ntextual =~ x4 + x5 + x6\nl2 == l3^2"


# modindices(cfa("f =~ u1 + u2 + u3 + u4 + u5", d, ordered = TRUE, group = "g",
#                parameterization = "theta", group.equal = "loadings"), op = "~*~")
def test_scales_have_modification_indices_under_theta() -> None:
    fit = cfa(
        "f =~ u1 + u2 + u3 + u4 + u5",
        dataset("datcat"),
        ordered=True,
        group="g",
        parameterization="theta",
        group_equal="loadings",
    )
    frame = fit.modification_indices(sort=False, op="~*~").set_index(["lhs", "group"])
    lavaan = pd.DataFrame(
        {
            "mi": [0.492866, 0.035675, 1.998236, 0.506255, 0.073185, 0.492894, 0.035691, 1.998169, 0.506285],
            "epc": [
                0.054798,
                -0.02173,
                -0.146761,
                0.091232,
                0.047278,
                -0.058249,
                0.022677,
                0.153808,
                -0.0947,
            ],
            "sepc_all": [1.0, -1.0, -1.0, 1.0, 1.0, -1.0, 1.0, 1.0, -1.0],
        },
        index=pd.MultiIndex.from_tuples(
            [(f"u{at}", 1) for at in range(1, 6)] + [(f"u{at}", 2) for at in range(1, 5)]
        ),
    )
    # lavaan stops at 1e-5 of its optimum here.
    np.testing.assert_allclose(frame.loc[lavaan.index, lavaan.columns], lavaan, rtol=1e-3)
    variances = fit.modification_indices(sort=False, op="~~").query("lhs == rhs")
    np.testing.assert_allclose(variances["mi"], frame["mi"], rtol=1e-8)  # the same release


# modindices(cfa(CURVED, d)): a nonlinear constraint holds the information that is inverted
def test_modification_indices_know_nonlinear_constraints() -> None:
    frame = cfa(CURVED, dataset("hs1939")).modification_indices(sort=False).set_index(["lhs", "op", "rhs"])
    for key, mi, epc in (
        (("visual", "=~", "x1"), 0.170191907, 0.1208573989),
        (("visual", "=~", "x5"), 8.129919999, -0.2242407404),
        (("textual", "=~", "x1"), 7.928631986, 0.2921942470),
        (("textual", "=~", "x2"), 0.010599229, -0.0086522918),
    ):
        # lavaan's constrained optimum is good to three digits only.
        assert frame.loc[key, "mi"] == pytest.approx(mi, rel=2e-3)
        assert frame.loc[key, "epc"] == pytest.approx(epc, rel=2e-3)


# coef(lm(x1 ~ ageyr, d))[1], x2 alike; lavInspect(sem(model, d, ordered = "x3"), "sampstat")$res.int
def test_intercepts_of_mixed_outcomes_given_covariates() -> None:
    data = dataset("hs1939")
    data = data.assign(x3=pd.cut(data["x3"], [-np.inf, 1.5, 2.5, np.inf], labels=False))
    fit = sem("f =~ x1 + x2 + x3\nf ~ ageyr", data, ordered="x3")
    sample = fit.sample_moments()["mean"]
    assert sample[["x1", "x2"]].to_list() == pytest.approx([5.80212786615, 6.31035832581], rel=1e-7)
    assert fit.residuals()["mean"].abs().max() < 1e-7


# standardizedSolution(sem("f =~ x1 + x2 + x3\nf ~ ageyr", d, ordered = TRUE, parameterization = "theta"),
#                      type = "std.lv"), with x1 x2 x3 cut at their quantiles 0.3 and 0.7
def test_errors_of_scales_given_covariates() -> None:
    data = dataset("hs1939")
    cuts = {name: pd.qcut(data[name], [0, 0.3, 0.7, 1], labels=False) for name in ("x1", "x2", "x3")}
    fit = sem("f =~ x1 + x2 + x3\nf ~ ageyr", data.assign(**cuts), ordered=True, parameterization="theta")
    scales = fit.standardized_solution("std.lv").query("op == '~*~'")
    assert scales["est_std"].to_list() == pytest.approx([0.82111222, 0.88096495, 0.67133006], rel=1e-4)
    assert scales["se"].to_list() == pytest.approx([0.060614019, 0.043104125, 0.113837766], rel=1e-3)


MEDIATION = "x7 ~ a*x1\nx9 ~ b*x7 + c*x1\nind := a*b\ntot := a*b + c"


@pytest.mark.parametrize("kind", ["perc", "norm", "basic", "bca.simple", "bca"])
def test_bootstrapped_effects_are_the_defined_parameters(kind: str) -> None:
    fit = sem(MEDIATION, dataset("hs1939").head(80), bootstrap=60, seed=7)
    effects = fit.effects(boot_ci_type=kind).set_index(["lhs", "rhs", "effect"])
    named = fit.parameter_estimates(boot_ci_type=kind).set_index("lhs")
    columns = ["est", "se", "ci_lower", "ci_upper"]
    for effect, name in (("indirect", "ind"), ("total", "tot")):
        found = effects.loc[("x9", "x1", effect), columns].to_numpy(float)
        np.testing.assert_allclose(found, named.loc[name, columns].to_numpy(float), rtol=1e-10)


def test_bootstrapped_effects_of_a_predictor_in_large_units_keep_their_errors() -> None:
    data = dataset("hs1939").head(80)
    frames = [
        sem(MEDIATION, data.assign(x1=data["x1"] * unit), bootstrap=60, seed=7).effects() for unit in (1, 1e4)
    ]
    wanted, found = (frame[frame["rhs"] == "x1"] for frame in frames)
    columns = ["z", "pvalue"]
    # Each replicate stops at a gradient of its own units.
    np.testing.assert_allclose(found[columns].to_numpy(), wanted[columns].to_numpy(), rtol=1e-4)
    np.testing.assert_allclose(found["se"].to_numpy() * 1e4, wanted["se"].to_numpy(), rtol=1e-4)


# lavaan 0.7-2: sem("x7 ~ a*x1 + b*x2\na + b == 0\nd := a + b", d): d has est 0, se 0, z and p NA
@pytest.mark.parametrize("options", [{}, {"bootstrap": 40, "seed": 3}])
@pytest.mark.parametrize(
    "text",
    [
        "x7 ~ a*x1 + b*x2\na + b == 0\nd := a + b\ne := 1000*(a + b)\nr := a/b",
        "x7 ~ a*x1 + b*x2\na*b == 0.01\nd := a*b - 0.01\ne := a*b",
        "x7 ~ a*x1\nx9 ~ b*x7 + c*x1\nc + a*b == 0\nd := c + a*b",
    ],
)
def test_what_a_constraint_fixes_has_no_error(text: str, options: dict[str, Any]) -> None:
    fit = sem(text, dataset("hs1939"), **options)
    defined = fit.parameter_estimates().query("op == ':='")
    assert (defined["se"] == 0).all()
    assert defined[["z", "pvalue"]].isna().all(axis=None)
    effects = fit.effects()
    zero = effects[effects["est"].abs() < 1e-8]
    assert len(zero) == text.count("c + a*b ==")
    assert (zero["se"] == 0).all()
    assert (effects["se"] > 0).sum() == len(effects) - len(zero)


def test_standardized_intervals_come_from_standardized_replicates() -> None:
    fit = sem("x9 ~ x1", dataset("hs1939"), bootstrap=80, seed=2)
    slope, residual = fit.bootstrap_estimates.T
    variance = dataset("hs1939")["x1"].var(ddof=0)  # fixed, as in lavaan
    replicates = slope * np.sqrt(variance / (slope**2 * variance + residual))
    row = fit.standardized_solution().iloc[0]
    assert row["se"] == pytest.approx(replicates.std(), rel=1e-10)
    basic = fit.standardized_solution(boot_ci_type="basic").iloc[0]
    assert basic["ci_lower"] == pytest.approx(2 * row["est_std"] - row["ci_upper"], rel=1e-10)
    assert replicates.min() <= row["ci_lower"] < np.median(replicates) < row["ci_upper"] <= replicates.max()


# lavEffects(cfa(model, d), se_def = "delta"), which lists plain second-order loadings too
def test_effects_reach_factors_through_the_factor_above() -> None:
    model = "v =~ x1 + x2 + x3\nt =~ x4 + x5 + x6\ns =~ x7 + x8 + x9\ng =~ v + t + s\ng ~ ageyr"
    effects = cfa(model, dataset("hs1939")).effects().set_index(["lhs", "rhs", "effect"])
    assert set(effects.index.get_level_values("lhs")) == {"g", "v", "t", "s"}
    assert ("t", "g", "total") not in effects.index
    for outcome, est, se in (
        ("g", -0.042058110, 0.054643183),
        ("v", -0.042058110, 0.054643183),
        ("t", -0.028758269, 0.037632793),
        ("s", -0.017501499, 0.022980881),
    ):
        row = effects.loc[(outcome, "ageyr", "total")]
        assert (row["est"], row["se"]) == pytest.approx((est, se), rel=1e-4)


EQUAL = "visual =~ x1 + a*x2 + a*x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"


# lavTestScore(cfa(EQUAL, d, estimator = "MLR"), add = "visual =~ x9 + x4\nx7 ~~ x8",
#              cumulative = TRUE, epc = TRUE)
def test_score_tests_of_added_parameters() -> None:
    fit = cfa(EQUAL, dataset("hs1939"), estimator="MLR")
    frame = fit.score_test(add="visual =~ x9 + x4; x8 ~~ x7", cumulative=True)
    single = frame[frame["test"] == "univariate"]
    assert single["lhs"].to_list() == ["visual=~x9", "visual=~x4", "x7~~x8"]
    # lavaan stops at 1e-7 of its optimum.
    assert single["chisq"].to_list() == pytest.approx([36.404542, 1.155605, 34.007715], rel=1e-6)
    assert single["chisq_scaled"].to_list() == pytest.approx([23.8931123, 0.9285256, 23.3879648], rel=1e-6)
    assert single["epc"].to_list() == pytest.approx([0.57091174, 0.07541186, 0.5461829], rel=1e-5)
    joint = frame[frame["test"] == "cumulative"]
    assert joint["lhs"].to_list() == ["visual=~x9", "x7~~x8", "visual=~x4"]
    assert joint["chisq"].to_list() == pytest.approx([36.40454, 36.47196, 37.62756], rel=1e-6)
    assert joint["chisq_scaled"].to_list() == pytest.approx([23.89311, 26.38552, 28.1566], rel=1e-6)
    total = frame.set_index("test").loc[["score", "score.scaled", "score.adjusted", "score.robust"]]
    assert total["chisq"].to_list() == pytest.approx([37.62756, 28.1566, 27.61164, 25.21957], rel=1e-6)
    assert total["df"].to_list() == pytest.approx([3, 3, 2.941937, 3], rel=1e-6)


# f <- cfa(HS, d, group = "school", group.equal = "loadings", estimator = "MLM")
# lavTestScore(f, release = c(2, 5), cumulative = TRUE); lavTestScore(f, add = "x7 ~~ x8", epc = TRUE)
def test_some_constraints_are_released_and_parameters_added_in_every_group() -> None:
    model = EQUAL.replace("a*", "")
    fit = cfa(model, dataset("hs1939"), group="school", group_equal="loadings", estimator="MLM")
    frame = fit.score_test(release=[2, 5], cumulative=True)
    assert frame["parameter_rhs"].to_list()[:2] == ["visual=~x3.g2", "speed=~x8.g2"]
    chisq = frame.loc[frame["test"] != "score.robust", "chisq"].to_list()
    lavaan = [0.5158072, 0.01640302, 0.5158072, 0.5322102, 0.5322102, 0.5599416, 0.5574659]
    assert chisq == pytest.approx(lavaan, rel=1e-4)
    added = fit.score_test(add="x7 ~~ x8")
    assert added["lhs"].to_list()[:2] == ["x7~~x8", "x7~~x8.g2"]
    assert added["epc"].to_list()[:2] == pytest.approx([0.1515632, 0.4038412], rel=1e-4)
    assert added["chisq"].to_list() == pytest.approx(
        [2.779698, 16.413384, 31.43238, 27.19965, 26.51389, 23.58879], rel=1e-5
    )


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"add": "visual =~ x2"}, "M162"),
        ({"add": "visual =~ q"}, "M162"),
        ({"add": "visual =~ x9", "release": [1]}, "M164"),
        ({"add": "x1 == x2"}, "M162"),
        ({"add": "x1 ~~ x4; a == 0"}, "M162"),
        ({"release": [2]}, "M163"),
        ({"release": []}, "M174"),
        ({"release": np.array([], dtype=int)}, "M174"),
        ({"release": 1}, "M174"),
        ({"release": "1"}, "M174"),
        ({"release": [0]}, "M117"),
        ({"release": ["a"]}, "M117"),
    ],
)
def test_score_tests_of_what_is_not_there_are_refused(options: dict[str, Any], code: str) -> None:
    fit = cfa(EQUAL, dataset("hs1939"))
    with pytest.raises(SurveykitError, match=code):
        fit.score_test(**options)


def test_a_constraint_named_twice_is_released_once() -> None:
    fit = cfa(EQUAL.replace("a*", ""), dataset("hs1939"), group="school", group_equal="loadings")
    pd.testing.assert_frame_equal(fit.score_test(release=[2, 5, 2]), fit.score_test(release=[2, 5]))


def test_score_tests_invert_once_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    inverted = []

    def counted(*given: np.ndarray) -> np.ndarray:
        inverted.append(given)
        return constrained_inverse(*given)

    fit = cfa(EQUAL.replace("a*", ""), dataset("hs1939"), group="school", group_equal="loadings")
    monkeypatch.setattr(score_test_module, "constrained_inverse", counted)
    options: list[dict[str, Any]] = [{}, {"cumulative": True}, {"add": "x1 ~~ x4"}]
    for one in options:
        inverted.clear()
        assert len(fit.score_test(**one)) == len(inverted)


# modindices(cfa(HS, d), power = TRUE, delta = 0.2, alpha = 0.01, high.power = 0.6)
def test_power_of_modification_indices() -> None:
    fit = cfa(EQUAL.replace("a*", ""), dataset("hs1939"))
    frame = fit.modification_indices(power=True, delta=0.2, alpha=0.01, high_power=0.6)
    found = frame.set_index(["lhs", "op", "rhs"])
    for key, ncp, power, decision in (
        (("visual", "=~", "x4"), 8.268529, 0.6177878, "(nm)"),
        (("visual", "=~", "x5"), 6.755446, 0.5092925, "**(m)**"),
        (("visual", "=~", "x8"), 3.880185, 0.2722566, "(i)"),
        (("x1", "~~", "x9"), 15.43001, 0.9118566, "epc:nm"),
    ):
        assert found.loc[key, "ncp"] == pytest.approx(ncp, rel=1e-5)
        assert found.loc[key, "power"] == pytest.approx(power, rel=1e-5)
        assert found.loc[key, "decision"] == decision
    assert "power" not in fit.modification_indices()


# lavPredict(f, method = "Bartlett") of the first row: NaN for a factor none of whose items was answered
def test_bartlett_scores_of_factors_without_an_answer_are_missing() -> None:
    data = dataset("hs1939").astype({f"x{at}": float for at in range(1, 10)})
    data.loc[0, ["x4", "x5", "x6"]] = np.nan
    model = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9\nspeed ~ visual + textual"
    scores = sem(model, data, missing="ml").factor_scores("bartlett", se=True).iloc[0]
    assert scores[["textual", "textual_se"]].isna().all()
    assert scores[["visual", "speed"]].notna().all()
