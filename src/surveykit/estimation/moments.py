"""What a group of cases tells a model: its size, covariances, means, and the cases themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class SampleMoments:
    """Sample moments of one group, in the order of the model's observed variables.

    Attributes
    ----------
    names : tuple of str, length p
    n : int
        Cases used.
    cov : array (p, p)
        Covariance matrix with the divisor that the estimator asks for (N for ML with the
        normal likelihood, N - 1 otherwise): this is the S that is fitted.
    mean : array (p,)
    data : array (n, p) or None
        The cases, complete; None where only summary statistics were given.
    cluster : int array (n,) or None
        Number of the cluster of each case.
    n_original : int
        Cases before incomplete ones were dropped.
    label : str
        Name of the group; empty for a single one.
    ordered, thresholds, threshold_variable, slopes, x_names, x_mean, x_cov :
        Filled in by `ordinal_moments.OrdinalMoments`; empty here.
    """

    names: tuple[str, ...]
    n: int
    cov: FloatArray
    mean: FloatArray
    data: FloatArray | None = None
    cluster: IntArray | None = None
    n_original: int = 0
    label: str = ""
    ordered: BoolArray = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    thresholds: FloatArray = field(default_factory=lambda: np.zeros(0))
    threshold_variable: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    slopes: FloatArray = field(default_factory=lambda: np.zeros((0, 0)))
    x_names: tuple[str, ...] = ()
    x_mean: FloatArray = field(default_factory=lambda: np.zeros(0))
    x_cov: FloatArray = field(default_factory=lambda: np.zeros((0, 0)))

    @cached_property
    def centred(self) -> FloatArray:
        """Cases minus their mean, (n, p)."""
        return self.cases - self.mean

    @property
    def cases(self) -> FloatArray:
        """The cases (n, p), where something needs them."""
        if self.data is None:
            raise ValueError("no cases were given")
        return self.data

    @cached_property
    def true_thresholds(self) -> FloatArray:
        """Thresholds of the ordered variables only."""
        if not len(self.thresholds):
            return self.thresholds
        return self.thresholds[self.ordered[self.threshold_variable]]

    def drawn(self, rows: IntArray, divide_by_n: bool) -> SampleMoments:
        """The sample that holds the given cases, each as often as it is named."""
        cluster = self.drawn_clusters(rows)
        return moments_of_cases(
            self.cases[rows], self.names, divide_by_n=divide_by_n, label=self.label, cluster=cluster
        )

    @property
    def n_clusters(self) -> int:
        """How many clusters the cases stand in; 0 where they stand alone."""
        return 0 if self.cluster is None else len(np.unique(self.cluster))

    def drawn_clusters(self, rows: IntArray) -> IntArray | None:
        """Clusters of the given cases; one that was drawn twice counts as two.

        `rows` then hold whole clusters in turn.
        """
        if self.cluster is None:
            return None
        codes = self.cluster[rows]
        first = np.concatenate([[True], (np.diff(codes) != 0) | (np.diff(rows) <= 0)])
        return np.asarray(np.cumsum(first) - 1)

    def moment(self, one: str, other: str = "") -> float:
        """Covariance of two variables (covariates included), or the mean of one."""
        if one in self.x_names:
            place = self.x_names.index(one)
            return float(self.x_cov[place, self.x_names.index(other)] if other else self.x_mean[place])
        place = self.names.index(one)
        return float(self.cov[place, self.names.index(other)] if other else self.mean[place])


def moments_of_cases(
    data: FloatArray,
    names: Sequence[str],
    *,
    divide_by_n: bool = True,
    label: str = "",
    cluster: IntArray | None = None,
    n_original: int | None = None,
) -> SampleMoments:
    """Moments of complete cases (n, p); divisor n (ML, normal likelihood) or n - 1 (all others)."""
    n = len(data)
    mean = data.mean(axis=0)
    centred = data - mean
    cov = centred.T @ centred / (n if divide_by_n else max(n - 1, 1))
    return SampleMoments(
        tuple(names), n, cov, mean, data, cluster, n if n_original is None else n_original, label
    )


def moments_of_summary(
    cov: FloatArray,
    n: int,
    names: Sequence[str],
    *,
    mean: FloatArray | None = None,
    rescale: bool = True,
    label: str = "",
) -> SampleMoments:
    """Moments from a given covariance matrix (divisor n - 1); `rescale` turns the divisor into n."""
    divisor = (n - 1) / n if rescale else 1.0
    centre = np.zeros(len(cov)) if mean is None else np.asarray(mean, dtype=np.float64)
    return SampleMoments(tuple(names), n, np.asarray(cov) * divisor, centre, None, None, n, label)


@cache
def lower_triangle(p: int, diagonal: bool = True) -> tuple[IntArray, IntArray]:
    """Row and column of each element of vech: the lower triangle, column by column (not to be written to)."""
    column, row = (one.astype(np.int64) for one in np.triu_indices(p, 0 if diagonal else 1))
    for one in (row, column):
        one.setflags(write=False)
    return row, column


def vech(matrix: FloatArray, diagonal: bool = True) -> FloatArray:
    """Lower triangle, column by column, of (..., p, p)."""
    row, column = lower_triangle(matrix.shape[-1], diagonal)
    return matrix[..., row, column]
