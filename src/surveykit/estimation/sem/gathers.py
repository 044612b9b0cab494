"""Derivatives of the implied moments as gathers.

With A = (I - B)^-1, C = A Psi A' and G = [I, Lambda A, Lambda C], the derivative of Sigma
for any one parameter is ``c (u v' + v u')`` with u and v columns of G, and that of mu is
``d u``. So gradients and Hessians of a discrepancy are elements picked from small products
such as G' W G, and no Jacobian of all moments is formed. Everything here is in lanes
(the batch is the last axis).

`lambda_ij`: u = e_i, v = (Lambda C)_j, d = (A alpha)_j;  `beta_ij`: u = (Lambda A)_i, v and d alike;
`psi_ij`: columns i and j of Lambda A;  `theta_ij`: e_i and e_j;  `nu_i`: d = 1, u = e_i;
`alpha_i`: d = 1, u = (Lambda A)_i.  c is 1/2 on a diagonal, 0 for the last two.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

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
    kinds,
)
from surveykit.estimation.sem.linalg import product, transpose

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


_MOMENTS = kinds(LAMBDA, THETA, PSI, BETA, NU, ALPHA)
_OBSERVED_SIDE = kinds(LAMBDA, THETA, NU)
_MEANS = kinds(NU, ALPHA)
_SLOPES = kinds(LAMBDA, BETA)
_SYMMETRIC = kinds(*SYMMETRIC)
_CURVED = kinds(LAMBDA, BETA, PSI)


class Terms(NamedTuple):
    """Products to be added to some pairs: ``value[pair] += weight * H[h] * Q[q]``; each pair at most once."""

    pair: IntArray
    weight: FloatArray
    h: IntArray
    q: IntArray


class Model(NamedTuple):
    """One group's implied moments at some x, in lanes.

    `columns` is [Lambda A, Lambda C] (p, 2m, batch): G without its identity; `total` is A and
    `latent_covariance` C (m, m, batch), `latent_mean` A alpha (m, batch). Where Theta is diagonal,
    `theta` (p, batch) is that diagonal and `loading` Lambda.
    """

    sigma: FloatArray
    mu: FloatArray | None
    columns: FloatArray
    total: FloatArray
    latent_covariance: FloatArray
    latent_mean: FloatArray
    loading: FloatArray | None = None
    theta: FloatArray | None = None


@dataclass(frozen=True)
class Gathers:
    """Where the derivatives of one group's free parameters are to be picked.

    All index arrays have one element a free parameter of the group (q of them), or one
    a pair of them (`first`, `second`: the upper triangle). `parameter` is the index into x.
    """

    p: int
    m: int
    parameter: IntArray
    matrix: IntArray
    i: IntArray
    j: IntArray
    u: IntArray
    v: IntArray
    c: FloatArray
    mean_index: IntArray
    has_beta: bool
    alpha_pattern: BoolArray
    covariance_pattern: BoolArray

    @property
    def q(self) -> int:
        return len(self.u)

    @property
    def width(self) -> int:
        """Columns of G."""
        return self.p + 2 * self.m

    @cached_property
    def uv(self) -> IntArray:
        """Flat index of (u, v) in a (width, width) matrix."""
        return self.u * self.width + self.v

    @cached_property
    def pairs(self) -> tuple[IntArray, IntArray]:
        first, second = np.triu_indices(self.q)
        return first.astype(np.int64), second.astype(np.int64)

    @cached_property
    def square(self) -> IntArray:
        """Which pair each element of a (q, q) matrix is."""
        first, second = self.pairs
        where = np.empty((self.q, self.q), dtype=np.int64)
        where[first, second] = where[second, first] = np.arange(len(first))
        return where

    @cached_property
    def pair_weight(self) -> FloatArray:
        first, second = self.pairs
        return (self.c[first] * self.c[second])[:, None]

    @cached_property
    def crossings(self) -> tuple[IntArray, IntArray, IntArray, IntArray]:
        """Flat index of (u_a, u_b), (v_a, v_b), (u_a, v_b), (v_a, u_b) for every pair a <= b."""
        a, b = self.pairs
        u, v, width = self.u, self.v, self.width
        return (
            u[a] * width + u[b],
            v[a] * width + v[b],
            u[a] * width + v[b],
            v[a] * width + u[b],
        )

    @cached_property
    def curvature(self) -> tuple[Terms, ...]:
        """Terms of tr(Q d2Sigma) for every pair (see `_curvature`)."""
        return _curvature(self)


def gathers(layout: GroupMatrices, meanstructure: bool) -> Gathers:
    """Read the places off the model matrices of one group."""
    p, m = len(layout.ov), len(layout.lv)
    free = layout.free.where(_MOMENTS[layout.free.matrix])
    code, i, j = free.matrix, free.i, free.j
    observed = _OBSERVED_SIDE[code]
    u = np.where(observed, i, p + i)
    v = np.select([code == THETA, code == PSI], [j, p + j], p + m + j)
    mean = _MEANS[code]
    v = np.where(mean, 0, v)
    c = np.where(mean, 0.0, np.where(_SYMMETRIC[code] & (i == j), 0.5, 1.0))
    # Index into [A alpha (m), 1, 0].
    d = np.where(_SLOPES[code], j, np.where(mean, m, m + 1))
    alpha, covariance = _patterns(layout)
    return Gathers(
        p=p,
        m=m,
        parameter=free.parameter,
        matrix=code,
        i=i,
        j=j,
        u=u,
        v=v,
        c=c,
        mean_index=d if meanstructure else np.full(len(u), m + 1),
        has_beta=layout.has_beta,
        alpha_pattern=alpha,
        covariance_pattern=covariance,
    )


def _pattern(layout: GroupMatrices, code: int) -> BoolArray:
    """Which elements of a matrix can be other than zero."""
    pattern: BoolArray = layout.base[MATRICES[code]] != 0
    cells = layout.cells.where(
        (layout.cells.matrix == code) & ((layout.cells.parameter >= 0) | layout.exogenous_rows)
    )
    pattern[cells.i, cells.j] = True
    if code in SYMMETRIC:
        pattern[cells.j, cells.i] = True
    return pattern


def _patterns(layout: GroupMatrices) -> tuple[BoolArray, BoolArray]:
    """Which elements of A = (I - B)^-1 and of A Psi A' can be other than zero."""
    m = len(layout.lv)
    beta = _pattern(layout, BETA)
    reach = np.eye(m, dtype=np.bool_)
    step = beta
    while np.any(step & ~reach):
        reach |= step
        step = (step.astype(np.int64) @ beta.astype(np.int64)) > 0
    psi = _pattern(layout, PSI)
    covariance = (reach.astype(np.int64) @ psi.astype(np.int64) @ reach.T.astype(np.int64)) > 0
    return reach, covariance


