"""Agreement of coders, against estimation's coefficients and by hand."""

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from coding_example import codebook, segments

from surveykit.analysis.kappa import cohen_kappa
from surveykit.analysis.krippendorff import krippendorff_alpha
from surveykit.coding.agreement import _alpha, _alpha_parts, coder_agreement
from surveykit.coding.matrices import co_occurrence, code_matrix, saturation
from surveykit.coding.segments import check_segments
from surveykit.errors import SurveykitError, SurveykitWarning
from surveykit.estimation.krippendorff import krippendorff

# Krippendorff (2011): four observers, twelve units.
PUBLISHED = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, np.nan, np.nan, np.nan],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, np.nan, 3],
        [np.nan, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, np.nan],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, np.nan],
    ]
).T


@pytest.mark.parametrize(
    ("level", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_krippendorff_s_published_example(level: str, alpha: float) -> None:
    assert krippendorff(PUBLISHED, level).alpha == pytest.approx(alpha, abs=5e-4)
    if level == "nominal":  # by patterns, as for segments
        pairable = PUBLISHED[(~np.isnan(PUBLISHED)).sum(axis=1) > 1]
        patterns, counts = np.unique(pairable, axis=0, return_counts=True)
        found = _alpha(counts[None, :].astype(float), *_alpha_parts(patterns))[0]
        assert found == pytest.approx(krippendorff(PUBLISHED, level).alpha, rel=1e-12)


A = ["trust", "trust", "price", "visits", "price", "trust", "-", "price"]
B = ["trust", "price", "price", "visits", "price", "visits", "-", "trust"]


def two_coders() -> list[str]:
    return [f"s{i} J1 {a} X - -" for i, a in enumerate(A)] + [f"s{i} J1 {b} Y - -" for i, b in enumerate(B)]


def test_single_codes_are_compared_as_categories(tmp_path: Path) -> None:
    book = codebook(tmp_path)
    found = coder_agreement(segments(book, *two_coders()), book)
    row = found.frame.set_index("code").loc["overall"]
    assert found.basis == "codes"
    assert row["agreement"] == 5 / 8
    assert row["kappa"] == pytest.approx(cohen_kappa(A, B).kappa, rel=1e-12)
    ratings = pd.DataFrame({"X": A, "Y": B})
    assert row["alpha"] == pytest.approx(krippendorff_alpha(ratings, bootstrap=0).alpha, rel=1e-12)
    assert row["ci_lower"] < row["alpha"] < row["ci_upper"]
    assert found.disagreements.to_numpy().tolist() == [
        ["s1", "J1", "trust", "price"],
        ["s5", "J1", "trust", "visits"],
        ["s7", "J1", "price", "trust"],
    ]


def test_each_code_is_compared_as_given_or_not(tmp_path: Path) -> None:
    book = codebook(tmp_path)
    frame = coder_agreement(segments(book, *two_coders()), book).frame.set_index("code")
    assert frame.index.tolist() == ["trust", "visits", "price", "overall"]
    for code in ("trust", "visits", "price"):
        given = [[one == code for one in coder] for coder in (A, B)]
        assert frame.loc[code, "kappa"] == pytest.approx(cohen_kappa(*given).kappa, rel=1e-12)
        assert frame.loc[code, "n_given"] == sum(a or b for a, b in zip(*given, strict=True))


def test_overlapping_codes_are_compared_as_decisions(tmp_path: Path) -> None:
    book = codebook(tmp_path)
    rows = [*two_coders(), "s0 J1 price X - -"]
    found = coder_agreement(segments(book, *rows), book)
    row = found.frame.set_index("code").loc["overall"]
    assert found.basis == "decisions"
    # 8 segments times 3 codes; three segments differ in two codes each, s0 in one.
    assert row["agreement"] == pytest.approx(1 - 7 / 24)
    assert found.disagreements.iloc[0].tolist() == ["s0", "J1", "price; trust", "trust"]


def test_a_segment_that_a_coder_never_saw_is_no_disagreement(tmp_path: Path) -> None:
    book = codebook(tmp_path)
    found = coder_agreement(segments(book, *two_coders(), "s9 J2 trust X - -"), book)
    assert found.frame["n_segments"].max() == 8


def test_full_agreement_on_one_answer_has_no_coefficient(tmp_path: Path) -> None:
    book = codebook(tmp_path)
    rows = [f"s{i} J1 trust {coder} - -" for i in range(3) for coder in "XY"]
    found = coder_agreement(segments(book, *rows), book)
    assert found.frame["agreement"].tolist() == [1.0, 1.0]
    assert found.frame[["kappa", "alpha", "ci_lower"]].isna().all(axis=None)
    assert [one.code for one in found.notes] == ["C022"]


def test_the_table_the_wrong_way_round_is_noticed(tmp_path: Path) -> None:
    book = codebook(tmp_path)
    rows = [
        f"{coder} J1 {code} s{i} - -" for coder, codes in (("X", A), ("Y", B)) for i, code in enumerate(codes)
    ]
    with pytest.warns(SurveykitWarning, match="C020"):
        found = coder_agreement(segments(book, *rows), book)
    assert found.notes[0].code == "C020"


def test_one_coder_is_refused(tmp_path: Path) -> None:
    book = codebook(tmp_path)
    with pytest.raises(SurveykitError, match="C021"):
        coder_agreement(segments(book, "s1 J1 trust X - -"), book)
    with pytest.raises(SurveykitError, match="O002"):
        coder_agreement(segments(book, *two_coders()), book, conf_level=95)


def test_twenty_thousand_segments_take_seconds(tmp_path: Path) -> None:
    """200 interviews, 60 codes, 20,000 segments, two coders: all of it within 5 seconds."""
    code = "{name: c, definition: d, when: w, when_not: n}"
    codes = ", ".join(f"c{i}: {code}" for i in range(60))
    people = ", ".join(f"{{id: R{i}, company: C{i % 3}, country: JP}}" for i in range(200))
    book = codebook(
        tmp_path, f'codebook: big\nversion: "1.0.0"\ncodes: {{{codes}}}\nrespondents: [{people}]\n'
    )
    rng = np.random.default_rng(1)
    n = 20_000
    first = rng.integers(0, 60, n)
    second = np.where(rng.random(n) < 0.8, first, rng.integers(0, 60, n))
    start = rng.integers(0, 120_000, n)
    place = {"segment": [f"s{i}" for i in range(n)], "respondent": [f"R{i % 200}" for i in range(n)]}
    one = pd.DataFrame({**place, "start": start, "end": start + 300, "coder": "X"})
    one["code"] = [f"c{i}" for i in first]
    table = pd.concat([one, one.assign(code=[f"c{i}" for i in second], coder="Y")])
    texts = {f"R{i}": "文" * 121_000 for i in range(200)}
    # Time of this process, so that a busy machine does not fail the test.
    began = time.process_time()
    coded = check_segments(table, book, texts)
    read = time.process_time()
    code_matrix(coded, book)
    saturation(coded, book)
    co_occurrence(coded, book)
    found = coder_agreement(coded, book)
    took = time.process_time() - read
    assert len(coded.frame) == 2 * n
    assert found.frame["alpha"].iloc[-1] == pytest.approx(0.8, abs=0.02)
    assert took < 5, f"{took:.1f} s, reading {read - began:.1f} s"
