"""The ladder of measurement invariance beside lavaan's four fits: one run, medians, ratios, equal numbers.

    python -m benchmarks.invariance [--repeats 5]

Without Rscript and lavaan only our own times are printed.
"""

from __future__ import annotations

import argparse
import platform
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from surveykit.analysis.invariance import InvarianceResult, measurement_invariance

HERE = Path(__file__).parent
REFERENCE = HERE.parent / "tests" / "reference" / "data"
HS = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"


class Task(NamedTuple):
    name: str
    model: str
    data: pd.DataFrame
    group: str
    estimator: str
    repeats: int


def wide(n: int = 200, seed: int = 34) -> tuple[str, pd.DataFrame]:
    """34 items of 6 factors, two groups of n, all parameters equal."""
    generator = np.random.default_rng(seed)
    sizes = (6, 6, 6, 6, 5, 5)
    names = [f"y{number}" for number in range(1, sum(sizes) + 1)]
    lines, columns, start = [], [], 0
    factors = generator.multivariate_normal(np.zeros(6), 0.3 + 0.7 * np.eye(6), size=2 * n)
    for at, size in enumerate(sizes):
        lines.append(f"f{at + 1} =~ " + " + ".join(names[start : start + size]))
        columns.append(0.7 * factors[:, [at]] + 0.7 * generator.normal(size=(2 * n, size)))
        start += size
    frame = pd.DataFrame(np.hstack(columns), columns=names)
    return "\n".join(lines), frame.assign(country=np.repeat(["JP", "KR"], n))


def broken(data: pd.DataFrame) -> pd.DataFrame:
    """The second group answers two items of each factor otherwise: a search has something to find."""
    data = data.copy()
    korea = data["country"] == "KR"
    for item in ("y2", "y8", "y14", "y20"):
        data.loc[korea, item] += 0.9
    return data


def median_time(task: Task, **options: str) -> tuple[float, InvarianceResult]:
    times = []
    for _ in range(task.repeats + 1):  # the first one warms up
        start = time.perf_counter()
        found = measurement_invariance(
            task.model, task.data, group=task.group, estimator=task.estimator, **options
        )
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:]), found


def lavaan(task: Task, repeats: int) -> tuple[float, list[float], list[float]]:
    """Median time, chi-squares and differences of lavaan's ladder."""
    with tempfile.TemporaryDirectory() as folder:
        data, model = Path(folder) / "data.csv", Path(folder) / "model.lav"
        task.data.to_csv(data, index=False)
        model.write_text(task.model + "\n", "utf-8")
        call = ["Rscript", str(HERE / "invariance.R"), str(data), str(model), task.group, task.estimator]
        done = subprocess.run([*call, str(repeats)], capture_output=True, text=True, check=True)
    lines = done.stdout.strip().splitlines()
    return float(lines[0]), [float(one) for one in lines[1].split()], [float(one) for one in lines[2].split()]


def check_equal(found: InvarianceResult, chisq: list[float], diff: list[float]) -> None:
    """lavaan's default run stops up to 1e-5 short of the minimum; differences carry that of both fits."""
    np.testing.assert_allclose(found.frame["chisq"], chisq, rtol=1e-5)
    np.testing.assert_allclose(found.frame["chisq_diff"].iloc[1:], diff, rtol=1e-3, atol=1e-2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    model, data = wide()
    hs = pd.read_csv(REFERENCE / "hs1939.csv")
    tasks = [
        Task("HS, 9 items, ML", HS, hs, "school", "ML", repeats),
        Task("HS, 9 items, MLR", HS, hs, "school", "MLR", repeats),
        Task("34 items, ML", model, data, "country", "ML", repeats),
        Task("34 items, MLR", model, data, "country", "MLR", repeats),
    ]
    has_lavaan = shutil.which("Rscript") is not None
    print(f"{platform.machine()}, Python {platform.python_version()}, medians of {repeats}")
    print(f"{'task':<28}{'surveykit':>12}{'lavaan':>12}{'ratio':>9}")
    for task in tasks:
        ours, found = median_time(task)
        report(task.name, ours, theirs := _theirs(task, found, has_lavaan))
    search = Task("34 items, MLR, search", model, broken(data), "country", "MLR", repeats)
    ours, found = median_time(search, partial="search")
    report(f"{search.name} ({len(found.freed)} freed)", ours, theirs)
    print("the search is held against lavaan's four fits alone")


def _theirs(task: Task, found: InvarianceResult, has_lavaan: bool) -> float:
    if not has_lavaan:
        return float("nan")
    times, chisq, diff = lavaan(task, min(task.repeats, 3))
    check_equal(found, chisq, diff)
    return times


def report(name: str, ours: float, theirs: float) -> None:
    print(f"{name:<28}{ours * 1000:>9.1f} ms{theirs * 1000:>9.1f} ms{theirs / ours:>8.1f}x")


if __name__ == "__main__":
    main()
