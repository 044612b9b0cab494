"""`show_if` as Excel formulas: LibreOffice computes what `show_if` says."""

import csv
import itertools
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest

from hand_made import CHANNEL, ROLE, instrument, item
from surveykit.form.condition import excel_condition
from surveykit.form.layout import Layout, Slot, layout, option_text
from surveykit.instrument.model import Instrument
from surveykit.instrument.show_if import parse_show_if

CONDITIONS = [
    "role == 2",
    "role != 2",
    "role >= 2 and staff < 10.5",
    "not (role == 1) or answered(staff)",
    "role in (1, 3)",
    "staff in (-5, 10, 1000)",
    "channels in (2, 10)",
    "channels == 1",
    "channels > 1 and not channels == 10",
    "answered(channels)",
    "not answered(role)",
]


def form() -> Instrument:
    return instrument(
        item("role", "single", "role3"), item("staff", "number"), item("channels", "multiple", "channel")
    )


def test_formulas_read_the_number_at_the_beginning_of_the_cell() -> None:
    code = 'VALUE(LEFT(TRIM($D$6),FIND(" ",TRIM($D$6)&" ")-1))'
    grid = layout(form())
    assert excel_condition("role == 2", grid) == f"IFERROR({code}=2,FALSE)"
    assert excel_condition("role != 2", grid) == f"IFERROR({code}<>2,FALSE)"
    assert excel_condition("role in (1, 3)", grid) == f'IFERROR(ISNUMBER(FIND(";"&{code}&";",";1;3;")),FALSE)'
    chosen = excel_condition("channels in (2, 10)", grid)
    assert chosen.count("LEN(TRIM(") == 4


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed")
def test_libreoffice_computes_what_show_if_says(tmp_path: Path) -> None:
    grid = layout(form())
    answers = [
        {"role": role, "staff": staff, "channels": channels}
        for role, staff, channels in itertools.product([None, 1, 2], [None, 10, 11.5], [None, (1,), (2, 10)])
    ]
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, one in enumerate(answers):
        sheet = book.create_sheet(f"s{number}")
        _enter(sheet, grid, one)
        for row, condition in enumerate(CONDITIONS, 1):
            sheet[f"H{row}"] = f"=IF({excel_condition(condition, grid)},1,0)"
    result = book.create_sheet("result", 0)
    for number in range(len(answers)):
        for row in range(1, len(CONDITIONS) + 1):
            result.cell(number + 1, row, f"=s{number}!H{row}")
    book.save(tmp_path / "conditions.xlsx")
    for one, found in zip(answers, _computed(tmp_path / "conditions.xlsx"), strict=True):
        expected = [str(int(parse_show_if(condition).evaluate(one))) for condition in CONDITIONS]
        assert found == expected, one


def _enter(sheet: object, grid: Layout, answers: dict[str, object]) -> None:
    rows = grid.slots
    for slot, row in rows.items():
        value = answers[slot.item]
        if slot.option is not None:
            value = "✓" if isinstance(value, tuple) and slot.option in value else None
        elif slot == Slot("role") and isinstance(value, int):
            value = option_text(ROLE, value, "en")
        sheet[f"D{row}"] = value  # type: ignore[index]


def _computed(path: Path) -> list[list[str]]:
    home = f"-env:UserInstallation={(path.parent / 'office').as_uri()}"
    command = ["soffice", home, "--headless", "--convert-to", "csv", "--outdir", str(path.parent), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    with path.with_suffix(".csv").open(newline="") as file:
        return list(csv.reader(file))


def test_the_channel_scale_has_a_code_of_two_digits() -> None:
    assert 10 in CHANNEL.labels  # so that looking up 1 must not find 10
