"""Fits whose usual start is impossible: a fixed covariance that the first variances do not allow."""

import pytest

import surveykit as sk
from reference_data import dataset

HS = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"


# lavaan 0.7-2: fitMeasures(cfa(paste0(HS, "\nvisual ~~ 2*textual"), HolzingerSwineford1939), "chisq"), with
# control = list(rel.tol = 1e-12) for the digits.
@pytest.mark.parametrize(("value", "chisq"), [(0.9, 109.435), (2, 200.893), (5, 382.571)])
def test_a_covariance_beyond_the_first_variances(value: float, chisq: float) -> None:
    fit = sk.cfa(f"{HS}\nvisual ~~ {value}*textual", dataset("hs1939"))
    assert fit.converged
    assert fit.fit_measures()["chisq"] == pytest.approx(chisq, abs=6e-4)


def test_the_same_under_a_constraint() -> None:
    data = dataset("hs1939")
    plain = sk.cfa(f"{HS}\nvisual ~~ 2*textual", data)
    bounded = sk.cfa(f"{HS}\nvisual ~~ 2*textual\nvisual ~~ v*visual\nv^2 > 0.01", data)
    assert bounded.converged
    assert bounded.fit_measures()["chisq"] == pytest.approx(plain.fit_measures()["chisq"], rel=1e-7)
