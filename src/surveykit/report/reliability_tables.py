"""Reliability as tables: scales by groups, and the statistics of their items."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from surveykit.analysis.reliability import AlphaResult
from surveykit.report.cells import count, heading, interval, level, number, row, share
from surveykit.report.document import Cell, Table
from surveykit.report.names import Names
from surveykit.report.notes import notes_by_place

Alphas = Mapping[tuple[str, str], AlphaResult]
SIDE_BY_SIDE = 3  # more groups than this stand below each other


def reliability_table(results: Alphas, names: Names, *, id: str = "reliability") -> Table:
    """Alpha of every scale in every group: groups side by side, or below each other where they are many.

    Parameters
    ----------
    results : mapping of (scale, group) to AlphaResult
        The group is "" for all respondents together.
    names : Names
    id : str
    """
    # All together stand last, also where the first scale lacks a group.
    groups = sorted(dict.fromkeys(group for _, group in results), key=lambda group: group == "")
    table = _side_by_side if len(groups) <= SIDE_BY_SIDE else _below_each_other
    return table(results, groups, names, id)


def _columns(results: Alphas, names: Names) -> tuple[str, ...]:
    levels = {one.conf_level for one in results.values()}
    ci = names.text("ci", level=level(levels.pop())) if len(levels) == 1 else names.text("ci_plain")
    return ("n", "α", ci, names.text("mean_r"))


def _numbers(result: AlphaResult | None, names: Names) -> tuple[Cell, ...]:
    if result is None:
        return row("", "", "", "")
    places = names.decimals
    return row(
        count(result.n),
        share(result.cronbach_alpha, places),
        interval(result.ci_lower, result.ci_upper, places, bounded=True),
        share(result.average_r, places),
    )


def _side_by_side(results: Alphas, groups: list[str], names: Names, id: str) -> Table:
    scales = list(dict.fromkeys(scale for scale, _ in results))
    columns = _columns(results, names)
    rows = []
    for scale in scales:
        found = [results.get((scale, group)) for group in groups]
        items = next(one.n_items for one in found if one is not None)
        cells = [cell for one in found for cell in _numbers(one, names)]
        rows.append((*row(_scale(scale, names), count(items)), *cells))
    return Table(
        id=id,
        title=names.text("reliability_title"),
        header=(names.text("scale"), names.text("items"), *columns * len(groups)),
        rows=tuple(rows),
        notes=_notes(results, names),
        spanners=_spanners(groups, len(columns), names),
    )


def _spanners(groups: list[str], width: int, names: Names) -> tuple[tuple[str, int], ...]:
    if groups == [""]:
        return ()
    return (("", 2), *((names.group(group), width) for group in groups))


def _below_each_other(results: Alphas, groups: list[str], names: Names, id: str) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for scale in dict.fromkeys(scale for scale, _ in results):
        found = {group: results[scale, group] for group in groups if (scale, group) in results}
        rows.append(heading(_scale(scale, names)))
        rows += [
            (*row(names.group(group), count(one.n_items)), *_numbers(one, names))
            for group, one in found.items()
        ]
    header = (names.text("group"), names.text("items"), *_columns(results, names))
    return Table(id, names.text("reliability_title"), header, tuple(rows), _notes(results, names))


def _notes(results: Alphas, names: Names) -> tuple[str, ...]:
    """What the columns mean, and each result's own notes with the scale and group they belong to."""
    intervals = sorted({one.interval for one in results.values()})
    method = ", ".join(names.text(f"interval_{name}") for name in intervals)
    places = {
        f"{_scale(scale, names)} ({names.group(group)})": one.notes for (scale, group), one in results.items()
    }
    own = notes_by_place(places, names)
    return (names.text("reliability_note", method=method), *own)


def item_table(scale: str, results: Mapping[str, AlphaResult], names: Names, *, id: str = "items") -> Table:
    """The statistics of a scale's items, groups side by side. `results`: group -> its alpha."""
    columns = ("M", "SD", names.text("r_drop"), names.text("alpha_if_dropped"))
    frames = {group: result.item_statistics for group, result in results.items()}
    items = list(dict.fromkeys(str(item) for frame in frames.values() for item in frame.index))
    rows = []
    for item in items:
        cells: list[str] = []
        for frame in frames.values():
            cells += _item_numbers(frame.loc[item].to_dict(), names) if item in frame.index else [""] * 4
        rows.append(row(names.item(item), *cells))
    spanners = (("", 1), *((names.group(group), len(columns)) for group in frames))
    return Table(
        id=id,
        title=names.text("items_title", scale=_scale(scale, names)),
        header=(names.text("item"), *columns * len(frames)),
        rows=tuple(rows),
        notes=(names.text("items_note"),),
        spanners=() if list(frames) == [""] else spanners,
    )


def _scale(scale: str, names: Names) -> str:
    """The label of a scale; "Scale" for one without a name."""
    return names.variable(scale) if scale else names.text("scale")


def _item_numbers(line: Mapping[Hashable, Any], names: Names) -> list[str]:
    places = names.decimals
    return [
        number(line["mean"], places),
        number(line["sd"], places),
        share(line["r_drop"], places),
        share(line["alpha_if_dropped"], places),
    ]
