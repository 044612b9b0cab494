"""What a result says, as the sentence that a paper prints."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from surveykit.analysis.group_comparison import GroupComparison
from surveykit.analysis.reliability import AlphaResult
from surveykit.report.cells import compared, count, interval, level, number, share
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


def comparison_sentence(line: Mapping[Hashable, Any], result: GroupComparison, names: Names) -> str:
    """One outcome of a comparison: both groups, the test, Hedges g. Says "differs" only where p does."""
    places = names.decimals
    different = float(line["pvalue_adjusted"]) < 1 - result.conf_level
    first, second = result.groups
    return names.text(
        "comparison_differs" if different else "comparison_same",
        outcome=names.variable(str(line["outcome"])),
        first=names.group(first),
        second=names.group(second),
        mean_1=number(line["mean_1"], places),
        mean_2=number(line["mean_2"], places),
        sd_1=number(line["sd_1"], places),
        sd_2=number(line["sd_2"], places),
        n_1=count(line["n_1"]),
        n_2=count(line["n_2"]),
        t=number(line["t"], places),
        df=count(line["df"]),
        symbol="p" if result.adjust == "none" else names.text("p_adjusted"),
        p=compared(line["pvalue_adjusted"]),
        g=number(line["hedges_g"], places),
        level=level(result.conf_level),
        ci=interval(line["hedges_g_ci_lower"], line["hedges_g_ci_upper"], places),
    )


def fit_sentence(measures: Mapping[Any, Any], names: Names) -> str:
    """Chi-square, CFI, TLI, RMSEA with its interval, SRMR; robust versions where there are any.

    `measures`: as `SemFit.fit_measures()` names them.
    """
    kind = next((end for end in ("_scaled", "") if _has(measures, f"chisq{end}")), "")
    robust = next((end for end in ("_robust", "_scaled", "") if _has(measures, f"cfi{end}")), "")
    parts = [f"χ²({count(measures[f'df{kind}'])}) = {number(measures[f'chisq{kind}'], 2)}"]
    if _has(measures, f"pvalue{kind}"):  # with no degrees of freedom there is nothing to test
        parts.append(f"p {compared(measures[f'pvalue{kind}'])}")
    for name in ("cfi", "tli"):
        if _has(measures, f"{name}{robust}"):
            parts.append(f"{name.upper()} = {share(measures[f'{name}{robust}'], 3)}")
    if _has(measures, f"rmsea{robust}"):
        low, high = (measures.get(f"rmsea_ci_{side}{robust}") for side in ("lower", "upper"))
        parts.append(f"RMSEA = {share(measures[f'rmsea{robust}'], 3)}")
        if _has(measures, f"rmsea_ci_lower{robust}"):
            parts.append(f"90% CI {interval(low, high, 3, bounded=True)}")
    if _has(measures, "srmr"):
        parts.append(f"SRMR = {share(measures['srmr'], 3)}")
    key = "fit_sentence_robust" if kind or robust else "fit_sentence"
    return names.text(key, numbers=", ".join(parts))


def _has(measures: Mapping[Any, Any], name: str) -> bool:
    value = measures.get(name)
    return value is not None and float(value) == float(value)
