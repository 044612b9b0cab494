"""Printed correlations, standard deviations, means and N as the data of a model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from surveykit.analysis.rounding import PrintedMoments
from surveykit.errors import Place, SurveykitError
from surveykit.study.plan import Plan
from surveykit.study.schema import DataSpec, MomentsSpec
from surveykit.wording import pick


def with_moments(plan: Plan) -> Plan:
    """The plan with the moments of its file in place; unchanged where it names no file.

    Raises
    ------
    SurveykitError
        T007 the file is missing; T040 it does not hold moments as they are read.
    """
    data = plan.spec.data
    if data.kind != "moments" or data.path is None:
        return plan
    path = plan.path(data.path)
    if not path.is_file():
        obtain = pick(data.obtain, "en") or "Change 'path' under 'data' in study.yaml."
        raise SurveykitError(
            "T007", place=Place(file=str(plan.folder / "study.yaml")), path=data.path, obtain=obtain
        )
    try:
        records = json.loads(path.read_text(encoding="utf-8"))
        moments = [_read(one, data, plan.spec.groups.column) for one in records]
    except (ValueError, TypeError, KeyError) as error:
        raise SurveykitError("T040", place=Place(file=str(path)), reason=str(error)[:200]) from error
    return replace(
        plan, spec=plan.spec.model_copy(update={"data": data.model_copy(update={"moments": moments})})
    )


def _read(one: dict[str, Any], data: DataSpec, column: str) -> MomentsSpec:
    """A group of the file: its name, n, the covariance matrix, and means where there are any."""
    cov = np.array(one["cov"], dtype=float)
    if cov.shape != (len(data.names), len(data.names)) or not np.allclose(cov, cov.T):
        raise ValueError(f"cov {cov.shape}, names {len(data.names)}")
    mean = one.get("mean") or []
    values = [mean[name] for name in data.names] if isinstance(mean, dict) else list(mean)
    rows = [list(row[: at + 1]) for at, row in enumerate(cov.tolist())]
    return MomentsSpec(group=str(one[column]), n=one["n"], names=data.names, cov=rows, mean=values)


def moments_of(groups: Sequence[MomentsSpec]) -> dict[str, Any]:
    """`sample_cov`, `sample_mean`, `sample_nobs` as `sem` takes them: one, or by group."""
    cov = {one.group: covariance(one) for one in groups}
    mean = {one.group: pd.Series(one.mean, index=one.names) for one in groups if one.mean}
    nobs = {one.group: one.n for one in groups}
    if len(groups) == 1:
        name = groups[0].group
        return {"sample_cov": cov[name], "sample_mean": mean.get(name), "sample_nobs": nobs[name]}
    return {"sample_cov": cov, "sample_mean": mean or None, "sample_nobs": nobs}


def printed_of(groups: Sequence[MomentsSpec]) -> list[PrintedMoments]:
    """The groups' moments with their printed decimals."""
    return [_printed(one) for one in groups]


def _printed(one: MomentsSpec) -> PrintedMoments:
    cov = covariance(one).to_numpy()
    sd = np.sqrt(np.diag(cov))
    mean = np.array(one.mean) if one.mean else None
    cor = cov / np.outer(sd, sd)
    return PrintedMoments(
        tuple(one.names),
        one.n,
        cor,
        sd,
        mean,
        one.decimals,
        one.sd_decimals,
        one.group,
        one.decimals if one.cov else None,
    )


def covariance(one: MomentsSpec) -> pd.DataFrame:
    """The covariance matrix of a group: as printed, or SD x correlation x SD."""
    size = len(one.names)
    matrix = np.zeros((size, size))
    for i, row in enumerate(one.cov or one.cor):
        matrix[i, : i + 1] = matrix[: i + 1, i] = row
    if not one.cov:
        sd = np.array(one.sd or [1.0] * size)
        matrix = matrix * np.outer(sd, sd)
    return pd.DataFrame(matrix, index=one.names, columns=one.names)
