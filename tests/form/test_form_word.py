"""The questionnaire on paper: every word of every question, heads repeated, large print, the PDF."""

import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from hand_made import guide, instrument, item, sample, texts
from surveykit.errors import SurveykitError
from surveykit.form import word as word_module
from surveykit.form.condition_text import condition_text
from surveykit.form.layout import label_text
from surveykit.form.word import BOX, word_form, write_word_form
from surveykit.instrument.model import Instrument
from surveykit.instrument.reader import read_instrument

docx = pytest.importorskip("docx")
INSTRUMENTS = Path(__file__).parent.parent.parent / "instruments"


def opened(inst: Instrument, folder: Path, lang: str, **more: bool) -> Any:
    return docx.Document(str(write_word_form(inst, folder, lang, **more)))


def words(document: Any) -> str:
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in document.paragraphs), *cells])


@pytest.mark.parametrize("lang", ["en", "ja", "ko", "ja+en"])
@pytest.mark.parametrize("large", [False, True])
def test_every_word_is_on_paper(tmp_path: Path, lang: str, large: bool) -> None:
    inst = read_instrument(INSTRUMENTS / "partnership.yaml")
    said = words(opened(inst, tmp_path, lang, large=large))
    for one in lang.split("+"):
        for asked in inst.items:
            assert asked.text[one] in said
            scale = inst.response_scale_of(asked)
            for code in scale.labels if scale is not None else ():
                assert label_text(scale, code, one) in said  # type: ignore[arg-type]
        assert all(section.title[one] in said for section in inst.sections)


def test_rating_items_of_one_scale_share_a_table_whose_head_is_repeated(tmp_path: Path) -> None:
    inst = sample()
    tables = opened(inst, tmp_path, "en").tables
    rows = [[cell.text for cell in row.cells] for row in tables[0].rows]
    assert rows[0] == ["", "1\nStrongly disagree", "2\nDisagree", "3\nNeither", "4\nAgree",
                       "5\nStrongly agree",
                       "99\nDo not know"]  # fmt: skip
    assert [row[0] for row in rows[1:]] == ["1. Question trust_1?\n(required)", "2. Question trust_2?",
                                            "3. Question trust_3?"]  # fmt: skip
    assert rows[1][1:] == [BOX] * 6
    xml = tables[0].rows[0]._tr.xml
    assert "w:tblHeader" in xml
    assert all("w:cantSplit" in row._tr.xml for row in tables[0].rows)
    assert 'w:tblCaption w:val="Main part"' in tables[0]._tbl.xml


def test_what_each_kind_of_question_offers(tmp_path: Path) -> None:
    said = words(opened(sample(), tmp_path, "en"))
    assert f"{BOX} 2 – Manager" in said
    assert "Mark every answer that applies." in said
    assert "______________ people   (1 to 5000)" in said
    assert "Year ________  Month ____  Day ____" in said
    assert "up to 20 characters" in said
    assert "Only if question 5 = 2 “Manager” or question 5 = 3 “Other”" in said


def test_head_and_foot_say_which_form_this_is(tmp_path: Path) -> None:
    document = opened(sample(), tmp_path, "ja")
    page = document.sections[0]
    assert page.header.paragraphs[0].text == f"見本調査 · 第 1.0.0 版 · {sample().content_hash[:8]}"
    assert page.footer.paragraphs[0].text.startswith("回答者ID: ____")
    assert {"PAGE", "NUMPAGES"} == set(page.footer._element.xpath("//w:fldSimple/@w:instr"))
    assert document.core_properties.author == ""
    assert document.core_properties.title == "見本調査"


def test_large_print_is_large(tmp_path: Path) -> None:
    plain, large = (
        opened(sample(), tmp_path, "ko", large=one).styles["Normal"].font.size.pt for one in (0, 1)
    )
    assert (plain, large) == (10.5, 18)
    assert (tmp_path / "sample_1.0.0_ko_large.docx").exists()


@pytest.mark.parametrize(
    ("lang", "font"), [("en", "Yu Gothic"), ("ja", "Yu Gothic"), ("ko", "Malgun Gothic")]
)
def test_east_asian_fonts_are_named(tmp_path: Path, lang: str, font: str) -> None:
    assert f'w:eastAsia="{font}"' in opened(sample(), tmp_path, lang).styles["Normal"].element.xml


def test_nothing_for_researchers_is_printed(tmp_path: Path) -> None:
    inst = instrument(item("q1", note="a secret note", reverse=True), item("q2", "text"))
    said = words(opened(inst, tmp_path, "en"))
    assert "secret" not in said
    assert "q1" not in said.replace("Question q1?", "")


def test_an_interview_guide_has_its_record_and_probes(tmp_path: Path) -> None:
    said = words(opened(guide(), tmp_path, "ko"))
    assert "녹음에 대해 응답자의 허락을 받았습니까?" in said
    assert "• 얼마나 오래입니까?" in said
    assert "1. 질문 q01입니까?" in said  # the record's questions have no numbers


def test_the_same_document_is_written_each_time() -> None:
    assert word_form(sample(), "ja") == word_form(sample(), "ja")


@pytest.mark.parametrize(
    ("show_if", "said"),
    [
        ("a == 2", "Only if question 1 = 2 “Disagree”"),
        ("a in (1, 2)", "Only if question 1 = 1 “Strongly disagree” or 2 “Disagree”"),
        ("n >= 10", "Only if question 2 ≥ 10"),
        ("not answered(a)", "Only if not (question 1 is answered)"),
        ("n != 3 and (a == 1 or a == 99)",
         "Only if question 2 ≠ 3 and (question 1 = 1 “Strongly disagree” or question 1 = 99 “Do not know”)"),
    ],
)  # fmt: skip
def test_conditions_in_words(show_if: str, said: str) -> None:
    inst = instrument(item("a"), item("n", "number"))
    assert condition_text(show_if, inst, {"a": 1, "n": 2}, "en") == said


def test_a_text_that_is_not_translated_is_refused(tmp_path: Path) -> None:
    inst = instrument(item("q1", text={"en": "Only English"}), title=texts("x"))
    with pytest.raises(SurveykitError, match=r"\[F005\]"):
        write_word_form(inst, tmp_path, "ja")
    with pytest.raises(SurveykitError, match=r"\[O001\]"):
        write_word_form(inst, tmp_path, "fr")


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file", "utf-8")
    with pytest.raises(SurveykitError, match=r"\[F019\]"):
        write_word_form(sample(), tmp_path / "taken")


def test_without_libreoffice_there_is_no_pdf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_module.shutil, "which", lambda name: None)
    with pytest.raises(SurveykitError, match=r"\[F050\]"):
        write_word_form(sample(), tmp_path, pdf=True)
    assert (tmp_path / "sample_1.0.0_en.docx").exists()


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed")
def test_the_pdf_has_the_questions(tmp_path: Path) -> None:
    path = write_word_form(sample(), tmp_path, "ja", pdf=True)
    assert path.suffix == ".pdf"
    assert path.read_bytes().startswith(b"%PDF")
    if shutil.which("pdftotext"):
        done = subprocess.run(["pdftotext", str(path), "-"], check=True, capture_output=True, timeout=60)
        assert "質問role" in "".join(done.stdout.decode().split())


def test_the_document_is_a_sound_zip_file() -> None:
    from io import BytesIO

    with zipfile.ZipFile(BytesIO(word_form(sample(), "en"))) as archive:
        assert archive.testzip() is None
        assert "word/document.xml" in archive.namelist()
