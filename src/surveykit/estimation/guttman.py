"""Lower bounds to reliability: Guttman's lambdas, split halves, the greatest lower bound."""

from __future__ import annotations

from itertools import combinations
from math import comb
from typing import NamedTuple

import numpy as np

from surveykit.estimation.item_moments import FloatArray, correlation, squared_multiple_correlations

# All splits are counted up to here (20 items have 92,378); above, as many are drawn.
MOST_SPLITS = 100_000
NEWTON_STEPS = 60


class GuttmanBounds(NamedTuple):
    """Guttman's lower bounds but lambda 4, which needs the splits."""

    lambda1: float
    lambda2: float
    lambda3: float
    lambda5: float
    lambda5_plus: float
    lambda6: float
    alpha_pc: float  # reliability of the first principal component
    mu: tuple[float, float, float, float]


def guttman_bounds(C: FloatArray) -> GuttmanBounds:
    """The bounds of a covariance or correlation matrix."""
    k = C.shape[0]
    total = float(C.sum())
    off = C - np.diag(np.diagonal(C))
    off_sum, off_squares = float(off.sum()), float(np.sum(off**2))
    lambda1 = off_sum / total
    largest = float(np.sqrt(np.sum(off**2, axis=0).max()))
    smc = squared_multiple_correlations(correlation(C)) * np.diagonal(C)
    first = float(np.linalg.eigvalsh(correlation(C))[-1])
    root = np.sqrt(off_squares + np.sqrt(k * np.sum(off**4) / (k - 1)))
    inner = np.sqrt(np.sum(off**4) + np.sqrt(k * np.sum(off**8) / (k - 1)))
    lambda2 = (off_sum + np.sqrt(off_squares * k / (k - 1))) / total
    lambda3 = lambda1 * k / (k - 1)
    return GuttmanBounds(
        lambda1=lambda1,
        lambda2=float(lambda2),
        lambda3=lambda3,
        lambda5=lambda1 + 2 * largest / total,
        lambda5_plus=lambda1 + k / (k - 1) * 2 * largest / total,
        lambda6=float((off_sum + smc.sum()) / total),
        alpha_pc=(1 - 1 / first) * k / (k - 1),
        mu=(
            lambda3,
            float(lambda2),
            float((off_sum + root) / total),
            float((off_sum + np.sqrt(off_squares + inner)) / total),
        ),
    )


class SplitHalves(NamedTuple):
    """Reliability 4 cov(A, B) / var(A + B) of each way to halve the items.

    `first` (n_splits, k) marks half A. `counted` says whether all splits are
    there. `by_psych` is how many of the leading ones psych::splitHalf counts:
    with an odd number of items only half of them.
    """

    reliability: FloatArray
    first: FloatArray
    counted: bool
    by_psych: int


def split_halves(C: FloatArray, seed: int | None = None) -> SplitHalves:
    """Every split of k items into k // 2 and the rest; a sample where there are too many."""
    k = C.shape[0]
    half = k // 2
    even = k % 2 == 0
    n_splits = comb(k, half) // (2 if even else 1)
    if n_splits <= MOST_SPLITS:
        chosen = np.array(list(combinations(range(k), half))[:n_splits])
    else:
        order = np.random.default_rng(seed).permuted(np.tile(np.arange(k), (MOST_SPLITS, 1)), axis=1)
        chosen = order[:, :half]
    first = np.zeros((len(chosen), k))
    np.put_along_axis(first, chosen, 1.0, axis=1)
    return SplitHalves(
        split_reliability(C, first),
        first,
        n_splits <= MOST_SPLITS,
        len(first) if even else (len(first) + 1) // 2,
    )


def split_reliability(C: FloatArray, first: FloatArray) -> FloatArray:
    """4 cov(A, B) / var(A + B) for each row of `first`, the items of half A."""
    sign = 2 * first - 1
    total = C.sum()
    # s'Cs = var A + var B - 2 cov; 1'C1 = var A + var B + 2 cov.
    return np.asarray(1 - np.einsum("si,si->s", sign @ C, sign) / total)


class OddEven(NamedTuple):
    """The halves of odd- and even-numbered items."""

    r: float
    spearman_brown: float
    guttman_rulon: float


def odd_even(C: FloatArray) -> OddEven:
    """Correlation of the odd with the even half, stepped up by Spearman-Brown, and Guttman-Rulon's."""
    odd = np.zeros(C.shape[0])
    odd[::2] = 1.0
    even = 1 - odd
    covariance = float(odd @ C @ even)
    r = covariance / np.sqrt(float(odd @ C @ odd) * float(even @ C @ even))
    return OddEven(float(r), float(2 * r / (1 + r)), 4 * covariance / float(C.sum()))


def greatest_lower_bound(C: FloatArray) -> tuple[float, FloatArray]:
    """The greatest lower bound to reliability and the error variances that reach it.

    Error variances theta as large as can be while C - diag(theta) stays positive
    semidefinite: a semidefinite programme, solved by a barrier method (Newton
    on sum(theta) + m [log det(C - diag theta) + sum log theta], m -> 0).
    """
    k = C.shape[0]
    scale = np.sqrt(np.diagonal(C))
    R = correlation(C)
    weight = scale**2
    theta = np.full(k, 0.5 * max(float(np.linalg.eigvalsh(R)[0]), 1e-10))
    barrier = float(weight.mean())
    while barrier * 2 * k > 1e-10 * float(weight.sum()):
        theta = _centre(R, weight, theta, barrier)
        barrier /= 5
    return float(1 - (theta * weight).sum() / C.sum()), theta * weight


def _centre(R: FloatArray, weight: FloatArray, theta: FloatArray, barrier: float) -> FloatArray:
    """Newton's method for the barrier problem at one value of the barrier."""
    for _ in range(NEWTON_STEPS):
        inverse = np.linalg.inv(R - np.diag(theta))
        gradient = weight - barrier * (np.diagonal(inverse) - 1 / theta)
        hessian = barrier * (inverse**2 + np.diag(1 / theta**2))
        step = np.linalg.solve(hessian, gradient)
        decrement = float(gradient @ step)
        if decrement < 1e-14 * float(weight.sum()):
            break
        # A step of 1 / (1 + Newton decrement) stays inside both cones.
        theta = theta + step / (1 + np.sqrt(decrement / barrier))
    return theta
