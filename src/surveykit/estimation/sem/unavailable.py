"""Why a fit measure has no value: never a gap without a reason."""

from __future__ import annotations

import math
from collections.abc import Mapping

from surveykit.errors import Note, note
from surveykit.estimation.sem.engine import Solution
from surveykit.estimation.sem.ordinal_corrections import why_undefined


def unavailable(solution: Solution, baseline: Solution, measures: Mapping[str, float]) -> tuple[Note, ...]:
    """M114: the measures that are NaN, by what they lack (options and numbers)."""
    reasons: dict[str, list[str]] = {}
    for name, value in measures.items():
        if math.isnan(value):
            reasons.setdefault(_reason(name, solution, baseline), []).append(name)
    return tuple(note("M114", names=", ".join(names), reason=reason) for reason, names in reasons.items())


def _reason(name: str, solution: Solution, baseline: Solution) -> str:
    settings, df = solution.settings, solution.df
    if settings.test == ("none",):
        return "test='none'"
    if df <= 0:
        return f"df = {df}"
    if name.endswith("_robust") and settings.categorical:
        undefined = why_undefined(solution)
        if undefined:
            return undefined
    if name.startswith("srmr_mplus"):
        return "ordered="
    if name in ("pvalue", "baseline_pvalue"):
        return f"estimator='{settings.estimator}'"
    if df > baseline.df and name.startswith(("rfi", "nfi", "pnfi")):
        return f"df = {df} > baseline_df = {baseline.df}"
    tests = ", ".join(f"{one.test} = {one.stat:.4g}" for one in solution.tests)
    return f"{tests}; df = {df}, baseline_df = {baseline.df}"
