"""Robust indices of incomplete data, where the answer is known."""

from __future__ import annotations

import numpy as np
import pytest

import surveykit as sk
from reference_data import dataset

HS = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"


def test_without_gaps_the_correction_corrects_nothing() -> None:
    measures = sk.cfa(HS, dataset("hs1939"), missing="ml").fit_measures()
    for name in ("cfi", "tli", "rmsea", "rmsea_pvalue"):
        assert measures[f"{name}_robust"] == pytest.approx(measures[name], rel=1e-7)


def test_without_gaps_the_robust_ones_are_those_of_complete_data() -> None:
    one, other = (
        sk.cfa(HS, dataset("hs1939"), estimator="MLR", meanstructure=True, missing=missing).fit_measures()
        for missing in ("ml", "listwise")
    )
    # Version 3 takes the sandwich at the unrestricted moments, the scaled test that at the implied ones.
    assert one["cfi_robust"] == pytest.approx(other["cfi_robust"], abs=5e-3)
    assert one["rmsea_robust"] == pytest.approx(other["rmsea_robust"], abs=3e-3)


def test_gaps_hide_misfit_that_the_correction_brings_back() -> None:
    # Zhang & Savalei: the plain RMSEA shrinks with the share of missing values, the corrected one does not.
    data = sk.simulate_data("f =~ 0.8*a + 0.8*b + 0.7*c + 0.7*d + 0.6*e\na ~~ 0.2*b", 4000, seed=3)
    gaps = data.where(np.random.default_rng(1).random(data.shape) > 0.3)
    model = "f =~ a + b + c + d + e"
    whole = sk.cfa(model, data).fit_measures()["rmsea"]
    incomplete = sk.cfa(model, gaps, missing="ml").fit_measures()
    assert incomplete["rmsea"] < 0.85 * whole
    assert incomplete["rmsea_robust"] == pytest.approx(whole, rel=0.12)
