"""Printed p values against the tests they belong to (statcheck's rules; one-tailed where declared)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from surveykit.archive import implied
from surveykit.archive.held import Given, Held
from surveykit.archive.printed import Interval, Printed, implied_interval
from surveykit.errors import Note, SurveykitError, note

SIGNIFICANT = 0.05
EVEN = 0.5
NOT_SIGNIFICANT = re.compile(r"(p\s*=?\s*)?(n\.?\s*s\.?|not\s+significant)", re.IGNORECASE)


def p_of_t(given: Given) -> Held:
    return _held(given, implied.p_from_t, {"t": given.size("t"), "df": given.exact("df")})


def p_of_z(given: Given) -> Held:
    return _held(given, implied.p_from_z, {"z": given.size("z")})


def p_of_r(given: Given) -> Held:
    """With `df`, or with `n`: df is two less."""
    n = given.exact("n") if "df" not in given else None
    df = given.exact("df") if n is None else Interval(n.lower - 2, n.upper - 2)
    return _held(given, implied.p_from_r, {"r": given.size("r"), "df": df})


def p_of_f(given: Given) -> Held:
    within = {"f": given.size("f"), "df1": given.exact("df1"), "df2": given.exact("df2")}
    return _held(given, implied.p_from_f, within, direction=given["df1"].value == 1)


def p_of_chisq(given: Given) -> Held:
    """Without degrees of freedom there is no test, so no p (A047)."""
    within = {"chisq": given.size("chisq"), "df": given.exact("df")}
    if within["df"].upper <= 0:
        raise SurveykitError("A047", check="chisq")
    return _held(given, implied.p_from_chisq, within, direction=given["df"].value == 1)


def _held(
    given: Given, function: Callable[..., float], within: Mapping[str, Interval], direction: bool = True
) -> Held:
    """`function` gives the two-tailed p. F and chi-square have a direction with one degree of freedom."""
    interval, (stated, told) = implied_interval(function, within), _stated(given)
    code = "A020" if direction else "A033"
    if given.spec.tails == "one" and direction:
        interval, code = _one_tailed(interval, stated), "A021"
    fits = interval.overlaps(stated.interval) and not _zero(stated)
    return Held(stated.text.strip(), interval, fits, (note(code), *told), _crosses(stated, interval))


def _stated(given: Given) -> tuple[Printed, tuple[Note, ...]]:
    """The printed p, and how it was read: "ns" says p > .05; no p is exactly 0, as statcheck has it."""
    text = given.spec.values.get("p", "").strip()
    if NOT_SIGNIFICANT.fullmatch(text):
        return Printed(text, SIGNIFICANT, 2, ">"), (note("A073", text=text),)
    stated = given["p"]
    return stated, (note("A074", text=text),) if _zero(stated) else ()


def _zero(stated: Printed) -> bool:
    return stated.value == 0 and stated.sign != ">"


def _one_tailed(interval: Interval, stated: Printed) -> Interval:
    """Half of p; a printed p above .5 says that the effect went against the declared direction."""
    if stated.interval.lower > EVEN:
        return Interval(1 - interval.upper / 2, 1 - interval.lower / 2)
    return Interval(interval.lower / 2, interval.upper / 2)


def _crosses(stated: Printed, interval: Interval) -> bool:
    """Whether the printed p and the implied one lie on different sides of .05."""
    says = stated.interval
    printed = True if says.upper <= SIGNIFICANT else False if says.lower > SIGNIFICANT else None
    if stated.sign == ">" and stated.value >= SIGNIFICANT:
        printed = False
    meant = True if interval.upper <= SIGNIFICANT else False if interval.lower > SIGNIFICANT else None
    return printed is not None and meant is not None and printed != meant
