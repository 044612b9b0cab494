"""Items that work differently in the groups: both methods side by side, and what freeing them changes."""

from __future__ import annotations

from surveykit.analysis.latent_item_bias import LatentItemBias
from surveykit.report.cells import DASH, count, interval, number, probability, row, share
from surveykit.report.document import Block, Cell, Paragraph, Table
from surveykit.report.names import Names
from surveykit.report.notes import note_lines


def item_bias_blocks(result: LatentItemBias, names: Names, *, id: str = "items") -> list[Block]:
    """Which items work differently, the tests item by item, and the effect on the latent means."""
    flagged = [names.item(one).rstrip(".。") for one in result.flagged]  # the sentence has its own full stop
    key = "dif_found" if flagged else "dif_none"
    return [
        Paragraph(names.text(key, items="; ".join(flagged))),
        items_table(result, names, id=id),
        effect_table(result, names, id=f"{id}-effect"),
    ]


def items_table(result: LatentItemBias, names: Names, *, id: str = "items") -> Table:
    """One line an item: likelihood ratio and dMACS of the model, then logistic regression."""
    rows = []
    for line in result.to_frame().to_dict(orient="records"):
        size = line["size"]
        logistic = line["logistic_size"]
        texts = [
            number(line["chisq"], 2),
            count(line["df"]),
            probability(line["pvalue_adjusted"]),
            number(line["d_macs"], 2),
            number(line["bias"], 2),
            names.text(f"dif_{size}") if isinstance(size, str) else DASH,
            number(line["logistic_chisq"], 2),
            probability(line["logistic_pvalue_adjusted"]),
            share(line["logistic_r2_change"], 3),
            names.text(f"dif_{logistic}") if isinstance(logistic, str) else DASH,
        ]
        rows.append((Cell(str(line["item"]), strong=bool(line["flagged"])), *row(*texts)))
    header = (names.text("dif_item"), "χ²", "df", names.text("p_adjusted"), "dMACS", names.text("dif_bias"))
    header_size = names.text("dif_size")
    adjusted = names.text("p_adjusted")
    return Table(
        id=id,
        title=names.text("dif_title"),
        header=(*header, header_size, "χ²", adjusted, "ΔR²", header_size),
        rows=tuple(rows),
        notes=(
            names.text("dif_note", first=names.group(result.groups[0])),
            *note_lines(result.notes, names),
        ),
        align=("left", *("right",) * 5, "left", *("right",) * 3, "left"),
        spanners=(("", 1), (names.text("dif_model"), 6), (names.text("dif_logistic"), 4)),
    )


def effect_table(result: LatentItemBias, names: Names, *, id: str = "items-effect") -> Table:
    """Latent means with all items equal, with each item free, and with all that work differently free."""
    places = names.decimals
    rows = [
        row(
            names.text("dif_all_equal") if not line["freed"] else str(line["freed"]),
            names.variable(str(line["factor"])),
            names.group(line["group"]),
            number(line["mean"], places),
            number(line["se"], places),
            probability(line["pvalue"]),
            interval(line["ci_lower"], line["ci_upper"], places),
            number(line["change"], places),
        )
        for line in result.comparison.to_dict(orient="records")
    ]
    header = (
        names.text("dif_freed"),
        names.text("column_factor"),
        names.text("group"),
        names.text("latent_mean"),
        "SE",
        "p",
        names.text("ci", level="95%"),
        names.text("dif_change"),
    )
    note = names.text("latent_means_note", group=names.group(result.groups[0]))
    align = ("left", "left", "left", *("right",) * 5)
    return Table(id, names.text("dif_effect_title"), header, tuple(rows), (note,), align)
