"""Any frame as a printed table: known columns by their symbols and words, intervals in brackets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from surveykit.report.cells import interval, level, row
from surveykit.report.columns import column_of, plain_column
from surveykit.report.document import Table
from surveykit.report.names import Names
from surveykit.report.notes import note_lines
from surveykit.results import Result
from surveykit.wording import has_wording

if TYPE_CHECKING:
    import pandas as pd


def result_table(result: Result, names: Names, *, id: str, title: str = "") -> Table:
    """A result's frame with its notes below; titled by the kind of result."""
    kind = type(result).__name__.removesuffix("Result").lower()
    known = names.text(f"result_{kind}") if has_wording("report", f"result_{kind}") else ""
    conf_level = getattr(result, "conf_level", None)
    return frame_table(
        result.to_frame(),
        names,
        id=id,
        title=title or known or type(result).__name__.removesuffix("Result"),
        conf_level=conf_level if isinstance(conf_level, float) else None,
        notes=note_lines(result.notes, names),
    )


def frame_table(
    frame: pd.DataFrame,
    names: Names,
    *,
    id: str,
    title: str,
    conf_level: float | None = None,
    notes: tuple[str, ...] = (),
) -> Table:
    """A frame as a table; columns that say nothing in any row are left out.

    `ci_lower` and `ci_upper` become one column in brackets; a first column of
    words is the stub.
    """
    shown = [str(name) for name in frame.columns if name != "ci_upper"]
    shown = [name for name in shown if not _says_nothing(frame, name)]
    header, align, cells = [], [], []
    for name in shown:
        if name == "ci_lower":
            header.append(names.text("ci", level=level(conf_level)) if conf_level else names.text("ci_plain"))
            align.append("right")
            ends = zip(frame["ci_lower"], frame["ci_upper"], strict=True)
            cells.append([interval(low, high, names.decimals) for low, high in ends])
            continue
        column = column_of(name, names) or plain_column(name, list(frame[name]), names)
        header.append(column.label)
        words = column.text or not _numeric(frame, name)
        align.append("left" if words else "right")
        cells.append([column.write(value, names) for value in frame[name]])
    rows = tuple(row(*line) for line in zip(*cells, strict=True))
    return Table(id, title, tuple(header), rows, notes, tuple(align))


def _numeric(frame: pd.DataFrame, name: str) -> bool:
    return frame[name].dtype.kind in "iufb"


def _says_nothing(frame: pd.DataFrame, name: str) -> bool:
    """Every value is missing, or the empty text (the group column of a single group)."""
    values = frame[name]
    if len(values) == 0:
        return False
    return bool(values.isna().all() or (values.astype(str) == "").all())
