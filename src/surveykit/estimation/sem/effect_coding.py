"""Effect coding: loadings average 1 and intercepts sum to 0, so that the latent scale is the items'.

Little, Slegers and Card (2006), doi:10.1207/s15328007sem1301_3. Where all items
are ordered, thresholds are fixed to the integers' midpoints instead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from surveykit.estimation.sem.completion import Row
from surveykit.estimation.sem.group_equality import plabel
from surveykit.estimation.sem.table_options import TableOptions
from surveykit.estimation.sem.terms import Relation
from surveykit.estimation.sem.variables import unique


def code_effects(rows: Sequence[Row], options: TableOptions, *, all_ordered: bool) -> list[Relation]:
    """Change rows as effect coding asks for and return the ``==`` relations that go with it."""
    words = set(options.effect_coding)
    relations: list[Relation] = []
    if words & {"loadings", "intercepts"}:
        for group in range(1, options.n_groups + 1):
            own = [at for at, row in enumerate(rows) if row.group == group]
            for latent in unique(rows[at].lhs for at in own if rows[at].op == "=~"):
                relations += _code_latent(rows, own, latent, words, options, all_ordered)
    if options.n_groups > 1 and "mg.lv.variances" in words:
        relations += _code_variances(rows)
    return relations


def _code_latent(
    rows: Sequence[Row],
    own: Sequence[int],
    latent: str,
    words: set[str],
    options: TableOptions,
    all_ordered: bool,
) -> list[Relation]:
    loadings = [at for at in own if rows[at].op == "=~" and rows[at].lhs == latent]
    indicators = {rows[at].rhs for at in loadings}
    intercepts = [at for at in own if rows[at].op == "~1" and rows[at].lhs in indicators]
    first_group = rows[own[0]].group == 1
    relations: list[Relation] = []
    if (
        "loadings" in words
        and (first_group or "loadings" not in options.group_equal)
        and all(rows[at].free for at in loadings)
    ):
        relations.append(_sum_is(loadings, len(loadings)))
    if all_ordered:
        _code_thresholds(rows, own, latent, indicators, options, first_group)
    if "intercepts" not in words or not intercepts:
        return relations
    if first_group or "intercepts" not in options.group_equal:
        if all_ordered or all(rows[at].free for at in intercepts):
            relations.append(_sum_is(intercepts, 0))
            _release_automatic(rows, own, "~1", latent)
    else:
        relations += _tie_to_first_group(rows, intercepts)
    return relations


def _sum_is(places: Sequence[int], total: int) -> Relation:
    """``.p1. == 3-.p2.-.p3.``"""
    rest = "".join(f"-{plabel(at)}" for at in places[1:])
    return Relation(plabel(places[0]), "==", f"{total}{rest}")


def _release_automatic(rows: Sequence[Row], own: Sequence[int], op: str, name: str) -> None:
    for at in own:
        row = rows[at]
        if row.op == op and row.lhs == name and row.rhs in ("", name) and row.user == 0:
            row.free = True  # from where it was fixed


def _tie_to_first_group(rows: Sequence[Row], intercepts: Sequence[int]) -> list[Relation]:
    """Intercepts that only coding the thresholds has set free are not tied by their labels yet."""
    first = {row.lhs: at for at, row in enumerate(rows) if row.op == "~1" and row.group == 1}
    return [
        Relation(plabel(first[rows[at].lhs]), "==", plabel(at))
        for at in intercepts
        if rows[at].free and rows[first[rows[at].lhs]].free and not rows[at].label
    ]


def _code_thresholds(
    rows: Sequence[Row],
    own: Sequence[int],
    latent: str,
    indicators: set[str],
    options: TableOptions,
    first_group: bool,
) -> None:
    """Outer thresholds at the category midpoints; intercepts and scales become free in exchange."""
    thresholds = [at for at in own if rows[at].op == "|" and rows[at].lhs in indicators]
    counts = Counter(rows[at].lhs for at in thresholds)
    if not counts:
        return
    categories = {name: count + 1 for name, count in counts.items()}
    most = max(categories.values())
    scale = "~*~" if options.parameterization == "delta" else "~~"
    if (first_group or "thresholds" not in options.group_equal) and all(rows[at].free for at in thresholds):
        for name, number in categories.items():
            _fix_outer([rows[at] for at in thresholds if rows[at].lhs == name], number, most)
    for name, number in categories.items():
        if number > 2:
            _release_automatic(rows, own, "~1", name)
        _release_automatic(rows, own, scale, name)
    if most == 2:
        for at in own:
            if rows[at].is_variance and rows[at].lhs == latent and rows[at].user == 0:
                rows[at].fix(1.0)


def _fix_outer(thresholds: Sequence[Row], number: int, most: int) -> None:
    thresholds[0].fix(round(0.5 + most / number, 3))
    if number > 2:
        thresholds[-1].fix(round(0.5 + most * (number - 1) / number, 3))
    for row in (thresholds[0], thresholds[-1]):
        if not row.free:
            row.user = 2


def _code_variances(rows: Sequence[Row]) -> list[Relation]:
    """Latent variances average 1 over the groups."""
    relations = []
    for latent in unique(row.lhs for row in rows if row.op == "=~"):
        places = [at for at, row in enumerate(rows) if row.is_variance and row.lhs == latent]
        if all(rows[at].free for at in places[1:]):
            relations.append(_sum_is(places, len(places)))
            if rows[places[0]].user == 0:
                rows[places[0]].free = True
    return relations
