"""What measurement invariance lets be said about a difference of observed means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from surveykit.report.names import Names

Level = Literal["none", "configural", "metric", "partial_scalar", "scalar", "strict"]
COMPARABLE = ("partial_scalar", "scalar", "strict")


@dataclass(frozen=True)
class LatentMean:
    """The difference of latent means, first group minus second, from the (partial) scalar model.

    `standardized`: in standard deviations of the factor in the first group; None where not computed.
    """

    difference: float
    se: float
    pvalue: float
    ci_lower: float
    ci_upper: float
    standardized: float | None = None


@dataclass(frozen=True)
class Gate:
    """The level of invariance that holds for one outcome, and what it means for its means.

    `failed`: what the model of equal intercepts fails by, in words (``"ΔCFI = −.031"``);
    `overridden`: the researcher asked for the observed difference all the same.
    """

    level: Level
    failed: str = ""
    latent: LatentMean | None = None
    overridden: bool = False

    @property
    def open(self) -> bool:
        """Whether observed means may be compared."""
        return self.level in COMPARABLE

    @property
    def struck(self) -> bool:
        """Whether the observed difference is crossed through."""
        return not self.open and not self.overridden

    def reason(self, names: Names) -> str:
        """Why a difference is crossed through, or shown although it should not be; empty where it stands."""
        if self.level == "partial_scalar":
            return (names.text("gate_partial") + names.text("stop")).strip()
        if self.open:
            return ""
        key = "gate_overridden" if self.overridden else "gate_struck"
        text = names.text(key, level=names.text(f"level_{self.level}"))
        if self.failed:
            text += f" ({self.failed})"
        instead = names.text("gate_latent") if self.struck and self.latent is not None else ""
        return (text + names.text("stop") + instead).strip()


Gates = Mapping[str, Gate]
