"""The data-entry grid: keyed, saved by others, damaged, collected with the findings of a form."""

import shutil
import subprocess
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from hand_made import ANSWERS, guide, instrument, item, sample
from surveykit.errors import SurveykitError
from surveykit.form.entry_grid import entry_grid, write_entry_grid
from surveykit.form.grid_layout import FIRST_ROW, VARIABLE_ROW, variable
from surveykit.form.layout import TICK, layout
from surveykit.instrument.model import Instrument
from surveykit.responses.collect import CollectReport, collect
from surveykit.responses.read import read_responses

FRAME = pd.DataFrame(
    {"respondent": ["R-1", "R-2", "R-3"], "country": ["JP", "KR", "JP"], "language": ["ja", "ko", "ja"]}
)
# How a person keys the answers of the sample: numbers, a tick a column.
KEYED = {
    "trust_1": "4", "trust_2": 2, "trust_3": "５", "often": "3 – 3～4回", "role": 2, "reports": 1,
    "channels:1": TICK, "channels:10": 1, "staff": 120, "founded": date(1987, 4, 1), "city": "=東京+1",
    "story": ANSWERS["story"],
}  # fmt: skip


class Grid:
    def __init__(
        self, folder: Path, inst: Instrument | None = None, frame: pd.DataFrame | None = FRAME
    ) -> None:
        self.inst = inst or sample()
        self.study = folder / "study"
        self.path = write_entry_grid(self.inst, folder, "ja", frame)[0]

    def edit(self, change: Callable[[Any], None]) -> None:
        book = openpyxl.load_workbook(self.path)
        change(book.worksheets[1])
        book.save(self.path)

    def key(self, row: int, answers: Mapping[str, Any], respondent: str | None = None) -> None:
        def change(sheet: Any) -> None:
            columns = {cell.value: cell.column for cell in sheet[VARIABLE_ROW]}
            for name, value in answers.items():
                cell = sheet.cell(FIRST_ROW + row, columns[name])
                cell.value = value
                if isinstance(value, str):
                    cell.data_type = "s"
            if respondent is not None:
                sheet.cell(FIRST_ROW + row, 1).value = respondent

        self.edit(change)

    def collect(self) -> CollectReport:
        return collect(self.path, self.study, instruments=self.inst)


@pytest.fixture
def grid(tmp_path: Path) -> Grid:
    return Grid(tmp_path)


def test_rows_come_back_as_respondents(grid: Grid) -> None:
    grid.key(0, KEYED)
    grid.key(2, {"trust_1": 1, "role": "役員"})
    report = grid.collect()
    assert list(report.findings["text"]) == []
    assert list(report.accepted["respondent"]) == ["R-1", "R-3"]  # R-2 is not keyed yet
    frame = read_responses(grid.study).frame.set_index("respondent")
    assert frame.loc["R-1", list(ANSWERS)].to_dict() == ANSWERS
    assert frame.loc["R-3", "role"] == 1
    assert frame[["country", "language"]].to_numpy().tolist() == [["JP", "ja"], ["JP", "ja"]]
    assert set(frame["content_hash"]) == {grid.inst.content_hash}


def test_every_cell_has_its_finding_and_provenance(grid: Grid) -> None:
    grid.key(1, {**KEYED, "trust_1": 7, "trust_2": date(2026, 1, 2), "staff": "many", "city": "長" * 21})
    report = grid.collect()
    codes = dict(zip(report.findings["item"], report.findings["code"], strict=True))
    assert codes == {"trust_1": "R041", "trust_2": "R042", "staff": "R051", "city": "R053"}
    assert set(report.findings["respondent"]) == {"R-2"}
    rows = read_responses(grid.study).provenance.set_index("item")
    found = rows.loc["trust_1", ["sheet", "cell", "raw", "rule"]].tolist()
    assert found == ["データ入力", f"D{FIRST_ROW + 1}", "7", "out_of_range"]
    assert list(rows.loc["channels", "option"]) == [1, 2, 10, -9]


