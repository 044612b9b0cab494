"""How many respondents a comparison needs, and what a given number can show."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from surveykit.analysis.sem import sem
from surveykit.analysis.sem_data import MOST_OBSERVED, whole_number
from surveykit.analysis.simulate_data import population
from surveykit.errors import Note, SurveykitError, note
from surveykit.estimation.power import chisq_power, rmsea_power, smallest, t_power, two_means
from surveykit.formatting import number, share
from surveykit.options import check_flags, check_numbers, check_share, checked_call
from surveykit.results import Result


@dataclass(frozen=True)
class PowerResult(Result):
    """Power at `n`, or the least `n` with the power asked for (rounded up; `n_exact` before rounding).

    `ncp`: the noncentrality at `n` of a test by likelihood ratio (`power_sem`).
    """

    power: float
    n: tuple[int, ...]
    n_exact: float
    alpha: float
    test: str
    notes: tuple[Note, ...] = ()
    ncp: float | None = None

    def to_frame(self) -> pd.DataFrame:
        sizes = " / ".join(map(str, self.n))
        row = {"test": self.test, "n": sizes, "power": self.power, "alpha": self.alpha}
        return pd.DataFrame([row if self.ncp is None else row | {"ncp": self.ncp}])

    def summary(self) -> str:
        line = f"{self.test}: n = {' / '.join(map(str, self.n))}, power = {share(self.power)}"
        return "\n".join([line, *(str(one) for one in self.notes)])


LARGEST_EFFECT = 1e6
LIMITS = {"n": (2, MOST_OBSERVED), "df": (1, 1_000_000), "groups": (1, 10_000)}


def check_counts(*, by_group: bool = False, **given: Any) -> None:
    """Refuse what is no number (O004), no whole one (M117) or beyond all reason (M167).

    Only `n` may be None (to be found), or `by_group` several.
    """
    for name, value in given.items():
        if name == "n" and value is None:
            continue
        listed = by_group and isinstance(value, tuple | list)
        for one in value if listed else (value,):
            check_numbers(**{name: one})
            least, most = LIMITS[name]
            if one >= least:
                whole_number(name, one, least, most)


@checked_call
def power_two_means(
    effect: float,
    n: int | tuple[int, int] | None = None,
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    two_sided: bool = True,
) -> PowerResult:
    """Power of the t test of two groups, or the number a group needs.

    Parameters
    ----------
    effect : float
        Difference in standard deviations (Cohen's d).
    n : int or (int, int), optional
        Respondents a group; left out: the least equal number with `power`.
    power, alpha : float in (0, 1)
    two_sided : bool, default True

    Returns
    -------
    PowerResult

    Raises
    ------
    SurveykitError
        G031 no effect, or fewer than two a group; O002, O004 an option.

    Notes
    -----
    As R's power.t.test (the far rejection region is left out). Checked in tests/reference.

    References
    ----------
    Cohen (1988), Statistical Power Analysis.

    Examples
    --------
    >>> power_two_means(0.5).n
    (64, 64)
    """
    check_share("power", power)
    check_share("alpha", alpha)
    check_numbers(effect=effect)
    check_counts(by_group=True, n=n)
    check_flags(two_sided=two_sided)
    size = abs(effect)
    sizes = n if n is None else tuple(int(one) for one in (n if isinstance(n, tuple | list) else (n, n)))
    if not 0 < size < LARGEST_EFFECT or (sizes is not None and (len(sizes) != 2 or min(sizes) < 2)):
        raise SurveykitError("G031", effect=effect, n=n if n is not None else "–")

    def reached(a: float, b: float) -> float:
        return t_power(*two_means(a, b, size), alpha, two_sided=two_sided)

    if sizes is None:
        exact = smallest(lambda m: reached(m, m), power)
        if math.isinf(exact):
            raise SurveykitError("G031", effect=effect, n="–")
        sizes = (math.ceil(exact), math.ceil(exact))
    else:
        exact = float(min(sizes))
    notes = (note("G032", n=min(sizes), detectable=number(_detectable(sizes, power, alpha, two_sided), 2)),)
    return PowerResult(reached(*sizes), sizes, exact, alpha, f"t test, d = {number(effect, 2)}", notes)


def _detectable(sizes: tuple[int, int], power: float, alpha: float, two_sided: bool) -> float:
    """The difference in standard deviations that these sizes show with this power."""

    def reached(d: float) -> float:
        return t_power(*two_means(*sizes, d), alpha, two_sided=two_sided)

    return smallest(reached, power, low=1e-6)


@checked_call
def power_rmsea(
    df: int,
    n: int | None = None,
    *,
    null: float = 0.05,
    true: float = 0.08,
    power: float = 0.8,
    alpha: float = 0.05,
    groups: int = 1,
) -> PowerResult:
    """Power of a model's test of close fit, or the number of respondents it needs.

    Parameters
    ----------
    df : int
        Degrees of freedom of the model.
    n : int, optional
        Respondents in all; left out: the least number with `power`.
    null, true : float
        RMSEA tested and in truth: .05 and .08 close fit, .05 and .01 not-close, 0 and .05 exact.
    power, alpha : float in (0, 1)
    groups : int, default 1

    Returns
    -------
    PowerResult

    Raises
    ------
    SurveykitError
        G031 `null` equal to `true`, a negative one, or df or n below 1; O002, O004 an option.

    References
    ----------
    MacCallum, Browne & Sugawara (1996), doi:10.1037/1082-989X.1.2.130. semTools::findRMSEApower.

    Examples
    --------
    >>> power_rmsea(24).n
    (375,)
    """
    check_share("power", power)
    check_share("alpha", alpha)
    check_numbers(null=null, true=true)
    check_counts(df=df, groups=groups, n=n)
    if (
        df < 1
        or groups < 1
        or null == true
        or not 0 <= min(null, true) <= max(null, true) < LARGEST_EFFECT
        or (n is not None and n < 2)
    ):
        raise SurveykitError("G031", effect=f"{null} / {true}", n=n if n is not None else "–")

    def reached(size: float) -> float:
        return rmsea_power(df, size, null, true, alpha, groups)

    exact = smallest(reached, power) if n is None else float(n)
    if math.isinf(exact):
        raise SurveykitError("G031", effect=f"{null} / {true}", n="–")
    test = f"RMSEA {number(null, 2)} against {number(true, 2)}, df = {df}"
    return PowerResult(reached(math.ceil(exact)), (math.ceil(exact),), exact, alpha, test)


@checked_call
def power_sem(
    model: str,
    population_model: str | pd.DataFrame,
    n: int | None = None,
    *,
    df: int = 1,
    power: float = 0.8,
    alpha: float = 0.05,
    std_lv: bool = True,
    **options: Any,
) -> PowerResult:
    """Power to find that a restriction of a model is wrong (Satorra & Saris).

    Parameters
    ----------
    model : str
        The model with the restriction to be rejected, for example ``f ~~ 0*g``; lavaan syntax.
    population_model : str or pandas.DataFrame
        The truth: lavaan syntax with a value for each parameter (variances not stated make every
        variable unit), or a covariance matrix.
    n : int, optional
        Respondents in all; left out: the least number with `power`.
    df : int, default 1
        How many parameters are restricted (those that the power is about).
    power, alpha : float in (0, 1)
    std_lv : bool, default True
    options : further arguments of `sem`

    Returns
    -------
    PowerResult
        With the noncentrality `ncp` = n times the misfit in the population.

    Raises
    ------
    SurveykitError
        G031 df or n below 1; G041 the model fits the population without error; M120, M121 the population
        model; O002, O004 an option; and what `sem` refuses.

    Notes
    -----
    Checked against lavaan and semTools::SSpower (tests/reference).

    References
    ----------
    Satorra & Saris (1985), doi:10.1007/BF02294150.

    Examples
    --------
    >>> truth = "f =~ .7*x1 + .7*x2 + .7*x3; g =~ .6*y1 + .6*y2 + .6*y3; f ~~ .2*g"
    >>> power_sem("f =~ x1 + x2 + x3; g =~ y1 + y2 + y3; f ~~ 0*g", truth, 200).power > 0.4
    True
    """
    check_share("power", power)
    check_share("alpha", alpha)
    check_counts(df=df, n=n)
    if df < 1 or (n is not None and n < 2):
        raise SurveykitError("G031", effect="–", n=n if n is not None else "–")
    misfit = _misfit(model, _covariance(population_model), std_lv, options)
    exact = smallest(lambda size: chisq_power(size * misfit, df, alpha), power) if n is None else float(n)
    size = math.ceil(exact)
    ncp = size * misfit
    test = f"restriction, df = {df}, misfit {number(misfit, 4)}"
    return PowerResult(chisq_power(ncp, df, alpha), (size,), exact, alpha, test, ncp=ncp)


# A misfit below this is rounding: chi-square of 1e-7 in a sample of a million.
NO_MISFIT, POPULATION = 1e-9, 1_000_000


def _covariance(truth: str | pd.DataFrame) -> pd.DataFrame:
    if isinstance(truth, pd.DataFrame):
        return truth
    implied = population(truth)
    names: Sequence[str] = implied.names
    return pd.DataFrame(np.asarray(implied.cov[0]), index=list(names), columns=list(names))


def _misfit(model: str, cov: pd.DataFrame, std_lv: bool, options: dict[str, Any]) -> float:
    """Minimum of the ML discrepancy in the population, times 2."""
    moments = {"sample_cov": cov, "sample_nobs": POPULATION, "sample_cov_rescale": False}
    found = sem(model, **{"std_lv": std_lv, **moments, **options})
    misfit = float(found.fit_measures()["chisq"]) / POPULATION
    if misfit < NO_MISFIT:
        raise SurveykitError("G041")
    return misfit
