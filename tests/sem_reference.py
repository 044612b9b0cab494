"""Fits of the reference as parameter tables, so that what follows a fit is tested without fitting."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reference_data import FOLDER, case, matrix
from surveykit.estimation.sem.matrices import Representation
from surveykit.estimation.sem.parameter_table import ParameterTable

FloatArray = NDArray[np.float64]


def sem_cases(stretch: bool = False) -> list[str]:
    """Ids of the structural equation cases."""
    found = []
    for path in sorted(FOLDER.glob("*.json")):
        if path.stem != "index":
            one = case(path.stem)
            if one.get("kind") == "sem" and (stretch or not one["stretch"]):
                found.append(path.stem)
    return found


def sem_fits(*needed: str, stretch: bool = False, messages: bool = False) -> list[Any]:
    """`pytest.param`s of all fits that hold the `needed` entries."""
    return [
        pytest.param(fit, id=f"{name}:{fit['name']}")
        for name in sem_cases(stretch)
        if messages or name != "messages"
        for fit in case(name)["fits"]
        if all(fit.get(key) for key in needed)
    ]


def table_of(record: dict[str, Any]) -> ParameterTable:
    """The record's parameters as a table whose start values are the estimates."""
    rows = record["parameters"]
    free = np.cumsum([bool(row["free"]) for row in rows]) * [bool(row["free"]) for row in rows]
    group = np.array([row.get("group", 0 if row["op"] == ":=" else 1) for row in rows])
    exogenous = _exogenous(record, rows)
    n = len(rows)
    estimates = np.array([np.nan if row["est"] is None else row["est"] for row in rows], dtype=float)
    return ParameterTable(
        lhs=tuple(row["lhs"] for row in rows),
        op=tuple(row["op"] for row in rows),
        rhs=tuple(row["rhs"] for row in rows),
        user=np.array([1 if row["op"] in ("=~", "~", ":=") else 0 for row in rows]),
        block=group,
        group=group,
        free=free.astype(np.int64),
        ustart=estimates,
        exo=exogenous,
        label=tuple(row.get("label") or "" for row in rows),
        plabel=tuple(f".p{index}." for index in range(1, n + 1)),
        start=estimates,
        lower=np.full(n, -np.inf),
        upper=np.full(n, np.inf),
    )


def _exogenous(record: dict[str, Any], rows: list[dict[str, Any]]) -> NDArray[np.int64]:
    """Fixed moments of predictors: what fixed.x leaves."""
    if not record["resolved"]["fixed_x"]:
        return np.zeros(len(rows), dtype=np.int64)
    predictors = {row["rhs"] for row in rows if row["op"] == "~"}
    moments = [not row["free"] and row["op"] in ("~~", "~1") and row["lhs"] in predictors for row in rows]
    conditional = record["resolved"]["conditional_x"]
    exogenous = {row["lhs"] for row, one in zip(rows, moments, strict=True) if one}
    slopes = [conditional and row["op"] == "~" and row["rhs"] in exogenous for row in rows]
    return np.array(moments, dtype=np.int64) | np.array(slopes, dtype=np.int64)


def solved(record: dict[str, Any]) -> tuple[ParameterTable, Representation, FloatArray]:
    """Table, matrices and estimates of one fit."""
    table = table_of(record)
    representation = Representation.from_table(table, record["resolved"]["parameterization"])
    return table, representation, table.start[table.free > 0]


def vcov_of(record: dict[str, Any]) -> FloatArray:
    return matrix(record["vcov"]).to_numpy()
