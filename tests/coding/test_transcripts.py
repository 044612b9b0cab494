"""Transcripts: turns, speakers, times, and places that hold."""

from pathlib import Path

import pytest

from surveykit.coding.transcripts import Transcript, read_transcript
from surveykit.errors import SurveykitError

PLAIN = (
    "Interviewer: When did it start?\nA1: In 1998.\nIt was 10:30 then.\n\n鈴木：信頼です。\n"
    "The aim was as follows: trust.\n김 부장: 신뢰가 먼저입니다.\n"
)
SRT = (
    "1\n00:00:01,000 --> 00:00:02,500\nA1: Trust\n\n2\n00:00:02,500 --> 00:00:04,000\n<i>comes</i> first.\n\n"
    "3\n00:00:05,000 --> 00:00:06,000\nI-1: Why?\n"
)
VTT = (
    "WEBVTT\n\nNOTE hello\n\n01:00.000 --> 01:02.000 align:start\n<v Kim>신뢰 &amp; 정</v>\n\n"
    "cue2\n01:00:03.25 --> 01:00:04.000\n<v Suzuki>はい\n"
)


def read(tmp_path: Path, name: str, text: str) -> Transcript:
    path = tmp_path / name
    path.write_bytes(text.encode("utf-8"))
    found = read_transcript(path)
    for row in found.turns.to_dict("records"):
        assert found.text[row["start"] : row["end"]] == row["text"]
    return found


@pytest.mark.parametrize(
    ("name", "text", "turns"),
    [
        (
            "a.txt",
            PLAIN,
            [
                ("Interviewer", "When did it start?"),
                ("A1", "In 1998.\nIt was 10:30 then."),
                ("鈴木", "信頼です。\nThe aim was as follows: trust."),
                ("김 부장", "신뢰가 먼저입니다."),
            ],
        ),
        (
            "b.txt",
            PLAIN.replace("\n", "\r\n")[:43],
            [("Interviewer", "When did it start?"), ("A1", "In 199")],
        ),
        ("c.srt", SRT, [("A1", "Trust comes first."), ("I-1", "Why?")]),
        ("d.vtt", VTT, [("Kim", "신뢰 & 정"), ("Suzuki", "はい")]),
    ],
)
def test_turns(tmp_path: Path, name: str, text: str, turns: list[tuple[str, str]]) -> None:
    found = read(tmp_path, name, text)
    assert list(zip(found.turns["speaker"], found.turns["text"], strict=True)) == turns
    assert found.notes == ()
    assert found.name == name[0]


def test_times_are_seconds_of_the_recording(tmp_path: Path) -> None:
    assert read(tmp_path, "c.srt", SRT).turns[["begins", "ends"]].to_numpy().tolist() == [[1, 4], [5, 6]]
    assert read(tmp_path, "d.vtt", VTT).turns["begins"].tolist() == [60, 3603.25]


def test_a_text_without_names_is_one_voice(tmp_path: Path) -> None:
    found = read(tmp_path, "a.txt", "Just words.\nAnd more.")
    assert found.turns["text"].tolist() == ["Just words.\nAnd more."]
    assert [one.code for one in found.notes] == ["C054"]


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("a.doc", "x", "C051"),
        ("a.docx", "x", "C055"),
        ("a.srt", "no times", "C052"),
        ("a.srt", "1\n00:00:02,000 --> 00:00:01,000\nx", "C053"),
        ("a.txt", "", "I005"),
        ("a.txt", "a\x00b", "I006"),
    ],
)
def test_what_is_no_transcript_is_refused(tmp_path: Path, name: str, text: str, code: str) -> None:
    with pytest.raises(SurveykitError) as caught:
        read(tmp_path, name, text)
    assert caught.value.code == code


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(SurveykitError, match="C050"):
        read_transcript(tmp_path / "none.txt")


JAPANESE = "聞き手: 信頼はどのように育ちますか。\nA1: 時間をかけて、互いに訪問しながら育ちます。\n"
KOREAN = "면담자: 신뢰는 어떻게 자랍니까?\nA1: 서로 방문하면서 오랜 시간에 걸쳐 자랍니다.\n"


@pytest.mark.parametrize(
    ("text", "encoding", "told"),
    [
        (JAPANESE, "cp932", ["cp932 (Shift_JIS)"]),
        (KOREAN, "cp949", ["cp949 (EUC-KR)"]),
        (JAPANESE, "utf-16", []),
        (KOREAN, "utf-8-sig", []),
        ("1\n00:00:01,000 --> 00:00:02,000\n" + KOREAN.split("\n")[1] + "\n", "cp949", ["cp949 (EUC-KR)"]),
    ],
)
def test_files_of_japanese_and_korean_windows_are_read_and_told(
    tmp_path: Path, text: str, encoding: str, told: list[str]
) -> None:
    path = tmp_path / ("A1.srt" if "-->" in text else "A1.txt")
    path.write_bytes(text.encode(encoding))
    found = read_transcript(path)
    path.write_text(text, encoding="utf-8")
    assert found.turns.equals(read_transcript(path).turns)
    assert [one.fields["encoding"] for one in found.notes if one.code == "E072"] == told


def test_a_file_whose_encoding_cannot_be_told_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "A1.txt"
    path.write_bytes(b"A1: caf\xe9 \xff\xfe\xe9")
    with pytest.raises(SurveykitError, match="E070"):
        read_transcript(path)
