"""Robust fit indices of incomplete data: the misfit that complete data would have had.

The chi-square that enters them is that of complete data, at the unrestricted moments and
the estimates that the incomplete rows give, with the mean of its reference distribution.

Notes
-----
Scaled by what the scores say where the test is robust (FIML-C, version 3), else by the
information of the incomplete rows (version 6). As in lavaan, what exogenous variables say about
each other carries no weight, whether they are fixed or not.

References
----------
Zhang & Savalei (2023), doi:10.1037/met0000445.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.saturated import IncompleteMoments
from surveykit.estimation.sem.engine import Solution
from surveykit.estimation.sem.fiml_information import FimlInference
from surveykit.estimation.sem.fit_measures import Corrected
from surveykit.estimation.sem.influence import by_cluster
from surveykit.estimation.sem.information import Fitted
from surveykit.estimation.sem.linalg import inverse
from surveykit.estimation.sem.normal_gamma import varying
from surveykit.estimation.sem.saturated_information import normal_weight

FloatArray = NDArray[np.float64]

NAN = float("nan")


class Saturated(NamedTuple):
    """Unrestricted moments of one group, without those of fixed x.

    `complete` is the information that complete rows would carry, `information` that of the incomplete
    ones, `gamma` n times the covariance matrix of the moments.
    """

    keep: NDArray[np.int64]
    complete: FloatArray
    information: FloatArray
    gamma: FloatArray


def incomplete_corrections(solution: Solution, baseline: Solution, robust: bool) -> Corrected:
    """Chi-squares of the model and of independence, with their scaling factors."""
    assert solution.fitted is not None
    assert baseline.fitted is not None
    exogenous = [
        solution.table.variable_names("ov.x", group) for group in range(1, solution.table.n_groups + 1)
    ]
    pairs = zip(_groups(solution.fitted), exogenous, strict=True)
    groups = [_saturated(one, names, robust) for one, names in pairs]
    return Corrected(
        chisq=_chisq(solution),
        df=float(solution.df),
        scaling=_scaling(solution, groups, robust),
        chisq_null=_chisq(baseline),
        scaling_null=_scaling(baseline, groups, robust),
    )


def _groups(fitted: Fitted) -> list[FimlInference]:
    return [one for one in fitted.groups if isinstance(one, FimlInference)]


def _saturated(one: FimlInference, exogenous: tuple[str, ...], robust: bool) -> Saturated:
    sample, keep = one.sample, one.keep
    inside = np.ix_(keep, keep)
    information = sample.information("observed")[inside]
    gamma = inverse(information)
    if robust:
        half = by_cluster(sample.scores[:, keep], sample.cluster) @ gamma
        gamma = half.T @ half / sample.n
    own = varying(len(sample.names), True, np.flatnonzero(np.isin(sample.names, exogenous)))
    complete = normal_weight(sample.cov, True) * np.outer(own, own)
    return Saturated(keep, complete[inside], information, gamma)


def _scaling(solution: Solution, groups: list[Saturated], robust: bool) -> float:
    """Mean of the chi-square over df: tr[(I - A)' V (I - A) Gamma], A the projection on the model."""
    fitted = solution.fitted
    assert fitted is not None
    deltas = [one.delta()[sample.keep] for one, sample in zip(_groups(fitted), groups, strict=True)]
    pairs = list(zip(groups, deltas, strict=True))
    bread = fitted.invert(_information(solution, fitted, deltas, groups))
    if bread is None or solution.df <= 0:
        return NAN if bread is None or solution.df < 0 else 1.0  # a saturated model has no misfit to scale
    total = sum(float(np.sum(one.complete * one.gamma)) for one in groups)
    seen = fitted.assemble([delta.T @ one.complete @ delta for one, delta in pairs], fitted.shares)
    if not robust:
        return (total - float(np.sum(seen * bread))) / solution.df
    pulled = [one.gamma @ one.information @ delta for one, delta in pairs]
    cross = [half.T @ one.complete @ delta for half, (one, delta) in zip(pulled, pairs, strict=True)]
    meat = [delta.T @ one.information @ half for half, (one, delta) in zip(pulled, pairs, strict=True)]
    total -= 2 * float(np.sum(fitted.assemble(cross, fitted.shares) * bread))
    total += float(np.sum((fitted.assemble(meat, fitted.shares) @ bread) * (seen @ bread).T))
    return total / solution.df


def _information(
    solution: Solution, fitted: Fitted, deltas: list[FloatArray], groups: list[Saturated]
) -> FloatArray:
    """That of the model's parameters, at the unrestricted moments."""
    kind = solution.settings.information[0]
    if kind == "first.order":
        return fitted.information(kind, h1="unstructured")
    parts = []
    for one, sample, delta in zip(_groups(fitted), groups, deltas, strict=True):
        inside = np.ix_(sample.keep, sample.keep)
        parts.append(delta.T @ one.sample.information(kind)[inside] @ delta)
    return fitted.assemble(parts, fitted.shares)


def _chisq(solution: Solution) -> float:
    """Chi-square of complete data with the unrestricted moments."""
    total = 0.0
    for sample, implied in zip(solution.moments, solution.implied, strict=True):
        assert isinstance(sample, IncompleteMoments)
        assert implied.mu is not None
        sigma, difference = implied.sigma[0], sample.mean - implied.mu[0]
        inverted = inverse(sigma)
        value = float(np.sum(inverted * sample.cov) + difference @ inverted @ difference) - len(sigma)
        value += float(np.linalg.slogdet(sigma)[1] - np.linalg.slogdet(sample.cov)[1])
        total += sample.n * value
    return total
