"""Response styles of two groups, and the comparison with styles held equal."""

from __future__ import annotations

from surveykit.analysis.response_style import ResponseStyles
from surveykit.report.cells import count, interval, number, probability, row
from surveykit.report.document import Block, Table
from surveykit.report.names import Names
from surveykit.report.notes import note_lines


def response_style_blocks(result: ResponseStyles, names: Names, *, id: str = "styles") -> list[Block]:
    """The indices by group; where outcomes were named, their difference without and with the styles."""
    found: list[Block] = [styles_table(result, names, id=id)]
    if len(result.effect):
        found.append(effect_table(result, names, id=f"{id}-effect"))
    return found


def styles_table(result: ResponseStyles, names: Names, *, id: str = "styles") -> Table:
    """One line an index: its mean share in each group, the difference, Hedges' g."""
    places = names.decimals
    rows = [
        row(
            names.text(f"style_{line['style']}"),
            *(
                text
                for k in (1, 2)
                for text in (
                    count(line[f"n_{k}"]),
                    number(line[f"mean_{k}"], places),
                    number(line[f"sd_{k}"], places),
                )
            ),
            number(line["mean_diff"], places),
            number(line["hedges_g"], places),
            interval(line["hedges_g_ci_lower"], line["hedges_g_ci_upper"], places),
            probability(line["pvalue_adjusted"]),
        )
        for line in result.to_frame().to_dict(orient="records")
    ]
    first, second = (names.group(group) for group in result.groups)
    header = (names.text("style"), *("n", "M", "SD") * 2, names.text("difference"), "g")
    low, high = (f"{end:g}" for end in result.scale)
    return Table(
        id=id,
        title=names.text("styles_title", low=low, high=high),
        header=(*header, names.text("ci", level="95%"), names.text("p_adjusted")),
        rows=tuple(rows),
        notes=(names.text("styles_note", first=first), *note_lines(result.notes, names)),
        spanners=(("", 1), (first, 3), (second, 3), (names.text("difference"), 4)),
    )


def effect_table(result: ResponseStyles, names: Names, *, id: str = "styles-effect") -> Table:
    """The difference of each outcome as it is, and with the styles as covariates."""
    places = names.decimals
    rows = [
        row(
            names.variable(str(line["outcome"])),
            count(line["n"]),
            number(line["mean_diff"], places),
            probability(line["pvalue"]),
            number(line["mean_diff_adjusted"], places),
            probability(line["pvalue_adjusted"]),
        )
        for line in result.effect.to_dict(orient="records")
    ]
    first = names.group(result.groups[0])
    return Table(
        id=id,
        title=names.text("styles_effect_title"),
        header=(names.text("outcome"), "n", names.text("difference"), "p", names.text("difference"), "p"),
        rows=tuple(rows),
        notes=(names.text("styles_effect_note", first=first),),
        spanners=(("", 2), (names.text("styles_as_is"), 2), (names.text("styles_held"), 2)),
    )
