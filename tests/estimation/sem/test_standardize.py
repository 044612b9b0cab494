"""Standardized solutions against R's, from the estimates that stand beside them."""

from typing import Any

import numpy as np
import pytest

from reference_data import close
from sem_reference import sem_fits, solved, vcov_of
from surveykit.estimation.sem import standardize as std


def standardized(record: dict[str, Any], kind: str) -> tuple[list[Any], np.ndarray]:
    table, representation, x = solved(record)
    plan = std.scale_plan(table, representation, kind)
    rows = std.row_values(representation, len(table), x[None])
    return record["parameters"], std.standardized(plan, rows, std.deviations(representation, x))[0]


@pytest.mark.parametrize("record", sem_fits("parameters", messages=True))
def test_estimates_standardized_as_lavaan(record: dict[str, Any]) -> None:
    for kind in ("std.lv", "std.all", "std.nox"):
        rows, got = standardized(record, kind)
        # 15-digit estimates through one formula; cancellation costs a few digits in theta
        wrong = [
            (kind, row["lhs"], row["op"], row["rhs"], value, row[kind])
            for row, value in zip(rows, got, strict=True)
            if kind in row and row["op"] != ":=" and not close(value, row[kind], 1e-8, 1e-10)
        ]
        assert not wrong


@pytest.mark.parametrize("record", sem_fits("parameters", messages=True))
def test_fixed_and_dependent_rows_hold_their_estimates(record: dict[str, Any]) -> None:
    table, representation, x = solved(record)
    rows = std.row_values(representation, len(table), x[None])[0]
    for row, value in zip(record["parameters"], rows, strict=True):
        assert row["op"] == ":=" or close(value, row["est"], 1e-9, 1e-10), row


@pytest.mark.parametrize("record", sem_fits("standardized", "vcov"))
def test_delta_method_errors(record: dict[str, Any]) -> None:
    table, representation, x = solved(record)
    rows = std.row_values(representation, len(table), x[None])[0]
    scales = std.deviations(representation, x)[0]
    for kind in std.KINDS:
        jacobian = std.standardized_jacobian(
            std.scale_plan(table, representation, kind),
            rows,
            scales,
            std.row_jacobian(representation, len(table), x),
            std.log_deviation_jacobian(representation, x),
        )
        errors = np.sqrt(np.einsum("ij,jk,ik->i", jacobian, vcov_of(record), jacobian))
        for row, value in zip(record["standardized"][kind], errors, strict=False):
            # lavaan sets an error below 1.2e-4 to zero; its jacobian is numerical (1e-6)
            if row["op"] != ":=" and row["se"] > 0:
                assert close(value, row["se"], 1e-5, 1e-8), (kind, row, value)


@pytest.mark.parametrize("record", sem_fits("standardized"))
def test_the_jacobian_is_the_numerical_one(record: dict[str, Any]) -> None:
    table, representation, x = solved(record)
    plan = std.scale_plan(table, representation, "std.all")

    def values(points: np.ndarray) -> np.ndarray:
        rows = std.row_values(representation, len(table), points)
        return std.standardized(plan, rows, std.deviations(representation, points))

    step = 1e-5 * np.maximum(1.0, np.abs(x))
    points = np.concatenate([x + np.diag(step), x - np.diag(step)])
    both = values(points).reshape(2, len(x), -1)
    numerical = ((both[0] - both[1]) / (2 * step[:, None])).T
    jacobian = std.standardized_jacobian(
        plan,
        std.row_values(representation, len(table), x[None])[0],
        std.deviations(representation, x)[0],
        std.row_jacobian(representation, len(table), x),
        std.log_deviation_jacobian(representation, x),
    )
    # central differences with steps of 1e-5 are good to 1e-9 of the function's curvature
    np.testing.assert_allclose(jacobian, numerical, atol=2e-7, rtol=1e-6)


def test_a_negative_variance_has_no_standard_deviation() -> None:
    record = sem_fits()[0].values[0]
    table, representation, x = solved(record)
    row = next(i for i, op in enumerate(table.op) if op == "~~" and table.lhs[i] == table.rhs[i])
    x = x.copy()
    x[table.free[row] - 1] = -50.0
    assert np.isnan(std.deviations(representation, x)).any()
