"""The baseline model that incremental fit indices compare with: independent variables."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.moments import SampleMoments
from surveykit.estimation.sem.parameter_table import ParameterTable

FloatArray = NDArray[np.float64]

Row = tuple[str, str, str, int, int, int, float]  # lhs op rhs group free exo ustart


def independence_table(table: ParameterTable, moments: tuple[SampleMoments, ...]) -> ParameterTable:
    """lavaan's independence model for the variables of a table.

    Variances, means and thresholds are free; exogenous covariates keep their covariances
    (at the sample's values if they are fixed) and, if they are conditioned on, their slopes.
    """
    fixed = bool(np.any((table.exo == 1) & (table.free == 0)))
    conditional = any(op == "~" and exo == 1 for op, exo in zip(table.op, table.exo, strict=True))
    means = "~1" in table.op
    rows: list[Row] = []
    for group, sample in enumerate(moments, start=1):
        rows += _observed(table, sample, group, means, conditional, fixed)
    free = np.array([row[4] for row in rows])
    count = len(rows)
    made = ParameterTable(
        lhs=tuple(row[0] for row in rows),
        op=tuple(row[1] for row in rows),
        rhs=tuple(row[2] for row in rows),
        user=np.ones(count, dtype=np.int64),
        block=np.array([row[3] for row in rows], dtype=np.int64),
        group=np.array([row[3] for row in rows], dtype=np.int64),
        free=np.where(free > 0, np.cumsum(free), 0).astype(np.int64),
        ustart=np.array([row[6] for row in rows]),
        exo=np.array([row[5] for row in rows], dtype=np.int64),
        label=("",) * count,
        plabel=tuple(f".p{at}." for at in range(1, count + 1)),
        start=np.full(count, np.nan),
        lower=np.full(count, -np.inf),
        upper=np.full(count, np.inf),
    )
    return made if fixed else made.like(table.derived("independence", lambda: made))


def independence_discrepancy(sample: SampleMoments, x: tuple[str, ...]) -> float:
    """F of the independence model by maximum likelihood: its estimates are the sample's own moments."""
    inside = np.isin(sample.names, x)
    block = sample.cov[np.ix_(inside, inside)]
    return float(
        np.log(np.diag(sample.cov)[~inside]).sum()
        + np.linalg.slogdet(block)[1]
        - np.linalg.slogdet(sample.cov)[1]
    )


def _observed(
    table: ParameterTable,
    sample: SampleMoments,
    group: int,
    means: bool,
    conditional: bool,
    fixed: bool,
) -> list[Row]:
    """All rows of one group."""
    x = table.variable_names("ov.x", group)
    names = tuple(name for name in sample.names if not (conditional and name in x))
    ordered = set(table.variable_names("ov.ord", group))

    def outside(name: str) -> int:
        return int(fixed and name in x)

    rows: list[Row] = []
    for name in names:
        free = 0 if name in ordered or outside(name) else 1
        value = 1.0 if name in ordered else sample.moment(name, name)
        rows.append((name, "~~", name, group, free, outside(name), value))
    for name in names:
        if name in ordered:
            rows += _ordered(sample, name, group)
    if means:
        for name in names:
            if name not in ordered:
                inside = outside(name)
                rows.append((name, "~1", "", group, 1 - inside, inside, sample.moment(name)))
    if conditional:
        return rows + _conditioned(sample, names, x, group, means)
    for one, other in combinations(x, 2):
        rows.append((one, "~~", other, group, int(not fixed), int(fixed), sample.moment(one, other)))
    return rows


def _ordered(sample: SampleMoments, name: str, group: int) -> list[Row]:
    """Thresholds, a zero mean and a unit scale of an ordered variable."""
    values = sample.thresholds[sample.threshold_variable == sample.names.index(name)]
    rows: list[Row] = [
        (name, "|", f"t{at}", group, 1, 0, float(value)) for at, value in enumerate(values, start=1)
    ]
    return [*rows, (name, "~1", "", group, 0, 0, 0.0), (name, "~*~", name, group, 0, 0, 1.0)]


def _conditioned(
    sample: SampleMoments, names: tuple[str, ...], x: tuple[str, ...], group: int, means: bool
) -> list[Row]:
    """Moments of x and the slopes on them."""
    rows: list[Row] = [(name, "~~", name, group, 0, 1, sample.moment(name, name)) for name in x]
    rows += [(one, "~~", other, group, 0, 1, sample.moment(one, other)) for one, other in combinations(x, 2)]
    if means:
        rows += [(name, "~1", "", group, 0, 1, sample.moment(name)) for name in x]
    for column, other in enumerate(sample.x_names):
        rows += [
            (name, "~", other, group, 1, 1, float(sample.slopes[sample.names.index(name), column]))
            for name in names
        ]
    return rows
