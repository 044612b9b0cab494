"""What a data-free check is given, and what it finds."""

from __future__ import annotations

import math
from dataclasses import dataclass

from surveykit.archive.printed import Interval, Printed, read_printed
from surveykit.archive.schema import CheckSpec
from surveykit.errors import Note, SurveykitError


@dataclass(frozen=True)
class Held:
    """One check: what is stated, what the other numbers imply, and what was assumed."""

    stated: str
    implied: Interval
    consistent: bool
    assumed: tuple[Note, ...]
    decision_changes: bool = False
    decides: bool = True


class Given:
    """The printed numbers of a check; a missing one is refused by name (A003)."""

    def __init__(self, spec: CheckSpec) -> None:
        self.spec = spec

    def __getitem__(self, name: str) -> Printed:
        if name not in self.spec.values:
            raise SurveykitError(
                "A003", check=self.spec.check, name=name, given=", ".join(self.spec.values) or "–"
            )
        return read_printed(self.spec.values[name])

    def __contains__(self, name: str) -> bool:
        return name in self.spec.values

    def exact(self, name: str) -> Interval:
        """A whole number stands for itself (N, degrees of freedom); decimals were rounded (Welch's df)."""
        printed = self[name]
        return printed.interval if printed.decimals > 0 else Interval(printed.value, printed.value)

    def count(self, name: str, least: int = 1) -> int:
        """A whole number of at least `least`; refused (A036) otherwise."""
        value = self[name].value
        if value != math.floor(value) or value < least:
            allowed = f"{least}, {least + 1}, {least + 2}, …"
            raise SurveykitError("A036", name=name, value=self[name].text.strip(), allowed=allowed)
        return int(value)

    def size(self, name: str) -> Interval:
        """The size of a printed number, without its sign; ``F < 1`` is anything from 0 to 1."""
        printed = self[name]
        if printed.sign == "<":
            return Interval(0.0, abs(printed.value))
        return absolute(printed.interval)

    def list(self, name: str) -> list[Printed]:
        if name not in self.spec.lists:
            raise SurveykitError(
                "A003", check=self.spec.check, name=name, given=", ".join(self.spec.lists) or "–"
            )
        return [read_printed(one) for one in self.spec.lists[name]]

    def difference(self, name: str) -> tuple[str, Interval]:
        """``name_diff`` as printed, or what ``name_2`` minus ``name_1`` can be."""
        if f"{name}_1" in self and f"{name}_2" in self:
            first, second = self.exact(f"{name}_1"), self.exact(f"{name}_2")
            text = f"{self[f'{name}_2'].text.strip()} - {self[f'{name}_1'].text.strip()}"
            return text, Interval(second.lower - first.upper, second.upper - first.lower)
        return self[f"{name}_diff"].text.strip(), self.exact(f"{name}_diff")


def absolute(within: Interval) -> Interval:
    """The sizes of the numbers in an interval."""
    ends = sorted((abs(within.lower), abs(within.upper)))
    return Interval(0.0 if within.lower < 0 < within.upper else ends[0], ends[1])
