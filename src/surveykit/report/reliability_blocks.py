"""Everything a report shows of the reliability of scales."""

from __future__ import annotations

from collections.abc import Mapping

from surveykit.analysis.reliability import AlphaResult
from surveykit.report.document import Block
from surveykit.report.figures import alpha_figure
from surveykit.report.names import Names
from surveykit.report.reliability_tables import item_table, reliability_table


def reliability_blocks(
    results: Mapping[tuple[str, str], AlphaResult], names: Names, *, id: str = "reliability"
) -> list[Block]:
    """All alphas in one table and one figure, then each scale's items by group.

    Parameters
    ----------
    results : mapping of (scale, group) to AlphaResult
        The group is "" for all respondents together.
    names : Names
    id : str
        Tables are called `id` and ``{id}-<scale>``.
    """
    found: list[Block] = [
        reliability_table(results, names, id=id),
        alpha_figure(results, names, id=f"{id}-figure"),
    ]
    for scale in dict.fromkeys(scale for scale, _ in results):
        own = {group: one for (name, group), one in results.items() if name == scale}
        # The items of all together say little where the groups stand beside each other.
        own = {group: one for group, one in own.items() if group} or own
        found.append(item_table(scale, own, names, id=f"{id}-{scale}"))
    return found
