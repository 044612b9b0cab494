"""Estimates, standard errors and tests of every complete continuous fit of the reference."""

from typing import Any

import numpy as np
import pytest
from engine_fits import baseline, continuous, solution

from reference_data import case, fit_record
from surveykit.estimation.sem.engine import Solution

CASES = (
    "bifactor-bfi", "cfa-hs-information", "cfa-hs-marker", "cfa-hs-stdlv", "cfa-hs-wishart", "cluster-lq2002",
    "constraints-hs", "constraints-tutorial", "covariance-options", "estimators-hs", "estimators-mg",
    "factor-scores", "fiml-bfi", "fiml-hs-missing", "growth-demo", "higher-order-hs", "identification-hs",
    "mg-hs-ml", "mg-hs-mlr", "mg-sem-regressions", "mimic-hs", "path-mediation-talor", "path-observed",
    "robust-hs", "robust-poldem", "sem-mediation-latent", "sem-poldem", "sem-poldem-equal", "summary-hs",
    "summary-wheaton",
)  # fmt: skip
FITS = [pytest.param(*one, id=":".join(one)) for one in continuous(CASES)]


def tolerance(case_id: str) -> tuple[float, float, float]:
    """Relative and absolute for estimates, relative for standard errors: the case's own."""
    given = case(case_id)["tolerance"]
    return given["relative"], given["absolute"], given["se_relative"]


def rows(record: dict[str, Any], found: Solution) -> list[tuple[dict[str, Any], int]]:
    """Each row of R's parameters with the row of the table it belongs to."""
    table = found.table
    place = {
        (table.lhs[at], table.op[at], table.rhs[at], int(table.group[at])): at for at in range(len(table))
    }
    return [
        (one, place[one["lhs"], one["op"], one["rhs"], 0 if one["op"] == ":=" else one.get("group", 1)])
        for one in record["parameters"]
        if one["op"] not in ("==", "<", ">")
    ]


@pytest.mark.parametrize(("case_id", "name"), FITS)
def test_estimates_and_standard_errors(case_id: str, name: str) -> None:
    record, found = fit_record(case_id, name), solution(case_id, name)
    relative, absolute, se_relative = tolerance(case_id)
    assert found.converged
    assert [row for _, row in rows(record, found)]
    for one, at in rows(record, found):
        assert found.estimates[at] == pytest.approx(one["est"], rel=relative, abs=absolute), one
        if one["se"] is not None:
            assert found.standard_errors[at] == pytest.approx(one["se"], rel=se_relative, abs=absolute), one


FIELDS = {
    "stat": "stat", "df": "df", "pvalue": "pvalue", "scaling.factor": "scaling_factor",
    "shift.parameter": "shift_parameter", "trace.UGamma": "trace_ugamma", "trace.UGamma2": "trace_ugamma2",
    "scaling.factor.h0": "scaling_factor_h0", "scaling.factor.h1": "scaling_factor_h1",
}  # fmt: skip


@pytest.mark.parametrize(("case_id", "name"), FITS)
def test_test_statistics(case_id: str, name: str) -> None:
    record, found = fit_record(case_id, name), solution(case_id, name)
    relative = tolerance(case_id)[0]
    assert [one.test for one in found.tests] == [one["test"] for one in record["tests"]]
    for mine, theirs in zip(found.tests, record["tests"], strict=True):
        assert mine.refdistr == theirs.get("refdistr", "chisq")
        for field, attribute in FIELDS.items():
            if theirs.get(field) is not None:
                # A chi-square of zero is rounding error times n on both sides.
                expected = pytest.approx(theirs[field], rel=relative, abs=1e-7)
                assert getattr(mine, attribute) == expected, (mine.test, field)
        np.testing.assert_allclose(mine.stat_group, theirs["stat.group"], rtol=relative, atol=1e-7)


@pytest.mark.parametrize(("case_id", "name"), FITS)
def test_the_baseline_model(case_id: str, name: str) -> None:
    expected, found = fit_record(case_id, name)["fit"], baseline(case_id, name)
    tests = {one.test: one for one in found.tests}
    reported = (
        "browne.residual.nt"
        if expected["baseline.chisq"] != pytest.approx(tests["standard"].stat, rel=1e-6)
        else "standard"
    )
    assert tests[reported].stat == pytest.approx(expected["baseline.chisq"], rel=1e-6, abs=1e-7)
    assert tests[reported].df == expected["baseline.df"]
    if "baseline.chisq.scaled" in expected:
        robust = found.tests[-1]
        assert robust.stat == pytest.approx(expected["baseline.chisq.scaled"], rel=1e-6)
        assert robust.scaling_factor == pytest.approx(expected["baseline.chisq.scaling.factor"], rel=1e-6)


def test_least_squares_report_the_residual_based_chi_square() -> None:
    """The only fits above where the baseline's chi-square is not the standard one."""
    for name in ("ULS", "DWLS"):
        record = fit_record("estimators-hs", name)
        assert solution("estimators-hs", name).tests[1].stat == pytest.approx(
            record["fit"]["chisq"], rel=1e-6
        )
