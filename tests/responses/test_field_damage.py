"""What respondents and their programs do to a form: each answer is read right or reported, never guessed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from hand_made import instrument, item
from surveykit.form.excel import write_forms
from surveykit.form.fill import fill_form
from surveykit.responses.collect import CollectReport, collect
from surveykit.responses.read import read_responses
from workbooks import changed, edited, renamed_target

INST = instrument(*(item(f"q{number}") for number in range(1, 6)), item("note", "text"))
ANSWERS = {"q1": 1, "q2": 2, "q3": 3, "q4": 4, "q5": 5, "note": "hello"}
SHEET = "Questionnaire"
# Rows of the items on the sheet: heading 5, legend 6, then the items.
ROW = {name: row for row, name in enumerate(ANSWERS, 7)}


@pytest.fixture
def form(tmp_path: Path) -> Path:
    frame = pd.DataFrame({"respondent": ["R-1"], "country": ["KR"]})
    path = write_forms(INST, tmp_path / "returned", "en", frame)[0]
    fill_form(INST, path, ANSWERS, path)
    return path


def taken(path: Path) -> tuple[CollectReport, dict[str, Any]]:
    study = path.parent.parent / "study"
    report = collect(path.parent, study, instruments=INST)
    if len(report.accepted) == 0:
        return report, {}
    row = read_responses(study).frame.iloc[0]
    return report, {name: row[name] for name in ANSWERS if not pd.isna(row[name])}


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in ANSWERS.items() if name not in names}


def test_untouched(form: Path) -> None:
    report, values = taken(form)
    assert values == ANSWERS
    assert len(report.findings) == 0


def test_renamed_sheets(form: Path) -> None:
    def edit(book: Any) -> None:
        book[SHEET].title = "아무 이름"
        for name in book.defined_names.values():
            name.attr_text = name.attr_text.replace(SHEET, "아무 이름")

    report, values = taken(edited(form, edit))
    assert values == ANSWERS
    assert len(report.findings) == 0


def test_inserted_rows_that_the_names_follow(form: Path) -> None:
    def edit(book: Any) -> None:
        book[SHEET].insert_rows(8, 3)
        for name in book.defined_names.values():
            sheet, _, row = name.attr_text.rpartition("$")
            if SHEET in sheet and row.isdigit() and int(row) >= 8:
                name.attr_text = f"{sheet}${int(row) + 3}"

    report, values = taken(edited(form, edit))
    assert values == ANSWERS
    assert len(report.findings) == 0


def test_inserted_rows_that_the_names_do_not_follow(form: Path) -> None:
    report, values = taken(edited(form, lambda book: book[SHEET].insert_rows(8, 3)))
    assert values == ANSWERS
    assert list(report.findings["code"]) == ["R037"]


def test_inserted_columns(form: Path) -> None:
    def edit(book: Any) -> None:
        book[SHEET].insert_cols(1)
        for name in book.defined_names.values():
            name.attr_text = name.attr_text.replace(f"'{SHEET}'!$D$", f"'{SHEET}'!$E$")

    report, values = taken(edited(form, edit))
    assert values == ANSWERS
    assert len(report.findings) == 0


def swap_rows(book: Any, first: int, second: int, columns: str = "ABCDE") -> None:
    sheet = book[SHEET]
    for column in columns:
        one, two = sheet[f"{column}{first}"], sheet[f"{column}{second}"]
        one.value, two.value = two.value, one.value


def test_sorted_rows(form: Path) -> None:
    def edit(book: Any) -> None:
        swap_rows(book, ROW["q1"], ROW["q5"])
        swap_rows(book, ROW["q2"], ROW["q4"])

    report, values = taken(edited(form, edit))
    assert values == ANSWERS
    assert list(report.findings["code"]) == ["R037"]
    assert "sk_q1, sk_q2, sk_q4, sk_q5" in report.findings["text"][0]


def test_sorted_without_the_hidden_ids(form: Path) -> None:
    report, values = taken(edited(form, lambda book: swap_rows(book, ROW["q1"], ROW["q5"], "BCDE")))
    assert values == without("q1", "q5")
    assert sorted(zip(report.findings["code"], report.findings["item"], strict=True)) == [
        ("R059", "q1"), ("R059", "q5"),
    ]  # fmt: skip


def test_an_answer_cut_and_pasted_over_another(form: Path) -> None:
    # q1's cell is cut and pasted over q3's: its name goes along, q3's name is lost with the cell it was on.
    data = renamed_target(form.read_bytes(), "sk_q1", f"'{SHEET}'!$D${ROW['q3']}")
    form.write_bytes(data)

    def edit(book: Any) -> None:
        book[SHEET][f"D{ROW['q3']}"].value = book[SHEET][f"D{ROW['q1']}"].value
        book[SHEET][f"D{ROW['q1']}"].value = None

    report, values = taken(edited(form, edit))
    # What stands beside question 3 is its answer; to question 1 there is none that is certain.
    assert values == {**without("q1"), "q3": 1}
    assert list(report.findings["code"]) == ["R045"]
    assert report.findings["item"][0] == "q1"
    assert f"{SHEET}!D9, {SHEET}!D7" in report.findings["text"][0]


def test_a_name_that_points_nowhere(form: Path) -> None:
    form.write_bytes(renamed_target(form.read_bytes(), "sk_q2", "#REF!"))
    report, values = taken(form)
    assert values == ANSWERS
    assert list(report.findings["code"]) == ["R036"]


def test_no_names_at_all(form: Path) -> None:
    report, values = taken(edited(form, lambda book: book.defined_names.clear()))
    assert values == ANSWERS
    assert list(report.findings["code"]) == ["R036"]
    assert report.findings["text"][0].startswith("6 answer(s)")


def test_the_hidden_column_was_emptied(form: Path) -> None:
    def edit(book: Any) -> None:
        for row in ROW.values():
            book[SHEET][f"A{row}"].value = None

    report, values = taken(edited(form, edit))
    assert values == ANSWERS
    assert list(report.findings["code"]) == ["R036"]


def test_a_deleted_row(form: Path) -> None:
    form.write_bytes(renamed_target(form.read_bytes(), "sk_q2", "#REF!"))

    def edit(book: Any) -> None:
        book[SHEET].delete_rows(ROW["q2"])
        for name in book.defined_names.values():
            sheet, _, row = name.attr_text.rpartition("$")
            if SHEET in sheet and row.isdigit() and int(row) > ROW["q2"]:
                name.attr_text = f"{sheet}${int(row) - 1}"

    report, values = taken(edited(form, edit))
    assert values == without("q2")
    assert [(one.code, one.item) for one in report.findings.itertuples()] == [("R046", "q2")]


@pytest.mark.parametrize("gone", ["q1", "q2", "q5"])
def test_a_row_deleted_by_a_program_that_leaves_the_names(gone: str, form: Path) -> None:
    def change(book: Any) -> None:
        book[SHEET].delete_rows(ROW[gone])

    edited(form, change)
    report, values = taken(form)
    assert values == without(gone)
    assert [one.item for one in report.findings.itertuples() if one.code == "R046"] == [gone]
    cells = read_responses(form.parent.parent / "study").provenance["cell"].dropna()
    assert cells.is_unique  # a cell answers one item only


def test_a_copied_row(form: Path) -> None:
    def edit(book: Any) -> None:
        sheet = book[SHEET]
        for column in "ABCDE":
            sheet[f"{column}30"].value = sheet[f"{column}{ROW['q2']}"].value
        sheet["D30"].value = "5 – Strongly agree"

    report, values = taken(edited(form, edit))
    assert values == without("q2")
    assert list(report.findings["code"]) == ["R045"]


def test_someone_types_the_word_of_an_anchor(form: Path) -> None:
    def edit(book: Any) -> None:
        book[SHEET][f"D{ROW['note']}"].value = "sk_q1"

    report, values = taken(edited(form, edit))
    assert values == {**ANSWERS, "note": "sk_q1"}
    assert len(report.findings) == 0


@pytest.mark.parametrize(
    ("value", "code", "item_id"),
    [
        (99.5, "R040", "q1"),
        (98, "R041", "q1"),
        ("=1+1", "R043", "q1"),
        ("#DIV/0!", "R044", "q1"),
        (True, "R040", "q1"),
        (pd.Timestamp("2026-01-02"), "R042", "q1"),
        (pd.Timestamp("2026-01-02"), "R042", "note"),
    ],
)
def test_what_is_pasted_into_an_answer(value: Any, code: str, item_id: str, form: Path) -> None:
    def edit(book: Any) -> None:
        cell = book[SHEET][f"D{ROW[item_id]}"]
        cell.value = value
        if isinstance(value, pd.Timestamp):
            cell.number_format = "m/d"

    report, values = taken(edited(form, edit))
    assert values == without(item_id)
    assert [(one.code, one.cell) for one in report.findings.itertuples()] == [(code, f"D{ROW[item_id]}")]


def test_a_reworded_question_keeps_its_answer(form: Path) -> None:
    def edit(book: Any) -> None:
        book[SHEET][f"C{ROW['q1']}"].value = "Something else entirely?"

    report, values = taken(edited(form, edit))
    assert values == ANSWERS
    assert [(one.code, one.item) for one in report.findings.itertuples()] == [("R058", "q1")]


def test_without_the_properties_the_hidden_sheet_is_enough(form: Path) -> None:
    def drop(book: Any) -> None:
        for name in list(book.custom_doc_props.names):
            del book.custom_doc_props[name]

    report, values = taken(edited(form, drop))
    assert values == ANSWERS
    assert len(report.findings) == 0


def test_without_the_hidden_sheet_the_properties_are_enough(form: Path) -> None:
    report, values = taken(edited(form, lambda book: book.remove(book["_surveykit"])))
    assert values == ANSWERS
    assert list(report.findings["code"]) == ["R034"]


def test_two_identities_in_one_workbook(form: Path) -> None:
    def edit(book: Any) -> None:
        book["_surveykit"]["B7"].value = "R-2"

    report, _ = taken(edited(form, edit))
    assert list(report.quarantined["code"]) == ["R022"]
    assert "respondent" in report.quarantined["text"][0]


def test_answers_copied_into_a_workbook_of_their_own(form: Path) -> None:
    def edit(book: Any) -> None:
        book.remove(book["_surveykit"])
        for name in list(book.custom_doc_props.names):
            del book.custom_doc_props[name]

    report, _ = taken(edited(form, edit))
    assert list(report.quarantined["code"]) == ["R020"]


def test_the_questionnaire_was_deleted(form: Path) -> None:
    def edit(book: Any) -> None:
        book.remove(book[SHEET])
        book.defined_names.clear()

    report, _ = taken(edited(form, edit))
    assert list(report.quarantined["code"]) == ["R026"]


def test_another_respondents_id_typed_over_the_printed_one(form: Path) -> None:
    def edit(book: Any) -> None:
        book["Cover"]["C4"].value = "R-2"

    report, values = taken(edited(form, edit))
    assert values == ANSWERS
    assert list(report.findings["code"]) == ["R035"]
    assert list(report.accepted["respondent"]) == ["R-1"]


@pytest.mark.parametrize(
    "change",
    [
        lambda xml: xml[:-200],
        lambda xml: xml.replace(b"</row>", b"", 1),
        lambda xml: b"",
        lambda xml: b"\x00" + xml,
    ],
)
def test_a_damaged_sheet(change: Callable[[bytes], bytes], form: Path) -> None:
    form.write_bytes(changed(form.read_bytes(), sheet2=change))
    report, _ = taken(form)
    assert report.quarantined["code"][0] in ("R006", "R013")


def test_every_beginning_of_a_form_is_refused_with_a_code(form: Path) -> None:
    data = form.read_bytes()
    codes = set()
    for end in np.linspace(0, len(data) - 1, 40, dtype=int):
        form.write_bytes(data[:end])
        report, _ = taken(form)
        assert len(report.accepted) == 0
        codes |= set(report.quarantined["code"])
    assert codes <= {"R003", "R006"}
