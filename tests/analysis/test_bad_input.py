"""Whatever is handed over: a result that says what it lacks, or a refusal with a code. Never a traceback."""

from __future__ import annotations

import warnings
from typing import Any

import bad_tables
import numpy as np
import pandas as pd
import pytest
from bad_tables import CALLS, EMPTY, GOOD, MODEL, SCALES, answers, grouped, long

import surveykit as sk
from surveykit.errors import LANGUAGES, SurveykitError, SurveykitWarning

TABLES = bad_tables.tables()


def outcome(name: str, call: Any) -> str:
    """The code of a refusal, or "result"; asserts that the result hides nothing and can be shown."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", SurveykitWarning)
        try:
            result = call()
        except SurveykitError as refusal:
            return refusal.code if all(refusal.text(lang) for lang in LANGUAGES) else "no words"
        notes = getattr(result, "notes", ())
        frame = result if isinstance(result, pd.DataFrame) else result.to_frame()
        if hasattr(result, "notes"):
            assert result.summary()
            assert repr(result)
            assert result.to_dict()
    assert all(one.full(lang) for one in notes for lang in LANGUAGES)
    numbers = frame.select_dtypes("number").drop(columns=list(EMPTY.get(name, ())), errors="ignore")
    unsaid = [column for column in numbers if not np.isfinite(numbers[column].to_numpy(float)).all()]
    assert not unsaid or notes, unsaid
    return "result"


@pytest.mark.parametrize("name", CALLS)
def test_no_table_leads_to_a_traceback(name: str) -> None:
    wrong = {}
    for label, table in TABLES.items():
        try:
            outcome(name, lambda table=table: CALLS[name](table))
        except Exception as error:  # noqa: BLE001  what this test is about
            wrong[label] = f"{type(error).__name__}: {error}"
    assert wrong == {}


# The issue's own list, for what a reviewer tries first.
FIRST = {
    "one respondent": "S003",
    "constant item": "S004",
    "all-missing item": "S005",
    "text": "S002",
    "one item": "S001",
    "infinite": "S006",
    "a column twice": "S011",
    "list": "S012",
    "huge": "S080",
}
OF_ITEMS = [
    "cronbach_alpha", "omega", "ordinal_alpha", "guttman", "split_half", "kmo", "bartlett_sphericity",
    "map_test", "vss", "parallel_analysis", "efa", "polychoric", "harman", "correlate",
]  # fmt: skip


SELDOM = {
    ("uncorrelated", "efa"): "S106",
    ("uncorrelated", "omega"): "S106",
    ("uncorrelated", "kmo"): "S106",
    ("uncorrelated", "map_test"): "S106",
    ("uncorrelated", "vss"): "S106",
    ("uncorrelated", "harman"): "S106",
    ("all copies", "efa pa promax"): "S108",
    ("all copies", "marker_variable"): "S109",
    ("two answers to all", "score_items"): "S014",
    ("numbers beyond floats", "cronbach_alpha"): "S080",
    ("numbers beyond floats", "describe"): "S080",
}


@pytest.mark.parametrize(("label", "name"), [one for one in SELDOM if one[0] in TABLES])
def test_what_seldom_goes_wrong_has_its_code_too(label: str, name: str) -> None:
    assert outcome(name, lambda: CALLS[name](TABLES[label])) == SELDOM[label, name]


@pytest.mark.parametrize("label", FIRST)
@pytest.mark.parametrize("name", OF_ITEMS)
def test_the_first_things_to_go_wrong_have_their_code(name: str, label: str) -> None:
    assert outcome(name, lambda: CALLS[name](TABLES[label])) == FIRST[label]


@pytest.mark.parametrize("name", OF_ITEMS)
def test_numbers_of_any_type_give_the_same_result(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SurveykitWarning)
        expected = CALLS[name](GOOD).to_frame().select_dtypes("number")
        for dtype in ("Int64", "float32", "object", "category"):
            got = CALLS[name](GOOD.astype(int).astype(dtype)).to_frame().select_dtypes("number")
            assert np.allclose(got, expected, equal_nan=True), dtype


JUNK = [
    *(None, "x", -1, 0, 1.5, 95, True, np.nan, np.inf, [1], {}, np.array([1, 2]), print, "Listwise"),
    *(["a", "zz"], ["a", "a"], {"s": ["a", "q"], "t": ["b", "c"]}, {"s": "abc", "t": "de"}),
    {"s": ["a", 3], "t": ["b"]},
]
LOADINGS = pd.DataFrame({"F1": [0.7, 0.6, 0.1, 0.0], "F2": [0.0, 0.1, 0.8, 0.7]}, index=list("abcd"))
OPTIONS: dict[str, tuple[Any, dict[str, Any], str]] = {
    "cronbach_alpha": (sk.cronbach_alpha, {"items": GOOD}, "missing conf_level interval bootstrap seed"),
    "alpha_by_group": (
        sk.alpha_by_group,
        {"data": grouped(GOOD), "group": "g"},
        "group items missing conf_level",
    ),
    "compare_alphas": (sk.compare_alphas, {"data": GOOD, "scales": SCALES}, "scales conf_level"),
    "omega": (sk.omega, {"items": GOOD}, "n_factors method correlation missing"),
    "ordinal_alpha": (sk.ordinal_alpha, {"items": GOOD}, "missing"),
    "retest_reliability": (sk.retest_reliability, {"first": GOOD["a"], "second": GOOD["b"]}, "conf_level"),
    "htmt": (
        sk.htmt,
        {"data": GOOD, "model": MODEL, "bootstrap": 5},
        "model htmt2 absolute missing ordered bootstrap conf_level seed",
    ),
    "harman": (sk.harman, {"items": GOOD}, "missing"),
    "marker_variable": (
        sk.marker_variable,
        {"data": GOOD, "marker": "f", "variables": ["a", "b"]},
        "marker variables marker_r",
    ),
    "unmeasured_method_factor": (
        sk.unmeasured_method_factor,
        {"model": MODEL, "data": answers(200)},
        "model equal",
    ),
    "guttman": (sk.guttman, {"items": GOOD}, "standardized missing seed"),
    "split_half": (sk.split_half, {"items": GOOD}, "standardized missing seed"),
    "kmo": (sk.kmo, {"items": GOOD}, "missing"),
    "bartlett_sphericity": (sk.bartlett_sphericity, {"items": GOOD}, "missing"),
    "map_test": (sk.map_test, {"data": GOOD}, "max_factors correlation missing"),
    "vss": (sk.vss, {"data": GOOD}, "max_factors method missing"),
    "parallel_analysis": (
        sk.parallel_analysis,
        {"data": GOOD, "n_iter": 3},
        "n_iter quantile simulation correlation missing seed",
    ),
    "efa": (sk.efa, {"data": GOOD, "n_factors": 2}, "n_factors method rotation correlation missing"),
    "factor_congruence": (
        sk.factor_congruence,
        {"first": LOADINGS, "second": LOADINGS},
        "first second procrustes",
    ),
    "polychoric": (sk.polychoric, {"items": GOOD}, "ordered missing"),
    "correlate": (sk.correlate, {"data": GOOD}, "method adjust conf_level variables"),
    "describe": (sk.describe, {"data": GOOD}, "skew_type scale"),
    "careless_responding": (
        sk.careless_responding,
        {"data": GOOD},
        "items scales response_time seconds_per_item",
    ),
    "icc": (
        sk.icc,
        {"data": long(GOOD), "targets": "t", "raters": "r", "ratings": "y"},
        "targets raters ratings conf_level",
    ),
    "icc_groups": (sk.icc_groups, {"data": grouped(GOOD), "group": "g"}, "group variables"),
    "rwg": (sk.rwg, {"data": grouped(GOOD), "group": "g"}, "group variables ranvar n_options"),
    "cohen_kappa": (sk.cohen_kappa, {"a": GOOD["a"], "b": GOOD["b"]}, "a b weights levels conf_level"),
    "fleiss_kappa": (sk.fleiss_kappa, {"ratings": GOOD}, "conf_level"),
    "krippendorff_alpha": (
        sk.krippendorff_alpha,
        {"ratings": GOOD, "bootstrap": 5},
        "level raters bootstrap conf_level seed",
    ),
    "score_items": (sk.score_items, {"data": GOOD, "keys": SCALES}, "keys impute totals scale"),
}
# Nothing but a listed word or a level between 0 and 1 may pass here.
STRICT = ("missing", "method", "rotation", "correlation", "conf_level", "interval", "simulation", "level")
# No interval was asked for, so there is none.
UNASKED = {("htmt", "bootstrap"), ("krippendorff_alpha", "bootstrap")}


@pytest.mark.parametrize("name", OPTIONS)
def test_no_option_leads_to_a_traceback(name: str) -> None:
    function, given, options = OPTIONS[name]
    for option in options.split():
        for value in JUNK:
            if (name, option) in UNASKED and (value is False or (isinstance(value, int) and value == 0)):
                continue
            got = outcome(name, lambda option=option, value=value: function(**(given | {option: value})))
            assert option not in STRICT or got != "result", (option, value)


FITTED_ONLY = {"ave", "composite_reliability", "convergent_validity", "fornell_larcker"}


@pytest.mark.parametrize("function", [getattr(sk, name) for name in sorted(FITTED_ONLY)])
@pytest.mark.parametrize("fit", [None, "x =~ a", GOOD, 5])
def test_what_is_no_fitted_model_is_refused(function: Any, fit: Any) -> None:
    with pytest.raises(SurveykitError, match="S054"):
        function(fit)


def test_options_of_composites() -> None:
    fit = sk.cfa(MODEL, answers(200))
    for option in ("observed_variance", "ordinal_scale", "total", "higher"):
        for value in ("x", 2, np.array([1, 2]), print):
            with pytest.raises(SurveykitError, match=r"O001|S057|S101"):
                sk.composite_reliability(fit, **{option: value})
    with pytest.raises(SurveykitError, match="O001"):
        sk.ave(fit, observed_variance="yes")  # type: ignore[arg-type]


def test_every_analysis_of_scales_is_tried() -> None:
    tried = {name.split()[0] for name in CALLS} | FITTED_ONLY
    modules = (
        *("alpha_comparison", "careless", "congruence", "describe", "dimensionality", "factor", "intraclass"),
        *(
            "kappa",
            "krippendorff",
            "method_bias",
            "missing_answers",
            "model_reliability",
            "normality",
            "omega",
        ),
        *("ordinal_alpha", "parallel_analysis", "polychoric", "reliability", "reliability_bounds", "retest"),
        *("scale_scores", "validity"),
    )
    public = {
        name
        for name, home in sk._HOME.items()
        if home in {f"surveykit.analysis.{module}" for module in modules}
    }
    assert public == tried


THREE = pd.DataFrame({"a": [1.0, 2, 3, 4], "b": [4.0, 3, 2, 1], "c": [1.0, 3, 2, 4]})
COPIES = pd.DataFrame({"a": [1, 2, 3, 4, 2], "b": [2, 4, 6, 8, 4], "c": [1, 2, 3, 4, 2]})
FLAT = pd.DataFrame({"g": list("aabb"), "y": [1.0, 3, 3.1, 1]})
NOTED: dict[str, Any] = {
    "S110": lambda: sk.kmo(TABLES["an item on its own"]),
    "S111": lambda: sk.marker_variable(TABLES["against the marker"], "f", ["a", "b"], marker_r=0.3),
    "S107": lambda: sk.htmt(TABLES["uncorrelated"], MODEL),
    "S081": lambda: sk.cronbach_alpha(THREE),
    "S083": lambda: sk.map_test(GOOD.assign(g=GOOD["a"] + GOOD["b"])),
    "S084": lambda: sk.cohen_kappa([1, 1, 1, 1], [1, 2, 1, 2]),
    "S085": lambda: sk.icc_groups(FLAT, "g"),
    "S086": lambda: sk.retest_reliability([1, 2, 3, 4], [1, 2, 3, 4]),
    "S091": lambda: sk.careless_responding(pd.concat([GOOD * 0 + 3, GOOD])),
    "S093": lambda: sk.cronbach_alpha(COPIES),
    "S094": lambda: sk.compare_alphas(GOOD, {"s": ["a", "b", "c"], "t": ["c", "b", "a"]}),
    "S096": lambda: sk.correlate(GOOD, method="kendall"),
    "S097": lambda: sk.correlate(COPIES),
    "S098": lambda: sk.cohen_kappa([1, 2, 1, 2], ["x", "y", "x", "x"]),
    "S100": lambda: sk.score_items(THREE.assign(d=[2.0, 1, 4, 3]), {"s": ["a", "b", "c"], "t": ["b", "d"]}),
    "S048": lambda: sk.htmt(GOOD.head(4), MODEL, bootstrap=20),
    "S026": lambda: sk.vss(GOOD, max_factors=3),
}


@pytest.mark.filterwarnings("ignore::surveykit.errors.SurveykitWarning")
@pytest.mark.parametrize("code", NOTED)
def test_what_does_not_exist_is_said(code: str) -> None:
    assert code in [one.code for one in NOTED[code]().notes]


REFUSED: list[tuple[str, Any]] = [
    ("S080", lambda: sk.describe(GOOD * 1e200)),
    ("S087", lambda: sk.htmt(GOOD, 5)),  # type: ignore[arg-type]
    ("S088", lambda: sk.cohen_kappa("abc", [1, 2, 3])),
    ("S089", lambda: sk.compare_alphas(GOOD, ["a", "b"])),  # type: ignore[arg-type]
    ("S090", lambda: sk.careless_responding(GOOD, scales=SCALES)),
    ("S092", lambda: sk.careless_responding(GOOD, seconds_per_item="two")),  # type: ignore[arg-type]
    ("S095", lambda: sk.factor_congruence(LOADINGS.mask(LOADINGS == 0), LOADINGS)),
    ("S099", lambda: sk.fleiss_kappa(pd.DataFrame({"A": [[1], [2]], "B": [1, 2]}))),
    ("S101", lambda: sk.polychoric(GOOD, ordered=5)),  # type: ignore[arg-type]
    ("S102", lambda: sk.describe(GOOD, scale=(5, 1))),
    ("S006", lambda: sk.cohen_kappa([1, np.inf, 2], [1, 2, 2])),
    ("S006", lambda: sk.krippendorff_alpha(pd.DataFrame({"A": [1, np.inf], "B": [1, 2]}))),
]


@pytest.mark.parametrize(("code", "call"), REFUSED)
def test_refusals_of_this_table(code: str, call: Any) -> None:
    with pytest.raises(SurveykitError) as caught:
        call()
    assert caught.value.code == code


def test_a_misspelt_column_is_answered_with_the_nearest() -> None:
    data = answers().rename(columns={"a": "trust_1", "b": "trust_2"})
    for call in (
        lambda: sk.htmt(data, "x =~ trust_1 + trust_3; y =~ c + d"),
        lambda: sk.correlate(data, variables=["trust_1", "trust3"]),
        lambda: sk.score_items(data, {"s": ["trust_1", "-trust_22"]}),
    ):
        with pytest.raises(SurveykitError, match="S029") as caught:
            call()
        assert "trust_" in str(caught.value.fields["nearest"])


def test_names_may_come_in_any_order_keeping_form() -> None:
    wanted = sk.correlate(GOOD, variables=["a", "b", "c"]).r
    for names in (
        ("a", "b", "c"),
        pd.Index(["a", "b", "c"]),
        np.array(["a", "b", "c"]),
        dict.fromkeys("abc").keys(),
    ):
        pd.testing.assert_frame_equal(sk.correlate(GOOD, variables=names).r, wanted)  # type: ignore[arg-type]
