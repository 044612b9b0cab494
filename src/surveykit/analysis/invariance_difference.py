"""Two nested solutions held against each other: the chi-square difference that suits the estimator."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.sem.engine import Solution
from surveykit.estimation.sem.information import null_space
from surveykit.estimation.sem.nested import Difference, plain, satorra_2000, satorra_bentler_2001
from surveykit.estimation.sem.robust import influence_kind
from surveykit.estimation.sem.settings import SCALED

FloatArray = NDArray[np.float64]
SECOND_ORDER = ("scaled.shifted", "mean.var.adjusted")


def difference(low: Solution, high: Solution) -> Difference:
    """lavaan's default: plain, Satorra & Bentler (2001) for MLM and MLR, Satorra (2000) for WLSMV.

    Models with equal degrees of freedom are not nested: their difference has no p value.
    """
    standard = [one.tests[0] for one in (low, high)]
    scaled = [next((test for test in one.tests if test.test in SCALED), None) for one in (low, high)]
    df = standard[0].df - standard[1].df
    if scaled[0] is None or scaled[1] is None or df <= 0:
        return plain(standard[0].stat, standard[0].df, standard[1].stat, standard[1].df)
    if scaled[0].test in SECOND_ORDER:
        adjusted = scaled[0].test == "mean.var.adjusted"
        four = (standard[0].stat, standard[0].df, standard[1].stat, standard[1].df)
        return satorra_2000(*four, restriction_traces(low, high), adjusted, scaled_shifted=not adjusted)
    pairs = [(one.stat, one.df, two.scaling_factor) for one, two in zip(standard, scaled, strict=True) if two]
    return satorra_bentler_2001(*pairs[0], *pairs[1])


def restriction_traces(low: Solution, high: Solution) -> tuple[float, float]:
    """tr(U Gamma) and tr((U Gamma)^2) of what `low` restricts in `high` (Satorra 2000).

    Everything stands in the directions that `high` leaves free: the Jacobians of both models (each at
    its own estimates) say which of them `low` gives up.
    """
    assert high.fitted is not None
    settings = high.settings
    basis = high.fitted.free_directions
    inside = np.asarray(
        np.linalg.lstsq(_jacobian(high) @ basis, _jacobian(low) @ _free(low), rcond=None)[0], np.float64
    )
    given_up = null_space(inside.T, basis.shape[1]).T
    information = high.fitted.information(
        settings.information[1], settings.observed_information[1], settings.h1_information[1]
    )
    kind = influence_kind("expected", settings.h1_information[1])  # as lavaan, also for MLR
    influences = high.fitted.influences(kind, normal=False)
    meat = high.fitted.assemble([one.meat for one in influences], high.fitted.shares)
    half = given_up @ np.linalg.inv(basis.T @ information @ basis)
    product = np.linalg.solve(half @ given_up.T, half @ (basis.T @ meat @ basis) @ half.T)
    return float(np.trace(product)), float(np.sum(product * product.T))


def _free(solution: Solution) -> FloatArray:
    assert solution.fitted is not None
    return solution.fitted.free_directions


def _jacobian(solution: Solution) -> FloatArray:
    """Derivatives of the implied statistics of all groups (s, n_free)."""
    assert solution.fitted is not None
    parts = []
    for group in solution.fitted.groups:
        own = group.delta()
        full = np.zeros((len(own), solution.table.n_free))
        full[:, group.parameter] = own
        parts.append(full)
    return np.concatenate(parts)
