"""Linear models with factors: sums of squares and products of each term, types I, II and III.

One outcome gives analysis of variance and covariance, several give MANOVA.
Factors have sum-to-zero contrasts, as type III needs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.two_samples import FloatArray

Term = tuple[str, ...]


class Hypothesis(NamedTuple):
    """A term's sums of squares and products, (n_outcomes, n_outcomes), and its degrees of freedom."""

    term: Term
    df: int
    sscp: FloatArray


class LinearModel(NamedTuple):
    """Hypotheses in the order of the terms, the residual, and the least-squares coefficients."""

    hypotheses: tuple[Hypothesis, ...]
    residual: FloatArray
    df_residual: int
    coefficients: FloatArray
    xtx_inverse: FloatArray


def sum_contrasts(codes: NDArray[np.int64], levels: int) -> FloatArray:
    """Columns 1..levels-1 of a factor coded 0..levels-1; the last level is minus one throughout."""
    contrasts = np.vstack([np.eye(levels - 1), -np.ones(levels - 1)])
    columns: FloatArray = contrasts[codes]
    return columns


def design(columns: Mapping[str, FloatArray], terms: Sequence[Term]) -> list[FloatArray]:
    """One block of columns a term: products of its variables' columns, the first varying fastest."""
    n = len(next(iter(columns.values())))
    blocks = []
    for term in terms:
        block = np.ones((n, 1))
        for name in term:
            block = (columns[name][:, :, None] * block[:, None, :]).reshape(n, -1)
        blocks.append(block)
    return blocks


def rank_deficient(blocks: Sequence[FloatArray]) -> bool:
    """Whether some columns follow from the others (an empty cell, a covariate given twice)."""
    x = np.hstack(blocks)
    size = np.sqrt((x**2).sum(axis=0))
    return bool((size == 0).any() or np.linalg.matrix_rank(x / size) < x.shape[1])


def fit_terms(
    y: FloatArray, blocks: Sequence[FloatArray], terms: Sequence[Term], ss_type: int
) -> LinearModel:
    """Fit all terms (the first is the intercept, ``()``) and test each by type I, II or III."""
    x = np.hstack(blocks)
    q, r = np.linalg.qr(x)
    inverse = np.linalg.inv(r)
    coefficients = inverse @ (q.T @ y)
    rest = y - q @ (q.T @ y)
    tested = range(0 if ss_type == 3 else 1, len(terms))
    hypotheses = []
    for at in tested:
        without = _without(terms, at, ss_type)
        larger = _explained(y, [blocks[i] for i in sorted([*without, at])])
        sscp = larger - _explained(y, [blocks[i] for i in without])
        hypotheses.append(Hypothesis(terms[at], blocks[at].shape[1], sscp))
    return LinearModel(
        tuple(hypotheses), rest.T @ rest, len(y) - x.shape[1], coefficients, inverse @ inverse.T
    )


def _without(terms: Sequence[Term], at: int, ss_type: int) -> list[int]:
    """The terms that a test of term `at` is made against."""
    if ss_type == 1:
        return list(range(at))
    if ss_type == 2:  # everything that does not contain the term
        return [i for i, one in enumerate(terms) if i != at and not set(terms[at]) <= set(one)]
    return [i for i in range(len(terms)) if i != at]


def _explained(y: FloatArray, blocks: Sequence[FloatArray]) -> FloatArray:
    """Sums of squares and products of the fitted values."""
    if not blocks:
        return np.zeros((y.shape[1], y.shape[1]))
    q, _ = np.linalg.qr(np.hstack(blocks))
    part = q.T @ y
    product: FloatArray = part.T @ part
    return product


class Multivariate(NamedTuple):
    """A multivariate test statistic and its approximate F."""

    test: str
    statistic: float
    f: float
    df1: float
    df2: float
    pvalue: float


def multivariate_tests(
    hypothesis: FloatArray, error: FloatArray, df: int, df_error: int
) -> list[Multivariate]:
    """Pillai, Wilks (Rao's F), Hotelling-Lawley and Roy, with R's approximate F."""
    from scipy.linalg import eigh
    from scipy.special import fdtrc

    roots = np.maximum(eigh(hypothesis, error, eigvals_only=True), 0.0)
    p = len(error)
    s, m, n = min(p, df), (abs(p - df) - 1) / 2, (df_error - p - 1) / 2
    pillai, hotelling = float((roots / (1 + roots)).sum()), float(roots.sum())
    wilks, roy = float(np.prod(1 / (1 + roots))), float(roots.max())
    a, b = 2 * m + s + 1, 2 * n + s + 1
    rao = p**2 + df**2 - 5
    power = float(np.sqrt((p**2 * df**2 - 4) / rao)) if rao > 0 else 1.0
    rest = (df_error - (p - df + 1) / 2) * power - (p * df - 2) / 2
    root = wilks ** (1 / power)
    widest = max(p, df)
    left = df_error - widest + df
    rows = [
        ("Pillai", pillai, b / a * pillai / (s - pillai), s * a, s * b),
        ("Wilks", wilks, (1 - root) / root * rest / (p * df), p * df, rest),
        (
            "Hotelling-Lawley",
            hotelling,
            2 * (s * n + 1) * hotelling / (s**2 * a),
            s * a,
            2 * (s * n + 1),
        ),
        ("Roy", roy, roy * left / widest, widest, left),
    ]
    return [Multivariate(name, value, f, u, v, float(fdtrc(u, v, f))) for name, value, f, u, v in rows]


class BoxM(NamedTuple):
    """Box's M test of equal covariance matrices (very sensitive to non-normality)."""

    m: float
    chisq: float
    df: float
    pvalue: float


def box_m(samples: Sequence[FloatArray]) -> BoxM | None:
    """Box (1949), chi-square approximation; None where a group's covariance matrix is singular."""
    from scipy.special import chdtrc

    p, k = samples[0].shape[1], len(samples)
    if min(map(len, samples)) <= p:
        return None
    df = np.array([len(one) - 1 for one in samples], dtype=float)
    covariances = [np.cov(one.T).reshape(p, p) for one in samples]
    pooled = sum(v * s for v, s in zip(df, covariances, strict=True)) / df.sum()
    logs = [np.linalg.slogdet(one) for one in (pooled, *covariances)]
    if any(sign <= 0 for sign, _ in logs):
        return None
    m = float(df.sum() * logs[0][1] - sum(v * log for v, (_, log) in zip(df, logs[1:], strict=True)))
    correction = ((1 / df).sum() - 1 / df.sum()) * (2 * p**2 + 3 * p - 1) / (6 * (p + 1) * (k - 1))
    chisq, freedom = m * (1 - float(correction)), p * (p + 1) * (k - 1) / 2
    return BoxM(m, chisq, freedom, float(chdtrc(freedom, chisq)))
