"""Intraclass correlations against psych::ICC and the package multilevel."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from reference_data import case, close, dataset
from surveykit.analysis.intraclass import icc, icc_groups, rwg
from surveykit.errors import SurveykitError, SurveykitWarning

ICC = case("icc-shrout-fleiss")
LEVELS = case("multilevel-agreement")
TOLERANCE = (LEVELS["tolerance"]["relative"], LEVELS["tolerance"]["absolute"])
LEADERSHIP = [f"LEAD{number:02d}" for number in range(1, 12)]
COLUMNS = {
    "ICC": "icc",
    "F": "F",
    "df1": "df1",
    "df2": "df2",
    "p": "pvalue",
    "lower bound": "ci_lower",
    "upper bound": "ci_upper",
}


def long(wide: pd.DataFrame) -> pd.DataFrame:
    """A row per rating, in an order that must not matter."""
    table = wide.reset_index(names="target").melt(id_vars="target", var_name="rater", value_name="rating")
    return table.sample(frac=1, random_state=1)


@pytest.mark.parametrize(("name", "data"), [("shrout_fleiss", "shrout_fleiss"), ("neuro", "icc_bfi_neuro")])
class TestIcc:
    def test_equals_psych(self, name: str, data: str) -> None:
        expected = ICC["results"][name]
        result = icc(long(dataset(data)), "target", "rater", "rating")
        for row in expected["icc"]:
            for theirs, ours in COLUMNS.items():
                value = result.table.loc[row["type"], ours]
                assert close(value, row[theirs], ICC["tolerance"]["relative"], ICC["tolerance"]["absolute"])
        # psych's default is lme4, which stops at about 1e-6 of the same (balanced) answer.
        for row in expected["icc_lmer"]:
            assert close(
                result.table.loc[row["type"], "icc"], row["ICC"], 0, ICC["tolerance"]["lmer_absolute"]
            )

    def test_mean_squares(self, name: str, data: str) -> None:
        expected = ICC["results"][name]
        result = icc(long(dataset(data)), "target", "rater", "rating")
        squares = result.mean_squares
        for ours, theirs in (("targets", "Mean Sq1"), ("raters", "Mean Sq2"), ("residual", "Mean Sq3")):
            assert close(squares[ours], expected["anova"][theirs], 1e-10, 1e-10)
        assert close(squares["within"], expected["MSW"], 1e-10, 1e-10)
        assert (result.n_targets, result.n_raters) == (expected["n_subjects"], expected["n_judges"])


def test_pingouin_agrees_to_its_printed_digits() -> None:
    import warnings

    import pingouin

    table = long(dataset("shrout_fleiss"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pingouin 0.7 calls pandas in ways pandas 3 deprecates
        theirs = pingouin.intraclass_corr(table, targets="target", raters="rater", ratings="rating")
    ours = icc(table, "target", "rater", "rating").table
    assert np.allclose(np.sort(theirs["ICC"]), np.sort(ours["icc"]), atol=5e-4)


def test_targets_that_not_everyone_rated_are_left_out() -> None:
    wide = dataset("shrout_fleiss").astype(float)
    wide.iloc[2, 1] = np.nan
    result = icc(long(wide), "target", "rater", "rating")
    expected = icc(long(wide.dropna()), "target", "rater", "rating")
    assert result.n_targets == 5
    assert [one.code for one in result.notes] == ["S031"]
    assert np.allclose(result.table["icc"], expected.table["icc"])


@pytest.mark.parametrize(
    ("record", "data", "group"), [("lq2002", "lq2002", "COMPID"), ("bh1996", "bh1996_sub", "GRP")]
)
def test_group_icc_equals_multilevel(record: str, data: str, group: str) -> None:
    expected = LEVELS["results"][record]
    result = icc_groups(dataset(data), group, variables=list(expected))
    names = {"ICC1": "icc1", "ICC2": "icc2", "MSB": "ms_between", "MSW": "ms_within", "F": "F"}
    for variable, values in expected.items():
        for theirs, ours in names.items():
            assert close(result.table.loc[variable, ours], values[theirs], *TOLERANCE)
        assert close(result.table.loc[variable, "pvalue"], values["p"], 1e-7, 1e-12)
        assert list(result.table.loc[variable, ["df1", "df2"]]) == values["df"]
        assert result.n_groups == values["n_groups"]
        assert close(result.mean_size, values["mean_size"], *TOLERANCE)


def test_random_intercept_columns_equal_nlme() -> None:
    results = LEVELS["results"]
    result = icc_groups(dataset("lq2002"), "COMPID", variables=["LEAD", "TSIG", "HOSTILE"])
    # nlme::lme stops its REML search at about 1e-7 relative.
    for row in results["mult_icc"]:
        assert close(result.table.loc[row["Variable"], "icc1_reml"], row["ICC1"], 1e-6, 1e-9)
        assert close(result.table.loc[row["Variable"], "icc2_reml"], row["ICC2"], 1e-6, 1e-9)
    assert close(result.table.loc["LEAD", "eta_squared"], results["eta2"], *TOLERANCE)
    expected = results["group_mean_reliability"]
    relative = LEVELS["tolerance"]["gmeanrel_relative"]
    assert close(result.table.loc["LEAD", "icc1_reml"], expected["ICC"], relative, 0)
    assert [str(group) for group in result.mean_reliability["group"]] == expected["groups"]
    assert list(result.mean_reliability["size"]) == expected["sizes"]
    assert np.allclose(result.mean_reliability["LEAD"], expected["MeanRel"], rtol=relative)


def test_groups_that_do_not_differ_have_no_random_intercept() -> None:
    table = pd.DataFrame({"g": list("aabbcc"), "y": [1.0, 3, 1, 3, 1, 3]})
    assert icc_groups(table, "g").table.loc["y", "icc1_reml"] == 0
    assert icc_groups(table, "g").icc1["y"] == -1
    assert np.isnan(icc_groups(table, "g").icc2["y"])
    assert [one.code for one in icc_groups(table, "g").notes] == ["S047"]


def test_rwg_of_one_item_equals_multilevel() -> None:
    expected = LEVELS["results"]
    result = rwg(dataset("lq2002"), "COMPID", variables=["LEAD"], ranvar=2)
    table = result.groups
    assert [str(group) for group in table["group"]] == [
        row["grpid"] for row in expected["rwg_LEAD"]["groups"]
    ]
    assert list(table["size"]) == [row["gsize"] for row in expected["rwg_LEAD"]["groups"]]
    assert np.allclose(table["rwg"], [row["rwg"] for row in expected["rwg_LEAD"]["groups"]], *TOLERANCE)
    assert np.allclose(table["average_deviation"], [row["AD.M"] for row in expected["ad_m_LEAD"]], *TOLERANCE)
    assert close(result.mean, expected["rwg_LEAD"]["mean"], *TOLERANCE)


def test_rwg_j_equals_multilevel() -> None:
    expected = LEVELS["results"]
    result = rwg(dataset("lq2002"), "COMPID", variables=LEADERSHIP, n_options=5)
    table = result.groups
    assert np.allclose(table["rwg"], [row["rwg.j"] for row in expected["rwg_j"]["groups"]], *TOLERANCE)
    assert close(result.mean, expected["rwg_j"]["mean"], *TOLERANCE)
    assert close(result.median, expected["rwg_j"]["median"], *TOLERANCE)
    lindell = [row["rwg.lindell"] for row in expected["rwg_j_lindell"]["groups"]]
    assert np.allclose(table["rwg_lindell"], lindell, *TOLERANCE)
    assert close(table["rwg_lindell"].mean(), expected["rwg_j_lindell"]["mean"], *TOLERANCE)
    deviations = [row["AD.M"] for row in expected["ad_m_j"]["groups"]]
    assert np.allclose(table["average_deviation"], deviations, *TOLERANCE)
    assert close(table["average_deviation"].mean(), expected["ad_m_j"]["mean"], *TOLERANCE)


def members(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"firm": list("aabbc"), "trust": [5, 4, 2, 3, 1], **columns})


def test_group_labels_may_come_apart_from_the_table() -> None:
    table = members()
    apart = icc_groups(table["trust"], table["firm"].to_numpy())
    assert apart.table["icc1"].iloc[0] == icc_groups(table, "firm").table["icc1"].iloc[0]


def test_what_was_assumed_is_noted() -> None:
    result = rwg(members(), "firm")
    assert result.ranvar == 2
    assert [one.code for one in result.notes] == ["S039", "S038"]
    assert np.isnan(result.groups["rwg"].iloc[2])
    with pytest.warns(SurveykitWarning, match="S039"):
        rwg(members(trust=[7, 6, 1, 2, 4]), "firm")
    gap = members(trust=[5, 4, None, 3, 1])
    assert [one.code for one in icc_groups(gap, "firm").notes] == ["S007"]


@pytest.mark.parametrize(
    ("code", "call"),
    [
        ("S029", lambda: icc(members(), "team", "firm", "trust")),
        ("S029", lambda: icc_groups(members(), "company")),
        ("S029", lambda: icc_groups(members(), "firm", variables=["satisfaction"])),
        ("S030", lambda: icc(members(rater=list("xxxyx")), "firm", "rater", "trust")),
        ("S032", lambda: icc(members(rater=list("xyxyx")).iloc[:2], "firm", "rater", "trust")),
        ("S032", lambda: icc_groups(members().iloc[:2], "firm")),
        ("S033", lambda: icc(members(rater=list("xyxyx"), trust=3).iloc[:4], "firm", "rater", "trust")),
        ("S033", lambda: icc_groups(members(trust=3), "firm")),
        ("S034", lambda: icc_groups(members()[["trust"]], ["a", "b"])),
        ("S044", lambda: icc_groups(members().iloc[[0, 2, 4]], "firm")),
        ("S002", lambda: icc_groups(members(trust=list("vwxyz")), "firm")),
        ("S002", lambda: icc(members(rater=list("xyxyx"), trust=list("vwxyz")), "firm", "rater", "trust")),
        ("S045", lambda: rwg(members(), "firm", ranvar=0)),
        ("S028", lambda: rwg(members(), "firm", n_options=1)),
        ("O002", lambda: icc(members(rater=list("xyxyx")), "firm", "rater", "trust", conf_level=95)),
    ],
)
def test_refusals(code: str, call: Any) -> None:
    with pytest.raises(SurveykitError) as caught:
        call()
    assert caught.value.code == code
