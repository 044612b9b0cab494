"""The face of power: sizes rounded up, refusals."""

from typing import Any

import pytest

from reference_data import case, close
from surveykit.analysis.power import power_rmsea, power_two_means
from surveykit.errors import SurveykitError


def test_sizes_are_rounded_up_and_reach_the_power() -> None:
    for row in case("power-basic")["results"]["n_for_80"]:
        result = power_two_means(row["delta"])
        # Root searches on both sides: six digits.
        assert close(result.n_exact, row["n"], 1e-6)
        assert power_two_means(row["delta"], result.n[0] - 1).power < 0.8 <= result.power
    assert power_rmsea(24, 200).power == pytest.approx(0.509967428978634, rel=1e-7)


def test_what_can_be_shown_is_told() -> None:
    result = power_two_means(0.5, (5, 10))
    assert [note.code for note in result.notes] == ["G032"]
    assert "n = 5 / 10, power = .1" in result.summary()
    detectable = case("power-basic")["results"]["delta_detectable"]
    assert power_two_means(0.3, 64).notes[0].fields["detectable"] == f"{detectable:.2f}"


@pytest.mark.parametrize(
    ("call", "options", "code"),
    [
        (power_two_means, {"effect": 0.0}, "G031"),
        (power_two_means, {"effect": 0.5, "n": 1}, "G031"),
        (power_two_means, {"effect": 0.5, "power": 80}, "O002"),
        (power_rmsea, {"df": 0}, "G031"),
        (power_rmsea, {"df": 5, "null": 0.05, "true": 0.05}, "G031"),
    ],
)
def test_bad_input_is_refused(call: Any, options: dict[str, Any], code: str) -> None:
    with pytest.raises(SurveykitError, match=code):
        call(**options)
