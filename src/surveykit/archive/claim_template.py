"""Every number of a study's results with the path that leads to it: a table to fill in beside the paper."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from surveykit.archive.claim_table import Made
from surveykit.errors import Place, SurveykitError

HEADER = ("id", "value", "what", "decimals", "table", "row", "column", "page", "path", "recomputed")
# Rows of a table are told apart by the fewest of its columns of words, these first.
FIRST = ("lhs", "op", "rhs", "group", "outcome", "level", "scale", "item", "name")


# No paper prints a number a respondent or a file, nor how the answers were gathered.
GATHERED = "data"
EACH = ("respondent", "file")
RESULTS = ("results/results.json", "results.json")


def write_template(report: Path, to: Path, only: str = "") -> Made:
    """A CSV file for `write_claims`: `path` and `recomputed` are filled in, `value` is left to the reader.

    Parameters
    ----------
    report : Path
        The folder of a report. How the answers were gathered and single respondents are left out.
    to : Path
    only : str, optional
        A part of the paths wanted: ``reliability.trust``, ``fit_measures``.

    Raises
    ------
    SurveykitError
        A050 the folder holds no results of a run; A066 no path has `only` in it.
    """
    file = next((report / name for name in RESULTS if (report / name).is_file()), None)
    if file is None:
        raise SurveykitError("A050", place=Place(file=str(report)), reason=RESULTS[0])
    results = json.loads(file.read_text(encoding="utf-8"))
    steps = {name: one for name, one in results.items() if name != GATHERED}
    found = [(path, value) for path, value in numbers(steps) if only in path]
    if not found:
        raise SurveykitError("A066", place=Place(file=str(file)), only=only, offered=", ".join(steps) or "–")
    blank = [""] * (len(HEADER) - 2)
    # Excel takes a CSV file for UTF-8 only where it begins with the byte order mark.
    with to.open("w", encoding="utf-8-sig", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(HEADER)
        table.writerows([*blank, path, repr(value)] for path, value in found)
    return Made(len(found))


def numbers(results: Any, path: str = "") -> Iterator[tuple[str, float]]:
    """Each number of a results.json and the path that `value_at` follows to it."""
    if isinstance(results, bool):
        return
    if isinstance(results, int | float):
        yield path, results
    elif isinstance(results, dict):
        for name, value in results.items():
            yield from numbers(value, f"{path}.{name}" if path else str(name))
    elif isinstance(results, list) and results and all(isinstance(row, dict) for row in results):
        for where, row in _named(results):
            yield from numbers(row, f"{path}[{where}]")


def _named(rows: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each row with the conditions that pick it; rows that no words tell apart are left out."""
    if any(name in rows[0] for name in EACH):
        return
    words = [
        name
        for name in rows[0]
        if all(isinstance(row.get(name), str | int) and not isinstance(row.get(name), bool) for row in rows)
        and not any("," in str(row[name]) or "]" in str(row[name]) for row in rows)
    ]
    order = sorted(words, key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST))
    chosen: list[str] = []
    for name in order:
        chosen.append(name)
        if len({tuple(str(row[one]) for one in chosen) for row in rows}) == len(rows):
            break
    else:
        return
    for row in rows:
        rest = {name: value for name, value in row.items() if name not in chosen}
        yield ",".join(f"{name}={row[name]}" for name in chosen), rest
