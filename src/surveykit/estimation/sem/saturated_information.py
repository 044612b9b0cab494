"""What the cases say about the unrestricted moments: information, and how these moments vary."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import block_diag

from surveykit.estimation.moments import lower_triangle
from surveykit.estimation.ordinal_moments import OrdinalMoments
from surveykit.estimation.saturated import IncompleteMoments
from surveykit.estimation.sem.engine import Solution
from surveykit.estimation.sem.fiml_information import FimlInference
from surveykit.estimation.sem.inference import GroupInference
from surveykit.estimation.sem.influence import CaseInfluence, by_cluster
from surveykit.estimation.sem.least_squares_inference import LeastSquaresInference
from surveykit.estimation.sem.linalg import inverse
from surveykit.estimation.sem.normal_gamma import normal_gamma, varying
from surveykit.estimation.sem.normal_inference import NormalInference
from surveykit.estimation.sem.ordinal_inference import OrdinalInference
from surveykit.estimation.sem.two_stage import moment_covariance

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


def normal_weight(cov: FloatArray, meanstructure: bool) -> FloatArray:
    """Expected information of one case about [mean, vech cov], or vech cov, of a normal distribution."""
    none = np.zeros(0, dtype=np.int64)
    inverted = inverse(cov)
    i, j = lower_triangle(len(cov))
    half = np.where(i == j, 0.5, 1.0)
    # (W kron W) among the elements of vech: the same products that make Gamma, of the inverse
    weight = normal_gamma(inverted, False, none) * np.outer(half, half)
    return np.asarray(block_diag(inverted, weight) if meanstructure else weight)


def statistics_kept(solution: Solution, group: int) -> BoolArray:
    """Which statistics of a continuous group are not moments of fixed x alone (s,)."""
    means = solution.representation.meanstructure
    return varying(len(solution.moments[group].names), means, solution.representation.groups[group].fixed_x)


def weight_matrix(solution: Solution, group: int, kind: str | None = None) -> FloatArray:
    """The saturated model's information (s, s), or the weight matrix; without moments of fixed x.

    `kind` is "expected", "observed" or "first.order", by default that behind the standard errors.
    """
    assert solution.fitted is not None
    inference, settings = solution.fitted.groups[group], solution.settings
    if isinstance(inference, LeastSquaresInference | OrdinalInference):
        weight = inference.discrepancy.weight[..., 0]
        return np.diag(weight) if weight.ndim == 1 else weight
    kind = kind or settings.information[0]
    structured = settings.h1_information[0] == "structured" and settings.discrepancy == "ML"
    keep = statistics_kept(solution, group)
    if isinstance(inference, FimlInference):
        weight = _incomplete(inference, kind, structured)
    else:
        assert isinstance(inference, NormalInference)
        weight = _complete(inference, kind, structured, solution.representation.meanstructure)
    return np.asarray(weight * np.outer(keep, keep))


def _incomplete(inference: FimlInference, kind: str, structured: bool) -> FloatArray:
    if kind == "first.order":
        return _products(inference.moment_scores(structured), inference)
    return inference.moment_information(kind, structured)


def _complete(inference: NormalInference, kind: str, structured: bool, means: bool) -> FloatArray:
    if kind == "observed" and structured:
        return inference._observed_weight()
    sample, model = inference.sample, inference.model
    cov = model.sigma[:, :, 0] if structured else sample.cov
    weight = normal_weight(cov, means)
    if kind != "first.order":
        return weight
    mean = model.mu[:, 0] if structured and model.mu is not None else sample.mean
    deviations = sample.cases - mean
    i, j = lower_triangle(len(cov))
    rows = deviations[:, i] * deviations[:, j] - cov[i, j]
    if means:
        rows = np.concatenate([deviations, rows], axis=1)
    return _products(rows @ weight, inference)


def _products(scores: FloatArray, inference: FimlInference | NormalInference) -> FloatArray:
    """Outer products of casewise scores, for one case."""
    rows = by_cluster(scores, inference.sample.cluster)
    return np.asarray(rows.T @ rows / inference.n)


def sample_acov(solution: Solution, group: int) -> FloatArray:
    """Covariance matrix of the sample statistics of one group (s, s), as the standard errors see it.

    Rows of moments of fixed x are zero.
    """
    sample, settings = solution.moments[group], solution.settings
    assert solution.fitted is not None
    inference = solution.fitted.groups[group]
    if isinstance(sample, OrdinalMoments):
        return np.asarray(sample.gamma / sample.n)
    if isinstance(sample, IncompleteMoments):
        return _incomplete_acov(solution, group, sample)
    robust = settings.se.startswith("robust") and settings.se != "robust.sem.nt"
    if robust or settings.discrepancy == "WLS":
        return _casewise(inference) / sample.n
    normal = normal_gamma(
        sample.cov, solution.representation.meanstructure, solution.representation.groups[group].fixed_x
    )
    if settings.information[0] != "first.order":
        return np.asarray(normal / sample.n)
    return (
        _sandwiched(normal, inverse_within(_casewise(inference), statistics_kept(solution, group))) / sample.n
    )


def _incomplete_acov(solution: Solution, group: int, sample: IncompleteMoments) -> FloatArray:
    settings, keep = solution.settings, statistics_kept(solution, group)
    kind, robust = settings.information[0], settings.se.startswith("robust")
    if kind == "first.order":
        assert solution.fitted is not None
        inference = solution.fitted.groups[group]
        assert isinstance(inference, FimlInference)
        return inverse_within(_incomplete(inference, kind, False), keep) / sample.n
    return moment_covariance(sample, kind, robust, keep) / sample.n


def inverse_within(matrix: FloatArray, keep: BoolArray) -> FloatArray:
    """Inverse of the kept part, zero elsewhere."""
    out = np.zeros_like(matrix)
    inside = np.ix_(keep, keep)
    out[inside] = inverse(matrix[inside])
    return out


def _sandwiched(bread: FloatArray, meat: FloatArray) -> FloatArray:
    return np.asarray(bread @ meat @ bread)


def _casewise(inference: GroupInference) -> FloatArray:
    """Gamma from the cases (or clusters)."""
    influence = inference.influence("unstructured")
    assert isinstance(influence, CaseInfluence)
    return np.asarray(influence.z.T @ influence.z / influence.n)
