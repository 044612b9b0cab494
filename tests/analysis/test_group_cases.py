"""Every column of the cases grp-ttest, grp-tost, grp-permutation, power-satorra-saris in public."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from reference_data import case, close, dataset, matrix
from surveykit.analysis.equivalence import equivalent_correlation
from surveykit.analysis.group_comparison import GroupComparison, compare_groups
from surveykit.analysis.permutation import permutation_test
from surveykit.analysis.power import power_sem
from surveykit.errors import SurveykitError
from surveykit.estimation.standardized_differences import mahalanobis, within_correlations

# Closed forms with 15 digits on both sides. Edges of the noncentral t come from R's uniroot, good to
# about 1e-7 here; R's Hodges-Lehmann shift stops within 1e-4 (the record allows 1e-3).
TIGHT, ROOT, SHIFT = 1e-8, 1e-6, 1e-3
# R leaves the series of the Kolmogorov distribution at terms below 1e-6; absolute, and it loses p < 1e-15.
KOLMOGOROV = 1e-8

DATA = {"sat_act": ("sat_act", ["ACT", "SATV", "SATQ"]), "bfi": ("bfi_keyed", ["agree", "neuro"])}


def table(key: str) -> tuple[pd.DataFrame, list[str]]:
    name, outcomes = DATA[key]
    frame = dataset(name)
    for outcome, letter in (("agree", "A"), ("neuro", "N")):
        if outcome in outcomes:
            frame[outcome] = frame[[f"{letter}{n}" for n in range(1, 6)]].mean(axis=1, skipna=False)
    first = case("grp-ttest")["results"][key][outcomes[0]]["groups"]
    frame["gender"] = pd.Categorical(frame["gender"].astype(str), first)
    return frame.dropna(subset=["gender"]).sort_values("gender"), outcomes


def compared(key: str, **options: Any) -> GroupComparison:
    frame, outcomes = table(key)
    return compare_groups(frame, outcomes, "gender", **options)


CASES = [(key, outcome) for key, (_, outcomes) in DATA.items() for outcome in outcomes]


def wanted_of(key: str, outcome: str) -> dict[str, Any]:
    return case("grp-ttest")["results"][key][outcome]


def row_of(result: pd.DataFrame, outcome: str) -> pd.Series:
    return result.set_index("outcome").loc[outcome]


@pytest.mark.parametrize(("key", "outcome"), CASES)
@pytest.mark.parametrize(
    ("record", "options"),
    [
        ("student", {"equal_variances": True}),
        ("welch", {}),
        ("welch_greater", {"alternative": "greater"}),
        ("welch_99", {"conf_level": 0.99}),
    ],
)
def test_t_tests(key: str, outcome: str, record: str, options: dict[str, Any]) -> None:
    row, wanted = row_of(compared(key, **options).to_frame(), outcome), wanted_of(key, outcome)[record]
    mine = [row[name] for name in ("t", "df", "pvalue", "ci_lower", "ci_upper", "mean_1", "mean_2", "se")]
    theirs = [wanted[name] for name in ("statistic", "df", "p")]
    theirs += [*wanted["ci"], *wanted["estimate"].values(), wanted["se"]]
    assert all(close(a, b, TIGHT, 1e-10) for a, b in zip(mine, theirs, strict=True))


def test_less_is_greater_turned_round() -> None:
    less = compared("sat_act", alternative="less").to_frame()
    greater = compared("sat_act", alternative="greater").to_frame()
    assert np.allclose(less["pvalue"] + greater["pvalue"], 1)
    assert np.allclose(less["brunner_munzel_pvalue"] + greater["brunner_munzel_pvalue"], 1)
    assert np.allclose(less["mann_whitney_pvalue"] + greater["mann_whitney_pvalue"], 1, atol=1e-3)
    assert np.isneginf(less["ci_lower"]).all()


@pytest.mark.parametrize(("key", "outcome"), CASES)
def test_variances_ranks_and_distributions(key: str, outcome: str) -> None:
    row, wanted = row_of(compared(key).to_frame(), outcome), wanted_of(key, outcome)
    ratio = wanted["var_test"]
    names = ["ratio", "df1", "df2", "pvalue", "ratio_ci_lower", "ratio_ci_upper"]
    theirs = [ratio["statistic"], *ratio["df"], ratio["p"], *ratio["ci"]]
    assert ratio["statistic"] == ratio["estimate"]["ratio of variances"]
    assert all(close(row[f"variance_{a}"], b, TIGHT) for a, b in zip(names, theirs, strict=True))
    ranks = wanted["wilcoxon"]
    assert close(row["mann_whitney_u"], ranks["statistic"], 0, 1e-9)
    assert ranks["statistic"] == wanted["wilcoxon_no_correction"]["statistic"]
    assert close(row["mann_whitney_pvalue"], ranks["p"], TIGHT, 1e-10)
    plain = wanted["wilcoxon_no_correction"]["p"]
    assert close(row["mann_whitney_pvalue_uncorrected"], plain, TIGHT, 1e-10)
    shift = [row[f"hodges_lehmann{end}"] for end in ("", "_ci_lower", "_ci_upper")]
    assert np.allclose(shift, [*ranks["estimate"].values(), *ranks["ci"]], rtol=0, atol=SHIFT)
    assert close(row["ks_d"], wanted["ks"]["statistic"], TIGHT)
    assert close(row["ks_pvalue"], wanted["ks"]["p"], 0, KOLMOGOROV)


@pytest.mark.parametrize(("key", "outcome"), CASES)
def test_effect_sizes(key: str, outcome: str) -> None:
    result = compared(key)
    row, wanted = row_of(result.effect_sizes, outcome), wanted_of(key, outcome)["effect"]
    shown = row_of(result.to_frame(), outcome)
    exact = {
        "n_1": "n1", "n_2": "n2", "pooled_sd": "pooled_sd", "cohen_d": "cohen_d",
        "cohen_d_se": "se_large_sample", "j": "J_exact", "j_approx": "J_approx",
        "hedges_g": "hedges_g_exact", "hedges_g_approx": "hedges_g_approx", "glass_delta": "glass_delta_sd2",
        "d_average_variance": "d_average_variance", "cliff_delta": "cliff_delta",
        "prob_superiority": "prob_superiority", "point_biserial": "point_biserial",
    }  # fmt: skip
    assert [name for name, key in exact.items() if not close(row[name], wanted[key], TIGHT)] == []
    described = {"mean_1": "mean1", "mean_2": "mean2", "sd_1": "sd1", "sd_2": "sd2"}
    assert [name for name, key in described.items() if not close(shown[name], wanted[key], TIGHT)] == []
    ends = {
        "cohen_d_ci": ("ci_noncentral_t", ROOT),
        "cohen_d_large_sample_ci": ("ci_large_sample", TIGHT),
        "hedges_g_ci": ("hedges_g_ci_noncentral", ROOT),
        "hedges_g_large_sample_ci": ("hedges_g_ci_large_sample", TIGHT),
    }
    for name, (key, tolerance) in ends.items():
        mine = [row[f"{name}_{end}"] for end in ("lower", "upper")]
        assert np.allclose(mine, wanted[key], rtol=tolerance, atol=tolerance), name
    compared_keys = {*exact.values(), *described.values(), *(key for key, _ in ends.values())}
    assert compared_keys == set(wanted)


@pytest.mark.parametrize("key", DATA)
def test_psych_cohen_d(key: str) -> None:
    """psych takes second minus first in alphabetical order, divides by N ("d") or N - 2 ("hedges_g")."""
    frame, outcomes = table(key)
    result, wanted = compared(key), case("grp-ttest")["results"][f"psych_cohen_d_{key}"]
    student = compared(key, equal_variances=True).to_frame()
    sizes = result.effect_sizes
    n = (sizes["n_1"] + sizes["n_2"]).to_numpy(float)
    scale = np.sqrt(n / (n - 2))
    turned = key == "sat_act"
    d = (-1 if turned else 1) * sizes["cohen_d"].to_numpy()
    ends = sizes[["cohen_d_ci_lower", "cohen_d_ci_upper"]].to_numpy()
    ends = -ends[:, ::-1] if turned else ends
    for name, factor, slack in (("hedges_g", 1.0, 5e-5), ("d", scale, 6e-4)):
        theirs = matrix(wanted[name])
        assert np.allclose(d * factor, theirs["effect"], rtol=TIGHT)
        # psych's root search stops early and takes the largest n for the degrees of freedom of all; its
        # interval of "d" treats d as if it were divided by N - 2.
        assert np.allclose(ends, theirs[["lower", "upper"]], atol=slack)
    parts = [own[outcomes].to_numpy(float) for _, own in frame.groupby("gender", observed=True)]
    # psych pools the groups' covariances of pairs by all cases, gaps included: the sixth digit.
    assert close(mahalanobis(d * scale, within_correlations(parts)), wanted["M_dist"], 1e-5)
    if key == "bfi":
        assert set(wanted) == {"d", "hedges_g", "M_dist"}
        return
    assert n.tolist() == wanted["n"]
    half = (matrix(wanted["d"])["upper"] - matrix(wanted["d"])["lower"]) / 2
    assert np.allclose(half, [wanted["se"][name] for name in outcomes], rtol=TIGHT)
    assert np.allclose(-sizes["point_biserial"], [wanted["r"][name] for name in outcomes], rtol=TIGHT)
    assert np.allclose(-student["t"], [wanted["t"][name] for name in outcomes], rtol=TIGHT)
    # psych takes 1 - pt, which leaves 1e-16 of absolute accuracy.
    assert np.allclose(student["pvalue"], [wanted["p"][name] for name in outcomes], rtol=TIGHT, atol=1e-15)


TOST = {
    "ACT_welch_1": ("ACT", False),
    "ACT_student_1": ("ACT", True),
    "ACT_welch_d03": ("ACT", False),
    "SATQ_welch_20": ("SATQ", False),
}


@pytest.mark.parametrize("name", TOST)
def test_equivalence(name: str) -> None:
    outcome, equal = TOST[name]
    wanted = case("grp-tost")["results"][name]
    frame, _ = table("sat_act")
    pooled = compare_groups(frame, outcome, "gender").effect_sizes["pooled_sd"][0]
    smallest = wanted["bounds"][1] / pooled
    result = compare_groups(frame, outcome, "gender", smallest_effect=smallest, equal_variances=equal)
    row = result.to_frame().iloc[0]
    names = ["lower", "upper", "t_lower", "p_lower", "t_upper", "p_upper", "df", "pvalue"]
    names += ["ci_lower", "ci_upper"]
    theirs = [*wanted["bounds"], *(wanted[key] for key in names[2:7]), wanted["p_tost"], *wanted["ci_90"]]
    assert all(close(row[f"tost_{a}"], b, TIGHT, 1e-12) for a, b in zip(names, theirs, strict=True))
    assert row["equivalent"] == wanted["equivalent"]
    assert result.equal_variances == wanted["var_equal"]


def test_equivalence_of_a_correlation() -> None:
    wanted = case("grp-tost")["results"]["correlation"]
    frame, _ = table("sat_act")
    result = equivalent_correlation(frame, "ACT", "age", bound=wanted["bound"])
    assert all(close(getattr(result, key), value, TIGHT, 1e-12) for key, value in wanted.items())
    assert result.equivalent
    assert -0.2 < result.ci_lower < result.r < result.ci_upper < 0.2
    pooled = compare_groups(frame, "ACT", "gender").effect_sizes["pooled_sd"][0]
    assert close(pooled, case("grp-tost")["results"]["pooled_sd_ACT"], TIGHT)
    assert "within .20: p = .008" in result.summary()
    assert result.to_frame()["n"].tolist() == [700]


@pytest.mark.parametrize(
    ("first", "second", "bound", "code"),
    [
        ("a", "b", 1.5, "G040"),
        ("a", "b", -0.2, "G040"),
        ("a", "flat", 0.2, "G039"),
        ("a", "few", 0.2, "G039"),
        ("a", "bb", 0.2, "G001"),
    ],
)
def test_what_equivalence_refuses(first: str, second: str, bound: float, code: str) -> None:
    frame = pd.DataFrame({"a": np.arange(6.0), "b": [1.0, 3, 2, 5, 4, 6], "flat": 1.0})
    frame["few"] = [1.0, 2, 3, np.nan, np.nan, np.nan]
    with pytest.raises(SurveykitError, match=code):
        equivalent_correlation(frame, first, second, bound=bound)


def test_permutation_ranks() -> None:
    wanted = case("grp-permutation")["results"]
    result = permutation_test(wanted["x"], wanted["y"])
    exact = wanted["wilcoxon_exact"]
    mine = [result.rank_statistic, result.rank_pvalue, result.hodges_lehmann]
    mine += [result.hodges_lehmann_ci_lower, result.hodges_lehmann_ci_upper]
    theirs = [exact["statistic"], exact["p"], *exact["estimate"].values(), *exact["ci"]]
    assert all(close(a, b, 1e-12, 1e-12) for a, b in zip(mine, theirs, strict=True))
    paired = permutation_test(wanted["paired_differences"], paired=True)
    assert paired.rank_statistic == wanted["signed_rank_exact"]["statistic"]
    # wilcox.test(paired_differences, conf.int = TRUE), R 4.2.2.
    shift = (paired.hodges_lehmann, paired.hodges_lehmann_ci_lower, paired.hodges_lehmann_ci_upper)
    assert np.allclose(shift, (0.975, 0.25, 1.6))
    assert 0.95 <= paired.rank_ci_level < 0.97


def test_too_small_for_the_interval_says_so() -> None:
    result = permutation_test([4.5, 5.0], [3.0, 3.5, 2.0])
    assert [one.code for one in result.notes] == ["G007", "G038"]
    assert result.rank_ci_level == pytest.approx(0.8)
    assert (result.hodges_lehmann_ci_lower, result.hodges_lehmann_ci_upper) == (1.0, 3.0)


@pytest.mark.parametrize("row", case("power-satorra-saris")["results"]["by_n"], ids=lambda row: str(row["n"]))
def test_power_of_one_parameter(row: dict[str, float]) -> None:
    wanted = case("power-satorra-saris")["results"]
    truths = (wanted["population_model"], matrix(wanted["population_cov"]))
    for truth in truths:
        result = power_sem(wanted["analysis_model"], truth, int(row["n"]))
        # The record's own: estimates of a model 1e-6, and power follows from the noncentrality.
        assert close(result.ncp, row["ncp"], 1e-6)
        assert close(result.power, row["power"], 1e-6)
    if row["n"] == 200:
        assert close(result.power, wanted["SSpower_n200"], 1e-6)


def test_the_size_for_a_power() -> None:
    wanted = case("power-satorra-saris")["results"]
    result = power_sem(wanted["analysis_model"], wanted["population_model"], power=0.8)
    assert result.power >= 0.8
    below = power_sem(wanted["analysis_model"], wanted["population_model"], result.n[0] - 1)
    assert below.power < 0.8
    assert list(result.to_frame().columns) == ["test", "n", "power", "alpha", "ncp"]


def test_what_power_refuses() -> None:
    truth = "f =~ .7*x1 + .7*x2 + .7*x3 + .6*x4"
    with pytest.raises(SurveykitError, match="G041"):
        power_sem("f =~ x1 + x2 + x3 + x4", truth, 200)
    with pytest.raises(SurveykitError, match="G031"):
        power_sem("f =~ x1 + x2 + x3 + x4", truth, 200, df=0)
    with pytest.raises(SurveykitError, match="M120"):
        power_sem("f =~ x1 + x2 + x3 + x4", "f =~ x1 + x2 + x3 + x4", 200)


def test_a_shift_with_and_without_ties_stands_where_the_ranks_balance() -> None:
    from surveykit.estimation.location_shift import hodges_lehmann

    rng = np.random.default_rng(4)
    for x, y in (
        (rng.normal(size=41), rng.normal(size=30)),
        (rng.integers(1, 6, 41), rng.integers(1, 6, 30)),
    ):
        x, y = x.astype(float), y.astype(float)
        median = float(np.median(x[:, None] - y[None, :]))
        # Without ties the median of all differences; between equal steps any point balances the ranks.
        assert hodges_lehmann(x, y).estimate == pytest.approx(median, abs=1e-8)
        moved = hodges_lehmann(x + 10.0, y)
        assert moved.estimate == pytest.approx(median + 10, abs=1e-8)


def test_kolmogorov_smirnov_of_small_samples_is_exact() -> None:
    from scipy.stats import ks_2samp

    from surveykit.estimation.two_distributions import kolmogorov_smirnov

    rng = np.random.default_rng(7)
    x, y = rng.normal(size=12), rng.normal(0.8, 1, 9)
    wanted = ks_2samp(x, y, method="exact")
    mine = kolmogorov_smirnov(x, y)
    assert mine.d == pytest.approx(wanted.statistic)
    assert mine.pvalue == pytest.approx(wanted.pvalue, rel=1e-10)
    # ks.test(c(1,1,2,3,3), c(2,3,4,4,4)), R 4.2.2: exact, given the ties.
    tied = kolmogorov_smirnov(np.array([1.0, 1, 2, 3, 3]), np.array([2.0, 3, 4, 4, 4]))
    assert tied.pvalue == pytest.approx(0.190476190476193, rel=1e-10)


def test_no_variance_in_one_group_is_told() -> None:
    frame = pd.DataFrame({"g": list("aaabbb"), "y": [1.0, 2, 3, 2, 2, 2]})
    result = compare_groups(frame, "y", "g")
    assert [one.code for one in result.notes] == ["G042"]
    assert np.isnan(result.effect_sizes["glass_delta"][0])
    assert np.isposinf(result.to_frame()["variance_ratio"][0])
