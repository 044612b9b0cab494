"""The workbook, looked at through openpyxl."""

import hashlib
import warnings
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from hand_made import guide, instrument, item, sample, texts
from surveykit.errors import SurveykitError
from surveykit.form.excel import write_forms
from surveykit.form.layout import Slot, layout

FRAME = "respondent,language,country\nJP-001,ja,JP\nKR-001,ko,KR\n=1+1,en,JP\n"


def load(path: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of validations it cannot write; it only reads here
        return openpyxl.load_workbook(path, rich_text=False)


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("forms")
    (folder / "frame.csv").write_text(FRAME, "utf-8-sig")
    return write_forms(sample(), folder / "out", respondents=folder / "frame.csv")


@pytest.fixture(scope="module")
def book(paths: list[Path]) -> Any:
    return load(paths[0])


def test_one_workbook_a_respondent_in_the_order_of_the_frame(paths: list[Path]) -> None:
    assert [path.name for path in paths] == ["sample_JP-001.xlsx", "sample_KR-001.xlsx", "sample_=1+1.xlsx"]


def test_the_sheets_speak_the_respondents_language(paths: list[Path]) -> None:
    assert load(paths[0]).sheetnames == ["表紙", "質問票", "コードブック", "_surveykit_lists", "_surveykit"]
    assert load(paths[1]).sheetnames[:3] == ["표지", "설문지", "코드북"]
    assert load(paths[2]).sheetnames[:3] == ["Cover", "Questionnaire", "Codebook"]


def test_the_cover_says_what_it_is_and_asks_for_consent(book: Any) -> None:
    words = [cell.value for row in book["表紙"].iter_rows() for cell in row if cell.value]
    for wanted in (
        "見本調査",
        "第 1.0.0 版",
        "JP-001",
        "一社を思い浮かべてください。",
        "任意です。",
        "秘密は守ります。",
    ):
        assert wanted in words


def test_only_the_answers_can_be_changed(book: Any) -> None:
    answers = {f"D{row}" for row in layout(sample()).slots.values()}
    for sheet in book.worksheets:
        assert sheet.protection.sheet
        unlocked = {
            cell.coordinate for row in sheet.iter_rows() for cell in row if not cell.protection.locked
        }
        assert unlocked == (answers if sheet.title == "質問票" else set())
    assert book.security.lockStructure


def test_every_answer_is_anchored_twice(book: Any) -> None:
    sheet = book["質問票"]
    for slot, row in layout(sample()).slots.items():
        assert book.defined_names[slot.name].attr_text == f"'質問票'!$D${row}"
        assert sheet[f"A{row}"].value == slot.name
    assert sheet.column_dimensions["A"].hidden


def test_drop_downs_offer_what_can_be_answered(book: Any) -> None:
    lists = {
        str(check.sqref): check
        for check in book["質問票"].data_validations.dataValidation
        if check.type == "list"
    }
    rows = layout(sample()).slots
    agree = next(
        check for cells, check in lists.items() if f"D{rows[Slot('trust_1')]}" in cells.split(":")[0]
    )
    sheet, span = agree.formula1.replace("'", "").replace("$", "").split("!")
    shown = [row[0].value for row in book[sheet][span]]
    assert shown == [
        "1 – 全くそう思わない",
        "2 – そう思わない",
        "3 – どちらともいえない",
        "4 – そう思う",
        "5 – 非常にそう思う",
        "99 – わからない",
    ]
    # A list never blocks typing; what is wrong turns red instead.
    assert not agree.showErrorMessage
    red = [rule for area in book["質問票"].conditional_formatting for rule in area.rules]
    assert sum("COUNTIF" in rule.formula[0] for rule in red) == 3


def test_numbers_dates_and_lengths_are_checked_while_typing(book: Any) -> None:
    checks = {check.type: check for check in book["質問票"].data_validations.dataValidation}
    number = checks["decimal"]
    assert (number.operator, number.formula1, number.formula2) == ("between", "1", "5000")
    assert number.showErrorMessage
    assert number.error == "数値を入力してください（1～5000）。"
    assert (checks["textLength"].formula1, checks["date"].operator) == ("20", "greaterThanOrEqual")


def test_answers_are_text_except_numbers_and_dates(book: Any) -> None:
    rows = layout(sample()).slots
    formats = {slot.item: book["質問票"][f"D{row}"].number_format for slot, row in rows.items()}
    assert formats.pop("staff") == "General"
    assert formats.pop("founded") == "yyyy-mm-dd"
    assert set(formats.values()) == {"@"}


def test_an_item_that_may_not_apply_turns_grey(book: Any) -> None:
    rows = layout(sample()).slots
    row = rows[Slot("reports")]
    rules = {
        str(area.sqref): rule.formula[0]
        for area in book["質問票"].conditional_formatting
        for rule in area.rules
    }
    assert rules[f"B{row}:E{row}"].startswith("NOT(OR(IFERROR(VALUE(LEFT(TRIM($D$")


def test_the_form_says_who_and_what_it_is(book: Any) -> None:
    inst = sample()
    told = {row[0].value: row[1].value for row in book["_surveykit"].iter_rows()}
    assert told == {
        "format": "surveykit-form-1",
        "instrument": "sample",
        "version": "1.0.0",
        "content_hash": inst.content_hash,
        "form_id": told["form_id"],
        "language": "ja",
        "respondent": "JP-001",
        "group:country": "JP",
        "printed": told["printed"],
    }
    properties = {one.name: one.value for one in book.custom_doc_props.props}
    assert properties == {
        f"surveykit_{key}": value for key, value in told.items() if key not in ("group:country", "printed")
    }
    assert book["_surveykit"].sheet_state == book["_surveykit_lists"].sheet_state == "hidden"


def test_the_codebook_tells_nothing_that_would_bias_an_answer(book: Any) -> None:
    words = "\n".join(
        str(cell.value) for row in book["コードブック"].iter_rows() for cell in row if cell.value
    )
    assert "trust_2" in words
    assert "1\xa0=\xa0全くそう思わない" in words
    assert "99\xa0=\xa0わからない" in words
    assert "逆転" not in words
    assert "信頼" not in words


def test_the_form_can_be_printed(book: Any) -> None:
    sheet = book["質問票"]
    assert (sheet.page_setup.paperSize, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (
        9,
        1,
        0,
    )
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$3:$4"  # respondent and heads stand on every page
    assert sheet.oddFooter.right.text == "&P / &N"


def test_a_long_form_is_broken_between_questions(tmp_path: Path) -> None:
    inst = instrument(*(item(f"q{number}") for number in range(60)))
    sheet = load(write_forms(inst, tmp_path)[0])["Questionnaire"]
    breaks = [one.id for one in sheet.row_breaks.brk]
    assert breaks
    heights = [sheet.row_dimensions[row].height for row in range(5, sheet.max_row + 1)]
    assert None not in heights
    for first, last in zip([4, *breaks], [*breaks, sheet.max_row], strict=True):
        assert sum(heights[first - 4 : last - 4]) < 700


def test_a_screen_reader_meets_each_question_before_its_answer(paths: list[Path]) -> None:
    """No cell of an answer's row is merged; title and language are told; sheets have names in words."""
    for path, lang in zip(paths, ("ja", "ko", "en"), strict=True):
        book = load(path)
        sheet = book.worksheets[1]
        rows = set(layout(sample()).slots.values())
        merged = {row for area in sheet.merged_cells.ranges for row in range(area.min_row, area.max_row + 1)}
        assert not rows & merged
        assert all(
            area.min_col == 2 for area in sheet.merged_cells.ranges
        )  # the text stands in the first cell
        assert (book.properties.title, book.properties.language) == (sample().title[lang], lang)
        assert not sheet._images
        assert not sheet._charts


def test_text_that_looks_like_a_formula_is_text(paths: list[Path], tmp_path: Path) -> None:
    assert load(paths[2])["Cover"]["C4"].value == "=1+1"
    assert load(paths[2])["Cover"]["C4"].data_type == "s"
    odd = instrument(
        item("q1", text=texts("=SUM(A1)", "+1", "@x")), item("q2", text=texts("#N/A", "-1", "_x0041_"))
    )
    for lang, first, second in (("en", "=SUM(A1)", "#N/A"), ("ja", "+1", "-1"), ("ko", "@x", "_x0041_")):
        book = load(write_forms(odd, tmp_path, lang)[0])
        cells = [cell for row in book.worksheets[1].iter_rows() for cell in row if cell.column == 3]
        shown = {cell.value.replace("_x005F_", "_") for cell in cells if cell.value and cell.data_type == "s"}
        assert {first, second} <= shown


def test_the_same_call_writes_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "frame.csv").write_text(FRAME, "utf-8")
    hashes = [
        [
            hashlib.sha256(path.read_bytes()).hexdigest()
            for path in write_forms(sample(), tmp_path / name, respondents=tmp_path / "frame.csv")
        ]
        for name in ("one", "two")
    ]
    assert hashes[0] == hashes[1]
    assert len(set(hashes[0])) == 3


def test_a_form_of_a_batch_equals_the_form_made_alone(paths: list[Path], tmp_path: Path) -> None:
    (tmp_path / "frame.csv").write_text("respondent,language,country\nKR-001,ko,KR\n", "utf-8")
    alone = write_forms(sample(), tmp_path / "out", respondents=tmp_path / "frame.csv")
    assert alone[0].read_bytes() == paths[1].read_bytes()


def test_no_trace_of_a_token_of_time_or_of_who_made_it(paths: list[Path]) -> None:
    with zipfile.ZipFile(paths[0]) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.testzip() is None
        assert archive.namelist()[0] == "[Content_Types].xml"
    assert b"surveykit-8d21f6" not in everything
    assert everything.count(b"<dc:creator>surveykit</dc:creator>") == 1


def test_a_form_for_nobody_in_particular_asks_for_the_id(tmp_path: Path) -> None:
    paths = write_forms(sample(), tmp_path, lang="ko")
    assert [path.name for path in paths] == ["sample_1.0.0_ko.xlsx"]
    cover = load(paths[0])["표지"]
    assert cover["C4"].value is None
    assert not cover["C4"].protection.locked


def test_the_first_language_is_the_default(tmp_path: Path) -> None:
    assert write_forms(sample(), tmp_path)[0].name == "sample_1.0.0_en.xlsx"


def test_an_interview_form_has_room_for_notes_and_the_probes(tmp_path: Path) -> None:
    inst = guide()
    book = load(write_forms(inst, tmp_path, "ja")[0])
    sheet = book["インタビュー"]
    row = layout(inst).slots[Slot("q01")]
    assert sheet[f"C{row}"].value == "質問 q01 ですか。\n• どのくらいの期間ですか。\n• 「With whom?」"
    assert sheet.row_dimensions[row].height >= 100
    assert sheet.column_dimensions["D"].width > sheet.column_dimensions["C"].width
    assert sheet.page_setup.orientation == "landscape"
    questions = [cell.value for cell in sheet["C"] if cell.value]
    assert "録音について回答者の許可を得ましたか。" in questions


def test_a_language_that_is_not_offered_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SurveykitError, match=r"\[O001\]"):
        write_forms(sample(), tmp_path, lang="fr")


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file", "utf-8")
    with pytest.raises(SurveykitError, match=r"\[F019\].*taken"):
        write_forms(sample(), tmp_path / "taken")


def test_how_much_is_answered_is_counted_by_question() -> None:
    from surveykit.form.questionnaire import _answered

    # The ticks of the several-choice item (D17 to D20) count once.
    assert _answered(layout(sample())) == "COUNTA(D7:D15)+COUNTA(D21:D24)+(COUNTA(D17:D20)>0)"
