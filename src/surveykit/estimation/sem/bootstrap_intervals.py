"""Confidence intervals from bootstrap replicates.

References
----------
Efron (1987), doi:10.1080/01621459.1987.10478410; Davison & Hinkley (1997), chapter 5, for
quantiles interpolated on the normal scale.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from surveykit.options import check_choice, check_share

FloatArray = NDArray[np.float64]

KINDS = ("perc", "norm", "basic", "bca.simple", "bca")
NORMAL = NormalDist()


def quantiles(values: FloatArray, shares: FloatArray) -> FloatArray:
    """Quantiles of finite values, between order statistics on the scale of normal quantiles."""
    ordered = np.sort(values[np.isfinite(values)])
    count = len(ordered)
    found = np.empty(len(shares))
    for at, share in enumerate(shares):
        rank = (count + 1) * share
        below = int(np.floor(rank))
        if below < 1 or below >= count:
            found[at] = ordered[0] if below < 1 else ordered[-1]
            continue
        lower, upper = (NORMAL.inv_cdf((below + step) / (count + 1)) for step in (0, 1))
        part = 0.0 if rank == below else (NORMAL.inv_cdf(share) - lower) / (upper - lower)
        found[at] = ordered[below - 1] + part * (ordered[below] - ordered[below - 1])
    return found


def intervals(
    replicates: FloatArray,
    estimates: FloatArray,
    kind: str = "perc",
    conf_level: float = 0.95,
    errors: FloatArray | None = None,
    acceleration: FloatArray | None = None,
) -> FloatArray:
    """Lower and upper limits (k, 2) of k quantities.

    Parameters
    ----------
    replicates : array (R, k), rows with NaN (failed ones) are left out column by column
    kind : {"perc", "norm", "basic", "bca.simple", "bca"}
        Percentile; normal around the estimate less the bias; basic; bias-corrected;
        bias-corrected and accelerated. Quantities that do not vary keep their estimate.
    errors : array (k,), standard errors for "norm"; from the replicates if None
    acceleration : array (k,), needed for "bca" (see `acceleration_of`)

    Raises
    ------
    SurveykitError
        O001 an unknown kind, O002 a level that is not between 0 and 1.
    """
    check_choice("boot_ci_type", kind, KINDS)
    check_share("conf_level", conf_level)
    tails = np.array([(1 - conf_level) / 2, (1 + conf_level) / 2])
    spread = standard_errors(replicates)
    found = np.repeat(np.asarray(estimates, dtype=np.float64)[:, None], 2, axis=1)
    for at in np.flatnonzero(spread > 0):
        column = replicates[np.isfinite(replicates[:, at]), at]
        estimate = found[at, 0]
        if kind == "norm":
            error = spread[at] if errors is None else errors[at]
            centre = 2 * estimate - column.mean()
            found[at] = centre + error * np.array([NORMAL.inv_cdf(tail) for tail in tails])
        elif kind == "perc":
            found[at] = quantiles(column, tails)
        elif kind == "basic":
            found[at] = 2 * estimate - quantiles(column, tails)[::-1]
        else:
            rate = 0.0 if kind == "bca.simple" or acceleration is None else float(acceleration[at])
            found[at] = quantiles(column, _adjusted(column, estimate, tails, rate))
    return found


def _adjusted(column: FloatArray, estimate: float, tails: FloatArray, rate: float) -> FloatArray:
    """The tails whose quantiles bound a bias-corrected, accelerated interval."""
    share = float(np.mean(column < estimate))
    share = float(np.clip(share, 0.5 / len(column), 1 - 0.5 / len(column)))
    bias = NORMAL.inv_cdf(share)
    shifted = [bias + NORMAL.inv_cdf(tail) for tail in tails]
    return np.array([NORMAL.cdf(bias + one / (1 - rate * one)) for one in shifted])


def standard_errors(replicates: FloatArray) -> FloatArray:
    """Standard deviations (k,) of the replicates, divisor R, as in lavaan."""
    with np.errstate(invalid="ignore"):
        count = np.isfinite(replicates).sum(axis=0)
        mean = np.nansum(replicates, axis=0) / np.maximum(count, 1)
        square = np.nansum((replicates - mean) ** 2, axis=0) / np.maximum(count, 1)
    return np.asarray(np.sqrt(square))


def acceleration_of(left_out: FloatArray) -> FloatArray:
    """Acceleration (k,) from estimates without each case in turn, (n, k)."""
    influence = np.nanmean(left_out, axis=0) - left_out
    cubes = np.nansum(influence**3, axis=0)
    squares = np.nansum(influence**2, axis=0)
    return np.asarray(cubes / (6 * np.where(squares > 0, squares, 1.0) ** 1.5))
