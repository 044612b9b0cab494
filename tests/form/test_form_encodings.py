"""Text files in the encodings of Japanese and Korean Excel: read right and said so, or refused."""

import warnings
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hand_made import sample
from surveykit.errors import Place, SurveykitError, SurveykitWarning
from surveykit.form.encodings import decode, delimiter
from surveykit.form.roster import read_roster

JAPANESE = "respondent,country,部署\nJP-1,JP,営業本部\nJP-2,JP,研究開発センター\nJP-3,JP,髙﨑㈱ 購買課\n"
KOREAN = "respondent,country,부서\nKR-1,KR,영업본부\nKR-2,KR,연구개발센터\nKR-3,KR,구매팀\n"


@pytest.mark.parametrize(
    ("text", "encoding", "found", "detected"),
    [
        (JAPANESE, "utf-8", "utf-8", False),
        (KOREAN, "utf-8-sig", "utf-8", False),
        (JAPANESE, "utf-16", "utf-16", False),
        (KOREAN, "utf-16-le", "utf-16-le", True),
        (KOREAN, "utf-16-be", "utf-16-be", True),
        (JAPANESE, "cp932", "cp932", True),
        (KOREAN, "cp949", "cp949", True),
        ("id,社名\n1,トヨタ\n", "cp932", "cp932", True),
        ("id,이름\n1,김\n", "cp949", "cp949", True),
        ("id,x\n1,2\n", "cp932", "utf-8", False),
    ],
)
def test_a_text_comes_back_as_it_was_written(text: str, encoding: str, found: str, detected: bool) -> None:
    decoded = decode(text.encode(encoding), Place(file="frame.csv"))
    assert (decoded.text, decoded.encoding, decoded.detected) == (text, found, detected)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("Zürich;Genève".encode("cp1252"), "E070"),
        (b"\xff\xfe\x00", "E070"),
        (b"\xef\xbb\xbf\xff", "E070"),
        (b"a,b\n\xb1\xb2\xb3\n", "E070"),  # half-width kana: as good as Korean bytes
        (b"PK\x03\x04\x00\x00", "E071"),
        (b"a\0b", "E071"),
    ],
)
def test_what_cannot_be_told_is_refused_with_a_remedy(data: bytes, code: str) -> None:
    with pytest.raises(SurveykitError, match=code) as caught:
        decode(data, Place(file="frame.csv"))
    assert "CSV UTF-8" in str(caught.value)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_text_or_a_code(data: bytes) -> None:
    try:
        outcome = type(decode(data, Place()).text).__name__
    except SurveykitError as problem:
        outcome = problem.code
    assert outcome in ("str", "E070", "E071")


@settings(max_examples=200, deadline=None)
@given(st.text("あいうえおかきくけこアイウエオ日本国会社東京大阪営業部", min_size=2, max_size=30))
def test_japanese_is_never_taken_for_korean(text: str) -> None:
    assert decode(f"id,x\n1,{text}\n".encode("cp932"), Place()).encoding == "cp932"


@settings(max_examples=200, deadline=None)
@given(st.text("가나다라마바사아자차카타파하서울부산회사영업팀이름김박최", min_size=2, max_size=30))
def test_korean_is_never_taken_for_japanese(text: str) -> None:
    # With a Korean head: the bytes of 카카 alone are sound UTF-8 as well, and UTF-8 goes first.
    assert decode(f"id,이름\n1,{text}\n".encode("cp949"), Place()).encoding == "cp949"


@pytest.mark.parametrize(
    ("text", "sign"), [("a,b\n1;2;3", ","), ("a;b\n", ";"), ("a\tb\n", "\t"), ("a\n", ","), ("", ",")]
)
def test_the_delimiter_is_what_the_first_line_has(text: str, sign: str) -> None:
    assert delimiter(text) == sign


@pytest.mark.parametrize(
    ("text", "encoding", "column", "value"),
    [(JAPANESE, "cp932", "部署", "髙﨑㈱ 購買課"), (KOREAN, "cp949", "부서", "구매팀")],
)
def test_a_sampling_frame_in_a_national_encoding_is_read_and_said(
    tmp_path: Path, text: str, encoding: str, column: str, value: str
) -> None:
    (tmp_path / "frame.csv").write_bytes(text.encode(encoding))
    with pytest.warns(
        SurveykitWarning, match=rf"\[E072\] frame.csv is not in UTF-8; it was read as {encoding}"
    ):
        roster = read_roster(tmp_path / "frame.csv", sample(), "ja")
    assert roster[-1].groups[column] == value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_a_sampling_frame_in_unicode_is_read_in_silence(tmp_path: Path, encoding: str, sign: str) -> None:
    (tmp_path / "frame.csv").write_bytes(JAPANESE.replace(",", sign).encode(encoding))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        roster = read_roster(str(tmp_path / "frame.csv"), sample(), "ja")
    assert [one.id for one in roster] == ["JP-1", "JP-2", "JP-3"]
    assert pd.Series([one.groups["部署"] for one in roster]).tolist()[0] == "営業本部"


def test_a_frame_of_no_known_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "frame.csv").write_bytes("respondent,city\n1,Zürich\n".encode("cp1252"))
    with pytest.raises(SurveykitError, match="E070"):
        read_roster(tmp_path / "frame.csv", sample(), "ja")
