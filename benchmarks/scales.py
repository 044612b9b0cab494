"""Reliability, factors, parallel analysis and polychorics beside psych and lavaan, in one run.

    python -m benchmarks.scales

34 items, 400 respondents, six factors. The numbers of both are compared first: a
benchmark of wrong numbers would be worthless. Polychorics are lavaan's `lavCor`
(correlations only; ours come with their standard errors), all else is psych's.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from surveykit.analysis.factor import efa
from surveykit.analysis.omega import omega
from surveykit.analysis.parallel_analysis import parallel_analysis
from surveykit.analysis.polychoric import polychoric
from surveykit.analysis.reliability import cronbach_alpha
from surveykit.estimation import reliability
from surveykit.estimation.item_moments import FloatArray, item_moments
from surveykit.estimation.parallel_analysis import (
    component_eigenvalues,
    normal_correlations,
    resampled_correlations,
)
from surveykit.estimation.threads import one_thread

# How many times as fast as psych it should be.
WANTED = {
    "alpha": 100,
    "alpha_bootstrap": 300,
    "omega_six_scales": 15,
    "parallel_components": 15,
    "parallel_factors": 15,
    "polychoric": 50,
}


def survey(n: int = 400, items: int = 34, seed: int = 1) -> pd.DataFrame:
    """Five-point answers to items of six correlated factors."""
    rng = np.random.default_rng(seed)
    factors = 0.7 * rng.normal(size=(n, 6)) + 0.7 * rng.normal(size=(n, 1))
    latent = factors[:, np.arange(items) % 6]
    points = np.clip(np.round(3 + 0.8 * latent + 0.8 * rng.normal(size=(n, items))), 1, 5)
    return pd.DataFrame(points, columns=[f"q{number + 1}" for number in range(items)])


def seconds(task: Callable[[], object], runs: int = 7, each: int = 1) -> float:
    """Median of `runs` timings, each the mean of `each` calls, after one call to warm up."""
    task()
    found = []
    for _ in range(runs):
        start = time.perf_counter()
        for _ in range(each):
            task()
        found.append((time.perf_counter() - start) / each)
    return statistics.median(found)


def alpha_on_arrays(values: FloatArray) -> None:
    """The same numbers as `cronbach_alpha` without frames and checks: what the estimation layer takes."""
    with one_thread():
        moments = item_moments(values)
        scale = reliability.scale_matrices(moments.cov)
        reliability.scale_coefficients(scale, moments.n)
        reliability.item_total_correlations(values, moments, scale)


def components(data: pd.DataFrame) -> None:
    """Parallel analysis of components alone: both kinds of draws, as psych makes them, side by side."""
    first, second = np.random.default_rng(1).spawn(2)
    values = data.to_numpy(float)
    kinds: list[Callable[[], FloatArray]] = [
        lambda: normal_correlations(first, 100, *values.shape),
        lambda: resampled_correlations(second, 100, values),
    ]
    with one_thread(), ThreadPoolExecutor(2) as threads:
        component_eigenvalues(np.corrcoef(values.T))
        list(threads.map(lambda draw: component_eigenvalues(draw()), kinds))


def ours(data: pd.DataFrame) -> dict[str, float]:
    """Seconds of each task."""
    scales = [data.iloc[:, place::6] for place in range(6)]
    values = data.to_numpy(float)
    return {
        "alpha": seconds(lambda: cronbach_alpha(data).item_statistics, each=50),
        "alpha_arrays": seconds(lambda: alpha_on_arrays(values), each=50),
        "alpha_bootstrap": seconds(lambda: cronbach_alpha(data, bootstrap=1000, seed=1), each=5),
        "omega_six_factors": seconds(lambda: omega(data, 6), each=5),
        "omega_six_scales": seconds(lambda: [omega(scale, 1) for scale in scales], each=5),
        "efa": seconds(lambda: efa(data, 6), each=5),
        "parallel_components": seconds(lambda: components(data)),
        "parallel_factors": seconds(lambda: parallel_analysis(data, n_iter=100, seed=1)),
        "polychoric": seconds(lambda: polychoric(data), each=5),
    }


def pairs_of_numbers(data: pd.DataFrame, theirs: dict[str, Any]) -> dict[str, tuple[Any, Any, float]]:
    """What -> ours, theirs, and by how much they may differ."""
    alpha, whole = cronbach_alpha(data, bootstrap=1000, seed=1), omega(data, 6)
    six = [omega(data.iloc[:, place::6], 1).omega_total for place in range(6)]
    drawn = parallel_analysis(data, n_iter=100, seed=1).eigenvalues
    correlations = polychoric(data).correlations.to_numpy()
    below = np.triu_indices(len(correlations), 1)  # R lists the lower triangle column by column
    return {
        "alpha": (alpha.cronbach_alpha, theirs["alpha"], 1e-12),
        "r_drop": (alpha.item_statistics["r_drop"], theirs["r_drop"], 1e-12),
        # Two Monte Carlo quantiles of 1,000 draws each: standard error .0006 here.
        "bootstrap": (alpha.intervals["bootstrap"], theirs["bootstrap"], 3e-3),
        # psych stops its searches at about 1e-5.
        "omega_h": (whole.omega_hierarchical, theirs["omega_h"], 1e-4),
        "omega_total": (whole.omega_total, theirs["omega_total"], 1e-5),
        "omega_six": (six, theirs["omega_six"], 1e-5),
        "communality": (efa(data, 6).communality, theirs["communality"], 1e-4),
        "components": (drawn["pc"], theirs["components"], 1e-10),
        "eigenvalues": (drawn["fa"], theirs["eigenvalues"], 1e-4),
        # Means of 100 draws; the first factor's has a long tail.
        "simulated_components": (drawn["pc_normal_mean"], theirs["simulated_components"], 0.03),
        "simulated": (drawn["fa_normal_mean"], theirs["simulated"], 0.06),
        "polychoric": (correlations[below], theirs["polychoric"], 1e-6),
    }


def check(data: pd.DataFrame, theirs: dict[str, Any]) -> None:
    """Stop if the two disagree by more than the other's stopping rule or Monte Carlo error."""
    wrong = [
        name
        for name, (a, b, tolerance) in pairs_of_numbers(data, theirs).items()
        if not np.allclose(a, b, rtol=0, atol=tolerance)
    ]
    if wrong:
        raise SystemExit(f"surveykit and its peers disagree on: {', '.join(wrong)}")


def main() -> None:
    data = survey()
    peer: dict[str, Any] = {}
    if shutil.which("Rscript"):
        with tempfile.TemporaryDirectory() as folder:
            source, target = Path(folder, "data.csv"), Path(folder, "seconds.json")
            data.to_csv(source, index=False)
            script = Path(__file__).with_name("scales.R")
            subprocess.run(["Rscript", str(script), str(source), str(target)], check=True)
            peer = json.loads(target.read_text("utf-8"))
        check(data, peer["values"])
        version = peer["version"]
        print(f"{version['R']}, psych {version['psych']}, lavaan {version['lavaan']}: same numbers")
    print(f"{'task':<22}{'surveykit ms':>14}{'peer ms':>12}{'times':>8}{'wanted':>8}")
    for task, mine in ours(data).items():
        other = peer.get("seconds", {}).get(task.removesuffix("_arrays"))
        times = f"{other / mine:.0f}" if other else "-"
        theirs = 1e3 * (other or float("nan"))
        print(f"{task:<22}{1e3 * mine:>14.2f}{theirs:>12.1f}{times:>8}{WANTED.get(task, '-'):>8}")


if __name__ == "__main__":
    main()
