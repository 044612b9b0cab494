"""Are alphas equal? Tests of Feldt for independent samples and for one sample that took several tests."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special

from surveykit.estimation.item_moments import FloatArray


class EqualAlphas(NamedTuple):
    """A test statistic; `df2` is NaN for a chi-square, `df1` are the degrees of freedom of t for one."""

    statistic: float
    distribution: str
    df1: float
    df2: float
    pvalue: float


def independent_alphas(alphas: FloatArray, n: FloatArray, k: FloatArray) -> EqualAlphas:
    """Feldt, Woodruff & Salih (1987): chi-square of alphas (m,) from samples of sizes n with k items."""
    size = n * (k - 1) / (k + 1)
    u = np.cbrt(1 / (1 - alphas))
    variance = np.mean(2 / (9 * (size - 1)) * u**2)
    return _chi_square(u, float(variance))


def dependent_alphas(alphas: FloatArray, n: int, k: FloatArray, r: FloatArray) -> EqualAlphas:
    """The same for alphas of one sample; `r` (m, m) are the correlations of the scale scores."""
    m = len(alphas)
    items = m / np.sum(1 / k)
    size = n * (items - 1) / (items + 1)
    u = np.cbrt(1 / (1 - alphas))
    variance = np.mean(2 / (9 * (size - 1)) * u**2)
    pairs = np.triu_indices(m, 1)
    covariance = np.mean(2 * r[pairs] ** 2 / (9 * (size - 1)) * u[pairs[0]] * u[pairs[1]])
    return _chi_square(u, float(variance - covariance))


def _chi_square(u: FloatArray, variance: float) -> EqualAlphas:
    statistic = float(np.sum((u - u.mean()) ** 2) / variance)
    df = u.size - 1
    return EqualAlphas(statistic, "chisq", float(df), np.nan, float(special.chdtrc(df, statistic)))


def two_independent_alphas(alphas: FloatArray, n: FloatArray) -> EqualAlphas:
    """Feldt's (1969) F of two alphas, two-sided; the larger alpha stands in the denominator."""
    first, second = (1, 0) if alphas[1] > alphas[0] else (0, 1)
    F = float((1 - alphas[second]) / (1 - alphas[first]))
    df1, df2 = n[first] - 1.0, n[second] - 1.0
    return EqualAlphas(F, "F", df1, df2, min(1.0, 2 * float(special.fdtrc(df1, df2, F))))


def two_dependent_alphas(alphas: FloatArray, n: int, r: float) -> EqualAlphas:
    """Feldt's (1980) t of two alphas of one sample, two-sided."""
    t = float(abs(alphas[1] - alphas[0]) * np.sqrt((n - 2) / (4 * np.prod(1 - alphas) * (1 - r**2))))
    return EqualAlphas(t, "t", n - 2.0, np.nan, float(2 * special.stdtr(n - 2, -t)))
