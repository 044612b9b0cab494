"""All variables ordered, no covariates: everything follows from the two-way tables.

A respondent's influence on a correlation depends on two answers alone, so it is
a table looked up, and asymptotic variances are sums over cells.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.bivariate_normal import FAR
from surveykit.estimation.ordinal_margins import threshold_influence
from surveykit.estimation.polychoric import (
    Polychorics,
    marginal_counts,
    marginal_thresholds,
    pair_counts,
    pair_indices,
    polychoric_correlations,
    threshold_pull,
)

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class TableSteps:
    """Thresholds and polychoric correlations of codes (n, p), 0 missing, from their tables.

    Influences are scaled so that ``influence' influence / n`` is the asymptotic
    covariance of sqrt(n) times the statistics.
    """

    codes: IntArray

    @cached_property
    def width(self) -> int:
        return int(self.codes.max())

    @cached_property
    def margins(self) -> FloatArray:
        """Answers in each category, (K, p)."""
        return marginal_counts(self.codes, self.width)

    @cached_property
    def thresholds(self) -> FloatArray:
        """(K - 1, p), `FAR` above an item's last category."""
        return marginal_thresholds(self.margins)

    @cached_property
    def pairs(self) -> tuple[IntArray, IntArray]:
        return pair_indices(self.codes.shape[1])

    @cached_property
    def counts(self) -> FloatArray:
        """Two-way tables with code 0 for a missing answer, (K + 1, K + 1, P)."""
        return pair_counts(self.codes, self.width)

    @cached_property
    def fit(self) -> Polychorics:
        first, second = self.pairs
        return polychoric_correlations(
            self.counts[1:, 1:], self.thresholds[:, first], self.thresholds[:, second]
        )

    @cached_property
    def used(self) -> BoolArray:
        """Which of the (K - 1, p) thresholds exist."""
        return self.thresholds < FAR

    @cached_property
    def threshold_table(self) -> FloatArray:
        """Influence of each answer on its item's thresholds, (K + 1, K - 1, p)."""
        return len(self.codes) * threshold_influence(self.margins, self.thresholds)

    @cached_property
    def rho_table(self) -> FloatArray:
        """Influence of each pair of answers on the pair's correlation, (K + 1, K + 1, P)."""
        first, second = self.pairs
        information = (self.fit.counts * np.square(self.fit.score)).sum(axis=(0, 1))
        table = np.zeros(self.counts.shape)
        table[1:, 1:] = len(self.codes) * self.fit.score
        by_first, by_second = threshold_pull(self.fit)
        table -= np.einsum("akP,kP->aP", self.threshold_table[:, :, first], by_first)[:, None]
        table -= np.einsum("akP,kP->aP", self.threshold_table[:, :, second], by_second)[None]
        table /= np.where(information > 0, information, np.inf)
        return table

    def threshold_variances(self) -> FloatArray:
        """Asymptotic variances of the thresholds, item by item."""
        sums = np.einsum("ap,akp->kp", self.margins, np.square(self.threshold_table[1:])) / len(self.codes)
        return np.asarray(sums.T[self.used.T])

    def rho_variances(self) -> FloatArray:
        """Asymptotic variances of the correlations, (P,)."""
        return np.asarray((self.counts * np.square(self.rho_table)).sum(axis=(0, 1)) / len(self.codes))

    def threshold_influence(self) -> FloatArray:
        """(n, n_th), item by item."""
        items = np.arange(self.codes.shape[1])
        return np.asarray(self.threshold_table.transpose(0, 2, 1)[self.codes, items][:, self.used.T])

    def rho_influence(self) -> FloatArray:
        """(n, P), looked up item by item so that the places stay in cache."""
        n, p = self.codes.shape
        codes = np.ascontiguousarray(self.codes.T)
        width = self.width + 1
        tables = np.ascontiguousarray(self.rho_table.transpose(2, 0, 1)).ravel()
        offset = width * width * np.arange(p * (p - 1) // 2)[:, None]
        found = np.empty((len(offset), n))
        start = 0
        for item in range(p - 1):
            pairs = slice(start, start + p - 1 - item)
            places = codes[item + 1 :] + width * codes[item] + offset[pairs]
            tables.take(places, out=found[pairs], mode="clip")
            start = pairs.stop
        return found.T
