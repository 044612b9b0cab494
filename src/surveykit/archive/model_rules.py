"""Printed fit measures, degrees of freedom, loadings and paths of a model against one another."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from surveykit.archive import implied
from surveykit.archive.held import Given, Held, absolute
from surveykit.archive.model_df import model_df
from surveykit.archive.printed import Interval, implied_interval
from surveykit.errors import Note, SurveykitError, note

CONF_LEVEL = 0.90


def _ways(n: float, groups: int) -> Iterator[tuple[float, int, tuple[Note, ...]]]:
    """How programs compute RMSEA: divided by N or N - G, times the root of the number of groups or not."""
    yield n, groups, (note("A024"),)
    yield n - groups, groups, (note("A025"),)
    if groups > 1:
        yield n, 1, (note("A024"), note("A034"))
        yield n - groups, 1, (note("A025"), note("A034"))


def rmsea(given: Given) -> Held:
    """Consistent if any program's way gives what is printed; the way is told."""
    stated, within = given["rmsea"], {"chisq": given["chisq"].interval, "df": given.exact("df")}
    found: list[Held] = []
    for size, groups, assumed in _ways(given.count("n"), given.spec.groups):
        interval = implied_interval(lambda chisq, df: implied.rmsea(chisq, df, size, groups), within)  # noqa: B023
        found.append(Held(stated.text.strip(), interval, interval.overlaps(stated.interval), assumed))
        if found[-1].consistent:
            return found[-1]
    return found[0]


def rmsea_interval(given: Given) -> Held:
    """The printed edges of RMSEA's interval, `lower`, `upper` or both: one way must give all of them."""
    level = given["conf_level"].value if "conf_level" in given else CONF_LEVEL
    if not 0 < level < 1:
        raise SurveykitError("A036", name="conf_level", value=given["conf_level"].text, allowed=".90, .95")
    edges = {"lower": (1 + level) / 2, "upper": (1 - level) / 2}
    asked = [edge for edge in edges if edge in given] or ["lower"]
    within = {"chisq": given["chisq"].interval, "df": given.exact("df")}
    share = note("A037", percent=f"{100 * level:g}")
    found: list[Held] = []
    for size, groups, assumed in _ways(given.count("n"), given.spec.groups):
        held = [_edge(given, edge, edges[edge], size, groups, within, (*assumed, share)) for edge in asked]
        found += [next((one for one in held if not one.consistent), held[0])]
        if found[-1].consistent:
            return found[-1]
    return found[0]


def _edge(
    given: Given,
    edge: str,
    probability: float,
    size: float,
    groups: int,
    within: dict[str, Interval],
    assumed: tuple[Note, ...],
) -> Held:
    stated = given[edge]
    interval = implied_interval(
        lambda chisq, df: implied.rmsea_bound(chisq, df, size, groups, probability), within
    )
    return Held(stated.text.strip(), interval, interval.overlaps(stated.interval), assumed)


def cfi(given: Given) -> Held:
    interval, stated = _against_baseline(given, implied.cfi), given["cfi"]
    return Held(stated.text.strip(), interval, interval.overlaps(stated.interval), (note("A026"),))


def tli(given: Given) -> Held:
    """Some programs print 1 where TLI is above 1."""
    interval, stated = _against_baseline(given, implied.tli), given["tli"]
    fits = interval.overlaps(stated.interval)
    if not fits and interval.lower > 1 and 1.0 in stated.interval:
        return Held(stated.text.strip(), interval, True, (note("A026"), note("A035")))
    return Held(stated.text.strip(), interval, fits, (note("A026"),))


def _against_baseline(given: Given, function: Callable[..., float]) -> Interval:
    return implied_interval(
        function,
        {
            "chisq": given["chisq"].interval,
            "df": given.exact("df"),
            "baseline_chisq": given["baseline_chisq"].interval,
            "baseline_df": given.exact("baseline_df"),
        },
    )


def df(given: Given) -> Held:
    """The degrees of freedom of a stated model, at a level of invariance."""
    if given.spec.model is None:
        raise SurveykitError("A003", check="df", name="model", given=", ".join(given.spec.values) or "–")
    level, groups = given.spec.level, given.spec.groups
    found = float(model_df(given.spec.model, groups, level, means=given.spec.means == "yes" or groups > 1))
    stated = given["df"]
    assumed = note("A027", groups=groups, level=level or "configural")
    return Held(stated.text.strip(), Interval(found, found), found == stated.value, (assumed,))


def information_difference(criterion: str) -> Callable[[Given], Held]:
    """AIC or BIC of two nested models differ by their chi-squares and degrees of freedom."""

    def check(given: Given) -> Held:
        penalty = 2.0 if criterion == "aic" else math.log(given.count("n"))
        _, chisq = given.difference("chisq")
        _, df_diff = given.difference("df")
        interval = implied_interval(lambda chisq, df: chisq - penalty * df, {"chisq": chisq, "df": df_diff})
        text, stated = given.difference(criterion)
        return Held(text, interval, interval.overlaps(stated), (note("A028"),))

    return check


def from_loadings(function: Callable[[Sequence[float]], float], name: str) -> Callable[[Given], Held]:
    """AVE and composite reliability grow with every loading's size: the ends of all roundings bound them."""

    def check(given: Given) -> Held:
        sizes = [absolute(one.interval) for one in given.list("loadings")]
        interval = Interval(function([one.lower for one in sizes]), function([one.upper for one in sizes]))
        stated = given[name]
        return Held(stated.text.strip(), interval, interval.overlaps(stated.interval), (note("A029"),))

    return check


def indirect(given: Given) -> Held:
    """The product of the paths `a` and `b`, or of all `paths` of a chain."""
    if "paths" in given.spec.lists:
        paths = {f"path_{at}": one.interval for at, one in enumerate(given.list("paths"))}
    else:
        paths = {name: given[name].interval for name in ("a", "b")}
    interval = implied_interval(lambda **values: math.prod(values.values()), paths)
    stated = given["indirect"]
    return Held(stated.text.strip(), interval, interval.overlaps(stated.interval), (note("A030"),))
