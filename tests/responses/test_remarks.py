"""What stands in a returned workbook beside the answers: told, kept in full, never taken for an answer."""

import csv
import dataclasses
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from openpyxl.comments import Comment

from hand_made import ANSWERS, guide, instrument, item, sample
from surveykit.errors import LANGUAGES, Place, SurveykitWarning
from surveykit.form.excel import write_forms
from surveykit.form.fill import fill_form
from surveykit.form.layout import Slot, layout
from surveykit.responses.collect import collect
from surveykit.responses.excel import read_workbook
from surveykit.responses.expected import Expected
from surveykit.responses.guard import guarded
from surveykit.responses.read import read_responses
from surveykit.responses.returned import Returned, read_returned
from workbooks import members, zipped

INST = sample()
SHUFFLED = instrument(*(item(f"q{n}") for n in range(8)))
SHUFFLED = dataclasses.replace(
    SHUFFLED, sections=(dataclasses.replace(SHUFFLED.sections[0], randomize=True),), content_hash="x" * 64
)
EXPECTED = {"sample": Expected(INST)}
ROW = {slot.name: row for slot, row in layout(INST).slots.items()}
LAST = max(ROW.values())
SHEETS = {"en": "Questionnaire", "ja": "質問票", "ko": "설문지"}
Edit = Callable[[Any], None]


def form(folder: Path, lang: str = "en", answers: dict[str, Any] | None = None, inst: Any = INST) -> bytes:
    """A form for R-1, filled."""
    frame = pd.DataFrame({"respondent": ["R-1"], "language": [lang], "country": ["JP"]})
    (path,) = write_forms(inst, folder / "forms", respondents=frame, replace=True)
    return fill_form(inst, path, ANSWERS if answers is None else answers)


