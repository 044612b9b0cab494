"""Comparisons of groups: what is crossed through, why, and what stands in its place."""

import pandas as pd
import pytest
from example_document import SCALES, answers, example_names, gates, scores, verdict

from surveykit.analysis.gate import LatentDifference, OutcomeGate
from surveykit.analysis.group_comparison import GroupComparison, compare_groups
from surveykit.analysis.weighted import compare_weighted
from surveykit.report.blocks import blocks
from surveykit.report.comparison_tables import (
    comparison_blocks,
    latent_table,
    means_table,
    ranks_table,
    weighted_table,
)
from surveykit.report.document import Paragraph, Table
from surveykit.report.gate import reason_text
from surveykit.report.names import Names
from surveykit.report.sentences import comparison_sentence


@pytest.fixture(scope="module")
def comparison() -> GroupComparison:
    return compare_groups(scores(answers()), list(SCALES), "country", smallest_effect=0.3)


def line_of(table: Table, label: str) -> list[str]:
    return next([cell.text for cell in line] for line in table.rows if line[0].text == label)


def test_numbers_of_the_frame_stand_in_the_table(comparison: GroupComparison) -> None:
    row = comparison.frame.iloc[0]
    table = means_table(comparison, example_names("en"))
    expected = ["Trust", "120", f"{row.mean_1:.2f}", f"{row.sd_1:.2f}", "120", f"{row.mean_2:.2f}"]
    expected += [f"{row.sd_2:.2f}", f"−{-row.t:.2f}", f"{row.df:.2f}", "< .001", "< .001"]
    expected += [f"−{-row.hedges_g:.2f}", f"[−{-row.hedges_g_ci_lower:.2f}, −{-row.hedges_g_ci_upper:.2f}]"]
    assert line_of(table, "Trust") == expected
    assert table.header[1:7] == ("n", "M", "SD", "n", "M", "SD")


def test_a_closed_gate_crosses_the_difference_through_and_leaves_the_means(
    comparison: GroupComparison,
) -> None:
    table = means_table(comparison, example_names("en"), gates())
    line = next(row for row in table.rows if row[0].text == "Mutuality")
    assert [cell.struck for cell in line] == [False] * 7 + [True] * 6 + [False]
    assert line[7].title == (
        'Not comparable: the highest level of invariance that holds is "metric", so a difference of observed '
        "means may come from the items and not from the construct (ΔCFI = −.031). "
        "The difference of latent means takes its place."
    )
    assert line[-1].text == "metric"


def test_an_open_gate_leaves_everything(comparison: GroupComparison) -> None:
    table = means_table(comparison, example_names("en"), gates())
    line = next(row for row in table.rows if row[0].text == "Trust")
    assert not any(cell.struck or cell.title for cell in line)


def test_an_override_shows_the_difference_and_says_so(comparison: GroupComparison) -> None:
    found = comparison_blocks(comparison, example_names("en"), gates())
    table = next(block for block in found if isinstance(block, Table))
    line = next(row for row in table.rows if row[0].text == "Performance")
    assert not any(cell.struck for cell in line)
    assert line[7].title.startswith("Shown at the researcher's request")
    assert any(isinstance(one, Paragraph) and "override_invariance" in one.text for one in found)


def test_an_outcome_without_a_gate_among_gates_is_not_comparable(comparison: GroupComparison) -> None:
    table = means_table(comparison, Names(), {"trust": verdict("trust", "scalar")})
    assert [any(cell.struck for cell in row) for row in table.rows] == [False, True, True]


def test_no_sentence_says_that_countries_differ_where_the_gate_is_closed(comparison: GroupComparison) -> None:
    found = comparison_blocks(comparison, example_names("en"), gates())
    told = [one.text for one in found if isinstance(one, Paragraph) and one.kind == "plain"]
    assert [text.split(":")[0] for text in told] == ["Trust", "Performance"]


def test_without_gates_a_warning_says_that_invariance_was_not_tested(comparison: GroupComparison) -> None:
    warning = comparison_blocks(comparison, Names())[-1]
    assert isinstance(warning, Paragraph)
    assert warning.kind == "warning"
    assert "not tested" in warning.text


def test_latent_means_take_the_place_of_observed_ones() -> None:
    table = latent_table(gates(), example_names("ko"))
    assert table is not None
    assert [cell.text for cell in table.rows[0]] == [
        "상호성",
        "−0.31",
        "0.12",
        ".009",
        "[−0.55, −0.08]",
        "−0.29",
        "mutuality_2~1",
    ]
    assert latent_table({"trust": verdict("trust", "scalar")}, Names()) is None


