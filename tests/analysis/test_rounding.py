"""Estimates within the printed rounding: the unrounded fit lies inside, exact moments do not move."""

from dataclasses import replace

import numpy as np
import pytest

from reference_data import dataset
from surveykit.analysis.rounding import PrintedMoments, rounding_sensitivity
from surveykit.analysis.sem import cfa
from surveykit.errors import SurveykitError

ITEMS = [f"x{number}" for number in range(1, 7)]
MODEL = "visual =~ x1 + a*x2 + x3\ntextual =~ x4 + b*x5 + x6\nproduct := a*b"


def printed(decimals: int, school: str | None = None) -> PrintedMoments:
    data = dataset("hs1939")
    data = data if school is None else data[data["school"] == school]
    cor, sd = data[ITEMS].corr().to_numpy().round(decimals), data[ITEMS].std().to_numpy().round(decimals)
    return PrintedMoments(tuple(ITEMS), len(data), cor, sd, None, decimals, decimals, school or "all")


def test_the_unrounded_estimates_lie_within_what_rounding_leaves_open() -> None:
    exact = cfa(MODEL, dataset("hs1939")).parameter_estimates().set_index(["lhs", "op", "rhs"])["est"]
    frame = rounding_sensitivity(MODEL, printed(2), draws=1000).frame
    # 22 moments drawn at once seldom reach a corner: a tenth of the spread is added on either side.
    for row in frame[frame["lhs"] != "chisq"].to_dict("records"):
        value, slack = exact[row["lhs"], row["op"], row["rhs"]], 0.1 * (row["highest"] - row["lowest"])
        assert row["lowest"] - slack <= value <= row["highest"] + slack
        assert row["lowest"] <= row["lower"] <= row["upper"] <= row["highest"]
    assert {"product", "chisq"} <= set(frame["lhs"])


def test_more_decimals_leave_less_open() -> None:
    wide, narrow = (rounding_sensitivity(MODEL, printed(digits), draws=200).frame for digits in (1, 3))
    width = [float((one["highest"] - one["lowest"]).max()) for one in (wide, narrow)]
    assert width[0] > 30 * width[1]


def test_several_groups_and_the_seed() -> None:
    groups = [printed(2, "Pasteur"), printed(2, "Grant-White")]
    first, again = (
        rounding_sensitivity("f =~ x1 + x2 + x3 + x4", groups, draws=50, group_equal="loadings").frame
        for _ in "ab"
    )
    assert first.equals(again)
    assert set(first["group"]) == {0, 1, 2}


def test_moments_without_rounding_give_the_fit_itself_in_every_group() -> None:
    """With twelve decimals nothing is left open: every draw is the fit itself, equal loadings included."""
    groups = [replace(printed(12, school), mean=np.arange(6.0)) for school in ("Pasteur", "Grant-White")]
    options = {"group_equal": ("loadings", "intercepts")}
    frame = rounding_sensitivity(MODEL.replace("a*", "").replace("b*", "").partition("\nproduct")[0], groups,
                                 draws=20, **options).frame  # fmt: skip
    assert (frame["highest"] - frame["lowest"]).max() < 1e-6
    assert (frame["est"] - frame["lower"]).abs().max() < 1e-6
    assert set(frame["group"]) == {0, 1, 2}


def test_printed_covariances_are_rounded_as_such() -> None:
    """One variance printed as 2.0: the slope cov / var lies within what both roundings leave."""
    cov = np.array([[3.0, 1.0], [1.0, 2.0]])
    sd = np.sqrt(np.diag(cov))
    moments = PrintedMoments(("a", "b"), 100, cov / np.outer(sd, sd), sd, cov_decimals=1)
    frame = rounding_sensitivity("a ~ b", moments, draws=4000).frame.set_index(["lhs", "op", "rhs"])
    slope = frame.loc[("a", "~", "b")]
    assert 0.95 / 2.05 < slope["lowest"] < 0.95 / 2.05 + 0.01
    assert 1.05 / 1.95 - 0.01 < slope["highest"] < 1.05 / 1.95
    variance = frame.loc[("b", "~~", "b")]
    assert 1.95 * 0.99 < variance["lowest"] < variance["highest"] < 2.05 * 0.99 + 1e-9


def test_impossible_matrices_are_counted_and_left_out() -> None:
    tight = np.array([[1, 0.9, 0.9], [0.9, 1, 0.65], [0.9, 0.65, 1]])
    moments = PrintedMoments(("a", "b", "c"), 100, tight, np.ones(3), None, 1, 1)
    result = rounding_sensitivity("a ~ b + c", moments, draws=300)
    assert result.impossible > 0
    assert [one.code for one in result.notes] == ["M151"]


def test_an_estimator_that_needs_the_cases_is_refused() -> None:
    with pytest.raises(SurveykitError, match="M094"):
        rounding_sensitivity("f =~ x1 + x2 + x3", printed(2), estimator="DWLS", draws=10)
