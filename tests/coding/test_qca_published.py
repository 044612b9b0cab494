"""QCA against printed numbers: the output of R's QCA package on Lipset's, Krook's and Ragin's data.

Three decimals are printed there; so the tolerance is half of the last.
"""

import numpy as np
import pandas as pd
import pytest
from qca_data import KROOK, LC, LF

from surveykit.coding.qca_necessity import necessity, super_subset
from surveykit.coding.qca_sets import calibrate
from surveykit.coding.qca_solution import minimize
from surveykit.coding.qca_table import truth_table

PRINTED = 0.0005 + 1e-9


def test_the_truth_table_of_lipset_s_crisp_data() -> None:
    frame = truth_table(LC, "SURV").frame
    assert frame["row"].tolist() == [1, 2, 5, 6, 22, 23, 24, 31, 32]
    assert "".join(frame["OUT"]) == "000010101"
    assert frame["n"].tolist() == [3, 2, 2, 1, 2, 1, 2, 1, 4]
    assert frame["cases"].tolist() == ["GR,PT,ES", "IT,RO", "HU,PL", "EE", "FI,IE", "AU", "FR,SE", "DE",
                                       "BE,CZ,NL,UK"]  # fmt: skip
    assert frame["incl"].tolist() == frame["PRI"].tolist() == [0, 0, 0, 0, 1, 0, 1, 0, 1]
    assert frame.loc[4, ["DEV", "URB", "LIT", "IND", "STB"]].tolist() == [1, 0, 1, 0, 1]


# model or term: inclS PRI covS covU cases
SOLUTIONS = [
    (LC, "SURV", 1.0, {}, "DEV*~URB*LIT*STB + DEV*LIT*IND*STB <-> SURV", [
        ("DEV*~URB*LIT*STB", 1, 1, 0.5, 0.25, "FI,IE; FR,SE"),
        ("DEV*LIT*IND*STB", 1, 1, 0.75, 0.5, "FR,SE; BE,CZ,NL,UK"), ("M1", 1, 1, 1, None, "")]),
    (LC, "~SURV", 1.0, {}, "~DEV*~URB*~IND + DEV*LIT*IND*~STB <-> ~SURV", None),
    (LC, "SURV", 1.0, {"include": "?"}, "DEV*STB <-> SURV", [
        ("DEV*STB", 1, 1, 1, None, "FI,IE; FR,SE; BE,CZ,NL,UK"), ("M1", 1, 1, 1, None, "")]),
    (LC, "~SURV", 1.0, {"include": "?"}, "~DEV + ~STB <-> ~SURV", [
        ("~DEV", 1, 1, 0.8, 0.3, "GR,PT,ES; IT,RO; HU,PL; EE"),
        ("~STB", 1, 1, 0.7, 0.2, "GR,PT,ES; HU,PL; AU; DE"),
        ("M1", 1, 1, 1, None, "")]),
    (LF, "SURV", 0.7, {}, "DEV*~URB*LIT*STB + DEV*LIT*IND*STB -> SURV", [
        ("DEV*~URB*LIT*STB", 0.809, 0.761, 0.433, 0.196, "FI,IE; FR,SE"),
        ("DEV*LIT*IND*STB", 0.843, 0.821, 0.622, 0.385, "FR,SE; BE,CZ,NL,UK"),
        ("M1", 0.871, 0.851, 0.818, None, "")]),
    (LF, "SURV", 0.7, {"include": "?"}, "DEV*STB -> SURV", [
        ("DEV*STB", 0.869, 0.848, 0.824, None, "FI,IE; FR,SE; BE,CZ,NL,UK"),
        ("M1", 0.869, 0.848, 0.824, None, "")]),
    (LF, "SURV", 0.7, {"include": "?", "dir_exp": "1,1,1,1,1"}, "DEV*LIT*STB -> SURV", [
        ("DEV*LIT*STB", 0.869, 0.848, 0.824, None, "FI,IE; FR,SE; BE,CZ,NL,UK"),
        ("M1", 0.869, 0.848, 0.824, None, "")]),
]  # fmt: skip


