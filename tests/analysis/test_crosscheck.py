"""semopy's second opinion, asked only where it can speak."""

import pytest

from reference_data import dataset
from surveykit.analysis.crosscheck import crosscheck
from surveykit.analysis.sem import cfa, sem
from surveykit.errors import SurveykitError

HS = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
PD = "ind60 =~ x1 + x2 + x3\ndem60 =~ y1 + y2 + y3 + y4\ndem60 ~ ind60"


@pytest.mark.parametrize(
    ("model", "data", "parameters"), [(HS, "hs1939", 21), (PD, "political_democracy", 15)]
)
def test_two_programs_agree(model: str, data: str, parameters: int) -> None:
    result = crosscheck(sem(model, dataset(data)))
    assert result.agrees, (result.parameter, result.largest)
    assert len(result.to_frame()) == parameters


@pytest.mark.parametrize(
    "options",
    [{"group": "school"}, {"estimator": "GLS"}, {"missing": "ml"}, {"group": "school", "estimator": "MLR"}],
)
def test_what_semopy_cannot_fit_is_refused(options: dict[str, str]) -> None:
    with pytest.raises(SurveykitError, match="M106"):
        crosscheck(cfa(HS, dataset("hs1939"), **options))


def test_constraints_are_refused() -> None:
    with pytest.raises(SurveykitError, match="M106"):
        crosscheck(cfa("f =~ x1 + a*x2 + a*x3 + x4", dataset("hs1939")))
