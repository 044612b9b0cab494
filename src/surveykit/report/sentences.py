"""What a result says, as the sentence that a paper prints."""

from __future__ import annotations

from surveykit.analysis.reliability import AlphaResult
from surveykit.report.cells import interval, level, share
from surveykit.report.names import Names


def alpha_sentence(result: AlphaResult, names: Names) -> str:
    """Coefficient alpha with its interval, the number of items and of respondents."""
    places = names.decimals
    return names.text(
        "alpha_sentence",
        alpha=share(result.cronbach_alpha, places),
        level=level(result.conf_level),
        ci=interval(result.ci_lower, result.ci_upper, places, bounded=True),
        items=result.n_items,
        n=result.n,
    )
