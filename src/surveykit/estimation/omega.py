"""McDonald's omega by way of a Schmid-Leiman transformation, as psych::omega computes it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from surveykit.estimation.factor import factor_solution
from surveykit.estimation.factor_extraction import Extraction
from surveykit.estimation.factor_rotation import oblimin
from surveykit.estimation.item_moments import FloatArray, squared_multiple_correlations

# psych::omega leaves fa's `max.iter` as it is: principal axis stops here, converged or not.
PSYCH_AXIS_STEPS = 50


class SchmidLeiman(NamedTuple):
    """A general factor and m group factors that are uncorrelated with it and each other."""

    general: FloatArray  # (p,)
    group: FloatArray  # (p, m)
    communality: FloatArray  # (p,)
    oblique: FloatArray  # (p, m) loadings before the transformation
    phi: FloatArray  # (m, m) their correlations
    general_loadings: FloatArray  # (m,) of the factors on the general factor
    extraction: Extraction


class OmegaCoefficients(NamedTuple):
    """Coefficients of the standardized items; `key` (p,) says which were reflected (-1)."""

    omega_hierarchical: float
    omega_asymptotic: float
    omega_total: float
    alpha: float
    lambda6: float
    explained_common_variance: float
    key: FloatArray
    schmid_leiman: SchmidLeiman
    groups: FloatArray  # (m + 1, 3): total, general, group; the scale first, then each group of items


def schmid_leiman(R: FloatArray, m: int, method: str) -> SchmidLeiman:
    """Varimax, then oblimin, then one factor of the factor correlations, which is taken out of the others."""
    start = factor_solution(R, m, method, "varimax", PSYCH_AXIS_STEPS)
    if m == 1:
        g = start.loadings[:, 0]
        zero = np.zeros_like(start.loadings)
        one = np.ones((1, 1))
        return SchmidLeiman(g, zero, g * g, start.loadings, one, one[0], start.extraction)
    turned = oblimin(start.loadings)
    general_loadings = _general_loadings(turned.phi, method)
    left = turned.loadings**2 * (1 - general_loadings**2)
    return SchmidLeiman(
        general=turned.loadings @ general_loadings,
        group=np.sign(turned.loadings) * np.sqrt(np.maximum(left, 0)),
        communality=np.sum(start.loadings**2, axis=1),
        oblique=turned.loadings,
        phi=turned.phi,
        general_loadings=general_loadings,
        extraction=start.extraction,
    )


def _general_loadings(phi: FloatArray, method: str) -> FloatArray:
    """Loadings of the factors on one general factor; with two factors they are set equal."""
    if phi.shape[0] > 2:
        return np.asarray(factor_solution(phi, 1, method, "none", PSYCH_AXIS_STEPS).loadings[:, 0])
    r = float(phi[0, 1])
    return np.asarray(np.sqrt(abs(r)) * np.array([1.0, np.sign(r)]))


def omega_coefficients(R: FloatArray, m: int, method: str) -> OmegaCoefficients:
    """Omega of standardized items, after reflecting those that load negatively on the general factor."""
    p = R.shape[0]
    sl = schmid_leiman(R, m, method)
    key = np.where(sl.general < 0, -1.0, 1.0)
    R = R * np.outer(key, key)
    general, group = sl.general * key, sl.group * key[:, None]
    total = float(R.sum())
    unique = float(np.sum(1 - sl.communality))
    loaded = general.sum() ** 2
    squares = np.array([general @ general, *np.sum(group**2, axis=0)])
    return OmegaCoefficients(
        omega_hierarchical=float(loaded / total),
        omega_asymptotic=float(loaded / (total - unique)),
        omega_total=(total - unique) / total,
        alpha=(total - p) / total * (p / (p - 1)),
        lambda6=float((total + squared_multiple_correlations(R).sum() - p) / total),
        explained_common_variance=float(squares[0] / squares.sum()),
        key=key,
        schmid_leiman=sl._replace(general=general, group=group),
        groups=_groups(R, general, group, (total - unique) / total),
    )


def _groups(R: FloatArray, general: FloatArray, group: FloatArray, omega_total: float) -> FloatArray:
    """Omega of each group factor's own items: those that load highest on it. NaN where it has none."""
    table = np.full((group.shape[1] + 1, 3), np.nan)
    member = np.argmax(np.abs(group), axis=1)
    common = 0.0
    for factor in range(group.shape[1]):
        own = np.flatnonzero(member == factor)
        if own.size:
            variance = R[np.ix_(own, own)].sum()
            by_group, by_general = group[own, factor].sum() ** 2, general[own].sum() ** 2
            common += by_group
            table[factor + 1] = (by_group + by_general) / variance, by_general / variance, by_group / variance
    table[0] = omega_total, general.sum() ** 2 / R.sum(), common / R.sum()
    return table