def test_rules_of_the_whole_form_hold(grid: Grid) -> None:
    grid.key(0, {"role": 1, "reports": 2})
    assert sorted(grid.collect().findings["code"]) == ["R054", "R055"]


def test_more_rows_keyed_later_leave_the_others_alone(grid: Grid) -> None:
    grid.key(0, KEYED)
    grid.collect()
    grid.key(1, KEYED)
    report = grid.collect()
    assert report.accepted[["respondent", "status"]].to_numpy().tolist() == [["R-1", "known"], ["R-2", "new"]]
    assert list(report.findings["code"]) == []
    assert list(grid.collect().accepted["status"]) == ["known", "known"]
    assert len(read_responses(grid.study).frame) == 2


def test_a_corrected_row_counts(grid: Grid) -> None:
    grid.key(0, {**KEYED, "trust_1": 9})
    grid.collect()
    grid.key(0, KEYED)
    grid.collect()
    assert list(read_responses(grid.study).frame["trust_1"]) == [4]


def test_ids_are_entered_where_there_is_no_frame(tmp_path: Path) -> None:
    grid = Grid(tmp_path, frame=None)
    grid.key(0, {"trust_1": 3}, "A-1")
    grid.key(4, {"trust_1": 5})
    report = grid.collect()
    made = f"file-{report.accepted['sha256'].iloc[0][:12]}-{FIRST_ROW + 4}"
    assert list(report.accepted["respondent"]) == ["A-1", made]
    assert list(report.findings["code"]) == ["R032"]
    assert list(read_responses(grid.study).frame["language"]) == ["ja", "ja"]


def test_an_empty_grid_is_set_apart(grid: Grid) -> None:
    assert list(grid.collect().quarantined["code"]) == ["F048"]


def _moved(sheet: Any) -> None:
    sheet.insert_cols(4, 2)
    sheet.insert_rows(2)


def _unmarked(sheet: Any) -> None:
    for cell in sheet[1]:
        cell.value = None


def _swapped_heads(sheet: Any) -> None:
    one, other = sheet.cell(VARIABLE_ROW, 4), sheet.cell(VARIABLE_ROW, 5)
    one.value, other.value = other.value, one.value


def _column_gone(sheet: Any) -> None:
    sheet.delete_cols(4)


@pytest.mark.parametrize(
    ("damage", "codes", "lost"),
    [
        (_unmarked, ["R036", "R090"], set()),
        (_swapped_heads, ["R045", "R090"], {"trust_1", "trust_2"}),
        (_column_gone, ["R046"], {"trust_1"}),
    ],
)
def test_damaged_columns_are_findings_and_never_other_answers(
    grid: Grid, damage: Callable[[Any], None], codes: list[str], lost: set[str]
) -> None:
    grid.key(0, KEYED)
    grid.key(1, KEYED)
    grid.edit(damage)
    report = grid.collect()
    assert sorted(set(report.findings["code"]) - {"R054"}) == sorted(set(codes))
    frame = read_responses(grid.study).frame
    for name, value in ANSWERS.items():
        found = frame[name].tolist()
        assert all(pd.isna(one) for one in found) if name in lost else found == [value, value]


def test_inserted_columns_and_rows_are_followed(grid: Grid) -> None:
    """openpyxl leaves names behind; the words in the heads are enough."""
    grid.key(0, KEYED)
    grid.edit(_moved)
    grid.collect()
    frame = read_responses(grid.study).frame.set_index("respondent")
    assert frame.loc["R-1", list(ANSWERS)].to_dict() == ANSWERS


def _twice(grid: Grid) -> CollectReport:
    """R-1 keyed in full with a 77, and once more by a slip, with one answer."""
    grid.key(0, {**KEYED, "trust_2": 77})
    grid.key(1, {"trust_1": 1}, "R-1")
    return grid.collect()


