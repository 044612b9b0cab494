"""Results for machines: nothing rounded, nothing lost, the same bytes twice."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from surveykit.errors import Note
from surveykit.report.machine import csv_name, write_results
from surveykit.results import Result


@dataclass(frozen=True)
class Numbers(Result):
    """A result with a number that does not end, a gap, and text that looks like a formula."""

    value: float
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return pd.DataFrame({"name": ["=1+1", "信頼"], "value": [self.value, np.nan]})


RESULTS = {"step one": {"trust × JP": Numbers(1 / 3)}, "two": {"x": Numbers(0.1 + 0.2)}}


def test_files_of_results(tmp_path: Path) -> None:
    written = write_results(RESULTS, tmp_path / "results")
    assert [path.name for path in written] == [
        "README.txt",
        "results.json",
        "step_one.trust_JP.csv",
        "two.x.csv",
    ]
    assert "without a byte order mark" in written[0].read_text("utf-8")


def test_numbers_come_back_exactly(tmp_path: Path) -> None:
    write_results(RESULTS, tmp_path)
    found = json.loads((tmp_path / "results.json").read_text("utf-8"))
    assert found["step one"]["trust × JP"] == {"type": "Numbers", "value": 1 / 3, "notes": []}
    table = (tmp_path / "two.x.csv").read_bytes()
    assert table == f"name,value\n=1+1,{0.1 + 0.2!r}\n信頼,\n".encode()


def test_the_same_results_give_the_same_bytes(tmp_path: Path) -> None:
    first, second = (write_results(RESULTS, tmp_path / name) for name in ("a", "b"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_a_name_that_no_file_system_takes_is_made_safe() -> None:
    assert csv_name("a/b", 'x:"<>|?*') == "a_b.x_.csv"
