"""Two languages side by side in one form: written, filled, saved by others, collected as any other."""

import dataclasses
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from hand_made import ANSWERS, guide, sample
from surveykit.errors import SurveykitError
from surveykit.form.excel import write_forms
from surveykit.form.fill import fill_form
from surveykit.form.layout import Slot, layout
from surveykit.form.limits import excel_problems
from surveykit.instrument.model import ResponseScale
from surveykit.instrument.reader import read_instrument
from surveykit.responses.collect import collect
from surveykit.responses.read import read_responses

INSTRUMENTS = Path(__file__).parent.parent.parent / "instruments"
PAIRS = ["ja+en", "en+ja", "ko+en", "ja+ko"]


@pytest.mark.parametrize("lang", PAIRS)
def test_answers_come_back_identical(tmp_path: Path, lang: str) -> None:
    inst = sample()
    path = write_forms(inst, tmp_path / "forms", lang, pd.DataFrame({"respondent": ["R"]}))[0]
    fill_form(inst, path, ANSWERS, path)
    report = collect(path, tmp_path / "study", instruments=inst)
    assert list(report.findings["text"]) == []
    frame = read_responses(tmp_path / "study").frame
    assert frame[list(ANSWERS)].to_dict("records") == [ANSWERS]
    assert list(frame["language"]) == [lang]


def test_each_language_has_a_column_and_the_choices_have_both(tmp_path: Path) -> None:
    inst = sample()
    path = write_forms(inst, tmp_path, "ja+en")[0]
    assert path.name == "sample_1.0.0_ja+en.xlsx"
    book = openpyxl.load_workbook(path)
    assert book.sheetnames[:3] == ["表紙", "質問票", "コードブック"]
    sheet = book["質問票"]
    rows = layout(inst).slots
    row = rows[Slot("trust_1")]
    assert (sheet[f"C{row}"].value, sheet[f"D{row}"].value) == ("質問 trust_1 ですか。", "Question trust_1?")
    assert [sheet[f"{column}4"].value for column in "BCDE"] == ["番号", "質問", "Question", "回答 / Answer"]
    assert sheet[f"C{rows[Slot('channels', 1)]}"].value == "訪問"
    assert sheet[f"D{rows[Slot('channels', 1)]}"].value == "Visits"
    assert book.defined_names["sk_trust_1"].attr_text == f"'質問票'!$E${row}"
    assert not sheet[f"E{row}"].protection.locked
    assert sheet[f"D{row}"].protection.locked
    assert book["_surveykit_lists"]["E4"].value == "4 – そう思う / Agree"
    cover = [(one[1], one[2]) for one in book["表紙"].iter_rows(values_only=True)]
    assert ("任意です。", "Voluntary.") in cover
    assert ("調査への同意について", "Your consent") in cover


@pytest.mark.parametrize(
    "entered", ["4 – そう思う / Agree", "そう思う", "Agree", "4", "４", "そう思う/Agree"]
)
def test_an_answer_in_either_language_is_read(tmp_path: Path, entered: str) -> None:
    inst = sample()
    path = write_forms(inst, tmp_path / "forms", "ja+en", pd.DataFrame({"respondent": ["R"]}))[0]
    fill_form(inst, path, {**ANSWERS, "trust_1": entered}, path)
    assert list(collect(path, tmp_path / "study", instruments=inst).findings["text"]) == []
    assert list(read_responses(tmp_path / "study").frame["trust_1"]) == [4]


def test_the_frame_may_ask_for_two_languages(tmp_path: Path) -> None:
    frame = pd.DataFrame({"respondent": ["A", "B"], "language": ["ko+en", "ko"]})
    paths = write_forms(sample(), tmp_path, respondents=frame)
    columns = [openpyxl.load_workbook(path).worksheets[1]["D4"].value for path in paths]
    assert columns == ["Question", "응답"]


@pytest.mark.parametrize("lang", ["ja+fr", "ja+ja", "en+ja+ko", "+", "ja+"])
def test_what_is_not_two_languages_is_refused(tmp_path: Path, lang: str) -> None:
    with pytest.raises(SurveykitError, match=r"\[O001\]"):
        write_forms(sample(), tmp_path, lang)
    frame = pd.DataFrame({"respondent": ["A"], "language": [lang]})
    with pytest.raises(SurveykitError, match=r"\[F013\]"):
        write_forms(sample(), tmp_path, respondents=frame)


def test_limits_hold_for_both_languages_together() -> None:
    inst = sample()
    long = {1: {"en": "e" * 130, "ja": "あ" * 130, "ko": "가"}, 2: {"en": "b", "ja": "b", "ko": "b"}}
    scales = {**inst.response_scales, "agree5": ResponseScale("agree5", long)}
    wide = dataclasses.replace(inst, response_scales=scales)
    assert excel_problems(wide, "ja") == ()
    assert [one.code for one in excel_problems(wide, "ja+en")] == ["F002"]


def test_without_names_and_marks_the_answers_stand_in_their_own_column(tmp_path: Path) -> None:
    """The second language's questions stand where a form in one language has its answers."""
    inst = sample()
    path = write_forms(inst, tmp_path / "forms", "ja+en", pd.DataFrame({"respondent": ["R"]}))[0]
    fill_form(inst, path, ANSWERS, path)
    book = openpyxl.load_workbook(path)
    for name in [name for name in book.defined_names if name.startswith("sk")]:
        del book.defined_names[name]
    for cell in book.worksheets[1][1]:
        cell.value = None
    book.save(path)
    report = collect(path, tmp_path / "study", instruments=inst)
    assert "R036" in set(report.findings["code"])
    frame = read_responses(tmp_path / "study").frame
    assert frame[list(ANSWERS)].to_dict("records") == [ANSWERS]


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed")
def test_saved_by_libreoffice(tmp_path: Path) -> None:
    made = [(sample(), ANSWERS), (guide(), {"q01": "一行目\n둘째 줄", "q02": "答"})]
    for inst, answers in made:
        path = write_forms(inst, tmp_path / "forms", "ko+ja", pd.DataFrame({"respondent": ["R"]}))[0]
        fill_form(inst, path, answers, path)
    home = f"-env:UserInstallation={(tmp_path / 'office').as_uri()}"
    out = ["--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path / "back")]
    files = [str(path) for path in (tmp_path / "forms").iterdir()]
    subprocess.run(
        ["soffice", home, "--headless", *out, *files], check=True, capture_output=True, timeout=180
    )
    report = collect(tmp_path / "back", tmp_path / "study", instruments=[one for one, _ in made])
    assert list(report.findings["text"]) == []
    found = read_responses(tmp_path / "study", "sample").frame[list(ANSWERS)]
    assert found.to_dict("records") == [ANSWERS]


@pytest.mark.parametrize("path", sorted(INSTRUMENTS.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_instrument_can_be_bilingual(path: Path, tmp_path: Path) -> None:
    inst = read_instrument(path)
    for lang in PAIRS:
        assert write_forms(inst, tmp_path, lang)[0].exists()
