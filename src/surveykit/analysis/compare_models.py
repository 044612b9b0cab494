"""Nested models held against each other: likelihood-ratio tests, plain and scaled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from surveykit.analysis.invariance_difference import SECOND_ORDER, difference, restriction_traces
from surveykit.analysis.sem_fit import SemFit
from surveykit.analysis.sem_options import is_word
from surveykit.errors import Note, SurveykitError, note
from surveykit.estimation.sem.chisquare import TestStatistic
from surveykit.estimation.sem.engine import Solution, tests_at
from surveykit.estimation.sem.fit_indices import rmsea
from surveykit.estimation.sem.nested import (
    Difference,
    plain,
    satorra_2000,
    satorra_bentler_2001,
    satorra_bentler_2010,
)
from surveykit.estimation.sem.settings import SCALED
from surveykit.options import check_choice, checked_call, shown
from surveykit.results import Result

A_METHODS = ("delta", "exact")
ROBUST = ("satorra.bentler.2001", "satorra.bentler.2010", "satorra.2000")
METHODS = ("default", "standard", "satorra.bentler.2001", "satorra.bentler.2010", "satorra.2000")
NAN = float("nan")


@dataclass(frozen=True)
class ModelComparison(Result):
    """Likelihood-ratio tests of nested models, the least restricted first.

    `frame` has a row per model: `model df aic bic chisq chisq_diff rmsea df_diff
    pvalue`; the difference is to the model in the row above, `rmsea` that of the
    restrictions (with complete data). `method` is the one asked for.
    """

    frame: pd.DataFrame
    method: str
    notes: tuple[Note, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        return self.frame


@checked_call
def compare_models(
    *fits: SemFit,
    method: str = "default",
    scaled_shifted: bool = True,
    a_method: str = "delta",
    names: Sequence[str] = (),
) -> ModelComparison:
    """Compare nested models by the difference of their chi-squares, as lavaan's ``lavTestLRT``.

    Parameters
    ----------
    *fits : SemFit
        Two or more models of the same data; they are sorted by their degrees of freedom.
    method : {"default", "standard", "satorra.bentler.2001", "satorra.bentler.2010", "satorra.2000"}
        "default" is the plain difference for ML, Satorra & Bentler (2001) for MLM and MLR, Satorra
        (2000) with scale and shift for mean-and-variance adjusted tests (WLSMV). As in lavaan a robust
        method is set aside, with a note (M160), where no model has a robust test.
    scaled_shifted : bool, default True
        For "satorra.2000": match mean and variance by a scale and a shift. False scales by the mean
        alone (MLM, MLR), or takes fractional degrees of freedom where the models' own tests are
        adjusted for mean and variance.
    a_method : {"delta", "exact"}
        For "satorra.2000": how it is found what the restrictions are. "delta", lavaan's default, compares
        the Jacobians of the implied moments, each at its own estimates; "exact" the parameters, and
        needs models that are nested parameter by parameter. They differ where restrictions hold badly;
        "exact" is then the test of just these restrictions.
    names : sequence of str, optional
        One a fit, in the order given; ``model 1``, ``model 2``, ... by default.

    Returns
    -------
    ModelComparison

    Raises
    ------
    SurveykitError
        M100 fewer than two fits; M143 something that is no fit; M116 not a name for each; M101 they
        come from different data or estimators; M097 one did not converge; M102 the method does not go
        with the tests; M161 not nested parameter by parameter.

    References
    ----------
    Satorra & Bentler (2001), doi:10.1007/BF02296192; (2010), doi:10.1007/s11336-009-9135-y. Satorra (2000).

    Examples
    --------
    >>> free = cfa("f =~ x1 + x2 + x3 + x4", data)                               # doctest: +SKIP
    >>> equal = cfa("f =~ x1 + a*x2 + a*x3 + a*x4", data)                        # doctest: +SKIP
    >>> compare_models(free, equal).to_frame()[["chisq_diff", "df_diff", "pvalue"]]   # doctest: +SKIP
    """
    check_choice("method", method, METHODS)
    check_choice("a_method", a_method, A_METHODS)
    check_choice("scaled_shifted", scaled_shifted, (True, False))
    if not is_word("names", names) or isinstance(names, str):
        raise SurveykitError("M166", option="names", value=shown(names))
    labels = list(names) or [f"model {number}" for number in range(1, len(fits) + 1)]
    _check(fits, labels)
    notes: list[Note] = []
    used = method
    robust = [_robust(one) for one in fits]
    if method in ROBUST and not any(robust):
        notes.append(note("M160", method=method))
        used = "standard"
    if used != "standard" and any(robust):
        _check_all_robust(fits, robust, method)
    order = np.argsort([one._solution.df for one in fits], kind="stable")
    ordered = [(labels[at], fits[at]) for at in order]
    rows = [_row(*ordered[0])]
    for (free_name, free), (name, fit) in pairwise(ordered):
        found = _tested(fit._solution, free._solution, used, scaled_shifted, a_method == "exact")
        rows.append(_row(name, fit, free, found))
        notes += _told(name, free_name, found, fit, free)
    return ModelComparison(pd.DataFrame(rows), method, tuple(notes))


def _check(fits: Sequence[SemFit], labels: Sequence[str]) -> None:
    if len(fits) < 2:
        raise SurveykitError("M100", found=len(fits))
    if len(labels) != len(fits):
        raise SurveykitError("M116", found=len(labels), fits=len(fits))
    for label, fit in zip(labels, fits, strict=True):
        if not isinstance(fit, SemFit):
            raise SurveykitError("M143", label=label, found=type(fit).__name__)
        if not fit.converged:
            raise SurveykitError("M097", what=f"compare_models(): '{label}'")
    facts = [_facts(one) for one in fits]
    for label, one in zip(labels, facts, strict=True):
        if one != facts[0]:
            raise SurveykitError(
                "M101", one=labels[0], first=_told_facts(facts[0]), other=label, second=_told_facts(one)
            )


def _check_all_robust(fits: Sequence[SemFit], robust: Sequence[bool], method: str) -> None:
    """A robust and a plain statistic have no difference; a saturated model has neither."""
    for fit, one in zip(fits, robust, strict=True):
        if not one and fit._solution.df > 0:
            tests = "; ".join(", ".join(test.test for test in each._solution.tests) for each in fits)
            raise SurveykitError("M102", method=method, tests=tests, allowed="standard")


Facts = tuple[tuple[int, ...], frozenset[str], str, str]


def _facts(fit: SemFit) -> Facts:
    """What nested models have in common: cases, variables, estimator, missing data."""
    settings = fit._solution.settings
    names = frozenset(name for one in fit._solution.moments for name in (*one.names, *one.x_names))
    return fit.nobs, names, settings.discrepancy, settings.missing


def _told_facts(facts: Facts) -> str:
    nobs, names, discrepancy, missing = facts
    return f"n = {' + '.join(str(one) for one in nobs)}; {len(names)}; {discrepancy}; missing='{missing}'"


def _row(
    name: str, fit: SemFit, free: SemFit | None = None, found: Difference | None = None
) -> dict[str, object]:
    measures = fit.fit_measures()
    return {
        "model": name,
        "df": fit._solution.df,
        "aic": measures.get("aic", NAN),
        "bic": measures.get("bic", NAN),
        "chisq": fit._solution.tests[0].stat,
        "chisq_diff": NAN if found is None else found.stat,
        "rmsea": NAN if free is None or found is None else _rmsea(fit._solution, free._solution, found),
        "df_diff": NAN if found is None else found.df,
        "pvalue": NAN if found is None else found.pvalue,
    }


def _rmsea(low: Solution, high: Solution, found: Difference) -> float:
    """Of the restrictions alone, as lavaan has it; NaN for incomplete data."""
    if low.settings.missing != "listwise":
        return NAN
    one, other = low.tests[0], high.tests[0]
    scaling = found.scaling_factor if np.isfinite(found.scaling_factor) and np.isnan(found.shift) else 1.0
    return rmsea(one.stat - other.stat, one.df - other.df, low.ntotal, len(low.nobs), scaling)


def _robust(fit: SemFit) -> bool:
    return any(one.test in SCALED for one in fit._solution.tests)


def _tested(low: Solution, high: Solution, method: str, scaled_shifted: bool, exact: bool) -> Difference:
    """One difference; `low` is the more restricted model."""
    if method == "default":
        return difference(low, high, scaled_shifted=scaled_shifted, exact=exact)
    one, other = low.tests[0], high.tests[0]
    if method == "standard":
        return plain(one.stat, one.df, other.stat, other.df)
    if method == "satorra.2000":
        adjusted = {test.test for test in (*low.tests, *high.tests)} & {"scaled.shifted", "mean.var.adjusted"}
        traces = restriction_traces(low, high, exact) if one.df != other.df else (NAN, NAN)
        four = (one.stat, one.df, other.stat, other.df)
        return satorra_2000(*four, traces, bool(adjusted), scaled_shifted)
    scaled, scaled_high = _scaled(low, method), _scaled(high, method)
    if method == "satorra.bentler.2001":
        factor = scaled_high.scaling_factor
        return satorra_bentler_2001(one.stat, one.df, scaled.scaling_factor, other.stat, other.df, factor)
    there = next(test for test in tests_at(high, _estimates_in(high, low)) if test.test in SCALED)
    factor = there.scaling_factor
    return satorra_bentler_2010(one.stat, one.df, scaled.scaling_factor, other.stat, other.df, factor)


def _scaled(solution: Solution, method: str) -> TestStatistic:
    found = next((test for test in solution.tests if test.test in SCALED), None)
    if found is not None and found.test not in SECOND_ORDER:
        return found
    tests = ", ".join(one.test for one in solution.tests)
    allowed = "standard" if found is None else "satorra.2000, standard"
    raise SurveykitError("M102", method=method, tests=tests, allowed=allowed)


def _estimates_in(high: Solution, low: Solution) -> np.ndarray:
    """The restricted estimates as parameters of the less restricted model."""
    keys = list(zip(low.table.lhs, low.table.op, low.table.rhs, low.table.group, strict=True))
    known = dict(zip(keys, low.estimates, strict=True))
    x = high.x.copy()
    for row in np.flatnonzero(high.table.free):
        key = (high.table.lhs[row], high.table.op[row], high.table.rhs[row], high.table.group[row])
        x[high.table.free[row] - 1] = known.get(key, 0.0)
    return x


def _told(name: str, free_name: str, found: Difference, fit: SemFit, free: SemFit) -> list[Note]:
    """What makes a difference worth less than it looks."""
    if found.df == 0:
        return [note("M104", one=free_name, other=name)]
    change = fit._solution.tests[0].stat - free._solution.tests[0].stat
    if change < -1e-6:
        return [note("M103", restricted=name, free=free_name, difference=f"{change:.4g}")]
    if not np.isfinite(found.stat) or found.scaling_factor < 0:
        return [note("M105", restricted=name, free=free_name)]
    return []
