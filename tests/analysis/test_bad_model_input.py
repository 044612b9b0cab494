"""Whatever is handed to a model, or asked of a fit: a result that says what it lacks, or a code."""

from __future__ import annotations

import contextlib
import itertools
import warnings
from collections.abc import Callable
from typing import Any

import bad_tables
import numpy as np
import pandas as pd
import pytest
from bad_tables import MODEL, answers, grouped

import surveykit as sk
from surveykit.errors import LANGUAGES, SurveykitError, SurveykitWarning

TABLES = bad_tables.tables()
DATA = answers(120, 3)
GROUPED = grouped(DATA)
ONE = "x =~ a + b + c + d"
REGRESSED = "y ~ x\nx =~ a + b + c\ny =~ d + e + f"
PATH = "d ~ p*a + b\ne ~ q*d\nind := p*q"
CURVE = "i =~ 1*a + 1*b + 1*c\ns =~ 0*a + 1*b + 2*c"
TRUTH = "x =~ 0.7*a + 0.7*b + 0.6*c + 0.6*d"

ASKED = (
    "parameter_estimates", "standardized_solution", "fit_measures", "modification_indices", "r_squared",
    "implied", "residuals", "parameter_table", "effects", "sample_moments", "tests", "vcov",
    "factor_scores", "score_test",
)  # fmt: skip


def asked(fit: Any) -> Any:
    """Everything that a fit can be asked; what it has not got it must refuse in words."""
    for method in ASKED:
        with contextlib.suppress(SurveykitError):
            getattr(fit, method)()
    assert repr(fit)
    assert fit.summary()
    return fit


