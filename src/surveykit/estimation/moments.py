"""What a group of cases tells a model: its size, covariances, means, and the cases themselves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


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
    """

    names: tuple[str, ...]
    n: int
    cov: FloatArray
    mean: FloatArray
    data: FloatArray | None = None
    cluster: IntArray | None = None
    n_original: int = 0
    label: str = ""

    @cached_property
    def centred(self) -> FloatArray:
        """Cases minus their mean, (n, p)."""
        if self.data is None:
            raise ValueError("no cases were given")
        return self.data - self.mean


def lower_triangle(p: int, diagonal: bool = True) -> tuple[IntArray, IntArray]:
    """Row and column of each element of vech: the lower triangle, column by column."""
    column, row = np.triu_indices(p, 0 if diagonal else 1)
    return row.astype(np.int64), column.astype(np.int64)


def vech(matrix: FloatArray, diagonal: bool = True) -> FloatArray:
    """Lower triangle, column by column, of (..., p, p)."""
    row, column = lower_triangle(matrix.shape[-1], diagonal)
    return matrix[..., row, column]
