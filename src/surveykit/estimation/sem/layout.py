"""Which parameter stands where in the model matrices of one group (LISREL, all-y; see `matrices`)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.errors import SurveykitError
from surveykit.estimation.sem.parameter_table import ParameterTable

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

MATRICES = ("lambda", "theta", "psi", "beta", "nu", "alpha", "delta", "tau", "gamma", "cov.x", "mean.x")
LAMBDA, THETA, PSI, BETA, NU, ALPHA, DELTA, TAU, GAMMA, COV_X, MEAN_X = range(len(MATRICES))
SYMMETRIC = (THETA, PSI, COV_X)


def kinds(*codes: int) -> NDArray[np.bool_]:
    """Looked up by the code of a matrix: is it one of these?"""
    found = np.zeros(len(MATRICES), dtype=np.bool_)
    found[list(codes)] = True
    return found


_EXOGENOUS = kinds(PSI, THETA, ALPHA, NU)
_LATENT_SIDE = kinds(PSI, ALPHA)


class Cells(NamedTuple):
    """Places of parameters in the matrices of one group; arrays of equal length.

    `row` is the row of the parameter table, `parameter` the index into x (-1 if not free),
    `matrix` an index into `MATRICES`, `i` and `j` the cell (the lower one where symmetric).
    """

    row: IntArray
    parameter: IntArray
    matrix: IntArray
    i: IntArray
    j: IntArray

    def where(self, mask: NDArray[np.bool_]) -> Cells:
        return Cells(*(one[mask] for one in self))


def others(size: int, places: IntArray) -> IntArray:
    """Places 0 to size - 1 without the given ones; NumPy's set functions sort, which costs more."""
    left = np.ones(size, dtype=np.bool_)
    left[places] = False
    return np.flatnonzero(left)


