"""What goes wrong with data and models: a code, and which variables or parameters."""

import numpy as np
import pytest
from engine_fits import ready, solution

from reference_data import dataset, fit_record
from surveykit.errors import SurveykitError
from surveykit.estimation.moments import SampleMoments, moments_of_cases, moments_of_summary
from surveykit.estimation.sem.data_checks import check_covariance
from surveykit.estimation.sem.engine import Solution, fit
from surveykit.estimation.sem.parameter_table import build_table
from surveykit.estimation.sem.settings import resolve
from surveykit.estimation.sem.syntax import parse_model
from surveykit.estimation.sem.table_options import table_options

RNG = np.random.default_rng(3)
CASES = RNG.normal(size=(40, 3))
NAMES = ("a", "b", "c", "d")


def sample(fourth: np.ndarray, n: int = 40) -> SampleMoments:
    return moments_of_cases(np.column_stack([CASES, fourth])[:n], NAMES, label="JP")


UNUSABLE = [
    pytest.param(sample(np.full(40, 3.0)), "M041", {"names": "d"}, id="constant"),
    pytest.param(sample(2 * CASES[:, 1] + 1), "M042", {"one": "b", "other": "d"}, id="duplicate"),
    pytest.param(sample(-CASES[:, 0]), "M042", {"one": "a", "other": "d"}, id="mirror image"),
    pytest.param(sample(RNG.normal(size=40), n=3), "M043", {"n": 3, "p": 4}, id="too few cases"),
    pytest.param(sample(CASES.sum(axis=1)), "M044", {"names": "a, b, c, d"}, id="a total"),
    pytest.param(sample(CASES[:, 0] - CASES[:, 2]), "M044", {"names": "a, c, d"}, id="a difference"),
]


@pytest.mark.parametrize(("moments", "code", "facts"), UNUSABLE)
def test_a_covariance_matrix_without_inverse_is_refused(
    moments: SampleMoments, code: str, facts: dict[str, object]
) -> None:
    with pytest.raises(SurveykitError) as refusal:
        check_covariance(moments, several=True)
    assert refusal.value.code == code
    assert facts.items() <= refusal.value.fields.items()
    assert "'JP'" in str(refusal.value)


def test_a_matrix_that_no_cases_have_is_refused() -> None:
    frame = dataset("hs1939_not_pd").set_index("var")
    moments = moments_of_summary(frame.to_numpy(), 301, tuple(frame.columns))
    with pytest.raises(SurveykitError, match="M045"):
        check_covariance(moments, several=False)


def test_nearly_collinear_data_are_not_refused() -> None:
    check_covariance(sample(CASES[:, 0] + 1e-4 * RNG.normal(size=40)), several=False)


def test_collinear_columns_of_the_reference_are_named() -> None:
    with pytest.raises(SurveykitError) as refusal:
        fit(*ready(fit_record("messages", "sample-cov-collinear")))
    assert refusal.value.code == "M044"
    assert refusal.value.fields["names"] == "x1, x2, x10"


def codes(found: Solution) -> set[str]:
    return {one.code for one in found.notes}


NOT_IDENTIFIED = [
    ("not-identified-two-indicators", {"f =~ x2", "x1 ~~ x1", "x2 ~~ x2", "f ~~ f"}),
    ("not-identified-loadings", {"f =~ x1", "f =~ x2", "f =~ x3", "f =~ x4", "f ~~ f"}),
]


@pytest.mark.parametrize(("name", "parameters"), NOT_IDENTIFIED)
def test_a_model_that_is_not_identified_names_its_parameters(name: str, parameters: set[str]) -> None:
    found = solution("messages", name)
    [told] = [one for one in found.notes if one.code == "M046"]
    assert set(told.fields["names"].split("; ")) == parameters
    assert found.vcov is None
    free = found.table.free > 0
    assert np.isnan(found.standard_errors[free]).all()
    assert (found.standard_errors[~free] == 0).all()


def test_negative_degrees_of_freedom() -> None:
    found = solution("messages", "negative-df")
    assert {"M046", "M047"} <= codes(found)
    assert found.df == fit_record("messages", "negative-df")["fit"]["df"] == -2
    assert all(np.isnan(one.stat) for one in found.tests)


