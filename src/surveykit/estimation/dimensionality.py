"""How many factors, and whether there are any: KMO, Bartlett's test, MAP, very simple structure."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special

from surveykit.estimation.factor import complexity, factor_solution
from surveykit.estimation.factor_fit import FactorFit, factor_fit
from surveykit.estimation.item_moments import FloatArray


def sampling_adequacy(R: FloatArray) -> tuple[float, FloatArray]:
    """Kaiser-Meyer-Olkin measure, overall and per item (p,): correlations against partial correlations."""
    Q = np.linalg.inv(R)
    scale = np.sqrt(np.diagonal(Q))
    partial = Q / np.outer(scale, scale)
    off = ~np.eye(R.shape[0], dtype=bool)
    plain, anti = np.sum(R**2, axis=0, where=off), np.sum(partial**2, axis=0, where=off)
    both = plain + anti
    # An item that goes with no other has none: correlations within rounding of 0 would give any number.
    correlated = np.abs(R).max(axis=0, initial=0.0, where=off) >= 1e-12
    by_item = plain / np.where(correlated, both, np.nan)
    return float(plain.sum() / both.sum()), np.asarray(by_item)


def bartlett_test(R: FloatArray, n: int) -> tuple[float, int, float]:
    """Chi-square, degrees of freedom and p value of the hypothesis that nothing is correlated."""
    p = R.shape[0]
    chisq = float(-np.linalg.slogdet(R)[1] * (n - 1 - (2 * p + 5) / 6))
    df = p * (p - 1) // 2
    return chisq, df, float(special.chdtrc(df, chisq))


def minimum_average_partial(R: FloatArray, most: int) -> tuple[float, FloatArray]:
    """Velicer's average squared correlation, before and after 1..most components are partialled out."""
    p = R.shape[0]
    values, vectors = np.linalg.eigh(R)
    components = (vectors * np.sqrt(np.maximum(values, 0)))[:, ::-1]
    off = ~np.eye(p, dtype=bool)
    averages = np.full(most, np.nan)
    left = R.copy()
    for m in range(most):
        left = left - np.outer(components[:, m], components[:, m])
        variance = np.diagonal(left)
        if variance.min() <= 1e-12:  # an item is explained completely: no partial correlation is left
            break
        averages[m] = np.sum((left**2 / np.outer(variance, variance))[off]) / (p * (p - 1))
    return float(np.sum(R[off] ** 2) / (p * (p - 1))), averages


class SimpleStructure(NamedTuple):
    """One number of factors: how well a simplified loading matrix reproduces the correlations."""

    fit: FactorFit
    squared_residual: float
    fit_all: float  # with all loadings
    complexity: float
    vss: FloatArray  # (m,) with the 1, 2, ... m largest loadings of each item


def very_simple_structure(R: FloatArray, m: int, n: int, method: str) -> SimpleStructure:
    """Revelle & Rocklin's criterion for m factors, varimax rotated."""
    solution = factor_solution(R, m, method, "varimax" if m > 1 else "none")
    L = solution.loadings
    total = float(np.sum(R**2))
    rank = np.argsort(np.argsort(-np.abs(L), axis=1, kind="stable"), axis=1)
    misfits = [_squared_residual(R, np.where(rank < kept, L, 0.0)) for kept in range(1, m + 1)]
    whole = _squared_residual(R, L)
    return SimpleStructure(
        fit=factor_fit(R, solution.model, m, n),
        squared_residual=whole,
        fit_all=1 - whole / total,
        complexity=float(complexity(L).mean()),
        vss=1 - np.array(misfits) / total,
    )


def _squared_residual(R: FloatArray, loadings: FloatArray) -> float:
    return float(np.sum((R - loadings @ loadings.T) ** 2))
