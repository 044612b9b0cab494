"""What raters gave, as codes: shared by the coefficients of agreement."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.errors import SurveykitError

if TYPE_CHECKING:
    from surveykit.estimation.item_moments import FloatArray


def coded_ratings(table: pd.DataFrame, analysis: str) -> tuple[FloatArray, list[Any]]:
    """Categories as codes 0, 1, ..., NaN where there is none, and what they stand for."""
    if table.shape[1] < 2:
        raise SurveykitError("S001", analysis=analysis, needed=2, found=table.shape[1])
    for place, name in enumerate(table.columns):
        refuse_infinite(table.iloc[:, place], str(name))
    flat = pd.Series(as_codes(table.to_numpy(dtype=object).ravel()), dtype=object)
    codes, categories = pd.factorize(flat)
    if len(categories) == 0:
        raise SurveykitError("S043")
    return np.where(codes < 0, np.nan, codes).reshape(table.shape).astype(float), list(categories)


def as_codes(values: Any) -> NDArray[np.object_]:
    """Codes as Python has them; pandas looks nothing up by floats of extended precision."""
    codes = np.asarray(values, dtype=object)
    wide = [place for place, one in enumerate(codes.flat) if isinstance(one, np.longdouble)]
    if wide:
        codes = codes.copy()
        codes.flat[wide] = codes.flat[wide].astype(float)
    return codes


def refuse_infinite(codes: pd.Series[Any], name: str) -> None:
    """Refuse (S006) an infinite code and (S099) what cannot be one."""
    for code in codes:
        if not isinstance(code, Hashable):
            raise SurveykitError("S099", name=name, value=repr(code))
    if codes.isin([np.inf, -np.inf]).any():
        raise SurveykitError("S006", name=name)
