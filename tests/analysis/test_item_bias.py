"""Ordinal regression and DIF: an independent second opinion, and cases whose answer is known."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from reference_data import dataset
from surveykit.analysis.item_bias import item_bias, ordinal_regression
from surveykit.errors import SurveykitError

AGREE = ["A1", "A2", "A3", "A4", "A5"]


def bfi() -> pd.DataFrame:
    return dataset("bfi_keyed").head(900)


def test_ordinal_regression_equals_statsmodels() -> None:
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    frame = bfi()[["A2", "gender", "age"]].dropna()
    mine = ordinal_regression(frame, "A2", ["gender", "age"])
    first = frame["gender"].iloc[0]
    x = pd.DataFrame({"g": (frame["gender"] != first).astype(float), "age": frame["age"].astype(float)})
    model = OrderedModel(frame["A2"].to_numpy().astype(int), x.to_numpy(), distr="logit")
    theirs = model.fit(method="newton", disp=False)
    # Both are at the maximum; statsmodels' Hessian is numeric, good to about 1e-5.
    assert np.allclose(mine.frame["est"], theirs.params[:2], rtol=1e-5, atol=1e-8)
    assert np.allclose(mine.frame["se"], theirs.bse[:2], rtol=1e-4)
    thresholds = model.transform_threshold_params(theirs.params)[1:-1]
    assert np.allclose(mine.thresholds["est"], thresholds, rtol=1e-5)
    assert np.isclose(mine.loglik, theirs.llf, rtol=1e-9)
    assert np.isclose(mine.chisq, 2 * (theirs.llf - theirs.llnull), rtol=1e-6)
    assert "Nagelkerke" in mine.summary()


def test_bias_that_was_put_in_is_found_and_signed() -> None:
    frame = bfi()
    biased = frame.assign(A2=frame["A2"] - (frame["gender"] == "male"))
    groups = list(biased.dropna(subset=[*AGREE, "gender"])["gender"].unique())
    result = item_bias(biased, AGREE, "gender").to_frame().set_index("item")
    sign = 1 if groups[1] == "female" else -1
    assert result.loc["A2", "group_effect"] * sign > 0.5
    assert result.loc["A2", "pvalue_adjusted"] < 1e-6
    assert result["uniform_chisq"].idxmax() == "A2"


def test_the_three_tests_add_up() -> None:
    frame = item_bias(bfi(), AGREE, "gender").to_frame()
    assert np.allclose(frame["chisq"], frame["uniform_chisq"] + frame["nonuniform_chisq"])
    assert (frame["df"] == 2).all()


def test_an_item_that_cannot_be_tested_says_why() -> None:
    result = item_bias(bfi().assign(A1=3), AGREE, "gender")
    assert "G024" in [note.code for note in result.notes]
    assert np.isnan(result.to_frame()["chisq"][0])
    assert "A2: chi2(2)" in result.summary()


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda d: item_bias(d, ["A1", "A2"], "gender"), "G023"),
        (lambda d: item_bias(d, [*AGREE, "A9"], "gender"), "G001"),
        (lambda d: ordinal_regression(d.assign(A2=d["age"] > 30, flag=d["age"] > 30), "A2", "flag"), "G022"),
        (lambda d: ordinal_regression(d, "A2", ["age", "age"]), "G011"),
        (lambda d: ordinal_regression(d, "gender", ["age"]), "G003"),
    ],
)
def test_bad_input_is_refused(call: Any, code: str) -> None:
    with pytest.raises(SurveykitError, match=code):
        call(bfi())
