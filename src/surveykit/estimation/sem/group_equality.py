"""Equal labels mean equal parameters: labels, group_equal and group_partial turned into ``==`` rows."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from surveykit.errors import Note, SurveykitError, note
from surveykit.estimation.sem.completion import Row
from surveykit.estimation.sem.table_options import TableOptions
from surveykit.estimation.sem.terms import Relation, Term
from surveykit.estimation.sem.variables import VariableRoles
from surveykit.options import nearest

LATER_GROUP = "\0g"  # no name can hold it


def roles_by_group(rows: Sequence[Row]) -> dict[int, VariableRoles]:
    """Who is who in each group, of rows in the making."""
    groups: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.group].append(row)
    return {
        group: VariableRoles(
            lhs=[row.lhs for row in own],
            op=[row.op for row in own],
            rhs=[row.rhs for row in own],
            user=[row.user for row in own],
            exo=[row.exo for row in own],
        )
        for group, own in groups.items()
    }


def plabel(at: int) -> str:
    """The name of the parameter in row `at` (from 0)."""
    return f".p{at + 1}."


def tie_equal(
    rows: Sequence[Row], terms: Sequence[Term], options: TableOptions
) -> tuple[list[Relation], list[Note]]:
    """Rows that bear the same label, given or implied, tied together.

    Free ones give ``==`` relations; where one of them is fixed, all are.
    """
    keys = _referred(rows, terms, _labels(rows, options))
    same: dict[str, list[int]] = defaultdict(list)
    for at, key in enumerate(keys):
        same[key].append(at)
    relations: list[Relation] = []
    notes: list[Note] = []
    shared = {label: places for label, places in same.items() if len(places) > 1}
    for label, places in sorted(shared.items(), key=lambda item: item[1][1]):
        tied = [rows[at] for at in places]
        _share_bounds(tied)
        if all(row.free for row in tied):
            relations += [Relation(plabel(places[0]), "==", plabel(at)) for at in places[1:]]
            for row in tied:
                row.label = row.label or plabel(places[0])
        elif _fix_alike(tied):
            notes.append(note("M031", label=label.split(LATER_GROUP)[0]))
    return relations, notes


def _share_bounds(rows: Sequence[Row]) -> None:
    """Equal parameters have equal bounds: the widest of those that are set."""
    lower = [row.lower for row in rows if math.isfinite(row.lower)]
    upper = [row.upper for row in rows if math.isfinite(row.upper)]
    for row in rows:
        row.lower = min(lower, default=row.lower)
        row.upper = max(upper, default=row.upper)


def _fix_alike(rows: Sequence[Row]) -> bool:
    """Fix all at the value of the first fixed one; True if fixed ones had different values."""
    fixed = [row.ustart for row in rows if not row.free]
    differ = any(value != fixed[0] for value in fixed if value == value and fixed[0] == fixed[0])
    for row in rows:
        row.fix(fixed[0])
    return differ


# --- labels --------------------------------------------------------------------------------------


def _formula(row: Row) -> str:
    return f"{row.lhs}{row.op}{row.rhs}"


def _labels(rows: Sequence[Row], options: TableOptions) -> list[str]:
    """A label for every row: the user's, or its formula (marked in later groups, unless tied)."""
    formulas = [_formula(row) for row in rows]
    suffixes = ["" if row.group == 1 else f"{LATER_GROUP}{row.group}" for row in rows]
    labels = [formula + suffix for formula, suffix in zip(formulas, suffixes, strict=True)]
    partial = _partial(rows, options)
    if options.n_groups > 1 and options.group_equal:
        wanted = _wanted(rows, options.group_equal)
        first: dict[str, str] = {}
        for at, row in enumerate(rows):
            if wanted(row) and formulas[at] not in partial:
                labels[at] = first.setdefault(formulas[at], labels[at])
    for at, row in enumerate(rows):
        if row.label:
            labels[at] = row.label + (suffixes[at] if row.label in partial else "")
    return labels


def _partial(rows: Sequence[Row], options: TableOptions) -> frozenset[str]:
    """Formulas and labels that `group_partial` names; a covariance may be written either way round."""
    if options.n_groups == 1 or not options.group_partial:
        return frozenset()
    known = {_formula(row): _formula(row) for row in rows}
    known |= {f"{row.rhs}~~{row.lhs}": _formula(row) for row in rows if row.is_covariance}
    known |= {row.label: row.label for row in rows if row.label}
    for name in options.group_partial:
        if name not in known:
            raise SurveykitError("M032", parameter=name, nearest=nearest(name, known) or next(iter(known)))
    return frozenset(known[name] for name in options.group_partial)


def _wanted(rows: Sequence[Row], words: Sequence[str]) -> Callable[[Row], bool]:
    """Whether `group_equal` speaks of a row."""
    names = roles_by_group(rows)
    tests: Mapping[str, Callable[[Row, VariableRoles], bool]] = {
        "loadings": lambda row, _: row.op == "=~",
        "regressions": lambda row, _: row.op == "~",
        "intercepts": lambda row, who: row.op == "~1" and row.lhs in who.ov_nox,
        "means": lambda row, who: row.op == "~1" and row.lhs in who.lv,
        "thresholds": lambda row, who: row.op == "|" and row.lhs in who.ov_ord,
        "residuals": lambda row, who: row.is_variance and row.lhs in who.ov_nox,
        "residual.covariances": lambda row, who: row.is_covariance and row.lhs in who.ov_nox,
        "lv.variances": lambda row, who: row.is_variance and row.lhs in who.lv,
        "lv.covariances": lambda row, who: row.is_covariance and row.lhs in who.lv,
    }
    chosen = [tests[word] for word in words]
    return lambda row: any(test(row, names[row.group]) for test in chosen)


def _referred(rows: Sequence[Row], terms: Sequence[Term], labels: Sequence[str]) -> list[str]:
    """``equal("f=~x1")`` turned into the label of the parameter that it names."""
    resolved = list(labels)
    for at, row in enumerate(rows):
        if row.term < 0 or not terms[row.term].modifiers.equal or not row.label:
            continue
        others = [other for other in range(len(rows)) if rows[other].term != row.term]
        if any(labels[other] == labels[at] for other in others):
            continue
        named = {_formula(rows[other]): labels[other] for other in reversed(others)}
        named |= {
            _formula(rows[other]) + f".g{rows[other].group}": labels[other] for other in reversed(others)
        }
        if labels[at] not in named:
            raise SurveykitError(
                "M033",
                place=terms[row.term].place,
                label=labels[at],
                nearest=nearest(labels[at], named) or next(iter(named), "?"),
            )
        resolved[at] = named[labels[at]]
    return resolved
