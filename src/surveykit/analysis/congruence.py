"""Factors of two samples compared: Tucker's phi, after a Procrustes rotation or as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from surveykit.analysis.factor import EfaResult
from surveykit.analysis.item_input import as_table, read_items
from surveykit.errors import Note, SurveykitError
from surveykit.formatting import share
from surveykit.options import check_flags, checked_call
from surveykit.results import Result


@dataclass(frozen=True, repr=False)
class CongruenceResult(Result):
    """Tucker's phi of factors and items.

    `phi`: factors of the first solution by those of the second (after rotation, if
    it was rotated). `matched`: a row per factor of the first, with its best match
    and phi. `items`: phi of each item's loadings, low where an item behaves
    differently. `rotated`: the loadings of the second solution as compared.
    """

    phi: pd.DataFrame
    matched: pd.DataFrame
    items: pd.Series[float]
    rotated: pd.DataFrame
    procrustes: bool
    notes: tuple[Note, ...]

    def to_frame(self) -> pd.DataFrame:
        """A row per factor of the first solution."""
        return self.matched

    def __repr__(self) -> str:
        shown = ", ".join(f"{row['factor']} {share(row['phi'])}" for row in self.matched.to_dict("records"))
        return f"<CongruenceResult: phi {shown}>"


@checked_call
def factor_congruence(
    first: EfaResult | pd.DataFrame, second: EfaResult | pd.DataFrame, *, procrustes: bool = True
) -> CongruenceResult:
    """Congruence of the factors of two samples, Japan and Korea, say.

    Above .95 factors count as equal, from .85 to .94 as fairly similar (Lorenzo-Seva
    & ten Berge). The second solution is first turned as near to the first as an
    orthogonal rotation can, since rotations of two samples need not agree.

    Parameters
    ----------
    first, second : EfaResult or DataFrame
        Two solutions or loadings, items by factors, of the same items.
    procrustes : bool, default True
        False compares the loadings as they are.

    Returns
    -------
    CongruenceResult

    Raises
    ------
    SurveykitError
        S073 the solutions have different items, or, to be rotated, different
        numbers of factors; S074 a factor whose loadings are all zero; S095 gaps; S002,
        S006, S011, S012, S080 as in `cronbach_alpha`.

    Notes
    -----
    phi is that of psych::factor.congruence, the rotation that of
    psych::Procrustes (orthogonal).

    References
    ----------
    Tucker (1951). Lorenzo-Seva & ten Berge (2006), doi:10.1027/1614-2241.2.2.57.

    Examples
    --------
    >>> japan = pd.DataFrame({"F1": [0.7, 0.6, 0.1, 0.0], "F2": [0.0, 0.1, 0.8, 0.7]}, index=list("abcd"))
    >>> korea = pd.DataFrame({"F1": [0.1, 0.1, 0.7, 0.7], "F2": [0.8, 0.6, 0.0, 0.1]}, index=list("abcd"))
    >>> factor_congruence(japan, korea)
    <CongruenceResult: phi F1 .987, F2 .995>
    """
    from surveykit.estimation.congruence import procrustes as turn
    from surveykit.estimation.congruence import tucker_phi

    check_flags(procrustes=procrustes)
    a, b = _loadings(first), _loadings(second)
    if set(a.index) != set(b.index) or (procrustes and a.shape != b.shape):
        raise SurveykitError("S073", first=_size(a), second=_size(b))
    b = b.loc[a.index]
    for table in (a, b):
        empty = [str(name) for name in table.columns if not np.any(table[name])]
        if empty:
            raise SurveykitError("S074", names=", ".join(empty))
    values: Any = b.to_numpy(float)
    if procrustes:
        values, _ = turn(values, a.to_numpy(float))
    labels = list(a.columns) if procrustes else list(b.columns)
    phi = tucker_phi(a.to_numpy(float), values)
    best = np.abs(phi).argmax(axis=1)
    matched = pd.DataFrame(
        {
            "factor": list(a.columns),
            "match": [labels[place] for place in best],
            "phi": phi[np.arange(len(best)), best],
        }
    )
    return CongruenceResult(
        phi=pd.DataFrame(phi, index=a.columns, columns=labels),
        matched=matched,
        items=_item_phi(a, values[:, best] * np.sign(matched["phi"].to_numpy())),
        rotated=pd.DataFrame(values, index=a.index, columns=labels),
        procrustes=procrustes,
        notes=(),
    )


def _loadings(solution: EfaResult | pd.DataFrame) -> pd.DataFrame:
    if isinstance(solution, EfaResult):
        return solution.loadings
    table = as_table(solution)
    found = read_items(
        table,
        analysis="factor_congruence",
        missing="keep",
        min_items=1,
        min_rows=1,
        constant_allowed=True,
    )
    gaps = [name for name, column in zip(found.names, found.values.T, strict=True) if np.isnan(column).any()]
    if gaps:
        raise SurveykitError("S095", names=", ".join(gaps))
    if not table.index.is_unique:
        raise SurveykitError("S073", first=_size(table), second=_size(table))
    return pd.DataFrame(found.values, index=table.index, columns=table.columns)


def _size(table: pd.DataFrame) -> str:
    return f"{table.shape[0]} x {table.shape[1]}"


def _item_phi(a: pd.DataFrame, b: Any) -> pd.Series[float]:
    """Congruence of the rows; NaN for an item without any loading."""
    x = a.to_numpy(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        values = np.sum(x * b, axis=1) / (np.linalg.norm(x, axis=1) * np.linalg.norm(b, axis=1))
    return pd.Series(values, index=a.index)
