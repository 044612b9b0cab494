"""McDonald's omega of a scale, from an exploratory factor analysis."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from surveykit.analysis.factor_notes import check_n_factors, extraction_notes
from surveykit.analysis.item_input import ItemData, read_items
from surveykit.analysis.item_matrices import CORRELATIONS, correlations, refuse_singular, refuse_uncorrelated
from surveykit.errors import Note, note
from surveykit.formatting import share
from surveykit.options import check_choice, checked_call
from surveykit.results import Result, frame_text, plain

if TYPE_CHECKING:
    from surveykit.estimation.omega import OmegaCoefficients


@dataclass(frozen=True, repr=False)
class OmegaResult(Result):
    """Omega of one scale, of standardized items.

    `omega_total`: reliability of the sum; `omega_hierarchical`: the part of it
    that is one general factor; `omega_asymptotic`: omega_hierarchical of an
    infinitely long test; `alpha` (standardized), `lambda6`,
    `explained_common_variance` (of the general factor). Tables: `schmid_leiman`,
    `groups`, `oblique`, `phi`, `general_loadings`, `key`.
    """

    omega_total: float
    omega_hierarchical: float
    omega_asymptotic: float
    alpha: float
    lambda6: float
    explained_common_variance: float
    n_factors: int
    method: str
    correlation: str
    n: int
    n_items: int
    notes: tuple[Note, ...]
    _names: tuple[str, ...] = field(repr=False)
    _found: OmegaCoefficients = field(repr=False)

    @property
    def _factors(self) -> list[str]:
        return [f"F{number + 1}" for number in range(self.n_factors)]

    @cached_property
    def schmid_leiman(self) -> pd.DataFrame:
        """A row per item: `item g F1* ... h2 u2 p2`."""
        sl = self._found.schmid_leiman
        table = pd.DataFrame(
            sl.group, index=list(self._names), columns=[f"{name}*" for name in self._factors]
        )
        table.insert(0, "item", list(self._names))
        table.insert(1, "g", sl.general)
        table["h2"], table["u2"] = sl.communality, 1 - sl.communality
        table["p2"] = sl.general**2 / sl.communality
        return table

    @cached_property
    def groups(self) -> pd.DataFrame:
        """Omega of the whole and of each group factor's own items: `factor total general group`."""
        names = ["g", *(f"{name}*" for name in self._factors)]
        table = pd.DataFrame(self._found.groups, index=names, columns=["total", "general", "group"])
        table.insert(0, "factor", names)
        return table

    @property
    def oblique(self) -> pd.DataFrame:
        """Oblimin loadings before the transformation, items by factors."""
        return pd.DataFrame(self._found.schmid_leiman.oblique, index=list(self._names), columns=self._factors)

    @property
    def phi(self) -> pd.DataFrame:
        """Correlations of the oblimin factors."""
        return pd.DataFrame(self._found.schmid_leiman.phi, index=self._factors, columns=self._factors)

    @property
    def general_loadings(self) -> pd.Series[float]:
        """Loadings of the oblimin factors on the general factor."""
        return pd.Series(self._found.schmid_leiman.general_loadings, index=self._factors)

    @property
    def key(self) -> pd.Series[float]:
        """1, or -1 for an item that was reflected."""
        return pd.Series(self._found.key, index=list(self._names))

    def to_frame(self) -> pd.DataFrame:
        """The coefficients of the scale, one row each."""
        names = (
            "omega_total",
            "omega_hierarchical",
            "omega_asymptotic",
            "alpha",
            "lambda6",
            "explained_common_variance",
        )
        return pd.DataFrame({"coefficient": names, "value": [getattr(self, name) for name in names]})

    def to_dict(self) -> dict[str, Any]:
        tables = ("schmid_leiman", "groups", "phi")
        return super().to_dict() | {name: plain(getattr(self, name)) for name in tables}

    def summary(self) -> str:
        """The coefficients, the Schmid-Leiman solution and omega of the group factors, as text."""
        return "\n\n".join([super().summary(), frame_text(self.schmid_leiman), frame_text(self.groups)])

    def __repr__(self) -> str:
        return (
            f"<OmegaResult: omega_total = {share(self.omega_total)}, "
            f"omega_hierarchical = {share(self.omega_hierarchical)}, {self.n_factors} factors, "
            f"{self.n_items} items, n = {self.n}>"
        )


