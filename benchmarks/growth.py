"""How the cost of a fit grows with items, cases, missing patterns and replicates: a plot beside lavaan.

    python -m benchmarks.growth [--to growth.png]

Seconds of a whole fit with standard errors and test, on logarithmic axes; lavaan where Rscript finds it.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.sem import chain, holes, made, measurement, median_seconds
from surveykit.analysis.sem import sem

SCRIPT = """
suppressPackageStartupMessages({library(lavaan); library(jsonlite)})
folder <- commandArgs(trailingOnly = TRUE)[1]
tasks <- fromJSON(file.path(folder, "tasks.json"), simplifyDataFrame = FALSE)
seconds <- sapply(tasks, function(task) {
  data <- read.csv(file.path(folder, task$data))
  model <- task$model
  missing <- task$missing
  once <- function() {
    start <- proc.time()[["elapsed"]]
    if (task$replicates > 0) {
      fit <- sem(model, data)
      bootstrapLavaan(fit, R = task$replicates, iseed = 1)
    } else sem(model, data, missing = missing)
    proc.time()[["elapsed"]] - start
  }
  once()
  median(sapply(1:3, function(run) once()))
})
write(toJSON(seconds, digits = 12), file.path(folder, "seconds.json"))
"""

MODELS = {items: measurement([6] * (items // 6), False) for items in (6, 12, 18, 30, 48, 60)}


def patterned(cases: int, patterns: int) -> pd.DataFrame:
    """Twelve items with the given number of patterns of missing answers."""
    data = made([4, 4, 4], cases, 11)
    if patterns == 1:
        return data
    rng = np.random.default_rng(12)
    gaps = np.unique(rng.random((20 * patterns, 12)) < 0.15, axis=0)
    gaps = gaps[~gaps.all(axis=1)]
    chosen = gaps[rng.choice(len(gaps), patterns, replace=False)]
    return data.mask(chosen[np.arange(cases) % patterns])


def series() -> dict[str, list[dict[str, Any]]]:
    """What grows -> its tasks; `at` is the place on the axis, `slow` what lavaan is spared."""
    m12 = made([], 400, 4, chain(True))
    plain = {"missing": "listwise", "replicates": 0}
    return {
        "items (n = 1000, ML)": [
            {"at": items, "frame": made([6] * (items // 6), 1000, 3), "model": model, **plain}
            for items, model in MODELS.items()
        ],
        "cases (12 items, 10 % missing, FIML)": [
            {"at": n, "frame": holes(made([4, 4, 4], n, 5), 0.1, 7), "model": MODELS[12], **plain,
             "missing": "ml", "slow": n > 5000}
            for n in (100, 300, 1000, 3000, 10_000, 30_000)
        ],
        "missing patterns (12 items, n = 2000, FIML)": [
            {"at": count, "frame": patterned(2000, count), "model": MODELS[12], **plain, "missing": "ml"}
            for count in (1, 10, 50, 200, 600)
        ],
        "bootstrap replicates (12 items, n = 400)": [
            {"at": draws, "frame": m12, "model": chain(False), **plain, "replicates": draws,
             "slow": draws > 100}
            for draws in (20, 100, 500, 1000, 5000)
        ],
    }  # fmt: skip


def ours(task: dict[str, Any]) -> float:
    options: dict[str, Any] = {"missing": task["missing"]}
    if task["replicates"]:
        options |= {"se": "bootstrap", "bootstrap": task["replicates"], "seed": 1}
    return median_seconds(lambda: sem(task["model"], task["frame"], **options), 3)


def lavaans(tasks: list[dict[str, Any]]) -> list[float] | None:
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        written = []
        for number, task in enumerate(tasks):
            task["frame"].to_csv(folder / f"{number}.csv", index=False)
            kept = {key: task[key] for key in ("model", "missing", "replicates")}
            written.append(kept | {"data": f"{number}.csv"})
        (folder / "tasks.json").write_text(json.dumps(written), encoding="utf-8")
        (folder / "growth.R").write_text(SCRIPT, encoding="utf-8")
        command = ["Rscript", str(folder / "growth.R"), str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            print(done.stderr[-500:])
            return None
        found: list[float] = json.loads((folder / "seconds.json").read_text(encoding="utf-8"))
        return found


def main(target: Path = Path("growth.png")) -> None:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(2, 2, figsize=(10, 7.5), layout="constrained")
    for axis, (name, tasks) in zip(axes.flat, series().items(), strict=True):
        mine = [ours(task) for task in tasks]
        shared = [task for task in tasks if not task.get("slow")]
        theirs = lavaans(shared)
        print(name)
        for place, task in enumerate(tasks):
            line = f"  {task['at']:>7}  surveykit {1000 * mine[place]:>9.1f} ms"
            if theirs and place < len(theirs):
                line += f"   lavaan {1000 * theirs[place]:>10.1f} ms   {theirs[place] / mine[place]:>6.0f}x"
            print(line, flush=True)
        axis.loglog([task["at"] for task in tasks], mine, "o-", label="surveykit")
        if theirs:
            axis.loglog([task["at"] for task in shared], theirs, "s--", label="lavaan")
        axis.set(title=name, xlabel=name.split(" (")[0], ylabel="seconds")
        places = [task["at"] for task in tasks]
        axis.set_xticks(places, [f"{place:,}" for place in places], minor=False)
        axis.set_xticks([], minor=True)
        axis.grid(alpha=0.3)
        axis.legend()
    figure.savefig(target, dpi=120)
    print(f"plot: {target}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--to", type=Path, default=Path("growth.png"), help="where the plot goes")
    main(parser.parse_args().to)
