"""The data-free checks, one function each: printed numbers in, what they imply out."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from surveykit.archive import granularity, implied
from surveykit.archive.model_df import model_df
from surveykit.archive.printed import Interval, Printed, implied_interval, read_printed
from surveykit.archive.schema import CheckSpec
from surveykit.errors import Note, SurveykitError, note

SIGNIFICANT = 0.05


@dataclass(frozen=True)
class Held:
    """One check: what is stated, what the other numbers imply, and what was assumed."""

    stated: Printed | None
    implied: Interval
    consistent: bool
    assumed: tuple[Note, ...]
    decision_changes: bool = False
    decides: bool = True


class Given:
    """The printed numbers of a check; a missing one is refused by name."""

    def __init__(self, spec: CheckSpec) -> None:
        self.spec = spec

    def __getitem__(self, name: str) -> Printed:
        if name not in self.spec.values:
            raise SurveykitError(
                "A003", check=self.spec.check, name=name, given=", ".join(self.spec.values) or "–"
            )
        return read_printed(self.spec.values[name])

    def __contains__(self, name: str) -> bool:
        return name in self.spec.values

    def exact(self, name: str) -> Interval:
        """A number that is printed unrounded: a count, degrees of freedom."""
        value = self[name].value
        return Interval(value, value)

    def size(self, name: str) -> Interval:
        """The size of a printed number, without its sign."""
        within = self[name].interval
        ends = sorted((abs(within.lower), abs(within.upper)))
        return Interval(0.0 if within.lower < 0 < within.upper else ends[0], ends[1])

    def list(self, name: str) -> list[Printed]:
        if name not in self.spec.lists:
            raise SurveykitError(
                "A003", check=self.spec.check, name=name, given=", ".join(self.spec.lists) or "–"
            )
        return [read_printed(one) for one in self.spec.lists[name]]


def _p_value(
    function: Callable[..., float], names: Mapping[str, str], exact: tuple[str, ...]
) -> Callable[[Given], Held]:
    """A check of a printed p against the test it belongs to. `names`: argument -> printed name."""

    def check(given: Given) -> Held:
        tails = 2 if given.spec.tails == "two" else 1
        within = {
            argument: given.exact(name) if name in exact else given.size(name)
            for argument, name in names.items()
        }
        calls = (
            (lambda **values: function(**values, tails=tails)) if "tails" in names_of(function) else function
        )
        interval = implied_interval(calls, within)
        stated = given["p"]
        assumed = note("A020" if tails == 2 else "A021")
        return Held(
            stated, interval, interval.overlaps(stated.interval), (assumed,), _crosses(stated, interval)
        )

    return check


def names_of(function: Callable[..., float]) -> tuple[str, ...]:
    return function.__code__.co_varnames[: function.__code__.co_argcount]


def _crosses(stated: Printed, interval: Interval) -> bool:
    """Whether the printed p and the implied one lie on different sides of .05."""
    says = stated.interval
    printed = True if says.upper <= SIGNIFICANT else False if says.lower > SIGNIFICANT else None
    if stated.sign == ">" and stated.value >= SIGNIFICANT:
        printed = False
    meant = True if interval.upper <= SIGNIFICANT else False if interval.lower > SIGNIFICANT else None
    return printed is not None and meant is not None and printed != meant


def _r(given: Given) -> Held:
    tails = 2 if given.spec.tails == "two" else 1
    df = given.exact("df") if "df" in given else Interval(given["n"].value - 2, given["n"].value - 2)
    interval = implied_interval(
        lambda r, df: implied.p_from_r(r, df, tails), {"r": given.size("r"), "df": df}
    )
    stated = given["p"]
    assumed = (note("A020" if tails == 2 else "A021"),)
    return Held(stated, interval, interval.overlaps(stated.interval), assumed, _crosses(stated, interval))


def _grim(given: Given) -> Held:
    mean, n, items = given["mean"], int(given["n"].value), given.spec.items
    fine = granularity.grim_possible(mean, n, items)
    decides = granularity.grim_decides(mean, n, items)
    return Held(mean, mean.interval, fine, (note("A022", n=n, items=items),), decides=decides)


def _grimmer(given: Given) -> Held:
    mean, sd, n, items = given["mean"], given["sd"], int(given["n"].value), given.spec.items
    fine = granularity.grimmer_possible(mean, sd, n, items)
    decides = granularity.grim_decides(mean, n, items)
    return Held(sd, sd.interval, fine, (note("A022", n=n, items=items),), decides=decides)


def _debit(given: Given) -> Held:
    sd = given["sd"]
    interval = granularity.debit_interval(given["mean"], int(given["n"].value))
    return Held(sd, interval, interval.overlaps(sd.interval), (note("A023"),))


def _rmsea(given: Given) -> Held:
    """Divided by N (lavaan, Mplus) or N - 1 (LISREL, EQS): consistent if either gives what is printed."""
    stated, n = given["rmsea"], given["n"].value
    base = {"chisq": given["chisq"].interval, "df": given.exact("df")}
    for size, code in ((n, "A024"), (n - given.spec.groups, "A025")):
        interval = implied_interval(
            lambda chisq, df, size=size: implied.rmsea(chisq, df, size, given.spec.groups), base
        )
        if interval.overlaps(stated.interval):
            return Held(stated, interval, True, (note(code),))
    return Held(stated, interval, False, (note("A024"), note("A025")))


def _rmsea_bound(given: Given) -> Held:
    """The printed edge of the 90 % interval: ``lower`` or ``upper``."""
    edge, probability = ("lower", 0.95) if "lower" in given else ("upper", 0.05)
    stated, n = given[edge], given["n"].value
    base = {"chisq": given["chisq"].interval, "df": given.exact("df")}
    for size, code in ((n, "A024"), (n - given.spec.groups, "A025")):
        interval = implied_interval(
            lambda chisq, df, size=size: implied.rmsea_bound(chisq, df, size, given.spec.groups, probability),
            base,
        )
        if interval.overlaps(stated.interval):
            return Held(stated, interval, True, (note(code),))
    return Held(stated, interval, False, (note("A024"), note("A025")))


def _against_baseline(function: Callable[..., float], name: str) -> Callable[[Given], Held]:
    def check(given: Given) -> Held:
        within = {
            "chisq": given["chisq"].interval,
            "df": given.exact("df"),
            "baseline_chisq": given["baseline_chisq"].interval,
            "baseline_df": given.exact("baseline_df"),
        }
        interval = implied_interval(function, within)
        return Held(given[name], interval, interval.overlaps(given[name].interval), (note("A026"),))

    return check


def _df(given: Given) -> Held:
    if given.spec.model is None:
        raise SurveykitError("A003", check="df", name="model", given=", ".join(given.spec.values) or "–")
    level, groups = given.spec.level, given.spec.groups
    found = model_df(given.spec.model, groups, level, means=given.spec.means == "yes" or groups > 1)
    interval = Interval(found, found)
    stated = given["df"]
    assumed = note("A027", groups=groups, level=level or "configural")
    return Held(stated, interval, interval.overlaps(stated.interval), (assumed,))


def _information_difference(bic: bool) -> Callable[[Given], Held]:
    """AIC (BIC) of two nested models differ by their chi-squares and parameters."""

    def difference(chisq_diff: float, df_diff: float, n: float) -> float:
        return chisq_diff - df_diff * (math.log(n) if bic else 2.0)

    def check(given: Given) -> Held:
        n = given.exact("n") if bic else Interval(1.0, 1.0)
        within = {"chisq_diff": given["chisq_diff"].interval, "df_diff": given.exact("df_diff"), "n": n}
        interval = implied_interval(difference, within)
        stated = given["bic_diff" if bic else "aic_diff"]
        return Held(stated, interval, interval.overlaps(stated.interval), (note("A028"),))

    return check


def _from_loadings(function: Callable[[list[float]], float], name: str) -> Callable[[Given], Held]:
    """AVE and composite reliability grow with every loading's size: the ends of all roundings bound them."""

    def check(given: Given) -> Held:
        loadings = [one.interval for one in given.list("loadings")]
        sizes = [sorted((abs(one.lower), abs(one.upper))) for one in loadings]
        interval = Interval(function([low for low, _ in sizes]), function([high for _, high in sizes]))
        return Held(given[name], interval, interval.overlaps(given[name].interval), (note("A029"),))

    return check


