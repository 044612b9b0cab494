"""What was found beside the answers, as a frame and as a CSV file in the store."""

from __future__ import annotations

import csv
import io
import warnings
from typing import TYPE_CHECKING

from surveykit.errors import Place, SurveykitWarning, note
from surveykit.formatting import spreadsheet_text
from surveykit.responses.revisions import revisions
from surveykit.responses.store import Store, file_sha256

if TYPE_CHECKING:
    import pandas as pd

REMARKS_FILE = "remarks.csv"
REMARKS = """
SELECT w.sha256, w.respondent, w.file, r.kind, r.item, r.sheet, r.cell, r.text, r.printed
FROM remark r JOIN workbook w ON w.id = r.workbook ORDER BY w.respondent, w.id, r.rowid
"""
REMARK_COLUMNS = [
    "respondent", "kind", "item", "sheet", "cell", "text", "printed", "file", "sha256", "current",
]  # fmt: skip
Row = tuple[str, str, str, str, str | None, str, str, str, str, bool]


def remark_rows(store: Store) -> list[Row]:
    """A row a remark, of every workbook in the store."""
    found = store.query(REMARKS)
    current = {one.filed.sha256: one.current for one in revisions(store)} if found else {}
    return [
        (who, kind, item, sheet, cell, text, printed, file, file_sha256(sha), current[sha])
        for sha, who, file, kind, item, sheet, cell, text, printed in found
    ]


def remarks_frame(store: Store) -> pd.DataFrame:
    """The remarks as a frame."""
    import pandas as pd

    return pd.DataFrame(remark_rows(store), columns=REMARK_COLUMNS)


def write_remarks(store: Store) -> None:
    """Write the remarks beside the store, for people; what looks like a formula gets an apostrophe in front.

    Warns
    -----
    SurveykitWarning
        R099 the file cannot be written, for example because Excel has it open.
    """
    path, rows = store.folder / REMARKS_FILE, remark_rows(store)
    if not rows and not path.exists():
        return
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(REMARK_COLUMNS)
    writer.writerows([spreadsheet_text("" if one is None else str(one)) for one in row] for row in rows)
    # With a byte order mark: without it Excel garbles Japanese and Korean.
    data = stream.getvalue().encode("utf-8-sig", "replace")
    try:
        if not path.exists() or path.read_bytes() != data:
            path.write_bytes(data)
    except OSError as problem:
        place = Place(file=str(path))
        told = note("R099", place, file=str(path), reason=problem.strerror or str(problem))
        warnings.warn(str(told), SurveykitWarning, stacklevel=4)
