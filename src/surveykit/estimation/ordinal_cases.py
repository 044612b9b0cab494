"""Numeric variables among the ordered ones, or covariates: the steps case by case."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.ordinal_margins import Margin
from surveykit.estimation.ordinal_pairs import Lanes, Pairs, pearson_pairs, polychoric_pairs, polyserial_pairs
from surveykit.estimation.ordinal_tables import TableSteps
from surveykit.estimation.polychoric import pair_indices

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class CaseSteps:
    """Correlations of p variables from their margins, given covariates x (n, q), q possibly 0.

    `codes` (n, p) are 0 where missing and for numeric variables. Pairs are in the order of
    `pair_indices`; influences are scaled as in `TableSteps`, correlations not covariances.
    """

    margins: tuple[Margin, ...]
    codes: IntArray
    x: FloatArray

    @cached_property
    def ordered(self) -> IntArray:
        return np.flatnonzero([one.ordered for one in self.margins])

    @cached_property
    def place(self) -> IntArray:
        """Column of each pair of variables, (p, p), symmetric."""
        p = len(self.margins)
        first, second = pair_indices(p)
        place = np.zeros((p, p), dtype=np.int64)
        place[first, second] = place[second, first] = np.arange(len(first))
        return place

    @cached_property
    def tables(self) -> TableSteps | None:
        """Pairs of ordered variables without covariates."""
        if self.x.shape[1] or len(self.ordered) < 2:
            return None
        return TableSteps(self.codes[:, self.ordered])

    @cached_property
    def table_columns(self) -> IntArray:
        """Where the pairs of `tables` stand among all pairs."""
        first, second = pair_indices(len(self.ordered))
        return np.asarray(self.place[self.ordered[first], self.ordered[second]])

    @cached_property
    def blocks(self) -> tuple[tuple[int, IntArray, Pairs], ...]:
        """One variable with several others, until every pair that is not in `tables` had its turn."""
        width = max(int(self.codes.max()), 2)
        found = []
        for own, margin in enumerate(self.margins):
            later = np.arange(own + 1, len(self.margins))
            later_numeric = later[~np.isin(later, self.ordered)]
            if not margin.ordered:
                if len(self.ordered):
                    mixed = polyserial_pairs(self._lanes([own]), self._lanes(self.ordered), self.x, width)
                    found.append((own, self.ordered, mixed))
                if len(later_numeric):
                    plain = pearson_pairs(self._lanes([own]), self._lanes(later_numeric), self.x)
                    found.append((own, later_numeric, plain))
            elif self.tables is None and len(later_ordered := later[np.isin(later, self.ordered)]):
                pairs = polychoric_pairs(self._lanes([own]), self._lanes(later_ordered), self.x, width)
                found.append((own, later_ordered, pairs))
        return tuple(found)

    @cached_property
    def rho(self) -> FloatArray:
        """(P,)"""
        rho = np.zeros(self.n_pairs)
        if self.tables is not None:
            rho[self.table_columns] = self.tables.fit.rho
        for own, others, pairs in self.blocks:
            rho[self.place[own, others]] = pairs.rho
        return rho

    @cached_property
    def bounded(self) -> BoolArray:
        """(P,), which correlations are at their bound."""
        bounded = np.zeros(self.n_pairs, dtype=np.bool_)
        if self.tables is not None:
            bounded[self.table_columns] = self.tables.fit.perfect
        for own, others, pairs in self.blocks:
            bounded[self.place[own, others]] = pairs.bounded
        return bounded

    @cached_property
    def empty(self) -> IntArray:
        """(P,), empty cells of the two-way tables."""
        empty = np.zeros(self.n_pairs, dtype=np.int64)
        if self.tables is not None:
            empty[self.table_columns] = self.tables.fit.empty
        return empty

    @property
    def n_pairs(self) -> int:
        return len(self.margins) * (len(self.margins) - 1) // 2

    def rho_influence(self) -> FloatArray:
        """(n, P)"""
        n = len(self.codes)
        influence = np.zeros((n, self.n_pairs))
        if self.tables is not None:
            influence[:, self.table_columns] = self.tables.rho_influence()
        for own, others, pairs in self.blocks:
            part = pairs.score - self._pull(own, pairs.own)
            for lane, other in enumerate(others):
                part[:, lane] -= self._pull(int(other), pairs.other[:, lane])
            information = np.square(pairs.score).sum(axis=0)
            influence[:, self.place[own, others]] = n * part / np.where(information > 0, information, np.inf)
        return influence

    def _lanes(self, variables: list[int] | IntArray) -> Lanes:
        return Lanes.of([self.margins[v] for v in variables], [self.codes[:, v] for v in variables])

    def _pull(self, variable: int, pull: FloatArray) -> FloatArray:
        """Influence through the variable's own parameters; `pull` has padded thresholds before its slopes."""
        margin = self.margins[variable]
        if margin.ordered:
            slopes = len(margin.slopes)
            pull = np.concatenate([pull[: len(margin.level)], pull[len(pull) - slopes :]])
        return np.asarray(margin.influence @ pull)