def _curvature(plan: Gathers) -> tuple[Terms, ...]:
    """Places of ``tr(Q d2Sigma_ab) = 2 c_a [(d_b u_a)' Q v_a + u_a' Q (d_b v_a)]``.

    d_b of a column of Lambda A or Lambda C is ``u_b H1 + v_b H2`` with H from A and C:
    for lambda, beta: H1 = A[j_b, k] or C[j_b, k]; for beta also H2 = A[k, i_b] on Lambda C;
    for psi: H1 = c_b A[k, j_b], H2 = c_b A[k, i_b] on Lambda C only.
    """
    first, second = plan.pairs
    pair = np.flatnonzero(_CURVED[plan.matrix[first]] & _CURVED[plan.matrix[second]])
    a, b = first[pair], second[pair]
    p, m, width = plan.p, plan.m, plan.width
    u, v, i_b, j_b = plan.u, plan.v, plan.i[b], plan.j[b]
    slope, beta, psi = _SLOPES[plan.matrix[b]], plan.matrix[b] == BETA, plan.matrix[b] == PSI
    in_covariance = v[a] >= p + m
    in_total = (v[a] >= p) & ~in_covariance
    along_u, along_v = u[b] * width + u[a], v[b] * width + u[a]
    weight = 2 * plan.c[a]
    from_total, from_covariance = (plan.alpha_pattern, 0), (plan.covariance_pattern, m * m)
    u_k, t_k, c_k = u[a] - p, v[a] - p, v[a] - p - m
    found = (
        # (d_b u_a)' Q v_a, u_a a column of Lambda A
        _terms(slope & (u_k >= 0), j_b, u_k, from_total, u[b] * width + v[a], weight),
        # u_a' Q (d_b v_a): the part along u_b, then that along v_b
        _terms(slope & in_total, j_b, t_k, from_total, along_u, weight),
        _terms(slope & in_covariance, j_b, c_k, from_covariance, along_u, weight),
        _terms(psi & in_covariance, c_k, j_b, from_total, along_u, weight * plan.c[b]),
        _terms(psi & in_covariance, c_k, i_b, from_total, along_v, weight * plan.c[b]),
        _terms(beta & in_covariance, c_k, i_b, from_total, along_v, weight),
    )
    return tuple(Terms(pair[one.pair], *one[1:]) for one in found if len(one.pair))


