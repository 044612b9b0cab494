"""Translations: what is missing or stale, and returned translations taken in without loss."""

import dataclasses
from pathlib import Path

import pytest

from instrument_example import EXAMPLE, edited, read
from surveykit.errors import SurveykitError, SurveykitProblems
from surveykit.instrument.reader import read_instrument
from surveykit.instrument.translation_log import read_log, take_in
from surveykit.instrument.translations import (
    LogEntry,
    TranslatedText,
    TranslationLog,
    log_path,
    missing_translations,
    source_hash,
    translation_report,
)

PARTLY = edited("title: {en: Firm, ja: 会社}", "title: {en: Firm}", edited("Tell, ja: 話", "Tell"))


def row_of(text: str, key: str, log: TranslationLog | None = None) -> TranslatedText:
    return next(row for row in translation_report(read(text), log).rows if row.key == key)


def test_missing_translations_by_item_and_language() -> None:
    assert missing_translations(read()) == ()
    found = [(row.key, row.item, row.language) for row in missing_translations(read(PARTLY))]
    assert found == [("sections.firm.title", "", "ja"), ("items.story.text", "story", "ja")]
    assert missing_translations(read(PARTLY), "ko") == ()


ENTRY = LogEntry("items.story.text", "ja", source_hash("Tell"), adjudication="話")


@pytest.mark.parametrize(
    ("text", "entry", "status"),
    [
        (EXAMPLE, None, "not logged"),
        (PARTLY, None, "missing"),
        (EXAMPLE, ENTRY, "done"),
        (EXAMPLE, dataclasses.replace(ENTRY, adjudication=" 話\n"), "done"),
        (EXAMPLE, dataclasses.replace(ENTRY, adjudication="話す"), "edited"),
        (EXAMPLE, dataclasses.replace(ENTRY, adjudication="", translation_1="話"), "in work"),
        (EXAMPLE, dataclasses.replace(ENTRY, source_hash=source_hash("Tell me")), "stale"),
        (PARTLY, dataclasses.replace(ENTRY, source_hash=source_hash("Tell me")), "missing"),
    ],
)
def test_the_status_of_a_translation(text: str, entry: LogEntry | None, status: str) -> None:
    log = TranslationLog("example", {(entry.key, entry.language): entry} if entry else {})
    assert row_of(text, "items.story.text", log).status == status


def test_what_a_translator_is_told() -> None:
    question = row_of(EXAMPLE, "items.trust_1.text")
    assert (question.role, question.item, question.source, question.text) == (
        "question",
        "trust_1",
        "One",
        "一",
    )
    assert question.context == "Trust | Disagree / Rather disagree / Undecided / Rather agree / Agree"
    label = row_of(EXAMPLE, "response_scales.agree5.missing_codes.99")
    assert (label.role, label.limit, label.context) == ("label", 240, "One; Two; Three")
    roles = {row.role for row in translation_report(read()).rows}
    assert roles == {
        "title", "note", "proposition", "label", "section", "question", "probe", "unit", "scale",
    }  # fmt: skip


def test_the_report_as_a_frame_and_as_text() -> None:
    report = translation_report(read(PARTLY))
    frame = report.to_frame()
    assert list(frame.columns) == ["key", "item", "language", "status", "source", "text"]
    assert (frame["status"] == "missing").sum() == len(report.to_do()) == 2
    assert "ja  missing: 2" in report.summary()


def test_a_source_hash_sees_words_not_blanks() -> None:
    assert source_hash("가 나\n") == source_hash(" 가  나".encode().decode())
    assert source_hash("a b") != source_hash("ab")
    assert len(source_hash("a")) == 16


def finished(text: str, key: str, **steps: str) -> TranslatedText:
    row = row_of(text, key)
    return dataclasses.replace(row, log=dataclasses.replace(row.log, **steps))


def test_returned_translations_are_taken_in(tmp_path: Path) -> None:
    path = tmp_path / "example.yaml"
    path.write_text("# A remark that stays\n" + PARTLY, "utf-8")
    rows = [
        finished(
            PARTLY, "items.story.text", translation_1="話", translation_2="語", adjudication="話: #1\n二行目"
        ),
        finished(PARTLY, "sections.firm.title", translation_1="会社"),
        finished(PARTLY, "response_scales.yes_no.labels.0", adjudication="NO", reason="as spoken"),
        finished(PARTLY, "items.trust_1.text"),  # nothing filled in
    ]
    outcome = take_in(path, rows)
    assert outcome.texts == (("items.story.text", "ja"), ("response_scales.yes_no.labels.0", "ja"))
    assert outcome.logged == (("sections.firm.title", "ja"),)
    assert outcome.notes == ()
    after = read_instrument(path)
    assert after.item("story").text["ja"] == "話: #1\n二行目"
    assert after.response_scales["yes_no"].labels[0]["ja"] == "NO"
    assert path.read_text("utf-8").startswith("# A remark that stays\n")
    log = read_log(log_path(path), after)
    assert log.entries["items.story.text", "ja"] == rows[0].log
    assert {row.key: row.status for row in translation_report(after, log).to_do()} == {
        "sections.firm.title": "in work"
    }
    again = take_in(path, [finished(path.read_text("utf-8"), "sections.firm.title", adjudication="企業")])
    assert again.texts == (("sections.firm.title", "ja"),)
    assert len(read_log(log_path(path)).entries) == 3
    assert not translation_report(read_instrument(path), read_log(log_path(path))).to_do()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"key": "items.nobody.text"}, "I073"),
        ({"source_hash": source_hash("Tell us")}, "I074"),
        ({"language": "ko"}, "I075"),
        ({"language": "en"}, "I075"),
    ],
)
def test_a_returned_row_that_does_not_fit_is_reported(
    tmp_path: Path, change: dict[str, str], code: str
) -> None:
    path = tmp_path / "example.yaml"
    path.write_text(EXAMPLE, "utf-8")
    row = dataclasses.replace(finished(EXAMPLE, "items.story.text", adjudication="新"), **change)
    outcome = take_in(path, [row])
    assert [one.code for one in outcome.notes] == [code]
    assert (outcome.texts, outcome.logged) == ((), ())
    assert path.read_text("utf-8") == EXAMPLE
    assert not log_path(path).exists()


def test_a_text_shared_by_an_alias_is_not_changed_in_both_places(tmp_path: Path) -> None:
    shared = edited("text: {en: One, ja: 一}", "text: &one {en: One, ja: 一}")
    shared = edited("text: {en: Two, ja: 二}", "text: *one", shared)
    path = tmp_path / "example.yaml"
    path.write_text(shared, "utf-8")
    with pytest.raises(SurveykitError, match="I076"):
        take_in(path, [finished(shared, "items.trust_1.text", adjudication="壱")])
    assert path.read_text("utf-8") == shared


def test_nothing_is_written_if_the_instrument_would_break(tmp_path: Path) -> None:
    path = tmp_path / "example.yaml"
    path.write_text(EXAMPLE, "utf-8")
    with pytest.raises(SurveykitProblems, match="I028"):
        take_in(path, [finished(EXAMPLE, "items.trust_1.text", adjudication="  ")])
    assert path.read_text("utf-8") == EXAMPLE
