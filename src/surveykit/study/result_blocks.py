"""How a report shows the results that only a study has: planted damage, round trips, lookups."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePath

from surveykit.formatting import number
from surveykit.report.blocks import blocks
from surveykit.report.document import Block, Cell, Facts, Table
from surveykit.report.names import Names
from surveykit.report.notes import kind_of
from surveykit.responses.incoming.importing import ImportReport
from surveykit.results import Result
from surveykit.study.data import RoundTrip
from surveykit.study.lookup import LookupResult
from surveykit.study.returns import Damage
from surveykit.wording import wording


def result_blocks(result: Result, names: Names, id: str) -> list[Block]:
    """The blocks of any result; those of `surveykit.study` here, all others by the report."""
    if isinstance(result, Damage):
        return [_damage(result, names, id)]
    if isinstance(result, RoundTrip):
        return [_round_trip(result, names)]
    if isinstance(result, ImportReport):
        return _imported(result, names, id)
    if isinstance(result, LookupResult):
        return [_lookup(result, names, id)]
    return blocks(result, names, id=id)


def _damage(result: Damage, names: Names, id: str) -> Table:
    """How many workbooks were damaged in which way."""
    counts = result.frame["kind"].value_counts(sort=False)
    rows = tuple((Cell(_text(f"damage_{kind}", names)), Cell(str(count))) for kind, count in counts.items())
    header = (_text("damage", names), _text("workbooks", names))
    return Table(id, _text("damage_planted", names), header, rows)


def _round_trip(result: RoundTrip, names: Names) -> Facts:
    facts = {
        _text("workbooks", names): str(result.n_workbooks),
        _text("cells_compared", names): f"{result.n_cells:,}",
        _text("cells_different", names): str(result.n_different),
    }
    return Facts(_text("round_trip", names), facts)


def _imported(result: ImportReport, names: Names, id: str) -> list[Block]:
    """The file, how many rows, the findings by code."""
    facts = {
        names.text("file"): PurePath(result.file).name,
        "SHA-256": result.sha256,
        _text("rows", names): str(result.rows),
        names.text("findings_title"): str(len(result.findings)),
    }
    found: list[Block] = [Facts(_text("imported", names), facts)]
    codes = Counter(str(code) for code in result.findings["code"])
    if codes:
        rows = tuple(
            (Cell(code), Cell(kind_of(code, names.lang)), Cell(str(codes[code]))) for code in sorted(codes)
        )
        header = (names.text("code"), names.text("finding"), names.text("times"))
        found.append(Table(f"{id}-findings", names.text("findings_title"), header, rows))
    return found


def _lookup(result: LookupResult, names: Names, id: str) -> Table:
    rows = tuple(
        (Cell(str(row["scale"])), Cell(str(row["n"])), Cell(number(row["max_difference"], 4)))
        for row in result.agreement.to_dict("records")
    )
    header = (_text("scale", names), "n", _text("largest_difference", names))
    return Table(id, _text("lookup_agreement", names), header, rows)


def _text(key: str, names: Names) -> str:
    return wording("study", key, names.lang)
