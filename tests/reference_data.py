"""The values from R under tests/reference (its README says how they were made and how close to be)."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

FOLDER = Path(__file__).parent / "reference"


@cache
def case(case_id: str) -> dict[str, Any]:
    """One case as written by make_reference.R."""
    return json.loads((FOLDER / f"{case_id}.json").read_text("utf-8"))  # type: ignore[no-any-return]


def fit_record(case_id: str, name: str) -> dict[str, Any]:
    """One fit of a `kind = "sem"` case."""
    return next(fit for fit in case(case_id)["fits"] if fit["name"] == name)


@cache
def _read(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / "data" / f"{name}.csv")


def dataset(name: str) -> pd.DataFrame:
    """A data set by its id, for example ``"hs1939"``: a fresh copy."""
    return _read(name).copy()


def matrix(record: dict[str, Any]) -> pd.DataFrame:
    """A ``{rows, cols, values}`` record (row-major) as a frame; null becomes NaN."""
    values = np.array(record["values"], dtype=float).reshape(len(record["rows"]), len(record["cols"]))
    return pd.DataFrame(values, index=record["rows"], columns=record["cols"])


def close(value: Any, reference: Any, relative: float = 1e-6, absolute: float = 1e-8) -> bool:
    """``|value - reference| <= absolute + relative * |reference|``; null (None) equals NaN or None."""
    if reference is None:
        return value is None or not np.isfinite(value)
    return bool(abs(float(value) - float(reference)) <= absolute + relative * abs(float(reference)))
