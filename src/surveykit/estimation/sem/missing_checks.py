"""Incomplete rows that no model, or only some, can be fitted to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from surveykit.errors import Note, SurveykitError, note
from surveykit.estimation.moments import SampleMoments, lower_triangle
from surveykit.estimation.saturated import IncompleteMoments

IntArray = NDArray[np.int64]

MOST_NAMES = 12
LOW_COVERAGE = 0.1


def check_incomplete(sample: IncompleteMoments, missing: str, several: bool) -> None:
    """Refuse rows from which the unrestricted moments, or those that are needed, cannot be told.

    Raises
    ------
    SurveykitError
        M131 moments that the rows do not determine, M133 pairs of variables never seen together
        (`missing` other than "ml").
    """
    where = _where(sample, several)
    uncovered = _pairs(sample, np.flatnonzero(~sample.covered[len(sample.names) :]))
    if uncovered and missing != "ml":
        raise SurveykitError("M133", pairs=_listed(uncovered), missing=missing, where=where)
    if sample.settled:
        return
    coverage = sample.patterns.coverage
    row, column = lower_triangle(len(sample.names), diagonal=False)
    least = int(coverage[row, column].argmin())
    gaps = sample.n * (1 - np.diag(coverage))
    most = np.argsort(-gaps, kind="stable")[:MOST_NAMES]
    raise SurveykitError(
        "M131",
        n=sample.n,
        p=len(sample.names),
        one=sample.names[column[least]],
        other=sample.names[row[least]],
        together=round(float(coverage[row[least], column[least]]) * sample.n),
        gaps=_listed([f"{sample.names[at]} {round(float(gaps[at]))}" for at in most if gaps[at] > 0.5]),
        where=where,
    )


def coverage_notes(moments: Sequence[SampleMoments]) -> list[Note]:
    """M132 pairs of variables that no row holds together, M134 few rows."""
    found = []
    for sample in moments:
        if isinstance(sample, IncompleteMoments):
            row, column = lower_triangle(len(sample.names))
            coverage = sample.patterns.coverage[row, column]
            where = _where(sample, len(moments) > 1)
            none = _pairs(sample, np.flatnonzero(coverage == 0))
            few = _pairs(sample, np.flatnonzero((coverage > 0) & (coverage < LOW_COVERAGE)))
            if none:
                found.append(note("M132", pairs=_listed(none), where=where))
            if few:
                found.append(note("M134", pairs=_listed(few), where=where))
    return found


def _pairs(sample: SampleMoments, chosen: IntArray) -> list[str]:
    """Elements of vech by the names of their variables; a variable with itself by its own."""
    row, column = lower_triangle(len(sample.names))
    pairs = [(sample.names[column[at]], sample.names[row[at]]) for at in chosen]
    return [one if one == other else f"{one} – {other}" for one, other in pairs]


def _listed(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f", ... (+{more})" if more > 0 else "")


def _where(sample: SampleMoments, several: bool) -> str:
    return f" in group '{sample.label}'" if several else ""