def outcome(call: Callable[[], Any]) -> str:
    """The code of a refusal, or "result"; anything else that is raised or warned of comes through."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", SurveykitWarning)
        try:
            result = call()
        except SurveykitError as refusal:
            return refusal.code if all(refusal.text(lang) for lang in LANGUAGES) else "no words"
        frame = result if isinstance(result, pd.DataFrame | pd.Series) else result.to_frame()
        numbers = pd.DataFrame(frame).select_dtypes("number")
        infinite = [name for name in numbers if np.isinf(numbers[name].to_numpy(float)).any()]
        assert not infinite or getattr(result, "notes", ()), infinite
    return "result"


CALLS: dict[str, Callable[[Any], Any]] = {
    "cfa": lambda d: sk.cfa(MODEL, d),
    "cfa MLR fiml": lambda d: sk.cfa(ONE, d, estimator="MLR", missing="ml"),
    "cfa MLM groups": lambda d: sk.cfa(ONE, grouped(d), group="g", group_equal="loadings", estimator="MLM"),
    "cfa ordered": lambda d: sk.cfa("x =~ a + b + c", d, ordered=True),
    "cfa mixed": lambda d: sk.cfa("x =~ a + b + c", d, ordered=["a"]),
    "cfa WLS": lambda d: sk.cfa(ONE, d, estimator="WLS"),
    "cfa ULS": lambda d: sk.cfa(ONE, d, estimator="ULS"),
    "cfa ULS without a test": lambda d: sk.cfa(ONE, d, estimator="ULS", test="none", se="none"),
    "cfa GLS": lambda d: sk.cfa(ONE, d, estimator="GLS"),
    "cfa two.stage": lambda d: sk.cfa(ONE, d, missing="two.stage"),
    "cfa cluster": lambda d: sk.cfa(ONE, grouped(d), cluster="g"),
    "sem": lambda d: sk.sem(REGRESSED, d),
    "path fiml": lambda d: sk.sem(PATH, d, missing="ml"),
    "path given x": lambda d: sk.sem(PATH, d, conditional_x=True),
    "growth": lambda d: sk.growth(CURVE, d),
    "lavaan": lambda d: sk.lavaan("x =~ 1*a + b + c\nx ~~ x\na ~~ a\nb ~~ b\nc ~~ c", d),
    "sample_cov": lambda d: sk.cfa(ONE, sample_cov=d, sample_nobs=100),
    "sample_mean": lambda d: sk.cfa(ONE, sample_cov=DATA.cov(), sample_nobs=100, sample_mean=d),
}


LONG = ("cfa ordered", "cfa mixed", "cfa two.stage", "path fiml", "path given x", "cfa MLR fiml", "growth")


@pytest.mark.parametrize(
    "name", [pytest.param(one, marks=[pytest.mark.slow] * (one in LONG)) for one in CALLS]
)
def test_no_table_leads_to_a_traceback(name: str) -> None:
    wrong = {}
    for label, table in TABLES.items():
        try:
            outcome(lambda table=table: asked(CALLS[name](table)))
        except Exception as error:  # noqa: BLE001  what this test is about
            wrong[label] = f"{type(error).__name__}: {error}"
    assert wrong == {}


FIRST = {
    "one respondent": "M041", "constant item": "M041", "all-missing item": "M084", "text": "M085",
    "lists in cells": "M085", "infinite": "M086", "a column twice": "M087", "list": "M080", "huge": "S080",
    "tiny": "S080", "mirror images": "M042", "names in levels": "M081", "empty": "M081",
}  # fmt: skip


@pytest.mark.parametrize("label", FIRST)
@pytest.mark.parametrize("name", ["cfa", "cfa ULS", "cfa GLS", "sem"])
def test_the_first_things_to_go_wrong_have_their_code(name: str, label: str) -> None:
    assert outcome(lambda: CALLS[name](TABLES[label])) == FIRST[label]


@pytest.mark.parametrize("label", ["text", "nullable integers", "dates", "complex numbers", "set", "path"])
def test_means_that_are_no_numbers(label: str) -> None:
    assert outcome(lambda: CALLS["sample_mean"](TABLES[label])) in ("M165", "M081")
    assert outcome(lambda: CALLS["sample_mean"](pd.Series(np.nan, index=list("abcdef")))) == "M165"


@pytest.mark.parametrize("dtype", ["Int64", "float32", "object", "Float64", "double[pyarrow]"])
def test_numbers_of_any_type_give_the_same_fit(dtype: str) -> None:
    if "pyarrow" in dtype:
        pytest.importorskip("pyarrow")
    expected = sk.cfa(MODEL, DATA).parameter_estimates()
    pd.testing.assert_frame_equal(
        sk.cfa(MODEL, DATA.astype(dtype)).parameter_estimates(), expected, rtol=1e-6
    )


@pytest.mark.parametrize("names", [("信頼", "신뢰_1", "x.1"), ("ａ", "é", "_b")])
def test_names_in_any_script(names: tuple[str, ...]) -> None:
    data = DATA.rename(columns=dict(zip("abc", names, strict=True)))
    fit = sk.cfa(f"因子 =~ {' + '.join(names)} + d", data)
    assert fit.parameter_estimates()["rhs"].to_list()[:3] == list(names)
    assert fit.fit_measures()["chisq"] == pytest.approx(sk.cfa(ONE, DATA).fit_measures()["chisq"])


def test_a_gap_in_the_group_column_is_told() -> None:
    gaps = GROUPED.assign(g=GROUPED["g"].where(GROUPED.index > 4))
    fit = sk.cfa(ONE, gaps, group="g")
    assert "M083" in [one.code for one in fit.notes]
    assert fit.ntotal == len(gaps) - 5


def test_a_group_of_one_is_refused() -> None:
    thin = pd.concat([GROUPED[GROUPED["g"] == "JP"], GROUPED[GROUPED["g"] == "KR"].head(1)])
    assert outcome(lambda: sk.cfa(ONE, thin, group="g")) == "M041"
    assert outcome(lambda: sk.cfa(ONE, thin, group="g", missing="ml")).startswith("M")


# --- options ------------------------------------------------------------------------------------

JUNK = [
    *(None, "x", "", -1, 0, 1, 1.5, 95, True, np.nan, np.inf, -np.inf, 10**400, 10**18, 1e200, 1e-200),
    *([1], [], {}, (), ["a", "zz"], {"s": ["a"]}, np.array([1, 2]), pd.Series([1, 2]), DATA, pd.NA),
    *(print, object(), b"ml", 1 + 2j, "日本語"),
]
SEM_OPTIONS = [
    "group", "group_label", "group_equal", "group_partial", "ordered", "estimator", "missing", "se",
    "test", "std_lv", "auto_fix_first", "meanstructure", "fixed_x", "orthogonal", "auto_cov_y",
    "effect_coding", "cluster", "bounds", "likelihood", "information", "observed_information",
    "h1_information", "parameterization", "sample_cov_rescale", "conditional_x", "constraints",
    "conf_level", "int_ov_free", "auto_var", "auto_th", "auto_delta", "orthogonal_x", "model", "data",
]  # fmt: skip


def printed(**changes: Any) -> sk.PrintedMoments:
    cor = np.array([[1, 0.5, 0.4], [0.5, 1, 0.3], [0.4, 0.3, 1.0]])
    return sk.PrintedMoments(**{"names": ("a", "b", "c"), "n": 100, "cor": cor, "sd": np.ones(3), **changes})


def rounded(**changes: Any) -> Any:
    return sk.rounding_sensitivity("x =~ a + b + c", printed(**changes), draws=20)


FIT = sk.cfa(ONE, GROUPED, group="g", group_equal="loadings")
OTHER = sk.cfa(ONE, GROUPED, group="g")


def of_fit(method: str) -> Callable[..., Any]:
    def call(**options: Any) -> Any:
        found = getattr(FIT, method)(**options)
        return pd.DataFrame() if isinstance(found, str | dict) else found

    return call


OPTIONS: dict[str, tuple[Callable[..., Any], dict[str, Any], list[str]]] = {
    "sem": (sk.sem, {"model": ONE, "data": DATA}, SEM_OPTIONS),
    "cfa groups": (
        sk.cfa,
        {"model": ONE, "data": GROUPED, "group": "g"},
        ["group_equal", "group_partial", "group_label", "ordered", "effect_coding"],
    ),
    "cfa bootstrap": (sk.cfa, {"model": ONE, "data": DATA, "bootstrap": 3}, ["seed", "bootstrap"]),
    "cfa moments": (
        sk.cfa,
        {"model": ONE, "sample_cov": DATA.cov(), "sample_nobs": 100},
        ["sample_nobs", "sample_mean", "sample_cov", "sample_cov_rescale", "group_label"],
    ),
    "compare_models": (
        lambda **options: sk.compare_models(FIT, OTHER, **options),
        {},
        ["method", "scaled_shifted", "a_method", "names"],
    ),
    "rounding_sensitivity": (
        sk.rounding_sensitivity,
        {"model": "x =~ a + b + c", "moments": printed(), "draws": 20},
        ["model", "moments", "draws", "seed"],
    ),
    "PrintedMoments": (
        rounded,
        {},
        ["names", "n", "cor", "sd", "mean", "decimals", "sd_decimals", "cov_decimals"],
    ),
    "simulate_data": (
        sk.simulate_data,
        {"model": TRUTH, "nobs": 20, "seed": 1},
        ["model", "nobs", "seed", "group_labels"],
    ),
    "power_two_means": (
        sk.power_two_means,
        {"effect": 0.5},
        ["effect", "n", "power", "alpha", "two_sided"],
    ),
    "power_rmsea": (
        sk.power_rmsea,
        {"df": 20},
        ["df", "n", "null", "true", "power", "alpha", "groups"],
    ),
    "power_sem": (
        sk.power_sem,
        {"model": ONE + "\na ~~ 0*b", "population_model": TRUTH + "\na ~~ 0.2*b", "n": 100},
        ["model", "population_model", "n", "df", "power", "alpha", "std_lv"],
    ),
    "power_paired": (sk.power_paired, {"effect": 0.5}, ["effect", "n", "power", "alpha", "two_sided"]),
    "power_anova": (sk.power_anova, {"effect": 0.25, "groups": 3}, ["effect", "groups", "n", "power"]),
    "power_proportions": (
        sk.power_proportions,
        {"first": 0.5, "second": 0.6},
        ["first", "second", "n", "power", "two_sided"],
    ),
    "crosscheck": (sk.crosscheck, {}, ["fit"]),
    "parameter_estimates": (of_fit("parameter_estimates"), {}, ["boot_ci_type"]),
    "standardized_solution": (of_fit("standardized_solution"), {}, ["type", "boot_ci_type"]),
    "modification_indices": (
        of_fit("modification_indices"),
        {},
        ["sort", "minimum", "maximum", "op", "power", "delta", "alpha", "high_power"],
    ),
    "score_test": (of_fit("score_test"), {}, ["add", "release", "cumulative"]),
    "residuals": (of_fit("residuals"), {}, ["type"]),
    "factor_scores": (of_fit("factor_scores"), {}, ["method", "se"]),
    "summary": (of_fit("summary"), {}, ["fit_measures", "standardized", "rsquare", "ci"]),
    "wald_test": (of_fit("wald_test"), {}, ["constraints"]),
}


@pytest.mark.parametrize("name", OPTIONS)
def test_no_option_leads_to_a_traceback(name: str) -> None:
    function, right, options = OPTIONS[name]
    wrong = {}
    for option in options:
        for at, junk in enumerate(JUNK):
            try:
                outcome(lambda option=option, junk=junk: function(**{**right, option: junk}))
            except Exception as error:  # noqa: BLE001  what this test is about
                wrong[option, at] = f"{type(error).__name__}: {error}"
    assert wrong == {}


@pytest.mark.parametrize(
    ("name", "options", "code"),
    [
        ("sem", {"std_lv": "yes"}, "O001"),
        ("sem", {"estimator": 3}, "O001"),
        ("sem", {"estimator": np.array(["ML"])}, "M166"),
        ("sem", {"test": 5}, "M166"),
        ("cfa groups", {"group_equal": 3}, "M166"),
        ("cfa bootstrap", {"bootstrap": 10**18}, "M167"),
        ("cfa bootstrap", {"n_jobs": 10**9}, "M167"),
        ("cfa moments", {"sample_nobs": 10**400}, "M167"),
        ("cfa moments", {"sample_mean": [1, 2, np.inf, 4, 5, 6]}, "M165"),
        ("compare_models", {"names": 5}, "M166"),
        ("compare_models", {"nams": ["a", "b"]}, "O005"),
        ("modification_indices", {"sorted": True}, "O005"),
        ("power_two_means", {"d": 0.4}, "O005"),
        ("power_two_means", {"n": 10.5}, "M117"),
        ("power_two_means", {"n": (10, 20, 30)}, "G031"),
        ("power_two_means", {"effect": 1e300}, "G031"),
        ("power_anova", {"groups": 10**18}, "M167"),
        ("simulate_data", {"group_labels": ["JP", "KR"]}, "M172"),
        ("simulate_data", {"nobs": 10**12}, "M167"),
        ("simulate_data", {"sed": 3}, "O005"),
        ("PrintedMoments", {"cor": np.eye(2)}, "M168"),
        ("PrintedMoments", {"sd": [1, 1]}, "M168"),
        ("PrintedMoments", {"sd": [1, 0, 1]}, "M169"),
        ("PrintedMoments", {"cor": np.full((3, 3), 0.5)}, "M169"),
        ("PrintedMoments", {"cor": [[1, 2, 0], [2, 1, 0], [0, 0, 1]]}, "M169"),
        ("PrintedMoments", {"names": ("a", "a", "c")}, "M087"),
        ("rounding_sensitivity", {"moments": [1]}, "M170"),
        ("rounding_sensitivity", {"moments": []}, "M170"),
        ("crosscheck", {"fit": 3}, "M143"),
        ("crosscheck", {}, "O006"),
    ],
)
def test_options_and_their_codes(name: str, options: dict[str, Any], code: str) -> None:
    function, right, _ = OPTIONS[name]
    assert outcome(lambda: function(**{**right, **options})) == code


def test_factors_without_variance_have_no_scores() -> None:
    every = pd.DataFrame(list(itertools.product((1, 2), repeat=3)) * 10, columns=list("abc"))
    fit = sk.cfa("x =~ a + b + c", every, ordered=True)
    assert outcome(fit.factor_scores) == "M173"


def test_moments_that_no_rounding_can_have_come_from() -> None:
    names = tuple(f"v{at}" for at in range(14))
    coarse = sk.PrintedMoments(names, 200, np.eye(14) * 0.7 + 0.3, np.ones(14), decimals=0)
    with pytest.raises(SurveykitError, match="M171"):
        sk.rounding_sensitivity(f"f =~ {' + '.join(names)}", coarse, draws=20)


TABLES_OF_A_FIT = (
    "parameter_estimates", "standardized_solution", "vcov", "effects", "parameter_table", "tests",
    "modification_indices", "fit_measures", "factor_scores", "score_test", "implied", "residuals",
    "sample_moments", "r_squared",
)  # fmt: skip


def frames(found: Any) -> list[Any]:
    """The frames and series in an answer by group."""
    return [one for part in found.values() for one in frames(part)] if isinstance(found, dict) else [found]


def test_writing_into_what_a_fit_returned_changes_nothing_later() -> None:
    fit = sk.cfa(ONE, GROUPED, group="g", group_equal="loadings", bootstrap=4, seed=1)

    def shown() -> dict[str, list[str]]:
        return {name: [one.to_string() for one in frames(getattr(fit, name)())] for name in TABLES_OF_A_FIT}

    before = shown()
    for name in TABLES_OF_A_FIT:
        for one in frames(getattr(fit, name)()):
            for at in range(len(one)):
                if isinstance(one, pd.Series):
                    one.iloc[at] = 99.0
                else:
                    numbers = [place for place, kind in enumerate(one.dtypes) if kind.kind == "f"]
                    one.iloc[at, numbers] = 99.0
            if one.to_numpy().flags.writeable and one.to_numpy().dtype.kind == "f":  # older pandas
                one.to_numpy()[...] = 98.0
        assert shown() == before, name
    with pytest.raises(ValueError, match="read-only"):
        fit.bootstrap_estimates[...] = 99.0
