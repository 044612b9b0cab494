"""MANOVA against R's manova and car::Anova, Box's M and Hotelling's T squared."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from reference_data import case, close, dataset
from surveykit.analysis.manova import ManovaResult, manova
from surveykit.errors import SurveykitError

WANTED = case("grp-manova")["results"]
OUTCOMES = ["ACT", "SATV", "SATQ"]
# Eigenvalues of H against E; small ones (0.002) lose three digits to sums of squares of 1e7.
TIGHT = 1e-8
NAMES = {"Pillai": "pillai", "Wilks": "wilks", "Hotelling-Lawley": "hotelling_lawley", "Roy": "roy"}


def fit(group: str = "gender", **options: Any) -> ManovaResult:
    return manova(dataset("sat_act").dropna(), OUTCOMES, group, **options)


def factorial(ss_type: int, covariates: str | tuple[str, ...]) -> ManovaResult:
    return fit(covariates=covariates, factors="education", interactions="gender:education", ss_type=ss_type)


@pytest.mark.parametrize(
    ("record", "result"),
    [
        ("gender", fit()),
        ("education", fit("education")),
        ("sequential_gender_by_education", factorial(1, ())),
    ],
)
def test_sequential_tests_equal_r(record: str, result: ManovaResult) -> None:
    frame = result.to_frame()
    for test, name in NAMES.items():
        *wanted, residuals = WANTED[record][name]
        assert residuals["Df"] == result.df_residual
        mine = frame[frame["test"] == test].to_dict("records")
        for row, theirs in zip(mine, wanted, strict=True):
            assert row["term"] == theirs["term"].replace("edu", "education").replace("g", "gender", 1) or (
                row["term"] in {"gender", "education"}
            )
            keys = {"df": "Df", "statistic": test, "f": "approx F", "df1": "num Df", "df2": "den Df"}
            keys["pvalue"] = "Pr(>F)"
            assert all(close(row[k], theirs[v], TIGHT) for k, v in keys.items()), (test, row)
    assert WANTED["n"] == result.n


@pytest.mark.parametrize("ss_type", [2, 3])
def test_types_two_and_three_equal_car(ss_type: int) -> None:
    frame = factorial(ss_type, "age").to_frame()
    terms = {"g": "gender", "edu": "education", "g:edu": "gender:education"}
    for term, wanted in WANTED[f"type{ss_type}_with_age"].items():
        mine = frame[frame["term"] == terms.get(term, term)].to_dict("records")
        for row, theirs in zip(mine, wanted, strict=True):
            assert row["test"] == theirs["test"]
            keys = {"statistic": "stat", "f": "approx F", "df1": "num Df", "df2": "den Df", "pvalue": "p"}
            assert all(close(row[k], theirs[v], TIGHT) for k, v in keys.items()), (term, row)


def test_box_m_and_hotelling_equal_r() -> None:
    box = fit("education").box_m.iloc[0]
    keys = {"m": "M", "chisq": "chisq", "df": "df", "pvalue": "p"}
    assert all(close(box[k], WANTED["box_m_by_education"][v], TIGHT) for k, v in keys.items())
    mine = fit().hotelling.iloc[0]
    keys = {"t2": "T2", "f": "F", "df1": "df1", "df2": "df2", "mahalanobis_d": "mahalanobis_D"}
    assert all(close(mine[k], WANTED["hotelling_T2_gender"][v], TIGHT) for k, v in keys.items())
    assert "Pillai's trace = 0.041" in fit().summary()


def test_a_thin_group_has_no_box_m() -> None:
    frame = dataset("sat_act").dropna()
    thin = pd.concat([frame[frame["gender"] == 1].head(3), frame[frame["gender"] == 2]])
    assert [note.code for note in manova(thin, OUTCOMES, "gender").notes] == ["G016"]


def test_bad_input_is_refused() -> None:
    frame = dataset("sat_act").dropna()
    frame["sum"] = frame["ACT"] + frame["SATV"]
    for outcomes in (["ACT"], ["ACT", "SATV", "sum"]):
        with pytest.raises(SurveykitError, match="G015"):
            manova(frame, outcomes, "gender")
    with pytest.raises(SurveykitError, match="G011"):
        manova(frame.head(2).assign(gender=[1, 2]), OUTCOMES, "gender")
    assert np.isfinite(manova(frame, ["ACT", "SATV"], "gender").to_frame()["pvalue"]).all()
