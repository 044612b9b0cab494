"""Likelihood-ratio tests of nested models, every table of the reference."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from reference_data import case, close, dataset
from surveykit.analysis.compare_models import compare_models
from surveykit.analysis.sem import cfa, growth, lavaan, sem
from surveykit.analysis.sem_fit import SemFit
from surveykit.errors import SurveykitError

NOT_TO_BE_FOUND = "f =~ x1 + x2 + x3\ng =~ x1 + x2 + x4\nh =~ x5 + x6 + x4"
FUNCTIONS = {"cfa": cfa, "sem": sem, "growth": growth, "lavaan": lavaan}
CASES = ["mg-hs-ml", "mg-hs-mlr", "mg-sem-regressions", "mg-bfi-fiml-mlr", "ord-mg-measeq", "ord-mg-datcat",
         "robust-hs", "sem-poldem-equal", "growth-demo", "ord-datcat"]  # fmt: skip
COLUMNS = {"Df": "df", "AIC": "aic", "BIC": "bic", "Chisq": "chisq", "Chisq diff": "chisq_diff",
           "RMSEA": "rmsea",
           "Df diff": "df_diff", "Pr(>Chisq)": "pvalue"}  # fmt: skip


def tables() -> list[Any]:
    found = []
    for name in CASES:
        for number, comparison in enumerate(case(name)["comparisons"] or []):
            found.append(pytest.param(name, comparison, id=f"{name}-{number}-{comparison['method']}"))
    return found


_fits: dict[tuple[str, str], SemFit] = {}


def fitted(name: str, model: str) -> SemFit:
    if (name, model) not in _fits:
        record = next(one for one in case(name)["fits"] if one["name"] == model)
        _fits[name, model] = FUNCTIONS[record["fun"]](
            record["model"], dataset(record["data"]), **record["options"]
        )
    return _fits[name, model]


@pytest.mark.parametrize(("name", "comparison"), tables())
def test_every_comparison_equals_lavaans(name: str, comparison: dict[str, Any]) -> None:
    rows = comparison["table"]
    fits = [fitted(name, row["model"]) for row in rows]
    options = {name.replace(".", "_"): value for name, value in comparison.get("args", {}).items()}
    names = [row["model"] for row in rows]
    result = compare_models(*fits, method=comparison["method"], names=names, **options)
    frame = result.to_frame().set_index("model")
    for row in rows:
        for theirs, mine in COLUMNS.items():
            # lavaan prints differences to ten decimals; the scaled ones rest on information that is
            # partly numerical there (good to 1e-6 with missing or ordered data).
            reference = row.get(theirs)
            if reference is not None:
                assert close(frame.loc[row["model"], mine], reference, 1e-4, 1e-5), (row["model"], theirs)


def test_bad_comparisons_are_refused() -> None:
    data = dataset("hs1939")
    fit = cfa("f =~ x1 + x2 + x3 + x4", data)
    with pytest.raises(SurveykitError, match="M100"):
        compare_models(fit)
    with pytest.raises(SurveykitError, match="M101"):
        compare_models(fit, cfa("f =~ x1 + x2 + x3 + x4", data.head(200)))
    with pytest.raises(SurveykitError, match="M101"):
        compare_models(fit, cfa("f =~ x1 + x2 + x3 + x4 + x5", data))
    with pytest.raises(SurveykitError, match="M116"):
        compare_models(fit, fit, names=["one"])
    with pytest.raises(SurveykitError, match="M097"):
        compare_models(fit, sem(NOT_TO_BE_FOUND, data))
    equal = "f =~ x1 + a*x2 + a*x3 + x4"
    with pytest.raises(SurveykitError, match="M102"):
        compare_models(fit, cfa(equal, data, estimator="MLM"))
    shifted = [cfa(one, data, test="scaled.shifted") for one in ("f =~ x1 + x2 + x3 + x4", equal)]
    with pytest.raises(SurveykitError, match=r"satorra\.2000"):
        compare_models(*shifted, method="satorra.bentler.2001")


def test_a_robust_method_without_robust_tests_is_set_aside() -> None:
    fits = [cfa(one, dataset("hs1939")) for one in ("f =~ x1 + x2 + x3 + x4", "f =~ x1 + a*x2 + a*x3 + x4")]
    plain = compare_models(*fits).to_frame()
    for method in ("satorra.bentler.2001", "satorra.bentler.2010", "satorra.2000"):
        found = compare_models(*fits, method=method)
        assert [one.code for one in found.notes] == ["M160"]
        assert method in str(found.notes[0])
        assert found.to_frame().equals(plain)


# d <- read.csv("hs1939_missing.csv"); m <- HS; o <- list(estimator = "MLR", missing = "ml")
# h1 <- cfa(m, d, ...); h0 <- cfa(paste(m, "visual ~~ 0*textual", sep = "\n"), d, ...)
# lavTestLRT(h1, h0, method = "satorra.2000", A.method = "exact", scaled.shifted = FALSE)   # lavaan 0.7-2
HS = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
UNRELATED = HS + "\nvisual ~~ 0*textual"
EQUAL = "visual =~ x1 + a*x2 + a*x3\ntextual =~ x4 + b*x5 + b*x6\nspeed =~ x7 + x8 + x9"


@pytest.mark.parametrize(
    ("model", "a_method", "scaled_shifted", "chisq_diff"),
    [
        (UNRELATED, "delta", True, 31.395843),
        (UNRELATED, "exact", False, 23.838037),
        (EQUAL, "delta", True, 16.126752),
        (EQUAL, "delta", False, 16.868257),
        (EQUAL, "exact", True, 14.349533),
        (EQUAL, "exact", False, 15.358479),
    ],
)
def test_satorra_2000_with_incomplete_rows(
    model: str, a_method: str, scaled_shifted: bool, chisq_diff: float
) -> None:
    fits = [_incomplete(one) for one in (HS, model)]
    found = compare_models(*fits, method="satorra.2000", a_method=a_method, scaled_shifted=scaled_shifted)
    # lavaan's own optimum is good to about 1e-6 here.
    assert found.to_frame()["chisq_diff"][1] == pytest.approx(chisq_diff, rel=2e-5)


@cache
def _incomplete(model: str) -> SemFit:
    return cfa(model, dataset("hs1939_missing"), estimator="MLR", missing="ml")


def test_exact_restrictions_need_nested_parameters() -> None:
    data = dataset("hs1939")
    free = cfa(HS, data, estimator="MLM")
    reparameterized = cfa(UNRELATED, data, estimator="MLM", std_lv=True)
    with pytest.raises(SurveykitError, match="M161") as caught:
        compare_models(free, reparameterized, method="satorra.2000", a_method="exact")
    assert "visual =~ x1" in str(caught.value)


# h1 <- cfa(HS, d, estimator = "MLMVS"); h0 <- the same with visual ~~ 0*textual + 0*speed; lavTestLRT(h1, h0)
def test_mean_and_variance_adjusted_models_are_scaled_and_shifted() -> None:
    data = dataset("hs1939")
    fits = [cfa(one, data, estimator="MLMVS") for one in (HS, UNRELATED + "\nvisual ~~ 0*speed")]
    row = compare_models(*fits).to_frame().iloc[1]
    assert row["df_diff"] == 2
    assert row["chisq_diff"] == pytest.approx(51.0623444, rel=1e-5)
    assert row["rmsea"] == pytest.approx(0.297534745, rel=1e-5)


def test_a_better_fit_of_the_restricted_model_is_told() -> None:
    data = dataset("hs1939")
    two_factors = cfa("f =~ x1 + x2 + x3\ng =~ x4 + x5 + x6", data)
    one_factor = cfa("f =~ x1 + x2 + x3 + x4 + x5 + x6\nx1 ~~ x4\nx4 ~~ x6", data)
    (told,) = compare_models(two_factors, one_factor, names=["two", "one"]).notes
    assert (told.code, told.fields["restricted"], told.fields["free"]) == ("M103", "two", "one")


def test_a_negative_scaling_factor_is_told() -> None:
    fits = [cfa("f =~ x1 + x2 + x3 + x4", dataset("hs1939"), estimator="MLM")]
    fits.append(cfa("f =~ x1 + a*x2 + a*x3 + x4", dataset("hs1939"), estimator="MLM"))
    tests = fits[1]._solution.tests
    bent = replace(tests[1], scaling_factor=0.1)  # seldom met, so made
    fits[1] = replace(fits[1], _solution=replace(fits[1]._solution, tests=(tests[0], bent)))
    result = compare_models(*fits)
    assert [one.code for one in result.notes] == ["M105"]
    assert np.isnan(result.to_frame()["pvalue"][1])


def test_models_that_are_not_nested_are_told() -> None:
    data = dataset("hs1939")
    one, other = cfa("f =~ x1 + x2 + x3 + x4", data), cfa("f =~ x1 + x2 + x3 + x4\nx1 ~~ 0*x2", data)
    assert [note.code for note in compare_models(one, other).notes] == ["M104"]
    worse = cfa("f =~ x1 + x2 + x3 + x4 + x7 + x8 + x9", data)
    better = cfa("f =~ x1 + x2 + x3 + x4\ng =~ x7 + x8 + x9", data)
    assert compare_models(better, worse).notes == ()
    assert compare_models(worse, better, names=["one", "two"]).to_frame()["model"][0] == "two"


# h1 <- cfa(CURVED, d, estimator = "MLM"); h0 <- cfa(paste(CURVED, "textual ~~ 0*visual", sep = "\n"), ...)
# lavTestLRT(h1, h0, method = "satorra.bentler.2010", check.nested = FALSE)
def test_a_nonlinear_constraint_holds_at_the_restricted_estimates() -> None:
    curved = "visual =~ x1 + l2*x2 + l3*x3\ntextual =~ x4 + x5 + x6\nl2 == l3^2"
    fits = [
        cfa(one, dataset("hs1939"), estimator="MLM") for one in (curved, f"{curved}\ntextual ~~ 0*visual")
    ]
    found = compare_models(*fits, method="satorra.bentler.2010").to_frame()
    # lavaan's constrained optimum is good to four digits.
    assert found["chisq_diff"][1] == pytest.approx(30.00654, rel=1e-3)
