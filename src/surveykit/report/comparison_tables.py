"""Two groups compared: means and tests, ranks, and what invariance lets be said."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from surveykit.analysis.gate import OutcomeGate
from surveykit.analysis.group_comparison import GroupComparison
from surveykit.analysis.weighted import WeightedComparison
from surveykit.report.cells import DASH, count, interval, level, number, probability, row, share
from surveykit.report.document import Block, Cell, Paragraph, Table
from surveykit.report.figures import effect_figure
from surveykit.report.gate import Gates, level_text, reason_text, untested
from surveykit.report.names import Names
from surveykit.report.notes import note_lines
from surveykit.report.sentences import comparison_sentence

Line = Mapping[Hashable, Any]


def comparison_blocks(
    result: GroupComparison, names: Names, gates: Gates | None = None, *, id: str = "comparison"
) -> list[Block]:
    """Everything a report shows of a comparison.

    Parameters
    ----------
    result : GroupComparison
    names : Names
    gates : mapping of outcome to OutcomeGate, optional
        From `gate`. Where one is closed, the observed difference is crossed through with the
        reason and the latent mean difference stands in a table of its own. Without
        gates a warning says that invariance was not tested.
    id : str
    """
    lines = result.to_frame().to_dict(orient="records")
    found: list[Block] = [means_table(result, names, gates, id=id)]
    latent = latent_table(gates, names, id=f"{id}-latent") if gates else None
    if latent is not None:
        found.append(latent)
    figure = effect_figure(result, names, gates, id=f"{id}-effects")
    found += [figure] if figure is not None else []
    found.append(ranks_table(result, names, gates, id=f"{id}-ranks"))
    told = [
        comparison_sentence(line, result, names)
        for line in lines
        if _gate(gates, line).stands and _number(line["t"]) is not None
    ]
    found += [Paragraph(text) for text in told]
    if gates is None:
        found.append(Paragraph(names.text("gate_untested"), kind="warning"))
    if gates and any(gate.overridden for gate in gates.values()):
        found.append(Paragraph(names.text("gate_override_warning"), kind="warning"))
    return found


def means_table(
    result: GroupComparison, names: Names, gates: Gates | None = None, *, id: str = "comparison"
) -> Table:
    """Means by group, the test of their difference, Hedges g; crossed through where the gate is closed."""
    adjusted = result.adjust != "none"
    lines = result.to_frame().to_dict(orient="records")
    header = [names.text("outcome"), *("n", "M", "SD") * 2, "t", "df", "p"]
    header += [names.text("p_adjusted")] if adjusted else []
    header += ["g", names.text("ci", level=level(result.conf_level))]
    header += [names.text("invariance")] if gates else []
    rows = []
    for line in lines:
        gate = _gate(gates, line)
        tested = _crossed(_test_cells(line, names, adjusted=adjusted), gate, names)
        cells = [Cell(names.variable(str(line["outcome"]))), *_mean_cells(line, names), *tested]
        rows.append((*cells, Cell(level_text(gate, names))) if gates else tuple(cells))
    rest = len(header) - 7
    first, second = (names.group(group) for group in result.groups)
    return Table(
        id=id,
        title=names.text("means_title"),
        header=tuple(header),
        rows=tuple(rows),
        notes=_means_notes(result, names),
        align=("left", *("right",) * (len(header) - 2), "left" if gates else "right"),
        spanners=(("", 1), (first, 3), (second, 3), (names.text("difference"), rest - bool(gates)))
        + ((("", 1),) if gates else ()),
    )


def _gate(gates: Gates | None, line: Line) -> OutcomeGate:
    """The gate of an outcome; open where none was asked for, closed where one is missing among others."""
    outcome = str(line["outcome"])
    if gates is None:
        return OutcomeGate(outcome, "scalar", True, False, None, {}, (), None)
    return gates.get(outcome) or untested(outcome)


def _mean_cells(line: Line, names: Names) -> list[Cell]:
    cells = []
    for k in (1, 2):
        cells += [Cell(count(line[f"n_{k}"]))]
        cells += [Cell(number(line[f"{what}_{k}"], names.decimals)) for what in ("mean", "sd")]
    return cells


def _test_cells(line: Line, names: Names, *, adjusted: bool) -> list[Cell]:
    places = names.decimals
    texts = [number(line["t"], places), count(line["df"]), probability(line["pvalue"])]
    texts += [probability(line["pvalue_adjusted"])] if adjusted else []
    texts += [
        number(line["hedges_g"], places),
        interval(line["hedges_g_ci_lower"], line["hedges_g_ci_upper"], places),
    ]
    return [Cell(text) for text in texts]


def _crossed(cells: list[Cell], gate: OutcomeGate, names: Names) -> list[Cell]:
    """The cells of a difference under its gate: as they are, crossed through, or with a remark."""
    reason = reason_text(gate, names)
    if not reason:
        return cells
    shown = [Cell(cell.text, struck=not gate.stands and cell.text != DASH) for cell in cells]
    first = Cell(cells[0].text, title=reason, struck=shown[0].struck)
    return [first, *shown[1:]]


def _means_notes(result: GroupComparison, names: Names) -> tuple[str, ...]:
    test = names.text("student" if result.equal_variances else "welch")
    notes = [names.text("means_note", test=test, first=names.group(result.groups[0]))]
    if result.adjust != "none":
        notes.append(names.text("adjusted_note", method=names.text(f"adjust_{result.adjust}")))
    return (*notes, *note_lines(result.notes, names))


def weighted_table(
    result: WeightedComparison, names: Names, gates: Gates | None = None, *, id: str = "weighted"
) -> Table:
    """Weighted means and the test of their difference; crossed through where the gate is closed."""
    places = names.decimals
    adjusted = result.adjust != "none"
    header = [names.text("outcome"), *("n", names.text("n_effective"), "M", "SE") * 2]
    header += [names.text("difference"), names.text("ci", level=level(result.conf_level)), "t", "df", "p"]
    header += [names.text("p_adjusted")] if adjusted else []
    rows = []
    for line in result.to_frame().to_dict(orient="records"):
        cells = [Cell(names.variable(str(line["outcome"])))]
        for k in (1, 2):
            cells += [Cell(count(line[f"n_{k}"])), Cell(number(line[f"n_effective_{k}"], 1))]
            cells += [Cell(number(line[f"{what}_{k}"], places)) for what in ("mean", "se")]
        texts = [number(line["mean_diff"], places), interval(line["ci_lower"], line["ci_upper"], places)]
        texts += [number(line["t"], places), count(line["df"]), probability(line["pvalue"])]
        texts += [probability(line["pvalue_adjusted"])] if adjusted else []
        tested = [Cell(text) for text in texts]
        rows.append((*cells, *_crossed(tested, _gate(gates, line), names)))
    first, second = (names.group(group) for group in result.groups)
    notes = [names.text("weighted_note", weights=result.weights, first=first)]
    notes += [names.text("adjusted_note", method=names.text(f"adjust_{result.adjust}"))] if adjusted else []
    return Table(
        id=id,
        title=names.text("weighted_title"),
        header=tuple(header),
        rows=tuple(rows),
        notes=(*notes, *note_lines(result.notes, names)),
        spanners=(("", 1), (first, 4), (second, 4), (names.text("difference"), len(header) - 9)),
    )


def latent_table(gates: Gates, names: Names, *, id: str = "latent-means") -> Table | None:
    """Differences of latent means of the outcomes that have one; None where none has."""
    places = names.decimals
    rows = [
        row(
            names.variable(outcome),
            number(gate.latent.difference, places),
            number(gate.latent.se, places),
            probability(gate.latent.pvalue),
            interval(gate.latent.ci_lower, gate.latent.ci_upper, places),
            number(gate.latent.standardized, places),
            ", ".join(gate.freed) or DASH,
        )
        for outcome, gate in gates.items()
        if gate.latent is not None
    ]
    header = ("outcome", "difference", "SE", "p", "ci_plain", "d", "latent_freed")
    return (
        Table(
            id=id,
            title=names.text("latent_title"),
            header=tuple(one if one in ("SE", "p", "d") else names.text(one) for one in header),
            rows=tuple(rows),
            notes=(names.text("latent_note"),),
            align=("left", *("right",) * 5, "left"),
        )
        if rows
        else None
    )


def ranks_table(
    result: GroupComparison, names: Names, gates: Gates | None = None, *, id: str = "ranks"
) -> Table:
    """The raw difference, ranks, and equivalence where a smallest effect was stated."""
    places = names.decimals
    frame = result.to_frame()
    equivalence = "tost_pvalue" in frame.columns
    header = [
        names.text("outcome"),
        names.text("difference"),
        names.text("ci", level=level(result.conf_level)),
    ]
    header += ["U", "p", names.text("rank_biserial")]
    header += [names.text("tost_p"), names.text("equivalent")] if equivalence else []
    rows = []
    for line in frame.to_dict(orient="records"):
        texts = [
            number(line["mean_diff"], places),
            interval(line["ci_lower"], line["ci_upper"], places),
            number(line["mann_whitney_u"], 1),
            probability(line["mann_whitney_pvalue"]),
            share(line["rank_biserial"], places),
        ]
        if equivalence:
            texts += [probability(line["tost_pvalue"]), _verdict(line["equivalent"], names)]
        cells = _crossed([Cell(text) for text in texts], _gate(gates, line), names)
        rows.append((Cell(names.variable(str(line["outcome"]))), *cells))
    return Table(id, names.text("ranks_title"), tuple(header), tuple(rows), (names.text("ranks_note"),))


def _verdict(value: Any, names: Names) -> str:
    return DASH if _number(value) is None else names.text("yes" if value else "no")


def _number(value: Any) -> float | None:
    found = float(value)
    return found if found == found else None
