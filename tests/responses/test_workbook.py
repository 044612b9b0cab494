"""The lean reader: cells as they stand, whoever wrote the workbook."""

import datetime
from pathlib import Path

import openpyxl
import pytest

from surveykit.errors import SurveykitError
from surveykit.responses.excel import RawCell, Workbook, read_workbook
from surveykit.responses.guard import open_guarded
from workbooks import RELATIONS, SPACE, changed, tiny

STYLES = (
    f'<styleSheet xmlns="{SPACE}"><numFmts>'
    '<numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;"/>'
    '<numFmt numFmtId="165" formatCode="0.0&quot;days&quot;"/>'
    '<numFmt numFmtId="166" formatCode="[Red]General"/>'
    '<numFmt numFmtId="167" formatCode="[h]:mm"/></numFmts><cellXfs>'
    + "".join(f'<xf numFmtId="{code}"/>' for code in (0, 14, 164, 165, 166, 167, 49))
    + "</cellXfs></styleSheet>"
)
STRINGS = (
    f'<sst xmlns="{SPACE}"><si><t>plain</t></si>'
    "<si><r><t>rich </t></r><r><rPr><b/></rPr><t>text</t></r></si>"
    '<si><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh><phoneticPr fontId="1"/></si>'
    "<si><t>_x0041_ _x005F_x0041_</t></si></sst>"
)


def book(tmp_path: Path, sheet: str, extra: dict[str, str] | None = None) -> Workbook:
    path = tmp_path / "book.xlsx"
    path.write_bytes(
        tiny(sheet, extra={"xl/styles.xml": STYLES, "xl/sharedStrings.xml": STRINGS, **(extra or {})})
    )
    return read_workbook(open_guarded(path))


@pytest.mark.parametrize(
    ("cell", "kind", "raw", "number"),
    [
        ('<c r="A1"><v>5</v></c>', "number", "5", 5),
        ('<c r="A1" t="n"><v>1.5E2</v></c>', "number", "1.5E2", 150),
        ('<c r="A1" t="s"><v>0</v></c>', "text", "plain", None),
        ('<c r="A1" t="s"><v>1</v></c>', "text", "rich text", None),
        ('<c r="A1" t="s"><v>2</v></c>', "text", "東京", None),
        ('<c r="A1" t="s"><v>3</v></c>', "text", "A _x0041_", None),
        ('<c r="A1" t="inlineStr"><is><t>in</t></is></c>', "text", "in", None),
        ('<c r="A1" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c>', "text", "ab", None),
        (
            '<c r="A1" t="str"><v>text of a formula saved as value</v></c>',
            "text",
            "text of a formula saved as value",
            None,
        ),
        ('<c r="A1"><f>1+1</f><v>2</v></c>', "formula", "=1+1", None),
        ('<c r="A1"><f>1+1</f></c>', "formula", "=1+1", None),
        ('<c r="A1" t="str"><f>"5"</f><v>5</v></c>', "formula", '="5"', None),
        ('<c r="A1" t="e"><f>1/0</f><v>#DIV/0!</v></c>', "formula", "=1/0", None),
        ('<c r="A1" t="e"><v>#N/A</v></c>', "error", "#N/A", None),
        ('<c r="A1" t="b"><v>1</v></c>', "boolean", "1", None),
        ('<c r="A1" s="1"><v>46024</v></c>', "date", "46024", 46024),
        ('<c r="A1" s="2"><v>46024</v></c>', "date", "46024", 46024),
        ('<c r="A1" s="3"><v>4</v></c>', "number", "4", 4),
        ('<c r="A1" s="4"><v>4</v></c>', "number", "4", 4),
        ('<c r="A1" s="5"><v>0.5</v></c>', "date", "0.5", 0.5),
        ('<c r="A1" s="6"><v>4</v></c>', "number", "4", 4),
        ('<c r="A1" s="99"><v>4</v></c>', "number", "4", 4),
        ('<c r="A1" t="d"><v>2026-01-02T00:00:00</v></c>', "date", "2026-01-02T00:00:00", None),
        ('<c r="A1"><v>NaN</v></c>', "error", "NaN", None),
        ('<c r="A1"><v>1_000</v></c>', "error", "1_000", None),
        ('<c r="A1"><v>1e999</v></c>', "error", "1e999", None),
    ],
)
def test_a_cell_as_it_stands(cell: str, kind: str, raw: str, number: float | None, tmp_path: Path) -> None:
    found = book(tmp_path, f'<sheetData><row r="1">{cell}</row></sheetData>').sheet("S").cells[1, "A"]
    assert found == RawCell("S", "A1", kind, raw, number)


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="A1"/>',
        '<c r="A1" s="2"></c>',
        '<c r="A1" t="inlineStr"></c>',
        '<c r="A1" t="s"/>',
        '<c r="A1" t="n"><v/></c>',
    ],
)
def test_an_empty_cell_is_no_cell(cell: str, tmp_path: Path) -> None:
    assert not book(tmp_path, f'<sheetData><row r="1">{cell}</row></sheetData>').sheet("S").cells


