"""Test statistics of a model against the saturated one: standard, scaled, residual-based.

References
----------
Satorra & Bentler (1994); Yuan & Bentler (2000); Asparouhov & Muthen (2010) for the
scaled-and-shifted test; Browne (1984), eq. 2.20a, for the residual-based ones.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.sem.information import Fitted
from surveykit.estimation.sem.linalg import spd_solve
from surveykit.estimation.sem.robust import influence_kind
from surveykit.estimation.sem.settings import Settings

FloatArray = NDArray[np.float64]
NAN = float("nan")


@dataclass(frozen=True)
class TestStatistic:
    """One test of a model against the saturated one; NaN where a field does not apply.

    `stat_group` holds the groups' contributions. A robust test is
    ``stat = standard / scaling_factor + shift_parameter``; `trace_ugamma` and `trace_ugamma2`
    are tr(U Gamma) and tr((U Gamma)^2), `df` may be fractional for "mean.var.adjusted".
    `scaling_factor_h0`, `scaling_factor_h1` belong to the likelihoods of both models (MLR).
    `refdistr` is "chisq", "unknown" (no p value) or "bootstrap".
    """

    __test__ = False  # pytest: not a test class

    test: str
    stat: float
    df: float
    pvalue: float
    stat_group: FloatArray
    refdistr: str = "chisq"
    scaling_factor: float = NAN
    shift_parameter: float = NAN
    trace_ugamma: float = NAN
    trace_ugamma2: float = NAN
    scaling_factor_h0: float = NAN
    scaling_factor_h1: float = NAN


@dataclass(frozen=True)
class Traces:
    """tr(U Gamma) with its parts of the saturated and of the fitted model, and tr((U Gamma)^2)."""

    ugamma: float
    ugamma2: float = NAN
    h1: float = NAN
    h0: float = NAN


def upper_tail(stat: float, df: float) -> float:
    """P(chi-square > stat); NaN without degrees of freedom."""
    from scipy.special import chdtrc  # slow to import

    return float(chdtrc(df, max(stat, 0.0))) if df > 0 and np.isfinite(stat) else NAN


def all_tests(
    fitted: Fitted, settings: Settings, chisq_group: FloatArray, df: int, sizes: FloatArray
) -> tuple[TestStatistic, ...]:
    """Every test that the settings ask for.

    Parameters
    ----------
    chisq_group : array (n_groups,), the groups' contributions to the standard chi-square
    sizes : array (n_groups,), n_g, or n_g - 1 where chi-square has it
    """
    if settings.test == ("none",) or df < 0 or not np.isfinite(chisq_group).all():
        empty = np.full(len(chisq_group), NAN)
        return tuple(TestStatistic(name, NAN, df, NAN, empty, "unknown") for name in settings.test)
    standard = standard_test(chisq_group, df, settings.discrepancy not in ("ULS", "DWLS"))
    tests = [standard]
    for name in settings.test:
        if name.startswith("browne") and fitted.equality_directions is not None:
            tests.append(residual_based(fitted, name, df, sizes, fitted.equality_directions))
    for name in settings.test:
        if name not in ("standard", "bollen.stine") and not name.startswith("browne"):
            tests.append(scaled(fitted, settings, standard, name))
    return tuple(tests)


def standard_test(chisq_group: FloatArray, df: int, known: bool = True) -> TestStatistic:
    """The groups' contributions added up; `known` says whether that is distributed as chi-square."""
    chisq_group = np.maximum(chisq_group, 0.0)
    stat = float(chisq_group.sum())
    pvalue = upper_tail(stat, df) if known else NAN
    return TestStatistic("standard", stat, df, pvalue, chisq_group, "chisq" if known else "unknown")


def scaled(fitted: Fitted, settings: Settings, standard: TestStatistic, name: str) -> TestStatistic:
    """A robust test; without degrees of freedom the standard one under its name."""
    if standard.df <= 0:
        return replace(standard, test=name)
    traces = _traces(fitted, settings, name)
    if traces is None:
        return replace(standard, test=name, stat=NAN, pvalue=NAN, stat_group=standard.stat_group * NAN)
    if name == "mean.var.adjusted":
        return _mean_var_adjusted(standard, traces)
    if name == "scaled.shifted":
        return _scaled_shifted(fitted, standard, traces)
    factor = traces.ugamma / standard.df
    factor = factor if factor >= 0 else NAN
    stat = standard.stat / factor
    return TestStatistic(
        name,
        stat,
        standard.df,
        upper_tail(stat, standard.df),
        standard.stat_group / factor,
        scaling_factor=factor,
        trace_ugamma=traces.ugamma,
        scaling_factor_h0=traces.h0 / fitted.n_free if fitted.n_free else NAN,
        scaling_factor_h1=traces.h1 / fitted.n_statistics,
    )