@dataclass(frozen=True, eq=False)
class GroupMatrices:
    """The model matrices of one group: names of their rows and columns, and who stands where.

    Attributes
    ----------
    ov : observed variables, rows of lambda, theta, nu, delta
    lv : latent variables, then phantoms of observed ones: columns of lambda, rows of psi, beta, alpha
    n_latent : how many of `lv` are true latent variables
    ov_x : columns of gamma; empty unless x is conditioned on
    th : thresholds ``item|t1``; `th_variable` (n_th,) the index of their variable in `ov`
    ordered : bool (p,), which of `ov` have thresholds
    cells : every parameter of the group; `free` and `exogenous` (fixed at the sample's) are parts of it;
        `measures` (bool, as long as `cells`) says which are loadings (``=~``)
    base : matrix name -> (r, c) array that holds the fixed values
    """

    group: int
    ov: tuple[str, ...]
    lv: tuple[str, ...]
    n_latent: int
    ov_x: tuple[str, ...]
    th: tuple[str, ...]
    th_variable: IntArray
    ordered: NDArray[np.bool_]
    cells: Cells
    base: dict[str, FloatArray]
    exogenous_rows: NDArray[np.bool_]
    measures: NDArray[np.bool_]

    @cached_property
    def by_matrix(self) -> dict[int, Cells]:
        """Matrix code -> its cells."""
        codes = sorted(set(self.cells.matrix.tolist()))
        return {code: self.cells.where(self.cells.matrix == code) for code in codes}

    @cached_property
    def places(self) -> dict[int, IntArray]:
        """Matrix code -> where its cells stand among `cells`."""
        return {code: np.flatnonzero(self.cells.matrix == code) for code in self.by_matrix}

    @cached_property
    def free(self) -> Cells:
        return self.cells.where(self.cells.parameter >= 0)

    @cached_property
    def free_by_matrix(self) -> dict[int, tuple[IntArray, IntArray, IntArray]]:
        """Matrix code -> parameter, row and column of its free elements."""
        free = self.free
        chosen = {code: free.matrix == code for code in sorted(set(free.matrix.tolist()))}
        return {code: (free.parameter[w], free.i[w], free.j[w]) for code, w in chosen.items()}

    @cached_property
    def exogenous(self) -> Cells:
        """Moments of fixed x among the cells of psi, theta, alpha and nu."""
        return self.cells.where(self.exogenous_rows)

    @cached_property
    def fixed_x(self) -> IntArray:
        """Index into `ov` of the fixed x."""
        cells, phantom = self.exogenous, self.phantom_of
        inner = _LATENT_SIDE[cells.matrix]
        places = [phantom[cells.i[inner]] if len(phantom) else cells.i[inner], cells.i[~inner]]
        return np.unique(np.concatenate(places))

    @cached_property
    def phantom_of(self) -> IntArray:
        """Index into `ov` of each column of lambda that is a phantom; -1 for true latent variables."""
        place = {name: index for index, name in enumerate(self.ov)}
        names = enumerate(self.lv)
        return np.array(
            [place[name] if index >= self.n_latent else -1 for index, name in names], dtype=np.int64
        )

    @cached_property
    def dependent(self) -> tuple[IntArray, IntArray]:
        """Phantoms of ordered variables: their place in `lv`, and the variable in `ov`.

        Under "delta" their total variance is given, so that their residual variance (in psi) follows.
        """
        place = np.flatnonzero(self.phantom_of >= 0)
        place = place[self.ordered[self.phantom_of[place]]]
        return place, self.phantom_of[place]

    @cached_property
    def has_beta(self) -> bool:
        return bool(np.any(self.cells.matrix == BETA))

    def dimensions(self, name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Row and column names of one matrix."""
        vectors = {"nu": self.ov, "alpha": self.lv, "delta": self.ov, "tau": self.th, "mean.x": self.ov_x}
        if name in vectors:
            return vectors[name], ("intercept" if name in ("nu", "alpha", "mean.x") else name,)
        squares = {"theta": self.ov, "psi": self.lv, "beta": self.lv, "cov.x": self.ov_x}
        if name in squares:
            return squares[name], squares[name]
        return (self.lv, self.ov_x) if name == "gamma" else (self.ov, self.lv)


def group_matrices(table: ParameterTable, group: int, conditional_x: bool) -> GroupMatrices:
    """Names and places of one group's matrices."""
    ov = table.variable_names("ov.nox" if conditional_x else "ov", group)
    ov_x = table.variable_names("ov.x", group) if conditional_x else ()
    latent = table.variable_names("lv", group)
    rows = [row for row in range(len(table)) if table.group[row] == group]
    phantoms = phantom_variables(table, rows, latent, ov_x)
    lv = (*latent, *(name for name in ov if name in phantoms))
    th = table.variable_names("th", group)
    for name in th:
        variable, _, threshold = name.rpartition("|")
        if variable not in ov:
            raise SurveykitError("M141", variable=variable, threshold=threshold)
    th_variable = np.array([ov.index(name.rpartition("|")[0]) for name in th], dtype=np.int64)
    cells = place_rows(table, rows, ov, lv, ov_x, th)
    exogenous = (table.exo[cells.row] == 1) & (cells.parameter < 0)
    ordered = np.zeros(len(ov), dtype=np.bool_)
    ordered[th_variable] = True
    return GroupMatrices(
        group=group,
        ov=ov,
        lv=lv,
        n_latent=len(latent),
        ov_x=ov_x,
        th=th,
        th_variable=th_variable,
        ordered=ordered,
        cells=cells,
        base=base_matrices(table, cells, ov, lv, ov_x, th),
        exogenous_rows=exogenous & _EXOGENOUS[cells.matrix],
        measures=np.array([table.op[row] == "=~" for row in cells.row], dtype=np.bool_),
    )


def phantom_variables(
    table: ParameterTable, rows: list[int], latent: tuple[str, ...], ov_x: tuple[str, ...]
) -> set[str]:
    """Observed variables that need a phantom: those in regressions, and all they covary with."""
    inside = set(latent)
    phantoms = {table.lhs[row] for row in rows if table.op[row] == "~"}
    phantoms |= {table.rhs[row] for row in rows if table.op[row] == "~" and table.rhs[row] not in ov_x}
    phantoms -= inside
    pairs = [
        (table.lhs[row], table.rhs[row])
        for row in rows
        if table.op[row] == "~~" and table.lhs[row] != table.rhs[row] and table.lhs[row] not in ov_x
    ]
    before = -1
    while len(phantoms) != before:
        before = len(phantoms)
        for one, other in pairs:
            if {one, other} & (phantoms | inside):
                phantoms |= {one, other} - inside
    return phantoms


def place_rows(
    table: ParameterTable,
    rows: list[int],
    ov: tuple[str, ...],
    lv: tuple[str, ...],
    ov_x: tuple[str, ...],
    th: tuple[str, ...],
) -> Cells:
    """The cell of every row that is a parameter of the group."""
    in_ov = {name: index for index, name in enumerate(ov)}
    in_lv = {name: index for index, name in enumerate(lv)}
    in_x = {name: index for index, name in enumerate(ov_x)}
    in_th = {name: index for index, name in enumerate(th)}
    found: list[tuple[int, int, int, int, int]] = []
    for row in rows:
        lhs, op, rhs = table.lhs[row], table.op[row], table.rhs[row]
        if op == "=~":
            inner = rhs in in_lv
            cell = (BETA, in_lv[rhs], in_lv[lhs]) if inner else (LAMBDA, in_ov[rhs], in_lv[lhs])
        elif op == "~":
            cell = (GAMMA, in_lv[lhs], in_x[rhs]) if rhs in in_x else (BETA, in_lv[lhs], in_lv[rhs])
        elif op == "~~":
            names, matrix = (in_x, COV_X) if lhs in in_x else (in_lv, PSI) if lhs in in_lv else (in_ov, THETA)
            one, other = names[lhs], names[rhs]
            cell = (matrix, max(one, other), min(one, other))
        elif op == "~1":
            names, matrix = (in_x, MEAN_X) if lhs in in_x else (in_lv, ALPHA) if lhs in in_lv else (in_ov, NU)
            cell = (matrix, names[lhs], 0)
        elif op == "|":
            cell = (TAU, in_th[f"{lhs}|{rhs}"], 0)
        elif op == "~*~":
            cell = (DELTA, in_ov[lhs], 0)
        else:
            continue
        found.append((row, int(table.free[row]) - 1, *cell))
    columns = np.array(found, dtype=np.int64).reshape(-1, 5).T
    return Cells(*columns)


def base_matrices(
    table: ParameterTable,
    cells: Cells,
    ov: tuple[str, ...],
    lv: tuple[str, ...],
    ov_x: tuple[str, ...],
    th: tuple[str, ...],
) -> dict[str, FloatArray]:
    """Matrices that hold every fixed value, zero elsewhere."""
    p, m, k = len(ov), len(lv), len(ov_x)
    shapes = {"lambda": (p, m), "theta": (p, p), "psi": (m, m), "beta": (m, m), "nu": (p, 1), "alpha": (m, 1)}
    shapes |= {"delta": (p, 1), "tau": (len(th), 1), "gamma": (m, k), "cov.x": (k, k), "mean.x": (k, 1)}
    base = {name: np.zeros(shape) for name, shape in shapes.items()}
    base["delta"][:] = 1
    place = {name: index for index, name in enumerate(ov)}
    for column, name in enumerate(lv):
        if name in place:
            base["lambda"][place[name], column] = 1
    value = np.where(np.isnan(table.start), table.ustart, table.start)
    for row, _, code, i, j in zip(*(one[cells.parameter < 0] for one in cells), strict=True):
        matrix = base[MATRICES[code]]
        matrix[i, j] = 0 if np.isnan(value[row]) else value[row]
        if code in SYMMETRIC:
            matrix[j, i] = matrix[i, j]
    return base
