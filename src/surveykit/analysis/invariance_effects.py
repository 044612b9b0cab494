"""How much non-invariance matters: dMACS of each item that differs, from a model with the others equal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.analysis.invariance_fits import LevelFits
from surveykit.analysis.invariance_search import factors_of, plain_names, unequal_items
from surveykit.analysis.sem_fit import SemFit
from surveykit.estimation.non_invariance import graded, item_bias, linear

FloatArray = NDArray[np.float64]
COLUMNS = ("item", "group", "freed", "d_macs", "bias", "expected_difference")


def effect_sizes(fits: LevelFits, equal: Sequence[str], freed: Sequence[str]) -> pd.DataFrame:
    """One row an item that is unequal and a later group.

    `equal` is what the scalar level holds equal; where nothing is freed, every item is freed in turn,
    all others equal.
    """
    factors = factors_of(fits.configural)
    names = plain_names(freed)
    items = [
        item for factor, own in factors.items() for item in own if item in unequal_items(factor, own, names)
    ]
    rows: list[dict[str, Any]] = []
    if items:
        fit = fits.fit(equal, freed)
        for item in dict.fromkeys(items):
            rows += item_effects(fit, item, [one for one in freed if item in one])
    else:
        for item in dict.fromkeys(one for own in factors.values() for one in own):
            alone = item_parameters(factors, item)
            rows += item_effects(fits.fit(equal, alone), item, alone)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def item_parameters(factors: Mapping[str, Sequence[str]], item: str) -> list[str]:
    """Loading and intercept of an item: two equal thresholds keep the scale of an ordered one."""
    return [*(f"{factor}=~{item}" for factor, own in factors.items() if item in own), f"{item}~1"]


def item_effects(fit: SemFit, item: str, freed: Sequence[str]) -> list[dict[str, Any]]:
    """dMACS and bias of one item, a row per later group."""
    solution = fit._solution
    place = solution.representation.groups[0].ov.index(item)
    matrices = [{name: one[0] for name, one in group.items()} for group in solution.matrices]
    deviations = [_deviation(fit, group, item, place) for group in range(len(matrices))]
    sizes = fit.nobs
    rows = []
    for later in range(1, len(matrices)):
        mean, cov = _factors(matrices[later])
        loadings = np.stack([matrices[at]["lambda"][place] for at in (0, later)])
        intercepts = np.array([matrices[at]["nu"][place, 0] for at in (0, later)])
        # Pooled as in Nye & Drasgow (2011, equation 3): standard deviations, not variances.
        weights = np.array([sizes[0] - 1, sizes[later] - 1])
        sd = float(weights @ np.array([deviations[0], deviations[later]]) / weights.sum())
        expected = [_expected(fit, matrices[at], at, place) for at in (0, later)]
        found = item_bias(intercepts + loadings @ mean, loadings @ cov @ loadings.T, sd, expected)
        values = (found.d_macs, found.bias, found.bias * sd)
        label = fit.group_labels[later]
        rows.append(dict(zip(COLUMNS, (item, label, ", ".join(freed), *values), strict=True)))
    return rows


def _factors(matrices: Mapping[str, FloatArray]) -> tuple[FloatArray, FloatArray]:
    """Means and covariances of the factors of a group."""
    reach = np.linalg.inv(np.eye(len(matrices["beta"])) - matrices["beta"])
    return (reach @ matrices["alpha"])[:, 0], reach @ matrices["psi"] @ reach.T


def _deviation(fit: SemFit, group: int, item: str, place: int) -> float:
    """Standard deviation of the item as it was answered."""
    if fit._cases:
        return float(np.nanstd(fit._cases[group].columns([item])[:, 0], ddof=1))
    size = fit.nobs[group]
    # Moments of maximum likelihood have the divisor N, unless they were asked for as Wishart's.
    divisor = size if fit._solution.settings.likelihood == "wishart" else size - 1
    return float(np.sqrt(fit._solution.moments[group].cov[place, place] * size / divisor))


def _expected(
    fit: SemFit, matrices: Mapping[str, FloatArray], group: int, place: int
) -> Callable[[FloatArray], FloatArray]:
    layout = fit._solution.representation.groups[group]
    own = layout.th_variable == place
    if not layout.ordered[place]:
        return linear
    return graded(matrices["tau"][own, 0], float(matrices["theta"][place, place]))
