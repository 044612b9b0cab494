"""Ten thousand returned forms collected, and every file of the torture folder, each in a process of its own.

    python -m benchmarks.collection [--forms 10000] [--torture]

Printed: wall and processor seconds, the peak of memory (Linux).
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent / "tests"
# Runs in a process of its own: what it takes is what one collection takes.
MEASURE = """
import json, sys, time
sys.path[:0] = sys.argv[4:]
from hand_made import instrument, item, sample
from surveykit.responses.collect import collect
inst = sample() if sys.argv[1] == "sample" else instrument(*(item(f"q{n:02d}") for n in range(50)))
before, start = time.process_time(), time.perf_counter()
report = collect(sys.argv[2], sys.argv[3], instruments=inst)
seconds, work = time.perf_counter() - start, time.process_time() - before
# getrusage tells a child the peak of the process that started it; the kernel's own mark does not.
with open("/proc/self/status", encoding="ascii") as status:
    peak = int(next(line.split()[1] for line in status if line.startswith("VmHWM"))) // 1024
codes = [*report.quarantined["code"], *report.findings["code"]]
print(json.dumps([len(report.accepted), codes, seconds, work, peak]))
"""


def measured(inst: str, returned: Path, study: Path) -> tuple[int, list[str], float, float, int]:
    """Accepted, codes, wall seconds, processor seconds, peak memory in MB."""
    paths = [str(TESTS), str(TESTS / "responses")]
    command = [sys.executable, "-c", MEASURE, inst, str(returned), str(study), *paths]
    shown = subprocess.run(command, check=True, capture_output=True, text=True)
    accepted, codes, seconds, work, peak = json.loads(shown.stdout)
    return accepted, codes, seconds, work, peak


def write_many(count: int, folder: Path) -> None:
    """Forms of 50 rating items, filled."""
    import pandas as pd

    from hand_made import instrument, item
    from surveykit.form.excel import write_forms
    from surveykit.form.fill import fill_form

    inst = instrument(*(item(f"q{number:02d}") for number in range(50)))
    languages = [("ja", "ko")[number % 2] for number in range(count)]
    frame = pd.DataFrame({"respondent": [f"R-{n:05d}" for n in range(count)], "language": languages})
    for number, path in enumerate(write_forms(inst, folder, respondents=frame)):
        fill_form(inst, path, {f"q{n:02d}": (number + n) % 5 + 1 for n in range(50)}, path)


def many(count: int, folder: Path) -> None:
    """A tenth of the forms, all of them, all of them again: the memory must not grow with their number."""
    write_many(count, folder / "all")
    tenth = folder / "tenth"
    tenth.mkdir()
    for path in sorted((folder / "all").iterdir())[: count // 10]:
        shutil.copy(path, tenth)
    for name, returned, study in (
        ("a tenth", tenth, "one"),
        ("all, the tenth being in already", folder / "all", "one"),
        ("all again", folder / "all", "one"),
        ("all at once", folder / "all", "two"),
    ):
        accepted, _, seconds, work, peak = measured("fifty", returned, folder / study)
        print(f"{name:<34}{accepted:>7} forms {seconds:8.2f} s {work:8.2f} s CPU {peak:6} MB")


def torture(folder: Path) -> None:
    """Every file of the torture folder."""
    from torture_folder import cases

    worst = [0.0, 0]
    for number, case in enumerate(cases()):
        path = case.write(folder / str(number) / "returned")
        _, codes, seconds, work, peak = measured("sample", path, folder / str(number) / "study")
        worst = [max(worst[0], work), max(worst[1], peak)]
        print(f"{case.name:<60}{seconds:7.2f} s {work:6.2f} s CPU {peak:5} MB  {' '.join(codes)}")
        shutil.rmtree(folder / str(number))
    print(f"at most {worst[0]:.2f} s CPU and {worst[1]} MB a file")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--forms", type=int, default=10_000)
    parser.add_argument("--torture", action="store_true")
    options = parser.parse_args()
    sys.path[:0] = [str(TESTS), str(TESTS / "responses")]
    folder = Path(tempfile.mkdtemp(prefix="surveykit-collection-"))
    try:
        if options.torture:
            torture(folder)
        else:
            many(options.forms, folder)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