@checked_call
def omega(
    items: pd.DataFrame,
    n_factors: int = 3,
    *,
    method: str = "minres",
    correlation: str = "pearson",
    missing: str = "listwise",
) -> OmegaResult:
    """Omega total and hierarchical by a Schmid-Leiman transformation, as psych::omega.

    The items are factored (oblimin from varimax), a general factor is taken out
    of the factor correlations, and its share of the variance of the sum score is
    omega hierarchical. Items that load negatively on the general factor are
    reflected first and named in `notes`.

    Parameters
    ----------
    items : pandas.DataFrame, shape (n_respondents, n_items)
        Scale points, NaN for missing. At least 3 columns.
    n_factors : int, default 3
        Group factors. With 1, only omega total has a meaning; 2 do not determine
        the general factor.
    method : {"minres", "ml", "pa"}, default "minres"
    correlation : {"pearson", "polychoric"}, default "pearson"
        "polychoric": ordinal omega, of the variables behind ordinal items.
    missing : {"listwise", "pairwise"}, default "listwise"
        psych takes "pairwise" correlations.

    Returns
    -------
    OmegaResult
        All coefficients lie in [0, 1] for well-behaved items; 1 is no error.

    Raises
    ------
    SurveykitError
        S001 fewer than 3 items; S015 more factors than the items allow; S022 with
        "ml", a singular correlation matrix; S002 to S006, S011 to S013 as in
        `cronbach_alpha`; O001 an unknown method.

    Notes
    -----
    Checked against psych::omega (tests/reference). With fewer correlations than
    parameters (5 items, 3 factors) psych's solution is one of many; the same one
    is found here, and a note says so.

    References
    ----------
    McDonald (1999). Zinbarg, Revelle, Yovel & Li (2005), doi:10.1007/s11336-003-0974-7.
    Schmid & Leiman (1957), doi:10.1007/BF02289209.

    Examples
    --------
    >>> items = pd.DataFrame({"t1": [1, 2, 3, 4, 5, 5], "t2": [2, 2, 3, 4, 4, 5], "t3": [1, 3, 3, 5, 4, 5]})
    >>> omega(items, n_factors=1)
    <OmegaResult: omega_total = .965, omega_hierarchical = .965, 1 factors, 3 items, n = 6>
    """
    from surveykit.estimation.omega import omega_coefficients
    from surveykit.estimation.threads import one_thread

    check_choice("method", method, ("minres", "ml", "pa"))
    check_choice("correlation", correlation, CORRELATIONS)
    check_choice("missing", missing, ("listwise", "pairwise"))
    data = read_items(items, analysis="omega", missing=missing, min_items=3)
    check_n_factors(n_factors, data.n_items)
    with one_thread():
        R = correlations(data, correlation)
        refuse_uncorrelated(R)
        if method == "ml":
            refuse_singular(R, "omega")
        found = omega_coefficients(R, n_factors, method)
    return OmegaResult(
        omega_total=found.omega_total,
        omega_hierarchical=found.omega_hierarchical,
        omega_asymptotic=found.omega_asymptotic,
        alpha=found.alpha,
        lambda6=found.lambda6,
        explained_common_variance=found.explained_common_variance,
        n_factors=n_factors,
        method=method,
        correlation=correlation,
        n=data.values.shape[0],
        n_items=data.n_items,
        notes=data.notes + _notes(data, n_factors, found),
        _names=data.names,
        _found=found,
    )


def _notes(data: ItemData, n_factors: int, found: OmegaCoefficients) -> tuple[Note, ...]:
    notes = list(extraction_notes(data.names, n_factors, found.schmid_leiman.extraction))
    if n_factors == 1:
        notes.append(note("S017"))
    if n_factors == 2:
        notes.append(note("S018"))
    if np.any(found.key < 0):
        reflected = [name for name, sign in zip(data.names, found.key, strict=True) if sign < 0]
        notes.append(note("S016", names=", ".join(reflected)))
    return tuple(notes)
