"""Marked copies: findings in two languages, all else as it was; corrections come back as revisions."""

import re
import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from torture import prefixed
from torture_office import OFFICE, office_cases

from hand_made import ANSWERS, instrument, item, sample
from surveykit.errors import SurveykitError, SurveykitWarning
from surveykit.form.excel import write_forms
from surveykit.form.fill import fill_form
from surveykit.instrument.model import Instrument
from surveykit.responses.collect import CollectReport, collect
from surveykit.responses.read import read_responses
from workbooks import changed, edited, members

FRAME = pd.DataFrame(
    {"respondent": ["JP-1", "KR-1", "EN-1"], "language": ["ja", "ko", "en"], "country": ["JP", "KR", "JP"]}
)
WRONG = {**ANSWERS, "trust_1": 7, "trust_2": "4, 5", "staff": "about ten", "city": "x" * 30}
AMBER = "FFFFE7A6"


class Office:
    """A study whose workbooks are collected with marked copies."""

    def __init__(self, folder: Path, inst: Instrument) -> None:
        self.inst, self.returned, self.study = inst, folder / "returned", folder / "study"
        self.marked = folder / "marked"
        self.returned.mkdir()
        paths = write_forms(inst, folder / "forms", respondents=FRAME)
        self.forms = dict(zip(FRAME["respondent"], paths, strict=True))

    def send(self, who: str, answers: dict[str, Any]) -> Path:
        path = self.returned / f"{who}.xlsx"
        fill_form(self.inst, self.forms[who], answers, path)
        return path

    def collect(self, **more: Any) -> CollectReport:
        return collect(self.returned, self.study, instruments=self.inst, marked=self.marked, **more)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path, sample())


def marks(path: Path, sheet: str) -> dict[str, tuple[str, str]]:
    """The coloured cells: what stands in each, and the words beside it."""
    page = openpyxl.load_workbook(path)[sheet]
    return {
        cell.coordinate: (str(cell.value), str(page.cell(cell.row, page.max_column).value))
        for row in page.iter_rows()
        for cell in row
        if cell.fill.fgColor.rgb == AMBER
    }


def test_the_cells_are_coloured_and_told_in_the_respondents_language_and_in_english(office: Office) -> None:
    for who in office.forms:
        office.send(who, WRONG)
    report = office.collect()
    assert [Path(path).name for path in report.marked] == ["EN-1.xlsx", "JP-1.xlsx", "KR-1.xlsx"]
    words = {
        ("JP-1", "質問票"): "使えるのは",
        ("KR-1", "설문지"): "허용되는 것은",
        # An English form, whatever the country.
        ("EN-1", "Questionnaire"): "its scale allows",
    }
    for (who, sheet), word in words.items():
        found = marks(office.marked / f"{who}.xlsx", sheet)
        assert {cell: value for cell, (value, _) in found.items()} == {
            "D7": "7", "D8": "4, 5", "D21": "about ten",
        }  # fmt: skip
        local, english = found["D7"][1].split("\n")[0], found["D7"][1].split("\n")[-1]
        assert word in local
        assert english == "Item 'trust_1' has 7, but its scale allows 1, 2, 3, 4, 5, 99 or blank."


def test_an_answer_without_a_finding_does_not_look_like_one_to_correct(office: Office) -> None:
    path = office.send("JP-1", {"trust_1": 7})

    def change(book: Any) -> None:
        book["質問票"]["D8"].value = sample().response_scales["agree5"].labels[4]["ja"]

    edited(path, change)
    report = office.collect()
    assert [one.item for one in report.findings.itertuples() if one.cell] == ["trust_1"]
    rules = openpyxl.load_workbook(office.marked / "JP-1.xlsx")["質問票"].conditional_formatting
    at = [(rule.priority, rule) for span in rules for rule in span.rules if "D8" in span.cells]
    assert len(at) > 1  # the form's own check is still there for what is typed next
    first = min(at, key=lambda one: one[0])[1]
    assert (first.stopIfTrue, first.dxfId) == (True, None)
    assert first.formula[0].startswith('EXACT(D8,"')
    assert len({number for number, _ in at}) == len(at)


