"""Interviews in: Word documents, items of the guide, names, the contact summary."""

import io
import zipfile
from pathlib import Path

import docx
import pandas as pd
import pytest
from coding_example import CODEBOOK, codebook
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from hand_made import guide, item, texts
from hand_made import instrument as instrument_of
from surveykit.coding.contacts import contact_summary
from surveykit.coding.guide_items import match_items, script_languages
from surveykit.coding.pseudonyms import find_names, pseudonymised, read_key
from surveykit.coding.transcripts import Transcript, read_transcript
from surveykit.errors import SurveykitError

Q1 = texts(
    "How did the partnership begin?",
    "協力関係はどのように始まりましたか。",
    "파트너십은 어떻게 시작되었습니까?",
)
Q2 = texts(
    "What does trust mean to you?", "信頼とは何ですか、お聞かせください。", "신뢰란 무엇이라고 생각하십니까?"
)
GUIDE = instrument_of(
    item("q01", "open", text=Q1), item("q02", "open", text=Q2), item("q03", "open"), name="guide"
)


def plain(tmp_path: Path, text: str, name: str = "J1.txt") -> Transcript:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_transcript(path)


def test_a_word_document_reads_as_its_plain_text(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("I: Q1 How did it begin?")
    answer = document.add_paragraph("J1: ")
    answer.add_run("信頼").bold = True
    answer.add_run("から。\nThat was 1998.")
    document.add_paragraph("")
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "I:", "그리고?"
    row = table.add_row()
    row.cells[0].text, row.cells[1].text = "J1", "네, 신뢰입니다."
    document.save(tmp_path / "J1.docx")
    found = read_transcript(tmp_path / "J1.docx")
    assert list(zip(found.turns["speaker"], found.turns["text"], strict=True)) == [
        ("I", "Q1 How did it begin?"),
        ("J1", "信頼から。\nThat was 1998."),
        ("I", "그리고?"),
        ("J1", "네, 신뢰입니다."),
    ]
    assert all(
        found.text[a:b] == said
        for a, b, said in found.turns[["start", "end", "text"]].itertuples(index=False)
    )


def test_deleted_text_and_furigana_are_no_words(tmp_path: Path) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("J1: kept ")
    deleted = OxmlElement("w:del")
    run = OxmlElement("w:r")
    run.append(OxmlElement("w:t"))
    run[0].text = "gone"
    deleted.append(run)
    paragraph._p.append(deleted)
    ruby = OxmlElement("w:ruby")
    for tag, words in (("w:rt", "しんらい"), ("w:rubyBase", "信頼")):
        holder, inner = OxmlElement(tag), OxmlElement("w:r")
        inner.append(OxmlElement("w:t"))
        inner[0].text = words
        holder.append(inner)
        ruby.append(holder)
    outer = OxmlElement("w:r")
    outer.append(ruby)
    paragraph._p.append(outer)
    document.save(tmp_path / "J1.docx")
    assert read_transcript(tmp_path / "J1.docx").turns["text"].tolist() == ["kept 信頼"]
    assert qn("w:rt")


def zipped(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), data)
    return stream.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no zip",
        zipped(other=b"x"),
        zipped(word__document_xml=b"<broken"),
        zipped(word__document_xml=b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'),
        zipped(word__document_xml=b" " * 20_000_001),
    ],
)
def test_what_is_no_word_document_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "J1.docx"
    path.write_bytes(data)
    with pytest.raises(SurveykitError, match="C055"):
        read_transcript(path)


@pytest.mark.parametrize(
    ("text", "items", "codes"),
    [
        ("I: [q01] Well?\nJ1: Yes.\nI: [q02] And?\nJ1: No.", ["q01", "q01", "q02", "q02"], ["C082"]),
        ("I: Q1. Well?\nJ1: Yes.\nI: Ｑ３：And?\nJ1: No.", ["q01", "q01", "q03", "q03"], ["C082"]),
        ("I: 問1 始まりは？\nJ1: 昔です。\nI: 질문 2) 신뢰는?\nJ1: 네.\nI: Q3 x\nJ1: y",
         ["q01", "q01", "q02", "q02", "q03", "q03"], []),
        ("Q1: Well?\nYes.\nQ2: And?\nNo.", ["q01", "q02"], ["C082"]),
        # No marker: the question's own words, in another language, without its punctuation.
        ("I: 協力関係はどのように始まりましたか\nJ1: 昔です。", ["q01", "q01"], ["C082"]),
        ("I: so - what does TRUST mean, to you?\nJ1: Much.", ["q02", "q02"], ["C082"]),
        ("I: Hello.\nJ1: Hello.\nI: Q1 Well?\nJ1: Yes.", ["", "", "q01", "q01"], ["C080", "C082"]),
        ("I: Q1 Well?\nJ1: Yes.\nI: Q77 And?\nJ1: No.", ["q01", "q01", "", ""], ["C080", "C081", "C082"]),
        ("I: Quite so. 1998 it was.\nJ1: Q is a letter.", ["", ""], ["C080", "C082"]),
    ],
)  # fmt: skip
def test_turns_are_matched_to_items(tmp_path: Path, text: str, items: list[str], codes: list[str]) -> None:
    read = plain(tmp_path, text)
    found = match_items(read, GUIDE)
    assert found.turns["item"].tolist() == items
    assert sorted(one.code for one in found.notes if one.code != "C054") == codes
    # Nothing is lost: the turns hold what they held.
    assert "".join(found.turns["text"]) == "".join(read.turns["text"])
    for row in found.turns.to_dict("records"):
        assert found.text[row["start"] : row["end"]] == row["text"]


