"""The rows of one group repeated for each, with what equality across groups sets free; then modifiers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from copy import copy

from surveykit.errors import Note, SurveykitError, note
from surveykit.estimation.sem.completion import Roles, Row
from surveykit.estimation.sem.table_options import TableOptions
from surveykit.estimation.sem.terms import Term


def repeat_for_groups(rows: Sequence[Row], roles: Roles, options: TableOptions) -> list[Row]:
    """All groups' rows; later groups lose restrictions that equality across groups makes needless."""
    everything = list(rows)
    freed_markers = markers(rows) if "loadings" in options.group_equal and not options.std_lv else {}
    for group in range(2, options.n_groups + 1):
        own = [copy(row) for row in rows]
        for row in own:
            row.group = group
            if _is_freed(row, roles, set(freed_markers.values()), options):
                row.release()
        everything += own
    return everything


def _is_freed(row: Row, roles: Roles, marker_names: set[str], options: TableOptions) -> bool:
    """What is free in later groups though it is fixed in the first."""
    equal = options.group_equal
    if row.op == "=~":
        return row.rhs in marker_names and not row.free and row.ustart == 1.0
    if row.op == "~1" and row.user == 0 and not options.int_lv_free:
        if row.lhs in roles.variables.lv:
            return "intercepts" in equal and "means" not in equal
        return "thresholds" in equal and row.lhs in roles.ordered
    if row.is_variance and row.user == 0 and row.lhs in roles.variables.lv:
        return options.std_lv and "loadings" in equal and "lv.variances" not in equal
    if roles.thresholds.get(row.lhs, 0) > 1 and "thresholds" in equal:
        # A binary item's scale stays fixed: one threshold does not identify it.
        if row.op == "~*~":
            return options.parameterization == "delta" and options.auto_delta
        return row.is_variance and options.parameterization == "theta"
    return False


def markers(rows: Sequence[Row]) -> dict[str, str]:
    """Latent variable -> its first indicator whose loading is fixed to 1 and that no other one fixes."""
    found: dict[str, str] = {}
    loadings = [row for row in rows if row.op == "=~"]
    for row in loadings:
        if row.free or row.ustart != 1.0 or row.lhs in found:
            continue
        others = [one for one in loadings if one.rhs == row.rhs and one.lhs != row.lhs and not one.free]
        if all(one.ustart == 0.0 for one in others):
            found[row.lhs] = row.rhs
    return found


def apply_modifiers(rows: Sequence[Row], terms: Sequence[Term], options: TableOptions) -> list[Note]:
    """Fixed values, starts, labels and bounds written by the user; one value serves all groups."""
    by_term: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        if row.term >= 0:
            by_term[row.term].append(row)
    shared_label = None
    for at, own in by_term.items():
        term = terms[at]
        shared = len(own) > 1 and len(term.modifiers.label) == 1 and bool(term.modifiers.label[0])
        shared_label = shared_label or (term.modifiers.label[0] if shared else None)
        _modify(own, term)
    if shared_label is not None and not options.group_equal:
        return [note("M029", label=shared_label)]
    return []


def _modify(rows: Sequence[Row], term: Term) -> None:
    said = term.modifiers
    for values in (said.fixed, said.start, said.lower, said.upper, said.label):
        if len(values) not in (0, 1, len(rows)):
            formula = f"{term.lhs} {term.op} {term.rhs}".strip()
            raise SurveykitError(
                "M010", place=term.place, formula=formula, given=len(values), wanted=len(rows)
            )
    for at, row in enumerate(rows):
        if said.fixed:
            value = _of_group(said.fixed, at)
            if value != value:
                row.release()
            else:
                row.fix(value)
        if said.start:
            row.ustart = _of_group(said.start, at)
        if said.lower:
            row.lower = _of_group(said.lower, at)
        if said.upper:
            row.upper = _of_group(said.upper, at)
        if said.label:
            row.label = said.label[min(at, len(said.label) - 1)]


def _of_group(values: Sequence[float], at: int) -> float:
    return values[min(at, len(values) - 1)]
