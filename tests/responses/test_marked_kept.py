"""A correction that lies in the folder of marked copies is not written over."""

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from hand_made import instrument, item
from surveykit.errors import SurveykitError
from surveykit.form.excel import write_forms
from surveykit.form.fill import fill_form
from surveykit.responses.collect import collect

INST = instrument(item("n", "number", maximum=10), item("t", "text"))


def correct(path: Path, old: object, new: object) -> None:
    book = openpyxl.load_workbook(path)
    (cell,) = [one for row in book.worksheets[1].iter_rows() for one in row if one.value == old]
    cell.value = new
    book.save(path)


def test_a_correction_is_collected_before_it_is_written_over(tmp_path: Path) -> None:
    frame = pd.DataFrame({"respondent": ["R-1"], "country": ["JP"], "language": ["en"]})
    (blank,) = write_forms(INST, tmp_path / "forms", respondents=frame)
    returned, back, study = tmp_path / "returned", tmp_path / "back", tmp_path / "study"
    returned.mkdir()
    fill_form(INST, blank, {"n": 77, "t": "fine"}, returned / "R-1.xlsx")
    collect(returned, study, INST, marked=back)
    collect(returned, study, INST, marked=back)
    copy = back / "R-1.xlsx"
    correct(copy, 77, 7)
    before = copy.read_bytes()
    with pytest.raises(SurveykitError, match="R078"):
        collect(returned, study, INST, marked=back)
    assert copy.read_bytes() == before
    assert list(collect(back, study, INST).accepted["respondent"]) == ["R-1"]
    collect(returned, study, INST, marked=back)
