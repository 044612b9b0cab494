"""How far the members of a group agree with one another: rwg, rwg(j), average deviation."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from surveykit.estimation.item_moments import FloatArray, IntArray


class GroupAgreement(NamedTuple):
    """Arrays (G,); NaN for a group with one member."""

    sizes: IntArray
    rwg: FloatArray  # rwg of one item, rwg(j) of several
    lindell: FloatArray  # Lindell's r*wg(j): without the step-up
    average_deviation: FloatArray


def group_agreement(values: FloatArray, group: IntArray, ranvar: float) -> GroupAgreement:
    """Agreement on items (n, j) within groups 0..G-1, against the variance `ranvar` of random answers.

    The mean item variance (divisor n - 1) is cut off at `ranvar`, so rwg never
    falls below 0.
    """
    j = values.shape[1]
    sizes = np.bincount(group)
    means = np.stack([np.bincount(group, weights=column) for column in values.T], axis=1) / sizes[:, None]
    deviations = values - means[group]
    squares = np.stack([np.bincount(group, weights=column**2) for column in deviations.T], axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = squares.mean(axis=1) / (sizes - 1)
    variance[sizes < 2] = np.nan
    share = np.minimum(variance / ranvar, 1.0)
    absolute = np.stack([np.bincount(group, weights=np.abs(column)) for column in deviations.T], axis=1)
    average_deviation = absolute.mean(axis=1) / sizes
    average_deviation[sizes < 2] = np.nan
    stepped = j * (1 - share) / (j * (1 - share) + share)
    return GroupAgreement(sizes, stepped, 1 - variance / ranvar, average_deviation)
