"""From a solution to its text: the pieces that `sem_summary` lays out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from surveykit.analysis.sem_summary import Summary, summary_text
from surveykit.errors import Note
from surveykit.estimation.saturated import IncompleteMoments
from surveykit.estimation.sem.engine import Solution
from surveykit.estimation.sem.parameter_table import ParameterTable
from surveykit.formatting import number, pvalue, share

COLUMNS = (("est", "Estimate"), ("se", "Std.Err"), ("z", "z-value"), ("pvalue", "P(>|z|)"))
STANDARD_ERRORS = {
    "standard": "Standard",
    "robust.huber.white": "Sandwich",
    "robust.sem": "Robust.sem",
    "two.stage": "Two.stage",
    "robust.two.stage": "Robust.two.stage",
    "bootstrap": "Bootstrap",
}


def fit_line(solution: Solution, measures: Mapping[str, float] | None) -> str:
    """One line: estimator, chi-square, CFI, RMSEA, n."""
    parts = [solution.settings.estimator]
    if measures is None:
        parts += ["not converged"]
    else:
        kind = "_scaled" if "chisq_scaled" in measures else ""
        chisq, df = measures[f"chisq{kind}"], measures[f"df{kind}"]
        parts += [f"chi-square({df:g}) = {number(chisq, 2)}", f"p {pvalue(measures[f'pvalue{kind}'])}"]
        parts += [f"CFI = {share(measures[f'cfi{kind}'])}", f"RMSEA = {share(measures[f'rmsea{kind}'])}"]
    return ", ".join([*parts, f"n = {solution.ntotal}"])


def summary_of(
    solution: Solution,
    estimates: pd.DataFrame,
    group_labels: Sequence[str],
    *,
    function: str,
    measures: Mapping[str, float] | None,
    r_squared: Sequence[Mapping[str, float]],
    standardized: bool,
    ci: bool,
    notes: Sequence[Note],
    draws: tuple[int, int] | None = None,
) -> str:
    """The whole summary; `draws` of a bootstrap: asked for, successful."""
    columns = list(COLUMNS)
    if ci:
        columns += [("ci_lower", "ci.lower"), ("ci_upper", "ci.upper")]
    if standardized:
        columns += [("std_lv", "Std.lv"), ("std_all", "Std.all")]
    return summary_text(
        Summary(
            title=_title(solution, function),
            header=_header(solution, group_labels),
            groups=dict(zip(group_labels, solution.nobs, strict=True)) if group_labels else {},
            patterns=dict(zip(group_labels, _patterns(solution), strict=False)),
            tests=[_test(one, group_labels) for one in solution.tests] if solution.converged else [],
            measures=measures,
            inference=_inference(solution, draws),
            rows=_rows(solution.table, estimates),
            constraints=_constraints(solution),
            columns=columns,
            endogenous=[_endogenous(solution, group) for group in range(1, solution.table.n_groups + 1)],
            r_squared=r_squared,
            notes=notes,
        )
    )


def _rows(table: ParameterTable, estimates: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows that lavaan prints: not the moments of fixed x, nor intercepts and scales nobody asked for."""
    kept = [at for at, op in enumerate(table.op) if op not in ("==", "<", ">")]
    rows: list[dict[str, Any]] = estimates.to_dict(orient="records")  # type: ignore[assignment]
    shown = []
    for at, row in zip(kept, rows, strict=True):
        free = row["free"] = int(table.free[at])
        unused = {"~1": 0.0, "~*~": 1.0}.get(row["op"])
        automatic = not free and not table.user[at] and row["est"] == unused
        if not automatic and not (table.exo[at] == 1 and row["op"] in ("~~", "~1")):
            shown.append(row)
    return shown


def _constraints(solution: Solution) -> list[tuple[str, float]]:
    """Written constraints and how far from binding each is."""
    table, constraints = solution.table, solution.constraints
    rows = [*constraints.equality_rows.tolist(), *constraints.inequality_rows.tolist()]
    values = [*constraints.equalities(solution.x).tolist(), *constraints.g(solution.x).tolist()]
    found = {}
    for row, value in zip(rows, values, strict=True):
        lhs, rhs = table.lhs[row], table.rhs[row]
        if table.op[row] == "<":
            lhs, rhs = rhs, lhs
        found[row] = (f"{lhs} - ({rhs})" if rhs != "0" else f"{lhs} - 0", abs(value))
    return [found[row] for row in sorted(found) if table.user[row] == 1]


def _title(solution: Solution, function: str) -> str:
    how = "converged" if solution.converged else "did NOT converge"
    plural = "" if solution.iterations == 1 else "s"
    return f"surveykit {function}: {how} after {solution.iterations} iteration{plural}"


def _header(solution: Solution, group_labels: Sequence[str]) -> list[tuple[str, str]]:
    lines = [
        ("Estimator", solution.settings.estimator),
        ("Number of model parameters", str(solution.table.n_free)),
    ]
    constraints = solution.constraints
    bounded = np.isfinite(constraints.lower) | np.isfinite(constraints.upper)
    for label, count in (
        ("Number of equality constraints", constraints.n_equalities),
        ("Number of inequality constraints", len(constraints.inequality_rows)),
        ("Number of bounded parameters", int(bounded.sum())),
    ):
        lines += [(label, str(count))] if count else []
    if not group_labels:
        lines += [("", ""), ("Number of observations", str(solution.ntotal))]
        original = sum(one.n_original for one in solution.moments)
        if original > solution.ntotal:
            lines.append(("Number of observations in the data", str(original)))
        lines += [("Number of missing patterns", str(count)) for count in _patterns(solution)]
        lines += [("Number of clusters", str(one.n_clusters)) for one in solution.moments if one.n_clusters]
    return lines


def _patterns(solution: Solution) -> list[int]:
    """How many kinds of rows there are by what they hold, by group; nothing where rows are complete."""
    return [len(one.patterns.count) for one in solution.moments if isinstance(one, IncompleteMoments)]


def _test(one: Any, group_labels: Sequence[str]) -> dict[str, Any]:
    row = asdict(one)
    row["stat_group"] = dict(zip(group_labels, one.stat_group.tolist(), strict=True)) if group_labels else {}
    return row


def _inference(solution: Solution, draws: tuple[int, int] | None) -> list[tuple[str, str]]:
    settings = solution.settings
    lines = []
    if settings.categorical:
        lines.append(("Parameterization", settings.parameterization.capitalize()))
    lines.append(("Standard errors", STANDARD_ERRORS.get(settings.se, settings.se.capitalize())))
    if draws is not None:
        lines.append(("Number of requested bootstrap draws", str(draws[0])))
        lines.append(("Number of successful bootstrap draws", str(draws[1])))
    if settings.se not in ("none", "bootstrap"):
        label = "Information bread" if settings.se == "robust.huber.white" else "Information"
        lines.append((label, settings.information[0].capitalize()))
        if settings.information[0] == "observed":
            lines.append(("Observed information based on", settings.observed_information[0].capitalize()))
        else:
            lines.append(("Information saturated (h1) model", settings.h1_information[0].capitalize()))
    return lines


def _endogenous(solution: Solution, group: int) -> frozenset[str]:
    """Names whose variance or intercept is a residual one."""
    table = solution.table
    outcomes = {*table.variable_names("eqs.y", group), *table.variable_names("ov.ind", group)}
    return frozenset(outcomes | set(table.variable_names("lv.ind", group)))
