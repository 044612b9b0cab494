"""Coefficient alpha against psych::alpha, and what it refuses."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_data import case, close, dataset
from surveykit.analysis.reliability import cronbach_alpha
from surveykit.errors import SurveykitError, SurveykitWarning

SCALES = {"agree": "A", "consc": "C", "extra": "E", "neuro": "N", "open": "O"}

# psych's column -> ours.
TOTAL = {
    "raw_alpha": "cronbach_alpha",
    "std.alpha": "standardized_alpha",
    "G6(smc)": "lambda6",
    "average_r": "average_r",
    "S/N": "signal_noise",
    "ase": "se",
    "mean": "mean",
    "sd": "sd",
    "median_r": "median_r",
}
ITEMS = {
    "n": "n",
    "raw.r": "r_raw",
    "std.r": "r_std",
    "r.cor": "r_cor",
    "r.drop": "r_drop",
    "mean": "mean",
    "sd": "sd",
}
DROPPED = {
    "raw_alpha": "alpha",
    "std.alpha": "standardized_alpha",
    "G6(smc)": "lambda6",
    "average_r": "average_r",
    "S/N": "signal_noise",
    "alpha se": "se",
    "var.r": "var_r",
    "med.r": "median_r",
}


def scale_items(scale: str) -> pd.DataFrame:
    return dataset("bfi_keyed")[[f"{SCALES[scale]}{number}" for number in range(1, 6)]]


def seven_items(n: int = 60, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    trait = rng.normal(size=(n, 1))
    points = np.clip(np.round(4 + 1.2 * trait + rng.normal(size=(n, 7))), 1, 7)
    return pd.DataFrame(points, columns=[f"t{number}" for number in range(1, 8)])


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize(("variant", "missing"), [("pairwise", "pairwise"), ("complete", "listwise")])
class TestAgainstPsych:
    """Every column of psych::alpha; both closed form, so the record's 1e-9 holds."""

    def reference(self, scale: str, variant: str) -> dict[str, Any]:
        record = case("rel-alpha-bfi")
        self.tolerance = (record["tolerance"]["relative"], record["tolerance"]["absolute"])
        return dict(record["results"][variant][scale])

    def test_scale(self, scale: str, variant: str, missing: str) -> None:
        expected = self.reference(scale, variant)
        result = cronbach_alpha(scale_items(scale), missing=missing)
        assert (result.n, result.n_items) == (expected["n"], expected["k"])
        assert set(expected["total"][0]) == set(TOTAL)
        for column, name in TOTAL.items():
            assert close(getattr(result, name), expected["total"][0][column], *self.tolerance), name
        assert close(result.unidim, expected["unidim"], *self.tolerance)
        assert close(result.se, expected["ase_duhachek"], *self.tolerance)

    def test_intervals(self, scale: str, variant: str, missing: str) -> None:
        expected = self.reference(scale, variant)
        result = cronbach_alpha(scale_items(scale), missing=missing)
        for ours, theirs in zip(result.intervals["feldt"], expected["ci95_feldt"], strict=True):
            assert close(ours, theirs, *self.tolerance)
        for ours, theirs in zip(result.intervals["duhachek"], expected["ci95_duhachek"], strict=True):
            assert close(ours, theirs, *self.tolerance)
        assert (result.ci_lower, result.ci_upper) == result.intervals["feldt"]

    def test_items(self, scale: str, variant: str, missing: str) -> None:
        expected = self.reference(scale, variant)
        table = cronbach_alpha(scale_items(scale), missing=missing).item_statistics
        for row in expected["items"]:
            assert set(row) == {"item", *ITEMS}
            for column, name in ITEMS.items():
                assert close(table.loc[row["item"], name], row[column], *self.tolerance), name
        for row in expected["if_dropped"]:
            assert set(row) == {"item", *DROPPED}
            for column, name in DROPPED.items():
                assert close(table.loc[row["item"], f"{name}_if_dropped"], row[column], *self.tolerance), name


REFUSED = [
    ("S001", seven_items()[["t1"]]),
    ("S002", seven_items().assign(t3="agree")),
    ("S003", seven_items().iloc[:1]),
    ("S003", seven_items().iloc[:2]),
    ("S003", pd.DataFrame(np.where(np.eye(6), np.nan, np.arange(36).reshape(6, 6) % 5))),
    ("S004", seven_items().assign(t3=4)),
    ("S005", seven_items().assign(t3=np.nan)),
    ("S006", seven_items().assign(t3=np.inf)),
    ("S011", seven_items().rename(columns={"t3": "t2"})),
    ("S012", [1, 2, 3]),
    ("S014", pd.DataFrame({"a": [1, 2, 3, 4], "b": [4, 3, 2, 1]})),
]


@pytest.mark.parametrize(("code", "items"), REFUSED)
def test_bad_items_are_refused_with_a_code(code: str, items: Any) -> None:
    with pytest.raises(SurveykitError) as caught:
        cronbach_alpha(items)
    assert caught.value.code == code
    assert len(str(caught.value).splitlines()) == 2  # what is wrong, and what to do


