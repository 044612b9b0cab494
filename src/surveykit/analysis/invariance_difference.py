"""Two nested solutions held against each other: the chi-square difference that suits the estimator."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from surveykit.errors import SurveykitError
from surveykit.estimation.sem.engine import Solution
from surveykit.estimation.sem.information import null_space
from surveykit.estimation.sem.nested import Difference, plain, satorra_2000, satorra_bentler_2001
from surveykit.estimation.sem.robust import influence_kind
from surveykit.estimation.sem.settings import SCALED

FloatArray = NDArray[np.float64]
SHOWN = 5  # parameters named in a refusal
SECOND_ORDER = ("scaled.shifted", "mean.var.adjusted")


def difference(
    low: Solution, high: Solution, *, scaled_shifted: bool = True, exact: bool = False
) -> Difference:
    """lavaan's default: plain, Satorra & Bentler (2001) for MLM and MLR, Satorra (2000) for WLSMV.

    Models with equal degrees of freedom are not nested: their difference has no p value.
    """
    standard = [one.tests[0] for one in (low, high)]
    scaled = [next((test for test in one.tests if test.test in SCALED), None) for one in (low, high)]
    df = standard[0].df - standard[1].df
    if scaled[0] is None or scaled[1] is None or df <= 0:
        return plain(standard[0].stat, standard[0].df, standard[1].stat, standard[1].df)
    if scaled[0].test in SECOND_ORDER:
        four = (standard[0].stat, standard[0].df, standard[1].stat, standard[1].df)
        return satorra_2000(*four, restriction_traces(low, high, exact), True, scaled_shifted)
    pairs = [(one.stat, one.df, two.scaling_factor) for one, two in zip(standard, scaled, strict=True) if two]
    return satorra_bentler_2001(*pairs[0], *pairs[1])


def restriction_traces(low: Solution, high: Solution, exact: bool = False) -> tuple[float, float]:
    """tr(U Gamma) and tr((U Gamma)^2) of what `low` restricts in `high` (Satorra 2000).

    Everything stands in the directions that `high` leaves free. Which of them `low` gives up is seen
    from the Jacobians of both models, each at its own estimates, or (`exact`) from their parameters:
    the two agree where the restrictions hold.
    """
    assert high.fitted is not None
    settings = high.settings
    basis = high.fitted.free_directions
    if exact:
        inside = basis.T @ _parameters_of(low, high) @ _free(low)
    else:
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


def _parameters_of(low: Solution, high: Solution) -> FloatArray:
    """How the free parameters of `high` move with those of `low` (n_free of high, n_free of low).

    Refuses (M161) where `low` frees what `high` does not.
    """
    place = dict(_free_rows(high))
    known = _free_rows(low)
    missing = [" ".join(key[:3]).strip() for key, _ in known if key not in place]
    if missing:
        raise SurveykitError("M161", names=", ".join(missing[:SHOWN]))
    moves = np.zeros((high.table.n_free, low.table.n_free))
    for key, number in known:
        moves[place[key], number] = 1.0
    return moves


def _free_rows(solution: Solution) -> list[tuple[tuple[str, str, str, int], int]]:
    """What each free parameter is, and its place in x."""
    table = solution.table
    rows = np.flatnonzero(table.free).tolist()
    return [
        (_key(table.lhs[row], table.op[row], table.rhs[row], int(table.group[row])), int(table.free[row]) - 1)
        for row in rows
    ]


def _key(lhs: str, op: str, rhs: str, group: int) -> tuple[str, str, str, int]:
    """Covariances are the same in both orders."""
    return (rhs, op, lhs, group) if op == "~~" and rhs < lhs else (lhs, op, rhs, group)


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
