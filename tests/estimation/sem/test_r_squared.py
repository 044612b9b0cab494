"""Explained variance against R's, from the estimates that stand beside it."""

from typing import Any

import pytest

from reference_data import close
from sem_reference import sem_fits, solved
from surveykit.estimation.sem import standardize as std
from surveykit.estimation.sem.r_squared import r_squared


@pytest.mark.parametrize("record", sem_fits("r2"))
def test_r_squared(record: dict[str, Any]) -> None:
    table, representation, x = solved(record)
    plan = std.scale_plan(table, representation, "std.all")
    rows = std.row_values(representation, len(table), x[None])
    got = r_squared(table, std.standardized(plan, rows, std.deviations(representation, x))[0])
    assert len(got) == len(record["r2"])
    for mine, theirs in zip(got, record["r2"], strict=True):
        assert list(mine) == list(theirs["values"])
        # 15-digit estimates through one formula
        assert all(close(mine[name], value, 1e-8, 1e-9) for name, value in theirs["values"].items())
