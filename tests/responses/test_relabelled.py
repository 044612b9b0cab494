"""Forms of a version whose answers had other labels: an answer means its words, not its number."""

import dataclasses
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from hand_made import AGREE, instrument, item, texts
from surveykit.form.entry_grid import write_entry_grid
from surveykit.form.excel import write_forms
from surveykit.form.fill import fill_form
from surveykit.form.layout import option_text
from surveykit.instrument.model import Instrument, ResponseScale
from surveykit.responses.collect import CollectReport, collect
from surveykit.responses.read import read_responses

# The same words with 1 and 5 exchanged; one word of its own on 2; and another scale on the same codes.
REVERSED = dataclasses.replace(AGREE, labels=AGREE.labels | {1: AGREE.labels[5], 5: AGREE.labels[1]})
REWORDED = dataclasses.replace(AGREE, labels=AGREE.labels | {2: texts("Rather not", "やや", "다소")})
OTHER = ResponseScale("other5", {code: texts(f"Degree {code}") for code in range(1, 6)}, AGREE.missing_codes)


def version(number: str, scale: ResponseScale) -> Instrument:
    items = (item("a"), item("b", scale="other5"), item("n", "number"), item("m", "multiple", "agree5"))
    scales = {"agree5": scale, "other5": OTHER}
    return instrument(*items, version=number, response_scales=scales)


def returned(folder: Path, old: Instrument, answers: dict[str, object], lang: str) -> Path:
    frame = pd.DataFrame({"respondent": ["R-1"], "country": ["JP"], "language": [lang]})
    (blank,) = write_forms(old, folder / "forms", respondents=frame)
    fill_form(old, blank, answers, folder / "R-1.xlsx")
    return folder / "R-1.xlsx"


def typed(path: Path, old: object, new: object) -> None:
    """Type something else into the cell of an answer."""
    book = openpyxl.load_workbook(path)
    cells = [cell for row in book.worksheets[1].iter_rows() for cell in row if cell.value == old]
    assert len(cells) == 1
    cells[0].value = new
    book.save(path)


def taken(folder: Path, path: Path, new: Instrument) -> tuple[CollectReport, dict[str, object]]:
    report = collect(path, folder / "study", instruments=new)
    return report, read_responses(folder / "study").frame.iloc[0].to_dict()


@pytest.mark.parametrize("number", ["1.0.0", "2.0.0"])
@pytest.mark.parametrize("lang", ["ko", "ja+en"])
@pytest.mark.parametrize("way", ["option", "number", "digits", "label"])
def test_an_answer_keeps_its_words_not_its_number(tmp_path: Path, number: str, lang: str, way: str) -> None:
    old, new = version("1.0.0", AGREE), version(number, REVERSED)
    path = returned(tmp_path, old, {"a": 1, "b": 3, "n": 7}, lang)
    label = option_text(AGREE, 1, lang)
    given = {"option": label, "number": 1, "digits": "１", "label": label.partition(" – ")[2]}
    typed(path, label, given[way])
    report, row = taken(tmp_path, path, new)
    assert (row["a"], row["b"], row["n"]) == (5, 3, 7)
    first = "R031" if number == "1.0.0" else "R030"
    assert list(report.findings["code"]) == [first, "R077", "R076"]
    assert "2 item(s)" in report.findings["text"][1]
    assert ": a, m." in report.findings["text"][1]
    assert report.findings["item"][2] == "a"
    assert "it was taken as 5" in report.findings["text"][2]


@pytest.mark.parametrize(("answer", "value", "code"), [(2, None, "R047"), (4, 4, "R076")])
def test_words_that_are_gone_are_left_out_and_said(
    tmp_path: Path, answer: int, value: int | None, code: str
) -> None:
    path = returned(tmp_path, version("1.0.0", AGREE), {"a": answer, "n": 1}, "en")
    report, row = taken(tmp_path, path, version("1.1.0", REWORDED))
    assert list(report.findings["code"]) == ["R030", "R077", code]
    assert row["a"] == value if value is not None else pd.isna(row["a"])


def test_marks_on_other_options_are_left_out(tmp_path: Path) -> None:
    path = returned(tmp_path, version("1.0.0", AGREE), {"n": 1, "m": (1, 3)}, "en")
    report, row = taken(tmp_path, path, version("2.0.0", REVERSED))
    assert list(report.findings["code"]) == ["R030", "R077", "R047", "R047"]
    assert pd.isna(row["m"])


def test_the_same_labels_are_no_finding(tmp_path: Path) -> None:
    old = version("1.0.0", AGREE)
    new = version("1.1.0", AGREE)
    extra = dataclasses.replace(new.sections[0], items=(*new.sections[0].items, item("added")))
    path = returned(tmp_path, old, {"a": 1, "b": 2, "m": (1,)}, "ko")
    report, row = taken(tmp_path, path, dataclasses.replace(new, sections=(extra,), content_hash="new"))
    assert list(report.findings["code"]) == ["R030"]
    assert (row["a"], row["b"], row["m"]) == (1, 2, "1")


@pytest.mark.parametrize(("scale", "value"), [(AGREE, 1), (REVERSED, 5)])
def test_a_grid_tells_its_labels_by_its_lists(tmp_path: Path, scale: ResponseScale, value: int) -> None:
    old = version("1.0.0", AGREE)
    frame = pd.DataFrame({"respondent": ["R-1"], "country": ["JP"], "language": ["ja"]})
    (path,) = write_entry_grid(old, tmp_path / "forms", "en", frame)
    book = openpyxl.load_workbook(path)
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    who = next(cell for cell in cells if cell.value == "R-1")
    sheet = who.parent
    head = next(cell for cell in cells if cell.parent is sheet and cell.value == "a")
    sheet.cell(who.row, head.column).value = 1
    book.save(path)
    _, row = taken(tmp_path, path, dataclasses.replace(version("2.0.0", scale), content_hash="new"))
    assert row["a"] == value
