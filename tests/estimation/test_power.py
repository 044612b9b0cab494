"""Power against R's power.t.test, power.anova.test, power.prop.test and semTools."""

import math

import pytest

from reference_data import case, close
from surveykit.estimation.power import (
    anova_power,
    chisq_power,
    proportions_power,
    rmsea_power,
    smallest,
    t_power,
    two_means,
)

BASIC, RMSEA = case("power-basic")["results"], case("power-rmsea")["results"]
# The records' own tolerance; sizes come from root searches on both sides.
TIGHT, ROOT = 1e-7, 1e-6


def two_groups(n: float, d: float, alpha: float = 0.05, **options: bool) -> float:
    return t_power(*two_means(n, n, d), alpha, **options)


@pytest.mark.parametrize("row", BASIC["t_two_sample"])
def test_two_means_equal_r(row: dict[str, float]) -> None:
    assert close(two_groups(row["n"], row["delta"]), row["power"], TIGHT)
    assert close(two_groups(row["n"], row["delta"], strict=True), row["power_strict"], TIGHT)


@pytest.mark.parametrize("row", BASIC["n_for_80"])
def test_sizes_equal_r(row: dict[str, float]) -> None:
    d = row["delta"]
    assert close(smallest(lambda n: two_groups(n, d), 0.8), row["n"], ROOT)
    assert close(smallest(lambda n: two_groups(n, d), 0.9), row["n_90"], ROOT)
    assert close(smallest(lambda n: two_groups(n, d, two_sided=False), 0.8), row["n_one_sided"], ROOT)


def test_other_designs_equal_r() -> None:
    for key in ("paired", "one_sample"):
        row = BASIC[key]
        assert close(t_power(row["delta"] * math.sqrt(row["n"]), row["n"] - 1, 0.05), row["power"], TIGHT)
    row = BASIC["unequal_n"]
    mine = t_power(*two_means(row["n1"], row["n2"], row["d"]), 0.05, strict=True)
    assert close(mine, row["power"], TIGHT)
    assert close(two_groups(64, BASIC["delta_detectable"]), 0.8, ROOT)
    row = BASIC["anova"]
    ratio = row["between_var"] / row["within_var"]
    assert close(anova_power(row["groups"], row["n"], ratio, 0.05), row["power"], TIGHT)
    assert close(smallest(lambda n: anova_power(row["groups"], n, ratio, 0.05), 0.8), row["n_for_80"], ROOT)
    row = BASIC["proportions"]
    assert close(proportions_power(row["n"], row["p1"], row["p2"], 0.05), row["power"], TIGHT)
    size = smallest(lambda n: proportions_power(n, row["p1"], row["p2"], 0.05), 0.9)
    assert close(size, row["n_for_90"], ROOT)


@pytest.mark.parametrize("key", ["close_fit", "not_close_fit", "exact_fit"])
def test_rmsea_power_equals_semtools(key: str) -> None:
    for row in RMSEA[key]:
        mine = rmsea_power(row["df"], row["n"], row["rmsea0"], row["rmseaA"], 0.05)
        assert close(mine, row["power"], TIGHT), row


@pytest.mark.parametrize("key", ["n_close_fit", "n_not_close_fit"])
def test_rmsea_sizes_equal_semtools(key: str) -> None:
    for row in RMSEA[key]:
        size = smallest(
            lambda n, row=row: rmsea_power(row["df"], n, row["rmsea0"], row["rmseaA"], 0.05), row["power"]
        )
        # semTools steps through whole numbers: within the record's allowance of one.
        assert abs(math.ceil(size) - row["n"]) <= 1


def test_groups_and_nested_models_equal_semtools() -> None:
    row = RMSEA["multigroup2"]
    mine = rmsea_power(row["df"], row["n"], row["rmsea0"], row["rmseaA"], 0.05, row["group"])
    assert close(mine, row["power"], TIGHT)
    row = RMSEA["nested"]

    def nested(n: float) -> float:
        gap = row["dfA"] * row["rmsea1A"] ** 2 - row["dfB"] * row["rmsea1B"] ** 2
        return chisq_power((n - 1) * gap, row["dfA"] - row["dfB"], row["alpha"])

    assert close(nested(row["n"]), row["power"], TIGHT)
    assert abs(math.ceil(smallest(nested, 0.8)) - row["n_for_power_80"]) <= 1


def test_satorra_saris_power_equals_lavaan() -> None:
    for row in case("power-satorra-saris")["results"]["by_n"]:
        assert close(chisq_power(row["ncp"], 1, 0.05), row["power"], TIGHT)


def test_what_no_size_can_reach_is_infinite() -> None:
    assert math.isinf(smallest(lambda n: two_groups(n, 0.0), 0.8))
