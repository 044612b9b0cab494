"""Printed tables in a workbook: numbers stay numbers, text stays text, links lead to cells."""

from pathlib import Path

import pytest
from openpyxl import load_workbook

from surveykit.form.table_book import BookCell, BookTable, write_table_book


def book(tmp_path: Path, *tables: BookTable, name: str = "t.xlsx"):  # type: ignore[no-untyped-def]
    path = write_table_book(tables, tmp_path / name, "ja", "目次", "報告書")
    return load_workbook(path)


def table(name: str, *rows: list[BookCell], header: tuple[str, ...] = ("a", "b")) -> BookTable:
    return BookTable(name, f"Table {name}", "title", header, rows, ("a note",))


@pytest.mark.parametrize(
    ("text", "value", "shown"),
    [
        (".85", 0.85, ".00"),
        ("−1.234", -1.234, "0.000"),
        ("12", 12, "0"),
        ("0.50", 0.5, "0.00"),
        ("= 1 + 1", "= 1 + 1", "General"),
        ("@here", "@here", "General"),
        ("< .001", "< .001", "General"),
        ("1 of 2", "1 of 2", "General"),
        ("[.10, .20]", "[.10, .20]", "General"),
        ("한국", "한국", "General"),
    ],
)
def test_numbers_are_numbers_and_text_is_text(tmp_path: Path, text: str, value: object, shown: str) -> None:
    cell = book(tmp_path, table("1", [BookCell(text), BookCell("")]))["1"]["A5"]
    assert (cell.value, cell.number_format) == (value, shown)
    assert cell.data_type != "f"


def test_a_cell_leads_to_the_anchor_it_names(tmp_path: Path) -> None:
    first = table("Matrix", [BookCell("x", link="s9"), BookCell("y", link="nowhere")])
    second = table("It's [odd]: 1/2", [BookCell("heading")], [BookCell("s9", anchor="s9"), BookCell("")])
    found = book(tmp_path, first, second)
    assert found.sheetnames == ["目次", "Matrix", "It s  odd   1 2"]
    assert found["Matrix"]["A5"].hyperlink.location == "'It s  odd   1 2'!A6"
    assert found["Matrix"]["B5"].hyperlink is None
    assert found["目次"]["A3"].hyperlink.location == "'Matrix'!A1"


def test_names_of_sheets_are_cut_and_told_apart(tmp_path: Path) -> None:
    rows = [BookCell("1"), BookCell("2")]
    names = book(tmp_path, *(table("n" * 40, rows), table("N" * 40, rows), table("", rows))).sheetnames
    assert names == ["目次", "n" * 31, "N" * 29 + " 2", "1"]


def test_the_same_tables_give_the_same_bytes(tmp_path: Path) -> None:
    one = table("1", [BookCell("x"), BookCell("2.5")])
    book(tmp_path, one, name="a.xlsx")
    book(tmp_path, one, name="b.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
