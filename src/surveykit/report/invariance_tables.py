"""Measurement invariance as tables: the ladder, what was freed, latent means, and the gate it opens."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

from surveykit.report.cells import count, interval, number, probability, row, share
from surveykit.report.columns import level_label
from surveykit.report.document import Block, Cell, Paragraph, Table
from surveykit.report.gate import COMPARABLE, Gate, LatentMean, Level
from surveykit.report.names import Names
from surveykit.report.notes import note_lines

if TYPE_CHECKING:
    from surveykit.analysis.invariance_result import InvarianceResult

Line = Mapping[Hashable, Any]
_ALLOWED = {
    "none": "nothing",
    "configural": "nothing",
    "metric": "relations",
    "partial_scalar": "latent_means",
}
_CHANGES = ("cfi", "rmsea", "srmr")


def invariance_blocks(result: InvarianceResult, names: Names, *, id: str = "invariance") -> list[Block]:
    """The verdict, all levels in one table, chi-square by group, what was freed, latent means."""
    found: list[Block] = [Paragraph(verdict(result, names)), ladder_table(result, names, id=id)]
    found.append(contributions_table(result, names, id=f"{id}-groups"))
    if len(result.freed):
        found.append(freed_table(result, names, id=f"{id}-freed"))
    if result.means_comparable:
        found.append(latent_means_table(result, names, id=f"{id}-means"))
    return found


def verdict(result: InvarianceResult, names: Names) -> str:
    """What may be compared, in a sentence or two."""
    highest = gate_level(result)
    allowed = _ALLOWED.get(highest, "means")
    return names.text(
        "invariance_verdict",
        level=names.text(f"level_{highest}"),
        criteria=_criteria(result),
        allowed=names.text(f"allowed_{allowed}"),
    )


def _criteria(result: InvarianceResult) -> str:
    return result.criteria.name.replace("<=", "≤")


def gate_level(result: InvarianceResult) -> Level:
    """The highest level that holds, in the words of the gate."""
    level = result.level
    if level is None:
        return "none"
    if level in ("thresholds", "configural"):
        return "configural"
    if level == "metric":
        return "metric"
    if result.partial:
        return "partial_scalar"
    return "scalar" if level == "scalar" else "strict"


def gate_of(result: InvarianceResult, factor: str) -> Gate:
    """What the ladder lets be said about the observed means of one of its factors (two groups).

    The latent mean stands in where it was estimated in a model whose unequal
    parameters were freed or are few enough; never from a scalar model that fails.
    """
    level = gate_level(result)
    failing = next((line for line in _lines(result) if not line["holds"]), None)
    failed = "" if level in COMPARABLE else _failed(result, failing)
    usable = result.means_comparable or (len(result.freed) > 0 and "scalar" in result.fits)
    return Gate(level, failed, _latent(result, factor) if usable else None)


def _failed(result: InvarianceResult, line: Line | None) -> str:
    """The changes at the level that fails, beside the criteria they were held against."""
    if line is None:
        return ""
    changes = _changes(result)[str(line["level"])]
    return ", ".join(f"Δ{name.upper()} = {share(changes[name], 3)}" for name in _CHANGES if name in changes)


def _latent(result: InvarianceResult, factor: str) -> LatentMean | None:
    """First group minus second: the first group's latent mean is 0, its standard deviation 1."""
    means = result.latent_means()
    own = means[means["factor"] == factor]
    if len(own) != 1:
        return None
    line = own.to_dict(orient="records")[0]
    mean = float(line["mean"])
    ends = -float(line["ci_upper"]), -float(line["ci_lower"])
    return LatentMean(-mean, float(line["se"]), float(line["pvalue"]), *ends, standardized=-mean)


def _lines(result: InvarianceResult) -> list[dict[Hashable, Any]]:
    return result.to_frame().to_dict(orient="records")


def _judged(line: Line, name: str) -> Any:
    """The robust version, which decides, where there is one."""
    robust = line.get(f"{name}_robust")
    return line[name] if robust is None or robust != robust else robust


def _changes(result: InvarianceResult) -> dict[str, dict[str, float]]:
    """Level -> change of each index from the level before, of the versions that decide."""
    found: dict[str, dict[str, float]] = {}
    before: Line | None = None
    for line in _lines(result):
        changes = {} if before is None else {n: _judged(line, n) - _judged(before, n) for n in _CHANGES}
        found[str(line["level"])] = changes
        before = line
    return found


