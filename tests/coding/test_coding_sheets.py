"""Coding sheets: out to two coders, damaged on the way as the field does it, and back as segments."""

from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from coding_example import codebook

from hand_made import instrument
from surveykit.coding.agreement import coder_agreement
from surveykit.coding.codebook import Codebook
from surveykit.coding.segments import Segments, check_segments
from surveykit.coding.sheets import (
    LONGEST,
    adjudication_units,
    collected_segments,
    segment_units,
    settled,
    text_units,
    turn_units,
    write_coding_sheet,
)
from surveykit.coding.study import interview_results
from surveykit.errors import SurveykitError
from surveykit.responses.collect import collect
from surveykit.responses.read import read_responses

TEXTS = {
    "J1/q1": "信頼は時間をかけて育つ。価格も大事だ。信頼が先。",
    "J2/q1": "=Visits, every month; then trust.",
    "K1/q1": "신뢰가 먼저입니다. 값은 나중입니다.",
    "K2/q1": "Price decides.",
}
X = {
    ("J1/q1", 1): {"code": "trust", "words": "信頼は時間をかけて育つ", "proposition": "P1",
                   "stance": "supports"},
    ("J1/q1", 2): {"code": "price", "words": "価格", "summary": "price counts too"},
    ("J2/q1", 1): {"code": "visits"},
    ("K1/q1", 1): {"code": "trust", "words": "신뢰", "proposition": "P1", "stance": "qualified"},
    ("K2/q1", 1): {"code": "-"},
}  # fmt: skip
Y = {("J1/q1", 1): {"code": "trust"}, ("J2/q1", 1): {"code": "trust"}, ("K1/q1", 1): {"code": "price"},
     ("K2/q1", 1): {"code": "price"}}  # fmt: skip


def sheet(tmp_path: Path, book: Codebook, coder: str, entries: Any = None, **more: Any) -> Path:
    out = tmp_path / "returned" / f"{coder}.xlsx"
    return write_coding_sheet(book, text_units(TEXTS, {"q1": "Why?"}), coder, out, entries=entries, **more)


def back(tmp_path: Path, book: Codebook) -> Segments:
    report = collect(tmp_path / "returned", tmp_path / "study", instruments=instrument())
    assert report.quarantined.empty
    return collected_segments(tmp_path / "study", book, TEXTS)


@pytest.mark.parametrize("lang", ["en", "ja", "ko"])
def test_what_two_coders_enter_comes_back_as_their_segments(tmp_path: Path, lang: str) -> None:
    book = codebook(tmp_path)
    sheet(tmp_path, book, "X", X, lang=lang)
    sheet(tmp_path, book, "Y", Y, lang=lang)
    found = back(tmp_path, book)
    assert found.notes == ()
    rows = found.frame[found.frame["coder"] == "X"]
    shown = ["segment", "respondent", "item", "start", "end", "code", "stance", "passage"]
    assert rows[shown].to_numpy().tolist() == [
        ["J1/q1@0-11", "J1", "q1", 0, 11, "trust", "supports", "信頼は時間をかけて育つ"],
        ["J1/q1@12-14", "J1", "q1", 12, 14, "price", "", "価格"],
        ["J2/q1", "J2", "q1", 0, 33, "visits", "", TEXTS["J2/q1"]],
        ["K1/q1@0-2", "K1", "q1", 0, 2, "trust", "qualified", "신뢰"],
        ["K2/q1", "K2", "q1", 0, 14, "", "", "Price decides."],
    ]  # fmt: skip
    assert rows["summary"].tolist()[1] == "price counts too"


def test_agreement_and_adjudication_follow(tmp_path: Path) -> None:
    book = codebook(tmp_path)
    sheet(tmp_path, book, "X", X)
    sheet(tmp_path, book, "Y", Y)
    found = back(tmp_path, book)
    agreement = coder_agreement(found, book, bootstrap=50)
    assert agreement.frame.set_index("code").loc["overall", "n_segments"] == 4
    assert agreement.disagreements.to_numpy().tolist() == [
        ["J1/q1", "J1", "price; trust", "trust"],
        ["J2/q1", "J2", "visits", "trust"],
        ["K1/q1", "K1", "trust", "price"],
        ["K2/q1", "K2", "–", "price"],
    ]
    units = adjudication_units(agreement, text_units(TEXTS))
    assert [one.question for one in units][1] == "X: visits\nY: trust"
    decided = {(one.id, 1): {"code": "trust"} for one in units}
    out = tmp_path / "returned" / "adjudicated.xlsx"
    write_coding_sheet(book, units, "adjudicated", out, entries=decided, parts=False)
    final = settled(back(tmp_path, book))
    assert final.frame[["segment", "code"]].to_numpy().tolist() == [[one.id, "trust"] for one in units]


