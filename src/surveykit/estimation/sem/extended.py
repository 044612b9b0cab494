"""The extended model: every parameter that could be free, for modification indices.

Beside the model's own rows stand all cross-loadings, (residual) covariances,
regressions among the variables of the structural part, intercepts, thresholds and
scales that the model fixes, at zero or elsewhere.
"""

from __future__ import annotations

from itertools import combinations_with_replacement

import numpy as np

from surveykit.estimation.sem.parameter_table import CONSTRAINT_OPERATORS, ParameterTable

Row = tuple[str, str, str, int]


def candidate_rows(table: ParameterTable, conditional_x: bool = False) -> list[Row]:
    """(lhs, op, rhs, group) of all that could be free, in lavaan's order; the model's own included."""
    rows: list[Row] = []
    for group in range(1, table.n_groups + 1):
        pairs = _loadings(table, group, conditional_x) + _covariances(table, group, conditional_x)
        pairs += _regressions(table, group, conditional_x) + _others(table, group, conditional_x)
        rows += [(lhs, op, rhs, group) for lhs, op, rhs in pairs]
    return rows


def extended_table(table: ParameterTable, conditional_x: bool = False) -> ParameterTable:
    """The model's parameters and all candidates, every one free and numbered; no constraints.

    The model's free parameters come first, in their own order: the extended x begins with
    the model's. `user` is 10 for what was not free in the model. New rows start at 0. The
    moments of fixed x stay as they are.
    """
    own = [row for row, op in enumerate(table.op) if op not in CONSTRAINT_OPERATORS]
    known = {(table.lhs[row], table.op[row], table.rhs[row], int(table.group[row])) for row in own}
    new = [row for row in candidate_rows(table, conditional_x) if not _is_known(row, known)]
    free, exo = table.free[own], table.exo[own]
    added = np.concatenate([(free == 0) & (exo == 0), np.ones(len(new), dtype=bool)])
    number = np.concatenate([free, np.zeros(len(new), dtype=np.int64)])
    number[added] = table.n_free + 1 + np.arange(int(added.sum()))
    group = np.concatenate([table.group[own], [row[3] for row in new]]).astype(np.int64)
    start = np.concatenate([table.start[own], np.zeros(len(new))])
    total = len(group)
    return ParameterTable(
        lhs=(*(table.lhs[row] for row in own), *(row[0] for row in new)),
        op=(*(table.op[row] for row in own), *(row[1] for row in new)),
        rhs=(*(table.rhs[row] for row in own), *(row[2] for row in new)),
        user=np.where(added, 10, 1),
        block=group,
        group=group,
        free=number,
        ustart=start,
        exo=np.concatenate([exo, np.zeros(len(new), dtype=np.int64)]),
        label=("",) * total,
        plabel=("",) * total,
        start=start,
        lower=np.full(total, -np.inf),
        upper=np.full(total, np.inf),
    )


def _is_known(row: Row, known: set[Row]) -> bool:
    lhs, op, rhs, group = row
    return row in known or (op == "~~" and (rhs, op, lhs, group) in known)


Pair = tuple[str, str, str]


def _loadings(table: ParameterTable, group: int, conditional_x: bool) -> list[Pair]:
    """Every factor on every observed variable that is not an outcome (there it is a regression)."""
    outcomes = _structural(table, group, conditional_x)[0]
    latent = table.variable_names("lv", group)
    observed = [name for name in table.variable_names("ov.nox", group) if name not in outcomes]
    return [(factor, "=~", name) for factor in latent for name in observed]


def _covariances(table: ParameterTable, group: int, conditional_x: bool) -> list[Pair]:
    observed, exogenous = table.variable_names("ov.nox", group), table.variable_names("ov.x", group)
    inside = {*table.variable_names("ov.ind", group), *exogenous, *_structural(table, group, False)[1]}
    alone = {name for name in table.variable_names("ov", group) if name not in inside}
    pairs = [pair for pair in combinations_with_replacement(observed, 2) if not alone.intersection(pair)]
    if not conditional_x:
        pairs += combinations_with_replacement(exogenous, 2)
    pairs += combinations_with_replacement(table.variable_names("lv", group), 2)
    return [(one, "~~", other) for one, other in pairs]


def _structural(
    table: ParameterTable, group: int, conditional_x: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who may be an outcome, and who a predictor, in a further regression."""
    names = tuple(
        dict.fromkeys((*table.variable_names("eqs.y", group), *table.variable_names("eqs.x", group)))
    )
    exogenous = table.variable_names("ov.x", group) if conditional_x else ()
    return tuple(name for name in names if name not in exogenous), names


def _regressions(table: ParameterTable, group: int, conditional_x: bool) -> list[Pair]:
    outcomes, predictors = _structural(table, group, conditional_x)
    indicators, latent = table.variable_names("ov.ind", group), table.variable_names("lv", group)
    return [
        (outcome, "~", predictor)
        for outcome in outcomes
        for predictor in predictors
        if outcome != predictor and not (outcome in indicators and predictor in latent)
    ]


def _others(table: ParameterTable, group: int, conditional_x: bool) -> list[Pair]:
    """Intercepts, thresholds, and scales where there are groups."""
    observed = table.variable_names("ov.nox" if conditional_x else "ov", group)
    pairs: list[Pair] = []
    if "~1" in table.op:
        pairs += [(name, "~1", "") for name in (*observed, *table.variable_names("lv", group))]
    for name in table.variable_names("th", group):
        variable, _, threshold = name.rpartition("|")
        pairs.append((variable, "|", threshold))
    if table.n_groups > 1:
        pairs += [(name, "~*~", name) for name in table.variable_names("ov.ord", group)]
    return pairs
