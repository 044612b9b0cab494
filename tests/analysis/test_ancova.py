"""ANCOVA against car::Anova, anova.lm and emmeans."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from reference_data import case, close, dataset, matrix
from surveykit.analysis.ancova import ancova
from surveykit.errors import SurveykitError

WANTED = case("grp-ancova")["results"]
# QR of 700 rows with sums of squares of 1e7: both sides keep about 11 digits, differences of them 8.
TIGHT = 1e-8


def data() -> pd.DataFrame:
    frame = dataset("sat_act")
    frame["g"] = pd.Categorical(frame["gender"].map({1: "male", 2: "female"}), ["male", "female"])
    frame["edu"] = frame["education"].astype("category")
    return frame


def fit(model: str, ss_type: int) -> Any:
    if model == "main":
        return ancova(data(), "SATV", "g", ["age", "education"], ss_type=ss_type)
    if model == "slopes":
        return ancova(data(), "SATV", "g", "age", interactions="g:age", ss_type=ss_type)
    return ancova(data(), "SATV", "g", "age", factors="edu", interactions="g:edu", ss_type=ss_type)


@pytest.mark.parametrize(
    ("model", "ss_type"),
    [("main", 2), ("main", 3), ("interaction", 1), ("interaction", 2), ("interaction", 3), ("slopes", 3)],
)
def test_tables_equal_r(model: str, ss_type: int) -> None:
    rows = fit(model, ss_type).to_frame().to_dict("records")
    wanted = WANTED[model][f"type{ss_type}"]
    assert [row["term"] for row in rows] == [row["term"] for row in wanted]
    for mine, theirs in zip(rows, wanted, strict=True):
        for name, key in (("sumsq", "Sum Sq"), ("df", "Df"), ("f", "F value"), ("pvalue", "Pr(>F)")):
            assert close(mine[name], theirs[key], TIGHT), (mine["term"], name)
        if "Mean Sq" in theirs:
            assert close(mine["sumsq"] / mine["df"], theirs["Mean Sq"], TIGHT)


@pytest.mark.parametrize(("model", "ss_type"), [("main", 3), ("interaction", 2)])
def test_effect_sizes_and_adjusted_means_equal_r(model: str, ss_type: int) -> None:
    result, wanted = fit(model, ss_type), WANTED[model]
    eta = result.to_frame().set_index("term")["partial_eta2"]
    assert all(
        close(eta[term], value, TIGHT) for term, value in wanted[f"partial_eta2_type{ss_type}"].items()
    )
    names = {"mean": "emmean", "se": "SE", "df": "df", "ci_lower": "lower.CL", "ci_upper": "upper.CL"}
    pairs = zip(result.adjusted_means.to_dict("records"), wanted["adjusted_means"], strict=True)
    for mine, theirs in pairs:
        assert mine["g"] == theirs["g"]
        assert str(mine.get("edu", "")) == theirs.get("edu", "")
        assert all(close(mine[name], theirs[key], TIGHT) for name, key in names.items())
    names = {"estimate": "estimate", "se": "SE", "df": "df", "t": "t.ratio", "pvalue": "p.value"}
    theirs = wanted.get("contrasts") or wanted["contrast"]
    for mine, row in zip(result.contrasts.to_dict("records"), theirs, strict=True):
        assert f"{mine['group_1']} - {mine['group_2']}" == row["contrast"]
        assert all(close(mine[name], row[key], TIGHT) for name, key in names.items())


def test_coefficients_equal_r() -> None:
    result, wanted = fit("main", 3), matrix(WANTED["main"]["coefficients_sum_contrasts"])
    mine = result.coefficients.set_index("coefficient")
    assert list(mine.index) == list(wanted.index)
    assert np.allclose(mine[["estimate", "se", "t", "pvalue"]], wanted, TIGHT, 1e-10)
    assert close(result.r2, WANTED["main"]["r2"], TIGHT)


def test_unequal_slopes_are_told() -> None:
    x = np.tile(np.arange(10.0), 2)
    group = np.repeat(["J", "K"], 10)
    noise = np.tile([0.1, -0.1, 0.2, 0.0, -0.2], 4)
    frame = pd.DataFrame({"g": group, "x": x, "y": np.where(group == "J", x, -x) + noise})
    result = ancova(frame, "y", "g", "x")
    assert [note.code for note in result.notes] == ["G014"]
    assert "partial eta squared" in result.summary()
    frame.loc[0, "x"] = np.nan
    assert "G013" in [note.code for note in ancova(frame, "y", "g", "x").notes]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"covariates": "agee"}, "G001"),
        ({"covariates": ["age", "age"]}, "G011"),
        ({"interactions": "g:school"}, "G012"),
        ({"interactions": "g"}, "G012"),
        ({"ss_type": 4}, "O001"),
        ({"outcome": "edu"}, "G003"),
        ({"outcome": "g"}, "G011"),
    ],
)
def test_bad_input_is_refused(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(SurveykitError, match=code):
        ancova(**({"data": data(), "outcome": "SATV", "group": "g", "covariates": "age"} | changes))


def test_an_empty_cell_is_refused() -> None:
    frame = pd.DataFrame({"g": list("aabb") * 3, "f": list("xyxx") * 3, "y": np.arange(12.0)})
    with pytest.raises(SurveykitError, match="G011"):
        ancova(frame, "y", "g", factors="f", interactions="g:f")
