"""Robust CFI and RMSEA with missing data: what complete data would have said about the misfit.

The indices compare complete-data chi-squares of the unrestricted moments, at the estimates of
full information maximum likelihood, with what is expected of them under the model.

References
----------
Zhang & Savalei (2023), doi:10.1037/met0000445: FIML-C(V3) where the test is robust, V6 otherwise.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.sem.engine import Solution
from surveykit.estimation.sem.fiml_information import FimlInference
from surveykit.estimation.sem.fit_measures import Corrected
from surveykit.estimation.sem.influence import by_cluster
from surveykit.estimation.sem.linalg import inverse
from surveykit.estimation.sem.normal_gamma import normal_gamma, varying
from surveykit.estimation.sem.settings import SCALED

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
NAN = float("nan")


class _Group(NamedTuple):
    """One group's statistics: complete-data information, incomplete information and its inverse,
    outer products of the scores (None unless the test is robust), all at the unrestricted moments (s, s)."""

    complete: FloatArray
    bread: FloatArray
    products: FloatArray | None


def corrected_for_missing(solution: Solution, baseline: Solution) -> Corrected:
    """Chi-squares and scaling factors behind the robust indices; NaN where they cannot be computed."""
    robust = any(one in SCALED for one in solution.settings.test)
    groups = [_group(one, robust, _exogenous(solution, at)) for at, one in enumerate(_inferences(solution))]
    traces = [_trace(one, groups) for one in (solution, baseline)]
    chisq, null = (_complete_chisq(one) for one in (solution, baseline))
    return Corrected(
        chisq=chisq,
        df=solution.df,
        scaling=traces[0] / solution.df if solution.df > 0 else NAN,
        chisq_null=null,
        scaling_null=traces[1] / baseline.df if baseline.df > 0 else NAN,
    )


def _inferences(solution: Solution) -> list[FimlInference]:
    assert solution.fitted is not None
    return [one for one in solution.fitted.groups if isinstance(one, FimlInference)]


def _exogenous(solution: Solution, group: int) -> IntArray:
    """Index of the exogenous observed variables of one group."""
    names = solution.table.variable_names("ov.x", group + 1)
    return np.flatnonzero(np.isin(solution.moments[group].names, names))


def _group(one: FimlInference, robust: bool, exogenous: IntArray) -> _Group:
    """As in lavaan, moments of exogenous variables say nothing about misfit even where they are free."""
    sample, keep = one.sample, one.keep
    square = np.ix_(keep, keep)
    complete = inverse(normal_gamma(sample.cov, True, np.zeros(0, dtype=np.int64)))
    given = ~varying(len(sample.names), True, exogenous)
    complete[given] = complete[:, given] = 0.0
    products = None
    if robust:
        scores = by_cluster(sample.scores[:, keep], sample.cluster)
        products = scores.T @ scores / sample.n
    return _Group(complete[square], inverse(sample.observed_information[square]), products)


def _trace(solution: Solution, groups: list[_Group]) -> float:
    """What complete-data chi-squares exceed their unrestricted minimum by, on average."""
    fitted = solution.fitted
    assert fitted is not None
    ones = _inferences(solution)
    bread = fitted.invert(fitted.information(solution.settings.information[0], "h1", "unstructured"))
    if bread is None:
        return NAN
    deltas = [one.delta()[one.keep] for one in ones]
    complete = fitted.assemble(
        [d.T @ group.complete @ d for d, group in zip(deltas, groups, strict=True)], fitted.shares
    )
    if groups[0].products is None:
        whole = sum(float(np.sum(group.complete * group.bread)) for group in groups)
        return whole - float(np.sum(complete * bread))
    parts, whole = [], 0.0
    for d, group in zip(deltas, groups, strict=True):
        assert group.products is not None
        turned = group.products @ group.bread
        whole += float(np.sum(group.complete * (group.bread @ turned)))
        parts.append((d.T @ (turned @ (group.complete @ d)), d.T @ group.products @ d))
    mixed = fitted.assemble([one for one, _ in parts], fitted.shares)
    meat = fitted.assemble([one for _, one in parts], fitted.shares)
    return whole - 2 * float(np.sum(mixed * bread)) + float(np.sum((meat @ bread) * (complete @ bread).T))


def _complete_chisq(solution: Solution) -> float:
    """Chi-square of the unrestricted moments as if the cases were complete, at the estimates."""
    total = 0.0
    for sample, implied in zip(solution.moments, solution.implied, strict=True):
        assert implied.mu is not None
        weight = inverse(implied.sigma[0])
        residual = sample.mean - implied.mu[0]
        product = weight @ sample.cov
        value = float(np.trace(product) + residual @ weight @ residual) - len(residual)
        total += sample.n * (value - float(np.linalg.slogdet(product)[1]))
    return total
