"""Tests of nested models against R's lavTestLRT, from the chi-squares that stand beside them."""

import math
from itertools import pairwise
from typing import Any

import numpy as np
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
    # With Gamma = W^-1 the mixture is a chi-square: no scale, no shift.
    generator = np.random.default_rng(3)
    weight = np.cov(generator.normal(size=(8, 60)))
    delta_1 = generator.normal(size=(8, 4))
    keep = np.array([[1.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    parts = nested.Satorra2000Parts(
        weight=[weight],
        gamma=[np.linalg.inv(weight)],
        delta_1=[delta_1],
        delta_0=[delta_1 @ keep],
        basis_1=np.eye(4),
        basis_0=np.eye(3),
        inverse=np.linalg.inv(delta_1.T @ weight @ delta_1),
        shares=[1.0],
    )
    for options in ({}, {"scaled_shifted": False}, {"scaled_shifted": False, "satterthwaite": True}):
        got = nested.satorra_2000(12.0, 5, 9.0, 4, parts, **options)
        assert got.stat == pytest.approx(3.0, rel=1e-10)
        assert got.df == pytest.approx(1.0, rel=1e-10)
