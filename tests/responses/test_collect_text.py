"""What collection says: every file named, in the reader's language, what to do once a code."""

import os
from pathlib import Path

import pandas as pd
import pytest

from hand_made import ANSWERS, sample
from surveykit.errors import SurveykitError
from surveykit.form.excel import write_forms
from surveykit.form.fill import fill_form
from surveykit.responses.collect import CollectReport, collect


def returned(folder: Path, lang: str) -> CollectReport:
    frame = pd.DataFrame({"respondent": ["R-1", "R-2", "R-3"], "language": ["en"] * 3})
    forms = write_forms(sample(), folder / "forms", respondents=frame)
    (folder / "returned").mkdir()
    wrong = {**ANSWERS, "trust_1": 7, "trust_2": 8}
    for form, answers in zip(forms, (ANSWERS, wrong, {}), strict=True):
        fill_form(sample(), form, answers, folder / "returned" / form.name)
    (folder / "returned" / "letter.pdf").write_bytes(b"%PDF-1.7")
    return collect(folder / "returned", folder / "study", instruments=sample(), lang=lang)


@pytest.mark.parametrize(
    ("lang", "first", "clean", "finding", "empty", "apart", "todo"),
    [
        (
            "en", "1 accepted, 2 accepted with findings, 1 quarantined", "sample_R-1.xlsx: accepted (R-1)",
            "  [R041] sheet 'Questionnaire', cell D7: Item 'trust_1' has 7", "Nothing is filled in",
            "letter.pdf: quarantined; the original is kept as ", "What to do:",
        ),
        (
            "ja", "受理 1 件、確認事項つきで受理 2 件、保留 1 件", "sample_R-1.xlsx：受理（R-1）",
            "  [R041] シート「Questionnaire」セル D7：項目「trust_1」の値は 7", "何も記入されていません",
            "letter.pdf：保留（元のファイルの保管先：", "対応：",
        ),
        (
            "ko", "접수 1건, 확인 사항이 있는 접수 2건, 보류 1건", "sample_R-1.xlsx: 접수 (R-1)",
            "  [R041] 시트 'Questionnaire', 셀 D7: 문항 'trust_1'의 값은 7", "아무것도 작성되어 있지",
            "letter.pdf: 보류 (원본 보관 위치: ", "조치:",
        ),
    ],
)  # fmt: skip
def test_every_file_is_named_in_the_readers_language(
    lang: str, first: str, clean: str, finding: str, empty: str, apart: str, todo: str, tmp_path: Path
) -> None:
    report = returned(tmp_path, lang)
    lines = report.summary().split("\n")
    assert lines[0] == first
    text = "\n".join(lines)
    assert all(one in text for one in (clean, finding, empty, apart))
    advice = lines[lines.index(todo) + 1 :]
    assert [line.split("]")[0] for line in advice] == ["  [R003", "  [R038", "  [R041"]
    # English beside it, whatever the reader's language.
    assert list(report.findings["language"].unique()) == ["en"]
    assert "allows" in report.findings.set_index("item")["text_local"]["trust_1"]


def test_a_file_that_was_collected_before_is_called_known(tmp_path: Path) -> None:
    returned(tmp_path, "en")
    report = collect(tmp_path / "returned", tmp_path / "study", instruments=sample())
    assert "sample_R-1.xlsx: known, collected before (R-1)" in report.summary()


def test_a_language_that_is_not_spoken_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SurveykitError, match=r"\[O001\]"):
        collect([], tmp_path, instruments=sample(), lang="fr")


def test_a_folder_that_may_not_be_opened_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "returned" / "secret").mkdir(parents=True)
    look = os.scandir

    def refusing(path: str) -> object:
        if str(path).endswith("secret"):
            raise PermissionError(13, "Permission denied", str(path))
        return look(path)

    monkeypatch.setattr(os, "scandir", refusing)
    report = collect(tmp_path / "returned", tmp_path / "study", instruments=sample())
    assert [(Path(file).name, code) for file, code in report.to_frame()[["file", "code"]].to_numpy()] == [
        ("secret", "R001")
    ]


@pytest.mark.parametrize("code", ["R003", "R006", "R020", "R025", "R040", "R041", "R051"])
def test_what_to_do_is_said_in_words_of_who_has_no_terminal(code: str) -> None:
    from surveykit.errors import catalogue

    for text in catalogue()[code]["remedy"].values():
        assert not any(word in text for word in ("YAML", "yaml", "missing_codes", "surveykit", "="))


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "the same file as"), ("ja", "と同じファイル"), ("ko", "같은 파일(중복)")]
)
def test_a_second_copy_of_a_file_is_told_as_such(lang: str, words: str, tmp_path: Path) -> None:
    folder = tmp_path / "returned"
    folder.mkdir()
    form = write_forms(sample(), folder, respondents=pd.DataFrame({"respondent": ["R-1"]}))[0]
    fill_form(sample(), form, {**ANSWERS, "trust_1": 7}, folder / "KR001.xlsx")
    form.unlink()
    (folder / "KR001 (1).xlsx").write_bytes((folder / "KR001.xlsx").read_bytes())
    report = collect(folder, tmp_path / "study", instruments=sample(), lang=lang)
    assert len(report.accepted) == 2
    lines = report.summary().split("\n")
    told = [line for line in lines if words in line]
    assert len(told) == 1
    assert told[0].startswith(str(folder / "KR001.xlsx"))
    assert "KR001 (1).xlsx" in told[0]
    assert sum("[R041]" in line for line in lines) == 2  # the finding once, what to do about it once
