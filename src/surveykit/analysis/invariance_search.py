"""Which equality across groups hurts the fit most: the next parameter of a partial invariance search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from surveykit.analysis.sem_fit import SemFit

# What a level newly holds equal, and so may be freed there.
NEW_AT = {"thresholds": ("|",), "metric": ("=~",), "scalar": ("~1",), "strict": ("~~",)}
FEWEST_EQUAL = 2


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


def best_release(fit: SemFit, level: str, freed: Sequence[str]) -> Freed | None:
    """The equality of this level with the largest score test; None where none may be freed.

    A parameter may be freed while two items of its factor stay equal in all groups.
    """
    operators = NEW_AT.get(level, ())
    names = _names(fit)
    factors = _factors(fit)
    gone = {"".join(one.split()) for one in freed}
    best: Freed | None = None
    for row in fit.score_test().to_dict("records"):
        parameter = names.get(row["lhs"])
        if parameter is None or parameter[1] not in operators:
            continue
        name = "".join(parameter)
        if name in gone or not _may_go(parameter, factors, gone):
            continue
        if best is None or row["chisq"] > best.chisq:
            best = Freed(level, name, float(row["chisq"]), float(row["pvalue"]), float("nan"))
    return best


def _names(fit: SemFit) -> dict[str, tuple[str, str, str]]:
    """plabel -> the parameter it stands for."""
    table = fit.parameter_table()
    columns = zip(table["plabel"], table["lhs"], table["op"], table["rhs"], strict=True)
    return {plabel: (lhs, op, rhs) for plabel, lhs, op, rhs in columns if plabel}


def _factors(fit: SemFit) -> dict[str, list[str]]:
    rows = fit.parameter_table()
    loadings = rows[(rows["op"] == "=~") & (rows["group"] == 1)]
    return {str(factor): list(own["rhs"]) for factor, own in loadings.groupby("lhs", sort=False)}


def _may_go(parameter: tuple[str, str, str], factors: dict[str, list[str]], gone: set[str]) -> bool:
    lhs, op, rhs = parameter
    if op == "~~":
        return lhs == rhs and lhs not in factors
    item = rhs if op == "=~" else lhs
    for factor, items in factors.items():
        if item not in items or (op == "=~" and factor != lhs):
            continue
        unequal = {one for one in items if {f"{factor}=~{one}", f"{one}~1"} & gone}
        if len(items) - len(unequal | {item}) < FEWEST_EQUAL:
            return False
    return True
