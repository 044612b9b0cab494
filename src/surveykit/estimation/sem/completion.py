"""What a model leaves unsaid, filled in for one group as cfa(), sem(), growth() and lavaan() do.

The user's terms come first, in their order; then thresholds, variances,
covariances, scales and intercepts. lavaan's order, so that each row is found
where a lavaan user looks for it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, combinations_with_replacement

from surveykit.errors import SurveykitError
from surveykit.estimation.sem.table_options import TableOptions
from surveykit.estimation.sem.terms import Term, roles_of
from surveykit.estimation.sem.variables import VariableRoles


@dataclass(slots=True)
class Row:
    """A row in the making. `term` is the index of the user's term, -1 if there is none."""

    lhs: str
    op: str
    rhs: str
    user: int
    term: int = -1
    group: int = 1
    free: bool = True
    ustart: float = math.nan
    exo: int = 0
    label: str = ""
    lower: float = -math.inf
    upper: float = math.inf

    @property
    def is_variance(self) -> bool:
        return self.op == "~~" and self.lhs == self.rhs

    @property
    def is_covariance(self) -> bool:
        return self.op == "~~" and self.lhs != self.rhs

    def fix(self, value: float) -> None:
        self.free = False
        self.ustart = value

    def release(self) -> None:
        self.free = True
        self.ustart = math.nan


@dataclass(frozen=True)
class Roles:
    """Names that the steps of completion ask for."""

    variables: VariableRoles
    ordered: frozenset[str]
    thresholds: dict[str, int]

    @property
    def dependent(self) -> tuple[str, ...]:
        """Variables that depend on others and nothing depends on: latent ones first."""
        return self.variables.lv_y + self.variables.ov_y


def roles_for(terms: Sequence[Term], options: TableOptions) -> Roles:
    """Who is who among the user's terms, and how many thresholds each ordered variable has."""
    variables = roles_of(terms)
    given = {name for name in options.ordered if name not in variables.ov_x}
    ordered = [name for name in variables.ov if name in given or name in variables.ov_ord]
    thresholds = {name: _number_of_thresholds(name, terms, options) for name in ordered}
    return Roles(variables, frozenset(ordered), thresholds)


def _number_of_thresholds(name: str, terms: Sequence[Term], options: TableOptions) -> int:
    written = max((int(term.rhs[1:]) for term in terms if term.op == "|" and term.lhs == name), default=0)
    if name not in options.ordered:
        return written
    possible = max(options.ordered[name] - 1, 0)
    if written > possible:
        raise SurveykitError("M037", variable=name, written=written, categories=options.ordered[name])
    return possible


def complete_group(terms: Sequence[Term], first_term: int, options: TableOptions) -> list[Row]:
    """All rows of one group, before modifiers are applied.

    `first_term` is the index of the first of `terms` in the whole model.
    """
    roles = roles_for(terms, options)
    rows = [Row(term.lhs, term.op, term.rhs, 1, first_term + at) for at, term in enumerate(terms)]
    written = {(row.lhs, row.op, row.rhs) for row in rows}
    rows += [Row(*key, 0) for key in dict.fromkeys(_implied(roles, options)) if key not in written]
    _fix_unless_automatic(rows, options)
    _fix_scales_of_latents(rows, roles, options)
    _fix_single_indicators(rows, options)
    _fix_orthogonal(rows, roles, options)
    _fix_intercepts(rows, roles, options)
    _fix_exogenous(rows, roles, options)
    _fix_ordered(rows, roles)
    return rows


def _implied(roles: Roles, options: TableOptions) -> Iterator[tuple[str, str, str]]:
    """Every row that is there even if nobody writes it, in lavaan's order."""
    names = roles.variables
    for name, count in roles.thresholds.items():
        yield from ((name, "|", f"t{at}") for at in range(1, count + 1))
    yield from ((name, "~~", name) for name in names.ov_nox + names.lv)
    if options.auto_cov_lv_x:
        yield from ((one, "~~", other) for one, other in combinations(names.lv_x, 2))
    if options.auto_cov_y:
        yield from ((one, "~~", other) for one, other in combinations(roles.dependent, 2))
    yield from ((one, "~~", other) for one, other in combinations_with_replacement(names.ov_x, 2))
    yield from ((name, "~*~", name) for name in roles.thresholds)
    if options.meanstructure:
        yield from ((name, "~1", "") for name in names.ov + names.lv)


def _fix_unless_automatic(rows: list[Row], options: TableOptions) -> None:
    for row in rows:
        if row.user == 0 and row.op == "|" and not options.auto_th:
            row.free = False
        elif row.user == 0 and row.is_variance and not options.auto_var:
            row.fix(0.0)


def _fix_scales_of_latents(rows: list[Row], roles: Roles, options: TableOptions) -> None:
    if options.std_lv:
        for row in rows:
            if row.is_variance and row.lhs in roles.variables.lv:
                row.fix(1.0)
    if options.auto_fix_first:
        seen: set[str] = set()
        for row in rows:
            if row.op == "=~" and row.lhs not in seen:
                seen.add(row.lhs)
                row.fix(1.0)


def _fix_single_indicators(rows: list[Row], options: TableOptions) -> None:
    """The only indicator of a latent variable has no residual variance of its own."""
    if not (options.auto_var and options.auto_fix_single):
        return
    loadings = [row for row in rows if row.op == "=~"]
    by_latent = Counter(row.lhs for row in loadings)
    by_indicator = Counter(row.rhs for row in loadings)
    single = {
        row.rhs
        for row in loadings
        if by_latent[row.lhs] == 1 and by_indicator[row.rhs] == 1 and row.lhs != row.rhs
    }
    for row in rows:
        if row.user == 0 and row.is_variance and row.lhs in single:
            row.fix(0.0)


def _fix_orthogonal(rows: list[Row], roles: Roles, options: TableOptions) -> None:
    uncorrelated = (
        (options.orthogonal, roles.variables.lv),
        (options.orthogonal_y, roles.variables.lv_y),
        (options.orthogonal_x, roles.variables.lv_x),
    )
    for wanted, names in uncorrelated:
        for row in rows:
            if wanted and row.user == 0 and row.is_covariance and row.lhs in names and row.rhs in names:
                row.fix(0.0)


def _fix_intercepts(rows: list[Row], roles: Roles, options: TableOptions) -> None:
    for row in rows:
        if row.user == 1 or row.op != "~1":
            continue
        latent = row.lhs in roles.variables.lv
        if row.lhs in roles.ordered or not (options.int_lv_free if latent else options.int_ov_free):
            row.fix(0.0)


def _fix_exogenous(rows: list[Row], roles: Roles, options: TableOptions) -> None:
    """Moments of x are the sample's (filled in later); with conditional x its slopes are marked too."""
    exogenous = roles.variables.ov_x
    if not (options.fixed_x or options.conditional_x):
        return
    for row in rows:
        of_x = row.lhs in exogenous and (row.op == "~1" or (row.op == "~~" and row.rhs in exogenous))
        if of_x and row.user == 0:
            row.exo = 1
            if options.fixed_x:
                row.fix(math.nan)
        elif options.conditional_x and row.op == "~" and row.rhs in exogenous:
            row.exo = 1


def _fix_ordered(rows: list[Row], roles: Roles) -> None:
    """Residual variances and scales of ordered variables are 1."""
    for row in rows:
        if row.user == 0 and row.lhs in roles.ordered and (row.is_variance or row.op == "~*~"):
            row.fix(1.0)
