"""The rows of a solution as columns: estimates with their inference, standardized values."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from surveykit.estimation.sem import standardize as std
from surveykit.estimation.sem.bootstrap import jackknife
from surveykit.estimation.sem.bootstrap_intervals import KINDS, acceleration_of, intervals, standard_errors
from surveykit.estimation.sem.engine import Solution
from surveykit.options import check_choice

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Columns = dict[str, Any]

SMALLEST_SE = 1.5e-8
# lavaan's: a smaller error of a standardized value is rounding error of a constant.
SMALLEST_STANDARDIZED_SE = 2.0**-13


class Rows:
    """All rows of a solution's table but the constraints, as columns."""

    def __init__(self, solution: Solution, level: float, replicates: FloatArray | None = None) -> None:
        self.solution = solution
        self.level = level
        self.replicates = replicates
        table = solution.table
        self.kept = np.flatnonzero([op not in ("==", "<", ">") for op in table.op])

    def frame(self, columns: Columns) -> pd.DataFrame:
        """A frame of its own: what is written into it later stays there."""
        own = {name: one.copy() if isinstance(one, np.ndarray) else one for name, one in columns.items()}
        return pd.DataFrame(own, copy=False)

    @cached_property
    def names(self) -> Columns:
        """``lhs op rhs group label``"""
        table, kept = self.solution.table, self.kept.tolist()
        columns: Columns = {
            name: [getattr(table, name)[row] for row in kept] for name in ("lhs", "op", "rhs")
        }
        columns["group"] = table.group[self.kept]
        columns["label"] = [table.label[row] for row in kept]
        return columns

    @cached_property
    def estimates(self) -> Columns:
        """``est se z pvalue ci_lower ci_upper``"""
        errors, values = self._errors[self.kept], self.solution.estimates[self.kept]
        # Small beside the estimate as well: a variable in small units has small errors, not none.
        errors = np.where((errors < SMALLEST_SE) & (errors <= 1e-7 * np.abs(values)), 0.0, errors)
        columns = inference(values, errors, self.level)
        columns["pvalue"] = np.where(self._at_bound, np.nan, columns["pvalue"])
        return {"est": columns.pop("est"), **columns}

    @cached_property
    def _errors(self) -> FloatArray:
        """Standard errors of all rows; those of defined parameters from their own replicates, as lavaan."""
        errors = self.solution.standard_errors
        if self.replicates is not None and len(self.replicates):
            defined = self.solution.constraints.defined_rows
            errors = errors.copy()
            slopes = self.solution.constraints.defined_jacobian(self.solution.x)
            own = standard_errors(self.solution.constraints.defined(self.replicates))
            errors[defined] = np.where(own <= self.rounding_of(slopes), 0.0, own)
        return errors

    def rounding_of(self, slopes: FloatArray) -> FloatArray:
        """How large bootstrap errors of constants may be that x sums up to by `slopes` (k, n_free)."""
        assert self.replicates is not None
        return np.asarray(1e-7 * np.sqrt(slopes**2 @ standard_errors(self.replicates) ** 2))

    def with_intervals(self, kind: str) -> Columns:
        """`estimates`, the intervals by the bootstrap where there is one."""
        check_choice("boot_ci_type", kind, KINDS)
        columns = self.estimates
        if self.replicates is None or len(self.replicates) < 2:
            return columns
        solution = self.solution
        rows = np.concatenate([self.free_rows, solution.constraints.defined_rows])
        acceleration = None
        if kind == "bca":
            acceleration = acceleration_of(self._with_defined(self.left_out))
        limits = np.stack([solution.estimates, solution.estimates], axis=1)
        limits[rows] = intervals(
            self._with_defined(self.replicates),
            solution.estimates[rows],
            kind,
            self.level,
            acceleration=acceleration,
        )
        lower, upper = limits[self.kept].T
        return columns | {"ci_lower": lower, "ci_upper": upper}

    @cached_property
    def left_out(self) -> FloatArray:
        """Estimates without each case in turn (n, n_free)."""
        return jackknife(self.solution)

    def _with_defined(self, x: FloatArray) -> FloatArray:
        """Replicates of the free parameters with those of the defined ones beside."""
        return np.concatenate([x, self.solution.constraints.defined(x)], axis=1)

    @property
    def _at_bound(self) -> NDArray[np.bool_]:
        """Free parameters that ended on a bound: no test there."""
        table, values = self.solution.table, self.solution.estimates
        near = np.minimum(np.abs(values - table.lower), np.abs(values - table.upper)) < SMALLEST_SE
        return (near & (table.free > 0))[self.kept]

    # --- standardized ----------------------------------------------------------------------

    def standardized(self, kind: str) -> FloatArray:
        return self.every_standardized(kind)[self.kept]

    def every_standardized(self, kind: str) -> FloatArray:
        """Standardized value of every row of the table; NaN in constraints."""
        return self._standardized_rows(kind)[1]

    @cached_property
    def _deviations(self) -> FloatArray:
        return std.deviations(self.solution.representation, self.solution.x)

    @cached_property
    def _values(self) -> FloatArray:
        solution = self.solution
        return std.row_values(solution.representation, len(solution.table), solution.x[None])

    def _standardized_rows(self, kind: str) -> tuple[std.ScalePlan, FloatArray]:
        solution = self.solution
        plan = std.scale_plan(solution.table, solution.representation, kind)
        with np.errstate(invalid="ignore", divide="ignore"):
            rows = std.standardized(plan, self._values, self._deviations)[0]
        constraints = solution.constraints
        rows[constraints.defined_rows] = constraints.defined(rows[self.free_rows])
        return plan, rows

    @cached_property
    def free_rows(self) -> IntArray:
        """Rows of the free parameters, in the order of x."""
        free = self.solution.table.free
        rows = np.flatnonzero(free)
        return rows[np.argsort(free[rows])]

    def standardized_errors(self, kind: str, boot_ci_type: str = "perc") -> Columns:
        """``est_std se z pvalue ci_lower ci_upper``, after a bootstrap from standardized replicates."""
        check_choice("boot_ci_type", boot_ci_type, KINDS)
        solution = self.solution
        plan, rows = self._standardized_rows(kind)
        if self.replicates is not None and len(self.replicates) > 1:
            again = partial(self._standardized_again, plan)
            columns = bootstrapped(self, again, rows, boot_ci_type, SMALLEST_STANDARDIZED_SE)
            shown = {name: one[self.kept] for name, one in columns.items()}
            return {"est_std": shown.pop("est"), **shown}
        errors = np.full(len(rows), np.nan)
        if solution.vcov is not None:
            jacobian = self._standardized_jacobian(plan, rows)
            variance = np.einsum("ij,jk,ik->i", jacobian, solution.vcov, jacobian, optimize=True)
            errors = np.sqrt(np.where(variance < 0, np.nan, variance))
            errors = np.where(errors < SMALLEST_STANDARDIZED_SE, 0.0, errors)
        columns = inference(rows[self.kept], errors[self.kept], self.level)
        return {"est_std": columns.pop("est"), **columns}

    def _standardized_again(self, plan: std.ScalePlan, x: FloatArray) -> FloatArray:
        """Standardized rows (batch, n_rows) at other parameters x (batch, n_free)."""
        representation, constraints = self.solution.representation, self.solution.constraints
        values = std.row_values(representation, len(self.solution.table), x)
        with np.errstate(invalid="ignore", divide="ignore"):
            rows = std.standardized(plan, values, std.deviations(representation, x))
        rows[:, constraints.defined_rows] = constraints.defined(rows[:, self.free_rows])
        return rows

    def _standardized_jacobian(self, plan: std.ScalePlan, rows: FloatArray) -> FloatArray:
        solution = self.solution
        with np.errstate(invalid="ignore", divide="ignore"):
            jacobian = std.standardized_jacobian(
                plan,
                self._values[0],
                self._deviations[0],
                std.row_jacobian(solution.representation, len(solution.table), solution.x),
                std.log_deviation_jacobian(solution.representation, solution.x),
            )
        constraints = solution.constraints
        if len(constraints.defined_rows):
            slopes = constraints.defined_jacobian(rows[self.free_rows])
            jacobian[constraints.defined_rows] = slopes @ jacobian[self.free_rows]
        return jacobian