def test_coders_who_pick_other_words_of_each_passage_are_still_compared(tmp_path: Path) -> None:
    book = codebook(tmp_path)
    sheet(
        tmp_path,
        book,
        "X",
        {
            ("J1/q1", 1): {"code": "trust", "words": "信頼は"},
            ("K1/q1", 1): {"code": "trust", "words": "신뢰"},
        },
    )
    sheet(
        tmp_path,
        book,
        "Y",
        {("J1/q1", 1): {"code": "trust", "words": "時間"}, ("K1/q1", 1): {"code": "price", "words": "값"}},
    )
    rows = back(tmp_path, book).frame
    assert not rows["segment"].duplicated().any()
    table = tmp_path / "segments.csv"
    rows.to_csv(table, index=False)
    found = interview_results(tmp_path / "codebook.yaml", table, TEXTS)
    assert found["agreement"].frame.set_index("code").loc["overall", "n_segments"] == 2


def test_the_same_sheet_is_the_same_file_and_collecting_twice_changes_nothing(tmp_path: Path) -> None:
    book = codebook(tmp_path)
    first = sheet(tmp_path, book, "X", X).read_bytes()
    assert sheet(tmp_path, book, "X", X).read_bytes() == first
    once = back(tmp_path, book)
    report = collect(tmp_path / "returned", tmp_path / "study", instruments=instrument())
    assert report.accepted["status"].tolist() == ["known"]
    pd.testing.assert_frame_equal(collected_segments(tmp_path / "study", book, TEXTS).frame, once.frame)
    assert read_responses(tmp_path / "study").frame.empty  # coding sheets are nobody's answers


def test_the_sheet_saved_last_counts(tmp_path: Path) -> None:
    book = codebook(tmp_path)
    sheet(tmp_path, book, "X", X, saved="2026-10-02T09:00:00Z")
    back(tmp_path, book)
    sheet(tmp_path, book, "X", Y, saved="2026-10-01T09:00:00Z", replace=True)
    assert "visits" in back(tmp_path, book).frame["code"].tolist()
    sheet(tmp_path, book, "X", Y, saved="2026-10-03T09:00:00Z", replace=True)
    assert "visits" not in back(tmp_path, book).frame["code"].tolist()


def damaged(path: Path, **cells: Any) -> None:
    """Cells changed in Excel (through openpyxl); D6 is the first code, rows 6-8 the first passage."""
    workbook = openpyxl.load_workbook(path)
    for address, value in cells.items():
        workbook.worksheets[0][address] = value
    workbook.save(path)


@pytest.mark.parametrize(
    ("cells", "codes", "segments"),
    [
        ({"D6": "trust"}, [], ["trust"]),  # typed, not chosen
        ({"D6": "ＴＲＵＳＴ – 신뢰  信頼 "}, [], ["trust"]),
        ({"D6": "trsut"}, ["C070", "C063"], []),
        ({"D6": "=1+1"}, ["C070", "C063"], []),
        ({"D6": "trust", "E6": "信頼が先"}, [], ["trust"]),
        ({"D6": "trust", "E6": "信頼"}, ["C071"], ["trust"]),  # twice in the passage
        ({"D6": "trust", "E6": "信用"}, ["C071"], ["trust"]),
        ({"D6": "trust", "D7": "-"}, ["C067"], ["trust"]),
        ({"H6": "interesting"}, ["C068", "C063"], []),
        ({"D6": "trust", "F6": "P1"}, ["C069"], ["trust"]),
        ({"D6": "trust", "F6": "P1", "G6": "agrees"}, ["C070"], ["trust"]),
        ({"D6": "trust", "F6": "P9", "G6": "supports"}, ["C070"], ["trust"]),
        ({"D6": "trust", "F6": "P9"}, ["C070", "C069"], ["trust"]),
        ({"D6": "trust", "C6": "another text"}, ["C066"], ["trust"]),
        ({"A6": "J2/q1|1", "D6": "trust"}, ["C064", "C064", "C065", "C063"], []),
        ({"A7": None, "D7": "trust"}, ["C064", "C063"], []),
        ({"D6": True}, ["C070", "C063"], []),
        ({"D6": "trust", "K6": "not sure of this one"}, [], ["trust"]),
    ],
)
def test_what_coders_do_to_a_sheet(
    tmp_path: Path, cells: dict[str, Any], codes: list[str], segments: list[str]
) -> None:
    book = codebook(tmp_path)
    rest = {key: value for key, value in Y.items() if key[0] != "J1/q1"}
    damaged(sheet(tmp_path, book, "X", rest), **cells)
    found = back(tmp_path, book)
    assert sorted(one.code for one in found.notes if one.code != "C015") == sorted(codes)
    own = found.frame[found.frame["respondent"] == "J1"]
    assert own["code"].tolist() == segments
    # Nothing is lost: whatever was typed stands in the store as it was.
    from surveykit.responses.store import open_store

    with open_store(tmp_path / "study", create=False) as store:
        raw = [row[0] for row in store.query("SELECT raw FROM cell UNION SELECT text FROM remark")]
    for address, value in cells.items():
        if (
            address[0] in "CDEFGHK"
            and value is not True
            and not str(value).startswith("=")
            and "C064" not in codes
        ):
            assert value in raw


