"""Fits of the reference put through the engine, without the public face: table, moments, settings."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from reference_data import case, dataset, fit_record
from surveykit.estimation.moments import SampleMoments, moments_of_cases, moments_of_summary
from surveykit.estimation.sem.bounds import add_bounds
from surveykit.estimation.sem.engine import Solution, fit, fit_baseline
from surveykit.estimation.sem.parameter_table import ParameterTable, build_table
from surveykit.estimation.sem.settings import Settings, resolve
from surveykit.estimation.sem.syntax import parse_model
from surveykit.estimation.sem.table_options import table_options

# Options of the table, of the estimation.
TABLE = (
    "std_lv", "orthogonal", "auto_cov_y", "auto_fix_first", "group_equal", "group_partial", "effect_coding",
    "meanstructure", "fixed_x",
)  # fmt: skip
SETTINGS = (
    "estimator", "se", "test", "information", "observed_information", "h1_information", "likelihood",
    "sample_cov_rescale",
)  # fmt: skip


class Ready(NamedTuple):
    """What `fit` takes."""

    table: ParameterTable
    moments: tuple[SampleMoments, ...]
    settings: Settings


def _covariance(name: str, cor: bool = False) -> pd.DataFrame:
    frame = dataset(name).set_index("var")
    if cor:
        spread = dataset("hs1939_meansd").set_index("var")["sd"]
        frame = frame * np.outer(spread[frame.index], spread[frame.columns])
    return frame


def _summaries(given: dict[str, Any]) -> list[tuple[pd.DataFrame, pd.Series | None, int]]:
    """Covariance matrix, means and n of each group of a record's `input`."""
    if "sample_cor" in given:
        means = dataset("hs1939_meansd").set_index("var")["mean"]
        return [(_covariance(given["sample_cor"], cor=True), means, given["sample_nobs"])]
    if isinstance(given["sample_cov"], str):
        return [(_covariance(given["sample_cov"]), None, given["sample_nobs"])]
    names = zip(given["sample_cov"], given["sample_mean"], given["sample_nobs"], strict=True)
    return [(_covariance(cov), dataset(mean).set_index("var")["mean"], n) for cov, mean, n in names]


def ready(record: dict[str, Any]) -> Ready:
    """Table, moments and settings of a record of continuous, complete (listwise) data."""
    options, parsed = record["options"], parse_model(record["model"])
    group, cluster = options.get("group"), options.get("cluster")
    settings = resolve(
        **{name: options[name] for name in SETTINGS if name in options}, clustered=cluster is not None
    )
    summaries = _summaries(record["input"]) if record.get("input") else []
    data = dataset(record["data"]) if record.get("data") else pd.DataFrame()
    labels = list(dict.fromkeys(data[group].dropna())) if group else list(range(len(summaries) or 1))
    grouped = len(labels) > 1
    table = build_table(
        parsed,
        table_options(
            record["fun"],
            parsed,
            maximum_likelihood=settings.discrepancy == "ML",
            needs_means=grouped or cluster is not None or any(one[1] is not None for one in summaries),
            n_groups=len(labels),
            group_labels=tuple(str(label) for label in labels) if grouped else (),
            **{name: options[name] for name in TABLE if name in options},
        ),
    )
    if summaries:
        moments = _of_summaries(table, summaries, settings)
    else:
        moments = _of_cases(table, data, settings, group, labels, cluster)
    variances = [dict(zip(one.names, np.diag(one.cov).tolist(), strict=True)) for one in moments]
    return Ready(add_bounds(table, variances, options.get("bounds")), moments, settings)


def _of_summaries(
    table: ParameterTable,
    summaries: list[tuple[pd.DataFrame, pd.Series | None, int]],
    settings: Settings,
) -> tuple[SampleMoments, ...]:
    found = []
    for group, (cov, mean, n) in enumerate(summaries, start=1):
        names = list(table.variable_names("ov", group))
        matrix = cov.loc[names, names].to_numpy()
        means = None if mean is None else mean[names].to_numpy()
        found.append(moments_of_summary(matrix, n, names, mean=means, rescale=settings.rescale))
    return tuple(found)


def _of_cases(
    table: ParameterTable,
    data: pd.DataFrame,
    settings: Settings,
    group: str | None,
    labels: list[Any],
    cluster: str | None,
) -> tuple[SampleMoments, ...]:
    complete = data.dropna(subset=list(table.variable_names("ov")))
    found = []
    for number, label in enumerate(labels, start=1):
        rows = complete[complete[group] == label] if group else complete
        names = list(table.variable_names("ov", number))
        codes = rows[cluster].factorize()[0] if cluster else None
        found.append(
            moments_of_cases(
                rows[names].to_numpy(dtype=float),
                names,
                divide_by_n=settings.divide_by_n,
                label=str(label),
                cluster=codes,
            )
        )
    return tuple(found)


@cache
def solution(case_id: str, name: str) -> Solution:
    """One fit of the reference by the engine."""
    return fit(*ready(fit_record(case_id, name)))


@cache
def baseline(case_id: str, name: str) -> Solution:
    return fit_baseline(solution(case_id, name))


def continuous(case_ids: tuple[str, ...]) -> list[tuple[str, str]]:
    """(case, fit) of all converged fits with complete continuous data among some cases."""
    return [
        (case_id, record["name"])
        for case_id in case_ids
        for record in case(case_id)["fits"]
        if not record["options"].get("missing")
        and not record["options"].get("conditional_x")
        and record.get("converged")
    ]
