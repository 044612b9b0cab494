"""Notes on a solution: not identified, not converged, negative degrees of freedom, on its bounds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from surveykit.errors import Note, note
from surveykit.estimation.moments import SampleMoments
from surveykit.estimation.sem.constraints import Constraints
from surveykit.estimation.sem.information import Fitted
from surveykit.estimation.sem.parameter_table import ParameterTable
from surveykit.estimation.sem.settings import Settings

FloatArray = NDArray[np.float64]

MOST_NAMES = 12
# Scaled eigenvalues of the information below this mean that standard errors say little.
WEAK = 1e-8


def parameter_names(table: ParameterTable) -> list[str]:
    """Each free parameter as written, with its group where there are several."""
    names = [""] * table.n_free
    for row in np.flatnonzero(table.free):
        text = f"{table.lhs[row]} {table.op[row]} {table.rhs[row]}".strip()
        if table.n_groups > 1:
            text += f" [group {table.group[row]}]"
        names[table.free[row] - 1] = text
    return names


def _listed(names: list[str]) -> str:
    more = len(names) - MOST_NAMES
    return "; ".join(names[:MOST_NAMES]) + (f"; ... (+{more})" if more > 0 else "")


def identification_note(table: ParameterTable, fitted: Fitted, information: FloatArray) -> Note | None:
    """M046 not identified, M049 barely; None if all is well."""
    if not fitted.is_weak(information, WEAK):
        return None
    for limit, code in ((None, "M046"), (WEAK, "M049")):
        directions = fitted.null_directions(information, limit)
        if directions.size:
            scale = np.sqrt(np.abs(np.diag(information)))
            moved = np.abs(directions * scale[:, None]).max(axis=1)
            names = parameter_names(table)
            chosen = [names[at] for at in np.flatnonzero(moved > 0.01 * moved.max())]
            if code == "M046":
                return note("M046", names=_listed(chosen))
            return note("M049", names=_listed(chosen))
    return None


def clusters_note(moments: Sequence[SampleMoments], fitted: Fitted, settings: Settings) -> Note | None:
    """M175: no more clusters than parameters: their scores add up to zero, and the sandwich is singular."""
    clusters, parameters = sum(one.n_clusters for one in moments), fitted.free_directions.shape[1]
    if not clusters or clusters > parameters or "cluster" not in settings.se:
        return None
    return note("M175", clusters=clusters, parameters=parameters)


def df_note(table: ParameterTable, df: int, statistics: int) -> Note | None:
    """M047: more parameters than statistics."""
    if df >= 0:
        return None
    return note("M047", parameters=statistics - df, statistics=statistics, df=df, missing=-df)


def boundary_note(table: ParameterTable, constraints: Constraints, x: FloatArray) -> Note | None:
    """M052: inequalities and bounds that hold with equality."""
    found = []
    for bounds, sign in ((constraints.lower, ">="), (constraints.upper, "<=")):
        for at in np.flatnonzero(np.abs(x - bounds) <= 1e-9 * np.maximum(1.0, np.abs(x))):
            found.append(f"{parameter_names(table)[at]} {sign} {bounds[at]:g}")
    if not len(constraints.inequality_rows) and not found:
        return None
    for row, value in zip(constraints.inequality_rows, constraints.g(x), strict=True):
        if abs(value) <= 1e-9:
            found.append(f"{table.lhs[row]} {table.op[row]} {table.rhs[row]}")
    return note("M052", names=_listed(found)) if found else None
