"""Moments and cases that the tests of invariance share; the field data stand outside the project."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

SHARED = Path(os.environ.get("SURVEYKIT_FIELD_DATA", Path(__file__).parents[3] / "shared" / "data"))

HS = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
ISSP = "JP =~ JP1 + JP2 + JP3\nJA =~ JA1 + JA2\nCS =~ CS1 + CS2"


def field_data(folder: str) -> Path:
    """A folder of field data; the test is skipped, saying so, where it is not there."""
    path = SHARED / folder
    if not path.exists():
        pytest.skip(f"field data '{folder}' are not here (set SURVEYKIT_FIELD_DATA)")
    return path


def country_moments(folder: str, prefix: str) -> dict[str, Any]:
    """`sample_cov`, `sample_mean` (where there are means) and `sample_nobs` of Japan and Korea."""
    path = field_data(folder)
    found: dict[str, Any] = {"sample_cov": {}, "sample_mean": {}, "sample_nobs": {}}
    for country in ("JP", "KR"):
        table = pd.read_csv(path / f"{prefix}_{country}.csv", index_col=0)
        names = list(table.columns)
        found["sample_cov"][country] = table.loc[names]
        found["sample_nobs"][country] = int(table.loc["n"].iloc[0])
        if "mean" in table.index:
            found["sample_mean"][country] = table.loc["mean"]
    return {name: one for name, one in found.items() if one}


def principals() -> pd.DataFrame:
    """PISA 2012 principals; morale reversed so that high is good."""
    frame = pd.read_csv(field_data("pisa2012_principals") / "data.csv")
    morale = [f"SC26Q0{number}" for number in range(1, 5)]
    return frame.assign(**{name: 5 - frame[name] for name in morale})


def simulated(n: int = 400, groups: tuple[str, ...] = ("JP", "KR"), seed: int = 1) -> pd.DataFrame:
    """One factor, six items; in every group but the first item 2 loads less and item 5 is easier.

    The later groups' factor means are 0.4, 0.8, ... with standard deviation 1.2.
    """
    generator = np.random.default_rng(seed)
    loadings, intercepts = np.array([0.8, 0.9, 0.7, 0.8, 0.75, 0.85]), np.full(6, 3.0)
    frames = []
    for place, label in enumerate(groups):
        own, at = loadings.copy(), intercepts.copy()
        if place:
            own[1] -= 0.4
            at[4] += 0.5
        factor = 0.4 * place + (1.2 if place else 1.0) * generator.normal(size=n)
        items = at + np.outer(factor, own) + 0.6 * generator.normal(size=(n, 6))
        frames.append(pd.DataFrame(items, columns=[f"i{one}" for one in range(1, 7)]).assign(country=label))
    return pd.concat(frames, ignore_index=True)


ONE_FACTOR = "f =~ i1 + i2 + i3 + i4 + i5 + i6"
