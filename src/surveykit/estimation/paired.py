"""Two measures of the same people, or one measure against a fixed value."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from surveykit.estimation.two_samples import Difference, FloatArray


class SignTest(NamedTuple):
    """How many differences are positive, of those that are not zero; Clopper-Pearson interval."""

    positive: int
    n: int
    share: float
    pvalue: float
    ci_lower: float
    ci_upper: float


def paired_t(differences: FloatArray, conf_level: float) -> Difference:
    """One-sample t test of differences against zero."""
    from scipy.special import stdtr, stdtrit

    n = len(differences)
    estimate, se = float(differences.mean()), float(differences.std(ddof=1)) / math.sqrt(n)
    half = float(stdtrit(n - 1, 0.5 + conf_level / 2)) * se
    t = estimate / se
    pvalue = 2 * float(stdtr(n - 1, -abs(t)))
    return Difference(estimate, se, t, n - 1, pvalue, estimate - half, estimate + half)


def signed_rank(differences: FloatArray, *, correct: bool = True) -> tuple[float, float]:
    """Wilcoxon's V and p by the normal approximation, ties and continuity corrected, as R."""
    from scipy.special import ndtr
    from scipy.stats import rankdata

    moved = differences[differences != 0]
    n = len(moved)
    if n == 0:
        return 0.0, 1.0
    ranks = rankdata(np.abs(moved))
    _, ties = np.unique(ranks, return_counts=True)
    v = float(ranks[moved > 0].sum())
    centred = v - n * (n + 1) / 4
    variance = n * (n + 1) * (2 * n + 1) / 24 - float((ties**3 - ties).sum()) / 48
    shift = math.copysign(0.5, centred) if correct and centred else 0.0
    return v, min(1.0, 2 * float(ndtr(-abs(centred - shift) / math.sqrt(variance))))


def sign_test(differences: FloatArray, conf_level: float) -> SignTest:
    """Exact binomial test that positive and negative differences are equally likely."""
    from scipy.special import bdtr, betaincinv

    positive, n = int((differences > 0).sum()), int((differences != 0).sum())
    if n == 0:
        return SignTest(0, 0, math.nan, math.nan, math.nan, math.nan)
    tail, fewer = (1 - conf_level) / 2, min(positive, n - positive)
    lower = float(betaincinv(positive, n - positive + 1, tail)) if positive else 0.0
    upper = float(betaincinv(positive + 1, n - positive, 1 - tail)) if positive < n else 1.0
    return SignTest(positive, n, positive / n, min(1.0, 2 * float(bdtr(fewer, n, 0.5))), lower, upper)
