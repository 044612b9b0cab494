"""Results for machines: one JSON with everything at full precision, and a CSV for each result."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from surveykit.results import Result

Results = Mapping[str, Mapping[str, Result]]

README = """Results at full precision, for machines.

results.json   every result: step -> name -> fields
*.csv          one table a result, <step>.<name>.csv

The files are plain UTF-8 without a byte order mark, comma-separated, an empty field for a missing value,
numbers with the fewest digits that give back the same number. Text stands as it was collected: nothing that
looks like a formula has been changed, so do not trust it in a spreadsheet.
In Excel: Data > From Text/CSV, origin 65001 Unicode (UTF-8).
"""


def csv_name(step: str, name: str) -> str:
    """The file name of a result's table: letters, digits, `-` and `_` are kept, anything else becomes `_`.

    >>> csv_name("reliability", "trust by JP")
    'reliability.trust_by_JP.csv'
    """
    return f"{_safe(step)}.{_safe(name)}.csv"


def _safe(text: str) -> str:
    return re.sub(r"[^\w-]+", "_", text) or "_"


def write_results(results: Results, folder: Path) -> list[Path]:
    """Write `results.json`, a CSV a result and a README; the same results give the same bytes.

    Parameters
    ----------
    results : mapping of step id to mapping of name to Result
    folder : Path
        Created where it is missing.

    Returns
    -------
    list of Path
        The files written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    everything = {
        step: {name: {"type": type(one).__name__, **one.to_dict()} for name, one in by_name.items()}
        for step, by_name in results.items()
    }
    written = [_write(folder / "README.txt", README)]
    text = json.dumps(everything, ensure_ascii=False, indent=1, allow_nan=False)
    written.append(_write(folder / "results.json", text + "\n"))
    for step, by_name in results.items():
        for name, one in by_name.items():
            written.append(_write(folder / csv_name(step, name), _csv(one)))
    return written


def _csv(result: Result) -> str:
    """The frame as text; an index is kept where it says something that no column says."""
    frame = result.to_frame()
    labels = [str(label) for label in frame.index]
    counted = labels == [str(position) for position in range(len(labels))]
    said = any(labels == [str(value) for value in frame[column]] for column in frame.columns)
    return frame.to_csv(index=not (counted or said), lineterminator="\n")


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="\n")
    return path