def test_everything_else_is_as_it_was(office: Office) -> None:
    original = office.send("JP-1", WRONG)
    office.collect()
    before, after = members(original.read_bytes()), members((office.marked / "JP-1.xlsx").read_bytes())
    assert list(before) == list(after)
    different = {name for name in before if before[name] != after[name]}
    assert different == {
        "xl/styles.xml", "xl/workbook.xml", "xl/worksheets/sheet2.xml", "xl/worksheets/sheet5.xml",
    }  # fmt: skip
    old, new = (one["xl/worksheets/sheet2.xml"].decode() for one in (before, after))
    for tag in ("sheetProtection", "dataValidations", "mergeCells", "conditionalFormatting", "pageSetup"):
        part = re.compile(rf"<{tag}\b.*?(?:/>|</{tag}>)", re.DOTALL)
        assert part.findall(old) == part.findall(new) != []
    page = openpyxl.load_workbook(office.marked / "JP-1.xlsx")["質問票"]
    assert not page["D7"].protection.locked
    assert page["F7"].protection.locked
    assert page["D9"].fill.fgColor.rgb != AMBER
    assert page["D7"].number_format == "@"
    assert page["D7"].border.left.style == "thin"
    assert page.print_area == "'質問票'!$B$1:$F$24"
    assert page.column_dimensions["F"].width == 46
    assert page.column_dimensions["A"].hidden


def test_a_corrected_copy_is_a_new_revision_whatever_its_clock_says(office: Office) -> None:
    office.send("JP-1", WRONG)
    office.collect()
    copy = office.marked / "JP-1.xlsx"

    def correct(book: Any) -> None:
        book["質問票"]["D7"].value = "5"
        book["質問票"]["D8"].value = 2

    shutil.copy(copy, office.returned / "corrected.xlsx")
    edited(office.returned / "corrected.xlsx", correct)
    old = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")
    data = changed(
        (office.returned / "corrected.xlsx").read_bytes(),
        core=lambda xml: old.sub(rb"\g<1>2001-01-01T00:00:00Z", xml),
    )
    (office.returned / "corrected.xlsx").write_bytes(data)
    report = office.collect()
    found = read_responses(office.study)
    assert found.frame.loc[0, ["trust_1", "trust_2"]].tolist() == [5, 2]
    assert found.frame["staff"].isna()[0]
    assert found.history is not None
    assert found.history[["item", "before", "after"]].to_numpy().tolist() == [
        ["trust_1", "7", "5"], ["trust_2", "4, 5", "2"],
    ]  # fmt: skip
    by_file = {Path(name).name: sorted(some) for name, some in report.findings.groupby("file")["code"]}
    assert by_file["corrected.xlsx"] == ["R051", "R053"]
    assert "R033" in by_file["JP-1.xlsx"]
    # What is still wrong goes out again, on a clean form: the former marks are gone.
    assert [Path(path).name for path in report.marked] == ["corrected.xlsx"]
    assert set(marks(office.marked / "corrected.xlsx", "質問票")) == {"D21"}
    again = collect(office.marked / "corrected.xlsx", office.study, instruments=office.inst)
    assert "R074" in set(again.findings["code"])


def test_a_marked_copy_that_was_not_corrected_changes_nothing(office: Office) -> None:
    office.send("JP-1", WRONG)
    office.collect()
    report = collect(office.marked / "JP-1.xlsx", office.study, instruments=office.inst)
    assert "R074" in set(report.findings["code"])
    found = read_responses(office.study)
    assert found.revisions is not None
    assert list(found.revisions["current"]) == [True, False]


def test_the_table_holds_every_finding_in_two_languages(office: Office) -> None:
    office.send("KR-1", WRONG)
    (office.returned / "=1+1.pdf").write_bytes(b"%PDF-1.7")
    office.collect(lang="ja")
    sheet = openpyxl.load_workbook(office.marked / "findings.xlsx").active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0][0] == "ファイル"
    table = {row[4]: row for row in rows[1:]}
    assert set(table) == {"R041", "R040", "R051", "R053", "R003"}
    assert table["R041"][:4] == ["KR-1.xlsx", "KR-1", "trust_1", "설문지!D7"]
    assert "allows" in table["R041"][5]
    assert "허용되는" in table["R041"][7]
    assert table["R041"][9] == "KR-1.xlsx"
    assert table["R003"][0] == "=1+1.pdf"
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_without_findings_there_is_a_table_and_no_copy(office: Office) -> None:
    office.send("JP-1", ANSWERS)
    assert office.collect().marked == ()
    assert [path.name for path in office.marked.iterdir()] == ["findings.xlsx"]


