"""Any result as the blocks that show it, chosen by the result's type."""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch

from surveykit.analysis.describe import CorrelationResult, DescribeResult
from surveykit.analysis.factor import EfaResult
from surveykit.analysis.group_comparison import GroupComparison
from surveykit.analysis.invariance_result import InvarianceResult
from surveykit.analysis.latent_item_bias import LatentItemBias
from surveykit.analysis.parallel_analysis import ParallelResult
from surveykit.analysis.reliability import AlphaResult
from surveykit.analysis.response_style import ResponseStyles
from surveykit.analysis.rounding import RoundingResult
from surveykit.analysis.sem_fit import SemFit
from surveykit.analysis.structural_comparison import PathComparison
from surveykit.analysis.weighted import WeightedComparison
from surveykit.report.collection_tables import collection_blocks
from surveykit.report.comparison_tables import comparison_blocks, weighted_table
from surveykit.report.correlation_table import correlation_table
from surveykit.report.description_blocks import description_blocks
from surveykit.report.document import Block, Figure, Paragraph, Table
from surveykit.report.factor_tables import efa_blocks
from surveykit.report.figures import scree_figure
from surveykit.report.frame_table import result_table
from surveykit.report.invariance_tables import invariance_blocks
from surveykit.report.item_bias_tables import item_bias_blocks
from surveykit.report.model_blocks import model_blocks
from surveykit.report.names import Names
from surveykit.report.path_tables import path_blocks
from surveykit.report.reliability_tables import item_table, reliability_table
from surveykit.report.response_style_tables import response_style_blocks
from surveykit.report.rounding_tables import rounding_table
from surveykit.report.sentences import alpha_sentence
from surveykit.responses.collect import CollectReport
from surveykit.results import Result


def blocks(result: Result, names: Names, *, id: str = "result") -> list[Block]:
    """What a report shows of a result: tables, figures, sentences, model syntax.

    A result of a type that has no blocks of its own becomes its frame as a table,
    columns by their symbols and words, with its notes below. `register(type)` adds
    a type: a function of (result, names, id).

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


def about(what: str, block: Block, names: Names) -> Block:
    """A block of one of several results of a kind, its title or sentence beginning with what it is about."""
    if isinstance(block, Paragraph):
        return replace(block, text=names.text("about", what=what, text=block.text))
    if isinstance(block, Table | Figure):
        return replace(block, title=names.text("about", what=what, text=block.title))
    return block


@singledispatch
def _blocks(result: Result, names: Names, id: str) -> list[Block]:
    return [result_table(result, names, id=id)]


register = _blocks.register


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
def _(result: WeightedComparison, names: Names, id: str) -> list[Block]:
    return [weighted_table(result, names, id=id), Paragraph(names.text("gate_untested"), kind="warning")]


@register
def _(result: ParallelResult, names: Names, id: str) -> list[Block]:
    return [scree_figure(result, names, id=f"{id}-scree"), result_table(result, names, id=id)]


@register
def _(result: SemFit, names: Names, id: str) -> list[Block]:
    return model_blocks(result, names, id=id)


@register
def _(result: DescribeResult, names: Names, id: str) -> list[Block]:
    return description_blocks({"": result}, names, id=id)


@register
def _(result: CorrelationResult, names: Names, id: str) -> list[Block]:
    return [correlation_table(result, names, id=id)]


@register
def _(result: EfaResult, names: Names, id: str) -> list[Block]:
    return efa_blocks(result, names, id=id)


@register
def _(result: CollectReport, names: Names, id: str) -> list[Block]:
    return collection_blocks(result, names, id=id)


@register
def _(result: InvarianceResult, names: Names, id: str) -> list[Block]:
    return invariance_blocks(result, names, id=id)


@register
def _(result: LatentItemBias, names: Names, id: str) -> list[Block]:
    return item_bias_blocks(result, names, id=id)


@register
def _(result: RoundingResult, names: Names, id: str) -> list[Block]:
    return [rounding_table(result, names, id=id)]


@register
def _(result: ResponseStyles, names: Names, id: str) -> list[Block]:
    return response_style_blocks(result, names, id=id)


@register
def _(result: PathComparison, names: Names, id: str) -> list[Block]:
    return path_blocks(result, names, id=id)
