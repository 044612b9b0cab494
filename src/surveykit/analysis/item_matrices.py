"""From checked items to the correlation or covariance matrix that an analysis asked for."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from surveykit.analysis.item_input import ItemData
from surveykit.errors import Note, SurveykitError, SurveykitWarning, note

CORRELATIONS = ("pearson", "polychoric")

if TYPE_CHECKING:
    from surveykit.estimation.item_moments import FloatArray


def covariances(data: ItemData) -> FloatArray:
    """Covariances with divisor n - 1, pair by pair where there are gaps."""
    from surveykit.estimation.item_moments import item_moments

    return item_moments(data.values).cov


def correlations(data: ItemData, kind: str = "pearson") -> FloatArray:
    """Correlations; Pearson's with gaps are R's: each pair by its own rows, also for the variances."""
    from surveykit.estimation.item_moments import correlation, pairwise_correlation

    if kind == "polychoric":
        return _polychorics(data)
    if np.isnan(data.values).any():
        return pairwise_correlation(data.values)
    return correlation(covariances(data))


def _polychorics(data: ItemData) -> FloatArray:
    from surveykit.analysis.polychoric import polychoric

    frame = pd.DataFrame(data.values, columns=list(data.names))
    missing = "pairwise" if np.isnan(data.values).any() else "listwise"
    return polychoric(frame, missing=missing).correlations.to_numpy()


def refuse_singular(R: FloatArray, analysis: str) -> None:
    """Refuse (S022) a correlation matrix that has no proper inverse."""
    smallest = float(np.linalg.eigvalsh(R)[0])
    if smallest < 1e-10:
        raise SurveykitError("S022", analysis=analysis, eigenvalue=f"{smallest:.1e}")


def refuse_uncorrelated(R: FloatArray) -> None:
    """Refuse (S106) items of which no two are correlated at all: there is nothing that they share."""
    if np.abs(R - np.diag(np.diagonal(R))).max() < 1e-12:
        raise SurveykitError("S106")


def refuse_cancelling(cov: FloatArray, names: Iterable[str]) -> None:
    """Refuse (S014) items whose sum does not vary, as when they are mirror images of each other."""
    if cov.sum() <= 1e-12 * np.trace(cov):
        raise SurveykitError("S014", names=", ".join(names))


def warn_of_keying(data: ItemData, R: FloatArray, stacklevel: int) -> tuple[Note, ...]:
    """Warn (S008) of items keyed against the rest, by psych's rule: a negative first component loading.

    Also notes (S072) correlations that cannot belong together, as pairwise ones may be.
    """
    if R.min() >= 0 and not np.isnan(data.values).any():
        return ()  # a matrix without negative entries has a first eigenvector without any
    values, vectors = np.linalg.eigh(R)
    notes: tuple[Note, ...] = (note("S072"),) if values[0] < -1e-8 else ()
    first = vectors[:, -1] * (1 if vectors[:, -1].sum() >= 0 else -1)
    # Within rounding of zero an item is not keyed against anything.
    against = [name for name, loading in zip(data.names, first, strict=True) if loading < -1e-10]
    if not against:
        return notes
    found = note("S008", names=", ".join(against))
    warnings.warn(str(found), SurveykitWarning, stacklevel=stacklevel)
    return (*notes, found)