def test_items_never_answered_together_are_refused() -> None:
    items = seven_items(20)
    items.loc[:9, "t1"] = np.nan
    items.loc[10:, "t2"] = np.nan
    with pytest.raises(SurveykitError, match="S013") as caught:
        cronbach_alpha(items, missing="pairwise")
    assert {caught.value.fields["first"], caught.value.fields["second"]} == {"t1", "t2"}


def test_the_text_that_is_no_number_is_named() -> None:
    with pytest.raises(SurveykitError, match="S002") as caught:
        cronbach_alpha(seven_items().astype(object).assign(t2=["5"] * 60))
    assert caught.value.fields == {"name": "t2", "value": "'5'"}


@pytest.mark.parametrize("dtype", ["Int64", "Float64", "int8", "object", "category"])
def test_numbers_are_numbers_whatever_holds_them(dtype: str) -> None:
    items = seven_items()
    expected = cronbach_alpha(items)
    assert cronbach_alpha(items.astype("int64").astype(dtype)).cronbach_alpha == expected.cronbach_alpha
    assert cronbach_alpha(items.to_numpy()).cronbach_alpha == expected.cronbach_alpha


def test_a_negatively_keyed_item_is_named_not_flipped() -> None:
    items = seven_items().assign(t2=lambda frame: 8 - frame["t2"])
    with pytest.warns(SurveykitWarning, match="S008.*t2"):
        result = cronbach_alpha(items)
    assert result.item_statistics.loc["t2", "r_drop"] < 0
    assert [one.code for one in result.notes] == ["S008"]


def test_an_overlap_correction_that_does_not_exist_is_explained() -> None:
    with pytest.warns(SurveykitWarning, match="S008"):
        result = cronbach_alpha(dataset("bfi")[["A1", "A2", "A3", "C4", "E1"]], missing="pairwise")
    assert result.item_statistics["r_cor"].isna().all()
    assert "S077" in [one.code for one in result.notes]


def test_two_items_say_why_nothing_is_dropped() -> None:
    items = seven_items()[["t1", "t2"]]
    result = cronbach_alpha(items)
    r = float(np.corrcoef(items["t1"], items["t2"])[0, 1])
    # Spearman-Brown: two items, standardized.
    assert close(result.standardized_alpha, 2 * r / (1 + r), 1e-12, 1e-12)
    assert result.item_statistics["alpha_if_dropped"].isna().all()
    assert [one.code for one in result.notes] == ["S009"]


def test_what_was_left_out_is_noted() -> None:
    items = seven_items()
    items.loc[[3, 5], "t1"] = np.nan
    assert [one.code for one in cronbach_alpha(items).notes] == ["S007"]
    assert cronbach_alpha(items).n == 58
    assert [one.code for one in cronbach_alpha(items, missing="pairwise").notes] == ["S010"]


def test_dropped_coefficients_equal_the_smaller_scale() -> None:
    items = seven_items()
    table = cronbach_alpha(items).item_statistics
    for name in items:
        rest = cronbach_alpha(items.drop(columns=name))
        assert close(table.loc[name, "alpha_if_dropped"], rest.cronbach_alpha, 1e-12, 1e-12)
        assert close(table.loc[name, "lambda6_if_dropped"], rest.lambda6, 1e-10, 1e-10)
        assert close(table.loc[name, "se_if_dropped"], rest.se, 1e-10, 1e-10)


@pytest.mark.parametrize("unit", [1e3, 1e7, 1e10])
@pytest.mark.filterwarnings("ignore::surveykit.errors.SurveykitWarning")
def test_a_scale_without_its_item_in_large_units_is_the_smaller_scale(unit: float) -> None:
    items = dataset("bfi_keyed")[["A1", "A2", "A3", "A4", "C1"]].dropna()
    result = cronbach_alpha(items.assign(C1=items["C1"] * unit))
    without = cronbach_alpha(items.drop(columns="C1"))
    row = result.item_statistics.loc["C1"]
    assert row["alpha_if_dropped"] == pytest.approx(without.cronbach_alpha, rel=1e-12)
    assert row["se_if_dropped"] == pytest.approx(without.se, rel=1e-12)
    rest = items.drop(columns="C1").sum(axis=1)
    assert row["r_drop"] == pytest.approx(items["C1"].corr(rest), rel=1e-9)
    assert "S081" not in [one.code for one in result.notes]


@pytest.mark.parametrize("unit", [0.1, 0.3, 0.7, 1 / 7, 1e3 / 7, 1e6 / 13])
@pytest.mark.filterwarnings("ignore::surveykit.errors.SurveykitWarning")
def test_the_rest_that_cancels_has_no_correlation(unit: float) -> None:
    items = dataset("bfi_keyed")[["A1", "A2"]].dropna() * [unit, 1.0]
    result = cronbach_alpha(items.assign(mirror=-items["A1"]))
    assert np.isnan(result.item_statistics.loc["A2", ["alpha_if_dropped", "r_drop"]].astype(float)).all()
    assert "S081" in [one.code for one in result.notes]


