"""OpenDocument spreadsheets: cells as they stand, however written; bombs of repeated cells refused."""

from pathlib import Path

import pytest

from surveykit.errors import SurveykitError
from surveykit.responses.book import RawCell, Workbook
from surveykit.responses.excel import read_workbook
from surveykit.responses.guard import guarded
from workbooks import ODS, ODS_SPACES, tiny_ods, zipped


def book(rows: str = "", names: str = "", **extra: str) -> Workbook:
    return read_workbook(guarded(tiny_ods(rows, names, extra={f"{k}.xml": v for k, v in extra.items()}), "f"))


def cell(attributes: str, inside: str = "") -> str:
    return f"<table:table-cell {attributes}>{inside}</table:table-cell>"


TEXT = 'office:value-type="string"'


@pytest.mark.parametrize(
    ("xml", "kind", "raw", "number"),
    [
        (cell('office:value-type="float" office:value="5"', "<text:p>5</text:p>"), "number", "5", 5),
        (cell('office:value-type="percentage" office:value="0.5"'), "number", "0.5", 0.5),
        (cell('office:value-type="float" office:value="1_0"'), "error", "1_0", None),
        (cell('office:value-type="float" office:value="inf"'), "error", "inf", None),
        (cell('office:value-type="float"'), "error", "", None),
        (cell('office:value-type="boolean" office:boolean-value="true"'), "boolean", "1", None),
        (
            cell('office:value-type="date" office:date-value="2026-04-30"'),
            "date", "2026-04-30", 46142,
        ),
        (cell('office:value-type="date" office:date-value="1900-01-01"'), "date", "1900-01-01", 1),
        (
            cell('office:value-type="date" office:date-value="2026-04-30T10:00:00"'),
            "date", "2026-04-30T10:00:00", 46142,
        ),
        (cell('office:value-type="date" office:date-value="-5"'), "date", "-5", None),
        (cell('office:value-type="time" office:time-value="PT1H"'), "date", "PT1H", None),
        (
            cell('table:formula="of:=[.A1]+1" office:value-type="float" office:value="5"'),
            "formula", "=[.A1]+1", None,
        ),
        (cell(f'{TEXT} calcext:value-type="error"', "<text:p>#DIV/0!</text:p>"), "error", "#DIV/0!", None),
        (cell(TEXT, "<text:p>５．そう思う</text:p>"), "text", "５．そう思う", None),
        (cell(TEXT, "<text:p>a</text:p><text:p>b</text:p>"), "text", "a\nb", None),
        (cell(TEXT, '<text:p>a<text:s text:c="2"/>b  c<text:tab/>d</text:p>'), "text", "a  b c\td", None),
        (cell(TEXT, "<text:p><text:span>x</text:span>y<text:line-break/>z</text:p>"), "text", "xy\nz", None),
        (
            cell(TEXT, "<office:annotation><text:p>a remark</text:p></office:annotation><text:p>5</text:p>"),
            "text", "5", None,
        ),
        (
            cell(
                TEXT,
                "<text:p><text:ruby><text:ruby-base>東</text:ruby-base><text:ruby-text>トウ</text:ruby-text>"
                "</text:ruby></text:p>",
            ),
            "text", "東", None,
        ),
        (cell(f'{TEXT} office:string-value="told"'), "text", "told", None),
        (cell("", "<text:p>untyped</text:p>"), "text", "untyped", None),
    ],
)  # fmt: skip
def test_a_cell_as_it_stands(xml: str, kind: str, raw: str, number: float | None) -> None:
    found = book(f"<table:table-row>{xml}</table:table-row>").sheet("S").cells[1, "A"]
    assert found == RawCell("S", "A1", kind, raw, number)


def test_repeated_rows_and_cells_stand_where_they_are_shown() -> None:
    one = cell(f'{TEXT} table:number-columns-repeated="2"', "<text:p>x</text:p>")
    rows = (
        '<table:table-row table:number-rows-repeated="3"><table:table-cell/></table:table-row>'
        '<table:table-row-group><table:table-row table:number-rows-repeated="2">'
        f'<table:table-cell table:number-columns-repeated="26"/>{one}<table:covered-table-cell/>'
        "</table:table-row></table:table-row-group>"
        '<table:table-row table:number-rows-repeated="1048570"><table:table-cell/></table:table-row>'
    )
    assert set(book(rows).sheet("S").cells) == {(4, "AA"), (4, "AB"), (5, "AA"), (5, "AB")}


