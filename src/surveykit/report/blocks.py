"""Any result as the blocks that show it, chosen by the result's type."""

from __future__ import annotations

from functools import singledispatch

from surveykit.analysis.group_comparison import GroupComparison
from surveykit.analysis.parallel_analysis import ParallelResult
from surveykit.analysis.reliability import AlphaResult
from surveykit.analysis.sem_fit import SemFit
from surveykit.report.cells import any_value, row
from surveykit.report.comparison_tables import comparison_blocks
from surveykit.report.document import Block, Paragraph, Table
from surveykit.report.figures import scree_figure
from surveykit.report.model_blocks import model_blocks
from surveykit.report.names import Names
from surveykit.report.notes import note_lines
from surveykit.report.reliability_tables import item_table, reliability_table
from surveykit.report.sentences import alpha_sentence
from surveykit.results import Result


def blocks(result: Result, names: Names, *, id: str = "result") -> list[Block]:
    """What a report shows of a result: tables, figures, sentences, model syntax.

    A result of a type nobody described becomes its frame as a table, with its
    notes below. `register(type)` adds a type: a function of (result, names, id).

    Parameters
    ----------
    result : Result
        Any result of `surveykit.analysis`.
    names : Names
        The report's language and labels.
    id : str, default "result"
        The first part of the ids of the tables and figures; unique in a document.
    """
    return _blocks(result, names, id)


@singledispatch
def _blocks(result: Result, names: Names, id: str) -> list[Block]:
    return [frame_table(result, names, id)]


register = _blocks.register


def frame_table(result: Result, names: Names, id: str, title: str = "") -> Table:
    """A result's frame as it stands, for results that have no table of their own."""
    frame = result.to_frame()
    columns = tuple(str(column) for column in frame.columns)
    rows = [
        row(*(any_value(value, names.decimals) for value in line))
        for line in frame.itertuples(index=False, name=None)
    ]
    numeric = ["right" if kind.kind in "iufb" else "left" for kind in frame.dtypes]
    return Table(
        id=id,
        title=title or type(result).__name__.removesuffix("Result"),
        header=columns,
        rows=tuple(rows),
        notes=note_lines(result.notes, names),
        align=tuple(numeric),
    )


@register
def _(result: AlphaResult, names: Names, id: str) -> list[Block]:
    return [
        Paragraph(alpha_sentence(result, names)),
        reliability_table({("", ""): result}, names, id=id),
        item_table("", {"": result}, names, id=f"{id}-items"),
    ]


@register
def _(result: GroupComparison, names: Names, id: str) -> list[Block]:
    return comparison_blocks(result, names, id=id)


@register
def _(result: ParallelResult, names: Names, id: str) -> list[Block]:
    return [scree_figure(result, names, id=f"{id}-scree"), frame_table(result, names, id)]


@register
def _(result: SemFit, names: Names, id: str) -> list[Block]:
    return model_blocks(result, names, id=id)
