"""What Excel cannot hold is said before a form is written."""

from pathlib import Path

import openpyxl
import pytest

from hand_made import ResponseScale, instrument, item, sample, texts
from surveykit.errors import SurveykitProblems
from surveykit.form.excel import write_forms
from surveykit.form.limits import excel_problems
from surveykit.instrument.model import Instrument

LONG_LABEL = ResponseScale("long", {1: texts("x" * 251), 2: texts("x" * 252)})
NO_KOREAN = {"en": "Only", "ja": "だけ"}


def conditions(count: int) -> Instrument:
    codes = " or ".join("a==1" for _ in range(count))
    return instrument(item("a", "number"), item("b", show_if=codes))


@pytest.mark.parametrize(
    ("inst", "code", "says"),
    [
        (instrument(item("a", text=texts("x" * 32_768))), "F001", "a.text"),
        (
            instrument(item("a", "single", "long"), response_scales={"long": LONG_LABEL}),
            "F002",
            "response_scales.long.2",
        ),
        (instrument(item("a", text=texts("a\x07b"))), "F004", "U+0007"),
        (instrument(item("a", text=texts("a\ufffe"))), "F004", "position 2"),
        (instrument(item("form_version")), "F018", "form_version"),
        (conditions(124), "F017", "'b'"),
    ],
)
def test_a_problem_has_its_code_and_place(inst: Instrument, code: str, says: str) -> None:
    problems = excel_problems(inst, "en")
    assert {problem.code for problem in problems} == {code}
    assert any(says in problem.text() for problem in problems)


@pytest.mark.parametrize(
    ("inst", "says"),
    [
        (instrument(item("a", text=texts("word " * 500))), "'a'"),
        (instrument(item("a"), consent=texts("word " * 1500)), "Cover!"),
        (instrument(item("a"), title=texts("word " * 500)), "Questionnaire!2"),
        (
            instrument(
                item("pick", "likert", "wordy"),
                response_scales={
                    "wordy": ResponseScale("wordy", {c: texts("word " * 45) for c in range(20)})
                },
            ),
            "sections.main",
        ),
    ],
)
def test_what_would_be_cut_off_is_refused(inst: Instrument, says: str, tmp_path: Path) -> None:
    with pytest.raises(SurveykitProblems) as refusal:
        write_forms(inst, tmp_path)
    assert {problem.code for problem in refusal.value.problems} == {"F003"}
    assert says in str(refusal.value)
    assert not list(tmp_path.iterdir())


def test_long_lists_of_long_answers_are_shown_whole(tmp_path: Path) -> None:
    wordy = ResponseScale("wordy", {code: texts("word " * 40) for code in range(30)})
    inst = instrument(item("pick", "single", "wordy"), response_scales={"wordy": wordy})
    book = openpyxl.load_workbook(write_forms(inst, tmp_path)[0])
    for sheet in ("Questionnaire", "Codebook"):
        heights = [one.height or 15 for one in book[sheet].row_dimensions.values()]
        assert max(heights) <= 409
        words = "".join(str(cell.value) for row in book[sheet].iter_rows() for cell in row if cell.value)
        assert words.count("word") >= 30 * 40


def test_a_missing_translation_is_listed_by_item(tmp_path: Path) -> None:
    inst = instrument(item("a", text=NO_KOREAN), item("b", "number", unit=NO_KOREAN))
    assert excel_problems(inst, "en") == excel_problems(inst, "ja") == ()
    with pytest.raises(SurveykitProblems, match=r"\[F005\].*2 place\(s\): a\.text, b\.unit"):
        write_forms(inst, tmp_path, lang="ko")
    assert not list(tmp_path.iterdir())


def test_an_ordinary_instrument_has_no_problem() -> None:
    assert all(excel_problems(sample(), lang) == () for lang in ("en", "ja", "ko"))
