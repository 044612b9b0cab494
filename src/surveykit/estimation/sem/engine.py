"""One call that fits a model: parameter table and sample moments in, a solution out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from surveykit.errors import Note
from surveykit.estimation.moments import SampleMoments
from surveykit.estimation.sem.matrices import Implied, Representation
from surveykit.estimation.sem.parameter_table import ParameterTable
from surveykit.estimation.sem.settings import Settings

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class TestStatistic:
    """One test of a model against the saturated one; NaN where a field does not apply.

    `stat_group` holds the groups' contributions. A robust test is
    ``stat = standard / scaling_factor + shift_parameter``; `trace_ugamma` and `trace_ugamma2`
    are tr(U Gamma) and tr((U Gamma)^2), `df` may be fractional for "mean.var.adjusted".
    `refdistr` is "chisq", "unknown" (no p value) or "bootstrap".
    """

    __test__ = False  # pytest: not a test class

    test: str
    stat: float
    df: float
    pvalue: float
    stat_group: FloatArray
    refdistr: str = "chisq"
    scaling_factor: float = float("nan")
    shift_parameter: float = float("nan")
    trace_ugamma: float = float("nan")
    trace_ugamma2: float = float("nan")
    scaling_factor_h0: float = float("nan")
    scaling_factor_h1: float = float("nan")


@dataclass(frozen=True)
class Solution:
    """A fitted model, as numbers; everything after the fit builds on it.

    Attributes
    ----------
    table : the parameter table, `start` filled in (the moments of fixed x included)
    representation : its model matrices; `constraints` its constraints, compiled
    moments : one `SampleMoments` a group, in the order of the table's groups
    settings : how it was estimated
    x : array (n_free,), the estimates, in the order of `table.free`
    objective : the minimised function F = sum over groups of n_g / N F_g (lavaan's fmin is F / 2)
    objective_group : array (n_groups,), F_g
    converged, iterations; gradient : the largest element of the gradient in the free directions
    df : degrees of freedom of the model
    vcov : array (n_free, n_free), covariance matrix of x; None where there is none (see notes)
    information : array (n_free, n_free), unit information (of one observation) behind vcov
    tests : the test statistics, "standard" first
    notes : what went wrong or was assumed
    """

    table: ParameterTable
    representation: Representation
    constraints: Any
    moments: tuple[SampleMoments, ...]
    settings: Settings
    x: FloatArray
    objective: float
    objective_group: FloatArray
    converged: bool
    iterations: int
    gradient: float
    df: int
    vcov: FloatArray | None = None
    information: FloatArray | None = None
    tests: tuple[TestStatistic, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def nobs(self) -> tuple[int, ...]:
        return tuple(one.n for one in self.moments)

    @property
    def ntotal(self) -> int:
        return sum(self.nobs)

    @cached_property
    def matrices(self) -> tuple[dict[str, FloatArray], ...]:
        """Model matrices at x, by group; a leading batch axis of length 1."""
        return tuple(
            self.representation.fill(self.x, group) for group in range(len(self.representation.groups))
        )

    @cached_property
    def implied(self) -> tuple[Implied, ...]:
        """Implied moments at x, by group; a leading batch axis of length 1."""
        return tuple(
            self.representation.implied(self.x, group) for group in range(len(self.representation.groups))
        )

    @cached_property
    def estimates(self) -> FloatArray:
        """One value a row of the table: free parameters from x, the others fixed.

        Rows of `:=` and of constraints are NaN here.
        """
        raise NotImplementedError


def fit(table: ParameterTable, moments: tuple[SampleMoments, ...], settings: Settings) -> Solution:
    """Fit one model.

    Parameters
    ----------
    table : ParameterTable
    moments : one a group, in the order of the table's groups, each in the order of the
        group's observed variables (``table.variable_names("ov", group)``)
    settings : from `resolve`
    """
    raise NotImplementedError


def fit_baseline(solution: Solution) -> Solution:
    """The independence model on the same moments, with the same corrections."""
    raise NotImplementedError