def bootstrapped(
    rows: Rows,
    again: Callable[[FloatArray], FloatArray],
    est: FloatArray,
    kind: str,
    rounding: FloatArray | float,
) -> Columns:
    """``est se z pvalue ci_lower ci_upper`` of functions of x, (batch, n_free) -> (batch, k).

    An error up to `rounding` is that of a constant: 0.
    """
    assert rows.replicates is not None
    replicates = again(rows.replicates)
    errors = standard_errors(replicates)
    errors = np.where(errors <= rounding, 0.0, errors)
    acceleration = acceleration_of(again(rows.left_out)) if kind == "bca" else None
    limits = intervals(replicates, est, kind, rows.level, acceleration=acceleration)
    columns = inference(est, errors, rows.level)
    return columns | {"ci_lower": limits[:, 0], "ci_upper": limits[:, 1]}


def inference(est: FloatArray, se: FloatArray, level: float) -> Columns:
    """``est se z pvalue ci_lower ci_upper`` by the normal distribution; no test where `se` is 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.where(se > 0, est / np.where(se > 0, se, 1.0), np.nan)
    half = float(ndtri(0.5 + level / 2.0)) * se
    return {
        "est": est,
        "se": se,
        "z": z,
        "pvalue": 2.0 * ndtr(-np.abs(z)),
        "ci_lower": est - half,
        "ci_upper": est + half,
    }
