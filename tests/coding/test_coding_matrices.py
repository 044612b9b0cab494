"""Codes by case, co-occurrence, saturation and comparison, on tables that can be counted by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from coding_example import codebook, segments
from hypothesis import given, settings
from hypothesis import strategies as st

from surveykit.coding.comparison import compare_codes, exact_test
from surveykit.coding.matrices import case_ordered, co_occurrence, code_matrix, saturation
from surveykit.coding.segments import check_segments
from surveykit.errors import SurveykitError

ROWS = ("s1 J1 trust X - -", "s2 J1 trust X - -", "s2 J1 visits X - -", "s3 K1 trust X - -",
        "s3 K1 trust Y - -", "s4 K2 price X - -")  # fmt: skip


def test_a_code_counts_once_a_case(tmp_path: Path) -> None:
    book = codebook(tmp_path)
    found = code_matrix(segments(book, *ROWS), book)
    frame = found.frame.set_index("code")
    assert frame.loc["trust"].tolist() == [1, 0, 1, 0, 2]
    assert frame.loc["bond"].tolist() == [0, 0, 0, 0, 0]
    assert found.segments.set_index("code").loc["trust"].tolist() == ["s1; s2", "", "s3", ""]
    by_country = code_matrix(segments(book, *ROWS), book, by="country").frame.set_index("code")
    assert by_country.loc["trust", ["JP", "KR"]].tolist() == [1, 1]


def test_cases_in_order(tmp_path: Path) -> None:
    book = codebook(tmp_path)
    found = case_ordered(segments(book, *ROWS), book)
    assert found.frame["respondent"].tolist() == ["J1", "J2", "K1", "K2"]
    assert found.frame.columns.tolist() == ["company", "respondent", "trust", "visits", "price", "n_codes"]
    assert found.frame["n_codes"].tolist() == [2, 0, 1, 1]
    assert found.segments.loc[0, "trust"] == "s1; s2"


def test_codes_meet_on_a_segment_or_where_offsets_overlap(tmp_path: Path) -> None:
    book = codebook(tmp_path)
    table = pd.DataFrame(
        [
            ("a", "J1", "trust", "0", "10"),
            ("b", "J1", "price", "9", "12"),  # overlaps a
            ("c", "J1", "visits", "12", "20"),  # touches b, overlaps nothing
            ("d", "J2", "trust", "0", "10"),  # another text
            ("e", "K1", "trust", "", ""),
            ("e", "K1", "visits", "", ""),  # the same segment
            ("f", "K1", "price", "", ""),
        ],
        columns=["segment", "respondent", "code", "start", "end"],
    )
    found = co_occurrence(check_segments(table, book), book).frame
    assert found[["code_a", "code_b", "n_segments", "n_cases"]].to_numpy().tolist() == [
        ["trust", "visits", 1, 1],
        ["trust", "price", 1, 1],
    ]
    # trust: J1 J2 K1; price: J1 K1; visits: J1 K1. Both: 2 cases, either: 3.
    assert found["jaccard"].tolist() == [2 / 3, 2 / 3]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9), st.integers(0, 2)), min_size=1, max_size=25))
def test_meetings_equal_the_slow_way(rows: list[tuple[int, int, int]]) -> None:
    from surveykit.coding.matrices import _meeting_rows

    table = pd.DataFrame({
        "segment": [f"s{i}" for i in range(len(rows))], "respondent": [f"r{one[2]}" for one in rows],
        "item": "", "start": pd.array([one[0] for one in rows], "Int64"),
        "end": pd.array([one[0] + one[1] for one in rows], "Int64"),
    })  # fmt: skip
    fast = {frozenset(map(int, pair)) for pair in zip(*_meeting_rows(table), strict=True)}
    slow = {
        frozenset((i, j))
        for i, a in enumerate(rows)
        for j, b in enumerate(rows)
        if i < j and a[2] == b[2] and a[0] < b[0] + b[1] and b[0] < a[0] + a[1]
    }
    assert fast == slow


MANY = """\
codebook: many
version: "1.0.0"
codes: {%s}
respondents: [%s]
"""


def many(tmp_path: Path, n: int, codes: int = 5):  # type: ignore[no-untyped-def]
    code = "{name: c, definition: d, when: w, when_not: n}"
    people = ", ".join(f"{{id: R{i}, company: C{i % 2}, country: JP}}" for i in range(n))
    return codebook(tmp_path, MANY % (", ".join(f"c{i}: {code}" for i in range(codes)), people))


def test_saturation_by_hand(tmp_path: Path) -> None:
    book = many(tmp_path, 8)
    has = [(0, 0), (0, 1), (1, 1), (2, 0), (2, 2), (3, 2), (4, 3), (5, 0), (6, 1), (7, 3)]
    found = saturation(segments(book, *(f"s{i} R{r} c{c} X - -" for i, (r, c) in enumerate(has))), book)
    frame = found.frame
    assert frame["new_codes"].tolist() == [2, 0, 1, 0, 1, 0, 0, 0]
    assert frame["cumulative"].tolist() == [2, 2, 3, 3, 4, 4, 4, 4]
    np.testing.assert_allclose(frame["new_information"].to_numpy()[4:7], [1 / 3, 0, 0], rtol=1e-12)
    assert found.saturated_at == 5
    # Each code is held by so many of 8 cases: the chance that m cases drawn at random hold it.
    assert frame["expected_cumulative"].iloc[0] == pytest.approx((3 + 3 + 2 + 2) / 8)
    assert frame["expected_cumulative"].iloc[-1] == pytest.approx(4)


def test_too_few_interviews_for_a_criterion(tmp_path: Path) -> None:
    book = codebook(tmp_path)
    found = saturation(segments(book, *ROWS), book)
    assert found.saturated_at is None
    assert [one.code for one in found.notes] == ["C024"]
    with pytest.raises(SurveykitError, match="C027"):
        saturation(segments(book, *ROWS), book, threshold=5)


def test_nothing_coded_is_refused(tmp_path: Path) -> None:
    book = codebook(tmp_path)
    with pytest.raises(SurveykitError, match="C026"):
        code_matrix(segments(book), book)


@pytest.mark.parametrize(
    ("having", "sizes", "p"),
    [
        # R: fisher.test(rbind(x, n - x))$p.value
        ([3, 0], [3, 3], 0.1),
        ([7, 1], [10, 12], 0.00619195),
        ([1, 2, 5], [5, 5, 5], 0.06759907),
        ([0, 0], [4, 4], 1.0),
    ],
)
def test_the_exact_test_is_r_s(having: list[int], sizes: list[int], p: float) -> None:
    assert exact_test(having, sizes)[0] == pytest.approx(p, abs=5e-7)


@settings(deadline=None)  # the first call imports scipy.stats
@given(st.integers(1, 12), st.integers(1, 12), st.data())
def test_two_groups_are_fisher_s(n: int, m: int, data: st.DataObject) -> None:
    from scipy.stats import fisher_exact

    a, b = data.draw(st.integers(0, n)), data.draw(st.integers(0, m))
    assert exact_test([a, b], [n, m])[0] == pytest.approx(fisher_exact([[a, b], [n - a, m - b]])[1], rel=1e-6)


def test_a_comparison_says_n_of_N_and_what_it_cannot_show(tmp_path: Path) -> None:
    book = codebook(tmp_path)
    found = compare_codes(segments(book, *ROWS), book)
    row = found.frame.set_index("code").loc["trust"]
    assert (row["JP"], row["KR"]) == ("1 of 2", "1 of 2")
    assert (row["pvalue"], row["p_smallest"]) == pytest.approx((1, 1 / 3), rel=1e-12)
    assert [one.code for one in found.notes] == ["C023"]
    assert "JP: 2, KR: 2" in found.notes[0].text()


def test_too_many_tables_are_said_so(tmp_path: Path) -> None:
    sizes = [90, 90, 90, 90]
    assert np.isnan(exact_test([45, 45, 45, 45], sizes)[0])
    code = "{name: c, definition: d, when: w, when_not: n}"
    people = ", ".join(f"{{id: R{i}, company: C{i % 4}, country: JP}}" for i in range(360))
    book = codebook(tmp_path, MANY % (f"c0: {code}", people))
    coded = segments(book, *(f"s{i} R{i} c0 X - -" for i in range(180)))
    found = compare_codes(coded, book, by="company")
    assert [one.code for one in found.notes] == ["C025"]
    assert found.frame["pvalue"].isna().all()
