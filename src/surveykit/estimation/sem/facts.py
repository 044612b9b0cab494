"""What fit measures are made of, taken from a solution and its baseline."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.moments import SampleMoments, vech
from surveykit.estimation.ordinal_moments import OrdinalMoments
from surveykit.estimation.saturated import IncompleteMoments
from surveykit.estimation.sem.chisquare import TestStatistic, residual_based
from surveykit.estimation.sem.engine import Solution
from surveykit.estimation.sem.fit_measures import Corrected, FitFacts
from surveykit.estimation.sem.likelihood import likelihoods
from surveykit.estimation.sem.matrices import Implied
from surveykit.estimation.sem.residuals import GroupMoments, root_mean_squares
from surveykit.estimation.sem.saturated_information import weight_matrix
from surveykit.estimation.sem.settings import SCALED

FloatArray = NDArray[np.float64]
NAN = float("nan")
RESIDUAL = "browne.residual.nt.model"


def fit_facts(
    solution: Solution,
    baseline: Solution,
    *,
    standard_test: str = "standard",
    corrected: Corrected | None = None,
) -> FitFacts:
    """Facts of a converged solution.

    `standard_test` is the test that is reported as the chi-square: lavaan reports Browne's
    residual-based one for ULS and DWLS with continuous data, where no test was asked for.
    """
    settings = solution.settings
    maximum_likelihood = settings.discrepancy == "ML"
    logl = likelihoods(solution) if maximum_likelihood else None
    n_groups = len(solution.moments)
    n = float(solution.ntotal - (n_groups if settings.n_minus_one else 0))
    statistics = [len(observed_statistics(one, solution)) for one in solution.moments]
    return FitFacts(
        npar=free_parameters(solution),
        fmin=0.5 * solution.objective,
        ntotal=solution.ntotal,
        n_groups=n_groups,
        n_variables=len(solution.moments[0].names),
        n=n,
        standard=named_test(solution, standard_test),
        baseline=named_test(baseline, standard_test),
        root_mean_squares=root_mean_squares(
            observed_moments(solution), implied_moments(solution), solution.nobs
        ),
        gfi_lisrel=gfi_lisrel(solution),
        n_statistics=sum(statistics),
        scaled=scaled_test(solution),
        baseline_scaled=scaled_test(baseline),
        residual_chisq=_residual_chisq(solution),
        corrected=corrected,
        corrected_n=n if settings.missing == "ml" else float(solution.ntotal),
        logl=None if logl is None else logl.logl,
        logl_unrestricted=None if logl is None else logl.unrestricted,
        categorical=settings.categorical,
        n_first_statistics=statistics[0],
    )


def free_parameters(solution: Solution) -> int:
    """Free parameters, each equality constraint taken off."""
    return solution.table.n_free - solution.constraints.n_equalities


def named_test(solution: Solution, name: str) -> TestStatistic:
    """A test by its name; the standard one where it was not computed."""
    return next((one for one in solution.tests if one.test == name), solution.tests[0])


def scaled_test(solution: Solution) -> TestStatistic | None:
    """The first robust test."""
    return next((one for one in solution.tests if one.test in SCALED), None)


def observed_moments(solution: Solution) -> list[GroupMoments]:
    """Sample moments by group, as residuals compare them."""
    means = solution.representation.meanstructure or solution.settings.categorical
    return [_observed(sample, means) for sample in solution.moments]


def _observed(sample: SampleMoments, means: bool) -> GroupMoments:
    thresholds = sample.true_thresholds if len(sample.thresholds) else None
    slopes = sample.slopes if len(sample.x_names) else None
    mean = sample.mean if means else None
    return GroupMoments(sample.cov, mean, thresholds, slopes, sample.x_cov if slopes is not None else None)


def implied_moments(solution: Solution) -> list[GroupMoments]:
    """Implied moments by group."""
    layouts = solution.representation.groups
    return [_implied(one, layout.ordered) for one, layout in zip(solution.implied, layouts, strict=True)]


def _implied(one: Implied, ordered: NDArray[np.bool_]) -> GroupMoments:
    mean, th, slopes = (part if part is None else part[0] for part in (one.mu, one.th, one.slopes))
    if mean is not None:
        mean = np.where(ordered, 0.0, mean)  # the thresholds hold it
    return GroupMoments(one.sigma[0], mean, th, slopes)


def observed_statistics(sample: SampleMoments, solution: Solution) -> FloatArray:
    """Everything that the sample says to the model, in lavaan's order (WLS.obs)."""
    if isinstance(sample, OrdinalMoments):
        return sample.statistics
    if isinstance(sample, IncompleteMoments) and solution.settings.missing == "ml":
        return np.concatenate([sample.available_mean, vech(sample.available_cov)])
    covariances = vech(sample.cov)
    return (
        np.concatenate([sample.mean, covariances]) if solution.representation.meanstructure else covariances
    )


def gfi_lisrel(solution: Solution) -> float:
    """Joreskog and Sorbom's GFI: 1 - r'Vr / s'Vs, groups weighted by size."""
    values = [_group_gfi(solution, group) for group in range(len(solution.moments))]
    return float(np.dot(values, solution.nobs) / solution.ntotal)


def _group_gfi(solution: Solution, group: int) -> float:
    sample, settings = solution.moments[group], solution.settings
    if settings.discrepancy not in ("ML", "GLS") or settings.missing == "ml":
        assert solution.fitted is not None
        residual = solution.fitted.groups[group].residual()
        observed = observed_statistics(sample, solution)
        weight = weight_matrix(solution, group, "expected")
        whole = float(observed @ weight @ observed)
        return 1.0 - float(residual @ weight @ residual) / whole if whole > 0 else NAN
    implied = solution.implied[group]
    structured = settings.discrepancy == "ML" and settings.h1_information[0] == "structured"
    weight = np.linalg.inv(implied.sigma[0] if structured else sample.cov)
    means = solution.representation.meanstructure
    x = solution.representation.groups[group].fixed_x
    zero = np.zeros(len(sample.names))
    mean = sample.mean if means else zero
    mu = implied.mu[0] if means and implied.mu is not None else zero
    over = _quadratic(sample.cov - implied.sigma[0], mean - mu, weight, x)
    return 1.0 - over / _quadratic(sample.cov, mean, weight, x)


def _quadratic(cov: FloatArray, mean: FloatArray, weight: FloatArray, x: NDArray[np.int64]) -> float:
    """tr(WCWC)/2 + m'Wm, without the moments of fixed x."""
    if len(x):
        cov, mean = cov.copy(), mean.copy()
        cov[np.ix_(x, x)] = 0.0
        mean[x] = 0.0
    half = weight @ cov
    return 0.5 * float(np.sum(half * half.T)) + float(mean @ weight @ mean)


def _residual_chisq(solution: Solution) -> float:
    """Browne's residual NT statistic at the model; NaN where it does not exist."""
    settings, fitted = solution.settings, solution.fitted
    if settings.categorical or settings.missing in ("ml", "pairwise") or fitted is None:
        return NAN
    known = next((one.stat for one in solution.tests if one.test == RESIDUAL), NAN)
    basis = fitted.equality_directions
    if math.isfinite(known) or basis is None:
        return known
    sizes = np.array(solution.nobs, dtype=np.float64) - (1.0 if settings.n_minus_one else 0.0)
    try:
        return residual_based(fitted, RESIDUAL, solution.df, sizes, basis).stat
    except np.linalg.LinAlgError:  # least squares may end at a singular implied covariance matrix
        return NAN
