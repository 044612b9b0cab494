"""Direct, indirect and total effects along the regressions of a model.

With eta = B eta + Gamma x + zeta the total effects are (I - B)^-1 - I among eta and
(I - B)^-1 Gamma of conditioned-on x; an indirect effect is total minus direct.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.sem.layout import BETA, GAMMA, GroupMatrices
from surveykit.estimation.sem.matrices import Representation, total_effects
from surveykit.estimation.sem.parameter_table import ParameterTable
from surveykit.estimation.sem.standardize import implied_variances

FloatArray = NDArray[np.float64]

KINDS = ("direct", "indirect", "total")


class Effect(NamedTuple):
    """One effect of `predictor` on `outcome`; `jacobian` (n_free,) its derivatives.

    `scale` is sd(predictor) / sd(outcome): the standardized effect is ``est * scale``.
    """

    group: int
    outcome: str
    predictor: str
    kind: str
    est: float
    scale: float
    jacobian: FloatArray


def effects(table: ParameterTable, representation: Representation, x: FloatArray) -> tuple[Effect, ...]:
    """All effects on the outcomes of regressions, group by group, at x (n_free,).

    A pair is listed if there is a directed path; its indirect effect if there is one of
    length two or more. Factors measured by factors are listed with what reaches them through these.
    """
    found: list[Effect] = []
    for group in range(len(representation.groups)):
        found += _group_effects(table, representation, x, group)
    return tuple(found)


def _group_effects(
    table: ParameterTable, representation: Representation, x: FloatArray, group: int
) -> list[Effect]:
    layout = representation.groups[group]
    matrices = {name: one[0] for name, one in representation.fill(x, group).items()}
    inverse = total_effects({"beta": matrices["beta"][None]})[0]
    m = len(inverse)
    direct = np.concatenate([matrices["beta"], matrices["gamma"]], axis=1)
    total = np.concatenate([inverse - np.eye(m), inverse @ matrices["gamma"]], axis=1)
    edges = _edges(layout)
    paths, longer = _reachable(edges, m)
    scales = _deviations(representation, x, group)
    outcomes = table.variable_names("eqs.y", group + 1)
    names = (*layout.lv, *layout.ov_x)
    out = []
    for i, outcome in enumerate(layout.lv):
        for j in np.flatnonzero(paths[i] if outcome in outcomes else longer[i]):
            slope = _total_jacobian(representation, layout, inverse, total, i, int(j))
            own = _direct_jacobian(representation, layout, i, int(j))
            rows = {"direct": (direct[i, j], own), "total": (total[i, j], slope)}
            rows["indirect"] = (total[i, j] - direct[i, j], slope - own)
            present = {"direct": edges[i, j], "indirect": longer[i, j], "total": True}
            scale = scales[names[j]] / scales[outcome]
            out += [
                Effect(group + 1, outcome, names[j], kind, float(rows[kind][0]), scale, rows[kind][1])
                for kind in KINDS
                if present[kind]
            ]
    return out


def effect_values(representation: Representation, found: Sequence[Effect], x: FloatArray) -> FloatArray:
    """The same effects at other parameters x (batch, n_free): (batch, len(found))."""
    values = np.empty((len(x), len(found)))
    for group, layout in enumerate(representation.groups):
        matrices = representation.fill(x, group)
        inverse = total_effects(matrices)
        m = inverse.shape[-1]
        direct = np.concatenate([matrices["beta"], matrices["gamma"]], axis=2)
        total = np.concatenate([inverse - np.eye(m), inverse @ matrices["gamma"]], axis=2)
        by_kind = {"direct": direct, "indirect": total - direct, "total": total}
        place = {name: at for at, name in enumerate((*layout.lv, *layout.ov_x))}
        for at, one in enumerate(found):
            if one.group == group + 1:
                values[:, at] = by_kind[one.kind][:, place[one.outcome], place[one.predictor]]
    return values


def _edges(layout: GroupMatrices) -> NDArray[np.bool_]:
    """(m, m + n_x): is there an arrow from the column to the row?"""
    m = len(layout.lv)
    edges = np.zeros((m, m + len(layout.ov_x)), dtype=bool)
    for code, shift in ((BETA, 0), (GAMMA, m)):
        cells = layout.cells.where(layout.cells.matrix == code)
        fixed_zero = (cells.parameter < 0) & (
            layout.base["beta" if code == BETA else "gamma"][cells.i, cells.j] == 0
        )
        edges[cells.i, cells.j + shift] |= ~fixed_zero
    return edges


def _reachable(edges: NDArray[np.bool_], m: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Pairs joined by a path of any length, and by one of length two or more (never to oneself)."""
    inner = edges[:, :m]
    paths = edges.copy()
    for _ in range(m):
        paths |= (inner.astype(int) @ paths.astype(int)) > 0
    longer = (inner.astype(int) @ paths.astype(int)) > 0
    itself = np.eye(m, paths.shape[1], dtype=bool)
    return paths & ~itself, longer & ~itself


def _total_jacobian(
    representation: Representation,
    layout: GroupMatrices,
    inverse: FloatArray,
    total: FloatArray,
    i: int,
    j: int,
) -> FloatArray:
    """Derivatives of the total effect of j on i."""
    m = len(inverse)
    change = np.zeros(representation.n_free)
    down = total[:, j] + (np.arange(m) == j)  # effect of j on every variable, itself included
    free = layout.free
    beta, gamma = free.matrix == BETA, free.matrix == GAMMA
    change[free.parameter[beta]] = inverse[i, free.i[beta]] * down[free.j[beta]]
    own = gamma & (free.j + m == j)
    change[free.parameter[own]] = inverse[i, free.i[own]]
    return change


def _direct_jacobian(representation: Representation, layout: GroupMatrices, i: int, j: int) -> FloatArray:
    change = np.zeros(representation.n_free)
    m = len(layout.lv)
    free = layout.free
    column = np.where(free.matrix == GAMMA, free.j + m, free.j)
    own = np.isin(free.matrix, (BETA, GAMMA)) & (free.i == i) & (column == j)
    change[free.parameter[own]] = 1.0
    return change


def _deviations(representation: Representation, x: FloatArray, group: int) -> dict[str, float]:
    """Implied standard deviation of every variable of one group."""
    layout = representation.groups[group]
    latent, observed = implied_variances(representation, x, group)
    values = np.concatenate([observed[0], latent[0]])
    names = (*layout.ov, *layout.ov_x, *layout.lv[: layout.n_latent])
    roots = np.sqrt(np.where(values > 0, values, np.nan))
    return dict(zip(names, roots.tolist(), strict=True))
