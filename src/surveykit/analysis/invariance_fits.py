"""One measurement model fitted again and again under different equalities across groups.

The first fit reads the data and computes sample moments and baseline model; the other
levels of a ladder and the steps of a search differ in nothing but the parameter table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from surveykit.analysis.sem import cfa
from surveykit.analysis.sem_data import check_frame, column_dtypes
from surveykit.analysis.sem_fit import SemFit
from surveykit.analysis.sem_model import (
    Model,
    Source,
    bounded,
    conditioned,
    make_table,
    ordered_items,
    read_model,
    read_source,
)
from surveykit.estimation.sem.engine import Solution, fit
from surveykit.estimation.sem.parameter_table import ParameterTable
from surveykit.estimation.threads import on_one_thread

OF_THE_DATA = ("M083", "M093")  # rows left out


class LevelFits:
    """Fits of one model by what is equal across groups; `options` are those of `cfa`."""

    def __init__(self, model: str, options: Mapping[str, Any]) -> None:
        self.model, self.options = model, dict(options)
        self._latest: Solution | None = None

    @cached_property
    def configural(self) -> SemFit:
        """Nothing equal."""
        return cfa(self.model, **self.options)

    def fit(self, equal: Sequence[str], freed: Sequence[str] = ()) -> SemFit:
        """What `equal` names is equal across groups, except `freed`."""
        if not equal:
            return self.configural
        asked = {"group_equal": tuple(equal), "group_partial": tuple(freed)}
        if self._unusual:
            return cfa(self.model, **{**self.options, **asked})
        return self._refit(asked)

    @on_one_thread
    def _refit(self, asked: Mapping[str, Any]) -> SemFit:
        first = self.configural
        before = first._solution
        request = replace(first._request, options={**first._request.options, **asked})
        table = make_table(request, self._parsed, self._source, self._ordered, before.settings, False)
        table = bounded(request, table, self._source)
        table = _started(table, self._latest or before)
        kept = tuple(one for one in first.notes if one.code in OF_THE_DATA)
        found = SemFit.of(fit(table, before.moments, before.settings), request, first._cases, kept)
        self._latest = found._solution if found.converged else self._latest
        vars(found)["_baseline"] = first._baseline  # the same moments have the same baseline
        return found

    @cached_property
    def _unusual(self) -> bool:
        """Fits that need more than a table and moments: resamples, or statistics given x."""
        first = self.configural
        resampled = self.options.get("bootstrap") or self.options.get("se") == "bootstrap"
        return bool(resampled) or conditioned(first._request, self._parsed, first._solution.settings)

    @cached_property
    def _parsed(self) -> Model:
        return read_model(self.model)

    @cached_property
    def _source(self) -> Source:
        """The cases that the first fit used, or the summary statistics."""
        first = self.configural
        if first._cases:
            return Source(cases=first._cases, dtypes=column_dtypes(check_frame(first._request.data)))
        return read_source(first._request, self._parsed)[0]

    @cached_property
    def _ordered(self) -> dict[str, int]:
        return ordered_items(self.configural._request, self._parsed, self._source)


def _started(table: ParameterTable, near: Solution) -> ParameterTable:
    """The table with starting values from a solution that cannot be far; the user's own stay."""
    keys = zip(near.table.lhs, near.table.op, near.table.rhs, near.table.group.tolist(), strict=True)
    known = dict(zip(keys, near.estimates.tolist(), strict=True))
    rows = zip(table.lhs, table.op, table.rhs, table.group.tolist(), strict=True)
    values = np.array([known.get(row, np.nan) for row in rows])
    open_ = (table.free > 0) & np.isnan(table.ustart)
    return replace(table, ustart=np.where(open_, values, table.ustart)).like(table)
