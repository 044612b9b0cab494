"""Forms in an order of their own: each answer comes back to its item, and each item's position with it."""

import dataclasses
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd

from hand_made import ANSWERS, sample
from surveykit.form.excel import write_forms
from surveykit.form.fill import fill_form
from surveykit.form.order import drawn_order
from surveykit.instrument.content_hash import content_hash
from surveykit.instrument.model import Instrument
from surveykit.responses.collect import collect
from surveykit.responses.read import read_responses

NAMES = ["R-1", "R-2", "R-3"]


def drawn() -> Instrument:
    inst = sample()
    items = tuple(dataclasses.replace(one, show_if=None) for one in inst.items)
    section = dataclasses.replace(inst.sections[0], items=items, randomize=True)
    made = dataclasses.replace(inst, sections=(section,))
    return dataclasses.replace(made, content_hash=content_hash(made))


def returned(folder: Path, inst: Instrument) -> list[Path]:
    frame = pd.DataFrame({"respondent": NAMES, "language": ["en", "ja", "ko"]})
    paths = write_forms(inst, folder, respondents=frame, seed=3)
    for path in paths:
        fill_form(inst, path, ANSWERS, path)
    return paths


def test_answers_and_positions_come_back(tmp_path: Path) -> None:
    inst = drawn()
    returned(tmp_path / "forms", inst)
    report = collect(tmp_path / "forms", tmp_path / "study", instruments=inst)
    assert list(report.findings["text"]) == []
    responses = read_responses(tmp_path / "study")
    assert responses.frame[list(ANSWERS)].to_dict("records") == [ANSWERS] * 3
    for name in NAMES:
        own = responses.provenance.query("respondent == @name").drop_duplicates("item")
        asked = own.sort_values("position")
        assert tuple(asked["item"]) == drawn_order(inst, 3, name)["main"]
        assert list(asked["position"]) == list(range(1, 12))


def test_a_fixed_order_has_positions_too(tmp_path: Path) -> None:
    inst = sample()
    paths = write_forms(inst, tmp_path / "forms", respondents=pd.DataFrame({"respondent": ["R"]}))
    fill_form(inst, paths[0], ANSWERS, paths[0])
    collect(paths, tmp_path / "study", instruments=inst)
    rows = read_responses(tmp_path / "study").provenance.drop_duplicates("item")
    assert dict(zip(rows["item"], rows["position"], strict=True)) == {
        item.id: number for number, item in enumerate(inst.items, 1)
    }


def test_rows_sorted_by_their_reader_are_followed(tmp_path: Path) -> None:
    """Two rating rows change places and their names do not: as after sorting a form of its own order."""
    inst = drawn()
    path = returned(tmp_path / "forms", inst)[0]
    book = openpyxl.load_workbook(path)
    sheet: Any = book.worksheets[1]
    rows = {sheet[f"A{row}"].value: row for row in range(1, sheet.max_row + 1) if sheet[f"A{row}"].value}
    first, second = rows["sk_trust_1"], rows["sk_trust_2"]
    for column in "ABCDE":
        one, other = sheet[f"{column}{first}"], sheet[f"{column}{second}"]
        one.value, other.value = other.value, one.value
    book.save(path)
    report = collect(path, tmp_path / "study", instruments=inst)
    assert list(report.findings["code"]) == ["R037"]
    assert read_responses(tmp_path / "study").frame[list(ANSWERS)].to_dict("records") == [ANSWERS]


def test_a_form_that_lost_its_hidden_sheet_is_read_by_its_anchors(tmp_path: Path) -> None:
    inst = drawn()
    path = returned(tmp_path / "forms", inst)[0]
    book = openpyxl.load_workbook(path)
    del book["_surveykit"]
    book.save(path)
    report = collect(path, tmp_path / "study", instruments=inst)
    assert list(report.findings["code"]) == ["R034"]
    assert read_responses(tmp_path / "study").frame[list(ANSWERS)].to_dict("records") == [ANSWERS]


def test_an_order_of_another_version_is_recorded_as_it_was(tmp_path: Path) -> None:
    inst = drawn()
    returned(tmp_path / "forms", inst)
    section = inst.sections[0]
    fewer = dataclasses.replace(section, items=tuple(one for one in section.items if one.id != "city"))
    newer = dataclasses.replace(inst, sections=(fewer,), version="1.1.0")
    newer = dataclasses.replace(newer, content_hash=content_hash(newer))
    collect(tmp_path / "forms", tmp_path / "study", instruments=newer)
    rows = read_responses(tmp_path / "study").provenance.query("respondent == 'R-1'").drop_duplicates("item")
    recorded = [one for one in drawn_order(inst, 3, "R-1")["main"] if one != "city"]
    assert list(rows.sort_values("position")["item"]) == recorded
