"""Tests of nested models: the difference of two chi-squares, plain or scaled.

The difference of two robust statistics is not chi-square distributed: the scaled
tests below are functions of two standard statistics.

References
----------
Satorra (2000). Satorra & Bentler (2001), doi:10.1007/BF02296192; (2010),
doi:10.1007/s11336-009-9135-y. Asparouhov & Muthen (2010) for scale and shift.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from scipy.special import chdtrc

NAN = float("nan")


class Difference(NamedTuple):
    """One test of a restricted model (0) against a less restricted one (1).

    ``stat = (chisq_0 - chisq_1) / scaling_factor``, or with `shift` (the scaled-and-shifted
    test) ``(chisq_0 - chisq_1) * scaling_factor + shift``.
    """

    stat: float
    df: float
    pvalue: float
    scaling_factor: float = NAN
    shift: float = NAN


def plain(chisq_0: float, df_0: float, chisq_1: float, df_1: float) -> Difference:
    """The likelihood-ratio test."""
    return _difference(chisq_0 - chisq_1, df_0 - df_1)


def satorra_bentler_2001(
    chisq_0: float, df_0: float, scaling_0: float, chisq_1: float, df_1: float, scaling_1: float
) -> Difference:
    """Scaled difference from the scaling factors of both models; NaN if its own is negative."""
    if df_1 == 0:
        scaling_1 = 1.0
    elif abs(chisq_1) < 1.5e-8:
        scaling_1 = 0.0
    scaling = (df_0 * scaling_0 - df_1 * scaling_1) / (df_0 - df_1) if df_0 != df_1 else NAN
    return _scaled(chisq_0 - chisq_1, df_0 - df_1, scaling if not scaling < 0 else NAN)


def satorra_bentler_2010(
    chisq_0: float, df_0: float, scaling_0: float, chisq_1: float, df_1: float, scaling_10: float
) -> Difference:
    """Scaled difference that cannot be negative.

    `scaling_10` is the scaling factor of the less restricted model, evaluated at the
    estimates of the restricted one.
    """
    scaling = (df_0 * scaling_0 - df_1 * scaling_10) / (df_0 - df_1) if df_0 != df_1 else NAN
    return _scaled(chisq_0 - chisq_1, df_0 - df_1, scaling)


def satorra_2000(
    chisq_0: float,
    df_0: float,
    chisq_1: float,
    df_1: float,
    traces: tuple[float, float],
    satterthwaite: bool = False,
    scaled_shifted: bool = True,
) -> Difference:
    """Satorra's (2000) difference test.

    `traces` are tr(U Gamma) and tr((U Gamma)^2) of the restrictions. `scaled_shifted` matches mean
    and variance by a scale and a shift (WLSMV's way); otherwise `satterthwaite` matches both with
    fractional degrees of freedom, and neither scales by the mean alone.
    """
    difference, df = chisq_0 - chisq_1, df_0 - df_1
    if df == 0:
        return Difference(difference, df, NAN)
    trace, trace2 = traces
    if not (trace > 0 and trace2 > 0):  # two ill-conditioned models: no distribution to match
        return Difference(NAN, df, NAN)
    if scaled_shifted:
        scale = math.sqrt(df / trace2)
        shift = df - scale * trace
        return _difference(difference * scale + shift, df, scale, shift)
    if satterthwaite:
        scaling = trace2 / trace
        return _difference(difference / scaling, trace * trace / trace2, scaling)
    return _scaled(difference, df, trace / df)


def _scaled(difference: float, df: float, scaling: float) -> Difference:
    if df == 0:
        return Difference(difference, df, NAN)
    return _difference(difference / scaling if scaling != 0 else NAN, df, scaling)


def _difference(stat: float, df: float, scaling: float = NAN, shift: float = NAN) -> Difference:
    pvalue = float(chdtrc(df, max(stat, 0.0))) if df > 0 and math.isfinite(stat) else NAN
    return Difference(stat, df, pvalue, scaling, shift)