def test_the_bootstrap_interval_is_repeatable_and_near_feldt() -> None:
    items = seven_items(400)
    first = cronbach_alpha(items, interval="bootstrap", bootstrap=2000, seed=3)
    again = cronbach_alpha(items, interval="bootstrap", bootstrap=2000, seed=3)
    assert (first.ci_lower, first.ci_upper) == (again.ci_lower, again.ci_upper)
    # Normal-theory and bootstrap widths agree to a tenth of the width with n = 400 normal-ish items.
    width = first.intervals["feldt"][1] - first.intervals["feldt"][0]
    assert abs(first.ci_lower - first.intervals["feldt"][0]) < 0.25 * width
    assert abs(first.ci_upper - first.intervals["feldt"][1]) < 0.25 * width


@pytest.mark.parametrize(
    ("code", "options"),
    [("O001", {"missing": "fiml"}), ("O001", {"interval": "wald"}), ("O002", {"conf_level": 95})],
)
def test_options_are_checked(code: str, options: dict[str, Any]) -> None:
    with pytest.raises(SurveykitError, match=code):
        cronbach_alpha(seven_items(), **options)


def test_the_repr_is_the_one_of_the_style_guide() -> None:
    trust = pd.DataFrame({"t1": [1, 2, 3, 4, 5, 5], "t2": [2, 2, 3, 4, 4, 5], "t3": [1, 3, 3, 5, 4, 5]})
    shown = repr(cronbach_alpha(trust))
    assert shown.startswith("<AlphaResult: alpha = 0.9")
    assert shown.endswith("(Feldt), 3 items, n = 6>")


@given(st.integers(0, 10_000), st.floats(0.1, 10), st.floats(-5, 5))
def test_alpha_ignores_origin_and_common_scale(seed: int, scale: float, origin: float) -> None:
    items = seven_items(30, seed)
    plain = cronbach_alpha(items)
    moved = cronbach_alpha(items * scale + origin)
    assert close(moved.cronbach_alpha, plain.cronbach_alpha, 1e-8, 1e-8)
    assert plain.cronbach_alpha <= 1
    assert plain.ci_lower <= plain.cronbach_alpha <= plain.ci_upper


def test_pairwise_correlations_that_cannot_be_are_noted() -> None:
    items = pd.DataFrame(
        {
            "a": [1, 2, 3, 4, 1, 2, 3, 4, np.nan, np.nan, np.nan, np.nan],
            "b": [1, 2, 3, 4, np.nan, np.nan, np.nan, np.nan, 1, 2, 3, 4],
            "c": [np.nan, np.nan, np.nan, np.nan, 1, 2, 3, 4, 4, 3, 2, 1.5],
        }
    )
    result = cronbach_alpha(items, missing="pairwise")
    assert "S072" in [one.code for one in result.notes]


def test_intervals_hold_the_true_alpha_as_often_as_they_say() -> None:
    # Parallel items, the case that Feldt's and Bonett's intervals are made for: 4,000 samples of 89.
    from surveykit.estimation.reliability import alpha_of, bonett_interval, feldt_interval

    n, k, r = 89, 7, 0.45
    population = np.full((k, k), r) + (1 - r) * np.eye(k)
    true = float(alpha_of(population))
    rng = np.random.default_rng(5)
    rows = rng.standard_normal((4000, n, k)) @ np.linalg.cholesky(population).T
    centred = rows - rows.mean(axis=1, keepdims=True)
    alphas = alpha_of(np.swapaxes(centred, 1, 2) @ centred)
    for interval in (feldt_interval, bonett_interval):
        inside = [lower < true < upper for lower, upper in (interval(a, n, k, 0.95) for a in alphas)]
        # Three standard errors of a share of .95 in 4,000.
        assert abs(np.mean(inside) - 0.95) < 3 * np.sqrt(0.95 * 0.05 / 4000), interval.__name__


def test_feldts_interval_is_rs() -> None:
    from surveykit.estimation.reliability import feldt_interval

    # Formulas 6 and 7 of Feldt, Woodruff & Salih (1987): 1 - (1 - .79) * qf(c(.95, .05), 40, 40 * 25) in R.
    assert np.allclose(feldt_interval(0.79, 41, 26, 0.90), (0.704675961486, 0.861614452585), atol=1e-10)


def test_standardized_items_that_cancel_have_no_standardized_alpha() -> None:
    items = pd.DataFrame({"a": [1, 2, 3, 4], "b": [-2, -4, -6, -8]})
    with pytest.warns(SurveykitWarning, match="S008"):
        result = cronbach_alpha(items)
    assert result.cronbach_alpha == pytest.approx(-8.0)  # 2 (1 - 5/1): the totals still vary
    assert result.average_r == pytest.approx(-1.0)
    assert np.isnan([result.standardized_alpha, result.lambda6]).all()
    assert [one.code for one in result.notes] == ["S009", "S077", "S103", "S008"]
