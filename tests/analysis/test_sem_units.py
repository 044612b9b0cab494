"""A variable in other units (yen, kilometres) changes its own parameters, and nothing else."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import surveykit as sk
from reference_data import dataset

DATA = dataset("hs1939")
MISSING = dataset("hs1939_missing")
MODEL = """
visual =~ x1 + a*x2 + x3
textual =~ x4 + x5 + x6
textual ~ b*visual
visual ~ x9
ab := a*b
"""
UNITS = [("x1", 1e4), ("x1", 1e-4), ("x5", 1e5), ("x5", 1e-5), ("x9", 1e6), ("x2", 1e-3)]


def rescaled(data: pd.DataFrame, name: str, unit: float) -> pd.DataFrame:
    return data.assign(**{name: data[name] * unit})


@pytest.mark.parametrize(("name", "unit"), UNITS)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"estimator": "MLR", "meanstructure": True},
        {"estimator": "WLS"},
        {"estimator": "GLS", "meanstructure": True},
        {"group": "school", "group_equal": ["loadings", "intercepts"]},
    ],
)
def test_units_change_nothing_but_their_own_parameters(
    name: str, unit: float, options: dict[str, Any]
) -> None:
    wanted = sk.sem(MODEL, DATA, **options)
    fit = sk.sem(MODEL, rescaled(DATA, name, unit), **options)
    assert [one.code for one in fit.notes] == [one.code for one in wanted.notes]
    measures, reference = fit.fit_measures(), wanted.fit_measures()
    for key in ("chisq", "df", "pvalue", "cfi", "tli", "rmsea", "srmr"):
        # A difference of objectives near 0.1 keeps ten digits; cfi and srmr lose some of them.
        assert measures[key] == pytest.approx(reference[key], rel=1e-6, abs=1e-7), key
    ours, theirs = fit.parameter_estimates(), wanted.parameter_estimates()
    assert ours["z"].tolist() == pytest.approx(theirs["z"].tolist(), rel=1e-5, abs=1e-6, nan_ok=True)
    assert ours["std_all"].tolist() == pytest.approx(theirs["std_all"].tolist(), rel=1e-5, abs=1e-7)


@pytest.mark.parametrize(("name", "unit"), UNITS[:4])
def test_incomplete_rows_know_no_units(name: str, unit: float) -> None:
    wanted = sk.sem(MODEL, MISSING, missing="ml", estimator="MLR")
    fit = sk.sem(MODEL, rescaled(MISSING, name, unit), missing="ml", estimator="MLR")
    for key in ("chisq", "chisq_scaled", "cfi", "srmr"):
        assert fit.fit_measures()[key] == pytest.approx(wanted.fit_measures()[key], rel=1e-5)
    ours, theirs = fit.parameter_estimates(), wanted.parameter_estimates()
    assert ours["z"].tolist() == pytest.approx(theirs["z"].tolist(), rel=1e-4, abs=1e-5, nan_ok=True)


def test_units_of_a_marker_are_lavaans() -> None:
    # lavaan 0.7-2: cfa("f =~ x1 + x2 + x3 + x4", transform(d, x1 = x1 * 1e6)); z of x2, x3, x4
    fit = sk.cfa("f =~ x1 + x2 + x3 + x4", rescaled(DATA, "x1", 1e6))
    assert fit.parameter_estimates()["z"][1:4].round(3).tolist() == [5.208, 5.930, 5.206]


@pytest.mark.parametrize("unit", [1e-2, 1e-4, 1e3])
def test_score_tests_know_no_units(unit: float) -> None:
    # lavaan 0.7-2 gives 0 with items in small units: its generalized inverse drops them (decision 0014).
    model = "visual =~ x1 + a*x2 + b*x3\ntextual =~ x4 + x5 + x6\na == b"
    small = DATA.assign(**{name: DATA[name] * unit for name in ("x4", "x5", "x6")})
    wanted, found = (
        sk.cfa(model, data, estimator="MLR").score_test(cumulative=True) for data in (DATA, small)
    )
    for column in ("chisq", "pvalue", "chisq_scaled"):
        assert found[column].tolist() == pytest.approx(wanted[column].tolist(), rel=1e-5, nan_ok=True)
    assert found["chisq"].min() > 1
