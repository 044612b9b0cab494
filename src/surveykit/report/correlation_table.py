"""Correlations as papers print them: below the diagonal, with means and standard deviations."""

from __future__ import annotations

from surveykit.analysis.describe import CorrelationResult, DescribeResult
from surveykit.report.cells import number, row, share
from surveykit.report.document import Table
from surveykit.report.names import Names
from surveykit.report.notes import note_lines

_STARS = ((0.001, "***"), (0.01, "**"), (0.05, "*"))


def correlation_table(
    result: CorrelationResult,
    names: Names,
    description: DescribeResult | None = None,
    *,
    id: str = "correlations",
) -> Table:
    """The lower triangle with stars; M and SD where a description is given."""
    variables = [str(name) for name in result.r.columns]
    rows = []
    for i, name in enumerate(variables):
        cells = [f"{i + 1}. {names.short(name)}"]
        if description is not None:
            line = description.table.loc[name]
            cells += [number(line["mean"], names.decimals), number(line["sd"], names.decimals)]
        cells += [_cell(result, i, j, names) for j in range(len(variables) - 1)]
        rows.append(row(*cells))
    moments = ("M", "SD") if description is not None else ()
    header = (names.text("variable"), *moments, *(str(j + 1) for j in range(len(variables) - 1)))
    adjusted = not result.pvalue_adjusted.equals(result.pvalue)
    note = names.text("correlation_adjusted" if adjusted else "correlation_plain")
    notes = (note, *note_lines(result.notes, names))
    return Table(id, names.text("correlation_title"), header, tuple(rows), notes)


def _cell(result: CorrelationResult, i: int, j: int, names: Names) -> str:
    if j > i:
        return ""
    if j == i:
        return "–"
    p = float(result.pvalue_adjusted.to_numpy()[i, j])
    stars = next((mark for limit, mark in _STARS if p < limit), "")
    return share(result.r.to_numpy()[i, j], names.decimals) + stars
