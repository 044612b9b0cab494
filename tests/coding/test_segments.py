"""The table of coded segments against its codebook and its texts."""

from pathlib import Path

import pandas as pd
import pytest
from coding_example import codebook, segments

from surveykit.coding.segments import check_segments, read_segments
from surveykit.errors import SurveykitError

HEADER = "segment,respondent,item,start,end,code,coder,stance,proposition,summary,passage\n"
TEXTS = {"J1": "信頼は時間をかけて育つ。", "K1/q07": "신뢰가 먼저입니다."}


@pytest.mark.parametrize(
    ("row", "code", "dropped"),
    [
        ("s1,J1,,0,2,trust,X,supports,P1,ours,信頼", None, 0),
        ("s1,K1,q07,0,2,trust,X,,,,신뢰", None, 0),
        ("s1,J1,,,,,X,,,,", None, 0),  # looked at, no code
        ("s1,J1,,0,2,trsut,X,,,,", "C012", 1),
        ("s1,J9,,0,2,trust,X,,,,", "C013", 1),
        ("s1,,,0,2,trust,X,,,,", "C013", 1),
        ("s1,J1,,0,13,trust,X,,,,", "C014", 1),
        ("s1,J1,,2,2,trust,X,,,,", "C014", 1),
        ("s1,J1,,,2,trust,X,,,,", "C014", 1),
        ("s1,J1,,-1,2,trust,X,,,,", "C014", 1),
        ("s1,J1,,0,2,trust,X,,,,新頼", "C015", 0),
        ("s1,J1,,0,2,trust,X,support,P1,,", "C016", 1),
        ("s1,J1,,0,2,trust,X,supports,P9,,", "C017", 1),
        (",J1,,0,2,trust,X,,,,", "C018", 1),
        ("s1,J1,,0,2,trust,X,,,,\ns1,J1,,0,2,trust,X,,,,", "C018", 1),
        ("s1,J1,,0,2,trust,X,,,,\ns1,J1,,0,3,price,X,,,,", "C019", 1),
    ],
)
def test_each_row_is_checked(tmp_path: Path, row: str, code: str | None, dropped: int) -> None:
    path = tmp_path / "segments.csv"
    path.write_text(HEADER + row + "\n", encoding="utf-8")
    found = read_segments(path, codebook(tmp_path), TEXTS)
    assert [one.code for one in found.notes] == ([] if code is None else [code])
    assert found.dropped == dropped
    assert len(found.frame) == row.count("\n") + 1 - dropped
    for one in found.notes:
        assert one.place is not None
        assert one.place.line == row.count("\n") + 2


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("segment,respondent\ns1,J1\n", "C011"),
        ("segment,respondent,code,colour\ns1,J1,trust,red\n", "C011"),
        ('segment,respondent,code\n"s1,J1\n', "C010"),
        ("segment,respondent,code\ns1,J1,trust,x,y\n", "C010"),
    ],
)
def test_a_table_that_is_none_is_refused(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "segments.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SurveykitError) as caught:
        read_segments(path, codebook(tmp_path))
    assert caught.value.code == code


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(SurveykitError, match="C010"):
        read_segments(tmp_path / "none.csv", codebook(tmp_path))


def test_numbers_and_gaps_of_a_frame_are_read(tmp_path: Path) -> None:
    table = pd.DataFrame({"segment": ["s1"], "respondent": ["J1"], "code": [None], "start": [0], "end": [2]})
    found = check_segments(table, codebook(tmp_path), TEXTS)
    assert found.frame.loc[0, ["code", "start", "end"]].tolist() == ["", 0, 2]
    assert found.notes == ()


def test_overlapping_codes_of_one_segment_are_two_rows(tmp_path: Path) -> None:
    found = segments(codebook(tmp_path), "s1 J1 trust X supports P1", "s1 J1 price X supports P1")
    assert len(found.frame) == 2
    assert found.notes == ()


# What a note says where a name is near, and where none is: no half list, no gap.
@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("s1,J1,,0,2,{},X,,,,", "C012"),
        ("s1,{},,0,2,trust,X,,,,", "C013"),
        ("s1,J1,,0,2,trust,X,{},P1,,", "C016"),
        ("s1,J1,,0,2,trust,X,supports,{},,", "C017"),
    ],
)
@pytest.mark.parametrize("lang", ["en", "ja", "ko"])
def test_a_name_is_offered_only_where_one_is_near(tmp_path: Path, row: str, code: str, lang: str) -> None:
    near = {"C012": ("trsut", "trust"), "C013": ("J11", "J1"), "C016": ("suports", "supports"),
            "C017": ("P11", "P1")}[code]  # fmt: skip
    path = tmp_path / "segments.csv"
    path.write_text(HEADER + row.format(near[0]) + "\n" + row.format("zzzz").replace("s1", "s2"), "utf-8")
    offered, none = read_segments(path, codebook(tmp_path), TEXTS).notes
    assert (offered.code, none.code) == (code, code)
    ask = {"en": "Perhaps you meant", "ja": "ではありませんか", "ko": "혹시"}[lang]
    assert near[1] in offered.remedy(lang)
    assert ask in offered.remedy(lang)
    assert ask not in none.remedy(lang)
    assert not any(gap in none.remedy(lang) for gap in ("[[", "]]", ", ;", "{", "  "))
