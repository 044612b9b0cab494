"""Structural equation models beside R's lavaan, in turn in one run, the estimates checked against each other.

    python -m benchmarks.sem [--quick]

Each figure is the median of several whole results: fit, standard errors, test, all fit measures,
standardized estimates; "fit + SE" leaves the last two out. The same model is fitted again and again, as in
a simulation: what follows from its text alone is then known from the first time. lavaan's bootstrap and
Monte Carlo study are scaled up from a few replicates. Where Rscript or lavaan is missing, ours alone is
printed.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from surveykit.analysis.monte_carlo import power_monte_carlo
from surveykit.analysis.sem import sem
from surveykit.analysis.simulate_data import simulate_data

HERE = Path(__file__).parent
REFERENCE = HERE.parent / "tests" / "reference" / "data"
HS = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
PD = """ind60 =~ x1 + x2 + x3
dem60 =~ y1 + y2 + y3 + y4
dem65 =~ y5 + y6 + y7 + y8
dem60 ~ ind60
dem65 ~ ind60 + dem60
y1 ~~ y5
y2 ~~ y4 + y6
y3 ~~ y7
y4 ~~ y8
y6 ~~ y8"""


def measurement(sizes: list[int], values: bool) -> str:
    """Factors with the given numbers of items; with values a population model (loadings .7, r = .4)."""
    loading = "0.7*" if values else ""
    lines, item = [], 0
    for factor, size in enumerate(sizes, 1):
        names = [f"{loading}i{item + number}" for number in range(1, size + 1)]
        item += size
        lines.append(f"f{factor} =~ " + " + ".join(names))
    if values:
        lines += [f"f{one} ~~ 0.4*f{two}" for one in range(1, len(sizes) + 1) for two in range(1, one)]
    return "\n".join(lines)


def chain(values: bool) -> str:
    """Trust -> mutuality -> performance, four items each."""
    text = measurement([4, 4, 4], values).split("\nf2 ~~")[0]
    paths = ("f2 ~ 0.5*f1", "f3 ~ 0.4*f2 + 0.2*f1") if values else ("f2 ~ f1", "f3 ~ f2 + f1")
    return "\n".join([text, *paths])


def made(sizes: list[int], n: int, seed: int, model: str | None = None) -> pd.DataFrame:
    return simulate_data(model or measurement(sizes, True), n, seed=seed)


def holes(data: pd.DataFrame, share: float, seed: int) -> pd.DataFrame:
    return data.mask(np.random.default_rng(seed).random(data.shape) < share)


def five_points(data: pd.DataFrame) -> pd.DataFrame:
    cut = np.searchsorted([-1.5, -0.5, 0.5, 1.5], data.to_numpy()) + 1
    return pd.DataFrame(cut, columns=data.columns)


def tasks() -> list[dict[str, Any]]:
    """Name, data, model, options; `wanted` the ratio that PERFORMANCE asks for."""
    six, ten = [6, 6, 6, 6, 5, 5], [6] * 10
    m34, m60, m12 = made(six, 400, 2), made(ten, 1000, 3), made([], 400, 4, chain(True))
    twelve, big = made([4, 4, 4], 1000, 5), made(six, 1000, 6)
    pd_data = pd.read_csv(REFERENCE / "political_democracy.csv")
    hs_data = pd.read_csv(REFERENCE / "hs1939.csv")
    one = measurement
    return [
        {"name": "ML, PD", "frame": pd_data, "model": PD, "wanted": 10, "runs": 15},
        {"name": "ML, HS", "frame": hs_data, "model": HS, "wanted": 10, "runs": 15},
        {"name": "fit + SE, PD", "frame": pd_data, "model": PD, "wanted": 15, "runs": 15, "fit_only": True},
        {"name": "fit + SE, HS", "frame": hs_data, "model": HS, "wanted": 15, "runs": 15, "fit_only": True},
        {"name": "ML, M34", "frame": m34, "model": one(six, False), "wanted": 10, "runs": 7},
        {"name": "ML, M60", "frame": m60, "model": one(ten, False), "wanted": 10, "runs": 5},
        {"name": "MLR, M34", "frame": m34, "model": one(six, False), "options": {"estimator": "MLR"},
         "wanted": 100, "runs": 3},
        {"name": "FIML, 12 items", "frame": holes(twelve, 0.1, 7), "model": one([4, 4, 4], False),
         "options": {"missing": "ml"}, "wanted": 25, "runs": 3},
        {"name": "FIML, 34 items", "frame": holes(big, 0.1, 8), "model": one(six, False),
         "options": {"missing": "ml"}, "wanted": 25, "runs": 1, "slow": True},
        {"name": "WLSMV, 12 items", "frame": five_points(made([4, 4, 4], 500, 9)),
         "model": one([4, 4, 4], False), "options": {"estimator": "WLSMV"}, "ordered": True,
         "wanted": 20, "runs": 5},
        {"name": "WLSMV, 34 items", "frame": five_points(made(six, 500, 10)), "model": one(six, False),
         "options": {"estimator": "WLSMV"}, "ordered": True, "wanted": 45, "runs": 3},
        {"name": "bootstrap PD", "frame": pd_data, "model": PD, "bootstrap": 1000, "wanted": 100},
        {"name": "bootstrap M12", "frame": m12, "model": chain(False), "bootstrap": 1000, "wanted": 100},
        {"name": "Monte Carlo M12", "frame": m12, "model": chain(False), "population": chain(True),
         "draws": 1000, "wanted": 200},
        {"name": "bootstrap M34", "frame": m34, "model": one(six, False), "bootstrap": 1000, "wanted": 25},
    ]  # fmt: skip


def median_seconds(task: Callable[[], object], runs: int) -> float:
    """Median of several runs after one that is not counted."""
    task()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        task()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def ours(task: dict[str, Any]) -> tuple[float, dict[str, float]]:
    """Seconds of a whole result, and the loadings and paths by name."""
    options = dict(task.get("options", {}))
    if task.get("ordered"):
        options["ordered"] = True
    fit = sem(task["model"], task["frame"], **options)
    rows = fit.parameter_estimates()
    rows = rows[rows["op"].isin(["=~", "~"])]
    estimates = dict(zip(rows["lhs"] + " " + rows["op"] + " " + rows["rhs"], rows["est"], strict=True))

    def whole() -> None:
        one = sem(task["model"], task["frame"], **options)
        if not task.get("fit_only"):
            one.fit_measures()
            one.parameter_estimates()

    def resample() -> None:
        # lavaan's side gets its fit ready-made; so the single fit is timed and taken off below.
        options = {"se": "bootstrap", "bootstrap": task["bootstrap"], "seed": 1}
        replicates = sem(task["model"], task["frame"], **options).bootstrap_estimates
        if len(replicates) != task["bootstrap"]:
            raise SystemExit(f"{task['name']}: {len(replicates)} replicates")

    if "draws" in task:
        study = (task["model"], task["population"], 200)
        return median_seconds(lambda: power_monte_carlo(*study, draws=task["draws"]), 3), estimates
    if "bootstrap" in task:
        single = median_seconds(lambda: sem(task["model"], task["frame"]), 5)
        return median_seconds(resample, 3) - single, estimates
    return median_seconds(whole, max(3, 2 * task["runs"])), estimates


def lavaans(chosen: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Each task in lavaan; None where R or lavaan is missing."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        written = []
        for number, task in enumerate(chosen):
            task["frame"].to_csv(folder / f"{number}.csv", index=False)
            kept = {
                key: task[key]
                for key in (
                    "name",
                    "model",
                    "runs",
                    "bootstrap",
                    "ordered",
                    "population",
                    "draws",
                    "fit_only",
                )
                if key in task
            }
            more = {"data": f"{number}.csv", "options": task.get("options", {}), "few": 100}
            written.append(kept | more)
        (folder / "tasks.json").write_text(json.dumps(written), encoding="utf-8")
        done = subprocess.run(
            ["Rscript", str(HERE / "sem.R"), str(folder)], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            print(done.stderr[-500:])
            return None
        return json.loads((folder / "results.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="leave out what takes lavaan minutes")
    arguments = parser.parse_args()
    chosen = [task for task in tasks() if not (arguments.quick and task.get("slow"))]
    theirs = lavaans(chosen)
    print(f"lavaan {theirs['version']} ({theirs['r']})" if theirs else "no lavaan here: ours alone")
    heads = f"{'task':<24}{'surveykit':>12}{'lavaan':>12}{'ratio':>8}{'wanted':>8}"
    print(f"{heads}  largest difference of an estimate")
    for task in chosen:
        seconds, estimates = ours(task)
        line = f"{task['name']:<24}{1000 * seconds:>9.1f} ms"
        if theirs:
            record = theirs["tasks"][task["name"]]
            named = zip(record["names"], record["estimates"], strict=True)
            difference = max(abs(estimates[name] - value) for name, value in named)
            ratio = record["seconds"] / seconds
            line += f"{1000 * record['seconds']:>9.1f} ms{ratio:>7.0f}x{task['wanted']:>7}x  {difference:.1e}"
        print(line, flush=True)


if __name__ == "__main__":
    main()
