"""Implied moments of one group for a whole batch of parameter vectors, in lanes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.sem.gathers import Gathers, Model, gathers
from surveykit.estimation.sem.layout import (
    ALPHA,
    BETA,
    LAMBDA,
    MATRICES,
    NU,
    PSI,
    SYMMETRIC,
    THETA,
    GroupMatrices,
)
from surveykit.estimation.sem.linalg import inverse, product, to_lanes, to_stack, transpose
from surveykit.estimation.sem.mean_gathers import MeanGathers, mean_gathers

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class Assembly(NamedTuple):
    """Where the elements of all matrices come from: ``[constants, cov, mean, x]`` as one vector.

    `places` (n_elements,) are places in it, `parts` matrix code -> its slice of the elements and its
    shape. The sample's `cov` and `mean` are in it only where there is fixed x.
    """

    constants: FloatArray
    places: IntArray
    parts: dict[int, tuple[slice, tuple[int, int]]]


@lru_cache(maxsize=32)
def group_model(layout: GroupMatrices, meanstructure: bool) -> GroupModel:
    """The same group model, with its plans, for every fit of the same layout."""
    return GroupModel(layout, meanstructure)


@dataclass(frozen=True, eq=False)
class GroupModel:
    """One group of a model, ready to be evaluated and differentiated."""

    layout: GroupMatrices
    meanstructure: bool

    @cached_property
    def plan(self) -> Gathers:
        return gathers(self.layout, self.meanstructure)

    @cached_property
    def mean_plan(self) -> MeanGathers:
        return mean_gathers(self.plan)

    @cached_property
    def depth(self) -> int | None:
        """How many effects the longest causal chain has; None if there is a loop."""
        m = len(self.layout.lv)
        step = np.zeros((m, m), dtype=np.int64)
        cells = self.layout.cells
        chosen = cells.matrix == BETA
        step[cells.i[chosen], cells.j[chosen]] = 1
        power = np.eye(m, dtype=np.int64)
        for length in range(m + 1):
            power = (power @ step > 0).astype(np.int64)
            if not power.any():
                return length
        return None

    @cached_property
    def _identity(self) -> FloatArray:
        identity = np.eye(len(self.layout.lv))[:, :, None]
        identity.flags.writeable = False
        return identity

    @cached_property
    def diagonal_theta(self) -> bool:
        """Whether residuals of observed variables are uncorrelated."""
        cells = self.layout.cells.where(self.layout.cells.matrix == THETA)
        return bool(np.all(cells.i == cells.j))

    @cached_property
    def _exogenous(self) -> dict[int, tuple[IntArray, IntArray, IntArray, IntArray]]:
        """By matrix: cells of moments of fixed x, and the observed variables they belong to."""
        cells, phantom = self.layout.exogenous, self.layout.phantom_of
        found = {}
        for code in np.unique(cells.matrix):
            i, j = (one[cells.matrix == code] for one in (cells.i, cells.j))
            inner = code in (PSI, ALPHA)
            observed = (phantom[i], phantom[j]) if inner else (i, j)
            found[int(code)] = (i, j, *observed)
        return found

    def matrix(self, code: int, x: FloatArray, cov: FloatArray, mean: FloatArray | None) -> FloatArray:
        """One model matrix (r, c, batch) at x (n_free, batch); moments of fixed x from the sample."""
        base = self.layout.base[MATRICES[code]]
        lanes = np.empty((*base.shape, x.shape[1]))
        lanes[:] = base[:, :, None]
        if code in self.layout.free_by_matrix:
            parameter, i, j = self.layout.free_by_matrix[code]
            lanes[i, j] = x[parameter]
            if code in SYMMETRIC:
                lanes[j, i] = lanes[i, j]
        if code in self._exogenous:
            i, j, one, other = self._exogenous[code]
            if code in SYMMETRIC:
                lanes[i, j] = lanes[j, i] = cov[one, other]
            elif mean is not None:
                lanes[i, 0] = mean[one]
        return lanes

    @cached_property
    def assembly(self) -> Assembly:
        layout = self.layout
        codes = [LAMBDA, THETA, PSI, *([BETA] if layout.has_beta else [])]
        codes += [NU, ALPHA] if self.meanstructure else []
        constants = np.unique(np.concatenate([layout.base[MATRICES[code]].ravel() for code in codes]))
        sources = [self._sources(code, constants) for code in codes]
        ends = np.cumsum([one.size for one in sources])
        parts = {
            code: (slice(end - one.size, end), one.shape)
            for code, one, end in zip(codes, sources, ends.tolist(), strict=True)
        }
        return Assembly(constants[:, None], np.concatenate([one.ravel() for one in sources]), parts)

    def _sources(self, code: int, constants: FloatArray) -> IntArray:
        """Places (r, c) of one matrix's elements in ``[constants, cov, mean, x]``."""
        p = len(self.layout.ov)
        sample = len(constants)
        first_x = sample + (p * p + p if self._exogenous else 0)
        places = np.searchsorted(constants, self.layout.base[MATRICES[code]])
        symmetric = code in SYMMETRIC
        if code in self.layout.free_by_matrix:
            parameter, i, j = self.layout.free_by_matrix[code]
            places[i, j] = first_x + parameter
            if symmetric:
                places[j, i] = first_x + parameter
        if code in self._exogenous:
            i, j, one, other = self._exogenous[code]
            places[i, j] = sample + (one * p + other if symmetric else p * p + one)
            if symmetric:
                places[j, i] = places[i, j]
        return places

    def matrices(self, x: FloatArray, cov: FloatArray, mean: FloatArray) -> dict[int, FloatArray]:
        """Matrices of the implied moments at x (n_free, batch): code -> (r, c, batch)."""
        assembly, batch = self.assembly, x.shape[1]
        constants = assembly.constants if batch == 1 else np.repeat(assembly.constants, batch, axis=1)
        sample = (cov.reshape(-1, batch), mean) if self._exogenous else ()
        elements = np.concatenate([constants, *sample, x]).take(assembly.places, axis=0)
        return {code: elements[part].reshape(*shape, batch) for code, (part, shape) in assembly.parts.items()}

    def evaluate(
        self, x: FloatArray, cov: FloatArray, mean: FloatArray, variances: FloatArray | None = None
    ) -> Model:
        """Implied moments at x (n_free, batch); `cov`, `mean` are the sample's, for fixed x.

        `variances` (k, batch), where given, are the total variances of `layout.dependent`.
        """
        matrices = self.matrices(x, cov, mean)
        loading, psi = matrices[LAMBDA], matrices[PSI]
        total = self._total_effects(matrices)
        if variances is not None:
            place, _ = self.layout.dependent
            psi[place, place] = 0.0
            explained = np.einsum("ijb,jkb,ikb->ib", total[place], psi, total[place])
            share = to_stack(total[place[:, None], place] ** 2)
            rest = (variances - explained).T[:, :, None]
            psi[place, place] = np.linalg.solve(share, rest)[:, :, 0].T
        if self.layout.has_beta:
            effect = product(loading, total)
            covariance = product(product(total, psi), transpose(total))
        else:
            effect, covariance = loading, psi
        common = product(loading, covariance)
        sigma = product(common, transpose(loading)) + matrices[THETA]
        latent_mean, mu = np.zeros((loading.shape[1], x.shape[1])), None
        if self.meanstructure:
            latent_mean = product(total, matrices[ALPHA])[:, 0]
            mu = (product(loading, latent_mean[:, None]) + matrices[NU])[:, 0]
        columns = np.concatenate([effect, common], axis=1)
        if not self.diagonal_theta:
            return Model(sigma, mu, columns, total, covariance, latent_mean)
        theta = np.einsum("iib->ib", matrices[THETA])
        return Model(sigma, mu, columns, total, covariance, latent_mean, loading, theta)

    def _total_effects(self, matrices: dict[int, FloatArray]) -> FloatArray:
        """(I - B)^-1 in lanes."""
        psi = matrices[PSI]
        identity = self._identity
        if psi.shape[2] > 1:
            identity = np.broadcast_to(identity, psi.shape)
        if not self.layout.has_beta:
            return identity
        beta = matrices[BETA]
        if self.depth is None:
            return to_lanes(inverse(to_stack(identity - beta)))
        total = identity + beta
        for _ in range(self.depth - 1):
            total = identity + product(beta, total)
        return total
