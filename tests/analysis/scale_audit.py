"""One number of psych, semTools, lavaan or multilevel beside ours, and which numbers are left over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from typing import Any

import numpy as np
import pandas as pd

from reference_data import case, close


@dataclass(frozen=True)
class Cell:
    """A number (or a name) of the record at `path`, and ours."""

    path: str
    got: Any
    reference: Any
    ok: bool

    @property
    def column(self) -> str:
        """The path without the places inside tables and lists: what a table of the audit has a row for."""
        return "/".join(part for part in self.path.split("/") if not part.isdigit())


def leaves(record: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every number and name of a record with its path; the labels of a matrix are names of its cells."""
    if isinstance(record, dict) and set(record) >= {"rows", "cols", "values"}:
        yield from leaves(record["values"], path)
    elif isinstance(record, dict):
        for key, value in record.items():
            yield from leaves(value, f"{path}/{key}" if path else str(key))
    elif isinstance(record, list):
        for place, value in enumerate(record):
            yield from leaves(value, f"{path}/{place}")
    else:
        yield path, record


def flat(ours: Any) -> list[Any]:
    """Our numbers in the record's order: row by row."""
    if isinstance(ours, dict):
        return [value for one in ours.values() for value in flat(one)]
    if isinstance(ours, pd.DataFrame | pd.Series):
        return list(ours.to_numpy(dtype=object).ravel())
    if isinstance(ours, np.ndarray):
        return list(ours.ravel())
    if isinstance(ours, list | tuple):
        return [value for one in ours for value in flat(one)]
    return [ours]


@dataclass
class Audit:
    """The cells of one case, gathered one comparison after the other."""

    case_id: str
    relative: float
    absolute: float
    cells: list[Cell] = field(default_factory=list)

    @classmethod
    def of(cls, case_id: str) -> Audit:
        tolerance = case(case_id)["tolerance"]
        return cls(case_id, tolerance["relative"], tolerance["absolute"])

    def at(self, path: str) -> Any:
        """The part of the record at a path."""
        part = case(self.case_id)["results"]
        for step in path.split("/"):
            part = part["values"] if isinstance(part, dict) and "values" in part else part
            part = part[int(step)] if isinstance(part, list) else part[step]
        return part

    def same(
        self, path: str, ours: Any, relative: float | None = None, absolute: float | None = None
    ) -> None:
        """Compare all that the record has at `path`; a labelled matrix is put in the record's order first."""
        part = self.at(path)
        if isinstance(ours, pd.DataFrame) and isinstance(part, dict) and set(part) >= {"rows", "cols"}:
            ours = ours.rename(index=str, columns=str)
            ours = ours.loc[part["rows"]] if set(part["rows"]) <= set(ours.index) else ours
            ours = ours[part["cols"]] if set(part["cols"]) <= set(ours.columns) else ours
        relative = self.relative if relative is None else relative
        absolute = self.absolute if absolute is None else absolute
        for (place, reference), got in zip(leaves(part, path), flat(ours), strict=True):
            if isinstance(reference, str):
                ok = str(got) == reference
            else:
                ok = close(got, reference, relative, absolute)
            self.cells.append(Cell(place, got, reference, ok))

    def left(self, excused: dict[str, str]) -> list[str]:
        """Paths of the record that no comparison touched and no reason excuses."""
        seen = {cell.path for cell in self.cells}
        return [
            path
            for path, _ in leaves(case(self.case_id)["results"])
            if path not in seen and not any(fnmatch(path, pattern) for pattern in excused)
        ]
