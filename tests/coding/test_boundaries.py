"""Agreement on boundaries: codes of coders turned into units, texts as continua."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from coding_example import codebook

from surveykit.coding.boundaries import boundary_agreement
from surveykit.coding.codebook import Codebook
from surveykit.coding.segments import Segments, check_segments
from surveykit.errors import SurveykitError

TEXTS = {"J1/q1": "0123456789", "K1": "신뢰가 먼저입니다. 값은 나중."}
COLUMNS = ["segment", "respondent", "item", "start", "end", "code", "coder"]


def coded(book: Codebook, *rows: tuple[object, ...]) -> Segments:
    found = check_segments(pd.DataFrame(rows, columns=COLUMNS), book, TEXTS)
    assert found.notes == ()
    return found


def test_codes_are_compared_character_by_character(tmp_path: Path) -> None:
    book = codebook(tmp_path)
    rows = coded(
        book,
        ("s1", "J1", "q1", 0, 4, "trust", "X"),
        ("s2", "J1", "q1", 2, 6, "trust", "Y"),
        ("s3", "K1", "", 0, 3, "price", "X"),
        ("s4", "K1", "", 0, 3, "price", "Y"),
    )
    found = boundary_agreement(rows, book, {"J1/q1": TEXTS["J1/q1"], "K1": TEXTS["K1"]}, bootstrap=200)
    frame = found.frame.set_index("code")
    assert list(frame.index) == ["trust", "price", "any code", "overall"]
    assert (found.n_texts, found.coders) == (2, ("X", "Y"))
    assert frame.loc["price", "alpha"] == 1
    n = 2 * (10 + len(TEXTS["K1"]))
    # trust: 8 of the characters are marked, 8 differ; the gaps are the rest.
    expected = n * 2 * 8 * (n - 8) / (n**2 - 32 - (n - 8))
    assert frame.loc["trust", "alpha"] == pytest.approx(1 - 8 / expected, rel=1e-12)
    assert frame.loc["trust", ["n_units", "characters"]].tolist() == [2, 8]
    assert frame.loc["overall", "alpha_coding"] == 1
    assert (
        frame.loc["any code", "ci_lower"]
        <= frame.loc["any code", "alpha"]
        <= frame.loc["any code", "ci_upper"]
    )


def test_overlapping_codes_of_one_coder_are_a_value_of_their_own(tmp_path: Path) -> None:
    book = codebook(tmp_path)
    both = [("s1", "J1", "q1", 0, 6, "trust"), ("s2", "J1", "q1", 4, 9, "price")]
    same = coded(book, *((*one, coder) for one in both for coder in "XY"))
    frame = boundary_agreement(same, book, TEXTS, bootstrap=0).frame.set_index("code")
    assert frame["alpha"].tolist() == [1, 1, 1, 1]
    # Y leaves the overlap to trust alone: only the stretch 4-6 differs.
    other = coded(book, *((*one, "X") for one in both), ("s1", "J1", "q1", 0, 6, "trust", "Y"),
                  ("s3", "J1", "q1", 6, 9, "price", "Y"))  # fmt: skip
    changed = boundary_agreement(other, book, TEXTS, bootstrap=0).frame.set_index("code")
    assert changed.loc["any code", "alpha"] == 1
    assert changed.loc["overall", "alpha"] < 1
    assert changed.loc["trust", "alpha"] == 1
    assert changed.loc["price", "alpha"] < 1


def test_a_coder_who_gave_nothing_to_a_text_has_read_it_all_the_same(tmp_path: Path) -> None:
    book = codebook(tmp_path)
    rows = coded(book, ("s1", "J1", "q1", 0, 4, "trust", "X"), ("s2", "J1", "q1", None, None, "", "Y"))
    frame = boundary_agreement(rows, book, TEXTS, bootstrap=0).frame.set_index("code")
    assert frame.loc["any code", "alpha"] < 0.2
    assert np.isnan(frame.loc["overall", "alpha_coding"])


def test_what_cannot_be_compared_is_told(tmp_path: Path) -> None:
    book = codebook(tmp_path)
    two = [("s1", "J1", "q1", 0, 4, "trust", coder) for coder in "XY"]
    found = boundary_agreement(coded(book, *two, ("s9", "J2", "q1", None, None, "trust", "X")), book, TEXTS)
    assert [one.code for one in found.notes] == ["C029", "C028"]
    assert found.frame["ci_lower"].isna().all()
    with pytest.raises(SurveykitError, match="C021"):
        boundary_agreement(coded(book, two[0]), book, TEXTS)
    with pytest.raises(SurveykitError, match="O002"):
        boundary_agreement(coded(book, *two), book, TEXTS, conf_level=95)
