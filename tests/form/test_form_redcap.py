"""REDCap's data dictionary: its columns, choices, checks, matrices and branching logic."""

import csv
import io
import re
from pathlib import Path

import pytest

from hand_made import instrument, item, sample, texts
from surveykit.errors import SurveykitError, SurveykitWarning
from surveykit.form.redcap import COLUMNS, redcap_csv, write_redcap
from surveykit.instrument.model import Instrument, ResponseScale, Section
from surveykit.instrument.reader import read_instrument

SHIPPED = sorted((Path(__file__).parents[2] / "instruments").glob("*.yaml"))
HEADER = (
    "Variable / Field Name,Form Name,Section Header,Field Type,Field Label,"
    '"Choices, Calculations, OR Slider Labels",Field Note,Text Validation Type OR Show Slider Number,'
    "Text Validation Min,Text Validation Max,Identifier?,Branching Logic (Show field only if...),"
    "Required Field?,Custom Alignment,Question Number (surveys only),Matrix Group Name,Matrix Ranking?,"
    "Field Annotation"
)
CHOICES, LOGIC = "Choices, Calculations, OR Slider Labels", "Branching Logic (Show field only if...)"
VALIDATION = "Text Validation Type OR Show Slider Number"


def fields(inst: Instrument, lang: str = "en") -> dict[str, dict[str, str]]:
    body = csv.DictReader(io.StringIO(redcap_csv(inst, lang), newline=""))
    return {row["Variable / Field Name"]: row for row in body}


def test_the_header_is_redcaps() -> None:
    assert redcap_csv(sample(), "en").split("\n", 1)[0] == HEADER
    assert len(COLUMNS) == 18


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("record_id", {"Field Type": "text", "Field Label": "回答者ID"}),
        ("trust_1", {"Field Type": "radio", "Required Field?": "y", "Matrix Group Name": "main_1",
                     CHOICES: "1, 全くそう思わない | 2, そう思わない | 3, どちらともいえない | 4, そう思う | "
                              "5, 非常にそう思う | 99, わからない"}),
        ("often", {"Field Type": "radio", "Matrix Group Name": ""}),
        ("reports", {LOGIC: "(([role] <> '' and [role] = 2) or ([role] <> '' and [role] = 3))"}),
        ("channels", {"Field Type": "checkbox",
                      CHOICES: "1, 訪問 | 2, 電子メール | 10, 展示会 | -9, 無回答"}),
        ("staff", {"Field Type": "text", VALIDATION: "number", "Text Validation Min": "1",
                   "Text Validation Max": "5000", "Field Note": "人, 1～5000"}),
        ("founded", {"Field Type": "text", VALIDATION: "date_ymd"}),
        ("city", {"Field Type": "text", VALIDATION: "", "Field Note": "20 文字以内"}),
        ("story", {"Field Type": "notes"}),
    ],
)  # fmt: skip
def test_each_kind_of_item(name: str, expected: dict[str, str]) -> None:
    row = fields(sample(), "ja")[name]
    assert {key: row[key] for key in expected} == expected
    assert row["Form Name"] == "sample"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda one: one.stem)
@pytest.mark.parametrize("lang", ["en", "ja", "ko"])
def test_shipped_instruments_keep_redcaps_rules(path: Path, lang: str) -> None:
    inst = read_instrument(path)
    found = fields(inst, lang)
    assert list(found)[1:] == [one.id for one in inst.items]
    for name, row in found.items():
        assert re.fullmatch(r"[a-z][a-z0-9_]*[a-z0-9]", name)
        assert row["Field Label"]
        assert (row["Field Type"] in ("radio", "checkbox")) == bool(row[CHOICES])
        for choice in filter(None, row[CHOICES].split(" | ")):
            assert re.fullmatch(r"-?\d+, .+", choice)
        for referred in re.findall(r"\[(\w+)", row[LOGIC]):
            assert referred in found
    matrices = [row["Matrix Group Name"] for row in found.values() if row["Matrix Group Name"]]
    for matrix in set(matrices):
        assert len({row[CHOICES] for row in found.values() if row["Matrix Group Name"] == matrix}) == 1
    headers = [row["Section Header"] for row in found.values() if row["Section Header"]]
    assert len(headers) == len(inst.sections)


@pytest.mark.parametrize("name", ["a__b", "a_", "redcap_event", "record_id"])
def test_names_that_redcap_would_change_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SurveykitError, match=rf"\[E032\].*{name}"):
        write_redcap(instrument(item(name)), tmp_path / "x.csv")


def test_a_bar_in_an_answer_is_refused(tmp_path: Path) -> None:
    scale = {"s": ResponseScale("s", {1: texts("a|b"), 2: texts("c")})}
    with pytest.raises(SurveykitError, match=r"\[E033\].*code 1"):
        write_redcap(instrument(item("a", scale="s"), response_scales=scale), tmp_path / "x.csv")


def test_languages_order_and_places(tmp_path: Path) -> None:
    with pytest.raises(SurveykitError, match="O001"):
        write_redcap(sample(), tmp_path / "x.csv", "fr")
    with pytest.raises(SurveykitError, match="F005"):
        write_redcap(instrument(item("a", text={"en": "only"})), tmp_path / "x.csv", "ja")
    (tmp_path / "file").write_text("")
    with pytest.raises(SurveykitError, match="F019"):
        write_redcap(sample(), tmp_path / "file" / "x.csv")
    section = Section("main", texts("Main"), (item("a"), item("b")), randomize=True)
    with pytest.warns(SurveykitWarning, match="E031"):
        path = write_redcap(instrument(sections=(section,)), tmp_path / "new" / "x.csv", "ko")
    assert "응답자 ID" in path.read_text(encoding="utf-8")
