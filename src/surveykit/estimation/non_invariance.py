"""Parameters that differ between groups: what freeing them would gain, and how much they matter.

References
----------
Nye & Drasgow (2011), doi:10.1037/a0022955 (dMACS). Gunn, Grimm & Edwards (2020),
doi:10.1080/10705511.2019.1689507 (ordered items). Rao (1948) for score tests.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.sem.chisquare import upper_tail
from surveykit.estimation.sem.engine import Solution
from surveykit.estimation.sem.hypotheses import gradient, meat

FloatArray = NDArray[np.float64]


class Release(NamedTuple):
    """Score test of freeing one parameter in all groups; robust where the standard errors are."""

    chisq: float
    df: int
    pvalue: float


def release_tests(solution: Solution, sets: Sequence[Sequence[int]]) -> list[Release]:
    """What freeing each set of equality constraints would gain, all others kept.

    Parameters
    ----------
    sets : places among the ``==`` rows of the table, one set a parameter

    Notes
    -----
    The columns of the pseudo-inverse of the constraints are the directions that open when a
    constraint goes; adjusted for the directions that are free already, they give all tests from
    one factorisation.
    """
    assert solution.fitted is not None
    rows = solution.constraints.equalities_jacobian(solution.x)
    free = solution.fitted.free_directions
    information = solution.fitted.information("expected", h1=solution.settings.h1_information[0])
    opened = np.linalg.pinv(rows)
    across = free.T @ information
    adjusted = opened - free @ np.linalg.solve(across @ free, across @ opened)
    score = opened.T @ gradient(solution)
    middle = meat(solution)
    bread = adjusted.T @ (information if middle is None else middle) @ adjusted
    found = []
    for one in sets:
        own = np.ix_(one, one)
        stat = solution.ntotal * float(score[list(one)] @ np.linalg.pinv(bread[own]) @ score[list(one)])
        found.append(Release(stat, len(one), upper_tail(stat, len(one))))
    return found


class Bias(NamedTuple):
    """How an item's expected answer differs between groups at the same standing on the factors.

    `d_macs` >= 0 root mean square difference, `bias` mean difference (first group minus later
    group), over the later group's factor distribution; both in pooled standard deviations of the item.
    """

    d_macs: float
    bias: float


def item_bias(
    mean: FloatArray,
    cov: FloatArray,
    sd: float,
    expected: Sequence[Callable[[FloatArray], FloatArray]],
    nodes: int = 31,
) -> Bias:
    """dMACS of one item.

    Parameters
    ----------
    mean, cov : array (2,), (2, 2) of the item's linear predictor (intercept + loadings x factors)
        with the first and with the later group's parameters, over the later group's factors
    sd : pooled standard deviation of the item
    expected : expected answer given the predictor, with the first and with the later group's parameters
    """
    points, weights = np.polynomial.hermite_e.hermegauss(nodes)
    values, vectors = np.linalg.eigh(cov)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    grid = np.stack(np.meshgrid(points, points, indexing="ij")).reshape(2, -1)
    weight = np.outer(weights, weights).ravel() / weights.sum() ** 2
    first, later = mean[:, None] + root @ grid
    gap = expected[0](first) - expected[1](later)
    return Bias(float(np.sqrt(weight @ gap**2)) / sd, float(weight @ gap) / sd)


def linear(predictor: FloatArray) -> FloatArray:
    """Expected answer of a continuous item."""
    return predictor


def graded(thresholds: FloatArray, residual: float) -> Callable[[FloatArray], FloatArray]:
    """Expected category (0, 1, ...) of an ordered item with a normal latent response."""
    from scipy.special import ndtr

    def expected(predictor: FloatArray) -> FloatArray:
        return np.asarray(ndtr((predictor[:, None] - thresholds) / np.sqrt(residual)).sum(axis=1))

    return expected
