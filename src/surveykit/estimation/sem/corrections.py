"""Which correction the robust fit indices of a model need."""

from __future__ import annotations

from surveykit.estimation.sem.engine import Solution
from surveykit.estimation.sem.facts import scaled_test
from surveykit.estimation.sem.fit_measures import ROBUST_TESTS, Corrected
from surveykit.estimation.sem.incomplete_corrections import incomplete_corrections
from surveykit.estimation.sem.ordinal_corrections import ordinal_corrections


def corrections(solution: Solution, baseline: Solution) -> Corrected | None:
    """Chi-squares and scaling factors behind the robust indices; None for complete continuous data."""
    scaled = scaled_test(solution)
    if solution.settings.categorical:
        robust = scaled is not None and scaled.test in ROBUST_TESTS
        return ordinal_corrections(solution) if robust else None
    if solution.settings.missing == "ml":
        return incomplete_corrections(solution, baseline, scaled is not None)
    return None
