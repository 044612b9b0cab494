"""Sets with degrees of membership: calibration, consistency, coverage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.coding.qca_minimize import Product
from surveykit.errors import SurveykitError
from surveykit.options import check_share

FloatArray: TypeAlias = NDArray[np.float64]
MOST_CONDITIONS = 15


def calibrate(x: pd.Series | Sequence[float], thresholds: Sequence[float], *, idm: float = 0.95) -> pd.Series:
    """Degrees of membership in a set, by the direct method.

    Parameters
    ----------
    x : Series or sequence of float
        Raw values; missing values stay missing.
    thresholds : sequence of 1 or 3 float
        One: a crisp set, 1 at or above it. Three, for a fuzzy set: full exclusion, crossover, full
        inclusion, rising, or falling for a set in which low values belong.
    idm : float in (0.5, 1), default 0.95
        The degree of membership at full inclusion (1 - idm at full exclusion). Ragin's tables use log
        odds of 3, that is 0.953.

    Returns
    -------
    pandas.Series
        Between 0 and 1; 0.5 exactly at the crossover.

    Raises
    ------
    SurveykitError
        Q001 thresholds that are not 1 or 3 numbers, or not in order; Q002 a value that is no number;
        O002 `idm` outside (0, 1), Q003 not above 0.5.

    References
    ----------
    Ragin (2008), Redesigning social inquiry, chapter 5.

    Examples
    --------
    >>> calibrate([720, 1098, 586, 468], thresholds=[400, 550, 900], idm=0.953).round(2).tolist()
    [0.81, 0.99, 0.58, 0.16]
    """
    check_share("idm", idm)
    if idm <= 0.5:
        raise SurveykitError("Q003", value=idm)
    values = _numbers(x if isinstance(x, pd.Series) else pd.Series(list(x)), "x")
    cuts = [float(one) for one in thresholds]
    if len(cuts) == 1 and np.isfinite(cuts[0]):
        return (values >= cuts[0]).astype(float).where(values.notna())
    rises, falls = (
        len(cuts) == 3 and list(cuts) == sorted(set(cuts), reverse=down) for down in (False, True)
    )
    if not (rises or falls) or not np.isfinite(cuts).all():
        raise SurveykitError("Q001", thresholds=", ".join(f"{one:g}" for one in cuts))
    out, cross, full = cuts
    away = values - cross
    span = np.where(away * (full - cross) > 0, full - cross, cross - out)
    odds = np.log(idm / (1 - idm)) * away / span
    return pd.Series(1 / (1 + np.exp(-odds)), index=values.index, name=values.name)


def _numbers(column: pd.Series, name: str) -> pd.Series:
    numbers = pd.to_numeric(column, errors="coerce").astype(float)
    bad = numbers.isna() & column.notna()
    if bad.any():
        raise SurveykitError("Q002", column=name, value=str(column[bad].iloc[0]))
    return numbers


def memberships(data: pd.DataFrame, names: Sequence[str]) -> FloatArray:
    """The columns as degrees of membership, (cases, names), a name with ~ as its negation.

    Raises
    ------
    SurveykitError
        Q004 no such column; Q002 a value that is no number; Q005 a value outside 0 to 1, or missing.
    """
    columns = []
    for name in names:
        bare = name.removeprefix("~")
        if bare not in data.columns:
            known = ", ".join(str(one) for one in data.columns)
            raise SurveykitError("Q004", name=bare, known=known)
        values = _numbers(data[bare], bare)
        wrong = ~values.between(0, 1)
        if wrong.any():
            raise SurveykitError("Q005", column=bare, case=str(values.index[wrong][0]),
                                 value=f"{values[wrong].iloc[0]:g}")  # fmt: skip
        found = values.to_numpy(float)
        columns.append(1 - found if name.startswith("~") else found)
    return np.column_stack(columns)


def product_membership(sets: FloatArray, product: Product) -> FloatArray:
    """How far each case belongs to a product: the least of its memberships, (cases,)."""
    care, value = product
    k = sets.shape[1]
    parts = [
        sets[:, place] if value >> (k - 1 - place) & 1 else 1 - sets[:, place]
        for place in range(k)
        if care >> (k - 1 - place) & 1
    ]
    return np.min(parts, axis=0) if parts else np.ones(len(sets))


def sufficiency(x: FloatArray, y: FloatArray) -> dict[str, float]:
    """Of "x is sufficient for y": inclusion (consistency), PRI, coverage. NaN where x or y is empty."""
    both, doubt = np.minimum(x, y).sum(), np.minimum(np.minimum(x, y), 1 - y).sum()
    return {
        "inclS": _ratio(both, x.sum()),
        "PRI": _ratio(both - doubt, x.sum() - doubt),
        "covS": _ratio(both, y.sum()),
    }


def necessary(x: FloatArray, y: FloatArray) -> dict[str, float]:
    """Of "x is necessary for y": inclusion (consistency), relevance of necessity, coverage."""
    both = np.minimum(x, y)
    return {
        "inclN": _ratio(both.sum(), y.sum()),
        "RoN": _ratio((1 - x).sum(), (1 - both).sum()),
        "covN": _ratio(both.sum(), x.sum()),
    }


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole > 1e-12 else float("nan")


def written(product: Product, conditions: Sequence[str]) -> str:
    """A product as it is written: ``DEV*~URB``; "1" for the one that stands for everything.

    >>> written((0b110, 0b100), ["DEV", "URB", "LIT"])
    'DEV*~URB'
    """
    care, value = product
    k = len(conditions)
    literals = (
        ("" if value >> (k - 1 - place) & 1 else "~") + name
        for place, name in enumerate(conditions)
        if care >> (k - 1 - place) & 1
    )
    return "*".join(literals) or "1"
