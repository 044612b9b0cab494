"""What became of the returned workbooks, as tables."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePath

from surveykit.report.cells import row
from surveykit.report.document import Block, Facts, Table
from surveykit.report.names import Names
from surveykit.report.notes import kind_of
from surveykit.responses.collect import CollectReport


def collection_blocks(result: CollectReport, names: Names, *, id: str = "collection") -> list[Block]:
    """How many were taken, with and without findings; the findings by code; what was set apart, and why."""
    clean = int((result.accepted["findings"] == 0).sum()) if len(result.accepted) else 0
    facts = {
        names.text("accepted_clean"): str(clean),
        names.text("accepted_findings"): str(len(result.accepted) - clean),
        names.text("set_apart"): str(len(result.quarantined)),
    }
    found: list[Block] = [Facts(names.text("collection_title"), facts)]
    codes = Counter(str(code) for code in result.findings["code"])
    if codes:
        rows = tuple(row(code, kind_of(code, names.lang), str(codes[code])) for code in sorted(codes))
        header = (names.text("code"), names.text("finding"), names.text("times"))
        title = names.text("findings_title")
        found.append(Table(f"{id}-findings", title, header, rows, align=("left", "left", "right")))
    if len(result.quarantined):
        lines = [
            (PurePath(str(one["file"])).name, str(one["code"]))
            for one in result.quarantined.to_dict(orient="records")
        ]
        rows = tuple(row(file, code, kind_of(code, names.lang)) for file, code in lines)
        header = (names.text("file"), names.text("code"), names.text("reason"))
        title = names.text("quarantine_title")
        found.append(Table(f"{id}-apart", title, header, rows, align=("left", "left", "left")))
    return found
