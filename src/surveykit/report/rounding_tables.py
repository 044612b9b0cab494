"""What the printed rounding of a study's moments leaves open, parameter by parameter."""

from __future__ import annotations

from surveykit.analysis.rounding import RoundingResult
from surveykit.report.cells import heading, interval, number, row
from surveykit.report.document import Table
from surveykit.report.model_tables import Line, labelled
from surveykit.report.names import Names
from surveykit.report.notes import note_lines

PLACES = 3  # one more than estimates have elsewhere: the spread is what is asked about


def rounding_table(result: RoundingResult, names: Names, *, id: str = "rounding") -> Table:
    """Each estimate with the range of its draws; chi-square at the end."""
    *lines, chisq = result.to_frame().to_dict(orient="records")
    labels = result.fit.group_labels
    rows = []
    above = ""
    for title, label, line in labelled(lines, names):
        if title != above:
            rows.append(heading(title))
        above = title
        group = int(line["group"]) if len(labels) > 1 else 0  # a defined parameter belongs to none
        where = f" ({names.group(labels[group - 1])})" if group else ""
        rows.append(row(label + where, *_numbers(line)))
    rows += [heading(names.text("fit_title")), row("χ²", *_numbers(chisq))]
    return Table(
        id=id,
        title=names.text("result_rounding"),
        header=(
            names.text("column_parameter"),
            names.text("estimate"),
            names.text("rounding_middle"),
            names.text("rounding_all"),
        ),
        rows=tuple(rows),
        notes=(names.text("rounding_note", draws=f"{result.draws:,}"), *note_lines(result.notes, names)),
    )


def _numbers(line: Line) -> tuple[str, str, str]:
    return (
        number(line["est"], PLACES),
        interval(line["lower"], line["upper"], PLACES),
        interval(line["lowest"], line["highest"], PLACES),
    )
