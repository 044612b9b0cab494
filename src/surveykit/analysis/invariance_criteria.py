"""When a level of invariance holds: the published cut-offs, and the user's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from surveykit.options import check_choice


@dataclass(frozen=True)
class Criteria:
    """How much worse a level may fit than the one before it, and how well the first must fit.

    A level holds where no change exceeds its limit, and the level before it holds.
    None switches a limit off. `delta_srmr` is by kind of level: ``"loadings"`` for
    metric, ``"others"`` for scalar, strict and what follows.
    """

    name: str
    delta_cfi: float | None
    delta_rmsea: float | None = None
    delta_srmr: Mapping[str, float] = field(default_factory=dict)
    configural_cfi: float | None = 0.90
    configural_srmr: float | None = 0.10


CHEN_2007 = Criteria("Chen (2007)", -0.010, 0.015, {"loadings": 0.030, "others": 0.010})
CHEN_2007_SMALL = Criteria("Chen (2007), N <= 300", -0.005, 0.010, {"loadings": 0.025, "others": 0.005})
CHEUNG_RENSVOLD_2002 = Criteria("Cheung & Rensvold (2002)", -0.010)
NAMES = ("chen2007", "cheung_rensvold2002")


def criteria_of(criteria: str | Criteria, n: int) -> Criteria:
    """The cut-offs by name; Chen's depend on the number of cases."""
    if isinstance(criteria, Criteria):
        return criteria
    check_choice("criteria", criteria, NAMES)
    if criteria == "cheung_rensvold2002":
        return CHEUNG_RENSVOLD_2002
    return CHEN_2007 if n > 300 else CHEN_2007_SMALL


def level_holds(criteria: Criteria, level: str, changes: Mapping[str, float]) -> bool:
    """Whether the changes of a level (`delta_cfi`, `delta_rmsea`, `delta_srmr`) stay within the limits."""
    srmr = criteria.delta_srmr.get("loadings" if level == "metric" else "others")
    within = [
        criteria.delta_cfi is None or changes["delta_cfi"] >= criteria.delta_cfi,
        criteria.delta_rmsea is None or changes["delta_rmsea"] <= criteria.delta_rmsea,
        srmr is None or changes["delta_srmr"] <= srmr,
    ]
    return all(within)


def configural_holds(criteria: Criteria, cfi: float, srmr: float) -> bool:
    """Whether the model fits in the first place."""
    fits = criteria.configural_cfi is None or cfi >= criteria.configural_cfi
    return fits and (criteria.configural_srmr is None or srmr <= criteria.configural_srmr)
