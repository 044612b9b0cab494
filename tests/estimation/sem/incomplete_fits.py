"""Fits of incomplete data put through the engine, without the public face: table, moments, settings."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from engine_fits import SETTINGS, TABLE, Ready

from reference_data import case, dataset, fit_record
from surveykit.estimation.moments import SampleMoments
from surveykit.estimation.saturated import moments_of_incomplete_cases, moments_of_pairs
from surveykit.estimation.sem.engine import Solution, fit, fit_baseline
from surveykit.estimation.sem.parameter_table import ParameterTable, build_table
from surveykit.estimation.sem.settings import Settings, resolve
from surveykit.estimation.sem.syntax import parse_model
from surveykit.estimation.sem.table_options import table_options

CASES = ("fiml-hs-missing", "fiml-hs-covariate", "fiml-bfi", "mg-bfi-fiml-mlr", "factor-scores")
KEPT = ("ml", "two.stage", "robust.two.stage")


def incomplete_fits() -> list[tuple[str, str]]:
    """(case, fit) of all fits of the reference that keep incomplete rows."""
    return [
        (case_id, record["name"])
        for case_id in CASES
        for record in case(case_id)["fits"]
        if record["options"].get("missing") in KEPT
    ]


def prepare(
    model: str,
    data: pd.DataFrame,
    fun: str = "cfa",
    group: str | None = None,
    cluster: str | None = None,
    **options: Any,
) -> Ready:
    """Table, moments and settings of one model of incomplete data."""
    parsed = parse_model(model)
    chosen = {name: options[name] for name in (*SETTINGS, "missing") if name in options}
    settings = resolve(**chosen, clustered=cluster is not None)
    labels = list(dict.fromkeys(data[group].dropna())) if group else [""]
    table = build_table(
        parsed,
        table_options(
            fun,
            parsed,
            maximum_likelihood=settings.discrepancy == "ML",
            needs_means=bool(group) or settings.missing != "pairwise",
            n_groups=len(labels),
            group_labels=tuple(str(label) for label in labels) if group else (),
            **{name: options[name] for name in TABLE if name in options},
        ),
    )
    moments = []
    for number, label in enumerate(labels, start=1):
        rows = data[data[group] == label] if group else data
        moments.append(_moments(table, number, rows, str(label), settings, cluster))
    return Ready(table, tuple(moments), settings)


def _moments(
    table: ParameterTable,
    number: int,
    rows: pd.DataFrame,
    label: str,
    settings: Settings,
    cluster: str | None,
) -> SampleMoments:
    """Rows without any value, or with gaps in fixed x, are left out."""
    names = list(table.variable_names("ov", number))
    fixed = bool(np.any((table.exo == 1) & (table.group == number)))
    x = list(table.variable_names("ov.x", number)) if fixed else []
    kept = rows.dropna(subset=names, how="all").dropna(subset=x)
    values = kept[names].to_numpy(dtype=float)
    by_n = settings.divide_by_n
    if settings.missing == "pairwise":
        return moments_of_pairs(values, names, divide_by_n=by_n, label=label)
    codes = kept[cluster].factorize()[0] if cluster else None
    return moments_of_incomplete_cases(values, names, divide_by_n=by_n, label=label, cluster=codes)


def ready(record: dict[str, Any]) -> Ready:
    """The same for a record of the reference."""
    return prepare(record["model"], dataset(record["data"]), record["fun"], **record["options"])


@cache
def solution(case_id: str, name: str) -> Solution:
    return fit(*ready(fit_record(case_id, name)))


@cache
def baseline(case_id: str, name: str) -> Solution:
    return fit_baseline(solution(case_id, name))