def test_addresses_that_are_not_told_are_the_next_ones(tmp_path: Path) -> None:
    rows = (
        "<row><c><v>1</v></c><c><v>2</v></c></row>"
        "<row r='5'><c r='Z5'><v>3</v></c><c><v>4</v></c></row><row><c><v>5</v></c></row>"
    )
    cells = book(tmp_path, f"<sheetData>{rows}</sheetData>").sheet("S").cells
    assert {key: cell.number for key, cell in cells.items()} == {
        (1, "A"): 1, (1, "B"): 2, (5, "Z"): 3, (5, "AA"): 4, (6, "A"): 5,
    }  # fmt: skip


def test_a_sheet_that_lies_about_its_size_is_read_whole(tmp_path: Path) -> None:
    rows = "<row><c><v>1</v></c></row>" * 2000
    assert len(book(tmp_path, f'<dimension ref="A1"/><sheetData>{rows}</sheetData>').sheet("S").cells) == 2000


def test_two_corners_of_a_sheet_cost_two_cells(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    cells = book(tmp_path, f'<dimension ref="A1:XFD1048576"/><sheetData>{rows}</sheetData>').sheet("S").cells
    assert list(cells) == [(1, "A"), (1048576, "XFD")]


def test_strict_workbooks_and_prefixes_are_read(tmp_path: Path) -> None:
    strict = "http://purl.oclc.org/ooxml/spreadsheetml/main"
    data = changed(
        tiny(),
        workbook=lambda xml: xml.replace(SPACE.encode(), strict.encode()).replace(
            RELATIONS.encode(), b"http://purl.oclc.org/ooxml/officeDocument/relationships"
        ),
        sheet1=lambda _: (
            f'<x:worksheet xmlns:x="{strict}"><x:sheetData><x:row r="2">'
            '<x:c r="B2"><x:v>7</x:v></x:c></x:row></x:sheetData></x:worksheet>'
        ).encode(),
    )
    (tmp_path / "strict.xlsx").write_bytes(data)
    found = read_workbook(open_guarded(tmp_path / "strict.xlsx"))
    assert found.sheet("S").cells[2, "B"].number == 7


def test_names_and_where_they_point(tmp_path: Path) -> None:
    names = {
        "sk_a": "'It''s, 本'!$D$7",
        "sk_b": "S!$D$8",
        "sk_c": "S!D9:E9",
        "sk_gone": "#REF!",
        "sk_gone2": "S!#REF!",
        "sk_other": "[1]S!$A$1",
        "sk_formula": "OFFSET(S!$A$1,1,1)",
    }
    defined = "".join(f'<definedName name="{key}">{value}</definedName>' for key, value in names.items())
    data = changed(
        tiny(),
        workbook=lambda xml: xml.replace(
            b"</workbook>", f"<definedNames>{defined}</definedNames></workbook>".encode()
        ),
    )
    (tmp_path / "names.xlsx").write_bytes(data)
    found = read_workbook(open_guarded(tmp_path / "names.xlsx")).names
    assert found["sk_a"] == ("It's, 本", "D", 7)
    assert found["sk_b"] == ("S", "D", 8)
    assert found["sk_c"] == ("S", "D", 9)
    assert {key for key, spot in found.items() if spot is None} == {
        "sk_gone",
        "sk_gone2",
        "sk_other",
        "sk_formula",
    }


def test_days_counted_from_1904(tmp_path: Path) -> None:
    path = tmp_path / "old_mac.xlsx"
    made = openpyxl.Workbook()
    made.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    made.active["A1"] = datetime.date(2026, 4, 30)
    made.active["A2"] = 5
    made.save(path)
    cells = read_workbook(open_guarded(path)).sheet("Sheet").cells
    assert (cells[1, "A"].kind, cells[1, "A"].number) == ("date", 46142)
    assert (cells[2, "A"].kind, cells[2, "A"].number) == ("number", 5)


@pytest.mark.parametrize(
    ("sheet", "extra"),
    [
        ("<sheetData><row>", {}),
        ('<sheetData><row r="1"><c t="s"><v>99</v></c></row></sheetData>', {}),
        ('<sheetData><row r="1"><c t="s"><v>-1</v></c></row></sheetData>', {}),
        ('<sheetData><row r="1"><c t="s"><v>0</v></c></row></sheetData>', {"xl/sharedStrings.xml": "<sst>"}),
        ('<sheetData><row r="1"><c s="0"><v>0</v></c></row></sheetData>', {"xl/styles.xml": "<st"}),
    ],
)
def test_xml_that_is_damaged_is_refused(sheet: str, extra: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(SurveykitError, match=r"\[R006\]"):
        book(tmp_path, sheet, extra).sheet("S")


def test_a_sheet_that_is_missing_is_refused(tmp_path: Path) -> None:
    data = changed(tiny(), workbook=lambda xml: xml.replace(b'r:id="rId1"', b'r:id="rId7"'))
    (tmp_path / "missing.xlsx").write_bytes(data)
    with pytest.raises(SurveykitError, match=r"\[R006\]"):
        read_workbook(open_guarded(tmp_path / "missing.xlsx")).sheet("S")
