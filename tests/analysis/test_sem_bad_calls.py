"""What a statistician may get wrong in a call: each has a code and says what to do."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import surveykit as sk
from reference_data import dataset
from surveykit.errors import SurveykitError

HS = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6"


def hs(**changes: Any) -> pd.DataFrame:
    return dataset("hs1939").assign(**changes)


@pytest.mark.parametrize(
    ("call", "code", "told"),
    [
        (lambda: sk.cfa(HS, hs(), meanstructur=True), "O003", "Perhaps you meant meanstructure."),
        (lambda: sk.cfa(HS, hs(), **{"group.equal": "loadings"}), "O003", "Perhaps you meant group_equal."),
        (lambda: sk.cfa(HS, hs(), qqqq=1), "O003", "cfa() has no option 'qqqq'.\n  Options are those"),
        (lambda: sk.sem("x1 ~ x2\nx2 | t1", hs()), "M141", "'x2 | t1'"),
        (lambda: sk.cfa("f =~ x1 + x2", hs()).vcov(), "M140", "vcov() is not available"),
        (lambda: sk.cfa("f =~ x1 + x2", hs()).wald_test("f=~x2 == 1"), "M140", "See fit.notes"),
        (lambda: sk.cfa(HS, hs(), se="none").vcov(), "M115", "se='none'"),
        (lambda: sk.compare_models(sk.cfa(HS, hs()), HS), "M143", "is a str, not a fitted model"),
        (lambda: sk.cfa(HS, hs()).modification_indices(minimum="a"), "O004", "'minimum' is 'a'"),
        (lambda: sk.cfa(HS, hs()).modification_indices(maximum=-1), "M117", "'maximum' is -1"),
        (lambda: sk.cfa(HS, hs()).wald_test("a == 0"), "M017", "label.\n  Give a parameter a label"),
        (lambda: sk.cfa(HS, hs(), estimator="WLS", test="yuan.bentler"), "M040", "yuan.bentler"),
        (lambda: sk.cfa(HS, hs(), group=["school"]), "M082", "['school']"),
        (lambda: sk.cfa(HS, hs(), cluster=3), "M082", "3"),
        (lambda: sk.simulate_data("f =~ .7*a + .7*b", -1, seed=1), "M117", "'nobs' is -1"),
        (lambda: sk.simulate_data("f =~ .7*a + .7*b", [10, "b"], seed=1), "M117", "'nobs' is 'b'"),
        (lambda: sk.alignment(HS, hs(), group="school", starts=0), "M117", "'starts' is 0"),
        (lambda: sk.permutation_test(hs(), "x1", "school", draws=0), "M117", "'draws' is 0"),
        (lambda: sk.cfa("f =~ q + w + zz", hs()), "M081", "Check the spelling, or add the column."),
        (lambda: sk.cfa("f =~ x1 + x2 + xx3", hs()), "M081", "(nearest names: xx3 → x3)"),
        (lambda: sk.cfa("f =~ x1 + x2 + x3", hs(), ordered=["x1", "u9"]), "M088", "u9"),
    ],
)
def test_a_bad_call_has_a_code_and_a_remedy(call: Callable[[], object], code: str, told: str) -> None:
    with pytest.raises(SurveykitError) as caught:
        call()
    assert caught.value.code == code
    assert told in str(caught.value)


def test_ordered_may_name_more_of_the_data_than_the_model_has() -> None:
    data = hs(**{f"x{at}": pd.cut(hs()[f"x{at}"], 3, labels=False) for at in range(1, 5)})
    few = sk.cfa("f =~ x1 + x2 + x3", data, ordered=["x1", "x2", "x3"])
    many = sk.cfa("f =~ x1 + x2 + x3", data, ordered=["x1", "x2", "x3", "x4"])
    pd.testing.assert_frame_equal(few.parameter_estimates(), many.parameter_estimates(), rtol=1e-12)


@pytest.mark.parametrize("formula", ["log(0-a*a)", "sqrt(0-1-a*a)", "a/0"])
def test_a_defined_parameter_without_a_value_says_so(formula: str) -> None:
    with np.errstate(all="ignore"):
        fit = sk.sem(f"x1 ~ a*x2\nb := {formula}", hs())
    told = [one for one in fit.notes if one.code == "M142"]
    assert [one.fields["name"] for one in told] == ["b"]
    assert "division by zero" in told[0].remedy()


def test_which_chi_square_uls_reports_is_said() -> None:
    fit = sk.cfa(HS, hs(), estimator="ULS")
    told = fit.fit_measures().attrs["notes"]
    assert any(one.startswith("[M144]") and "browne.residual.nt" in one for one in told)
    assert "[M144]" in fit.summary()
    assert "M144" not in sk.cfa(HS, hs()).summary()


def test_many_categories_of_an_ordered_item_are_told() -> None:
    told = [one for one in sk.cfa("f =~ x1 + x2 + x3", hs(), ordered=True).notes if one.code == "M147"]
    assert told
    assert "x1 (" in told[0].text()
    few = hs(**{f"x{at}": pd.cut(hs()[f"x{at}"], 5, labels=False) for at in (1, 2, 3)})
    assert not [n for n in sk.cfa("f =~ x1 + x2 + x3", few, ordered=True).notes if n.code == "M147"]