@pytest.mark.parametrize(
    "name", ["heywood-just-identified", "factors-not-pd", "heywood-poldem20", "saturated", "heywood-bounded"]
)
def test_inadmissible_solutions_are_those_of_r(name: str) -> None:
    record, found = fit_record("messages", name), solution("messages", name)
    table = found.table
    place = {(table.lhs[at], table.op[at], table.rhs[at]): at for at in range(len(table))}
    for one in record["parameters"]:
        at = place[one["lhs"], one["op"], one["rhs"]]
        # lavaan's default stopping rule leaves 1e-6 to 1e-5.
        assert found.estimates[at] == pytest.approx(one["est"], rel=1e-5, abs=1e-5)
        if one["se"] is not None:
            assert found.standard_errors[at] == pytest.approx(one["se"], rel=1e-5, abs=1e-5)


def test_a_solution_on_its_bound_says_so() -> None:
    found = solution("messages", "heywood-bounded")
    [told] = [one for one in found.notes if one.code == "M052"]
    assert told.fields["names"] == "x4 ~~ x4 >= 0"
    assert found.estimates[found.table.rhs.index("x4", 3)] == 0


def small_fit(data: np.ndarray, model: str = "f =~ a + b + c + d", **options: object) -> Solution:
    settings = resolve(**options)  # type: ignore[arg-type]
    parsed = parse_model(model)
    table = build_table(parsed, table_options("cfa", parsed))
    names = table.variable_names("ov")
    return fit(table, (moments_of_cases(data, names, divide_by_n=settings.divide_by_n),), settings)


def test_wls_with_too_few_cases_has_no_weight_matrix() -> None:
    with pytest.raises(SurveykitError, match="M050"):
        small_fit(RNG.normal(size=(10, 4)) + RNG.normal(size=(10, 1)), estimator="WLS")


def test_one_cluster_is_not_enough() -> None:
    settings = resolve("MLR", clustered=True)
    table = build_table(
        "f =~ a + b + c", table_options("cfa", parse_model("f =~ a + b + c"), meanstructure=True)
    )
    one = moments_of_cases(CASES + RNG.normal(size=(40, 1)), NAMES[:3], cluster=np.zeros(40, dtype=np.int64))
    with pytest.raises(SurveykitError, match="M051"):
        fit(table, (one,), settings)


def test_without_a_common_factor_no_solution_is_claimed() -> None:
    """Independent noise with a marker that covaries with nothing: loadings run away or are unstable."""
    found = small_fit(np.random.default_rng(8).normal(size=(30, 4)))
    assert found.converged or "M048" in codes(found)


BAD_WORDS = [
    ({"estimator": "GLS", "categorical": True}, "M040"),
    ({"estimator": "ULS", "se": "robust.huber.white"}, "M040"),
    ({"estimator": "MLM", "missing": "ml"}, "M040"),
    ({"estimator": "DWLS", "missing": "ml"}, "M040"),
    ({"estimator": "WLS", "se": "robust.sem.nt"}, "M040"),
    ({"estimator": "ML", "se": "robust.cluster"}, "M040"),
    ({"estimator": "ULS", "information": "first.order"}, "M040"),
    ({"estimator": "MLE"}, "O001"),
    ({"test": "satora"}, "O001"),
    ({"information": ("expected", "hessian")}, "O001"),
]


@pytest.mark.parametrize(("options", "code"), BAD_WORDS)
def test_settings_that_do_not_exist_are_refused(options: dict[str, object], code: str) -> None:
    with pytest.raises(SurveykitError) as refusal:
        resolve(**options)  # type: ignore[arg-type]
    assert refusal.value.code == code


def test_a_model_that_is_barely_identified_says_so() -> None:
    """Two factors that correlate at .99999 cannot be told apart."""
    rng = np.random.default_rng(11)
    f = rng.normal(size=(500, 1))
    g = f + 1e-3 * rng.normal(size=(500, 1))
    data = np.hstack([f + 0.5 * rng.normal(size=(500, 3)), g + 0.5 * rng.normal(size=(500, 3))])
    settings = resolve("ML")
    model = "f =~ a + b + c\ng =~ d + e + k\nh =~ a + b + d + e"
    parsed = parse_model(model)
    table = build_table(parsed, table_options("cfa", parsed, orthogonal=False))
    names = table.variable_names("ov")
    found = fit(table, (moments_of_cases(data, names),), settings)
    assert codes(found) & {"M046", "M048", "M049"}
