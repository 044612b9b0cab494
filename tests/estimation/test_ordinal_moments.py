"""Statistics of ordered and mixed variables and their asymptotic covariance, against lavaan."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from reference_data import case, dataset, fit_record, matrix
from surveykit.errors import SurveykitError
from surveykit.estimation.ordinal_moments import OrdinalMoments, check_same_categories, ordinal_moments

LAVAAN = json.loads((Path(__file__).parent / "ordinal_moments_lavaan.json").read_text("utf-8"))
CASES = [name for name in LAVAAN if name != "lavaan"]
A = [f"A{place}" for place in range(1, 6)] + [f"C{place}" for place in range(1, 6)]
U = [f"u{place}" for place in range(1, 9)]


def all_ordered(frame: pd.DataFrame, **more: Any) -> OrdinalMoments:
    values = frame.to_numpy(dtype=float)
    return ordinal_moments(values, np.full(values.shape[1], True), list(frame.columns), **more)


def lavaan_case(name: str) -> tuple[dict[str, Any], OrdinalMoments]:
    """One case of ordinal_moments_lavaan.R, with the data as that script prepares them."""
    record = LAVAAN[name]
    data = dataset("bfi_keyed_600")
    data["C4"] = (data["C4"] > 4).where(data["C4"].notna()).astype(float)
    needed = record["xs"] if record["missing"] == "pairwise" else record["ys"] + record["xs"]
    data = data.dropna(subset=needed)
    x = data[record["xs"]].to_numpy(dtype=float) if record["xs"] else None
    ordered = np.array([variable in record["ordered"] for variable in record["ys"]])
    values = data[record["ys"]].to_numpy(dtype=float)
    return record, ordinal_moments(values, ordered, record["ys"], x=x, x_names=record["xs"])


@pytest.mark.parametrize("name", CASES)
def test_statistics_are_lavaans(name: str) -> None:
    record, moments = lavaan_case(name)
    assert moments.n == record["n"]
    assert len(moments.labels) == len(moments.statistics)
    # lavaan's correlations stop up to 3e-8 short; covariances of age (variance 120) the more.
    np.testing.assert_allclose(moments.statistics, record["statistics"], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", CASES)
def test_the_asymptotic_covariance_is_lavaans(name: str) -> None:
    record, moments = lavaan_case(name)
    expected = np.array(record["gamma"])
    sd = np.sqrt(np.diagonal(expected))
    # In units of the standard errors: what lavaan's search leaves in its correlations moves these by 1e-6.
    np.testing.assert_allclose(moments.gamma / np.outer(sd, sd), expected / np.outer(sd, sd), atol=2e-6)
    np.testing.assert_allclose(moments.gamma_diagonal, np.diagonal(moments.gamma), rtol=1e-10)


def test_labels_name_the_statistics_in_lavaans_order() -> None:
    _, moments = lavaan_case("mixed")
    assert moments.labels[:3] == ("C5~1", "A1|t1", "A1|t2")
    assert moments.labels[-13:] == (
        "C4|t1", "C5~~C5", "age~~age", "C5~~A1", "C5~~A2", "C5~~age", "C5~~C4",
        "A1~~A2", "A1~~age", "A1~~C4", "A2~~age", "A2~~C4", "age~~C4",
    )  # fmt: skip
    _, moments = lavaan_case("covariates")
    slopes = tuple(label for label in moments.labels if label.count("~") == 1)
    assert slopes == ("A1~age", "A2~age", "C4~age", "A1~C2", "A2~C2", "C4~C2")


def test_gamma_and_weights_of_the_datcat_case() -> None:
    results = case("ord-datcat")["results"]
    moments = all_ordered(dataset("datcat")[U])
    expected = matrix(results["gamma"])
    assert list(expected.index) == list(moments.labels)
    np.testing.assert_allclose(moments.gamma, expected.to_numpy(), rtol=1e-5, atol=1e-6)
    weights = np.array(list(results["wls_v_diagonal"].values()))
    np.testing.assert_allclose(moments.weight("DWLS"), weights, rtol=1e-6)
    np.testing.assert_array_equal(moments.weight("ULS"), np.ones(len(weights)))
    identity = moments.weight("WLS") @ moments.gamma
    np.testing.assert_allclose(identity, np.eye(len(weights)), atol=1e-9)


def test_weights_that_do_not_exist_are_refused() -> None:
    few = all_ordered(dataset("datcat")[U].iloc[:40])
    with pytest.raises(SurveykitError) as refused:
        few.weight("WLS")
    assert refused.value.code == "S069"
    certain = replace(few, gamma_diagonal=np.append(np.zeros(1), few.gamma_diagonal[1:]))
    with pytest.raises(SurveykitError, match=r"u1\|t1") as refused:
        certain.weight("DWLS")
    assert refused.value.code == "S068"


@pytest.mark.parametrize(
    ("case_id", "fit", "frame", "items"),
    [
        ("ord-datcat", "WLSMV", "datcat", U),
        ("ord-bfi600", "WLSMV-listwise", "bfi_keyed_600", A),
        ("ord-bfi600", "WLSMV-pairwise", "bfi_keyed_600", A),
    ],
)
def test_sample_statistics_of_the_reference(case_id: str, fit: str, frame: str, items: list[str]) -> None:
    record = fit_record(case_id, fit)
    data = dataset(frame)[items]
    if record["resolved"]["missing"] == "listwise":
        data = data.dropna()
    moments = all_ordered(data)
    sample = record["sampstat"][0]
    assert [moments.n] == record["n"]["nobs"]
    np.testing.assert_allclose(moments.cov, matrix(sample["cov"]).to_numpy(), atol=1e-6)
    np.testing.assert_array_equal(moments.mean, list(sample["mean"].values()))
    thresholds = dict(zip(moments.labels, moments.thresholds, strict=False))
    assert thresholds == pytest.approx(sample["th"], abs=1e-10)


def test_sample_statistics_by_group() -> None:
    record = fit_record("ord-mg-datcat", "configural")
    data = dataset("datcat")
    for sample in record["sampstat"]:
        moments = all_ordered(data.loc[data["g"].astype(str) == str(sample["group"]), U])
        np.testing.assert_allclose(moments.cov, matrix(sample["cov"]).to_numpy(), atol=1e-6)
        np.testing.assert_allclose(moments.thresholds, list(sample["th"].values()), atol=1e-10)


def test_statistics_given_a_covariate() -> None:
    record = fit_record("ord-mimic", "WLSMV")
    sample = record["sampstat"][0]
    data = dataset("bfi_keyed_600")[[*A, "age"]].dropna()
    moments = all_ordered(data[A], x=data[["age"]].to_numpy(dtype=float), x_names=["age"])
    np.testing.assert_allclose(moments.cov, matrix(sample["res.cov"]).to_numpy(), atol=1e-6)
    np.testing.assert_allclose(moments.thresholds, list(sample["res.th"].values()), rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(moments.slopes[:, 0], list(sample["res.slopes"].values()), atol=1e-7)
    np.testing.assert_allclose(moments.x_mean, list(sample["mean.x"].values()), rtol=1e-9)
    np.testing.assert_allclose(moments.x_cov, [[sample["cov.x"]]], rtol=1e-9)


def test_both_routes_agree() -> None:
    """An unrelated numeric variable sends ordered items the way case by case; nothing of theirs changes."""
    data = dataset("datcat")[U[:5]]
    alone = all_ordered(data)
    rng = np.random.default_rng(2)
    wide = np.column_stack([data.to_numpy(dtype=float), rng.normal(size=len(data))])
    mixed = ordinal_moments(wide, np.arange(6) < 5, [*U[:5], "z"])
    where = [mixed.labels.index(label) for label in alone.labels]
    np.testing.assert_allclose(mixed.statistics[where], alone.statistics, atol=1e-12)
    np.testing.assert_allclose(mixed.influence[:, where], alone.influence, atol=1e-9)


def test_a_covariate_without_effect_hardly_changes_the_correlations() -> None:
    rng = np.random.default_rng(4)
    data = dataset("datcat")[U[:3]]
    alone = all_ordered(data)
    given = all_ordered(data, x=rng.normal(size=(len(data), 1)), x_names=["noise"])
    np.testing.assert_allclose(given.cov, alone.cov, atol=0.02)


def test_units_of_a_covariate_only_scale_its_slopes() -> None:
    data = dataset("bfi_keyed_600")[["A1", "C3", "C5", "age"]].dropna()
    values, age = data[["A1", "C3", "C5"]].to_numpy(dtype=float), data[["age"]].to_numpy(dtype=float)
    ordered = np.array([True, True, False])
    years = ordinal_moments(values, ordered, ["A1", "C3", "C5"], x=age, x_names=["age"])
    units = ordinal_moments(values, ordered, ["A1", "C3", "C5"], x=age * 1e5, x_names=["age"])
    np.testing.assert_allclose(units.cov, years.cov, rtol=1e-8)
    np.testing.assert_allclose(units.slopes * 1e5, years.slopes, rtol=1e-7)
    np.testing.assert_allclose(units.correlation_variances, years.correlation_variances, rtol=1e-6)


def test_standard_errors_match_the_spread_of_simulated_samples() -> None:
    rng = np.random.default_rng(8)
    population = np.array([[1, 0.5, 0.4], [0.5, 1, 0.3], [0.4, 0.3, 1]])
    found = []
    for _ in range(300):
        latent = rng.multivariate_normal(np.zeros(3), population, size=400)
        answers = np.column_stack([np.digitize(latent[:, 0], [-1, 0, 1]), latent[:, 1] > 0.4])
        values = np.column_stack([answers, 3 * latent[:, 2] + 1])
        found.append(ordinal_moments(values, np.array([True, True, False]), ["a", "b", "y"]))
    spread = np.std([one.statistics for one in found], axis=0, ddof=1)
    claimed = np.sqrt(np.mean([one.gamma_diagonal for one in found], axis=0) / 400)
    # A standard deviation of 300 draws is good to 4 percent; three and a half of them.
    np.testing.assert_allclose(claimed, spread, rtol=0.15)


def test_a_numeric_variable_with_two_values_has_its_own_sampling_variance() -> None:
    """The outer product of its scores is singular (lavaan: a generalized inverse, and a warning)."""
    rng = np.random.default_rng(9)
    values = np.column_stack([rng.random(500) < 0.2, np.digitize(rng.normal(size=500), [-0.5, 0.7])]).astype(
        float
    )
    moments = ordinal_moments(values, np.array([False, True]), ["x", "u"])
    share = values[:, 0].mean()
    variance = share * (1 - share)
    assert moments.gamma_diagonal[0] == pytest.approx(variance)
    at = moments.labels.index("x~~x")
    assert moments.gamma_diagonal[at] == pytest.approx(variance * (1 - 2 * share) ** 2)


def test_rows_without_any_answer_do_not_count() -> None:
    data = dataset("datcat")[U[:3]].astype(float)
    empty = pd.concat([data, pd.DataFrame(np.nan, index=range(5), columns=U[:3])])
    assert all_ordered(empty).n == len(data)
    np.testing.assert_allclose(all_ordered(empty).gamma, all_ordered(data).gamma)


def test_what_is_noted() -> None:
    twin = pd.DataFrame({"a": [1, 2, 3, 5, 1, 2, 3, 5], "b": [1, 2, 3, 4, 1, 2, 3, 4]})
    notes = {one.code: one for one in all_ordered(twin).notes}
    assert set(notes) == {"S060", "S061"}
    assert notes["S060"].fields == {"count": 1, "pairs": "a – b"}
    assert notes["S061"].fields == {"name": "a", "categories": "4"}


def _frame(**columns: Any) -> np.ndarray:
    return np.column_stack([np.asarray(one, dtype=float) for one in columns.values()])


NAN = float("nan")
TEN = np.arange(10.0)


@pytest.mark.parametrize(
    ("code", "values", "ordered", "x"),
    [
        ("S062", _frame(a=TEN % 3, b=np.ones(10)), [True, True], None),
        ("S062", _frame(a=TEN % 3, b=np.full(10, 1e8)), [True, False], None),
        ("S064", _frame(a=[1, 2, 1, NAN, NAN, NAN], b=[NAN, NAN, NAN, 1, 2, 1]), [True, True], None),
        ("S066", _frame(a=np.arange(300.0), b=np.arange(300) % 2), [True, True], None),
        ("S063", _frame(a=TEN % 3, b=TEN % 2), [True, False], np.column_stack([TEN, 2 * TEN])),
        ("S063", _frame(a=TEN % 3, b=TEN > 4), [True, True], TEN[:, None]),  # x decides b
        ("S063", _frame(a=TEN % 3, b=TEN % 4), [True, True], np.ones((10, 1))),
    ],
)
def test_what_is_refused(code: str, values: np.ndarray, ordered: list[bool], x: np.ndarray | None) -> None:
    with pytest.raises(SurveykitError) as refused:
        ordinal_moments(values, np.array(ordered), ["a", "b"], x=x, x_names=["x"] if x is not None else ())
    assert refused.value.code == code


def test_groups_must_share_their_categories() -> None:
    data = pd.DataFrame({"a": [1, 2, 3, 1, 2, 3], "b": [1, 2, 2, 1, 2, 1]})
    jp, kr = all_ordered(data, label="JP"), all_ordered(data[data["a"] < 3], label="KR")
    check_same_categories([jp, jp])
    with pytest.raises(SurveykitError, match="'a' has no answer in category 3 in group 'KR'") as refused:
        check_same_categories([jp, kr])
    assert refused.value.code == "S065"
