"""Three and more groups against R: oneway.test, aov, TukeyHSD, leveneTest, pairwise tests."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_data import case, close, dataset, matrix
from surveykit.analysis.several_groups import compare_several_groups
from surveykit.errors import SurveykitError
from surveykit.estimation.studentized_range import studentized_range_quantile, studentized_range_sf

# Closed forms in double precision on both sides; R's ptukey itself is good to about 1e-8.
TIGHT, PTUKEY = 1e-9, 1e-6
OUTCOMES = ["ACT", "SATV", "SATQ"]


@pytest.fixture(scope="module")
def act() -> dict[str, pd.DataFrame]:
    results = {}
    for adjust in ("holm", "BH"):
        results[adjust] = compare_several_groups(dataset("sat_act"), "ACT", "education", adjust=adjust)
    return results


def test_one_way_tests_equal_r(act) -> None:
    wanted, row = case("grp-anova")["results"], act["holm"].to_frame().iloc[0]
    pairs = list(zip(("anova_f", "anova_pvalue"), (wanted["aov"]["F"], wanted["aov"]["p"]), strict=True))
    pairs += zip(("anova_df1", "anova_df2"), wanted["aov"]["df"], strict=True)
    pairs += zip(("ss_between", "ss_within"), wanted["aov"]["ss"], strict=True)
    mean_squares = row["ss_between"] / row["anova_df1"], row["ss_within"] / row["anova_df2"]
    assert all(close(a, b, TIGHT) for a, b in zip(mean_squares, wanted["aov"]["ms"], strict=True))
    pairs += [(name, wanted[name]) for name in ("eta2", "omega2", "epsilon2")]
    for name, statistic, key in (("welch", "f", ""), ("kruskal", "kruskal_h", "kruskal_")):
        pairs += [(statistic, wanted[name]["statistic"]), (f"{key}pvalue", wanted[name]["p"])]
    pairs += zip(("df1", "df2"), wanted["welch"]["df"], strict=True)
    pairs += [("kruskal_df", wanted["kruskal"]["df"])]
    assert [name for name, value in pairs if not close(row[name], value, TIGHT)] == []


def test_pairs_equal_r(act) -> None:
    wanted, pairs = case("grp-anova")["results"], act["holm"].pairs
    # R takes second minus first; here first minus second.
    for row, theirs, honest in zip(
        pairs.to_dict("records"), wanted["games_howell"], wanted["tukey"], strict=True
    ):
        assert theirs["pair"] == honest["pair"] == f"{row['group_2']}-{row['group_1']}"
        exact = (-row["mean_diff"], row["q"], row["df"], -row["mean_diff"])
        tails = (row["pvalue"], -row["ci_upper"], -row["ci_lower"])
        tails += (row["tukey_pvalue"], -row["tukey_ci_upper"], -row["tukey_ci_lower"])
        assert np.allclose(exact, [theirs[k] for k in ("diff", "q", "df")] + [honest["diff"]], TIGHT, 1e-9)
        published = [theirs[k] for k in ("p", "lower", "upper")] + [
            honest[k] for k in ("p adj", "lwr", "upr")
        ]
        assert np.allclose(tails, published, PTUKEY, PTUKEY)


@pytest.mark.parametrize(
    ("record", "adjust", "column"),
    [
        ("pairwise_t_pooled_holm", "holm", "pooled_pvalue_adjusted"),
        ("pairwise_welch_bh", "BH", "welch_pvalue_adjusted"),
        ("pairwise_wilcox_holm", "holm", "mann_whitney_pvalue_adjusted"),
    ],
)
def test_adjusted_pairs_equal_r(act, record: str, adjust: str, column: str) -> None:
    wanted = matrix(case("grp-anova")["results"][record])
    for row in act[adjust].pairs.to_dict("records"):
        assert close(row[column], wanted.loc[str(row["group_2"]), str(row["group_1"])], 1e-7)


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("group", ["gender", "education"])
def test_equality_of_variances_equals_r(outcome: str, group: str) -> None:
    wanted = case("grp-levene")["results"][outcome][f"by_{group}"]
    row = compare_several_groups(dataset("sat_act"), outcome, group).to_frame().iloc[0]
    for name, key in (("levene", "levene_mean"), ("brown_forsythe", "brown_forsythe_median")):
        mine = [row[f"{name}_{part}"] for part in ("f", "df1", "df2", "pvalue")]
        assert all(
            close(a, wanted[key][k], TIGHT) for a, k in zip(mine, ("F", "df1", "df2", "p"), strict=True)
        )
    for name in {"bartlett", "fligner"} & set(wanted):
        mine = [row[f"{name}_{part}"] for part in ("chisq", "df", "pvalue")]
        theirs = [wanted[name][k] for k in ("statistic", "df", "p")]
        assert all(close(a, b, TIGHT) for a, b in zip(mine, theirs, strict=True))


@given(st.integers(2, 12), st.floats(1.5, 5000))
def test_the_studentized_range_falls_and_its_quantile_undoes_it(groups: int, df: float) -> None:
    tails = [studentized_range_sf(q, groups, df) for q in (0.5, 1.0, 2.0, 4.0, 8.0)]
    assert all(a > b for a, b in pairwise(tails))
    q = studentized_range_quantile(0.95, groups, df)
    assert abs(studentized_range_sf(q, groups, df) - 0.05) < 1e-8


@pytest.mark.parametrize("t", [0.3, 2.0, 5.0])
def test_two_groups_give_the_t_distribution(t: float) -> None:
    from scipy.stats import t as student

    for df in (1, 3, 17, 400):
        assert close(studentized_range_sf(t * 2**0.5, 2, df), 2 * student.sf(t, df), 1e-7)


def test_a_thin_group_gives_a_reason() -> None:
    data = pd.DataFrame({"g": list("aabbc"), "y": [1.0, 2, 3, 4, 5], "text": list("vwxyz"), "one": ["a"] * 5})
    result = compare_several_groups(data, "y", "g")
    assert [note.code for note in result.notes] == ["G006"]
    assert np.isnan(result.to_frame()["pvalue"][0])
    assert "y: F" in result.summary()
    for outcome, group, code in (("y", "one", "G005"), ("text", "g", "G003"), ("z", "g", "G001")):
        with pytest.raises(SurveykitError, match=code):
            compare_several_groups(data, outcome, group)