def test_two_rows_of_one_respondent_are_told(grid: Grid) -> None:
    report = _twice(grid)
    assert sorted(report.findings["code"]) == ["R041", "R075", "R075"]
    rows = f"{FIRST_ROW}, {FIRST_ROW + 1}"
    assert all(rows in text for text in report.findings.query("code == 'R075'")["text"])
    assert "[R041]" in report.summary()
    assert "[R075]" in report.summary()
    responses = read_responses(grid.study)
    one = responses.frame.iloc[0]
    assert (len(responses.frame), one["trust_1"], one["country"]) == (1, 4, "JP")
    kept = responses.provenance.query("item == 'trust_1'")
    assert sorted(zip(kept["value"], kept["current"], strict=True)) == [(1, False), (4, True)]
    assert list(responses.findings.query("current")["code"]) == ["R041", "R075"]


def test_two_rows_of_one_respondent_stay_told_while_more_is_keyed(grid: Grid) -> None:
    _twice(grid)
    for value in (3, 5):
        grid.key(2, {"trust_1": value})
        assert set(grid.collect().findings["code"]) == {"R041", "R075"}
        responses = read_responses(grid.study)
        assert responses.frame.set_index("respondent")["trust_1"].to_dict() == {"R-1": 4, "R-3": value}
        assert "R075" in set(responses.findings.query("current")["code"])


def test_a_second_row_keyed_later_does_not_replace_the_first(grid: Grid) -> None:
    grid.key(0, KEYED)
    grid.collect()
    grid.key(1, {"trust_1": 1}, "R-1")
    grid.collect()
    responses = read_responses(grid.study)
    assert list(responses.frame["trust_1"]) == [4]
    assert list(responses.findings.query("current")["code"]) == ["R075"]


def test_a_corrected_id_closes_the_finding(grid: Grid) -> None:
    _twice(grid)
    grid.key(1, {}, "R-2")
    grid.collect()
    responses = read_responses(grid.study)
    assert responses.frame.set_index("respondent")["trust_1"].to_dict() == {"R-1": 4, "R-2": 1}
    assert list(responses.findings.query("current")["code"]) == ["R041"]


def test_an_older_grid_is_told_once(tmp_path: Path) -> None:
    older = instrument(*sample().items[:3], version="0.9.0")
    grid = Grid(tmp_path, older)
    grid.key(0, {"trust_1": 4})
    grid.key(1, {"trust_1": 5})
    report = collect(grid.path, grid.study, instruments=sample())
    assert list(report.findings["code"]).count("R030") == 1
    assert list(read_responses(grid.study).frame["trust_1"]) == [4, 5]


def test_a_grid_of_another_instrument_is_set_apart(tmp_path: Path) -> None:
    grid = Grid(tmp_path, instrument(item("q1"), name="another"))
    grid.key(0, {"q1": 1})
    report = collect(grid.path, grid.study, instruments=sample())
    assert list(report.quarantined["code"]) == ["R021"]


def test_a_form_that_came_earlier_is_replaced_by_the_row(tmp_path: Path, grid: Grid) -> None:
    from surveykit.form.excel import write_forms
    from surveykit.form.fill import fill_form

    form = write_forms(grid.inst, tmp_path / "forms", "ja", pd.DataFrame({"respondent": ["R-1"]}))[0]
    fill_form(grid.inst, form, ANSWERS, form)
    collect(form, grid.study, instruments=grid.inst)
    grid.key(0, {**KEYED, "trust_1": 2})
    report = grid.collect()
    assert len(report.accepted) == 1
    assert len(read_responses(grid.study).frame) == 1


