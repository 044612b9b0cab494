"""Every number that lavaan's fits of the reference hold, beside ours, at the case's own tolerance."""

from __future__ import annotations

from typing import Any

import pytest
from case_parity import comparison_cells, result_cells
from sem_parity import NO_UNIQUE_SOLUTION, Cell, all_cells, fit_of, records

from sem_reference import sem_cases
from surveykit.errors import SurveykitError, catalogue

FITS = [
    pytest.param(case_id, record, id=f"{case_id}:{record['name']}")
    for case_id in sem_cases()
    for record in records(case_id)
    if record.get("outcome") != "error" and record["name"] not in NO_UNIQUE_SOLUTION
]
# What is wrong with each of the bad models: the code that says so (none where lavaan is silent too).
CODES = NO_UNIQUE_SOLUTION | {
    "sample-cov-not-pd": "M045",
    "unknown-variable": "M081",
    "syntax-error": "M005",
    "missing-group-variable": "M082",
    "heywood-just-identified": "M107",
    "heywood-bounded": "M052",
    "factors-not-pd": "M108",
    "heywood-poldem20": "M107",
    "saturated": "",
}


def unequal(cells: list[Cell]) -> list[str]:
    return [f"{one.section} {one.key}: {one.got} {one.reference}" for one in cells if not one.ok]


@pytest.mark.parametrize(("case_id", "record"), FITS)
def test_every_number_of_a_fit_is_lavaans(case_id: str, record: dict[str, Any]) -> None:
    cells = all_cells(case_id, record)
    assert len(cells) > 50
    assert unequal(cells) == []


@pytest.mark.parametrize("case_id", sem_cases())
def test_comparisons_and_other_results_are_lavaans(case_id: str) -> None:
    assert unequal([*comparison_cells(case_id), *result_cells(case_id)]) == []


@pytest.mark.parametrize("record", records("messages"), ids=lambda one: one["name"])
def test_bad_models_have_a_code_and_a_sentence(record: dict[str, Any]) -> None:
    if record["name"] == "sample-cov-not-pd":
        record = record | {"input": {"sample_cov": "hs1939_not_pd", "sample_nobs": 301}}
    wanted = CODES[record["name"]]
    try:
        codes = [one.code for one in fit_of(record).notes]
    except SurveykitError as refusal:
        codes = [refusal.code]
    assert (wanted in codes) if wanted else codes == []
    assert not wanted or catalogue()[wanted]["says"]["en"]


def test_models_without_a_unique_solution_agree_where_they_can() -> None:
    # The function's minimum is unique even where its place is not.
    for record in records("messages"):
        if NO_UNIQUE_SOLUTION.get(record["name"]) == "M046":
            fit = fit_of(record)
            assert fit.converged
            assert fit._solution.df == record["fit"]["df"]
            assert fit.loglik == pytest.approx(record["fit"]["logl"], rel=1e-9)
            assert fit.parameter_estimates().query("se > 0").empty
