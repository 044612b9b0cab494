"""Permutation tests, all arrangements counted: exact however small the samples."""

from __future__ import annotations

import math
from itertools import combinations, islice
from typing import NamedTuple

import numpy as np

from surveykit.estimation.two_samples import FloatArray

# Statistics that differ by rounding alone count as equal.
SAME = 1e-12
CHUNK = 20_000


class Permutations(NamedTuple):
    """P values: the share of arrangements at least as extreme as the observed one, itself included."""

    estimate: float
    two_sided: float
    greater: float
    less: float
    arrangements: int
    smallest: float


def count_arrangements(n: int, m: int) -> int:
    """Ways to choose which `n` of n + m values belong to the first sample."""
    return math.comb(n + m, n)


def permute_groups(x: FloatArray, y: FloatArray) -> Permutations:
    """Difference of means, every assignment of the values to two samples of these sizes."""
    pooled, n = np.concatenate([x, y]), len(x)
    choices = combinations(range(len(pooled)), n)
    sums = []
    while chunk := list(islice(choices, CHUNK)):
        sums.append(pooled[np.array(chunk)].sum(axis=1))
    return _counted(_differences(np.concatenate(sums), pooled, n), float(x.mean() - y.mean()))


def draw_groups(x: FloatArray, y: FloatArray, draws: int, seed: int) -> Permutations:
    """As `permute_groups` over random arrangements, the observed one counted among them."""
    pooled, n = np.concatenate([x, y]), len(x)
    rng = np.random.default_rng(seed)
    sums = [rng.permutation(pooled)[:n].sum() for _ in range(draws)]
    return _counted(_differences(np.array([x.sum(), *sums]), pooled, n), float(x.mean() - y.mean()))


def _differences(sums: FloatArray, pooled: FloatArray, n: int) -> FloatArray:
    difference: FloatArray = sums / n - (pooled.sum() - sums) / (len(pooled) - n)
    return difference


def flip_signs(differences: FloatArray) -> Permutations:
    """Mean of paired differences under every combination of their signs."""
    n = len(differences)
    sums = np.zeros(1)
    for size in np.abs(differences):
        sums = np.concatenate([sums + size, sums - size])
    return _counted(sums / n, float(differences.mean()))


def _counted(values: FloatArray, observed: float) -> Permutations:
    room = SAME * max(1.0, float(np.abs(values).max()))
    total = len(values)
    size = np.abs(values)
    two = np.count_nonzero(size >= abs(observed) - room) / total
    greater = np.count_nonzero(values >= observed - room) / total
    less = np.count_nonzero(values <= observed + room) / total
    smallest = np.count_nonzero(size >= size.max() - room) / total
    return Permutations(observed, two, greater, less, total, smallest)
