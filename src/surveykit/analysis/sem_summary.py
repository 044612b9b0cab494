"""A fit as text, laid out as lavaan lays it out, so that a lavaan user is at home."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from surveykit.errors import Note

Row = Mapping[str, Any]

TEST_NAMES = {
    "satorra.bentler": "Satorra-Bentler correction",
    "yuan.bentler": "Yuan-Bentler correction",
    "yuan.bentler.mplus": "Yuan-Bentler correction (Mplus variant)",
    "mean.var.adjusted": "mean and variance adjusted correction",
    "scaled.shifted": "simple second-order correction",
    "browne.residual.nt": "Browne's residual-based (NT) test",
    "browne.residual.nt.model": "Browne's residual (NT model-based) test",
    "browne.residual.adf": "Browne's residual-based (ADF) test",
    "browne.residual.adf.model": "Browne's residual (ADF model-based) test",
    "bollen.stine": "Bollen-Stine bootstrap",
}
SECTIONS = (
    ("Latent Variables", "=~"),
    ("Regressions", "~"),
    ("Covariances", "~~"),
    ("Intercepts", "~1"),
    ("Thresholds", "|"),
    ("Variances", "variance"),
    ("Scales y*", "~*~"),
)


@dataclass(frozen=True)
class Summary:
    """What a summary prints.

    `header` (label, value) lines; `groups` label -> cases used, or empty for one group; `patterns`
    label -> kinds of incomplete rows; `tests` as dicts of lavaan's names; `measures` fit measures
    (None: not asked for or not there); `rows` parameter rows as dicts; `constraints` (as written,
    distance from binding); `r_squared` by group;
    `endogenous` by group, the names whose (co)variance or intercept is a residual one.
    """

    title: str
    header: Sequence[tuple[str, str]]
    groups: Mapping[str, int]
    tests: Sequence[Row]
    measures: Mapping[str, float] | None
    inference: Sequence[tuple[str, str]]
    rows: Sequence[Row]
    columns: Sequence[tuple[str, str]]
    endogenous: Sequence[frozenset[str]]
    r_squared: Sequence[Mapping[str, float]] = ()
    constraints: Sequence[tuple[str, float]] = ()
    patterns: Mapping[str, int] = field(default_factory=dict)
    notes: Sequence[Note] = field(default=())


def summary_text(parts: Summary) -> str:
    """The whole text."""
    lines = [parts.title, ""]
    lines += [_line(label, value) for label, value in parts.header]
    if parts.groups:
        lines += ["", "  Number of observations per group:"]
        lines += [_line(f"  {label}", str(n)) for label, n in parts.groups.items()]
    if parts.patterns:
        lines += ["  Number of missing patterns per group:"]
        lines += [_line(f"  {label}", str(count)) for label, count in parts.patterns.items()]
    lines += _tests(parts.tests)
    if parts.measures is not None:
        lines += _measures(parts.measures)
    lines += ["", "Parameter Estimates:", ""]
    lines += [_line(label, value) for label, value in parts.inference]
    lines += _parameters(parts)
    if parts.constraints:
        lines += ["", "Constraints:", f"{'|Slack|':>53}"]
        lines += [f"    {text[:40]:<40}{slack:9.3f}" for text, slack in parts.constraints]
    if parts.notes:
        lines += ["", "Notes:", ""]
        lines += [f"  {note}" for note in parts.notes]
    return "\n".join(lines) + "\n"


def _line(label: str, *values: str) -> str:
    first, others = values[0], values[1:]
    text = f"  {label}{first:>{max(52 - len(label), len(first) + 1)}}"
    return (text + "".join(f"{value:>12}" for value in others)).rstrip()


def _number(value: Any, decimals: int = 3) -> str:
    if value is None or not isinstance(value, int | float) or math.isnan(value):
        return ""
    return f"{value:.{decimals}f}"


def _count(value: Any) -> str:
    """Degrees of freedom: whole, unless they are fractional."""
    number = float(value)
    return str(int(number)) if number.is_integer() else f"{number:.3f}"


def _tests(tests: Sequence[Row]) -> list[str]:
    if not tests:
        return []
    lines = ["", "Model Test User Model:"]
    standard = tests[0]
    scaled = [one for one in tests[1:] if not math.isnan(one["scaling_factor"])]
    if scaled:
        both = (standard, scaled[0])
        lines += [f"{'':<42}{'Standard':>12}{'Scaled':>12}"]
        lines += _test_lines(both)
        lines += [_line("Scaling correction factor", "", _number(scaled[0]["scaling_factor"]))]
        if not math.isnan(scaled[0]["shift_parameter"]):
            lines += [_line("Shift parameter", "", _number(scaled[0]["shift_parameter"]))]
        lines += [f"    {TEST_NAMES.get(scaled[0]['test'], scaled[0]['test'])}"]
        lines += _by_group(both)
    else:
        lines += ["", *_test_lines((standard,)), *_by_group((standard,))]
    for other in tests[1:]:
        if math.isnan(other["scaling_factor"]):
            name = TEST_NAMES.get(other["test"], other["test"])
            lines += ["", f"  {name}", *_test_lines((other,)), *_by_group((other,))]
    return lines


def _test_lines(tests: Sequence[Row]) -> list[str]:
    reference = {"chisq": "Chi-square", "bootstrap": "Bootstrap"}.get(tests[-1]["refdistr"], "Unknown")
    lines = [
        _line("Test statistic", *(_number(one["stat"]) for one in tests)),
        _line("Degrees of freedom", *(_count(one["df"]) for one in tests)),
    ]
    if tests[0]["df"] > 0:
        shown = ["NA" if math.isnan(one["pvalue"]) else _number(one["pvalue"]) for one in tests]
        lines += [_line(f"P-value ({reference})", *shown)]
    return lines


def _by_group(tests: Sequence[Row]) -> list[str]:
    groups = tests[0].get("stat_group") or {}
    if len(groups) < 2:
        return []
    lines = ["  Test statistic for each group:"]
    for label in groups:
        lines += [_line(f"  {label}", *(_number(one["stat_group"].get(label)) for one in tests))]
    return lines


# --- fit measures --------------------------------------------------------------------------

_BASELINE = (
    ("Test statistic", "baseline_chisq", _number),
    ("Degrees of freedom", "baseline_df", _count),
    ("P-value", "baseline_pvalue", _number),
    ("Scaling correction factor", "baseline_chisq_scaling_factor", _number),
)
_LIKELIHOOD = (
    ("Loglikelihood user model (H0)", "logl", "scaling_factor_h0"),
    ("Loglikelihood unrestricted model (H1)", "unrestricted_logl", "scaling_factor_h1"),
    ("", "", ""),
    ("Akaike (AIC)", "aic", ""),
    ("Bayesian (BIC)", "bic", ""),
    ("Sample-size adjusted Bayesian (SABIC)", "bic2", ""),
)


def _measures(measures: Mapping[str, float]) -> list[str]:
    scaled = "cfi_scaled" in measures
    lines = ["", "Model Test Baseline Model:", ""]
    for label, name, shown in _BASELINE:
        plain = shown(measures[name]) if name in measures and "scaling" not in name else ""
        other = measures.get(name if "scaling" in name else f"{name}_scaled")
        if plain or other is not None:
            lines += [_line(label, plain, *([shown(other)] if scaled and other is not None else []))]
    lines += ["", "User Model versus Baseline Model:", ""]
    lines += _pairs(measures, (("Comparative Fit Index (CFI)", "cfi"), ("Tucker-Lewis Index (TLI)", "tli")))
    if "cfi_robust" in measures:
        names = (("Robust Comparative Fit Index (CFI)", "cfi"), ("Robust Tucker-Lewis Index (TLI)", "tli"))
        lines += ["", *_robust(measures, names, scaled)]
    if "logl" in measures:
        lines += ["", "Loglikelihood and Information Criteria:", "", *_likelihood(measures, scaled)]
    lines += ["", "Root Mean Square Error of Approximation:", "", *_rmsea(measures, scaled)]
    srmr = _number(measures["srmr"])
    lines += ["", "Standardized Root Mean Square Residual:", "", _line("SRMR", *[srmr] * (1 + scaled))]
    ends = [(_interval(measures, "gfi", end), f"gfi_ci_{end}") for end in ("lower", "upper")]
    lines += ["", "Goodness of Fit Index:", ""]
    lines += _pairs(measures, (("Goodness of Fit Index (GFI)", "gfi"), *ends))
    if "gfi_robust" in measures:
        lines += ["", *_robust(measures, (("Robust GFI", "gfi"), *ends), scaled)]
    return lines


def _likelihood(measures: Mapping[str, float], scaled: bool) -> list[str]:
    """Under a robust estimator the same in both columns, with the correction factors of MLR."""
    lines = []
    for label, name, factor in _LIKELIHOOD:
        lines += [_line(label, *[_number(measures[name])] * (1 + scaled)) if name else ""]
        if factor in measures:
            lines += [_line("Scaling correction factor", "", _number(measures[factor]))]
            lines += ["      for the MLR correction"]
    return lines


def _pairs(measures: Mapping[str, float], names: Sequence[tuple[str, str]]) -> list[str]:
    """Plain and, where there is one, scaled value."""
    lines = []
    for label, name in names:
        scaled = measures.get(f"{name}_scaled")
        lines += [_line(label, _number(measures[name]), *([] if scaled is None else [_number(scaled)]))]
    return lines


def _robust(measures: Mapping[str, float], names: Sequence[tuple[str, str]], scaled: bool) -> list[str]:
    return [_line(label, *([""] * scaled), _number(measures[f"{name}_robust"])) for label, name in names]


def _interval(measures: Mapping[str, float], family: str, end: str) -> str:
    return f"{100 * measures[f'{family}_ci_level']:.0f} Percent confidence interval - {end}"


def _rmsea(measures: Mapping[str, float], scaled: bool) -> list[str]:
    close, notclose = measures["rmsea_close_h0"], measures["rmsea_notclose_h0"]
    names = [
        ("{}RMSEA", "rmsea"),
        (_interval(measures, "rmsea", "lower"), "rmsea_ci_lower"),
        (_interval(measures, "rmsea", "upper"), "rmsea_ci_upper"),
        (f"P-value H_0: {{}}RMSEA <= {close:.3f}", "rmsea_pvalue"),
        (f"P-value H_0: {{}}RMSEA >= {notclose:.3f}", "rmsea_notclose_pvalue"),
    ]
    lines = _pairs(measures, [(label.format(""), name) for label, name in names])
    if "rmsea_robust" in measures:
        robust = [(label.format("Robust "), name) for label, name in names]
        lines += ["", *_robust(measures, robust, scaled)]
    return lines


# --- parameters ----------------------------------------------------------------------------


def _parameters(parts: Summary) -> list[str]:
    width = max([14, *(len(_label(row)) + len(_name(row, parts)) + 1 for row in parts.rows)])
    lines: list[str] = []
    several = len(parts.endogenous) > 1
    labels = list(parts.groups) if several else [""]
    for group in range(1, len(parts.endogenous) + 1):
        if several:
            lines += ["", "", f"Group {group} [{labels[group - 1]}]:"]
        own = [row for row in parts.rows if row["group"] == group]
        for title, op in SECTIONS:
            chosen = [row for row in own if _section(row) == op]
            if chosen:
                lines += _section_lines(title, chosen, parts, width)
        if parts.r_squared:
            lines += ["", "R-Square:", _header(width, (("est", "Estimate"),))]
            lines += [
                f"    {name:<{width}}{value:9.3f}" for name, value in parts.r_squared[group - 1].items()
            ]
    defined = [row for row in parts.rows if row["op"] == ":="]
    return lines + (_section_lines("Defined Parameters", defined, parts, width) if defined else [])


def _section(row: Row) -> str:
    return "variance" if row["op"] == "~~" and row["lhs"] == row["rhs"] else str(row["op"])


def _header(width: int, columns: Sequence[tuple[str, str]]) -> str:
    return " " * (4 + width) + "".join(f"{title:>9}" for _, title in columns)


def _section_lines(title: str, rows: Sequence[Row], parts: Summary, width: int) -> list[str]:
    lines = ["", f"{title}:", _header(width, parts.columns)]
    before = ""
    for row in rows:
        if _section(row) in ("=~", "~", "~~") and row["lhs"] != before:
            before = row["lhs"]
            lines += [f" {_dot(row, before, parts)}{before} {row['op']}"]
        name, label = _name(row, parts), _label(row)
        fixed = not row["free"] and row["op"] != ":="
        cells = [
            "" if fixed and key in ("se", "z", "pvalue") else _number(row[key]) for key, _ in parts.columns
        ]
        text = f"{name}{label:>{width - len(name)}}"
        lines += [
            (f"    {text}" if name[:1] != "." else f"   {text} ") + "".join(f"{one:>9}" for one in cells)
        ]
    return [line.rstrip() for line in lines]


def _name(row: Row, parts: Summary) -> str:
    op = _section(row)
    if op in ("=~", "~"):
        return str(row["rhs"])
    if op == "~~":
        return _dot(row, row["rhs"], parts).strip() + str(row["rhs"])
    if op == "|":
        return f"{row['lhs']}|{row['rhs']}"
    if op in ("variance", "~1"):
        return _dot(row, row["lhs"], parts).strip() + str(row["lhs"])
    return str(row["lhs"])


def _label(row: Row) -> str:
    return f"({row['label']})" if row["label"] and row["op"] != ":=" else ""


def _dot(row: Row, name: str, parts: Summary) -> str:
    """A dot before a variable whose (co)variance or intercept is what its predictors leave."""
    if row["op"] not in ("~~", "~1") or row["group"] < 1:
        return " "
    return "." if name in parts.endogenous[row["group"] - 1] else " "
