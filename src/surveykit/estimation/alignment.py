"""Alignment: group means and variances that leave a few large differences of items, not many small ones.

References
----------
Asparouhov & Muthen (2014), doi:10.1080/10705511.2014.919210.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
# Wide first, so that the search is not caught in the many narrow minima of the last one.
WIDTHS = (1.0, 0.1)


@dataclass(frozen=True)
class Measures:
    """Loadings (G, p, m) and intercepts (G, p) of the configural model with standard factors.

    `sizes` (G,) cases; `pattern` (p, m) which item loads on which factor; `anchored`: the first group has
    mean 0 and standard deviation 1; otherwise all means are free and the product of the standard
    deviations is 1.
    """

    loadings: FloatArray
    intercepts: FloatArray
    sizes: FloatArray
    pattern: BoolArray
    anchored: bool

    @property
    def shape(self) -> tuple[int, int]:
        """Groups and factors."""
        return self.loadings.shape[0], self.loadings.shape[2]

    @property
    def n_free(self) -> int:
        groups, factors = self.shape
        return factors * (2 * (groups - 1) + (not self.anchored))

    def unfold(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Means (G, m) and log standard deviations (G, m)."""
        groups, factors = self.shape
        cut = (groups - 1) * factors
        spread = theta[:cut].reshape(groups - 1, factors)
        means = theta[cut:].reshape(-1, factors)
        if self.anchored:
            zero = np.zeros((1, factors))
            return np.concatenate([zero, means]), np.concatenate([zero, spread])
        return means, np.concatenate([-spread.sum(axis=0, keepdims=True), spread])

    def fold(self, by_mean: FloatArray, by_spread: FloatArray) -> FloatArray:
        """Derivatives by means and log standard deviations as one by theta."""
        if self.anchored:
            return np.concatenate([by_spread[1:].ravel(), by_mean[1:].ravel()])
        return np.concatenate([(by_spread[1:] - by_spread[:1]).ravel(), by_mean.ravel()])

    def aligned(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Loadings (G, p, m) and intercepts (G, p) once the factors have these means and deviations."""
        means, spread = self.unfold(theta)
        loadings = self.loadings / np.exp(spread)[:, None, :]
        return loadings, self.intercepts - np.einsum("gpm,gm->gp", loadings, means)

    def loss(self, theta: FloatArray, width: float) -> tuple[float, FloatArray]:
        """Total non-invariance and its gradient by theta: fourth roots of squared differences."""
        loadings, intercepts = self.aligned(theta)
        means, _ = self.unfold(theta)
        weight = np.sqrt(np.outer(self.sizes, self.sizes))
        weight = weight / weight.sum()
        value_l, pull_l = _component(loadings[:, self.pattern], weight, width)
        value_i, pull_i = _component(intercepts, weight, width)
        by_loading = np.zeros_like(loadings)
        by_loading[:, self.pattern] = pull_l
        by_loading -= pull_i[:, :, None] * means[:, None, :]
        by_spread = -np.einsum("gpm,gpm->gm", by_loading, loadings)
        by_mean = -np.einsum("gpm,gp->gm", loadings, pull_i)
        return value_l + value_i, self.fold(by_mean, by_spread)


def _component(values: FloatArray, weight: FloatArray, width: float) -> tuple[float, FloatArray]:
    """Sum over pairs of groups and columns of (difference^2 + width)^(1/4), with derivatives (G, k)."""
    gaps = values[:, None, :] - values[None, :, :]
    inside = gaps * gaps + width
    total = 0.5 * float(np.einsum("gh,ghk->", weight, inside**0.25))
    return total, np.einsum("gh,ghk->gk", weight, 0.5 * gaps * inside**-0.75)


def align(measures: Measures, *, width: float = 0.01, starts: int = 20, seed: int = 0) -> FloatArray:
    """Theta (n_free,) with the smallest loss over several starts.

    Parameters
    ----------
    width : the epsilon of the component loss; smaller is sharper, and harder to minimise
    starts : the neutral start and `starts` - 1 random ones
    """
    from scipy.optimize import minimize

    generator = np.random.default_rng(seed)
    best, least = np.zeros(measures.n_free), np.inf
    for at in range(starts):
        theta = np.zeros(measures.n_free) if at == 0 else 0.5 * generator.standard_normal(measures.n_free)
        for one in (*(wide for wide in WIDTHS if wide > width), width):
            found = minimize(
                measures.loss, theta, args=(one,), jac=True, method="BFGS", options={"gtol": 1e-9}
            )
            theta = found.x
        if found.fun < least - 1e-12:
            best, least = np.asarray(theta, dtype=np.float64), float(found.fun)
    return best


def sensitivity(
    theta: FloatArray, gradient: Callable[[FloatArray, FloatArray], FloatArray], values: FloatArray
) -> FloatArray:
    """How the minimum moves with what was estimated (n_free, k), by the implicit function theorem.

    `gradient(theta, values)` vanishes at the minimum.
    """
    curvature = jacobian(lambda one: gradient(one, values), theta)
    cross = jacobian(lambda one: gradient(theta, one), values)
    return np.asarray(-np.linalg.solve(0.5 * (curvature + curvature.T), cross))


def jacobian(function: Callable[[FloatArray], FloatArray], at: FloatArray, step: float = 1e-5) -> FloatArray:
    """Central differences (n_out, n_in)."""
    columns = []
    for place in range(len(at)):
        shift = np.zeros(len(at))
        shift[place] = step
        columns.append((function(at + shift) - function(at - shift)) / (2 * step))
    return np.stack(columns, axis=1)


def invariant_groups(
    values: FloatArray, cov: FloatArray, connect: float = 0.01, keep: float = 0.001
) -> BoolArray:
    """Groups among which one aligned parameter is invariant.

    The largest set of groups connected by differences with p > `connect`; groups join or leave by
    their difference from the set's average at `keep`, until nothing changes.

    Parameters
    ----------
    values, cov : array (G,), (G, G)
    """
    pair = _pvalues(values[:, None] - values, np.diag(cov)[:, None] + np.diag(cov) - 2 * cov)
    inside = _largest_connected(pair > connect)
    seen: list[BoolArray] = []
    while not any(np.array_equal(inside, one) for one in seen):
        seen.append(inside)
        weight = inside / inside.sum()
        contrast = np.eye(len(values)) - weight
        gap = contrast @ values
        inside = _pvalues(gap, np.einsum("ij,jk,ik->i", contrast, cov, contrast)) > keep
        if not inside.any():
            return seen[0]
    return inside


def _pvalues(gap: FloatArray, variance: FloatArray) -> FloatArray:
    from scipy.special import ndtr

    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(variance > 1e-14, np.abs(gap) / np.sqrt(np.maximum(variance, 1e-300)), 0.0)
    return np.asarray(2 * ndtr(-z))


def _largest_connected(linked: BoolArray) -> BoolArray:
    """Membership of the largest connected component; the first of several."""
    reach = linked | np.eye(len(linked), dtype=bool)
    for _ in pairwise(range(len(linked) + 1)):
        reach = (reach.astype(int) @ reach.astype(int)) > 0
    return np.asarray(reach[int(np.argmax(reach.sum(axis=1)))])


def explained(estimates: FloatArray, invariant: FloatArray) -> float:
    """Share of the groups' differences in configural estimates that the factors' means and variances explain.

    `estimates` (G, k) of the configural model, `invariant` (G, k) what they would be if the aligned
    parameters were equal to their averages.
    """
    left = ((estimates - invariant) - (estimates - invariant).mean(axis=0)) ** 2
    total = (estimates - estimates.mean(axis=0)) ** 2
    return float(1 - left.sum() / total.sum()) if total.sum() > 0 else 1.0
