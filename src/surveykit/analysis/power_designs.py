"""Power of the other designs of a survey: the same people twice, several groups, shares."""

from __future__ import annotations

import math
from collections.abc import Callable

from surveykit.analysis.power import LARGEST_EFFECT, PowerResult, check_counts
from surveykit.errors import SurveykitError
from surveykit.estimation.power import anova_power, proportions_power, smallest, t_power
from surveykit.formatting import number, share
from surveykit.options import check_flags, check_numbers, check_share, checked_call


@checked_call
def power_paired(
    effect: float, n: int | None = None, *, power: float = 0.8, alpha: float = 0.05, two_sided: bool = True
) -> PowerResult:
    """Power of the paired t test (or of one mean against a fixed value), or the pairs it needs.

    Parameters
    ----------
    effect : float
        Mean difference in standard deviations of the difference (dz); of one mean, in its own.
    n : int, optional
        Pairs; left out: the least number with `power`.
    power, alpha : float in (0, 1)
    two_sided : bool, default True

    Returns
    -------
    PowerResult

    Raises
    ------
    SurveykitError
        G031 no effect, or fewer than two pairs; O002, O004 an option.

    References
    ----------
    Cohen (1988), Statistical Power Analysis. As R's power.t.test.

    Examples
    --------
    >>> power_paired(0.5).n
    (34,)
    """
    check_numbers(effect=effect)
    check_counts(n=n)
    check_flags(two_sided=two_sided)
    size = abs(effect)
    _check(0 < size < LARGEST_EFFECT, effect, n, power, alpha)

    def reached(pairs: float) -> float:
        return t_power(size * math.sqrt(pairs), pairs - 1, alpha, two_sided=two_sided)

    return _solved(reached, n, power, alpha, f"paired t test, dz = {number(effect, 2)}", effect)


@checked_call
def power_anova(
    effect: float, groups: int, n: int | None = None, *, power: float = 0.8, alpha: float = 0.05
) -> PowerResult:
    """Power of the analysis of variance of several groups, or the number each group needs.

    Parameters
    ----------
    effect : float
        Cohen's f: the standard deviation of the group means in standard deviations within groups
        (.10 small, .25 medium, .40 large).
    groups : int, 2 or more
    n : int, optional
        Respondents a group; left out: the least number with `power`.
    power, alpha : float in (0, 1)

    Returns
    -------
    PowerResult

    Raises
    ------
    SurveykitError
        G031 no effect, fewer than two groups or respondents; O002, O004 an option.

    References
    ----------
    Cohen (1988), Statistical Power Analysis. As R's power.anova.test.

    Examples
    --------
    >>> power_anova(0.25, 3).n
    (53, 53, 53)
    """
    check_numbers(effect=effect)
    check_counts(groups=groups, n=n)
    _check(0 < abs(effect) < LARGEST_EFFECT and groups >= 2, effect, n, power, alpha)
    ratio = effect**2 * groups / (groups - 1)

    def reached(each: float) -> float:
        return anova_power(groups, each, ratio, alpha)

    found = _solved(reached, n, power, alpha, f"{groups} groups, f = {number(effect, 2)}", effect)
    return PowerResult(found.power, found.n * groups, found.n_exact, alpha, found.test)


@checked_call
def power_proportions(
    first: float,
    second: float,
    n: int | None = None,
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    two_sided: bool = True,
) -> PowerResult:
    """Power of the comparison of two shares, or the number a group needs.

    Parameters
    ----------
    first, second : float in (0, 1)
        The shares of the two groups.
    n : int, optional
        Respondents a group; left out: the least number with `power`.
    power, alpha : float in (0, 1)
    two_sided : bool, default True

    Returns
    -------
    PowerResult

    Raises
    ------
    SurveykitError
        G031 equal shares, or fewer than two a group; O002, O004 an option.

    Notes
    -----
    Normal approximation, as R's power.prop.test.

    References
    ----------
    Cohen (1988), Statistical Power Analysis.

    Examples
    --------
    >>> power_proportions(0.5, 0.75).n
    (58, 58)
    """
    check_share("first", first)
    check_share("second", second)
    check_counts(n=n)
    check_flags(two_sided=two_sided)
    _check(first != second, f"{first} / {second}", n, power, alpha)

    def reached(each: float) -> float:
        return proportions_power(each, first, second, alpha, two_sided=two_sided)

    test = f"shares {share(first, 2)} and {share(second, 2)}"
    found = _solved(reached, n, power, alpha, test, f"{first} / {second}")
    return PowerResult(found.power, found.n * 2, found.n_exact, alpha, test)


def _check(sound: bool, effect: object, n: int | None, power: float, alpha: float) -> None:
    check_share("power", power)
    check_share("alpha", alpha)
    if not sound or (n is not None and n < 2):
        raise SurveykitError("G031", effect=effect, n=n if n is not None else "–")


def _solved(
    reached: Callable[[float], float], n: int | None, power: float, alpha: float, test: str, effect: object
) -> PowerResult:
    exact = smallest(reached, power) if n is None else float(n)
    if math.isinf(exact):
        raise SurveykitError("G031", effect=effect, n="–")
    size = math.ceil(exact)
    return PowerResult(reached(size), (size,), exact, alpha, test)
