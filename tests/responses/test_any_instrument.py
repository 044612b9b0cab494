"""Any instrument the schema allows -> any layout -> filled in or keyed -> collected: identical."""

from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from instrument_strategies import instruments, words, yaml_of
from surveykit.form.cells import cell_text
from surveykit.form.entry_grid import write_entry_grid
from surveykit.form.excel import write_forms
from surveykit.form.fill import fill_form
from surveykit.form.grid_layout import FIRST_ROW, VARIABLE_ROW
from surveykit.form.interview import asked
from surveykit.form.layout import TICK, option_text
from surveykit.form.limits import excel_problems
from surveykit.form.order import drawn_order, file_order, in_order
from surveykit.instrument.model import Instrument, Item
from surveykit.instrument.reader import instrument_from_bytes
from surveykit.responses.collect import collect
from surveykit.responses.read import read_responses

RELAXED = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
# What may be said of sound answers: an empty form, missing required ones, ones that do not apply or are long.
SAID = {"R038", "R053", "R054", "R055", "R057"}
WHO = ["R-1", "R-2"]


def an_answer(inst: Instrument, item: Item) -> st.SearchStrategy[Any]:
    scale = inst.response_scale_of(item)
    if item.type == "multiple" and scale is not None:
        chosen = st.lists(st.sampled_from(list(scale.labels)), unique=True)
        return chosen.map(lambda codes: tuple(code for code in scale.labels if code in codes) or None)
    if scale is not None:
        return st.none() | st.sampled_from([*scale.labels, *scale.missing_codes])
    if item.type == "number":
        low = -1000 if item.minimum is None else int(item.minimum)
        high = 9000 if item.maximum is None else int(item.maximum)
        return st.none() | st.integers(low, high)
    if item.type == "date":
        return st.none() | st.dates(date(1900, 3, 1), date(2100, 1, 1)).map(date.isoformat)
    return st.none() | words.map(str.strip)


@st.composite
def drawn(draw: st.DrawFn) -> tuple[Instrument, str, list[dict[str, Any]]]:
    """An instrument, the language of its forms (or two), and the answers of two respondents."""
    inst = instrument_from_bytes(yaml_of(draw(instruments(max_items=6))), "any.yaml")
    lang = "+".join(draw(st.permutations(inst.languages))[: draw(st.integers(1, 2))])
    assume(not excel_problems(inst, lang))
    strategy = st.fixed_dictionaries({item.id: an_answer(inst, item) for item in inst.items})
    return inst, lang, [draw(strategy) for _ in WHO]


def expected(inst: Instrument, answers: dict[str, Any]) -> dict[str, Any]:
    """What the frame must hold: missing codes are no values, several choices are joined."""
    values = {}
    for item in inst.items:
        value, scale = answers[item.id], inst.response_scale_of(item)
        missing = {*item.missing_codes, *(scale.missing_codes if scale is not None else ())}
        value = None if not isinstance(value, tuple) and value in missing else value
        values[item.id] = ";".join(str(code) for code in value) if isinstance(value, tuple) else value
    return values


def check(inst: Instrument, study: Path, answers: list[dict[str, Any]]) -> None:
    names = [item.id for item in inst.items]
    frame = read_responses(study).frame
    rows = frame[names].astype(object)
    assert rows.where(rows.notna(), None).to_dict("records") == [expected(inst, one) for one in answers]


@RELAXED
@given(drawn(), st.integers(0, 99))
def test_forms_come_back_identical(
    tmp_path_factory: pytest.TempPathFactory, made: tuple[Instrument, str, list[dict[str, Any]]], seed: int
) -> None:
    inst, lang, answers = made
    folder = tmp_path_factory.mktemp("any")
    paths = write_forms(inst, folder / "forms", lang, pd.DataFrame({"respondent": WHO}), seed=seed)
    for path, one in zip(paths, answers, strict=True):
        fill_form(inst, path, one, path)
    report = collect(folder / "forms", folder / "study", instruments=inst)
    assert len(report.accepted) == 2
    assert set(report.findings["code"]) <= SAID
    check(inst, folder / "study", answers)
    rows = read_responses(folder / "study").provenance
    for name in WHO:
        own = rows[rows["respondent"] == name].drop_duplicates("item").sort_values("position")
        order = drawn_order(inst, seed, name)
        assert list(own["item"]) == [item.id for item in asked(in_order(inst, order)).items]


@RELAXED
@given(drawn())
def test_grids_come_back_identical(
    tmp_path_factory: pytest.TempPathFactory, made: tuple[Instrument, str, list[dict[str, Any]]]
) -> None:
    inst, lang, answers = made
    assume(any(value is not None for one in answers[:1] for value in one.values()))
    assume(any(value is not None for one in answers[1:] for value in one.values()))
    folder, lang = tmp_path_factory.mktemp("grid"), lang.split("+")[0]
    path = write_entry_grid(inst, folder, lang, pd.DataFrame({"respondent": WHO}))[0]
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[1]
    columns = {cell.value: cell.column for cell in sheet[VARIABLE_ROW]}
    for row, one in enumerate(answers, FIRST_ROW):
        for item in inst.items:
            for name, value in keyed(inst, item, one[item.id], lang):
                cell = sheet.cell(row, columns[name])
                cell.value = value
                if isinstance(value, str):
                    cell.data_type = "s"
    book.save(path)
    report = collect(path, folder / "study", instruments=inst)
    assert set(report.findings["code"]) <= SAID
    check(inst, folder / "study", answers)


def keyed(inst: Instrument, item: Item, answer: Any, lang: str) -> list[tuple[str, Any]]:
    """What Excel stores in which column of the grid."""
    scale = inst.response_scale_of(item)
    if answer is None:
        return []
    if isinstance(answer, tuple):
        return [(f"{item.id}:{code}", TICK) for code in answer]
    if scale is not None:
        return [(item.id, cell_text(option_text(scale, answer, lang)))]
    if item.type == "date":
        return [(item.id, date.fromisoformat(answer))]
    return [(item.id, cell_text(answer) if isinstance(answer, str) else answer)]


@RELAXED
@given(instruments(max_items=6), st.integers(0, 99))
def test_an_order_is_a_permutation_that_can_be_drawn_again(content: Any, seed: int) -> None:
    inst = instrument_from_bytes(yaml_of(content), "any.yaml")
    order = drawn_order(inst, seed, "R")
    assert order == drawn_order(inst, seed, "R")
    known = file_order(inst)
    assert {name: sorted(items) for name, items in order.items()} == {
        name: sorted(items) for name, items in known.items()
    }
    assert sorted(item.id for item in in_order(inst, order).items) == sorted(item.id for item in inst.items)
    assert in_order(in_order(inst, order), known) == inst
