"""Passages of transcripts: ids are their own whatever the transcript, and every count of them agrees."""

from pathlib import Path

import pytest
from coding_example import codebook
from hypothesis import given, settings
from hypothesis import strategies as st

from hand_made import instrument
from surveykit.coding.guide_items import is_marker, match_items
from surveykit.coding.refi_qda import qda_project, write_qdpx
from surveykit.coding.refi_qda_read import read_qdpx
from surveykit.coding.sheets import collected_segments, turn_units, write_coding_sheet
from surveykit.coding.transcripts import Transcript, read_transcript
from surveykit.form.coding_layout import Unit
from surveykit.instrument.reader import read_instrument
from surveykit.responses.collect import collect

GUIDE = read_instrument(Path(__file__).parents[2] / "instruments" / "interview_guide.yaml")
ALONE = "Q7: How do you choose?\nR: Trust.\nMore trust.\n[q08]\nR: We visit."
BEFORE_WORDS = "Q7: How do you choose?\nR: 信頼が大切です。\n[q08] And then?\nR: We visit."


def passages(folder: Path, text: str) -> tuple[Transcript, tuple[Unit, ...]]:
    file = folder / "J1.txt"
    file.write_text(text, encoding="utf-8")
    read = match_items(read_transcript(file), GUIDE)
    return read, turn_units("J1", read.text, read.turns)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # The mark alone is nobody's answer: the turn keeps its one passage and its plain id.
        (
            ALONE,
            [
                ("J1:1", "q07", "How do you choose?"),
                ("J1:2", "q07", "Trust.\nMore trust."),
                ("J1:3", "q08", "We visit."),
            ],
        ),
        (
            BEFORE_WORDS,
            [
                ("J1:1", "q07", "How do you choose?"),
                ("J1:2#1", "q07", "信頼が大切です。"),
                ("J1:2#2", "q08", "[q08] And then?"),
                ("J1:3", "q08", "We visit."),
            ],
        ),
    ],
)
def test_a_turn_in_which_an_item_begins_makes_passages_with_ids_of_their_own(
    tmp_path: Path, text: str, expected: list[tuple[str, str, str]]
) -> None:
    _, units = passages(tmp_path, text)
    assert [(one.id, one.item, one.text) for one in units] == expected


@pytest.mark.parametrize("text", [ALONE, BEFORE_WORDS])
def test_every_code_comes_back_from_the_sheet_and_from_another_program(tmp_path: Path, text: str) -> None:
    book = codebook(tmp_path)
    read, units = passages(tmp_path, text)
    entries = {(one.id, 1): {"code": "trust"} for one in units}
    sheet = write_coding_sheet(book, units, "X", tmp_path / "X.xlsx", entries=entries)
    report = collect(sheet, tmp_path / "study", instruments=instrument())
    assert report.findings.empty
    found = collected_segments(tmp_path / "study", book, {"J1": read.text})
    assert found.frame["passage"].tolist() == [one.text for one in units]
    project = qda_project(book, found, {"J1": read.text})
    back = read_qdpx(write_qdpx(project, tmp_path / "study.qdpx")).segments
    assert back[["segment", "item", "start", "end"]].to_numpy().tolist() == [
        [one.id, one.item, one.start, one.end] for one in units
    ]


def test_an_empty_sheet_counts_the_passages_that_its_header_counts(tmp_path: Path) -> None:
    _, units = passages(tmp_path, BEFORE_WORDS)
    sheet = write_coding_sheet(codebook(tmp_path), units, "X", tmp_path / "X.xlsx")
    report = collect(sheet, tmp_path / "study", instruments=instrument())
    assert report.quarantined.empty
    assert report.findings["code"].tolist() == ["C063"]
    assert f"{len(units)}" in report.findings["text"].iloc[0]


LINES = st.lists(
    st.sampled_from(
        ["Q7: How?", "[q08]", "[q09] And then?", "問7", "R: [q08]", "R: Trust.", "More.", "질문 3) 왜?", "",
         "Yes. " * 400, "I: Why?"]
    ),
    max_size=25,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(LINES)
def test_no_two_passages_share_an_id_or_a_place_whatever_the_transcript(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    read, units = passages(tmp_path_factory.mktemp("said"), "\n".join(["I: So.", *lines]))
    assert len({one.id for one in units}) == len(units)
    assert len({(one.start, one.end) for one in units}) == len(units)
    assert all(read.text[one.start : one.end] == one.text for one in units)


@pytest.mark.parametrize("text", ["[q08]", " Q8.", "問8", "질문 8)", "[q08] ..."])
def test_a_mark_alone_is_known_for_one(text: str) -> None:
    assert is_marker(text)


@pytest.mark.parametrize("text", ["[q08] And then?", "Q8 信頼", "Trust.", "8", ""])
def test_words_make_more_than_a_mark(text: str) -> None:
    assert not is_marker(text)
