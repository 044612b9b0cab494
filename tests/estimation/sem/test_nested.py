"""Tests of nested models against R's lavTestLRT, from the chi-squares that stand beside them."""

import math
from itertools import pairwise
from typing import Any

import pytest

from reference_data import case, close
from sem_reference import sem_cases
from surveykit.estimation.sem import nested
from surveykit.estimation.sem.fit_indices import rmsea


def comparisons(*methods: str) -> list[Any]:
    """(fits by name, rows of the table), for comparisons by one of some methods."""
    found = []
    for name in sem_cases():
        one = case(name)
        fits = {fit["name"]: fit for fit in one["fits"]}
        for number, table in enumerate(one.get("comparisons") or []):
            if table["method"] in methods and "table" in table:
                found.append(pytest.param(fits, table["table"], id=f"{name}:{table['method']}:{number}"))
    return found


def agrees(got: nested.Difference, row: dict[str, Any]) -> bool:
    # lavaan rounds the difference to ten decimals
    return (
        close(got.stat, row["Chisq diff"], 1e-9, 2e-10)
        and close(got.df, row["Df diff"], 1e-12)
        and close(got.pvalue, row["Pr(>Chisq)"], 1e-8, 1e-10)
    )


@pytest.mark.parametrize(("fits", "table"), comparisons("default"))
def test_plain_differences(fits: dict[str, Any], table: list[dict[str, Any]]) -> None:
    for free, restricted in pairwise(table):
        got = nested.plain(restricted["Chisq"], restricted["Df"], free["Chisq"], free["Df"])
        assert agrees(got, restricted)
        n = fits[restricted["model"]]["n"]
        groups = max(len(n["groups"]), 1)
        if restricted.get("RMSEA") is not None:
            assert close(rmsea(got.stat, got.df, n["ntotal"], groups), restricted["RMSEA"], 1e-8, 1e-9)


@pytest.mark.parametrize(("fits", "table"), comparisons("satorra.bentler.2001"))
def test_scaled_differences(fits: dict[str, Any], table: list[dict[str, Any]]) -> None:
    def scaling(name: str) -> float:
        return float(fits[name]["fit"]["chisq.scaling.factor"])

    for free, restricted in pairwise(table):
        got = nested.satorra_bentler_2001(
            restricted["Chisq"],
            restricted["Df"],
            scaling(restricted["model"]),
            free["Chisq"],
            free["Df"],
            scaling(free["model"]),
        )
        assert agrees(got, restricted)


def test_a_saturated_or_perfect_model_does_not_count() -> None:
    assert nested.satorra_bentler_2001(10.0, 5, 1.2, 0.0, 0, math.nan).scaling_factor == 1.2
    assert nested.satorra_bentler_2001(10.0, 5, 1.2, 0.0, 2, 9.0).scaling_factor == 2.0


def test_a_negative_scaling_factor_gives_no_number() -> None:
    got = nested.satorra_bentler_2001(10.0, 5, 0.5, 8.0, 4, 1.5)
    assert math.isnan(got.stat)
    assert math.isnan(got.pvalue)


@pytest.mark.parametrize(
    "got",
    [
        nested.plain(10.0, 5, 8.0, 5),
        nested.satorra_bentler_2001(10.0, 5, 1.1, 8.0, 5, 1.2),
        nested.satorra_bentler_2010(10.0, 5, 1.1, 8.0, 5, 1.2),
    ],
)
def test_equal_degrees_of_freedom_have_no_pvalue(got: nested.Difference) -> None:
    assert math.isnan(got.pvalue)
    assert got.df == 0


def test_under_normality_satorras_test_is_the_plain_difference() -> None:
    # The mixture is a chi-square then: tr(U Gamma) = tr((U Gamma)^2) = df; no scale, no shift.
    for options in ({}, {"scaled_shifted": False}, {"scaled_shifted": False, "satterthwaite": True}):
        got = nested.satorra_2000(12.0, 5, 9.0, 3, (2.0, 2.0), **options)
        assert got.stat == pytest.approx(3.0, rel=1e-12)
        assert got.df == pytest.approx(2.0, rel=1e-12)


def test_satorras_test_matches_mean_and_variance() -> None:
    # A mixture of 2 and 1 times chi-squares of one degree of freedom: mean 3, variance 10.
    traces, four = (3.0, 5.0), (10.0, 5, 4.0, 3)
    assert nested.satorra_2000(*four, traces, scaled_shifted=False).scaling_factor == pytest.approx(1.5)
    matched = nested.satorra_2000(*four, traces, satterthwaite=True, scaled_shifted=False)
    assert (matched.scaling_factor, matched.df) == pytest.approx((5 / 3, 9 / 5))
    shifted = nested.satorra_2000(*four, traces)
    assert (3 * shifted.scaling_factor + shifted.shift, shifted.scaling_factor**2 * 10) == pytest.approx(
        (2, 4)
    )


def test_equal_models_are_not_tested() -> None:
    assert math.isnan(nested.satorra_2000(9.0, 4, 9.0, 4, (0.0, 0.0)).pvalue)
