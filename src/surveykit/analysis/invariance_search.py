"""Which equality across groups hurts the fit most: the next parameter of a partial invariance search."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from surveykit.analysis.sem_fit import SemFit
from surveykit.estimation.non_invariance import Release, release_tests
from surveykit.estimation.sem.chisquare import upper_tail

# What a level newly holds equal, and so may be freed there.
NEW_AT = {"thresholds": ("|",), "metric": ("=~",), "scalar": ("=~", "~1"), "strict": ("~~",)}
FEWEST_EQUAL = 2

Parameter = tuple[str, str, str]


@dataclass(frozen=True)
class Freed:
    """One step of the search: the score test that chose the parameter, and the CFI after freeing it."""

    level: str
    parameter: str
    chisq: float
    pvalue: float
    cfi: float

    def after(self, cfi: float) -> Freed:
        return replace(self, cfi=cfi)


def best_release(fit: SemFit, level: str, before: str | None, freed: Sequence[str]) -> Freed | None:
    """The equality that is new at this level with the largest score test; None where none may be freed.

    A loading or an intercept may be freed while two items of its factor stay equal in all groups.
    """
    operators = set(NEW_AT.get(level, ())) - set(NEW_AT.get(before or "", ()))
    factors = factors_of(fit)
    gone = plain_names(freed)
    tests = {
        parameter: test
        for parameter, test in releases(fit).items()
        if parameter[1] in operators and _may_go(parameter, factors, gone)
    }
    if not tests:
        return None
    name, test = max(tests.items(), key=lambda one: one[1].chisq / one[1].df)
    return Freed(level, "".join(name), test.chisq, test.pvalue, float("nan"))


def releases(fit: SemFit) -> dict[Parameter, Release]:
    """Score test of freeing each parameter that is equal in all groups."""
    sets = _constraints(fit)
    tests = release_tests(fit._solution, list(sets.values())) if sets else []
    return dict(zip(sets, tests, strict=True)) | _fixed(fit)


def _fixed(fit: SemFit) -> dict[Parameter, Release]:
    """Intercepts and residual variances of ordered items are equal by being fixed (at 0 and 1).

    Modification indices of the later groups, summed; with one later group that is the score test.
    """
    if not fit._solution.settings.categorical:
        return {}
    items = {item for own in factors_of(fit).values() for item in own}
    indices = fit.modification_indices(sort=False, op=("~1", "~~"))
    later = indices[(indices["group"] > 1) & indices["lhs"].isin(items)]
    own = later[(later["op"] == "~1") | (later["lhs"] == later["rhs"])]
    found = {}
    for (lhs, op, rhs), rows in own.groupby(["lhs", "op", "rhs"], sort=False):
        chisq, df = float(rows["mi"].sum()), len(rows)
        found[(str(lhs), str(op), str(rhs))] = Release(chisq, df, upper_tail(chisq, df))
    return found


def plain_names(parameters: Iterable[str]) -> set[str]:
    """Parameters without blanks: ``x3 ~ 1`` and ``x3~1`` are the same."""
    return {"".join(one.split()) for one in parameters}


def factors_of(fit: SemFit) -> dict[str, list[str]]:
    """Factor -> its items."""
    table = fit._solution.table
    found: dict[str, list[str]] = {}
    for lhs, op, rhs, group in zip(table.lhs, table.op, table.rhs, table.group.tolist(), strict=True):
        if op == "=~" and group == 1:
            found.setdefault(lhs, []).append(rhs)
    return found


def unequal_items(factor: str, items: Iterable[str], freed: set[str]) -> set[str]:
    """Items of a factor whose loading, intercept or one of whose thresholds is free."""
    lone = {one.split("|")[0] for one in freed if "|" in one}
    return {item for item in items if {f"{factor}=~{item}", f"{item}~1"} & freed or item in lone}


def _constraints(fit: SemFit) -> dict[Parameter, list[int]]:
    """Parameter -> places of its equality constraints among all of them."""
    table = fit._solution.table
    named = {
        label: (lhs, op, rhs)
        for label, lhs, op, rhs in zip(table.plabel, table.lhs, table.op, table.rhs, strict=True)
    }
    found: dict[Parameter, list[int]] = {}
    for place, row in enumerate(fit._solution.constraints.equality_rows.tolist()):
        one, other = named.get(table.lhs[row]), named.get(table.rhs[row])
        if one is not None and one == other:
            found.setdefault(one, []).append(place)
    return found


def _may_go(parameter: Parameter, factors: Mapping[str, Sequence[str]], gone: set[str]) -> bool:
    lhs, op, rhs = parameter
    if "".join(parameter) in gone:
        return False
    if op == "~~":
        return lhs == rhs and lhs not in factors
    item = rhs if op == "=~" else lhs
    if op == "|" and sum(one.startswith(f"{item}|") for one in gone):
        return False  # two equal thresholds fix the scale of an item; one goes at most
    for factor, items in factors.items():
        if item not in items or (op == "=~" and factor != lhs):
            continue
        unequal = unequal_items(factor, items, gone)
        if len(items) - len(unequal | {item}) < FEWEST_EQUAL:
            return False
    return True