@pytest.mark.parametrize(
    ("gate", "said"),
    [
        (verdict("a", "none"), "not even the same factors fit"),
        (verdict("a", "configural", failed=-0.02), "ΔCFI = −.020"),
        (verdict("a", "metric"), "Freeing parameters does not help"),
        (verdict("a", "metric", overridden=True), "at the researcher's request"),
        (verdict("a", "partial_scalar", freed=("a_2~1", "a=~a_3")), "the groups differ in a_2~1, a=~a_3"),
        (verdict("a", "scalar"), ""),
        (verdict("a", "strict"), ""),
    ],
)
def test_what_a_gate_says(gate: OutcomeGate, said: str) -> None:
    for lang in ("en", "ja", "ko"):
        assert bool(reason_text(gate, Names(lang=lang))) == bool(said)
    assert said in reason_text(gate, Names())


def test_a_reason_promises_latent_means_only_where_there_are_some() -> None:
    latent = LatentDifference(0.1, 0.1, 0.3, -0.1, 0.3, 0.1)
    assert "latent" in reason_text(verdict("a", "metric", latent), Names())
    assert "latent" not in reason_text(verdict("a", "metric"), Names())


def test_an_outcome_whose_scale_was_not_tested_says_that(comparison: GroupComparison) -> None:
    table = means_table(comparison, example_names("ja"), {"trust": verdict("trust", "scalar")})
    line = next(row for row in table.rows if row[0].text == "相互性")
    assert line[-1].text == "未検証"
    assert "検証していません" in line[7].title


@pytest.mark.parametrize("lang", ["en", "ja", "ko"])
def test_weighted_means_stand_under_the_same_gate(lang: str) -> None:
    data = scores(answers()).assign(weight=lambda frame: 1 + frame.index % 3)
    result = compare_weighted(data, list(SCALES), "country", "weight")
    table = weighted_table(result, example_names(lang), gates())
    row = result.frame.iloc[0]
    texts = [cell.text.replace("−", "-") for cell in table.rows[0]]
    assert texts[1:5] == ["120", f"{row.n_effective_1:.1f}", f"{row.mean_1:.2f}", f"{row.se_1:.2f}"]
    assert texts[5:9] == ["120", f"{row.n_effective_2:.1f}", f"{row.mean_2:.2f}", f"{row.se_2:.2f}"]
    assert texts[9:12] == [
        f"{row.mean_diff:.2f}", f"[{row.ci_lower:.2f}, {row.ci_upper:.2f}]", f"{row.t:.2f}",
    ]  # fmt: skip
    assert [any(cell.struck for cell in line) for line in table.rows] == [False, True, False]
    assert "weight" in table.notes[0]
    alone = blocks(result, example_names(lang), id="w")
    assert isinstance(alone[1], Paragraph)
    assert alone[1].kind == "warning"


def test_ranks_and_equivalence(comparison: GroupComparison) -> None:
    row = comparison.frame.iloc[0]
    table = ranks_table(comparison, Names())
    assert table.header[-2:] == ("Equivalence p", "Equivalent")
    line = line_of(table, "trust")
    assert line[3] == f"{row.mann_whitney_u:.1f}"
    assert line[-1] == "no"


def test_an_outcome_without_variance_gives_dashes_and_its_note() -> None:
    data = pd.DataFrame({"country": ["JP"] * 3 + ["KR"] * 3, "a": [1.0, 2, 3, 2, 3, 5], "b": [2.0] * 6})
    comparison = compare_groups(data, ["a", "b"], "country")
    found = comparison_blocks(
        comparison, Names(lang="ja"), {"a": verdict("a", "scalar"), "b": verdict("b", "metric")}
    )
    table = found[0]
    assert isinstance(table, Table)
    assert line_of(table, "b")[7:13] == ["–"] * 6
    assert not any(cell.struck for cell in table.rows[1])
    assert table.notes[-1].endswith("[G004]")


@pytest.mark.parametrize("lang", ["en", "ja", "ko"])
def test_a_difference_that_was_not_found_is_not_called_none(lang: str) -> None:
    data = pd.DataFrame({"country": ["JP"] * 4 + ["KR"] * 4, "a": [1.0, 2, 3, 4, 1, 2, 3, 5]})
    comparison = compare_groups(data, "a", "country")
    names = Names(lang=lang, groups={"JP": "日本"})
    text = comparison_sentence(comparison.frame.to_dict("records")[0], comparison, names)
    assert "日本" in text
    adjusted = {"en": "adjusted p", "ja": "調整済み p", "ko": "수정 p"}[lang]
    assert f"t(5.58) = −0.23, {adjusted} = .824, g = −0.14, 95% CI [" in text
    assert {"en": "does not show", "ja": "示すものではありません", "ko": "보이는 것은 아닙니다"}[lang] in text


def test_an_unadjusted_p_is_not_called_adjusted() -> None:
    data = pd.DataFrame({"country": ["JP"] * 4 + ["KR"] * 4, "a": [1.0, 2, 3, 4, 1, 2, 3, 5]})
    comparison = compare_groups(data, "a", "country", adjust="none")
    assert ", p = .824" in comparison_sentence(comparison.frame.to_dict("records")[0], comparison, Names())