def ladder_table(result: InvarianceResult, names: Names, *, id: str = "invariance") -> Table:
    """All levels in one table: fit, change from the level before, and whether the level holds."""
    changes = _changes(result)
    robust = "cfi_robust" in result.to_frame().columns
    scaled = "_scaled" if "chisq_scaled" in result.to_frame().columns else ""
    rows = []
    for line in _lines(result):
        change = changes[str(line["level"])]
        fit = [number(line[f"chisq{scaled}"], 2), count(line["df"])]
        fit += [share(_judged(line, name), 3) for name in ("cfi", "tli", "rmsea", "srmr")]
        test = [number(line["chisq_diff"], 2), count(line["df_diff"]), probability(line["pvalue"])]
        test += [share(change.get(name), 3) for name in _CHANGES]
        label = level_label(str(line["level"]), names)
        if line["partial"]:
            label += f" ({names.text('partial')})"
        holds = Cell(names.text("holds" if line["holds"] else "fails"), strong=not line["holds"])
        rows.append((*row(label, *fit, *test), holds))
    fit_header = ("χ²", "df", "CFI", "TLI", "RMSEA", "SRMR")
    header = (names.text("column_level"), *fit_header, "Δχ²", "Δdf", "p", "ΔCFI", "ΔRMSEA", "ΔSRMR", "")
    notes = [names.text("ladder_note", criteria=_criteria(result), limits=_limits(result))]
    notes += [names.text("ladder_robust")] if robust else []
    return Table(
        id=id,
        title=names.text("ladder_title"),
        header=header,
        rows=tuple(rows),
        notes=(*notes, *note_lines(result.notes, names)),
        align=("left", *("right",) * 12, "left"),
        spanners=(("", 1), (names.text("ladder_fit"), 6), (names.text("ladder_change"), 6), ("", 1)),
    )


def _limits(result: InvarianceResult) -> str:
    """The cut-offs in symbols."""
    criteria = result.criteria
    parts = [f"ΔCFI ≥ {share(criteria.delta_cfi, 3)}"] if criteria.delta_cfi is not None else []
    parts += [f"ΔRMSEA ≤ {share(criteria.delta_rmsea, 3)}"] if criteria.delta_rmsea is not None else []
    srmr = [share(limit, 3) for limit in dict.fromkeys(criteria.delta_srmr.values())]
    parts += [f"ΔSRMR ≤ {' / '.join(srmr)}"] if srmr else []
    return ", ".join(parts)


def contributions_table(result: InvarianceResult, names: Names, *, id: str = "contributions") -> Table:
    """What each group adds to the chi-square, with AIC and BIC."""
    labels = [label for label in result.group_labels if f"chisq_{label}" in result.to_frame().columns]
    rows = [
        row(
            level_label(str(line["level"]), names),
            number(line["chisq"], 2),
            *(number(line[f"chisq_{label}"], 2) for label in labels),
            number(line["aic"], 1),
            number(line["bic"], 1),
        )
        for line in _lines(result)
    ]
    groups = [f"χ² {names.group(label)}" for label in labels]
    header = (names.text("column_level"), "χ²", *groups, "AIC", "BIC")
    return Table(
        id, names.text("contributions_title"), header, tuple(rows), (names.text("contributions_note"),)
    )


def freed_table(result: InvarianceResult, names: Names, *, id: str = "freed") -> Table:
    """The search's path: what was freed, in order, and what it gained."""
    rows = [
        row(
            str(place),
            level_label(str(line["level"]), names),
            str(line["parameter"]),
            number(line["chisq"], 2),
            probability(line["pvalue"]),
            share(line["cfi"], 3),
        )
        for place, line in enumerate(result.freed.to_dict(orient="records"), start=1)
    ]
    header = (
        names.text("freed_step"),
        names.text("column_level"),
        names.text("column_parameter"),
        "χ²",
        "p",
        "CFI",
    )
    align = ("left", "left", "left", "right", "right", "right")
    return Table(id, names.text("freed_title"), header, tuple(rows), (names.text("freed_note"),), align)


def latent_means_table(result: InvarianceResult, names: Names, *, id: str = "latent-means") -> Table:
    """Latent means of the later groups in standard deviations of the first."""
    rows = [
        row(
            names.variable(str(line["factor"])),
            names.group(line["group"]),
            number(line["mean"], names.decimals),
            number(line["se"], names.decimals),
            probability(line["pvalue"]),
            interval(line["ci_lower"], line["ci_upper"], names.decimals),
        )
        for line in result.latent_means().to_dict(orient="records")
    ]
    words = ("column_factor", "group", "latent_mean")
    header = (*(names.text(one) for one in words), "SE", "p", names.text("ci", level="95%"))
    note = names.text("latent_means_note", group=names.group(result.group_labels[0]))
    align = ("left", "left", "right", "right", "right", "right")
    return Table(id, names.text("latent_means_title"), header, tuple(rows), (note,), align)
