"""The mean structure's part of Hessians, as gathers (see `gathers`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.sem.gathers import Gathers, Model
from surveykit.estimation.sem.layout import ALPHA, BETA, LAMBDA, kinds

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_SLOPES = kinds(LAMBDA, BETA)
_INNER = kinds(ALPHA, BETA)


@dataclass(frozen=True)
class MeanGathers:
    """Pairs with a mean in them: where they stand among all pairs, and what to pick for them.

    `shift` are the pairs whose latent mean (A alpha)_j moves with the second parameter
    (``A[j_a, i_b] d_b t[u_a]``), `turn` those whose column of Lambda A turns
    (``d_a A[j_b, k] t[u_b]``).
    """

    pair: IntArray
    a: IntArray
    b: IntArray
    uu: IntArray
    vu: IntArray
    uv: IntArray
    shift: IntArray
    shift_total: IntArray
    turn: IntArray
    turn_total: IntArray


def mean_gathers(plan: Gathers) -> MeanGathers:
    """Pairs and places for one group's plan."""
    m, width = plan.m, plan.width
    first, second = plan.pairs
    pair = np.flatnonzero(plan.with_mean)
    a, b = first[pair], second[pair]
    u, v, code = plan.u, plan.v, plan.matrix
    slope, inner = _SLOPES[code], _INNER[code]
    shift = np.flatnonzero(slope[a] & inner[b])
    turn = np.flatnonzero(inner[a] & slope[b])
    known_shift = plan.alpha_pattern[plan.j[a[shift]], plan.i[b[shift]]]
    known_turn = plan.alpha_pattern[plan.j[b[turn]], plan.i[a[turn]]]
    shift, turn = shift[known_shift], turn[known_turn]
    return MeanGathers(
        pair=pair,
        a=a,
        b=b,
        uu=u[a] * width + u[b],
        vu=v[a] * width + u[b],
        uv=u[a] * width + v[b],
        shift=shift,
        shift_total=plan.j[a[shift]] * m + plan.i[b[shift]],
        turn=turn,
        turn_total=plan.j[b[turn]] * m + plan.i[a[turn]],
    )


def add_mean_information(where: MeanGathers, value: FloatArray, p_flat: FloatArray, d: FloatArray) -> None:
    """Add ``2 dmu_a' W dmu_b``."""
    value[where.pair] += 2 * d[where.a] * d[where.b] * p_flat.take(where.uu, axis=0)


def add_mean_cross(
    where: MeanGathers, plan: Gathers, value: FloatArray, p_flat: FloatArray, d: FloatArray, t: FloatArray
) -> None:
    """Add what weights that move with Sigma bring in: ``2 r'W dSigma_a W dmu_b`` and the reverse.

    `t` is G' W r (width, batch), r the mean residual.
    """
    a, b, u, v = where.a, where.b, plan.u, plan.v
    c = 2 * plan.c[:, None]
    uu = p_flat.take(where.uu, axis=0)
    left = t[u[a]] * p_flat.take(where.vu, axis=0) + t[v[a]] * uu
    right = t[u[b]] * p_flat.take(where.uv, axis=0) + t[v[b]] * uu
    value[where.pair] += c[a] * d[b] * left + c[b] * d[a] * right


def add_mean_curvature(
    where: MeanGathers, plan: Gathers, value: FloatArray, model: Model, d: FloatArray, t: FloatArray
) -> None:
    """Add ``-2 r'W d2mu_ab``."""
    total = model.total.reshape(plan.m * plan.m, value.shape[1])
    a, b, u = where.a, where.b, plan.u
    shift, turn = where.shift, where.turn
    value[where.pair[shift]] -= 2 * total.take(where.shift_total, axis=0) * d[b[shift]] * t[u[a[shift]]]
    value[where.pair[turn]] -= 2 * total.take(where.turn_total, axis=0) * d[a[turn]] * t[u[b[turn]]]
