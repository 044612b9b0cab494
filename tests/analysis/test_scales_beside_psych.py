"""Data that the reference folder does not have: odd numbers of items, gaps, weak factors, eleven points."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import surveykit as sk

FOLDER = Path(__file__).parent / "scales_psych"
PSYCH = json.loads((FOLDER / "psych.json").read_text("utf-8"))
FACTORS = {"two_factors": 2, "gaps": 3, "noisy": 3, "eleven_points": 2}
# Formulas agree to rounding; what rests on a search, to where psych's stops (about 1e-5 of the gradient).
EXACT, SEARCHED = 1e-8, 2e-3
pytestmark = [
    pytest.mark.filterwarnings("ignore::surveykit.errors.SurveykitWarning"),
    pytest.mark.parametrize("name", FACTORS),
]
TOTAL = {
    "raw_alpha": "cronbach_alpha", "std.alpha": "standardized_alpha", "G6(smc)": "lambda6",
    "average_r": "average_r", "S/N": "signal_noise", "ase": "se", "mean": "mean", "sd": "sd",
    "median_r": "median_r",
}  # fmt: skip
ITEMS = {"n": "n", "raw.r": "r_raw", "std.r": "r_std", "r.cor": "r_cor", "r.drop": "r_drop", "sd": "sd"}
DROPPED = {
    "raw_alpha": "alpha", "std.alpha": "standardized_alpha", "G6(smc)": "lambda6", "average_r": "average_r",
    "S/N": "signal_noise", "alpha se": "se", "var.r": "var_r", "med.r": "median_r",
}  # fmt: skip


def answers(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / f"{name}.csv")


def same(ours: Any, theirs: Any, tolerance: float = EXACT) -> None:
    """Equal to `tolerance`, of the number's own size where that is above 1."""
    a, b = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    assert a.shape == b.shape
    assert np.all(np.abs(a - b) <= tolerance * np.maximum(1, np.abs(b)))


def test_alpha(name: str) -> None:
    expected, result = PSYCH[name]["alpha"], sk.cronbach_alpha(answers(name), missing="pairwise")
    for theirs, ours in TOTAL.items():
        same(getattr(result, ours), expected["total"][0][theirs])
    same(result.unidim, expected["unidim"])
    for theirs, ours in ITEMS.items():
        same(result.item_statistics[ours], [row[theirs] for row in expected["items"]])
    for theirs, ours in DROPPED.items():
        same(result.item_statistics[f"{ours}_if_dropped"], [row[theirs] for row in expected["dropped"]])


def test_omega(name: str) -> None:
    result = sk.omega(answers(name), FACTORS[name])
    for field, value in PSYCH[name]["omega"].items():
        same(getattr(result, field), value, 1e-3)


@pytest.mark.parametrize("rotation", ["none", "varimax", "promax", "oblimin", "geominQ"])
@pytest.mark.parametrize("method", ["minres", "ml", "pa"])
def test_efa(name: str, method: str, rotation: str) -> None:
    expected = PSYCH[name]["efa"][f"{method} {rotation}"]
    ours = {"geominQ": "geomin"}.get(rotation, rotation)
    result = sk.efa(answers(name), FACTORS[name], method=method, rotation=ours)
    measures = result.fit_measures()
    same(result.loadings, expected["loadings"], SEARCHED)
    same(result.communality, expected["communality"], SEARCHED)
    if expected["phi"]:
        same(result.phi, expected["phi"], SEARCHED)
    for field in ("tli", "bic", "chisq", "rms"):
        same(measures[field], expected[field], 1e-3)
    same(measures[["rmsea", "rmsea_ci_lower", "rmsea_ci_upper"]], expected["rmsea"], 1e-3)


def test_pairwise_factors(name: str) -> None:
    result = sk.efa(answers(name), FACTORS[name], missing="pairwise", rotation="none")
    same(result.communality, PSYCH[name]["pairwise"]["communality"], SEARCHED)
    same(result.fit_measures()["chisq"], PSYCH[name]["pairwise"]["chisq"], 1e-3)


def test_bounds_and_splits(name: str) -> None:
    expected, data = PSYCH[name], answers(name)
    bounds, halves = sk.guttman(data), sk.split_half(data)
    for field, value in expected["guttman"].items():
        same(getattr(bounds, field), value)
    for field, value in expected["split"].items():
        same(halves.psych[field], value)


def test_adequacy_and_number_of_factors(name: str) -> None:
    expected, data = PSYCH[name], answers(name)
    adequacy, test = sk.kmo(data, missing="pairwise"), sk.bartlett_sphericity(data)
    same(adequacy.msa, expected["kmo"]["msa"])
    same(adequacy.msa_items, expected["kmo"]["items"])
    same([test.chisq, test.pvalue], [expected["bartlett"]["chisq"], expected["bartlett"]["pvalue"]])
    same(sk.map_test(data, max_factors=4).map, expected["map"])


def test_raters(name: str) -> None:
    expected, complete = PSYCH[name], answers(name).dropna()
    wide = complete.reset_index(names="target")
    table = sk.icc(
        wide.melt(id_vars="target", var_name="rater", value_name="y"), "target", "rater", "y"
    ).table
    columns = {"ICC": "icc", "F": "F", "p": "pvalue", "lower bound": "ci_lower", "upper bound": "ci_upper"}
    for theirs, ours in columns.items():
        same(table[ours], [row[theirs] for row in expected["icc"]], 1e-6)
    first, second = complete.iloc[:, 0], complete.iloc[:, 1]
    plain, weighted = sk.cohen_kappa(first, second), sk.cohen_kappa(first, second, "quadratic")
    same([plain.kappa, plain.se**2], [expected["kappa"]["kappa"], expected["kappa"]["variance"]])
    same(weighted.kappa, expected["kappa"]["weighted"])


def test_latent_correlations_and_normality(name: str) -> None:
    expected, data = PSYCH[name], answers(name)
    # lavaan's are within 1e-8 of the exact two-step solution; 0.6-14 stops its search at about 1e-6.
    same(sk.polychoric(data).correlations, expected["polychoric"], 2e-6)
    for field, value in expected["mardia"].items():
        same(getattr(sk.mardia(data), field), value)