def _mean_var_adjusted(standard: TestStatistic, traces: Traces) -> TestStatistic:
    df = traces.ugamma**2 / traces.ugamma2
    factor = traces.ugamma / df
    stat = standard.stat / factor
    return TestStatistic(
        "mean.var.adjusted",
        stat,
        df,
        upper_tail(stat, df),
        standard.stat_group / factor,
        scaling_factor=factor,
        trace_ugamma=traces.ugamma,
        trace_ugamma2=traces.ugamma2,
    )


def _scaled_shifted(fitted: Fitted, standard: TestStatistic, traces: Traces) -> TestStatistic:
    scale = float(np.sqrt(standard.df / traces.ugamma2)) if traces.ugamma2 > 0 else NAN
    shift = standard.df - scale * traces.ugamma
    stat = standard.stat * scale + shift
    return TestStatistic(
        "scaled.shifted",
        stat,
        standard.df,
        upper_tail(stat, standard.df),
        standard.stat_group * scale + fitted.shares * shift,
        scaling_factor=1 / scale,
        shift_parameter=shift,
        trace_ugamma=traces.ugamma,
        trace_ugamma2=traces.ugamma2,
    )


def _traces(fitted: Fitted, settings: Settings, name: str) -> Traces | None:
    """None where the information cannot be inverted."""
    kind, observed, h1 = (
        settings.information[1],
        settings.observed_information[1],
        settings.h1_information[1],
    )
    inverse = fitted.invert(fitted.information(kind, observed, h1))
    if inverse is None:
        return None
    if name.startswith("yuan"):
        products = fitted.score_products(h1 == "structured")
        h0, h1_trace = float(np.sum(inverse * products)), sum(one.h1_trace() for one in fitted.groups)
        if name == "yuan.bentler.mplus":
            return Traces(h1_trace - h0, NAN, h1_trace, h0)
        plain = _satorra_bentler(fitted, settings, inverse, second=False)
        return replace(plain, h1=h1_trace, h0=h0)
    return _satorra_bentler(fitted, settings, inverse, name != "satorra.bentler")


def _satorra_bentler(fitted: Fitted, settings: Settings, inverse: FloatArray, second: bool) -> Traces:
    """U = V - V Delta E^-1 Delta' V over all groups, Gamma block-diagonal."""
    kind = influence_kind(settings.information[1], settings.h1_information[1])
    influences = fitted.influences(kind, settings.se == "robust.sem.nt")
    meat = fitted.assemble([one.meat for one in influences], fitted.shares)
    ugamma = sum(one.trace() for one in influences) - float(np.sum(inverse * meat))
    if not second:
        return Traces(ugamma)
    squares = [one.second_order() for one in influences]
    middle = fitted.assemble([square[1] for square in squares], fitted.shares)
    turned = inverse @ meat
    ugamma2 = sum(square[0] for square in squares) - 2 * float(np.sum(inverse * middle))
    return Traces(ugamma, ugamma2 + float(np.sum(turned * turned.T)))


def residual_based(fitted: Fitted, name: str, df: int, sizes: FloatArray, basis: FloatArray) -> TestStatistic:
    """Browne's statistic: residuals weighted by the inverse of their own covariance matrix.

    With equality constraints the groups' contributions are in proportion to their size.
    """
    forms = [one.residual_statistic(name.removeprefix("browne.residual.")) for one in fitted.groups]
    total = float(sizes.sum())
    information = fitted.assemble([form.information for form in forms], sizes / total)
    pull = np.zeros(fitted.n_free)
    for group, form, size in zip(fitted.groups, forms, sizes, strict=True):
        pull[group.parameter] += size / total * form.pull
    values = sizes * np.array([form.value for form in forms])
    if basis.shape[1] == fitted.n_free:
        own = [_explained(form.information, form.pull) for form in forms]
        by_group = values - sizes * np.array(own)
        stat = float(by_group.sum())
    else:
        stat = float(values.sum()) - total * _explained(basis.T @ information @ basis, basis.T @ pull)
        by_group = stat * fitted.shares
    return TestStatistic(name, stat, df, upper_tail(stat, df), by_group)


def _explained(information: FloatArray, pull: FloatArray) -> float:
    """What the parameters could still take off the residuals: 0 where the estimator uses the same weights."""
    step, good = spd_solve(information[:, :, None], pull[:, None])
    if not good[0]:
        return float(pull @ np.linalg.lstsq(information, pull, rcond=None)[0])
    return float(pull @ step[:, 0])