@pytest.mark.parametrize(
    "row",
    [
        '<table:table-row table:number-rows-repeated="1048576">{}</table:table-row>',
        '<table:table-row table:number-rows-repeated="99999999">{}</table:table-row>',
        "<table:table-row>{}</table:table-row>" * 10,
    ],
)
def test_a_few_bytes_that_stand_for_billions_of_cells_are_refused(row: str) -> None:
    wide = cell(f'{TEXT} table:number-columns-repeated="16384"', "<text:p>x</text:p>")
    with pytest.raises(SurveykitError, match=r"\[R012\]"):
        book(row.replace("{}", wide)).sheet("S")


def test_a_count_of_blanks_cannot_fill_the_memory() -> None:
    many = cell(TEXT, '<text:p>a<text:s text:c="99999999"/>b<text:s text:c="-1"/></text:p>')
    assert len(book(f"<table:table-row>{many}</table:table-row>").sheet("S").cells[1, "A"].raw) == 32_770


def test_a_text_nested_a_hundred_thousand_deep_is_read() -> None:
    deep = "<text:span>" * 100_000 + "x" + "</text:span>" * 100_000
    found = book(f"<table:table-row>{cell(TEXT, f'<text:p>{deep}</text:p>')}</table:table-row>")
    assert found.sheet("S").cells[1, "A"].raw == "x"


def test_names_and_where_they_point() -> None:
    targets = {
        "sk_a": ("$S.$D$7", ("S", "D", 7)),
        "SK_b": ("$'It''s, 本'.$D$8", ("It's, 本", "D", 8)),
        "sk_c": ("$S.$D$9:$S.$E$9", ("S", "D", 9)),
        "sk_d": ("$S.$D$9:.$E$9", ("S", "D", 9)),
        "sk_gone": ("$S.#REF!", None),
        "sk_else": ("'file:///other.ods'#$S.$A$1", None),
    }
    names = "".join(
        f'<table:named-range table:name="{name}" table:cell-range-address="{target}"/>'
        for name, (target, _) in targets.items()
    )
    assert book("", names).names == {name.casefold(): spot for name, (_, spot) in targets.items()}


def test_properties_and_the_day_it_was_saved() -> None:
    meta = (
        f'<office:document-meta {ODS_SPACES} xmlns:dc="http://purl.org/dc/elements/1.1/"><office:meta>'
        '<dc:date>2026-05-01T10:00:00</dc:date><meta:user-defined meta:name="surveykit_language">ja'
        "</meta:user-defined></office:meta></office:document-meta>"
    )
    found = book(meta=meta)
    assert found.modified == "2026-05-01T10:00:00"
    assert found.properties == {"surveykit_language": "ja"}
    assert (book().modified, book().properties) == ("", {})


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({}, "R006"),
        ({"content.xml": "<x/>"}, "R006"),
        ({"content.xml": "<x"}, "R006"),
        ({"content.xml": "<!DOCTYPE x><x/>"}, "R008"),
        ({"Basic/Standard/Module1.xml": "<x/>"}, "R009"),
    ],
)
def test_a_damaged_or_hostile_one_is_refused(parts: dict[str, str], code: str) -> None:
    with pytest.raises(SurveykitError) as refusal:
        read_workbook(guarded(zipped({"mimetype": ODS, **parts}), "f"))
    assert refusal.value.code == code


def test_a_sheet_that_is_a_link_to_another_file_is_refused() -> None:
    with pytest.raises(SurveykitError, match=r"\[R010\]"):
        book('<table:table-source xlink:href="x" xmlns:xlink="http://www.w3.org/1999/xlink"/>')


def test_damaged_properties_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SurveykitError, match=r"\[R006\]"):
        _ = book(meta="<x").modified