def test_a_sheet_without_its_hidden_parts_is_set_apart(tmp_path: Path) -> None:
    book = codebook(tmp_path)
    path = sheet(tmp_path, book, "X", X)
    workbook = openpyxl.load_workbook(path)
    del workbook["_surveykit_units"]
    workbook.save(path)
    report = collect(path, tmp_path / "study", instruments=instrument())
    assert report.quarantined["code"].tolist() == ["C062"]


def test_another_codebook_and_another_version_are_told(tmp_path: Path) -> None:
    from coding_example import CODEBOOK

    book = codebook(tmp_path)
    sheet(tmp_path, book, "X", X)
    later = codebook(tmp_path, CODEBOOK.replace('"1.0.0"', '"1.1.0"'))
    assert [one.code for one in back(tmp_path, later).notes] == ["C072"]
    other = codebook(tmp_path, CODEBOOK.replace("codebook: example", "codebook: other"))
    found = back(tmp_path, other)
    assert [one.code for one in found.notes] == ["C073"]
    assert found.frame.empty


def test_a_text_that_changed_after_the_sheet_went_out_is_told(tmp_path: Path) -> None:
    book = codebook(tmp_path)
    sheet(tmp_path, book, "X", X)
    back(tmp_path, book)
    moved = {**TEXTS, "K1/q1": "아, " + TEXTS["K1/q1"]}
    assert [one.code for one in collected_segments(tmp_path / "study", book, moved).notes] == ["C015"]


def test_nothing_to_code_and_texts_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    book = codebook(tmp_path)
    with pytest.raises(SurveykitError, match="C060"):
        write_coding_sheet(book, [], "X", tmp_path / "a.xlsx")
    with pytest.raises(SurveykitError, match="C061"):
        write_coding_sheet(book, text_units({"J1": "a\x0bb"}), "X", tmp_path / "a.xlsx")
    with pytest.raises(SurveykitError, match=r"(?s)C075.*J1/q1"):
        write_coding_sheet(book, text_units(TEXTS) + text_units({"J1/q1": "More."}), "X", tmp_path / "a.xlsx")
    with pytest.raises(SurveykitError, match="C074"):
        write_coding_sheet(book, text_units(TEXTS), "X", tmp_path / "codebook.yaml" / "a.xlsx")
    with pytest.raises(SurveykitError, match="O001"):
        write_coding_sheet(book, text_units(TEXTS), "X", tmp_path / "a.xlsx", lang="jp")


@pytest.mark.parametrize(
    "sentence", ["Trust grows slowly over time. ", "信頼は時間をかけて育つものです。", "무척 중요합니다.\n"]
)
def test_long_texts_are_cut_at_sentences_and_nothing_is_lost(sentence: str) -> None:
    text = sentence * 200
    units = text_units({"J1/q1": text})
    assert len(units) > 1
    assert all(len(one.text) <= LONGEST and text[one.start : one.end] == one.text for one in units)
    assert "".join(one.text for one in units).replace(" ", "").replace("\n", "") == text.replace(
        " ", ""
    ).replace("\n", "")
    assert all(one.text.endswith(sentence.strip()) for one in units)
    assert text_units({"J1": "x" * 3000})[2].text == "x" * 600
    assert text_units({"J1": " \n "}) == ()


def test_turns_are_passages_with_the_question_beside_them() -> None:
    text = "I: Why?\nA1: Trust."
    turns = pd.DataFrame({"turn": [1, 2], "speaker": ["I", "A1"], "start": [3, 12], "end": [7, 18]})
    (unit,) = turn_units("A1", text, turns, asked_by=["I"])
    assert (unit.id, unit.text, unit.question, unit.start) == ("A1:2", "Trust.", "Why?", 12)


def test_marked_segments_go_out_without_their_codes(tmp_path: Path) -> None:
    book = codebook(tmp_path)
    table = pd.DataFrame(
        [("s1", "J1", "q1", 0, 2, "trust", ""), ("s1", "J1", "q1", 0, 2, "price", ""),
         ("s2", "K1", "q1", None, None, "trust", "값은"), ("s3", "K2", "q1", None, None, "trust", "")],
        columns=["segment", "respondent", "item", "start", "end", "code", "passage"],
    )  # fmt: skip
    units = segment_units(check_segments(table, book, TEXTS), TEXTS)
    assert [(one.id, one.text) for one in units] == [("s1", "信頼"), ("s2", "값은")]
    out = tmp_path / "returned" / "Z.xlsx"
    write_coding_sheet(book, units, "Z", out, parts=False, entries={("s1", 1): {"code": "trust"}})
    found = back(tmp_path, book)
    assert found.frame[["segment", "start", "end", "code", "coder"]].to_numpy().tolist() == [
        ["s1", 0, 2, "trust", "Z"]
    ]
    assert [one.code for one in found.notes] == ["C063"]
