"""The mean structure's part of Hessians, as gathers (see `gathers`)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.sem.gathers import Gathers, Model
from surveykit.estimation.sem.layout import ALPHA, BETA, LAMBDA, kinds

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

_SLOPES = kinds(LAMBDA, BETA)
_INNER = kinds(ALPHA, BETA)


class Both(NamedTuple):
    """Pairs of parameters that both move the means: ``2 d_a d_b P[uu]``."""

    pair: IntArray
    a: IntArray
    b: IntArray
    uu: IntArray


class Mixed(NamedTuple):
    """Pairs of one parameter that moves Sigma (columns `u`, `v`) and one that moves the means (`by`).

    ``weight d[by] (t[u] P[vu] + t[v] P[uu])``, P and t being G'WG and G'Wr.
    """

    pair: IntArray
    weight: FloatArray
    by: IntArray
    u: IntArray
    v: IntArray
    vu: IntArray
    uu: IntArray


class Bent(NamedTuple):
    """Pairs along which the means curve: ``2 A[total] d[by] t[u]``."""

    pair: IntArray
    total: IntArray
    by: IntArray
    u: IntArray


class MeanGathers(NamedTuple):
    """Where the mean structure enters the Hessian.

    `mixed` lists the pairs with their first parameter in Sigma, then with their second. `bent`: the latent
    mean (A alpha)_j moves with the second parameter, then the column of Lambda A turns with the first.
    """

    both: Both
    mixed: tuple[Mixed, Mixed]
    bent: tuple[Bent, Bent]


def mean_gathers(plan: Gathers) -> MeanGathers:
    """Pairs and places for one group's plan."""
    first, second = plan.pairs
    moves = plan.mean_index <= plan.m
    pair = np.flatnonzero(moves[first] & moves[second])
    a, b = first[pair], second[pair]
    both = Both(pair, a, b, plan.u[a] * plan.width + plan.u[b])
    mixed = _mixed(plan, moves, first, second), _mixed(plan, moves, second, first)
    slope, inner = _SLOPES[plan.matrix[first]], _INNER[plan.matrix[second]]
    shift = _bent(plan, slope & inner & moves[first], first, second)
    slope, inner = _SLOPES[plan.matrix[second]], _INNER[plan.matrix[first]]
    turn = _bent(plan, slope & inner & moves[second], second, first)
    return MeanGathers(both, mixed, (shift, turn))


def _mixed(plan: Gathers, moves: BoolArray, a: IntArray, b: IntArray) -> Mixed:
    """`a` the parameter in Sigma, `b` that in the means, by pair."""
    pair = np.flatnonzero((plan.c[a] != 0) & moves[b])
    a, b = a[pair], b[pair]
    u, v, width = plan.u, plan.v, plan.width
    return Mixed(pair, 2 * plan.c[a][:, None], b, u[a], v[a], v[a] * width + u[b], u[a] * width + u[b])


def _bent(plan: Gathers, chosen: BoolArray, slope: IntArray, inner: IntArray) -> Bent:
    """`slope` the parameter that is multiplied by a latent mean, `inner` the one that moves it, by pair."""
    pair = np.flatnonzero(chosen)
    a, b = slope[pair], inner[pair]
    known = plan.alpha_pattern[plan.j[a], plan.i[b]]
    pair, a, b = pair[known], a[known], b[known]
    return Bent(pair, plan.j[a] * plan.m + plan.i[b], b, plan.u[a])


def add_mean_information(where: MeanGathers, value: FloatArray, p_flat: FloatArray, d: FloatArray) -> None:
    """Add ``2 dmu_a' W dmu_b``."""
    both = where.both
    addition = d.take(both.a, axis=0)
    addition *= d.take(both.b, axis=0)
    addition *= p_flat.take(both.uu, axis=0)
    addition *= 2
    value[both.pair] += addition


def add_mean_cross(
    where: MeanGathers, value: FloatArray, p_flat: FloatArray, d: FloatArray, t: FloatArray
) -> None:
    """Add what weights that move with Sigma bring in: ``2 r'W dSigma_a W dmu_b`` and the reverse.

    `t` is G' W r (width, batch), r the mean residual.
    """
    for one in where.mixed:
        addition = t.take(one.u, axis=0)
        addition *= p_flat.take(one.vu, axis=0)
        addition += t.take(one.v, axis=0) * p_flat.take(one.uu, axis=0)
        addition *= d.take(one.by, axis=0)
        addition *= one.weight
        value[one.pair] += addition


def add_mean_curvature(
    where: MeanGathers, value: FloatArray, model: Model, d: FloatArray, t: FloatArray
) -> None:
    """Add ``-2 r'W d2mu_ab``."""
    total = model.total.reshape(-1, value.shape[1])
    for one in where.bent:
        addition = total.take(one.total, axis=0)
        addition *= d.take(one.by, axis=0)
        addition *= t.take(one.u, axis=0)
        addition *= 2
        value[one.pair] -= addition
