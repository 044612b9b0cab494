"""Paths and indirect effects by country: whether they are equal, and every effect in one table."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from surveykit.analysis.structural_comparison import PathComparison
from surveykit.analysis.structural_effects import ARROW
from surveykit.report.cells import compared, count, heading, interval, level, number, probability, row, share
from surveykit.report.document import Block, Cell, Paragraph, Table
from surveykit.report.names import Names
from surveykit.report.notes import note_lines

Line = Mapping[Hashable, Any]
ALL = "all"


def path_blocks(result: PathComparison, names: Names, *, id: str = "paths") -> list[Block]:
    """The verdict, the tests of equal paths, and the moderated mediation in one table.

    Parameters
    ----------
    result : PathComparison
        From `compare_paths`.
    names : Names
    id : str
        The first part of the tables' ids.
    """
    return [
        Paragraph(paths_sentence(result, names)),
        equality_table(result, names, id=f"{id}-equality"),
        effects_table(result, names, id=f"{id}-effects"),
    ]


def paths_sentence(result: PathComparison, names: Names) -> str:
    """Whether all paths are equal together, and which single ones differ."""
    lines = result.equality.to_dict(orient="records")
    alpha = 1 - result.conf_level
    together = lines[-1]
    if float(together["pvalue"]) != float(together["pvalue"]):
        return names.text("paths_untested")
    different = float(together["pvalue"]) < alpha
    said = names.text(
        "paths_all_differ" if different else "paths_all_same",
        chisq=number(together["chisq_diff"], 2),
        df=count(together["df_diff"]),
        p=compared(together["pvalue"]),
    )
    single = [_path(str(one["path"]), names) for one in lines[:-1] if float(one["pvalue_adjusted"]) < alpha]
    key = "paths_single_differ" if single else "paths_single_none"
    return said + names.text(key, paths=", ".join(single))


def equality_table(result: PathComparison, names: Names, *, id: str = "paths-equality") -> Table:
    """Each path held equal in all groups, then all of them together."""
    adjusted = result.adjust != "none"
    rows = []
    for line in result.equality.to_dict(orient="records"):
        whole = line["path"] == ALL
        label = names.text("paths_together") if whole else _path(str(line["path"]), names)
        cells = [Cell(label, strong=whole), Cell(number(line["chisq_diff"], 2)), Cell(count(line["df_diff"]))]
        cells.append(Cell(probability(line["pvalue"])))
        cells += [Cell("" if whole else probability(line["pvalue_adjusted"]))] if adjusted else []
        rows.append(tuple(cells))
    header = [names.text("paths_equal"), "Δχ²", "Δdf", "p"]
    header += [names.text("p_adjusted")] if adjusted else []
    notes = [names.text("paths_equality_note", groups=", ".join(map(names.group, result.group_labels)))]
    if adjusted:
        notes.append(names.text("paths_adjusted", method=names.text(f"adjust_{result.adjust}")))
    return Table(id, names.text("paths_equality_title"), tuple(header), tuple(rows), tuple(notes))


def effects_table(result: PathComparison, names: Names, *, id: str = "paths-effects") -> Table:
    """Every path, indirect and total effect: in each group, and the difference of the groups."""
    frame = result.to_frame()
    drawn = "boot_ci_lower" in frame.columns
    rows: list[tuple[Cell, ...]] = []
    for (kind, path), own in frame.groupby(["effect", "path"], sort=False):
        rows.append(
            heading(names.text("about", what=names.text(_KINDS[str(kind)]), text=_chain(str(path), names)))
        )
        for line in own.to_dict(orient="records"):
            rows.append(_effect(line, result, names, drawn=drawn))
    ci = names.text("ci", level=level(result.conf_level))
    header = [names.text("group"), "b", "SE", "β", "z", "p", ci]
    header += [names.text("paths_bootstrap_ci", ci=ci)] if drawn else []
    notes = [names.text("paths_effects_note")]
    notes += [names.text("paths_bootstrap_note", n=f"{result.bootstrap:,}")] if drawn else []
    notes += note_lines(result.notes, names)
    return Table(id, names.text("paths_effects_title"), tuple(header), tuple(rows), tuple(notes))


_KINDS = {
    "path": "paths_direct",
    "indirect": "paths_indirect",
    "total indirect": "paths_total_indirect",
    "total": "paths_total",
}


def _effect(line: Line, result: PathComparison, names: Names, *, drawn: bool) -> tuple[Cell, ...]:
    places = max(names.decimals, 3)  # whether an interval excludes 0 must be seen
    label = str(line["group"])
    difference = label not in result.group_labels
    texts = [_difference(label, result, names) if difference else names.group(label)]
    texts += [number(line["est"], places), number(line["se"], places)]
    texts.append("" if difference else share(line["std_all"], places))
    texts += [number(line["z"], places), probability(line["pvalue"])]
    texts.append(interval(line["ci_lower"], line["ci_upper"], places))
    texts += [interval(line["boot_ci_lower"], line["boot_ci_upper"], places)] if drawn else []
    return row(*texts)


def _difference(pair: str, result: PathComparison, names: Names) -> str:
    """ "JP - KR" with the groups' labels and a true minus sign."""
    for one in result.group_labels:
        for other in result.group_labels:
            if pair == f"{one} - {other}":
                return f"{names.group(one)} − {names.group(other)}"
    return pair


def _path(path: str, names: Names) -> str:
    """ "mutuality ~ trust" as an arrow from cause to effect."""
    outcome, _, predictor = path.partition(" ~ ")
    return _chain(f"{predictor}{ARROW}{outcome}", names)


def _chain(path: str, names: Names) -> str:
    return ARROW.join(names.short(one) for one in path.split(ARROW))
