"""Is a solution one that could be true? Negative variances, correlations beyond 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.sem.matrices import Representation, total_effects
from surveykit.estimation.sem.parameter_table import ParameterTable
from surveykit.estimation.sem.standardize import latent_disturbance

FloatArray = NDArray[np.float64]

NEGATIVE = -(float(np.finfo(float).eps) ** 0.75)


class Improper(NamedTuple):
    """What is wrong with a solution.

    `variances`: (name, group) of negative ones; `latent`: (group, largest absolute correlation)
    where the covariance matrix of the latent variables is not positive definite; `residual`:
    groups where that of the observed residuals is not.
    """

    variances: tuple[tuple[str, int], ...] = ()
    latent: tuple[tuple[int, float], ...] = ()
    residual: tuple[int, ...] = ()

    @property
    def nothing(self) -> bool:
        return not (self.variances or self.latent or self.residual)


def improper(
    table: ParameterTable,
    representation: Representation,
    estimates: FloatArray,
    matrices_by_group: Sequence[dict[str, FloatArray]],
) -> Improper:
    """lavaan's post-check of a solution: `estimates` one value a row of the table, `fill`'s matrices."""
    negative = [
        row
        for row, op in enumerate(table.op)
        if op == "~~" and table.lhs[row] == table.rhs[row] and estimates[row] < 0
    ]
    latent_names = set(table.variable_names("lv"))
    bad_latent = [row for row in negative if table.lhs[row] in latent_names]
    bad_observed = len(bad_latent) < len(negative)
    variances = tuple((table.lhs[row], int(table.group[row])) for row in negative)
    latent, residual = [], []
    for group, layout in enumerate(representation.groups):
        matrices = matrices_by_group[group]
        if not bad_latent and layout.n_latent:
            total = total_effects(matrices)
            covariance = (total @ latent_disturbance(matrices) @ total.transpose(0, 2, 1))[0]
            covariance = covariance[: layout.n_latent, : layout.n_latent]
            if np.linalg.eigvalsh(covariance)[0] < NEGATIVE:
                latent.append((group + 1, _largest_correlation(covariance)))
        theta = matrices["theta"][0]
        if layout.ordered.any():
            theta = theta[np.ix_(~layout.ordered, ~layout.ordered)]
        if not bad_observed and len(theta) and _smallest(theta) < NEGATIVE:
            residual.append(group + 1)
    return Improper(variances, tuple(latent), tuple(residual))


def _smallest(matrix: FloatArray) -> float:
    """Smallest eigenvalue; of a diagonal matrix without any work."""
    diagonal = matrix.diagonal()
    if np.count_nonzero(matrix) <= len(matrix) and np.all(diagonal != 0):
        return float(diagonal.min())
    return float(np.linalg.eigvalsh(matrix)[0])


def _largest_correlation(covariance: FloatArray) -> float:
    deviation = np.sqrt(np.abs(np.diag(covariance)))
    correlation = covariance / np.outer(deviation, deviation)
    return float(np.abs(correlation[~np.eye(len(correlation), dtype=bool)]).max(initial=0.0))