def _terms(
    mask: BoolArray,
    row: IntArray,
    column: IntArray,
    source: tuple[BoolArray, int],
    q: IntArray,
    weight: FloatArray,
) -> Terms:
    """Terms of the chosen pairs whose H[row, column] can be other than zero."""
    pattern, offset = source
    chosen = np.flatnonzero(mask)
    chosen = chosen[pattern[row[chosen], column[chosen]]]
    place = offset + row[chosen] * len(pattern) + column[chosen]
    return Terms(chosen, weight[chosen][:, None], place, q[chosen])


def bordered(plan: Gathers, kernel: FloatArray, columns: FloatArray) -> FloatArray:
    """G' K G of lanes K (p, p, batch), flat: (width * width, batch)."""
    p, batch = plan.p, kernel.shape[2]
    right = product(kernel, columns)
    out = np.empty((plan.width, plan.width, batch))
    out[:p, :p] = kernel
    out[:p, p:] = right
    out[p:, :p] = transpose(right)
    out[p:, p:] = product(transpose(columns), right)
    return out.reshape(-1, batch)


def slopes_of_mean(plan: Gathers, model: Model) -> FloatArray:
    """d (q, batch) of every parameter: dmu = d u."""
    batch = model.sigma.shape[2]
    table = np.concatenate([model.latent_mean, np.ones((1, batch)), np.zeros((1, batch))])
    return table.take(plan.mean_index, axis=0)


def gradient(plan: Gathers, q_flat: FloatArray) -> FloatArray:
    """tr(Q dSigma) for every parameter, (q, batch), from G' Q G."""
    return 2 * plan.c[:, None] * q_flat.take(plan.uv, axis=0)


def cross(plan: Gathers, left: FloatArray, right: FloatArray) -> FloatArray:
    """tr(L dSigma_a R dSigma_b) for every pair, from G' L G and G' R G."""
    uu, vv, uv, vu = plan.crossings
    value = left.take(uu, axis=0) * right.take(vv, axis=0)
    value += left.take(uv, axis=0) * right.take(vu, axis=0)
    if left is right:
        value *= 2
    else:
        value += left.take(vv, axis=0) * right.take(uu, axis=0)
        value += left.take(vu, axis=0) * right.take(uv, axis=0)
    value *= plan.pair_weight
    return value


def add_curvature(plan: Gathers, value: FloatArray, q_flat: FloatArray, model: Model) -> None:
    """Add tr(Q d2Sigma_ab) to every pair, from G' Q G."""
    m, batch = plan.m, value.shape[1]
    second = np.concatenate([model.total, model.latent_covariance]).reshape(2 * m * m, batch)
    for terms in plan.curvature:
        addition = second.take(terms.h, axis=0)
        addition *= q_flat.take(terms.q, axis=0)
        addition *= terms.weight
        value[terms.pair] += addition
