"""Tables as text: what people read in a terminal."""

import math
import re
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import surveykit as sk
from surveykit.errors import Note
from surveykit.formatting import text_table, text_width
from surveykit.results import Result, frame_text

NAN = float("nan")


@pytest.mark.parametrize(
    ("name", "values", "wanted"),
    [
        ("n", [301.0, 9.0], ["301", "9"]),  # whole numbers have no decimals
        ("est", [0.12345, 12.0, NAN, None], ["0.123", "12.000", "–", "–"]),
        ("est", [math.inf, 1.5], ["∞", "1.500"]),
        ("se", [0.00012, 0.0004], ["0.000120", "0.000400"]),  # three digits of the largest
        ("se", [1e-10, 2.5e-10, NAN], ["1.00e-10", "2.50e-10", "–"]),
        ("p", [1.0, -0.5], ["1.000", "-0.500"]),  # an item of that name, and its correlations
        ("pvalue", [0.04, 0.0001, NAN], ["0.040", "< .001", "–"]),
        ("pvalue_adjusted", [1.0, 0.0], ["1.000", "< .001"]),
        ("holds", [True, False], ["True", "False"]),
        ("item", ["x1", None], ["x1", "–"]),
        ("count", [3, pd.NA], ["3", "–"]),
        ("empty", [NAN, NAN], ["–", "–"]),
    ],
)
def test_cells(name: str, values: list[Any], wanted: list[str]) -> None:
    head, *cells = text_table([(name, values)]).splitlines()
    assert head.strip() == name
    assert [one.strip() for one in cells] == wanted


def test_letters_that_take_two_columns_stay_in_line() -> None:
    table = text_table([("国", ["日本", "KR"]), ("mean", [1.5, 22.25])])
    assert table.splitlines() == ["国      mean", "日本   1.500", "KR    22.250"]
    assert {text_width(line) for line in table.splitlines()} == {12}


def test_row_labels() -> None:
    table = pd.DataFrame({"x1": [1.0, 0.25]}, index=["x1", "x2"])
    assert frame_text(table, labels=True).splitlines() == ["       x1", "x1  1.000", "x2  0.250"]


def test_a_table_of_texts_is_folded_too() -> None:
    texts = [("code", ["a", "b"]), ("label", ["x" * 40, "y"]), ("definition", ["z" * 70, "w"])]
    blocks = text_table(texts).split("\n\n")
    assert [block.splitlines()[0].split() for block in blocks] == [["code", "label"], ["code", "definition"]]


@given(
    st.lists(st.text("abcdefgh_", min_size=1, max_size=12), min_size=1, max_size=20),
    st.integers(1, 4),
    st.booleans(),
)
def test_a_wide_table_is_folded_and_nothing_is_lost(names: list[str], rows: int, texts: bool) -> None:
    lead: list[tuple[str, list[Any]]] = [("item", [f"x{row}" for row in range(rows)])] if texts else []
    columns = [*lead, *((name, [float(at)] * rows) for at, name in enumerate(names))]
    blocks = text_table(columns, line=40).split("\n\n")
    heads = [block.splitlines()[0].split() for block in blocks]
    assert all(len(line) <= 40 for block in blocks for line in block.splitlines())
    assert all(len(block.splitlines()) == rows + 1 for block in blocks)
    first = columns[0][0]
    assert all(head[0] == first for head in heads)
    assert [first, *(name for head in heads for name in head[1:])] == [name for name, _ in columns]


def test_in_a_notebook_the_same_cells() -> None:
    @dataclass(frozen=True)
    class Shown(Result):
        notes: tuple[Note, ...] = ()

        def to_frame(self) -> pd.DataFrame:
            return pd.DataFrame({"item": ["<b>", "信頼"], "df": [1.0, 2.0], "pvalue": [0.5, 1e-9]})

    html = Shown()._repr_html_()
    assert re.findall(r"<td>(.*?)</td>", html) == ["&lt;b&gt;", "1", "0.500", "信頼", "2", "&lt; .001"]


def test_a_summary_begins_with_what_the_result_says_of_itself() -> None:
    items = pd.DataFrame({"a": [1, 2, 3, 4, 5, 5], "b": [2, 1, 3, 5, 4, 5], "c": [1, 3, 2, 4, 5, 4]})
    text = sk.kmo(items).summary().splitlines()
    assert text[0].startswith("msa = ")
    assert text[1].split() == ["item", "msa"]
    assert sk.cronbach_alpha(items).summary().count("alpha = ") == 1
