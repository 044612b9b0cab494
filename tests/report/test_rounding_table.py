"""The spread of estimates within the printed rounding, as a report shows it."""

import numpy as np
import pytest

from surveykit.analysis.rounding import PrintedMoments, rounding_sensitivity
from surveykit.errors import note
from surveykit.report.blocks import blocks
from surveykit.report.document import Table
from surveykit.report.names import Names
from surveykit.report.notes import note_lines

COR = np.array([[1.0, 0.5, 0.4], [0.5, 1.0, 0.3], [0.4, 0.3, 1.0]])


def shown(names: Names, groups: int = 1) -> Table:
    printed = [
        PrintedMoments(("x", "m", "y"), 90, COR, np.ones(3), group=one) for one in ("JP", "KR")[:groups]
    ]
    result = rounding_sensitivity(
        "m ~ a*x\ny ~ b*m\nab := a*b", printed if groups > 1 else printed[0], draws=100
    )
    (table,) = blocks(result, names)
    assert isinstance(table, Table)
    return table


@pytest.mark.parametrize(
    ("lang", "header", "heading"),
    [
        ("en", ("Parameter", "Est.", "Middle 95%", "All draws"), "Paths"),
        ("ja", ("母数", "推定値", "中央の 95%", "全候補"), "パス係数"),
        ("ko", ("모수", "추정값", "가운데 95%", "모든 후보"), "경로계수"),
    ],
)
def test_parameters_stand_under_their_kind_in_words(lang: str, header: tuple[str, ...], heading: str) -> None:
    table = shown(Names(lang))
    assert table.header == header
    assert table.rows[0][0].text == heading
    assert table.rows[1][0].text == "x → m (a)"
    assert [row[0].text for row in table.rows if row[0].text.startswith("ab")] == ["ab = a*b"]
    assert table.rows[-1][0].text == "χ²"
    assert "100" in table.notes[0]
    words = " ".join(cell.text for row in table.rows for cell in row)
    assert "lowest" not in words
    assert "=~" not in words


def test_groups_are_called_by_their_labels() -> None:
    table = shown(Names("ko", groups={"JP": "일본", "KR": "한국"}), groups=2)
    labels = [row[0].text for row in table.rows]
    assert "m (일본)" in labels
    assert "m (한국)" in labels


def test_notes_call_groups_by_their_labels() -> None:
    names = Names("ja", groups={"KR": "韓国"})
    (line,) = note_lines([note("M093", used=9, total=10, where=" (KR)")], names)
    assert "韓国" in line
    assert "KR" not in line
    (line,) = note_lines([note("V008", group="KR", n=3, items=4)], names)
    assert "「韓国」" in line