@pytest.mark.parametrize(("data", "outcome", "cut", "options", "expression", "rows"), SOLUTIONS)
def test_lipset_s_solutions(data, outcome, cut, options, expression, rows) -> None:  # type: ignore[no-untyped-def]
    found = minimize(truth_table(data, outcome, incl_cut=cut), **options)
    arrow = " <-> " if "<->" in expression else " -> "
    left, right = found.models["expression"].item().split(arrow)
    wanted = expression.split(arrow)
    assert (sorted(left.split(" + ")), right) == (sorted(wanted[0].split(" + ")), wanted[1])
    for term, incl, pri, coverage, unique, cases in rows or []:
        row = found.frame.set_index("term").loc[term]
        assert row[["inclS", "PRI", "covS"]].tolist() == pytest.approx([incl, pri, coverage], abs=PRINTED)
        assert pd.isna(row["covU"]) if unique is None else row["covU"] == pytest.approx(unique, abs=PRINTED)
        assert row["cases"] == cases


def test_the_assumptions_of_the_parsimonious_solution() -> None:
    found = minimize(truth_table(LC, "SURV"), include="?").assumptions
    assert found["row"].tolist() == [18, 20, 26, 28, 30]
    assert found.loc[1, ["DEV", "URB", "LIT", "IND", "STB"]].tolist() == [1, 0, 0, 1, 1]


def test_krook_s_complex_solution() -> None:
    found = minimize(truth_table(KROOK, "WNP")).frame.set_index("term")
    wanted = {
        "ES*QU*~WS*LP": (0.273, 0.091),
        "ES*QU*~WS*WM": (0.273, 0.091),
        "~ES*~WS*WM*LP": (0.182, 0.182),
        "ES*WS*~WM*~LP": (0.182, 0.182),
        "ES*WS*WM*LP": (0.273, 0.273),
    }
    assert set(found.index) == {*wanted, "M1"}
    for term, (coverage, unique) in wanted.items():
        assert found.loc[term, ["covS", "covU"]].tolist() == pytest.approx([coverage, unique], abs=PRINTED)
    assert found["inclS"].eq(1).all()


def test_necessary_conditions_of_lipset_s_data() -> None:
    found = super_subset(LC, "SURV").frame.set_index("term")
    wanted = {
        "DEV": (1, 0.8, 0.8), "LIT": (1, 0.5, 0.615), "STB": (1, 0.7, 0.727), "DEV*LIT": (1, 0.8, 0.8),
        "DEV*STB": (1, 1, 1), "LIT*STB": (1, 0.9, 0.889), "DEV*LIT*STB": (1, 1, 1),
        "~URB + IND": (1, 0, 0.444),
    }  # fmt: skip
    assert found.index.tolist() == list(wanted)
    for term, values in wanted.items():
        assert found.loc[term].tolist() == pytest.approx(values, abs=PRINTED)
    single = necessity(LC, "SURV").frame.set_index("term")
    assert single.loc["DEV"].tolist() == pytest.approx((1, 0.8, 0.8), abs=PRINTED)
    assert single.loc["~DEV", "inclN"] == 0


def test_necessary_conditions_of_krook_s_data() -> None:
    found = super_subset(KROOK, "WNP", incl_cut=0.9, ron_cut=0.5).frame.set_index("term")
    wanted = {
        "ES + LP": (1.0, 0.636, 0.733),
        "WS + LP": (0.909, 0.917, 0.909),
        "~WM + LP": (0.909, 0.583, 0.667),
    }
    for term, values in wanted.items():
        assert found.loc[term].tolist() == pytest.approx(values, abs=PRINTED)


def test_ragin_s_calibration_of_development() -> None:
    # Rihoux & Ragin (2009), chapter 5: gross national product, thresholds 400, 550, 900, log odds of 3.
    raw = pd.Series({"AU": 720, "BE": 1098, "CZ": 586, "EE": 468, "FI": 590, "FR": 983, "DE": 795, "GR": 390,
                     "HU": 424, "IE": 662, "IT": 517, "NL": 1008, "PL": 350, "PT": 320, "RO": 331, "ES": 367,
                     "SE": 897, "UK": 1038})  # fmt: skip
    found = calibrate(raw, [400, 550, 900], idm=float(1 / (1 + np.exp(-3))))
    np.testing.assert_allclose(found, LF["DEV"], atol=0.005 + 1e-9)  # printed with two decimals
