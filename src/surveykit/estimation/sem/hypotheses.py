"""Hypotheses about the parameters of a solution: Wald and score tests with what they need of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.errors import SurveykitError
from surveykit.estimation.sem.constraints import Constraints, compile_constraints
from surveykit.estimation.sem.engine import Solution
from surveykit.estimation.sem.information import Fitted
from surveykit.estimation.sem.modification import CANDIDATE, ExtendedModel
from surveykit.estimation.sem.parameter_table import ParameterTable
from surveykit.estimation.sem.prepared import Prepared
from surveykit.estimation.sem.robust import SANDWICH_OF_MOMENTS, SANDWICH_OF_SCORES, influence_kind
from surveykit.estimation.sem.score_test import ScoreTest, score_test
from surveykit.estimation.sem.settings import SCALED
from surveykit.estimation.sem.syntax import parse_constraints, parse_model
from surveykit.estimation.sem.terms import Term
from surveykit.estimation.sem.wald import WaldTest, wald_test

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def release_equalities(
    solution: Solution, tested: Sequence[int] | None = None, cumulative: bool = False
) -> ScoreTest:
    """Score tests of the ``==`` rows of the table, in their order; `tested` chooses some."""
    assert solution.fitted is not None
    information = solution.fitted.information("expected", h1=solution.settings.h1_information[0])
    rows = solution.constraints.equalities_jacobian(solution.x)
    n = float(solution.ntotal)
    return score_test(gradient(solution), information, rows, n, meat(solution), tested, cumulative)


class Added(NamedTuple):
    """Score tests of parameters that would be added: their rows in `table`, and their expected changes."""

    test: ScoreTest
    table: ParameterTable
    rows: tuple[int, ...]
    epc: FloatArray


def add_parameters(solution: Solution, text: str, given_x: bool = False, cumulative: bool = False) -> Added:
    """Score tests of freeing what `text` names, in every group, while the model's constraints hold.

    Refuses (M162) what is free already, or can be no parameter of this model.
    """
    extended = ExtendedModel(solution, given_x)
    table = extended.table
    model = parse_model(text)
    for relation in model.relations:
        raise SurveykitError("M162", parameter=f"{relation.lhs} {relation.op} {relation.rhs}")
    rows = [row for term in model.terms for row in _rows_of(table, term)]
    rows = list(dict.fromkeys(rows))
    own = solution.table.n_free
    chosen = np.concatenate([np.arange(own), table.free[rows] - 1])
    kept = solution.constraints.equalities_jacobian(solution.x)
    more = len(rows)
    constraints = np.zeros((len(kept) + more, own + more))
    constraints[: len(kept), :own] = kept
    constraints[len(kept) :, own:] = np.eye(more)
    square = np.ix_(chosen, chosen)
    robust = meat(solution, extended.fitted)
    test = score_test(
        extended.gradient[chosen],
        extended.information[square],
        constraints,
        float(solution.ntotal),
        None if robust is None else robust[square],
        range(len(kept), len(kept) + more),
        cumulative,
    )
    assert test.changes is not None
    return Added(test, table, tuple(rows), np.diag(test.changes[:, own:]))


def _rows_of(table: ParameterTable, term: Term) -> list[int]:
    """The candidates that a term names, one a group."""
    names = {(term.lhs, term.op, term.rhs), *([(term.rhs, "~~", term.lhs)] if term.op == "~~" else [])}
    keys = list(zip(table.lhs, table.op, table.rhs, strict=True))
    found = [row for row, key in enumerate(keys) if key in names and table.user[row] == CANDIDATE]
    if not found:
        raise SurveykitError("M162", parameter=f"{term.lhs} {term.op} {term.rhs}".strip())
    return found


def wald_of(solution: Solution, text: str) -> WaldTest:
    """Wald test of equalities written as in a model, for example ``"a == b"``."""
    if not any(one.op == "==" for one in parse_constraints(text)):
        raise SurveykitError("M003")
    tested = _constraints_of(solution.table, text)
    values, jacobian = tested.equalities(solution.x), tested.equalities_jacobian(solution.x)
    assert solution.vcov is not None
    robust = solution.settings.se in (*SANDWICH_OF_MOMENTS, *SANDWICH_OF_SCORES)
    return wald_test(values, jacobian, solution.vcov, _standard_vcov(solution) if robust else None)


def _constraints_of(table: ParameterTable, text: str) -> Constraints:
    """The equalities of `text`, over the parameters and definitions of the table."""
    kept = [row for row, op in enumerate(table.op) if op not in ("==", "<", ">")]
    new = [one for one in parse_constraints(text) if one.op == "=="]
    zeros, none = np.zeros(len(new), dtype=np.int64), np.full(len(new), np.nan)

    def column(name: str) -> IntArray:
        return np.concatenate([getattr(table, name)[kept], zeros])

    extended = replace(
        table,
        lhs=(*(table.lhs[row] for row in kept), *(one.lhs for one in new)),
        op=(*(table.op[row] for row in kept), *(one.op for one in new)),
        rhs=(*(table.rhs[row] for row in kept), *(one.rhs for one in new)),
        user=column("user"),
        block=column("block"),
        group=column("group"),
        free=column("free"),
        exo=column("exo"),
        label=(*(table.label[row] for row in kept), *([""] * len(new))),
        plabel=(*(table.plabel[row] for row in kept), *([""] * len(new))),
        lower=np.concatenate([table.lower[kept], none]),
        upper=np.concatenate([table.upper[kept], none]),
        ustart=np.concatenate([table.ustart[kept], none]),
        start=np.concatenate([table.start[kept], none]),
    )
    return compile_constraints(extended)


def gradient(solution: Solution) -> FloatArray:
    """Of the log-likelihood of one case (or of minus F / 2) at the estimates, constraints ignored."""
    prepared = Prepared(solution.table, solution.settings)
    weights = prepared.weights(np.array(solution.nobs, dtype=np.float64))
    total = np.zeros(solution.table.n_free)
    for group, (sample, weight) in enumerate(zip(solution.moments, weights, strict=True)):
        one = prepared.discrepancy(group, sample)
        total[one.parameter] -= 0.5 * weight * one.point(solution.x[:, None]).gradient[:, 0]
    return total


def meat(solution: Solution, extended: Fitted | None = None) -> FloatArray | None:
    """Covariance matrix of the casewise gradient, as robust standard errors or tests use it; None without.

    `extended` is the extended model in the solution's place.
    """
    settings, fitted = solution.settings, extended or solution.fitted
    assert fitted is not None
    kind = settings.se
    if kind not in (*SANDWICH_OF_MOMENTS, *SANDWICH_OF_SCORES):
        scaled = [one for one in settings.test if one in SCALED]
        if not scaled:
            return None
        kind = "robust.huber.white" if scaled[0].startswith("yuan") else "robust.sem"
    if kind in SANDWICH_OF_MOMENTS:
        seen = influence_kind(settings.information[0], settings.h1_information[0])
        influences = fitted.influences(seen, kind == "robust.sem.nt")
        return fitted.assemble([one.meat for one in influences], fitted.shares)
    return fitted.information("first.order", h1=settings.h1_information[0])


def _standard_vcov(solution: Solution) -> FloatArray:
    """Inverse information over N: what the covariance matrix would be if the model were trusted."""
    assert solution.fitted is not None
    assert solution.information is not None
    less = len(solution.moments) if solution.settings.n_minus_one else 0
    inverse = solution.fitted.invert(solution.information)
    assert inverse is not None
    return inverse / (solution.ntotal - less)
