"""Measurement invariance as tables: the ladder, what was freed, latent means, and the gate it opens."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

from surveykit.analysis.gate import level_of
from surveykit.report.cells import count, interval, number, probability, row, share
from surveykit.report.columns import level_label
from surveykit.report.document import Block, Cell, Paragraph, Table
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
    highest = level_of(result)
    allowed = _ALLOWED.get(highest, "means")
    return names.text(
        "invariance_nothing" if highest == "none" else "invariance_verdict",
        level=names.text(f"level_{highest}"),
        criteria=_criteria(result),
        allowed=names.text(f"allowed_{allowed}"),
    )


def _criteria(result: InvarianceResult) -> str:
    return result.criteria.name.replace("<=", "≤")


def _lines(result: InvarianceResult) -> list[dict[Hashable, Any]]:
    return result.to_frame().to_dict(orient="records")


def _changes(result: InvarianceResult) -> dict[str, dict[str, float]]:
    """Level -> change of each index from the level before, of the versions that were judged."""
    judged = result.judged.set_index("level")
    return {
        str(level): {str(name): float(value) for name, value in own.items()}
        for level, own in judged.diff().to_dict(orient="index").items()
    }


def _versions(result: InvarianceResult) -> dict[str, str]:
    """Level -> which version of the indices was judged: "_robust", "_scaled", or "" for the plain one."""
    judged = result.judged.set_index("level")["cfi"]
    found = {}
    for line in _lines(result):
        level = str(line["level"])
        kinds = (kind for kind in ("_robust", "_scaled") if line.get(f"cfi{kind}") == judged[level])
        found[level] = next(kinds, "")
    return found


def _version_note(versions: Mapping[str, str], names: Names) -> list[str]:
    """Which versions of the indices are shown, where they are not the plain ones."""
    if "_robust" in versions.values():
        return [names.text("ladder_robust")]
    return [names.text("ladder_scaled")] if "_scaled" in versions.values() else []


def ladder_table(result: InvarianceResult, names: Names, *, id: str = "invariance") -> Table:
    """All levels in one table: fit, change from the level before, and whether the level holds."""
    changes = _changes(result)
    versions = _versions(result)
    scaled = "_scaled" if "chisq_scaled" in result.to_frame().columns else ""
    rows = []
    for line in _lines(result):
        change = changes[str(line["level"])]
        fit = [number(line[f"chisq{scaled}"], 2), count(line["df"])]
        kind = versions[str(line["level"])]
        fit += [share(line.get(f"{name}{kind}"), 3) for name in ("cfi", "tli", "rmsea")]
        fit.append(share(line["srmr"], 3))
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
    notes += _version_note(versions, names)
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
