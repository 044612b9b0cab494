"""Factor scores where items are ordered: the mode of the posterior, or of the likelihood.

Answers are independent given eta, each the interval of a normal latent response
``y* = nu + Lambda eta + epsilon`` between two thresholds. The score maximises

    regression (EBM)  log p(answers | eta) - (eta - E(eta))' V^-1 (eta - E(eta)) / 2
    Bartlett (ML)     log p(answers | eta) - 1e-5 |eta - E(eta)|^2 / 2

by Newton's method for all answer patterns at once. Its standard error is the curvature
there. The vague prior of the second keeps extreme patterns finite.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from surveykit.errors import SurveykitError
from surveykit.estimation.sem.matrices import Representation, total_effects
from surveykit.estimation.sem.scores import Scores

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

VAGUE = 1e-5
SMALLEST_PROBABILITY = float(np.finfo(float).eps)
STEPS = 100
ROOT_2PI = float(np.sqrt(2 * np.pi))


@dataclass(frozen=True)
class ItemModel:
    """Response functions of one group and the prior of its latent variables.

    `loading` (p, m), `intercept` (p,) and `slopes` (p, n_x) of y*, its residual `deviation` (p,);
    `cuts[v]` the thresholds of variable v with the infinities around (None: numeric);
    `mean` (m,) and `mean_slopes` (m, n_x) of eta, `covariance` (m, m) given x.
    """

    loading: FloatArray
    intercept: FloatArray
    slopes: FloatArray
    deviation: FloatArray
    cuts: tuple[FloatArray | None, ...]
    mean: FloatArray
    mean_slopes: FloatArray
    covariance: FloatArray


def item_model(representation: Representation, x: FloatArray, group: int) -> ItemModel:
    """Collect the parts of one group (counted from 0) at x (n_free,).

    An observed variable that is an outcome is an indicator of what predicts it.
    """
    layout = representation.groups[group]
    stacked = representation.fill(x, group)
    matrices = {name: one[0] for name, one in stacked.items()}
    total = total_effects(stacked)[0]
    latent, phantom = slice(0, layout.n_latent), np.flatnonzero(layout.phantom_of >= 0)
    variable = layout.phantom_of[phantom]
    loading, intercept = matrices["lambda"][:, latent].copy(), matrices["nu"][:, 0].copy()
    slopes = np.zeros((len(layout.ov), len(layout.ov_x)))
    residual = np.diag(matrices["theta"]).copy()
    loading[variable] = matrices["beta"][phantom, latent]
    intercept[variable] += matrices["alpha"][phantom, 0]
    slopes[variable] = matrices["gamma"][phantom]
    residual[variable] += np.diag(matrices["psi"])[phantom]
    tau = matrices["tau"][:, 0]
    cuts = tuple(
        np.concatenate([[-np.inf], tau[layout.th_variable == v], [np.inf]]) if ordered else None
        for v, ordered in enumerate(layout.ordered)
    )
    covariance = (total @ matrices["psi"] @ total.T)[latent, latent]
    return ItemModel(
        loading=loading,
        intercept=intercept,
        slopes=slopes,
        deviation=np.sqrt(np.where(residual > 0, residual, np.nan)),
        cuts=cuts,
        mean=(total @ matrices["alpha"][:, 0])[latent],
        mean_slopes=(total @ matrices["gamma"])[latent],
        covariance=covariance,
    )


def item_scores(
    model: ItemModel, data: FloatArray, covariates: FloatArray | None = None, method: str = "regression"
) -> Scores:
    """Scores of cases.

    Parameters
    ----------
    data : (n, p); codes 0, 1, ... of ordered variables, values of numeric ones, NaN for missing
    covariates : (n, n_x) where the model conditions on x
    method : "regression" or "bartlett"

    Returns
    -------
    Scores
        NaN for cases without any answer, or where a residual variance is not positive.
    """
    covariates = np.zeros((len(data), 0)) if covariates is None else covariates
    patterns, which = np.unique(np.hstack([data, covariates]), axis=0, return_inverse=True, equal_nan=True)
    answers, x = np.hsplit(patterns, [data.shape[1]])
    posterior = _Posterior(model, answers, x, method)
    eta, curvature = posterior.mode()
    variance = np.einsum("uii->ui", np.linalg.inv(curvature))
    se = np.sqrt(np.where(variance > 0, variance, np.nan))
    nothing = np.isnan(answers).all(axis=1)
    eta[nothing], se[nothing] = np.nan, np.nan
    which = which.reshape(-1)
    return Scores(eta[which], se[which])


def _precision(covariance: FloatArray) -> FloatArray:
    """Of the latent variables; refuses (M173) where one has no variance of its own."""
    try:
        return np.asarray(np.linalg.inv(covariance))
    except np.linalg.LinAlgError:
        raise SurveykitError("M173") from None


class _Terms(NamedTuple):
    """Log probabilities (u, p) and their first two derivatives in the linear predictor."""

    value: FloatArray
    slope: FloatArray
    curvature: FloatArray


class _Posterior:
    """Minus the log posterior of every pattern, as a function of eta (u, m)."""

    def __init__(self, model: ItemModel, answers: FloatArray, x: FloatArray, method: str) -> None:
        self.model = model
        self.answers = answers
        self.seen = ~np.isnan(answers)
        self.shift = model.intercept + x @ model.slopes.T
        self.mean = model.mean + x @ model.mean_slopes.T
        self.precision = VAGUE * np.eye(len(model.mean))
        if method == "regression":
            self.precision = _precision(model.covariance)
        self.lower, self.upper = self._bounds()

    def _bounds(self) -> tuple[FloatArray, FloatArray]:
        lower, upper = np.full_like(self.answers, np.nan), np.full_like(self.answers, np.nan)
        for v, cuts in enumerate(self.model.cuts):
            if cuts is not None:
                code = np.where(self.seen[:, v], self.answers[:, v], 0).astype(np.int64)
                lower[:, v], upper[:, v] = cuts[code], cuts[code + 1]
        return lower, upper

    def mode(self) -> tuple[FloatArray, FloatArray]:
        """Where each pattern's function is least (u, m), and the curvature there (u, m, m)."""
        eta = self.mean.copy()
        value, gradient, hessian = self.point(eta)
        for _ in range(STEPS):
            step = np.linalg.solve(hessian, gradient[..., None])[..., 0]
            size = np.ones(len(eta))
            for _ in range(30):
                trial = self.point(eta - size[:, None] * step)
                worse = ~(trial[0] <= value + 1e-12 * (1 + np.abs(value)))
                if not worse.any():
                    break
                size[worse] *= 0.5
            eta = eta - size[:, None] * step
            value, gradient, hessian = self.point(eta)
            if not np.nanmax(np.abs(size[:, None] * step), initial=0.0) > 1e-12:
                break
        return eta, hessian

    def point(self, eta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Value (u,), gradient (u, m) and Hessian (u, m, m)."""
        model = self.model
        terms = self._terms(self.shift + eta @ model.loading.T)
        away = eta - self.mean
        pull = away @ self.precision
        value = 0.5 * np.einsum("um,um->u", pull, away) - terms.value.sum(axis=1)
        gradient = pull - terms.slope @ model.loading
        hessian = self.precision - np.einsum(
            "up,pm,pk->umk", terms.curvature, model.loading, model.loading, optimize=True
        )
        return value, gradient, hessian

    def _terms(self, predictor: FloatArray) -> _Terms:
        value, slope, curvature = (np.zeros_like(predictor) for _ in range(3))
        deviation = self.model.deviation
        numeric = np.array([cuts is None for cuts in self.model.cuts])
        if numeric.any():
            distance = (self.answers[:, numeric] - predictor[:, numeric]) / deviation[numeric]
            value[:, numeric] = -0.5 * distance**2 - np.log(deviation[numeric] * ROOT_2PI)
            slope[:, numeric] = distance / deviation[numeric]
            curvature[:, numeric] = -1.0 / deviation[numeric] ** 2
        if not numeric.all():
            ordered = ~numeric
            parts = interval_terms(
                (self.lower[:, ordered] - predictor[:, ordered]) / deviation[ordered],
                (self.upper[:, ordered] - predictor[:, ordered]) / deviation[ordered],
            )
            value[:, ordered] = parts.value
            slope[:, ordered] = parts.slope / deviation[ordered]
            curvature[:, ordered] = parts.curvature / deviation[ordered] ** 2
        gaps = ~self.seen
        for one in (value, slope, curvature):
            one[gaps] = 0.0
        return _Terms(value, slope, curvature)


def interval_terms(lower: FloatArray, upper: FloatArray) -> _Terms:
    """log(Phi(upper) - Phi(lower)) and its derivatives in a shift that is subtracted from both."""
    flip = lower > 0
    low, high = np.where(flip, -upper, lower), np.where(flip, -lower, upper)
    probability = np.maximum(ndtr(high) - ndtr(low), SMALLEST_PROBABILITY)
    density_low, density_high = (np.exp(-0.5 * one**2) / ROOT_2PI for one in (lower, upper))
    ratio = (density_high - density_low) / probability
    moment_low, moment_high = (
        np.where(np.isfinite(one), one, 0.0) * density
        for one, density in ((lower, density_low), (upper, density_high))
    )
    return _Terms(np.log(probability), -ratio, -((moment_high - moment_low) / probability + ratio**2))
