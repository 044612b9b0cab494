"""Bounds on parameters that follow from the observed variances.

De Jonckere and Rosseel (2022), doi:10.1080/10705511.2022.2082716, as in lavaan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.sem.completion import Row
from surveykit.estimation.sem.completion_groups import markers
from surveykit.estimation.sem.parameter_table import ParameterTable
from surveykit.options import check_choice

FloatArray = NDArray[np.float64]

OV_VAR, LV_VAR, LOADINGS, COVARIANCES = "ov.var", "lv.var", "loadings", "covariances"


@dataclass(frozen=True)
class Profile:
    """Which kinds of parameters get bounds, and by how much each range is stretched."""

    lower: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    upper: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    min_reliability_marker: float = 0.0
    min_var_lv_endo: float = 0.0


def _all_four(ov_var: float, lv_var: float, loadings: float, covariances: float) -> dict[str, float]:
    return {OV_VAR: ov_var, LV_VAR: lv_var, LOADINGS: loadings, COVARIANCES: covariances}


WIDE_UPPER = _all_four(1.20, 1.3, 1.1, 1.0)
STANDARD = _all_four(1.0, 1.0, 1.0, 0.999)
PROFILES: Mapping[str, Profile] = {
    "none": Profile(),
    "pos.ov.var": Profile({OV_VAR: 1.0}),
    "pos.lv.var": Profile({LV_VAR: 1.0}),
    "pos.var": Profile({OV_VAR: 1.0, LV_VAR: 1.0}),
    "standard": Profile(STANDARD, STANDARD, 0.1, 0.005),
    "wide": Profile(_all_four(1.05, 1.0, 1.1, 1.0), WIDE_UPPER, 0.1, 0.005),
    "wide.zerovar": Profile(_all_four(1.0, 1.0, 1.1, 1.0), WIDE_UPPER, 0.1, 0.005),
}


def add_bounds(
    table: ParameterTable,
    variances: Sequence[Mapping[str, float]],
    bounds: str | bool | None,
    *,
    std_lv: bool = False,
    parameterization: str = "delta",
) -> ParameterTable:
    """The table with lavaan's bounds; those that the user wrote stay.

    Parameters
    ----------
    variances : one mapping a group, observed variable -> variance (residual ones if x is conditioned on)
    bounds : a key of `PROFILES`; True means "wide", False or None "none"
    std_lv, parameterization : as the table was made

    Raises
    ------
    SurveykitError
        O001 an unknown word.
    """
    word = {True: "wide", "default": "wide", False: "none", None: "none"}.get(bounds, bounds)
    check_choice("bounds", word, PROFILES)
    profile = PROFILES[str(word)]
    if not profile.lower and not profile.upper:
        return table
    lower, upper = table.lower.copy(), table.upper.copy()
    for group in range(1, table.n_groups + 1):
        one = _GroupBounds(table, group, variances[group - 1], profile, std_lv, parameterization)
        one.compute()
        own = (table.free > 0) & (table.group == group)
        lower = np.where(own & np.isneginf(lower), one.lower, lower)
        upper = np.where(own & np.isposinf(upper), one.upper, upper)
    return replace(table, lower=lower, upper=upper)


class _GroupBounds:
    """Bounds of one group. `lower` and `upper` hold what was asked for, `low` and `high` everything."""

    def __init__(
        self,
        table: ParameterTable,
        group: int,
        variances: Mapping[str, float],
        profile: Profile,
        std_lv: bool,
        parameterization: str,
    ) -> None:
        self.profile = profile
        self.std_lv = std_lv
        self.free = table.free
        self.rows = [at for at in range(len(table)) if table.group[at] == group]
        self.table = table
        self.roles = table.roles(group)
        self.low = np.full(len(table), -np.inf)
        self.high = np.full(len(table), np.inf)
        self.lower, self.upper = self.low.copy(), self.high.copy()
        self.variances = dict(variances)
        self.theta = parameterization == "theta" and self._stretch_theta()
        self.markers = markers(
            [
                Row(table.lhs[at], "=~", table.rhs[at], 0, free=bool(table.free[at]), ustart=table.ustart[at])
                for at in self.rows
                if table.op[at] == "=~"
            ]
        )

    def _stretch_theta(self) -> bool:
        """With residual variances of 1 a latent response has a larger variance than observed."""
        table, reliability = self.table, self.profile.min_reliability_marker
        scaled = {table.lhs[at] for at in self.rows if table.op[at] == "~*~"}
        names = [
            table.lhs[at]
            for at in self._variances_of(scaled)
            if table.free[at] == 0 and table.ustart[at] == 1.0
        ]
        for name in names:
            self.variances[name] = self.variances[name] / reliability if reliability else np.inf
        return bool(names)

    def _variances_of(self, names: Sequence[str] | set[str]) -> list[int]:
        table = self.table
        return [
            at
            for at in self.rows
            if table.op[at] == "~~" and table.lhs[at] == table.rhs[at] and table.lhs[at] in names
        ]

    def compute(self) -> None:
        self._observed_variances()
        smallest = self._latent_variances()
        self._loadings(smallest)
        self._covariances()

    def _keep(self, kind: str, rows: Sequence[int], size: FloatArray, enlarge: float = 1.0) -> None:
        """Stretch the bounds of `rows` (ranges of `size`) and keep those that the profile wants."""
        profile, index = self.profile, np.array(rows, dtype=np.int64)
        down, up = profile.lower.get(kind, 1.0), profile.upper.get(kind, 1.0)
        up = enlarge if kind in profile.upper and up == 1.0 else up
        stretched = np.where(np.isfinite(size), size, 0.0)
        sign = np.asarray if kind == COVARIANCES else np.abs  # a factor below 1 shrinks covariances only
        self.low[index] -= sign(stretched * down - stretched)
        self.high[index] += sign(stretched * up - stretched)
        if kind in profile.lower:
            self.lower[index] = self.low[index]
        if kind in profile.upper:
            self.upper[index] = self.high[index]

    def _observed_variances(self) -> None:
        rows = self._variances_of(self.roles.ov)
        names = [self.table.lhs[at] for at in rows]
        marked = set(self.markers.values())
        share = np.array(
            [1 - self.profile.min_reliability_marker if name in marked else 1.0 for name in names]
        )
        self.low[rows] = 0.0
        self.high[rows] = share * np.array([self.variances.get(name, np.inf) for name in names])
        # Half a per cent more, or exogenous variances would always end on the bound.
        self._keep(OV_VAR, rows, self.high[rows], enlarge=1.005)

    def _latent_variances(self) -> dict[str, float]:
        """Bounds of latent variances; returns the smallest total variance of each latent variable."""
        reliability = self.profile.min_reliability_marker
        largest_observed = max((value for value in self.variances.values()), default=np.inf)
        smallest: dict[str, float] = {}
        largest: dict[str, float] = {}
        for name in self.roles.lv:
            marker = self.markers.get(name, "")
            smallest[name], largest[name] = 0.0, largest_observed
            if self.std_lv:
                smallest[name], largest[name] = 1.0, 1.0
            elif marker in self.roles.ov:
                observed = self.variances[marker]
                smallest[name] = reliability if self.theta else max(reliability * observed, 0.0)
                largest[name] = observed
        rows = self._variances_of(self.roles.lv)
        for at in rows:
            name = self.table.lhs[at]
            endogenous = name not in self.roles.lv_x
            low = self.profile.min_var_lv_endo if endogenous else smallest[name]
            if self.std_lv and self.free[at]:
                low, largest_here = (self.profile.min_var_lv_endo if endogenous else 0.0), largest_observed
            else:
                largest_here = largest[name]
            self.low[at], self.high[at] = low, largest_here
        self._keep(LV_VAR, rows, self.high[rows] - np.maximum(self.low[rows], 0.0))
        return smallest

    def _loadings(self, smallest: Mapping[str, float]) -> None:
        table = self.table
        rows = [at for at in self.rows if table.op[at] == "=~" and table.rhs[at] in self.roles.ov_ind]
        observed = np.array([self.variances.get(table.rhs[at], np.inf) for at in rows])
        latent = np.array([smallest[table.lhs[at]] for at in rows])
        with np.errstate(divide="ignore", invalid="ignore"):
            limit = np.sqrt(observed / latent)
        self.low[rows], self.high[rows] = -limit, limit
        self._keep(LOADINGS, rows, 2 * limit)

    def _covariances(self) -> None:
        table = self.table
        rows = [at for at in self.rows if table.op[at] == "~~" and table.lhs[at] != table.rhs[at]]
        variance = {table.lhs[at]: self.high[at] for at in self._variances_of(self.roles.ov + self.roles.lv)}
        for at in rows:
            product = variance.get(table.lhs[at], np.inf) * variance.get(table.rhs[at], np.inf)
            if np.isfinite(product) and product >= 0:
                self.low[at], self.high[at] = -np.sqrt(product), np.sqrt(product)
        self._keep(COVARIANCES, rows, self.high[rows] - self.low[rows])