def edited(data: bytes, edit: Edit) -> bytes:
    """The workbook as another program saves it, with what a person did."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    edit(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(data: bytes, expected: Any = EXPECTED) -> Returned:
    return read_returned(read_workbook(guarded(data, "form.xlsx")), expected, "0" * 64)


def told(returned: Returned) -> list[tuple[str, str | None, str | None, object]]:
    """Code, sheet, cell and item of the findings."""
    places = [(one, one.place) for one in returned.findings]
    return [
        (one.code, place.sheet if place else None, place.cell if place else None, one.fields.get("item", ""))
        for one, place in places
    ]


def put(cell: str, value: Any, sheet: str = "Questionnaire") -> Edit:
    def edit(book: Any) -> None:
        book[sheet][cell] = value

    return edit


def values(returned: Returned) -> dict[tuple[str, int | None], Any]:
    return {(one.item, one.option): one.value for one in returned.cells}


def test_nothing_is_said_of_a_form_that_was_only_answered(tmp_path: Path) -> None:
    for lang in LANGUAGES:
        data = form(tmp_path / lang, lang)
        for came in (data, edited(data, lambda book: None)):
            assert read(came).findings == read(came).remarks == ()


LONG = "x" * 3_000
TEXTS = [
    # what is typed, where, code, item
    ("beside the answer", f"E{ROW['sk_trust_2']}", "it depends", "R090", "trust_2"),
    ("far to the right", f"AB{ROW['sk_trust_2']}", "it depends", "R090", "trust_2"),
    ("a number beside", f"F{ROW['sk_trust_2']}", 5, "R090", "trust_2"),
    ("an answer's words beside", f"F{ROW['sk_trust_2']}", "5 – Strongly agree", "R090", "trust_2"),
    ("a tick beside a choice", f"D{ROW['sk_role'] + 1}", "✓", "R090", "role"),
    ("below the form", f"C{LAST + 9}", "Thank you", "R090", ""),
    ("above, in an empty cell of the hidden row", "E1", "hello", "R090", ""),
    ("a long text", f"F{ROW['sk_trust_2']}", LONG, "R090", "trust_2"),
    ("text that looks like a formula", f"F{ROW['sk_trust_2']}", "@home", "R090", "trust_2"),
    ("in the question", f"C{ROW['sk_trust_2']}", "Question trust_2? I do not understand", "R058", "trust_2"),
    ("in the number column", f"B{ROW['sk_trust_2']}", "7", "R092", "trust_2"),
    ("in a section's title", "B5", "Other part", "R092", ""),
]


@pytest.mark.parametrize(("where", "cell", "text", "code", "of"), TEXTS, ids=[one[0] for one in TEXTS])
def test_text_in_a_cell_that_is_not_for_answers(
    tmp_path: Path, where: str, cell: str, text: Any, code: str, of: str
) -> None:
    data = form(tmp_path)
    found = read(edited(data, put(cell, text)))
    assert told(found) == [(code, "Questionnaire", cell, of)]
    (remark,) = found.remarks
    assert (remark.text, remark.sheet, remark.cell, remark.item) == (str(text), "Questionnaire", cell, of)
    assert values(found) == values(read(data))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_beside_an_unanswered_item_it_may_be_the_answer(tmp_path: Path, lang: str) -> None:
    data = form(tmp_path, lang, {**ANSWERS, "trust_1": None, "channels": None})
    sheet = SHEETS[lang]

    def edit(book: Any) -> None:
        book[sheet][f"F{ROW['sk_trust_1']}"] = 4
        book[sheet][f"F{ROW['skx1_channels']}"] = "✓"
        book[sheet][f"F{ROW['sk_trust_2']}"] = "sure"

    found = read(edited(data, edit))
    assert told(found) == [
        ("R054", sheet, f"D{ROW['sk_trust_1']}", "trust_1"),
        ("R091", sheet, f"F{ROW['sk_trust_1']}", "trust_1"),
        ("R091", sheet, f"F{ROW['skx1_channels']}", "channels"),
        ("R090", sheet, f"F{ROW['sk_trust_2']}", "trust_2"),
    ]
    assert found.findings[1].fields["text"] == "4"
    assert values(found)["trust_1", None] is None
    assert values(found)["channels", 1] == 0


def test_a_text_of_the_form_that_is_gone(tmp_path: Path) -> None:
    def edit(book: Any) -> None:
        book["Questionnaire"][f"C{ROW['sk_trust_2']}"] = None

    found = read(edited(form(tmp_path), edit))
    assert told(found) == [("R093", "Questionnaire", f"C{ROW['sk_trust_2']}", "trust_2")]
    assert [(one.kind, one.printed) for one in found.remarks] == [("removed", "Question trust_2?")]


@pytest.mark.parametrize("sheet", ["Cover", "Codebook", "_surveykit", "_surveykit_lists"])
def test_text_on_the_forms_other_sheets(tmp_path: Path, sheet: str) -> None:
    found = read(edited(form(tmp_path), put("H30", "call me", sheet)))
    assert told(found) == [("R090", sheet, "H30", "")]
    assert [one.text for one in found.remarks] == ["call me"]


def test_a_sheet_of_its_own_is_one_finding_and_every_cell_is_kept(tmp_path: Path) -> None:
    def edit(book: Any) -> None:
        sheet = book.create_sheet("メモ")
        sheet["B2"], sheet["C9"], sheet["D9"], sheet["E9"] = "first", 2.5, True, "=1+1"

    found = read(edited(form(tmp_path), edit))
    assert told(found) == [("R096", "メモ", None, "")]
    assert (found.findings[0].fields["count"], found.findings[0].fields["text"]) == (4, "first")
    kept = [(one.kind, one.sheet, one.cell, one.text) for one in found.remarks]
    assert kept == [("sheet", "メモ", cell, text) for cell, text in zip(
        ("B2", "C9", "D9", "E9"), ("first", "2.5", "TRUE", "=1+1"), strict=True
    )]  # fmt: skip


def test_an_empty_sheet_and_a_copy_that_says_the_same_are_nothing(tmp_path: Path) -> None:
    def edit(book: Any) -> None:
        book.create_sheet("Sheet1")
        book.copy_worksheet(book["Questionnaire"])

    assert told(read(edited(form(tmp_path), edit))) == []


def test_comments_of_the_old_kind_without_the_name_of_who_wrote_them(tmp_path: Path) -> None:
    def edit(book: Any) -> None:
        sheet = book["Questionnaire"]
        sheet[f"D{ROW['sk_trust_3']}"].comment = Comment("Hanako:\n本当は2？", "Hanako")
        book["Cover"]["B2"].comment = Comment("old version?", "")

    found = read(edited(form(tmp_path), edit))
    assert told(found) == [
        ("R094", "Cover", "B2", ""),
        ("R094", "Questionnaire", f"D{ROW['sk_trust_3']}", "trust_3"),
    ]
    assert [one.text for one in found.remarks] == ["old version?", "本当は2？"]


THREADS = (
    '<ThreadedComments xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments">'
    '<threadedComment ref="D7" id="{{A}}"><text>which partner?</text></threadedComment>'
    '<threadedComment ref="D7" id="{{B}}" parentId="{{A}}"><text>the first</text></threadedComment>'
    "</ThreadedComments>"
)
COMMENTS = (
    '<comments xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><authors><author>tc={A}'
    '</author></authors><commentList><comment ref="D7" authorId="0"><text><t>[Threaded comment] which?'
    "</t></text></comment></commentList></comments>"
)
DRAWING = (
    '<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><xdr:twoCellAnchor><xdr:from><xdr:col>5'
    "</xdr:col><xdr:row>6</xdr:row></xdr:from><xdr:sp><xdr:txBody><a:p><a:r><a:t>see</a:t></a:r><a:r><a:t> "
    "below</a:t></a:r></a:p><a:p><a:r><a:t>二行目</a:t></a:r></a:p></xdr:txBody></xdr:sp></xdr:twoCellAnchor>"
    "<xdr:oneCellAnchor><xdr:from><xdr:col>0</xdr:col><xdr:row>0</xdr:row></xdr:from><xdr:pic/>"
    "</xdr:oneCellAnchor></xdr:wsDr>"
)
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def with_parts(data: bytes, **parts: str) -> bytes:
    """The form with further parts of its second sheet: kind of relationship -> XML."""
    found = members(data)
    lines = "".join(
        f'<Relationship Id="r{n}" Type="{RELATIONS}/{kind}" Target="../parts/{kind}.xml"/>'
        for n, kind in enumerate(parts)
    )
    found["xl/worksheets/_rels/sheet2.xml.rels"] = f"<Relationships>{lines}</Relationships>".encode()
    found |= {f"xl/parts/{kind}.xml": xml.encode() for kind, xml in parts.items()}
    return zipped(found)


def test_threaded_comments_with_their_replies_and_without_the_copy_for_old_programs(tmp_path: Path) -> None:
    found = read(with_parts(form(tmp_path), comments=COMMENTS, threadedComment=THREADS))
    assert told(found) == [("R094", "Questionnaire", "D7", "trust_1")] * 2
    assert [one.text for one in found.remarks] == ["which partner?", "the first"]


def test_text_boxes_and_pictures(tmp_path: Path) -> None:
    found = read(with_parts(form(tmp_path), drawing=DRAWING))
    assert told(found) == [("R095", "Questionnaire", "F7", ""), ("R095", "Questionnaire", "A1", "")]
    assert [one.text for one in found.remarks] == ["see below\n二行目", ""]
    assert [one.text() for one in found.findings] == [
        "A text box, shape or picture lies on this sheet; its text is: “see below 二行目”.",
        "A text box, shape or picture lies on this sheet.",
    ]


@pytest.mark.parametrize("part", ["comments", "drawing", "threadedComment"])
def test_a_damaged_comment_does_not_cost_the_answers(tmp_path: Path, part: str) -> None:
    data = form(tmp_path)
    assert values(read(with_parts(data, **{part: "<comments"}))) == values(read(data))


def hide(rows: tuple[int, ...] = (), columns: str = "") -> Edit:
    def edit(book: Any) -> None:
        for row in rows:
            book["Questionnaire"].row_dimensions[row].hidden = True
        for column in columns:
            book["Questionnaire"].column_dimensions[column].hidden = True

    return edit


@pytest.mark.parametrize(
    ("edit", "places", "items", "kept"),
    [
        (hide((7, 8, 11)), "7-8, 11", "trust_1, trust_2, often", ["D7 7:7", "D8 8:8", "D11 11:11"]),
        (hide(columns="D"), "D", "", ["D7 D:D"]),
        (hide((7,), "C"), "7, C", "trust_1", ["D7 7:7", "C7 C:C"]),
        (hide((5, 30)), None, None, []),
    ],
    ids=["rows", "answers", "questions", "no question"],
)
def test_questions_that_were_hidden(
    tmp_path: Path, edit: Edit, places: str | None, items: str | None, kept: list[str]
) -> None:
    came = read(edited(form(tmp_path), edit))
    found = [one for one in came.findings if one.code == "R097"]
    assert [one.place for one in found] == [
        Place(sheet="Questionnaire", cell=at.split()[0]) for at in kept[:1]
    ]
    assert [f"{one.cell} {one.text}" for one in came.remarks if one.kind == "hidden"] == kept
    asked = {one.item: one.printed for one in came.remarks if one.item}
    assert asked.get("trust_1", "") in ("", "Question trust_1?")
    assert [(one.fields["places"], one.fields["items"]) for one in found] == (
        [] if places is None else [(places, items)]
    )


def test_rows_inserted_and_sheets_renamed_hide_nothing(tmp_path: Path) -> None:
    def edit(book: Any) -> None:
        sheet = book["Questionnaire"]
        sheet.title = "回答"
        sheet.insert_cols(1)
        sheet["J9"] = "moved"
        book["Codebook"].title = "codes"
        book["codes"]["J2"] = "noted"

    found = read(edited(form(tmp_path), edit))
    remarks = [(one.kind, one.sheet, one.cell, one.text) for one in found.remarks if one.kind == "beside"]
    assert remarks == [("beside", "回答", "J9", "moved"), ("beside", "codes", "J2", "noted")]


def test_what_stood_in_cells_in_conflict_is_kept(tmp_path: Path) -> None:
    def edit(book: Any) -> None:
        book["Questionnaire"][f"A{LAST + 3}"] = "sk_trust_2"
        book["Questionnaire"][f"D{LAST + 3}"] = "1 – never"

    found = read(edited(form(tmp_path), edit))
    assert "R045" in [one.code for one in found.findings]
    kept = {(one.cell, one.text) for one in found.remarks if one.kind == "conflict"}
    assert kept == {(f"D{ROW['sk_trust_2']}", "2 – Disagree"), (f"D{LAST + 3}", "1 – never")}


def test_an_id_that_is_too_long_or_no_id_is_kept(tmp_path: Path) -> None:
    (path,) = write_forms(INST, tmp_path, "en")
    data = fill_form(INST, path, ANSWERS)
    assert [one.kind for one in read(edited(data, put("C4", "R-7", "Cover"))).remarks] == []
    long = read(edited(data, put("C4", "Acme " * 30, "Cover")))
    assert [(one.cell, one.text.strip()) for one in long.remarks] == [("C4", ("Acme " * 30).strip())]
    odd = read(edited(data, put("C4", True, "Cover")))
    assert [one.text for one in odd.remarks] == ["TRUE"]


def test_forms_in_random_order_and_of_two_languages(tmp_path: Path) -> None:
    expected = {"sample": Expected(SHUFFLED)}
    for lang in ("ja", "ja+en"):
        data = form(tmp_path / lang, lang, {f"q{n}": 3 for n in range(8)}, SHUFFLED)
        assert read(edited(data, lambda book: None), expected).remarks == ()
        found = read(edited(data, put("J9", "hm", "質問票")), expected)
        assert [(one.kind, one.cell, one.text) for one in found.remarks] == [("beside", "J9", "hm")]
        assert found.remarks[0].item.startswith("q")


def test_an_interview_guide(tmp_path: Path) -> None:
    inst = guide()
    expected = {inst.instrument: Expected(inst)}
    data = form(tmp_path, "en", {"q01": "words"}, inst)
    assert read(edited(data, lambda book: None), expected).remarks == ()
    found = read(edited(data, lambda book: book.worksheets[1].__setitem__("J9", "laughs")), expected)
    assert [(one.kind, one.cell, one.text) for one in found.remarks] == [("beside", "J9", "laughs")]


OLD = dataclasses.replace(
    instrument(item("trust_2"), item("gone"), item("city", "text"), version="0.9.0"), content_hash="old" * 20
)


@pytest.mark.parametrize("known", [True, False])
def test_a_form_of_an_earlier_version(tmp_path: Path, known: bool) -> None:
    """Where that version is kept all its texts are known; else what is surely typed is told."""
    expected = {"sample": Expected(INST, {OLD.content_hash: OLD} if known else {})}
    answers = {"trust_2": 4, "gone": 2, "city": "大阪"}
    rows = layout(OLD).slots

    def edit(book: Any) -> None:
        sheet = book["Questionnaire"]
        sheet[f"G{rows[Slot('trust_2')]}"] = "beside"
        sheet[f"E{rows[Slot('gone')]}"] = 17
        sheet[f"C{rows[Slot('city')]}"] = "other words"

    data = form(tmp_path, "en", answers, OLD)
    assert [one.kind for one in read(edited(data, lambda book: None), expected).remarks] == ["other_item"]
    found = read(edited(data, edit), expected)
    kept = {(one.kind, one.text) for one in found.remarks}
    sure = {("beside", "beside"), ("beside", "17"), ("other_item", "2 – Disagree")}
    assert kept == (sure | {("changed", "other words")} if known else sure)
    assert "R030" in [one.code for one in found.findings]


def test_a_form_that_another_release_of_this_software_wrote(tmp_path: Path) -> None:
    """Its cover may say other words; what was typed into the questions is found all the same."""

    def edit(book: Any) -> None:
        facts = book["_surveykit"]
        (cell,) = (row[1] for row in facts.iter_rows() if row[0].value == "printed")
        cell.value = "another"
        book["Cover"]["B9"] = "Words of another release."
        book["Cover"]["H2"] = "typed"
        book["Questionnaire"]["G9"] = "typed too"

    found = read(edited(form(tmp_path), edit))
    assert [(one.kind, one.text) for one in found.remarks] == [("beside", "typed"), ("beside", "typed too")]


# ---- collected ---------------------------------------------------------------------------------------------


def collected(folder: Path, data: bytes, name: str = "R-1.xlsx", **more: Any) -> Any:
    (folder / "returned").mkdir(exist_ok=True)
    (folder / "returned" / name).write_bytes(data)
    return collect(folder / "returned", folder / "study", instruments=INST, **more)


def test_a_hundred_remarks_are_told_in_twenty_and_kept_in_full(tmp_path: Path) -> None:
    def edit(book: Any) -> None:
        for n in range(100):
            book["Questionnaire"][f"J{10 + n}"] = f"=remark {n}" if n == 0 else f"remark {n}"
        book["Questionnaire"]["J10"].data_type = "s"

    report = collected(tmp_path, edited(form(tmp_path), edit))
    assert list(report.findings["code"]) == ["R090"] * 20 + ["R098"]
    assert "80" in report.findings["text"].iloc[-1]
    remarks = read_responses(tmp_path / "study").remarks
    assert remarks is not None
    assert len(remarks) == 100
    assert list(remarks.columns) == [
        "respondent", "kind", "item", "sheet", "cell", "text", "printed", "file", "sha256", "current",
    ]  # fmt: skip
    raw = (tmp_path / "study/store/remarks.csv").read_bytes().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(raw)))
    assert len(rows) == 100
    assert (rows[0]["text"], rows[0]["cell"], rows[0]["respondent"]) == ("'=remark 0", "J10", "R-1")
    collect(tmp_path / "returned", tmp_path / "study", instruments=INST)
    assert (tmp_path / "study/store/remarks.csv").read_bytes().decode("utf-8-sig") == raw


def test_no_remarks_no_file_and_one_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    collected(tmp_path, form(tmp_path))
    path = tmp_path / "study/store/remarks.csv"
    assert not path.exists()
    path.mkdir()
    with pytest.warns(SurveykitWarning, match="R099"):
        collected(tmp_path, edited(form(tmp_path), put("J9", "hm")), "again.xlsx")
    remarks = read_responses(tmp_path / "study").remarks
    assert remarks is not None
    assert list(remarks["text"]) == ["hm"]


def test_a_remark_alone_sends_no_copy_back_but_a_copy_shows_it(tmp_path: Path) -> None:
    marked = tmp_path / "marked"
    report = collected(tmp_path, edited(form(tmp_path), put("J9", "hm")), marked=marked)
    assert report.marked == ()
    table = openpyxl.load_workbook(marked / "findings.xlsx").active
    assert [cell.value for cell in table["E"]][1:] == ["R090"]
    both = edited(form(tmp_path, "ja", {**ANSWERS, "trust_1": "9"}), put("J9", "hm", "質問票"))
    (copy,) = collected(tmp_path, both, marked=marked).marked
    sheet = openpyxl.load_workbook(copy)["質問票"]
    words = [cell.value for row in sheet.iter_rows() for cell in row if "hm" in str(cell.value)]
    assert words[0] == "hm"
    assert words[1].startswith("回答欄ではないセルに「hm」")


def test_words_of_a_marked_copy_are_ours_and_a_reply_in_it_is_the_respondents(tmp_path: Path) -> None:
    marked = tmp_path / "marked"
    first = form(tmp_path, "ko", {**ANSWERS, "trust_1": "9", "trust_3": None})
    data = edited(first, put(f"F{ROW['sk_trust_3']}", "5?", "설문지"))
    (copy,) = collected(tmp_path, data, marked=marked).marked
    back = read(Path(copy).read_bytes())
    assert [(one.kind, one.text) for one in back.remarks] == [("beside", "5?")]
    column = next(
        c.column_letter for c in openpyxl.load_workbook(copy)["설문지"][4] if "확인" in str(c.value)
    )

    def reply(book: Any) -> None:
        cell = book["설문지"][f"{column}{ROW['sk_trust_1']}"]
        cell.value = f"{cell.value}\n4입니다"
        book["설문지"][f"{column}{ROW['sk_trust_2']}"] = "맞습니다"

    replied = edited(Path(copy).read_bytes(), reply)
    found = [one.text for one in read(replied).remarks]
    assert "맞습니다" in found
    assert [one.endswith("4입니다") for one in found].count(True) == 1
    # A copy with nothing but a reply says something that is not collected yet: it is not written over.
    Path(copy).write_bytes(replied)
    with pytest.raises(Exception, match="R078"):
        collected(tmp_path, data, marked=marked)


def test_what_the_researcher_reads(tmp_path: Path) -> None:
    data = edited(form(tmp_path, "ja"), put("J9", "hm", "質問票"))
    report = collected(tmp_path, data, lang="ja")
    assert "シート「質問票」セル J9：回答欄ではないセルに「hm」" in report.summary()
    assert "remarks.csv" in report.summary()


def test_a_table_of_findings_that_somebody_works_in_is_not_written_over(tmp_path: Path) -> None:
    marked = tmp_path / "marked"
    data = form(tmp_path, "ja", {**ANSWERS, "trust_1": "9", "city": "_x0041_  長" * 9})
    for _ in range(2):  # as it was written: made anew without a word
        collected(tmp_path, data, marked=marked)
    assert {one.name for one in marked.iterdir()} == {"R-1.xlsx", "findings.xlsx"}
    book = openpyxl.load_workbook(marked / "findings.xlsx")
    book.active["L2"] = "asked on 3 October"
    book.save(marked / "findings.xlsx")
    for _ in range(2):
        with pytest.warns(SurveykitWarning, match="R102"):
            collected(tmp_path, data, marked=marked)
    assert {one.name for one in marked.iterdir()} == {"R-1.xlsx", "findings.xlsx", "findings (2).xlsx"}
    assert openpyxl.load_workbook(marked / "findings.xlsx").active["L2"].value == "asked on 3 October"
