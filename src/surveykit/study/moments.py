"""Printed correlations, standard deviations, means and N as the data of a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from surveykit.analysis.rounding import PrintedMoments
from surveykit.study.schema import MomentsSpec


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
    return PrintedMoments(tuple(one.names), one.n, cor, sd, mean, one.decimals, one.sd_decimals, one.group)


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
