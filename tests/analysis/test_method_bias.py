"""Method bias and congruence of factors."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from reference_data import case, close, dataset
from surveykit.analysis.congruence import factor_congruence
from surveykit.analysis.factor import efa
from surveykit.analysis.method_bias import harman, marker_variable, unmeasured_method_factor
from surveykit.analysis.sem import cfa
from surveykit.errors import SurveykitError

NINE = [f"x{number}" for number in range(1, 10)]
MODEL = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
FIRST = pd.DataFrame({"F1": [0.7, 0.6, 0.5, 0.1, 0, -0.1], "F2": [0, 0.1, 0.2, 0.8, 0.7, 0.6]})
SECOND = pd.DataFrame({"F1": [0.1, 0.2, 0.1, 0.7, 0.6, 0.5], "F2": [0.6, 0.7, 0.6, 0.1, -0.1, 0.2]})


def test_harman_is_the_first_component_and_factor() -> None:
    result = harman(dataset("hs1939")[NINE])
    eigenvalues = case("kmo-bartlett-bfi")["results"]["hs"]["eigenvalues"]
    assert close(result.component_share, eigenvalues[0] / 9, 1e-10, 1e-10)
    assert close(result.factor_share, efa(dataset("hs1939")[NINE], 1).variance.iloc[1, 0], 1e-12, 1e-12)
    assert [one.code for one in result.notes] == ["S075"]


def test_a_method_factor_takes_what_the_items_share_beyond_their_factors() -> None:
    data = dataset("hs1939")
    result = unmeasured_method_factor(MODEL, data)
    plain, method = cfa(MODEL, data), cfa(result.model, data)
    expected = plain.fit_measures()["chisq"] - method.fit_measures()["chisq"]
    assert close(result.chisq_diff, expected, 1e-9, 1e-9)
    assert result.df_diff == 1
    assert len(result.loadings) == 9
    assert close(result.method_share, np.mean(result.loadings["method_loading"] ** 2), 1e-12, 1e-12)
    assert "fits" not in result.to_dict()


def test_the_difference_is_scaled_with_mlr() -> None:
    data = dataset("hs1939")
    robust = unmeasured_method_factor(MODEL, data, estimator="MLR")
    plain = unmeasured_method_factor(MODEL, data)
    assert robust.chisq_diff != plain.chisq_diff
    assert robust.df_diff == 1


def test_ordered_items_have_no_simple_difference() -> None:
    items = [f"u{number}" for number in range(1, 9)]
    model = "f1 =~ u1 + u2 + u3 + u4\nf2 =~ u5 + u6 + u7 + u8"
    result = unmeasured_method_factor(model, dataset("datcat"), ordered=items, estimator="WLSMV")
    assert np.isnan(result.pvalue)
    assert "S076" in [one.code for one in result.notes]


def test_lindell_and_whitney() -> None:
    rng = np.random.default_rng(1)
    data = pd.DataFrame(rng.normal(size=(200, 4)) + 0.6 * rng.normal(size=(200, 1)), columns=list("xyzm"))
    result = marker_variable(data, "m", ["x", "y", "z"])
    R = data.corr()
    shared = R.loc["m", ["x", "y", "z"]].abs().min()
    assert close(result.marker_r, shared, 1e-12, 1e-12)
    row = result.table.iloc[0]
    adjusted = (R.loc["x", "y"] - shared) / (1 - shared)
    assert close(row["r_adjusted"], adjusted, 1e-12, 1e-12)
    t = adjusted * np.sqrt(197 / (1 - adjusted**2))
    from scipy import stats

    assert close(row["pvalue_adjusted"], 2 * stats.t.sf(abs(t), 197), 1e-9, 1e-12)
    assert marker_variable(data, "m", ["x", "y"], marker_r=0.1).marker_r == 0.1


def test_tucker_phi_and_procrustes_equal_psych() -> None:
    # psych 2.2.9: factor.congruence(a, b), rounded by it to two decimals, and Procrustes(b, a)$loadings.
    plain = factor_congruence(FIRST, SECOND, procrustes=False)
    assert np.round(plain.phi.to_numpy(), 2).tolist() == [[0.23, 0.95], [0.99, 0.23]]
    assert plain.matched["match"].tolist() == ["F2", "F1"]
    turned = factor_congruence(FIRST, SECOND)
    assert turned.matched["match"].tolist() == ["F1", "F2"]
    printed = [0.5973719103267510, 0.6948936907694377, 0.5973719103267510]
    assert np.allclose(turned.rotated["F1"].head(3), printed, rtol=1e-12)
    assert close(turned.rotated.iloc[3, 1], 0.702238427371816, 1e-12, 0)
    # A rotation keeps lengths, and no other orthogonal matrix comes nearer.
    assert np.allclose((turned.rotated**2).sum(axis=1), (SECOND**2).sum(axis=1))
    best = np.sum((turned.rotated.to_numpy() - FIRST.to_numpy()) ** 2)
    for angle in np.linspace(0, 2 * np.pi, 50):
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        for flip in (np.eye(2), np.diag([1, -1])):
            assert np.sum((SECOND.to_numpy() @ turn @ flip - FIRST.to_numpy()) ** 2) >= best - 1e-12


def test_the_same_factors_in_another_order_are_congruent() -> None:
    found = efa(dataset("hs1939")[NINE], 3)
    shuffled = found.loadings[list(found.loadings.columns[::-1])].sample(frac=1, random_state=1)
    result = factor_congruence(found, shuffled)
    assert np.allclose(result.matched["phi"], 1)
    assert np.allclose(result.items, 1)


@pytest.mark.parametrize(
    ("code", "call"),
    [
        ("S073", lambda: factor_congruence(FIRST, SECOND.iloc[:5])),
        ("S073", lambda: factor_congruence(FIRST, SECOND[["F1"]])),
        ("S074", lambda: factor_congruence(FIRST.assign(F2=0.0), SECOND)),
        ("S056", lambda: unmeasured_method_factor("x1 ~ x2", dataset("hs1939"))),
        ("S029", lambda: marker_variable(dataset("hs1939"), "m", ["x1", "x2"])),
        ("S001", lambda: marker_variable(dataset("hs1939"), "x9", ["x1"])),
        ("O002", lambda: marker_variable(dataset("hs1939"), "x9", ["x1", "x2"], marker_r=2)),
        ("S001", lambda: harman(dataset("hs1939")[NINE[:2]])),
    ],
)
def test_refusals(code: str, call: Any) -> None:
    with pytest.raises(SurveykitError) as caught:
        call()
    assert caught.value.code == code