def test_a_text_without_speakers_is_cut_at_its_questions(tmp_path: Path) -> None:
    found = match_items(plain(tmp_path, "Notes\nQ1 begin\nin 1998\nQ2 trust\n信頼です"), GUIDE)
    assert found.turns[["item", "text", "language"]].to_numpy().tolist() == [
        ["", "Notes\n", "en"],
        ["q01", "Q1 begin\nin 1998\n", "en"],
        ["q02", "Q2 trust\n信頼です", "en ja"],
    ]


@pytest.mark.parametrize(
    ("text", "language"),
    [("Trust.", "en"), ("信頼です", "ja"), ("信頼", "ja"), ("신뢰", "ko"), ("신뢰 (信賴)", "ko"),
     ("yes, はい 네", "en ja ko"), ("12…", "")],
)  # fmt: skip
def test_the_language_is_that_of_the_letters(text: str, language: str) -> None:
    assert script_languages(text) == language


KEY = "name,pseudonym\nSuzuki Taro,J1\n鈴木,J1\n김민수,K1\nMin,K9\n"


def test_names_of_the_key_list_are_found_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "key.csv"
    path.write_text(KEY, encoding="utf-8")
    key = read_key(path)
    read = plain(tmp_path, "I: Mr SUZUKI  Taro, please.\n鈴木: Minutes with 김민수씨, then Min.")
    notes = find_names(read, key)
    assert [(one.code, one.fields["pseudonym"], one.place.line) for one in notes if one.place] == [
        ("C084", "J1", 1), ("C084", "J1", 2), ("C084", "K1", 2), ("C084", "K9", 2),
    ]  # fmt: skip
    assert not any(name in str(one) for one in notes for name in key if name != "Min")
    clean, log = pseudonymised(read, key)
    assert clean.text == "I: Mr J1, please.\nJ1: Minutes with K1씨, then K9."
    assert log.to_numpy().tolist() == [["J1", 2], ["K1", 1], ["K9", 1]]
    assert find_names(clean, key) == ()
    assert pseudonymised(read, {})[0] is read
    assert find_names(read, {}) == ()


def test_the_key_of_a_sampling_frame_is_a_key_list(tmp_path: Path) -> None:
    path = tmp_path / "key.csv"
    path.write_text(
        "respondent,name,e-mail\nJP-7QF3A,鈴木太郎,taro@example.org\nKR-2,김민수,\n", encoding="utf-8-sig"
    )
    assert read_key(path) == {"鈴木太郎": "JP-7QF3A", "taro@example.org": "JP-7QF3A", "김민수": "KR-2"}


@pytest.mark.parametrize("text", [None, "person,code\na,b\n", "name,pseudonym\nKim,\n"])
def test_a_key_list_that_is_none_is_refused(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "key.csv"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(SurveykitError, match="C083"):
        read_key(path)


def test_the_contact_summary_and_the_permission_to_record(tmp_path: Path) -> None:
    unrecorded = CODEBOOK.replace("{id: K1, company: Beta,", "{id: K1, recorded: false, company: Beta,")
    book = codebook(tmp_path, unrecorded)
    transcripts = {
        name: plain(tmp_path, "I: Hello.\nX: Yes.", f"{name}.txt") for name in ("J1", "J2", "K1", "Z9")
    }
    forms = pd.DataFrame(
        [("J2", "2026-10-01", "Tokyo", 90.0, "日本語", 1.0), ("K2", None, "Seoul", None, None, 2.0)],
        columns=["respondent", "interview_date", "interview_place", "interview_minutes", "interview_language",
                 "interview_recording"],
    )  # fmt: skip
    found = contact_summary(book, forms, transcripts)
    assert found.refused == ("K1", "Z9")
    assert sorted((one.code, one.fields["respondent"]) for one in found.notes) == [
        ("C085", "K1"), ("C086", "J1"), ("C087", "Z9"), ("C088", "J2"),
    ]  # fmt: skip
    row = found.frame.set_index("respondent").loc["J2"]
    assert row[["date", "place", "minutes", "language", "recorded", "turns", "source"]].tolist() == [
        "2026-10-01", "Tokyo", 90, "日本語", True, 2, "form+codebook",
    ]  # fmt: skip
    assert found.frame.set_index("respondent").loc["K2", ["place", "recorded", "turns"]].tolist() == [
        "Seoul",
        False,
        0,
    ]
    assert contact_summary(book).frame["source"].tolist() == ["", "codebook", "codebook", ""]


def test_the_record_of_a_filled_interviewer_form_comes_in(tmp_path: Path) -> None:
    from surveykit.form.excel import write_forms
    from surveykit.form.fill import fill_form
    from surveykit.responses.collect import collect
    from surveykit.responses.read import read_responses

    inst = guide()
    (form,) = write_forms(
        inst, tmp_path, respondents=pd.DataFrame({"respondent": ["J1"], "language": ["ja"]})
    )
    record = {
        "interview_place": "東京",
        "interview_minutes": 125,
        "interview_recording": 2,
        "q01": "昔です。",
    }
    fill_form(inst, form, record, tmp_path / "returned.xlsx")
    collect(tmp_path / "returned.xlsx", tmp_path / "study", instruments=inst)
    frame = read_responses(tmp_path / "study").frame
    found = contact_summary(codebook(tmp_path), frame, {"J1": plain(tmp_path, "J1: Yes.")})
    row = found.frame.set_index("respondent").loc["J1"]
    assert row[["place", "minutes", "recorded", "source"]].tolist() == ["東京", 125, False, "form"]
    assert found.refused == ("J1",)
