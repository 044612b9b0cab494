"""The face of power: sizes rounded up, refusals."""

from collections.abc import Callable
from typing import Any

import pytest

import surveykit as sk
from reference_data import case, close
from surveykit.analysis.power import power_rmsea, power_two_means
from surveykit.analysis.power_designs import power_anova, power_paired, power_proportions
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


BASIC = case("power-basic")["results"]
# The record's own tolerance; sizes come from root searches on both sides, six digits.
TIGHT, ROOT = 1e-7, 1e-6


@pytest.mark.parametrize("row", BASIC["t_two_sample"])
def test_two_groups_equal_r(row: dict[str, float]) -> None:
    assert close(power_two_means(row["delta"], int(row["n"])).power, row["power"], TIGHT)


@pytest.mark.parametrize("row", BASIC["n_for_80"])
def test_other_sizes_equal_r(row: dict[str, float]) -> None:
    assert close(power_two_means(row["delta"], power=0.9).n_exact, row["n_90"], ROOT)
    assert close(power_two_means(row["delta"], two_sided=False).n_exact, row["n_one_sided"], ROOT)


@pytest.mark.parametrize("design", ["paired", "one_sample"])
def test_the_same_people_twice_equal_r(design: str) -> None:
    row = BASIC[design]
    result = power_paired(row["delta"], row["n"])
    assert close(result.power, row["power"], TIGHT)
    least = power_paired(row["delta"], power=row["power"])
    assert close(least.n_exact, row["n"], ROOT)


def test_several_groups_and_shares_equal_r() -> None:
    row = BASIC["anova"]
    f = (row["between_var"] * (row["groups"] - 1) / row["groups"] / row["within_var"]) ** 0.5
    assert close(power_anova(f, row["groups"], row["n"]).power, row["power"], TIGHT)
    least = power_anova(f, row["groups"])
    assert close(least.n_exact, row["n_for_80"], ROOT)
    assert least.n == (12, 12, 12, 12)
    row = BASIC["proportions"]
    assert close(power_proportions(row["p1"], row["p2"], row["n"]).power, row["power"], TIGHT)
    assert close(power_proportions(row["p1"], row["p2"], power=0.9).n_exact, row["n_for_90"], ROOT)


@pytest.mark.parametrize("key", ["close_fit", "not_close_fit", "exact_fit"])
def test_rmsea_equals_semtools(key: str) -> None:
    for row in case("power-rmsea")["results"][key]:
        result = power_rmsea(row["df"], row["n"], null=row["rmsea0"], true=row["rmseaA"])
        assert close(result.power, row["power"], TIGHT)


@pytest.mark.parametrize(
    ("call", "options", "code"),
    [
        (power_two_means, {"effect": 0.0}, "G031"),
        (power_two_means, {"effect": 0.5, "n": 1}, "G031"),
        (power_two_means, {"effect": 0.5, "power": 80}, "O002"),
        (power_paired, {"effect": 0.0}, "G031"),
        (power_paired, {"effect": 0.5, "n": 1}, "G031"),
        (power_anova, {"effect": 0.3, "groups": 1}, "G031"),
        (power_anova, {"effect": 1e-9, "groups": 3}, "G031"),
        (power_proportions, {"first": 0.5, "second": 0.5}, "G031"),
        (power_proportions, {"first": 0.5, "second": 1.5}, "O002"),
        (power_rmsea, {"df": 0}, "G031"),
        (power_rmsea, {"df": 5, "null": 0.05, "true": 0.05}, "G031"),
    ],
)
def test_bad_input_is_refused(call: Any, options: dict[str, Any], code: str) -> None:
    with pytest.raises(SurveykitError, match=code):
        call(**options)


@pytest.mark.parametrize(
    "call",
    [
        lambda: sk.power_two_means("a"),
        lambda: sk.power_two_means(0.5, "64"),
        lambda: sk.power_two_means(0.5, (64, None)),
        lambda: sk.power_two_means(True),
        lambda: sk.power_rmsea("a"),
        lambda: sk.power_rmsea(24, null="x"),
        lambda: sk.power_rmsea(24, float("nan")),
        lambda: sk.power_paired(None),
        lambda: sk.power_anova("a", 3),
        lambda: sk.power_anova(0.25, "3"),
        lambda: sk.power_proportions(0.5, 0.75, "n"),
        lambda: sk.power_sem("f =~ x1", "f =~ x1", df="1"),
    ],
)
def test_what_is_no_number_is_refused(call: Callable[[], object]) -> None:
    with pytest.raises(SurveykitError) as caught:
        call()
    assert caught.value.code == "O004"
