"""Whether any values fulfil all linear constraints and bounds of a model."""

from __future__ import annotations

import numpy as np

from surveykit.errors import SurveykitError
from surveykit.estimation.sem.constraints import Constraints
from surveykit.estimation.sem.parameter_table import ParameterTable


def check_feasible(table: ParameterTable, constraints: Constraints) -> None:
    """Refuse (M019) inequalities and bounds that no values fulfil together; linear ones only."""
    lower, upper = np.isfinite(constraints.lower), np.isfinite(constraints.upper)
    count = len(constraints.inequality_rows) + int(lower.sum()) + int(upper.sum())
    if not count or count + len(constraints.b) < 2:
        return
    from scipy.optimize import linprog  # here, since few models need it: start-up time

    basis, origin = constraints.K, constraints.k0
    slopes = constraints.g_jacobian(origin)
    elsewhere = constraints.g_jacobian(origin + basis @ np.linspace(0.5, 1.5, basis.shape[1]))
    linear = np.all(np.isclose(slopes, elsewhere, rtol=1e-9, atol=1e-12), axis=1)  # NaN is not
    found = linprog(
        np.zeros(basis.shape[1]),
        A_ub=np.concatenate([-(slopes @ basis)[linear], -basis[lower], basis[upper]]),
        b_ub=np.concatenate(
            [
                constraints.g(origin)[linear],
                (origin - constraints.lower)[lower],
                (constraints.upper - origin)[upper],
            ]
        ),
        bounds=(None, None),
    )
    if found.status == 2:
        rows = np.concatenate([constraints.equality_rows, constraints.inequality_rows[linear]]).tolist()
        texts = [f"{table.lhs[row]} {table.op[row]} {table.rhs[row]}" for row in rows if table.user[row] == 1]
        raise SurveykitError("M019", formulas="; ".join([*_bounds(table), *texts]))


def _bounds(table: ParameterTable) -> list[str]:
    """Bounds as they may have been written: ``a > 2``."""
    found = []
    for row in np.flatnonzero(table.free).tolist():
        name = table.label[row] or f"{table.lhs[row]} {table.op[row]} {table.rhs[row]}".strip()
        for sign, bound in ((">", table.lower[row]), ("<", table.upper[row])):
            if np.isfinite(bound):
                found.append(f"{name} {sign} {bound:g}")
    return list(dict.fromkeys(found))
