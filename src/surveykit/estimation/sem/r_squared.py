"""Explained variance of every indicator and outcome."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.sem.parameter_table import ParameterTable

FloatArray = NDArray[np.float64]


def r_squared(table: ParameterTable, std_all: FloatArray) -> tuple[dict[str, float], ...]:
    """R-squared by group: 1 minus the standardized residual variance.

    Parameters
    ----------
    std_all : array (n_rows,), the completely standardized solution

    Returns
    -------
    tuple of dict, one a group: variable -> R-squared, in the order of the table's
        variance rows; NaN where the residual variance is negative (R-squared above 1).
    """
    found: list[dict[str, float]] = [{} for _ in range(table.n_groups)]
    dependent = {
        (group, rhs if op == "=~" else lhs)
        for group, lhs, op, rhs in zip(table.group.tolist(), table.lhs, table.op, table.rhs, strict=True)
        if op in ("=~", "~")
    }
    for row, (group, lhs, op, rhs) in enumerate(
        zip(table.group.tolist(), table.lhs, table.op, table.rhs, strict=True)
    ):
        if op == "~~" and lhs == rhs and (group, lhs) in dependent:
            value = 1.0 - float(std_all[row])
            found[group - 1][lhs] = value if value <= 1.0 else float("nan")
    return tuple(found)