def test_a_workbook_whose_xml_cannot_be_edited_is_filled_in_anew(office: Office) -> None:
    path = office.send("JP-1", WRONG)
    path.write_bytes(changed(path.read_bytes(), sheet2=prefixed))
    office.collect()
    found = marks(office.marked / "JP-1.xlsx", "質問票")
    assert {cell: value for cell, (value, _) in found.items()} == {
        "D7": "7", "D8": "4, 5", "D21": "about ten",
    }  # fmt: skip
    report = collect(office.marked / "JP-1.xlsx", office.study, instruments=office.inst)
    assert "R074" in set(report.findings["code"])  # the same answers, cell by cell


def test_of_an_older_version_there_may_be_no_copy(tmp_path: Path) -> None:
    office = Office(tmp_path, instrument(item("a"), version="0.9.0"))
    path = office.send("JP-1", {"a": 7})
    path.write_bytes(changed(path.read_bytes(), sheet2=prefixed))
    office.inst = instrument(item("a"), item("b"))
    with pytest.warns(SurveykitWarning, match=r"R039.*JP-1.xlsx"):
        assert office.collect().marked == ()


def test_an_id_that_is_missing_is_marked_on_the_cover(tmp_path: Path) -> None:
    inst = sample()
    form = write_forms(inst, tmp_path / "forms", lang="ko")[0]
    (tmp_path / "returned").mkdir()
    fill_form(inst, form, ANSWERS, tmp_path / "returned" / "nobody.xlsx")
    collect(tmp_path / "returned", tmp_path / "study", instruments=inst, marked=tmp_path / "marked")
    found = marks(tmp_path / "marked" / "nobody.xlsx", "표지")
    assert list(found) == ["C4"]
    assert "응답자 ID" in found["C4"][1]


def test_two_files_of_one_name_get_two_copies(office: Office) -> None:
    office.send("JP-1", WRONG)
    (office.returned / "deep").mkdir()
    fill_form(office.inst, office.forms["KR-1"], WRONG, office.returned / "deep" / "JP-1.xlsx")
    assert sorted(Path(path).name for path in office.collect().marked) == ["JP-1 (2).xlsx", "JP-1.xlsx"]


def test_a_folder_that_cannot_be_written_is_refused(office: Office) -> None:
    office.send("JP-1", WRONG)
    office.marked.write_text("a file")
    with pytest.raises(SurveykitError, match=r"\[F019\]"):
        office.collect()


@pytest.mark.slow
@pytest.mark.skipif(not OFFICE, reason="LibreOffice with its Python bridge is not installed")
def test_workbooks_saved_by_libreoffice_are_marked_as_well(tmp_path: Path) -> None:
    inst, done = sample(), 0
    for number, case in enumerate(office_cases(tmp_path / "office")):
        if not case.findings or case.apart:
            continue
        folder = tmp_path / str(number)
        case.write(folder / "returned")
        report = collect(folder / "returned", folder / "study", instruments=inst, marked=folder / "marked")
        if report.marked:
            again = collect(folder / "marked", folder / "study", instruments=inst)
            assert "R074" in set(again.findings["code"]), case.name
            # A cell that was merged away shows no colour, only the words beside it.
            hidden = set(report.findings["code"]) == {"R070"}
            sheet = openpyxl.load_workbook(report.marked[0]).sheetnames[1]
            assert marks(Path(report.marked[0]), sheet) or hidden, case.name
            done += 1
    assert done > 5


def test_marked_copies_beside_the_returned_ones_are_not_collected_in_the_same_run(office: Office) -> None:
    office.send("JP-1", WRONG)
    office.marked = office.returned / "to correct"
    for _ in range(2):
        assert len(office.collect().to_frame()) == 1
    # Given by name, the folder is collected.
    assert len(collect(office.marked, office.study, instruments=office.inst).to_frame()) == 2
