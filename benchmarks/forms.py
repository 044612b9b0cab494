"""A thousand forms written, filled and collected, beside openpyxl doing the same job.

    python -m benchmarks.forms [--forms 1000] [--instrument instruments/partnership.yaml]

The answers collected are compared with those entered: a benchmark of wrong numbers would be worthless.
"""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd

from surveykit.form.excel import write_forms
from surveykit.form.fill import fill_form
from surveykit.instrument.model import Instrument, Item
from surveykit.instrument.reader import read_instrument
from surveykit.responses.collect import collect
from surveykit.responses.read import read_responses

PEER_FORMS = 50


def timed(task: Callable[[], object]) -> float:
    """Seconds that a task takes."""
    start = time.perf_counter()
    task()
    return time.perf_counter() - start


def drawn(inst: Instrument, item: Item, draw: random.Random) -> object:
    """An answer to an item, drawn at random."""
    scale = inst.response_scale_of(item)
    if scale is not None:
        return draw.choice(scale.codes)
    if item.type == "number":
        return draw.randint(int(item.minimum or 0), int(item.maximum or 1000))
    return "2026-04-30" if item.type == "date" else "answer"


def measure(inst: Instrument, count: int, folder: Path) -> dict[str, float]:
    """Seconds for each step, the answers checked."""
    countries = ["JP", "KR"]
    frame = pd.DataFrame(
        {
            "respondent": [f"R-{number:05d}" for number in range(count)],
            "language": [("ja", "ko")[number % 2] for number in range(count)],
            "country": [countries[number % 2] for number in range(count)],
        }
    )
    seconds = {"write": timed(lambda: write_forms(inst, folder / "forms", respondents=frame))}
    draw = random.Random(1)
    entered = [{item.id: drawn(inst, item, draw) for item in inst.items} for _ in range(count)]
    paths = sorted((folder / "forms").iterdir())

    def fill() -> None:
        for path, answers in zip(paths, entered, strict=True):
            fill_form(inst, path, answers, path)

    seconds["fill"] = timed(fill)
    study = folder / "study"
    seconds["collect"] = timed(lambda: collect(folder / "forms", study, instruments=inst))
    seconds["collect again"] = timed(lambda: collect(folder / "forms", study, instruments=inst))
    seconds["read responses"] = timed(lambda: read_responses(study))
    found = read_responses(study).frame
    wrong = [item.id for item in inst.items if list(found[item.id]) != [one[item.id] for one in entered]]
    if wrong:
        raise SystemExit(f"answers that came back changed: {', '.join(wrong)}")
    seconds |= peers(paths, folder)
    return seconds


def peers(paths: list[Path], folder: Path) -> dict[str, float]:
    """openpyxl on some of the same workbooks, scaled to all of them."""
    some = paths[:PEER_FORMS]
    times = len(paths) / len(some)

    def save() -> None:
        for path in some:
            openpyxl.load_workbook(path).save(folder / "peer.xlsx")

    def read() -> None:
        for path in some:
            book = openpyxl.load_workbook(path, read_only=True)
            for sheet in book.worksheets:
                for _ in sheet.iter_rows(values_only=True):
                    pass
            book.close()

    return {"openpyxl: load and save": times * timed(save), "openpyxl: read-only": times * timed(read)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--forms", type=int, default=1000)
    parser.add_argument("--instrument", type=Path, default=Path("instruments/partnership.yaml"))
    options = parser.parse_args()
    inst = read_instrument(options.instrument)
    folder = Path(tempfile.mkdtemp(prefix="surveykit-forms-"))
    try:
        seconds = measure(inst, options.forms, folder)
    finally:
        shutil.rmtree(folder)
    print(f"{options.forms} forms of {inst.instrument} ({len(inst.items)} items)")
    for step, value in seconds.items():
        print(f"  {step:<26}{value:8.2f} s")


if __name__ == "__main__":
    main()
