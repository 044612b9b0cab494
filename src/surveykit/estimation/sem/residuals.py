"""What the model leaves over: residual moments, raw, as correlations, and their root mean squares.

Residuals are observed minus implied. `cor.bentler` divides both by the observed
standard deviations, `cor.bollen` turns each into a correlation matrix by its own.

Notes
-----
As in lavaan, a moment smaller than 1e-5 is not rescaled, unless its units alone make it so
small; with ordered variables the residuals are those of thresholds and correlations; with x
conditioned on, those of the residual moments of y and of the slopes.

References
----------
Bentler (1995). Bollen (1989). Maydeu-Olivares (2017), doi:10.1007/s11336-016-9552-7.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.moments import vech

FloatArray = NDArray[np.float64]

KINDS = ("raw", "cor.bentler", "cor.bollen")
TOO_SMALL_TO_SCALE = 1e-5


class GroupMoments(NamedTuple):
    """Moments of one group, observed, implied or their difference.

    `cov` (p, p); `mean` (p,) or None without a mean structure; `th` (n_th,) where there are
    ordered variables; `slopes` (p, n_x) and `cov_x` (n_x, n_x) where x is conditioned on.
    """

    cov: FloatArray
    mean: FloatArray | None = None
    th: FloatArray | None = None
    slopes: FloatArray | None = None
    cov_x: FloatArray | None = None


def residual_moments(observed: GroupMoments, implied: GroupMoments, kind: str = "raw") -> GroupMoments:
    """Observed minus implied moments of one group, in one of `KINDS`."""
    if kind != "raw":
        variance = np.diag(observed.cov)
        own = variance if kind == "cor.bentler" else np.diag(implied.cov)
        observed, implied = (
            _rescaled(observed, variance, variance, observed.cov_x),
            _rescaled(implied, own, variance, observed.cov_x),
        )
    return GroupMoments(
        observed.cov - implied.cov,
        _difference(observed.mean, implied.mean),
        _difference(observed.th, implied.th),
        _difference(observed.slopes, implied.slopes),
    )


def _rescaled(
    moments: GroupMoments, variance: FloatArray, variance_mean: FloatArray, cov_x: FloatArray | None
) -> GroupMoments:
    scale, scale_mean = _inverse_root(variance), _inverse_root(variance_mean)
    cov = _scaled(moments.cov, np.outer(scale, scale))
    mean = None if moments.mean is None else _scaled(moments.mean, scale_mean)
    slopes = moments.slopes
    if slopes is not None and cov_x is not None:
        slopes = slopes * np.outer(scale_mean, np.sqrt(np.diag(cov_x)))
    return GroupMoments(cov, mean, moments.th, slopes, moments.cov_x)


def _scaled(values: FloatArray, scale: FloatArray) -> FloatArray:
    scaled = values * scale
    negligible = (np.abs(values) < TOO_SMALL_TO_SCALE) & (np.abs(scaled) < TOO_SMALL_TO_SCALE)
    return np.where(negligible, values, scaled)


def _inverse_root(variance: FloatArray) -> FloatArray:
    usable = variance > np.finfo(float).eps
    return np.where(usable, 1.0 / np.sqrt(np.where(usable, variance, 1.0)), np.nan)


def _difference(one: FloatArray | None, other: FloatArray | None) -> FloatArray | None:
    return None if one is None or other is None else one - other


def root_mean_squares(
    observed: Sequence[GroupMoments], implied: Sequence[GroupMoments], nobs: Sequence[int]
) -> dict[str, float]:
    """The RMR family over groups, each weighted by its size.

    Returns
    -------
    dict with `rmr rmr_nomean srmr srmr_bentler srmr_bentler_nomean crmr crmr_nomean
        srmr_mplus srmr_mplus_nomean`. With ordered variables `srmr` leaves the thresholds
        out and the Mplus versions are NaN.
    """
    weights = np.asarray(nobs, dtype=float) / sum(nobs)
    ordered = observed[0].th is not None
    pairs = list(zip(observed, implied, strict=True))
    out: dict[str, float] = {}
    for name, kind in (("rmr", "raw"), ("srmr_bentler", "cor.bentler"), ("crmr", "cor.bollen")):
        both = np.array([_rms(residual_moments(*pair, kind), kind == "cor.bollen") for pair in pairs])
        out[name], out[f"{name}_nomean"] = weights @ both
    mplus = np.array([_mplus(*pair) for pair in pairs])
    out["srmr_mplus"], out["srmr_mplus_nomean"] = (math.nan, math.nan) if ordered else weights @ mplus
    out["srmr"] = out["srmr_bentler_nomean" if ordered else "srmr_bentler"]
    return {name: float(value) for name, value in out.items()}


def _rms(residual: GroupMoments, correlations: bool) -> tuple[float, float]:
    """With and without everything that is not a (co)variance."""
    p = len(residual.cov)
    ordered = residual.th is not None
    cov = vech(residual.cov, diagonal=not ordered)
    # variances are reproduced by construction among correlations: they leave the divisor
    n_cov = p * (p - 1) / 2 if correlations else p * (p + 1) / 2
    others = [residual.th] if ordered else [residual.mean]
    more = np.concatenate([one.ravel() for one in (*others, residual.slopes) if one is not None] or [cov[:0]])
    total, only = float(cov @ cov + more @ more), float(cov @ cov)
    n_all = n_cov + len(more)
    return math.sqrt(total / n_all) if n_all else 0.0, math.sqrt(only / n_cov) if n_cov else 0.0


def _mplus(observed: GroupMoments, implied: GroupMoments) -> tuple[float, float]:
    """Mplus' SRMR: correlations by their own deviations, variances relative to the observed."""
    s, sigma = np.diag(observed.cov), np.diag(implied.cov)
    with np.errstate(invalid="ignore", divide="ignore"):
        difference = observed.cov / np.sqrt(np.outer(s, s)) - implied.cov / np.sqrt(np.outer(sigma, sigma))
        only = float(np.sum(vech(difference, diagonal=False) ** 2) + np.sum(((s - sigma) / s) ** 2))
        p = len(s)
        n_cov = p * (p + 1) / 2
        if observed.mean is None or implied.mean is None:
            return math.sqrt(only / n_cov), math.sqrt(only / n_cov)
        mean = float(np.sum((observed.mean / np.sqrt(s) - implied.mean / np.sqrt(sigma)) ** 2))
    return math.sqrt((only + mean) / (n_cov + p)), math.sqrt(only / n_cov)
