"""Missing codes against limits and conditions: 99 is not more than 3, and -9 may be entered."""

import csv
import io

import pytest

from hand_made import instrument, item
from surveykit.errors import SurveykitWarning
from surveykit.form.redcap import redcap_csv, write_redcap
from surveykit.form.xlsform import write_xlsform
from surveykit.instrument.missing_conditions import met_by_missing


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("agree >= 4", [("agree", (99,))]),
        ("agree > 4 and years < 5", [("agree", (99,)), ("years", (-9,))]),
        ("agree != 1", [("agree", (99,))]),
        ("agree < 4", []),  # 99 is not
        ("agree == 4", []),
        ("agree == 99", []),
        ("agree in (4, 5)", []),
        ("agree >= 4 and agree != 99", []),  # it was thought of
        ("agree >= 4 and not agree == 99", []),
        ("not (agree <= 3)", [("agree", (99,))]),
        ("not agree <= 3", [("agree", (99,))]),
        ("not (agree > 3)", []),
        ("not not agree > 3", [("agree", (99,))]),
        ("not (agree == 1)", [("agree", (99,))]),  # as agree != 1
        ("not (agree in (1, 2))", [("agree", (99,))]),
        ("not (agree in (1, 99))", []),
        ("agree >= 1 and agree <= 5", []),  # no missing code is within
        ("not (agree < 1 or agree > 5)", []),
        ("agree < 1 or agree > 5", [("agree", (99,))]),
        ("agree > 3 and (agree <= 5 or years == 1)", [("agree", (99,))]),  # where years is 1
        ("agree > 3 and not (years > 5 or agree > 5)", [("years", (-9,))]),
        ("agree < 3 or years == 1", []),  # true with 99, but not because of it
        ("agree > 3 or answered(agree)", []),  # any answer is meant
        ("agree > 3 and answered(agree)", [("agree", (99,))]),
        ("agree > 3 and not answered(agree)", []),
        ("years >= 5 or answered(agree)", [("years", (999,))]),
        ("channels in (1, 2)", []),
    ],
)
def test_conditions_that_a_missing_code_fulfils(
    condition: str, found: list[tuple[str, tuple[int, ...]]]
) -> None:
    inst = instrument(
        item("agree"),
        item("years", "number", minimum=0, maximum=60, missing_codes=(-9, 999)),
        item("channels", "multiple", "channel"),
        item("why", "text", show_if=condition),
    )
    assert [(one.asked, one.codes) for one in met_by_missing(inst)] == found


def test_they_are_told_where_the_questionnaire_goes_to_other_systems(tmp_path) -> None:  # type: ignore[no-untyped-def]
    inst = instrument(item("agree"), item("why", "text", show_if="agree >= 4"))
    with pytest.warns(SurveykitWarning, match="F032.*99"):
        write_xlsform(inst, tmp_path / "x.xlsx")
    with pytest.warns(SurveykitWarning, match="F032.*99"):
        write_redcap(inst, tmp_path / "r.csv")


@pytest.mark.parametrize(
    ("limits", "codes", "written"),
    [
        ((0, 60), (), ("0", "60")),
        ((0, 60), (-9,), ("-9", "60")),
        ((0, 60), (999, -1), ("-1", "999")),
        ((0, 60), (30,), ("0", "60")),
        ((None, 60), (-9,), ("", "60")),
        ((0, None), (999,), ("0", "")),
    ],
)
def test_redcap_lets_missing_codes_in(
    limits: tuple[float | None, float | None], codes: tuple[int, ...], written: tuple[str, str]
) -> None:
    inst = instrument(item("years", "number", minimum=limits[0], maximum=limits[1], missing_codes=codes))
    row = list(csv.DictReader(io.StringIO(redcap_csv(inst, "en"))))[-1]
    assert (row["Text Validation Min"], row["Text Validation Max"]) == written


def test_that_a_range_was_widened_is_told(tmp_path) -> None:  # type: ignore[no-untyped-def]
    inst = instrument(item("years", "number", minimum=0, maximum=60, missing_codes=(-9,)))
    with pytest.warns(SurveykitWarning, match="E034.*years"):
        write_redcap(inst, tmp_path / "r.csv")
