"""`surveykit check` also says what cannot be a form, with file, line and column."""

from pathlib import Path

import pytest

from instrument_example import EXAMPLE, at_place, edited
from surveykit.errors import Place
from surveykit.form.check import check_questionnaire

INSTRUMENTS = sorted((Path(__file__).parent.parent.parent / "instruments").glob("*.yaml"))
# As long as a condition may be, over an item with a short name: too long as a formula.
LONG_CONDITION = " or ".join(f"e=={number % 2}" for number in range(125))

CASES = [
    ("text: {en: Staff, ja: 社員}", "text: {en: Staff, ja: " + "長" * 3000 + "}", "F003", "text: {en: Staff"),
    ("id: staff", "id: respondent", "F018", "respondent"),
    ("show_if: exports == 1", f"show_if: {LONG_CONDITION}", "F017", "e==0 or"),
    ("id: remark", "id: interview_date", "F020", "instrument: example"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code", "at"), CASES, ids=[case[2] for case in CASES])
def test_what_cannot_be_a_form_is_a_hint_at_its_place(
    tmp_path: Path, old: str, new: str, code: str, at: str
) -> None:
    text = edited(old, new).replace("quasi_identifiers: [staff]\n", "").replace("id: exports", "id: e")
    text = text.replace("exports == 1", "e == 1")
    path = tmp_path / "example.yaml"
    path.write_text(text, "utf-8")
    problems, hints = check_questionnaire(path)
    assert problems == []
    found = [hint for hint in hints if hint.code == code]
    assert len(found) == 1
    place = found[0].place or Place()
    assert place.file == str(path)
    assert at_place(text, place).startswith(at)


def test_a_file_that_is_refused_is_not_looked_at_further(tmp_path: Path) -> None:
    path = tmp_path / "example.yaml"
    path.write_text(edited("id: staff", "id: trust_1"), "utf-8")
    problems, _ = check_questionnaire(path)
    assert [one.code for one in problems] == ["I038", "I050"]


def test_what_is_said_already_is_not_said_twice(tmp_path: Path) -> None:
    path = tmp_path / "example.yaml"
    path.write_text(edited("title: {en: Firm, ja: 会社}", "title: {en: Firm}"), "utf-8")
    assert [one.code for one in check_questionnaire(path)[1]] == ["I063"]
    path.write_text(edited("1: {en: YES", "1: {en: " + "x" * 300), "utf-8")
    assert [one.code for one in check_questionnaire(path)[1]] == ["I064"]


def test_a_sound_instrument_has_no_hints(tmp_path: Path) -> None:
    path = tmp_path / "example.yaml"
    path.write_text(EXAMPLE, "utf-8")
    assert check_questionnaire(path) == ([], [])


@pytest.mark.parametrize("path", INSTRUMENTS, ids=[path.stem for path in INSTRUMENTS])
def test_every_shipped_instrument_can_be_a_form(path: Path) -> None:
    problems, hints = check_questionnaire(path)
    assert problems == []
    assert [one.code for one in hints if one.code.startswith("F")] == []