def test_the_columns_offer_what_can_be_answered(grid: Grid) -> None:
    sheet = openpyxl.load_workbook(grid.path).worksheets[1]
    heads = [cell.value for cell in sheet[VARIABLE_ROW]]
    assert heads[:3] == ["回答者ID", "言語", "country"]
    assert heads[3:] == [variable(slot) for slot in layout(grid.inst).slots]
    lists = {str(one.sqref): one for one in sheet.data_validations.dataValidation if one.type == "list"}
    trust = lists[f"D{FIRST_ROW}:D{FIRST_ROW + 2}"]
    assert "_surveykit_lists" in trust.formula1
    assert not trust.showErrorMessage
    grey = [
        rule.formula[0]
        for area in sheet.conditional_formatting
        for rule in area.rules
        if rule.formula[0].startswith("NOT(")
    ]
    assert len(grey) == 1
    assert f"$H{FIRST_ROW}" in grey[0]  # role, of the same row
    locked = {
        cell.column_letter for row in sheet.iter_rows(FIRST_ROW) for cell in row if cell.protection.locked
    }
    assert locked == {"A", "C"}


def test_a_long_frame_is_split_over_workbooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("surveykit.form.entry_grid.CELLS_LIMIT", 40)
    paths = write_entry_grid(sample(), tmp_path, "en", FRAME)
    assert [path.name for path in paths] == [f"sample_1.0.0_entry_en_{number}.xlsx" for number in (1, 2)]
    ids = [openpyxl.load_workbook(path).worksheets[1].cell(FIRST_ROW, 1).value for path in paths]
    assert ids == ["R-1", "R-3"]


def test_the_same_grid_is_written_each_time() -> None:
    assert entry_grid(sample(), "ko") == entry_grid(sample(), "ko")


def test_what_a_grid_refuses(tmp_path: Path) -> None:
    with pytest.raises(SurveykitError, match=r"\[O001\]"):
        write_entry_grid(sample(), tmp_path, "fr")
    (tmp_path / "taken").write_text("a file", "utf-8")
    with pytest.raises(SurveykitError, match=r"\[F019\]"):
        write_entry_grid(sample(), tmp_path / "taken")


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed")
@pytest.mark.parametrize("kind", ["xlsx:Calc MS Excel 2007 XML", "ods"])
def test_saved_by_libreoffice(grid: Grid, tmp_path: Path, kind: str) -> None:
    grid.key(0, KEYED)
    grid.key(2, KEYED)
    home = f"-env:UserInstallation={(tmp_path / 'office').as_uri()}"
    command = ["soffice", home, "--headless", "--convert-to", kind, "--outdir", str(tmp_path / "out")]
    subprocess.run([*command, str(grid.path)], check=True, capture_output=True, timeout=120)
    grid.path = next((tmp_path / "out").iterdir())
    assert list(grid.collect().findings["text"]) == []
    frame = read_responses(grid.study).frame
    assert frame[list(ANSWERS)].to_dict("records") == [ANSWERS, ANSWERS]
    assert list(frame["respondent"]) == ["R-1", "R-3"]


def test_an_interview_record_can_be_keyed(tmp_path: Path) -> None:
    grid = Grid(tmp_path, guide(), frame=None)
    grid.key(0, {"interviewer": "I1", "interview_recording": 1, "q01": "答"}, "A")
    assert list(grid.collect().findings["code"]) == []
    assert read_responses(grid.study).frame.loc[0, "interview_recording"] == 1


def test_what_is_keyed_beside_the_grid_is_told_and_kept(grid: Grid) -> None:
    grid.key(0, KEYED)

    def beside(sheet: Any) -> None:
        sheet[f"AC{FIRST_ROW}"] = "page 2 is torn"
        sheet[f"D{FIRST_ROW}"].comment = openpyxl.comments.Comment("4 or 5?", "")
        sheet.parent.create_sheet("notes")["A1"] = "batch 7"

    grid.edit(beside)
    report = grid.collect()
    assert list(report.findings["code"]) == ["R090", "R094", "R096"]
    remarks = read_responses(grid.study).remarks
    assert remarks is not None
    assert list(remarks["text"]) == ["page 2 is torn", "batch 7", "4 or 5?"]
    # The same grid again, with a remark more, says something new.
    grid.edit(lambda sheet: sheet.__setitem__(f"AC{FIRST_ROW + 1}", "absent"))
    grid.collect()
    later = read_responses(grid.study).remarks
    assert later is not None
    assert "absent" in set(later[later["current"]]["text"])
