"""The face of the two-group comparison: frame, notes, refusals."""

import numpy as np
import pandas as pd
import pytest

from surveykit.analysis.group_comparison import compare_groups
from surveykit.errors import SurveykitError

SCORES = pd.DataFrame(
    {
        "country": ["JP"] * 4 + ["KR"] * 4,
        "trust": [4, 5, 6, 5, 3, 4, 4, 3.0],
        "flat": [2.0] * 8,
        "thin": [1.0, 2, 3, 4, 5, np.nan, np.nan, np.nan],
        "words": ["a"] * 8,
    }
)


def test_differences_are_first_group_minus_second() -> None:
    row = compare_groups(SCORES, "trust", "country").to_frame().iloc[0]
    assert (row["group_1"], row["mean_1"], row["mean_2"], row["mean_diff"]) == ("JP", 5.0, 3.5, 1.5)
    assert row["hedges_g_ci_lower"] < row["hedges_g"] < row["hedges_g_ci_upper"]


def test_what_cannot_be_tested_says_why_and_leaves_the_others_alone() -> None:
    result = compare_groups(SCORES, ["flat", "thin", "trust"], "country")
    assert [note.code for note in result.notes] == ["G004", "G004"]
    assert np.isnan(result.to_frame()["t"][:2]).all()
    assert result.to_frame()["pvalue_adjusted"][2] == result.to_frame()["pvalue"][2]


def test_a_smallest_effect_adds_equivalence() -> None:
    frame = compare_groups(SCORES, "trust", "country", smallest_effect=5.0).to_frame()
    assert frame["equivalent"][0]
    assert not compare_groups(SCORES, "trust", "country", smallest_effect=0.1).to_frame()["equivalent"][0]


@pytest.mark.parametrize(
    ("outcome", "group", "code"),
    [
        ("trsut", "country", "G001"),
        ("trust", "contry", "G001"),
        ("trust", "trust", "G002"),
        ("words", "country", "G003"),
    ],
)
def test_bad_input_is_refused(outcome: str, group: str, code: str) -> None:
    with pytest.raises(SurveykitError, match=code):
        compare_groups(SCORES, outcome, group)


def test_the_summary_is_an_apa_sentence() -> None:
    assert "trust: t(5.4) = 3.00, p = .027, g = 1.84" in compare_groups(SCORES, "trust", "country").summary()


def test_rank_and_bayesian_tests_equal_scipy_and_pingouin() -> None:
    import pingouin
    from scipy.stats import brunnermunzel

    row = compare_groups(SCORES, "trust", "country").to_frame().iloc[0]
    x, y = SCORES["trust"][:4], SCORES["trust"][4:]
    wanted = brunnermunzel(x, y)
    # SciPy's statistic is positive where the second sample is higher.
    assert np.isclose(row["brunner_munzel"], -wanted.statistic, rtol=1e-10)
    assert np.isclose(row["brunner_munzel_pvalue"], wanted.pvalue, rtol=1e-10)
    assert row["prob_superiority"] == 1 - (0.5 + 0.5) / 16
    assert np.isclose(row["bf10"], float(pingouin.bayesfactor_ttest(3.0, 4, 4)), rtol=1e-3)


def test_groups_apart_have_no_brunner_munzel() -> None:
    apart = SCORES.assign(trust=[5.0, 6, 7, 8, 1, 2, 3, 4])
    result = compare_groups(apart, "trust", "country")
    assert [note.code for note in result.notes] == ["G017"]
    assert np.isnan(result.to_frame()["brunner_munzel_pvalue"][0])
    assert result.to_frame()["prob_superiority"][0] == 1
