"""Forms filled in as a respondent would."""

import datetime
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from hand_made import ANSWERS, instrument, item, sample
from surveykit.errors import SurveykitError
from surveykit.form.excel import write_forms
from surveykit.form.fill import fill_form
from surveykit.form.layout import Slot, layout


def cells(path: Path) -> dict[Slot, Any]:
    sheet = openpyxl.load_workbook(path).worksheets[1]
    return {slot: sheet[f"D{row}"].value for slot, row in layout(sample()).slots.items()}


@pytest.fixture
def form(tmp_path: Path) -> Path:
    return write_forms(sample(), tmp_path / "forms", lang="en")[0]


def test_answers_are_entered_as_the_form_offers_them(form: Path, tmp_path: Path) -> None:
    fill_form(sample(), form, ANSWERS, tmp_path / "filled.xlsx")
    found = cells(tmp_path / "filled.xlsx")
    assert found[Slot("trust_1")] == "4 – Agree"
    assert found[Slot("often")] == "3 – 3-4 times"
    assert [found[Slot("channels", code)] for code in (1, 2, 10, -9)] == ["✓", None, "✓", None]
    assert found[Slot("staff")] == 120
    assert found[Slot("founded")] == datetime.datetime(1987, 4, 1)
    assert found[Slot("city")] == "=東京+1"
    assert found[Slot("story")] == ANSWERS["story"]


@pytest.mark.parametrize(
    ("answer", "stands"),
    [
        (99, "99 – Do not know"),
        (98, 98),
        (4.5, 4.5),
        ("５", "５"),
        ("agree", "agree"),
        (np.int64(2), "2 – Disagree"),
        (np.float64(2), "2 – Disagree"),
        (None, None),
        (float("nan"), None),
    ],
)
def test_what_is_entered_for_a_rating(answer: object, stands: object, form: Path, tmp_path: Path) -> None:
    fill_form(sample(), form, {"trust_1": answer}, tmp_path / "filled.xlsx")
    assert cells(tmp_path / "filled.xlsx")[Slot("trust_1")] == stands


@pytest.mark.parametrize("chosen", [[1, 10], (10, 1), {1, 10}, "1;10"])
def test_several_choices_in_any_shape(chosen: object, form: Path, tmp_path: Path) -> None:
    fill_form(sample(), form, {"channels": chosen}, tmp_path / "filled.xlsx")
    found = cells(tmp_path / "filled.xlsx")
    assert [code for code in (1, 2, 10, -9) if found[Slot("channels", code)]] == [1, 10]


def test_a_filled_form_can_be_filled_again(form: Path, tmp_path: Path) -> None:
    once = fill_form(sample(), form, {"trust_1": 1, "trust_2": 2})
    fill_form(sample(), once, {"trust_1": 3}, tmp_path / "filled.xlsx")
    found = cells(tmp_path / "filled.xlsx")
    assert (found[Slot("trust_1")], found[Slot("trust_2")]) == ("3 – Neither", "2 – Disagree")


def test_when_it_was_saved(form: Path, tmp_path: Path) -> None:
    fill_form(sample(), form, {}, tmp_path / "filled.xlsx", saved="2026-03-04T05:06:07Z")
    saved = openpyxl.load_workbook(tmp_path / "filled.xlsx").properties.modified
    assert saved == datetime.datetime(2026, 3, 4, 5, 6, 7)


def test_an_unknown_item_is_refused(form: Path) -> None:
    with pytest.raises(SurveykitError, match=r"\[F030\].*nothing"):
        fill_form(sample(), form, {"nothing": 1})


def test_a_form_of_another_wording_is_refused(form: Path) -> None:
    with pytest.raises(SurveykitError, match=r"\[F031\].*version 1.0.0"):
        fill_form(instrument(item("trust_1")), form, {"trust_1": 1})
