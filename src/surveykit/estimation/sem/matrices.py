"""From a parameter table to stacks of model matrices and implied moments (LISREL, all-y).

An observed variable that takes part in a regression, or covaries with one that
does, gets a phantom latent variable with loading 1, as in lavaan, so that

    eta = alpha + B eta + Gamma x + zeta        zeta ~ (0, Psi)
    y   = nu + Lambda eta + epsilon             epsilon ~ (0, Theta)
    Sigma = Lambda A Psi A' Lambda' + Theta,  A = (I - B)^-1,  mu = nu + Lambda A alpha

Ordered variables have thresholds tau and scales delta: Sigma is then
Delta (Lambda A Psi A' Lambda' + Theta) Delta with a unit diagonal, and the
implied threshold is delta_i (tau_k - mu_i).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.sem.layout import MATRICES, SYMMETRIC, GroupMatrices, group_matrices
from surveykit.estimation.sem.linalg import inverse
from surveykit.estimation.sem.parameter_table import ParameterTable

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class Implied(NamedTuple):
    """Implied moments of one group, stacked over the batch.

    `sigma` (batch, p, p); `mu` (batch, p) or None without means; for ordered variables
    `th` (batch, n_thresholds); with conditional x `slopes` (batch, p, n_x). Where there are
    ordered variables, sigma has their correlations and mu their means before scaling.
    """

    sigma: FloatArray
    mu: FloatArray | None
    th: FloatArray | None = None
    slopes: FloatArray | None = None


@dataclass(frozen=True, eq=False)
class Representation:
    """A parameter table as model matrices, group by group (`groups[g]`, g from 0).

    `parameterization` is ``"delta"`` or ``"theta"`` and matters only for ordered variables.
    The fixed values, those of exogenous moments included, are read from the table's `start`
    (from `ustart` where that is not filled yet).
    """

    n_free: int
    meanstructure: bool
    conditional_x: bool
    categorical: bool
    parameterization: str
    groups: tuple[GroupMatrices, ...]

    @classmethod
    def from_table(cls, table: ParameterTable, parameterization: str = "delta") -> Representation:
        if np.any((table.exo == 1) & (table.free == 0)):
            return cls._read(table, parameterization)  # it holds the sample's moments of fixed x
        fixed = np.where(np.isnan(table.start), table.ustart, table.start)[table.free == 0]
        key = ("representation", parameterization, fixed.tobytes())
        return table.derived(key, lambda: cls._read(table, parameterization))

    @classmethod
    def _read(cls, table: ParameterTable, parameterization: str) -> Representation:
        slopes = [op == "~" and exo == 1 for op, exo in zip(table.op, table.exo, strict=True)]
        conditional = any(slopes)
        return cls(
            n_free=table.n_free,
            meanstructure="~1" in table.op,
            conditional_x=conditional,
            categorical="|" in table.op,
            parameterization=parameterization,
            groups=tuple(group_matrices(table, g, conditional) for g in range(1, table.n_groups + 1)),
        )

    def fill(self, x: FloatArray, group: int = 0) -> dict[str, FloatArray]:
        """Model matrices of one group at x (n_free,) or (batch, n_free): name -> (batch, r, c).

        For ordered variables the dependent side (residual variances under "delta",
        scales under "theta") is filled in.
        """
        layout = self.groups[group]
        stack = np.atleast_2d(x)
        matrices = {name: np.repeat(base[None], len(stack), axis=0) for name, base in layout.base.items()}
        for code, (parameter, i, j) in layout.free_by_matrix.items():
            matrix, values = matrices[MATRICES[code]], stack[:, parameter]
            matrix[:, i, j] = values
            if code in SYMMETRIC:
                matrix[:, j, i] = values
        if self.categorical:
            self._fill_scales(matrices, layout)
        return matrices

    def _fill_scales(self, matrices: dict[str, FloatArray], layout: GroupMatrices) -> None:
        diagonal = np.arange(len(layout.ov))[layout.ordered]
        if self.parameterization == "delta":
            variance = matrices["delta"][:, :, 0] ** -2.0
            place, variable = layout.dependent
            if len(place):
                _fill_residuals(matrices, place, variance[:, variable])
            total = common_covariance(matrices)[:, diagonal, diagonal]
            matrices["theta"][:, diagonal, diagonal] = variance[:, diagonal] - total
            matrices["theta"][:, variable, variable] = 0.0
        else:
            total = common_covariance(matrices)
            variance = total[:, diagonal, diagonal] + matrices["theta"][:, diagonal, diagonal]
            matrices["delta"][:, diagonal, 0] = 1 / np.sqrt(np.where(variance > 0, variance, np.nan))

    def implied(self, x: FloatArray, group: int = 0) -> Implied:
        """Implied moments of one group at x (n_free,) or (batch, n_free)."""
        layout = self.groups[group]
        matrices = self.fill(x, group)
        sigma = common_covariance(matrices) + matrices["theta"]
        mean = self.meanstructure or self.categorical
        mu = (matrices["nu"] + effects(matrices) @ matrices["alpha"])[..., 0] if mean else None
        slopes = effects(matrices) @ matrices["gamma"] if self.conditional_x else None
        if not self.categorical:
            return Implied(sigma, mu, None, slopes)
        scale = matrices["delta"]
        sigma = sigma * scale * scale.transpose(0, 2, 1)
        assert mu is not None
        th = scale[:, layout.th_variable, 0] * (matrices["tau"][..., 0] - mu[:, layout.th_variable])
        return Implied(sigma, mu, th, slopes if slopes is None else slopes * scale)

    def latent_moments(self, x: FloatArray, group: int = 0) -> tuple[FloatArray, FloatArray]:
        """Covariance (batch, m, m) and mean (batch, m) of `lv` (phantoms included)."""
        matrices = self.fill(x, group)
        total = total_effects(matrices)
        covariance = total @ matrices["psi"] @ total.transpose(0, 2, 1)
        return covariance, (total @ matrices["alpha"])[..., 0]


def _fill_residuals(matrices: dict[str, FloatArray], place: IntArray, variance: FloatArray) -> None:
    """Residual variances of some latent variables whose total variances (batch, k) are given."""
    psi = matrices["psi"]
    psi[:, place, place] = 0.0
    total = total_effects(matrices)
    explained = np.einsum("bij,bjk,bik->bi", total, psi, total)[:, place]
    share = total[:, place[:, None], place] ** 2
    psi[:, place, place] = np.linalg.solve(share, (variance - explained)[:, :, None])[:, :, 0]


def total_effects(matrices: dict[str, FloatArray]) -> FloatArray:
    """(I - B)^-1, stacked."""
    beta = matrices["beta"]
    identity = np.eye(beta.shape[-1])
    if not beta.any():
        return np.broadcast_to(identity, beta.shape).copy()
    return inverse(identity - beta)


def effects(matrices: dict[str, FloatArray]) -> FloatArray:
    """Lambda (I - B)^-1, stacked."""
    return matrices["lambda"] @ total_effects(matrices)


def common_covariance(matrices: dict[str, FloatArray]) -> FloatArray:
    """Lambda A Psi A' Lambda', stacked."""
    loading = effects(matrices)
    return loading @ matrices["psi"] @ loading.transpose(0, 2, 1)
