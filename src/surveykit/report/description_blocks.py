"""How the items were answered: statistics side by side, and bars of the answers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from surveykit.analysis.describe import DescribeResult
from surveykit.report.cells import count, number, row
from surveykit.report.document import Block, Table
from surveykit.report.likert_figure import likert_figure
from surveykit.report.names import Names
from surveykit.report.notes import note_lines

BARS = 36  # that a figure holds, the lines of its items' names included

Descriptions = Mapping[str, DescribeResult]


def description_blocks(results: Descriptions, names: Names, *, id: str = "items") -> list[Block]:
    """A table of all items with the groups side by side, and a figure for each response scale.

    Parameters
    ----------
    results : mapping of group to DescribeResult
        The group is "" for all respondents together; where there are others it is left
        out of the figure.
    names : Names
        `answers` tells which items share a response scale.
    """
    found: list[Block] = [description_table(results, names, id=id)]
    drawn = {group: one for group, one in results.items() if group} or dict(results)
    sheets = [sheet for items in _by_scale(results, names) for sheet in _sheets(items, len(drawn))]
    for place, items in enumerate(sheets, start=1):
        figure = likert_figure(_counts(drawn, items), names, id=f"{id}-answers-{place}")
        found += [figure] if figure is not None else []
    return found


def description_table(results: Descriptions, names: Names, *, id: str = "items") -> Table:
    """Number of answers, mean, standard deviation, skew, kurtosis, and the shares at the ends."""
    columns = ("n", "M", "SD", *(names.text(f"column_{one}") for one in ("skew", "floor", "ceiling")))
    items = list(dict.fromkeys(str(item) for one in results.values() for item in one.table.index))
    rows = []
    for item in items:
        cells: list[str] = []
        for one in results.values():
            known = item in one.table.index
            cells += _numbers(one.table.loc[item].to_dict(), names) if known else [""] * len(columns)
        rows.append(row(names.item(item), *cells))
    notes = [line for one in results.values() for line in note_lines(one.notes, names)]
    spanners = (("", 1), *((names.group(group), len(columns)) for group in results))
    return Table(
        id=id,
        title=names.text("description_title"),
        header=(names.text("item"), *columns * len(results)),
        rows=tuple(rows),
        notes=(names.text("description_note"), *dict.fromkeys(notes)),
        spanners=spanners if list(results) != [""] else (),
    )


def _numbers(line: Mapping[Any, float], names: Names) -> list[str]:
    places = names.decimals
    texts = [count(line["n"]), number(line["mean"], places), number(line["sd"], places)]
    texts.append(number(line["skew"], places))
    return [*texts, *(f"{number(100 * line[end], 0)}%" for end in ("floor", "ceiling"))]


def _by_scale(results: Descriptions, names: Names) -> list[list[str]]:
    """Items with the same answers, in the order in which they come."""
    items = dict.fromkeys(str(item) for one in results.values() for item in one.frequencies.index)
    groups: dict[tuple[tuple[int, str], ...], list[str]] = {}
    for item in items:
        groups.setdefault(tuple(names.answers.get(item, {}).items()), []).append(item)
    return list(groups.values())


def _sheets(items: list[str], groups: int) -> list[list[str]]:
    """Items in as many equal parts as it takes to keep each figure on one sheet."""
    most = max(1, round(BARS / (groups + (groups > 1))))
    parts = math.ceil(len(items) / most)
    size = math.ceil(len(items) / parts)
    return [items[start : start + size] for start in range(0, len(items), size)]


def _counts(results: Descriptions, items: list[str]) -> dict[tuple[str, str], dict[int, float]]:
    """Answers in each group; every code that anyone used, and those that nobody did."""
    return {
        (item, group): _answers(one, item)
        for item in items
        for group, one in results.items()
        if item in one.frequencies.index
    }


def _answers(result: DescribeResult, item: str) -> dict[int, float]:
    shares: dict[Any, float] = result.frequencies.loc[item].to_dict()
    answered = float(result.table.loc[item].to_dict()["n"])
    return {int(code): share * answered for code, share in shares.items() if code != "missing"}
