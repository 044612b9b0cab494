"""Effects as sums of products of regression coefficients: paths, chains of paths, totals, by group."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.sem.effects import effects
from surveykit.estimation.sem.engine import Solution
from surveykit.estimation.sem.parameter_table import ParameterTable

FloatArray = NDArray[np.float64]
ARROW = " → "

Edges = dict[str, list[tuple[str, int]]]  # predictor -> (outcome, row of the table)


class PathEffect(NamedTuple):
    """One effect in one group: the sum over `chains` of the products of the coefficients in their rows."""

    kind: str
    name: str
    group: int
    chains: tuple[tuple[int, ...], ...]
    scale: float


def path_effects(solution: Solution, group: int) -> list[PathEffect]:
    """Paths, then for every pair joined by a chain: each chain, their sum where there are several, the total.

    `scale` is sd(predictor) / sd(outcome). Chains visit a variable once.
    """
    table = solution.table
    edges = _edges(table, group)
    scales = {
        (one.predictor, one.outcome): one.scale
        for one in effects(table, solution.representation, solution.x)
        if one.group == group
    }
    found = []
    for predictor, out in edges.items():
        for outcome, row in out:
            name = f"{predictor}{ARROW}{outcome}"
            found.append(PathEffect("path", name, group, ((row,),), scales.get((predictor, outcome), np.nan)))
    mediated: dict[tuple[str, str], list[tuple[tuple[str, ...], tuple[int, ...]]]] = {}
    for predictor in edges:
        for names, rows in _walks(edges, (predictor,), ()):
            mediated.setdefault((names[0], names[-1]), []).append((names, rows))
    for pair, walks in mediated.items():
        found += _summed(pair, walks, group, scales.get(pair, np.nan))
    return found


def _summed(
    pair: tuple[str, str],
    walks: Sequence[tuple[tuple[str, ...], tuple[int, ...]]],
    group: int,
    scale: float,
) -> list[PathEffect]:
    """The indirect effects of one pair, and the total; nothing for a pair that is joined directly only."""
    longer = [(ARROW.join(names), rows) for names, rows in walks if len(rows) > 1]
    if not longer:
        return []
    found = [PathEffect("indirect", name, group, (rows,), scale) for name, rows in longer]
    name = ARROW.join(pair)
    if len(longer) > 1:
        chains = tuple(rows for _, rows in longer)
        found.append(PathEffect("total indirect", name, group, chains, scale))
    if len(walks) > len(longer):
        found.append(PathEffect("total", name, group, tuple(rows for _, rows in walks), scale))
    return found


def _edges(table: ParameterTable, group: int) -> Edges:
    edges: Edges = {}
    for row, op in enumerate(table.op):
        fixed_zero = table.free[row] == 0 and table.start[row] == 0
        if op == "~" and table.group[row] == group and not fixed_zero:
            edges.setdefault(table.rhs[row], []).append((table.lhs[row], row))
    return edges


def _walks(
    edges: Edges, names: tuple[str, ...], rows: tuple[int, ...]
) -> Iterator[tuple[tuple[str, ...], tuple[int, ...]]]:
    for outcome, row in edges.get(names[-1], ()):
        if outcome not in names:
            longer = (*names, outcome), (*rows, row)
            yield longer
            yield from _walks(edges, *longer)


def coefficients(solution: Solution, x: FloatArray) -> FloatArray:
    """One value a row of the table at each of many x (R, n_free): (R, n_rows); rows that are fixed stay."""
    found = np.repeat(np.where(np.isnan(solution.table.start), 0.0, solution.table.start)[None], len(x), 0)
    rows = np.flatnonzero(solution.table.free)
    found[:, rows] = x[:, solution.table.free[rows] - 1]
    return found


def values(found: Sequence[PathEffect], rows: FloatArray) -> FloatArray:
    """The effects (R, k) at coefficients (R, n_rows)."""
    columns = [sum(rows[:, list(chain)].prod(axis=1) for chain in one.chains) for one in found]
    return np.stack([np.asarray(one) for one in columns], axis=1)


def slopes(found: Sequence[PathEffect], solution: Solution) -> FloatArray:
    """Derivatives of the effects by the free parameters (k, n_free)."""
    rows = coefficients(solution, solution.x[None])[0]
    free = solution.table.free
    jacobian = np.zeros((len(found), solution.table.n_free))
    for at, one in enumerate(found):
        for chain in one.chains:
            for place, row in enumerate(chain):
                if free[row]:
                    others = [*chain[:place], *chain[place + 1 :]]
                    jacobian[at, free[row] - 1] += rows[others].prod()
    return jacobian