def _indirect(given: Given) -> Held:
    interval = implied_interval(lambda a, b: a * b, {name: given[name].interval for name in ("a", "b")})
    stated = given["indirect"]
    return Held(stated, interval, interval.overlaps(stated.interval), (note("A030"),))


def _positive_definite(given: Given) -> Held:
    """A printed correlation matrix, its lower triangle by row; within rounding it must be possible."""
    rows = [[read_printed(one) for one in given.spec.lists[name].copy()] for name in given.spec.lists]
    size = len(rows)
    matrix = np.eye(size)
    slack = 0.0
    for i, row in enumerate(rows):
        for j, one in enumerate(row[:i]):
            matrix[i, j] = matrix[j, i] = one.value
            slack = max(slack, 0.5 * 10.0**-one.decimals)
    lowest = implied.smallest_eigenvalue(matrix)
    # Rounding each correlation by at most `slack` moves an eigenvalue by at most (size - 1) * slack (Weyl).
    interval = Interval(lowest - (size - 1) * slack, lowest + (size - 1) * slack)
    return Held(None, interval, interval.upper >= 0, (note("A031"),))


def _alpha_from_r(given: Given) -> Held:
    within = {"k": given.exact("k"), "mean_r": given["mean_r"].interval}
    interval = implied_interval(implied.standardized_alpha, within)
    return Held(given["alpha"], interval, interval.overlaps(given["alpha"].interval), (note("A032"),))


RULES: Mapping[str, Callable[[Given], Held]] = {
    "t": _p_value(implied.p_from_t, {"t": "t", "df": "df"}, ("df",)),
    "z": _p_value(implied.p_from_z, {"z": "z"}, ()),
    "f": _p_value(implied.p_from_f, {"f": "f", "df1": "df1", "df2": "df2"}, ("df1", "df2")),
    "chisq": _p_value(implied.p_from_chisq, {"chisq": "chisq", "df": "df"}, ("df",)),
    "r": _r,
    "grim": _grim,
    "grimmer": _grimmer,
    "debit": _debit,
    "rmsea": _rmsea,
    "rmsea_ci": _rmsea_bound,
    "cfi": _against_baseline(implied.cfi, "cfi"),
    "tli": _against_baseline(implied.tli, "tli"),
    "df": _df,
    "aic_difference": _information_difference(bic=False),
    "bic_difference": _information_difference(bic=True),
    "ave": _from_loadings(implied.ave, "ave"),
    "cr": _from_loadings(implied.composite_reliability, "cr"),
    "indirect": _indirect,
    "positive_definite": _positive_definite,
    "alpha_from_r": _alpha_from_r,
}
